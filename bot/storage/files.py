"""The papers that were made, kept in the database with everything else. No name says whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, replacing
from bot.storage.tables import files


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to keep; its name tells nothing about the household."""

    household_id: int | None
    name: str
    media_type: str
    content: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """A file that is kept."""

    id: int
    household_id: int | None
    name: str
    media_type: str
    content: bytes
    created_at: datetime


_PUT: Final = {
    dialect: statement.returning(files.c.id)
    for dialect, statement in replacing(
        files, keys=("household_id", "name"), rest=("media_type", "content", "created_at")
    ).items()
}
_SELECT: Final = select(*columns_of(files, File))
_GET: Final = _SELECT.where(files.c.id == bindparam("file"))
_FIND: Final = _SELECT.where(
    files.c.household_id == bindparam("household"), files.c.name == bindparam("its_name")
)
_file = parameters_of(NewFile)


async def put(conn: AsyncConnection, new: NewFile) -> int:
    """Keep a file, in place of the household's file of the same name; its id."""
    file_id: int = (await conn.execute(_PUT[conn.dialect.name], _file(new))).scalar_one()
    return file_id


async def get(conn: AsyncConnection, file_id: int) -> File | None:
    """The file of this id."""
    row = (await conn.execute(_GET, {"file": file_id})).one_or_none()
    return None if row is None else File(*row)


async def find(conn: AsyncConnection, household_id: int, name: str) -> File | None:
    """The household's file of this name."""
    row = (await conn.execute(_FIND, {"household": household_id, "its_name": name})).one_or_none()
    return None if row is None else File(*row)
