"""Backup and restore: every row and photo in one sealed file, which goes back into either kind of database.

The file is a header and then blocks of lines, each block packed and sealed by itself with its number and
whether it is the last: blocks that were swapped, dropped or cut off are found. A line is a table with its
columns, a row, or a photo. Values are read and written by their columns' types, so that a backup of SQLite
fits PostgreSQL and the other way round; what was sealed is sealed again with the keys of the database it
goes to.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.services.evidence_files import EvidenceFolder
from bot.storage import whole
from bot.storage.columns import ABSENT
from bot.storage.database import Database
from bot.storage.sealing import KeyRing, open_bytes, seal_bytes

MAGIC: Final = b"hubang backup 1\n"
BLOCK: Final = 1 << 20
"""Bytes of lines from which a block is written."""
ID: Final = 16
LENGTH: Final = 4
PHOTOS: Final = "photos"


class BackupBroken(HubangError):
    """{file} is no backup of hubang, or not all of it: block {block} does not fit."""


class BackupMissing(HubangError):
    """{file} cannot be read: {why}."""


class BackupOfAnotherShape(HubangError):
    """The backup was written at revision {theirs} of the tables, this program has {ours}: restore it with the
    version of hubang that wrote it, then update.
    """


class DatabaseNotEmpty(HubangError):
    """The database is not empty (there are rows in {table}): restore into an empty one."""


Progress = Callable[[str, int], None]


def _quiet(what: str, done: int) -> None:
    """Nobody listens."""


# ------------------------------------------------------------------------------------------------ values


def plain(value: Any) -> Any:
    """A value of a column as JSON; what JSON cannot say becomes a list with its kind before it."""
    if value is ABSENT:
        return ["absent"]
    if isinstance(value, datetime):
        return ["moment", value.astimezone(UTC).isoformat()]
    if isinstance(value, date):
        return ["day", value.isoformat()]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    return ["json", value] if isinstance(value, list | dict) else value


def original(value: Any) -> Any:
    """The value of which `plain` made that."""
    if not isinstance(value, list):
        return value
    match value:
        case ["absent"]:
            return ABSENT
        case ["moment", str(said)]:
            return datetime.fromisoformat(said)
        case ["day", str(said)]:
            return date.fromisoformat(said)
        case ["bytes", str(said)]:
            return base64.b64decode(said)
        case ["json", said]:
            return said
    raise ValueError("no value of a backup")


# ------------------------------------------------------------------------------------------------- blocks


class Writer:
    """Lines into sealed blocks."""

    def __init__(self, target: BinaryIO, ring: KeyRing) -> None:
        self._target, self._ring = target, ring
        self._id, self._number = os.urandom(ID), 0
        self._waiting: list[bytes] = []
        self._size = 0
        target.write(MAGIC + self._id)

    def line(self, *parts: Any) -> None:
        """Add a line."""
        line = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        self._waiting.append(line)
        self._size += len(line)
        if self._size >= BLOCK:
            self._write(last=False)

    def end(self) -> None:
        """Write what is left; without this the file is not whole."""
        self._write(last=True)

    def _write(self, *, last: bool) -> None:
        packed = zlib.compress(b"\n".join(self._waiting), 6)
        sealed = seal_bytes(self._ring, packed, _place(self._id, self._number, last=last))
        self._target.write(int(last).to_bytes(1) + len(sealed).to_bytes(LENGTH) + sealed)
        self._waiting, self._size, self._number = [], 0, self._number + 1


def lines(source: BinaryIO, ring: KeyRing, name: str) -> Iterator[list[Any]]:
    """The lines of a backup. BackupBroken, KeyMissing, SealBroken."""
    if source.read(len(MAGIC)) != MAGIC:
        raise BackupBroken(file=name, block=0)
    id, number, last = source.read(ID), 0, False
    while not last:
        head = source.read(1 + LENGTH)
        size = int.from_bytes(head[1:])
        sealed = source.read(size)
        if len(head) != 1 + LENGTH or len(sealed) != size:
            raise BackupBroken(file=name, block=number + 1)
        last = bool(head[0])
        block = open_bytes(ring, sealed, _place(id, number, last=last))
        try:
            text_of = zlib.decompress(block)
        except zlib.error:
            raise BackupBroken(file=name, block=number + 1) from None
        for line in text_of.split(b"\n"):
            if line:
                yield json.loads(line)
        number += 1
    if source.read(1):
        raise BackupBroken(file=name, block=number + 1)


def _place(id: bytes, number: int, *, last: bool) -> bytes:
    return b"backup/%s/%d/%d" % (id.hex().encode(), number, last)


# ------------------------------------------------------------------------------------------------- backup


async def back_up(
    database: Database,
    folder: EvidenceFolder | None,
    target: BinaryIO,
    now: datetime,
    progress: Progress = _quiet,
) -> dict[str, int]:
    """Write everything, as it stands at one moment while the bot goes on; how many rows, by table."""
    writer = Writer(target, database.ring)
    counts: dict[str, int] = {}
    async with database.reporting() as conn:
        await whole.freeze(conn)
        writer.line("head", await whole.revision(conn), now.isoformat())
        for table, columns in whole.TABLES.items():
            writer.line("table", table, columns)
            counts[table] = 0
            async for rows in whole.pages(conn, table):
                for row in rows:
                    writer.line(*map(plain, row))
                counts[table] += len(rows)
                progress(table, counts[table])
    counts[PHOTOS] = _photos(writer, folder, progress)
    writer.end()
    return counts


def _photos(writer: Writer, folder: EvidenceFolder | None, progress: Progress) -> int:
    number = 0
    writer.line("table", PHOTOS, ["name", "content"])
    for name in folder.names() if folder is not None else ():
        content = folder.read(name) if folder is not None else None
        if content is not None:
            writer.line(name, plain(content))
            number += 1
            progress(PHOTOS, number)
    return number


# ------------------------------------------------------------------------------------------------ restore


def opened(source: Path) -> BinaryIO:
    """The file to read; BackupMissing."""
    try:
        return source.open("rb")
    except OSError as error:
        raise BackupMissing(file=source.name, why=error.strerror or "no access") from error


async def restore(
    database: Database,
    folder: EvidenceFolder | None,
    source: Path,
    progress: Progress = _quiet,
) -> dict[str, int]:
    """Read a backup into an empty database, whole or not at all; how many rows, by table.

    DatabaseNotEmpty, BackupOfAnotherShape, BackupBroken, KeyMissing, SealBroken.
    """
    counts: dict[str, int] = {}
    with opened(source) as file:
        async with database.transaction() as conn:
            if (table := await whole.first_filled(conn)) is not None:
                raise DatabaseNotEmpty(table=table)
            read = lines(file, database.ring, source.name)
            head = next(read, None)
            if not head or head[0] != "head":
                raise BackupBroken(file=source.name, block=1)
            if head[1] != (ours := await whole.revision(conn)):
                raise BackupOfAnotherShape(theirs=head[1], ours=ours)
            name, columns, rows = "", [""], list[list[Any]]()
            for line in read:
                if line[0] == "table":
                    await _put(conn, folder, name, columns, rows)
                    name, columns, rows = line[1], line[2], []
                    counts[name] = 0
                    continue
                rows.append(line)
                counts[name] += 1
                if len(rows) == whole.PAGE or name == PHOTOS:
                    await _put(conn, folder, name, columns, rows)
                    rows = []
                    progress(name, counts[name])
            await _put(conn, folder, name, columns, rows)
            await whole.count_on(conn)
    return counts


async def _put(
    conn: AsyncConnection,
    folder: EvidenceFolder | None,
    name: str,
    columns: Sequence[str],
    rows: Sequence[list[Any]],
) -> None:
    if not rows:
        return
    if name == PHOTOS:
        for row in rows:
            if folder is not None:
                folder.put_back(row[0], original(row[1]))
        return
    values = [dict(zip(columns, map(original, row), strict=True)) for row in rows]
    await whole.put(conn, name, values)
