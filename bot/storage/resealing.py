"""Sealing anew: whatever is stored plain or under an older key is sealed with the first key, batch by batch.

What is done is not found again, so the work may be stopped at any moment and taken up later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import EMPTY, SEALED, SealedBytes, SealedJson
from bot.storage.database import Database
from bot.storage.sealing import BYTES_MARK, MARK, KeyRing
from bot.storage.tables import audit, households, metadata

BATCH: Final = 500


def sealed_columns(table: Table) -> list[Column[Any]]:
    """The columns of the table whose values are encrypted at rest."""
    return [column for column in table.columns if isinstance(column.type, SEALED)]


def sealed_tables() -> Iterator[Table]:
    """The tables that have such columns."""
    return (table for table in metadata.sorted_tables if sealed_columns(table))


def stale(column: Column[Any], ring: KeyRing) -> ColumnElement[bool]:
    """That the stored value is not sealed with the first key."""
    if isinstance(column.type, SealedBytes):
        mark = BYTES_MARK + ring.first.encode() + b"\0"
        stored = func.substr(cast(column, column.type.impl_instance), 1, len(mark))
        return and_(column.is_not(None), stored != bindparam(None, mark, type_=column.type.impl_instance))
    text = cast(column, Text)
    if isinstance(column.type, SealedJson):
        return and_(column.is_not(None), text.not_in(EMPTY), text.not_like(f'"{MARK}{ring.first}:%'))
    return and_(column.is_not(None), text != "", text.not_like(f"{MARK}{ring.first}:%"))


async def reseal(
    database: Database, progress: Callable[[str, int], None] = lambda table, done: None
) -> dict[str, int]:
    """Seal every value with the first key of the database's ring; how many rows were changed, by table.

    `progress` hears of every batch. Raises KeyMissing for a value whose key is not in the ring.
    """
    changed: dict[str, int] = {}
    for table in sealed_tables():
        last: Sequence[Any] | None = None
        while True:
            async with database.transaction() as conn:
                last, number = await _batch(conn, table, database.ring, last)
            if last is None:
                break
            changed[table.name] = changed.get(table.name, 0) + number
            progress(table.name, changed[table.name])
    return changed


async def _batch(
    conn: AsyncConnection, table: Table, ring: KeyRing, last: Sequence[Any] | None
) -> tuple[Sequence[Any] | None, int]:
    """Seal the next rows behind the primary key `last`; that of the last of them, None without any."""
    keys, columns = list(table.primary_key.columns), sealed_columns(table)
    old = or_(*(stale(column, ring) for column in columns), *_unfindable(table, ring))
    query = select(*keys, *columns).where(old).order_by(*keys).limit(BATCH).with_for_update()
    if last is not None:
        query = query.where(
            tuple_(*keys)
            > tuple_(
                *(bindparam(None, key, type_=column.type) for key, column in zip(last, keys, strict=True))
            )
        )
    rows = (await conn.execute(query)).all()
    if not rows:
        return None, 0
    change = (
        update(table)
        .where(*(key == bindparam(f"its_{key.name}") for key in keys))
        .values({column.name: bindparam(f"new_{column.name}") for column in columns + _finder(table)})
    )
    await conn.execute(change, [_changed(table, row, ring) for row in rows])
    return tuple(rows[-1])[: len(keys)], len(rows)


def _changed(table: Table, row: Row[Any], ring: KeyRing) -> dict[str, Any]:
    keys = {f"its_{key.name}": getattr(row, key.name) for key in table.primary_key.columns}
    values = {f"new_{column.name}": getattr(row, column.name) for column in sealed_columns(table)}
    if _finder(table):
        number = row.head_id_number
        values["new_id_number_index"] = ring.finders(number)[0] if number else None
    return keys | values


def _finder(table: Table) -> list[Column[Any]]:
    return [households.c.id_number_index] if table is households else []


def _unfindable(table: Table, ring: KeyRing) -> list[ColumnElement[bool]]:
    """That a number would not be found by the first key."""
    if table is not households:
        return []
    found_by = func.coalesce(households.c.id_number_index, "")
    return [and_(households.c.head_id_number.is_not(None), found_by.not_like(f"{ring.first}:%"))]


async def chained_under(conn: AsyncConnection, key: str) -> int:
    """How many rows of the audit need the key of that name to be verified."""
    mine = or_(audit.c.hash.like(f"{key}:%"), audit.c.digest.like(f"{key}:%"))
    number: int = (await conn.execute(select(func.count()).select_from(audit).where(mine))).scalar_one()
    return number
