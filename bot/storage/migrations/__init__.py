"""The history of the tables' shape, applied at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import HubangError

FOLDER: Final = Path(__file__).parent
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(4850414847)")
_BROKEN_KEYS: Final = text("PRAGMA foreign_key_check")


class KeyBroken(HubangError):
    """The database cannot be brought to the newest shape: a row of {table} points at no row of {other}."""


def _config(connection: Connection) -> Config:
    config = Config()
    # The config file's syntax gives "%" a meaning of its own, a folder's name does not.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _move(connection: Connection, target: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)
    if target == "base":
        command.downgrade(_config(connection), target)
    else:
        command.upgrade(_config(connection), target)


def _keys_watched(connection: Connection, watched: bool) -> None:
    """Whether SQLite watches foreign keys: not while a table is rebuilt, as others point at it meanwhile.

    Inside a transaction SQLite would ignore it, so this goes to the driver before one begins.
    """
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if watched else 'OFF'}")
    cursor.close()


async def migrate(engine: AsyncEngine, target: str = "head") -> None:
    """Bring the database to the revision `target` ("head": the newest, "base": empty), whole or not at all.

    Processes that start together wait for one another. Works from any folder. On SQLite a revision that
    would leave a row pointing at nothing is undone and KeyBroken raised.
    """
    if engine.dialect.name != "sqlite":
        async with engine.begin() as connection:
            await connection.run_sync(_move, target)
        return
    async with engine.connect() as connection:
        await connection.run_sync(_keys_watched, False)
        try:
            async with connection.begin():
                await connection.run_sync(_move, target)
                if (broken := (await connection.execute(_BROKEN_KEYS)).first()) is not None:
                    raise KeyBroken(table=broken[0], other=broken[2])
        finally:
            await connection.run_sync(_keys_watched, True)
