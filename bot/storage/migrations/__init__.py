"""The history of the tables' shape, applied at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

FOLDER: Final = Path(__file__).parent
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(4850414847)")


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


async def migrate(engine: AsyncEngine, target: str = "head") -> None:
    """Bring the database to the revision `target` ("head": the newest, "base": empty), whole or not at all.

    Processes that start together wait for one another. Works from any folder.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_move, target)
