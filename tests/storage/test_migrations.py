"""The history of the tables: from nothing to the newest shape and back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.storage import database as storage
from bot.storage.migrations import migrate
from bot.storage.tables import metadata


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_migrations_lead_from_nothing_to_the_tables_that_the_code_knows(empty_url: str) -> None:
    database = await storage.open(empty_url)
    async with database.reading() as conn:
        assert await conn.run_sync(differences) == []
        assert await conn.run_sync(tables) == {*metadata.tables, "alembic_version"}
    await database.dispose()


async def test_migrations_can_be_taken_back_to_nothing_and_made_again(empty_url: str) -> None:
    database = await storage.open(empty_url)
    await migrate(database.engine, "base")
    async with database.reading() as conn:
        assert await conn.run_sync(tables) == {"alembic_version"}
    await migrate(database.engine)
    async with database.reading() as conn:
        assert await conn.run_sync(differences) == []
    await database.dispose()


async def test_bots_that_start_together_on_an_empty_database_do_not_disturb_each_other(
    empty_url: str,
) -> None:
    databases = await asyncio.gather(*(storage.open(empty_url) for _ in range(3)))
    async with databases[2].reading() as conn:
        assert await conn.run_sync(differences) == []
    for database in databases:
        await database.dispose()


async def test_migrations_are_found_from_any_folder(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = await storage.open(empty_url)
    async with database.reading() as conn:
        assert "households" in await conn.run_sync(tables)
    await database.dispose()
