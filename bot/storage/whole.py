"""The whole database, table by table: to write it into a file and to read it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import metadata

PAGE: Final = 1000
TABLES: Final[Mapping[str, Sequence[str]]] = {
    table.name: [column.name for column in table.columns] for table in metadata.sorted_tables
}
"""The columns of every table; a table stands behind those to which it points."""
_FREEZE: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
_REVISION: Final = text("SELECT version_num FROM alembic_version")


async def freeze(conn: AsyncConnection) -> None:
    """Let this transaction, which has not read yet, see everything as it stands now to its end."""
    if conn.dialect.name == "postgresql":  # SQLite's readers do so anyway
        await conn.execute(_FREEZE)


async def revision(conn: AsyncConnection) -> str:
    """The revision of the tables of this database."""
    found: str = (await conn.execute(_REVISION)).scalar_one()
    return found


async def pages(conn: AsyncConnection, name: str) -> AsyncIterator[Sequence[Sequence[Any]]]:
    """The rows of a table by their keys: what points at another row of it comes behind that one."""
    table = metadata.tables[name]
    keys = list(table.primary_key.columns)
    at = [list(table.columns).index(key) for key in keys]
    query = select(table).order_by(*keys).limit(PAGE)
    rows = (await conn.execute(query)).all()
    while rows:
        yield rows
        last = tuple(rows[-1][place] for place in at)
        rows = (await conn.execute(query.where(tuple_(*keys) > last))).all()


async def first_filled(conn: AsyncConnection) -> str | None:
    """A table with rows in it; None of an empty database."""
    for table in metadata.sorted_tables:
        if (await conn.execute(select(func.count()).select_from(table))).scalar_one():
            return table.name
    return None


async def put(conn: AsyncConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as they were read by `pages`; KeyError for a table that there is not."""
    await conn.execute(metadata.tables[name].insert(), rows)


async def count_on(conn: AsyncConnection) -> None:
    """Let PostgreSQL count on behind the highest number; SQLite does so by itself."""
    if conn.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        key = table.autoincrement_column
        highest = None if key is None else (await conn.execute(select(func.max(key)))).scalar_one()
        if key is not None and highest is not None:
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            await conn.execute(select(func.setval(sequence, highest)))
