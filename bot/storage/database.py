"""Opening the database, and the transactions in which every deed is written whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, bindparam, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import HubangError
from bot.storage import prompt
from bot.storage.columns import read
from bot.storage.migrations import migrate
from bot.storage.sealing import NO_KEYS, KeyRing, hand_over

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON")
_LOCK: Final = text("SELECT pg_advisory_lock(hashtextextended(:name, 0))").bindparams(bindparam("name"))
_UNLOCK: Final = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))").bindparams(bindparam("name"))


class DatabaseUnusable(HubangError):
    """{url} is not a database that hubang can use: write sqlite:///path or postgresql://user@host/name."""


class NestedTransaction(HubangError):
    """A transaction was begun inside another one: hand the open connection on instead."""


class Database:
    """An open database. Its transactions belong to one task each and are never nested."""

    def __init__(
        self, engine: AsyncEngine, reading: AsyncEngine, reporting: AsyncEngine, ring: KeyRing = NO_KEYS
    ) -> None:
        """Take over the engines (which may be one and the same); call `dispose` in the end.

        Sealed columns are read and written with the keys of `ring`.
        """
        self.ring: Final = ring
        for each in (engine, reading, reporting):
            hand_over(each.dialect, ring)
        self.engine: Final = engine
        self._reading: Final = reading
        self._reporting: Final = reporting
        # SQLite has one writer. Waiting for one's turn in a queue of our own is fair and immediate; SQLite's
        # busy handler would sleep and let latecomers overtake.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self._writer: asyncio.Task[Any] | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether the file database is in use (one process) and not PostgreSQL (any number of them)."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose work is committed at the end, or undone when an error leaves the block.

        `async with connection.begin_nested()` inside it is a savepoint: what fails there is undone alone.
        Raises NestedTransaction when the same task already writes.
        """
        task = asyncio.current_task()
        if self.is_sqlite and self._writer is task:
            raise NestedTransaction
        async with self._turn:
            self._writer = task
            try:
                async with self.engine.begin() as connection:
                    yield connection
            finally:
                self._writer = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for short queries: it neither waits for writers nor keeps them waiting."""
        async with self._reading.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reporting(self) -> AsyncIterator[AsyncConnection]:
        """A connection for long queries, during which everything else goes on."""
        async with self._reporting.begin() as connection:
            yield connection

    @asynccontextmanager
    async def sole(self, name: str) -> AsyncIterator[None]:
        """Wait until no other process does the work `name` (such as sending for one channel), then do it.

        The right ends with the block, with the process, or with its connection to the server.
        """
        if self.is_sqlite:
            yield
            return
        engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(_LOCK, {"name": name})
            try:
                yield
            finally:
                await connection.execute(_UNLOCK, {"name": name})

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        await self._reading.dispose()
        await self._reporting.dispose()


def _address(url: str) -> URL:
    """The URL with the driver that we use; raises DatabaseUnusable."""
    try:
        address = make_url(url)
    except ArgumentError:
        # What follows the scheme may hold a password.
        scheme, _, rest = url.partition("://")
        raise DatabaseUnusable(url=f"{scheme}://..." if rest else "...") from None
    driver = _DRIVERS.get(address.get_backend_name())
    if driver is None:
        raise DatabaseUnusable(url=address.render_as_string(hide_password=True))
    return address.set(drivername=driver)


def folder(url: str) -> Path | None:
    """The folder in which the SQLite file of this URL lies; None for PostgreSQL. Raises DatabaseUnusable."""
    address = _address(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database).parent


def _sqlite(address: URL, begin: str, creator: Callable[..., Any] | None, **pool: int) -> AsyncEngine:
    """SQLite, durable, and with transactions that are ours: the driver alone would begin them too late."""
    # isolation_level None: the driver begins nothing by itself. hide_parameters: what a failed statement was
    # about stays out of errors and logs.
    arguments = {"isolation_level": None, "async_creator_fn": creator}
    engine = create_async_engine(address, connect_args=arguments, hide_parameters=True, **pool)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(dbapi_connection: Any, _record: object) -> None:
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def connect(url: str, ring: KeyRing = NO_KEYS) -> Database:
    """The database at `url` (`sqlite:///file`, `postgresql://…`) as it is, without migrating it.

    Raises DatabaseUnusable for any other kind. `ring` holds the keys of sealed columns.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        # A transaction that begins by reading and then writes could find itself outdated and fail: IMMEDIATE.
        writing = _sqlite(address, "BEGIN IMMEDIATE", prompt.writer, pool_size=1, max_overflow=0)
        reading, reporting = _sqlite(address, "BEGIN", prompt.reader), _sqlite(address, "BEGIN", None)
        return Database(writing, reading, reporting, ring)
    # `columns.Json` hands over text.
    engine = create_async_engine(
        address, json_serializer=str, json_deserializer=read, pool_pre_ping=True, hide_parameters=True
    )
    return Database(engine, engine, engine, ring)


async def open(url: str, ring: KeyRing = NO_KEYS) -> Database:  # noqa: A001 (callers say database.open)
    """The database at `url`, migrated to the newest shape. Raises DatabaseUnusable."""
    database = connect(url, ring)
    try:
        await migrate(database.engine)
    except BaseException:
        await database.dispose()
        raise
    return database
