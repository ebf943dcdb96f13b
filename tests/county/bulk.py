"""Many rows at once into either database, as fast as its driver takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import written


@lru_cache(maxsize=1 << 16)
def _small(kind: type, value: Any) -> str:
    """JSON text of something that can be looked up; 1 and True are equal, so the type is asked too."""
    return written(value)


def as_json(value: Any) -> str | None:
    """A value as the JSON columns hold it on both databases."""
    if value is None:
        return None
    return _small(type(value), value) if isinstance(value, int | str) else written(value)


@lru_cache(maxsize=1 << 16)
def _day(value: date) -> str:
    return value.isoformat()


@lru_cache(maxsize=1 << 16)
def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")


def _same(value: Any) -> Any:
    return value


class Bulk:
    """One table's rows as tuples of these columns: JSON as text, times as `day` and `moment` say."""

    def __init__(self, conn: AsyncConnection, table: Table, columns: Sequence[str]) -> None:
        self.conn = conn
        self.table = table
        self.columns = list(columns)
        self.rows: list[tuple[Any, ...]] = []
        self.is_sqlite = conn.dialect.name == "sqlite"
        self.day: Callable[[date], Any] = _day if self.is_sqlite else _same
        self.moment: Callable[[datetime], Any] = _moment if self.is_sqlite else _same
        names = ", ".join(f'"{name}"' for name in self.columns)
        self.insert = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(self.columns))})"

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Hold rows."""
        self.rows.extend(rows)

    async def flush(self) -> None:
        """Write what is held."""
        if not self.rows:
            return
        if self.is_sqlite:
            await self.conn.exec_driver_sql(self.insert, self.rows)
        else:
            raw = await self.conn.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.copy_records_to_table(self.table.name, records=self.rows, columns=self.columns)
        self.rows = []


async def next_id(conn: AsyncConnection, table: Table) -> int:
    """The first number that no row of the table has."""
    found = (await conn.execute(select(func.max(table.c.id)))).scalar()
    return (found or 0) + 1


async def went_on(conn: AsyncConnection, table: Table) -> None:
    """Let PostgreSQL count on from the numbers that were given by hand; SQLite does so by itself."""
    if conn.dialect.name == "postgresql":
        count = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
        await conn.execute(text(count))
