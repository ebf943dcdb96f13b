"""SQLite without needless waiting: what takes microseconds is done at once, what may wait in a thread.

A statement of a turn takes less time than handing it to another thread and waking up again. Waiting for the
lock of another process, and for the disk at the commit, still must not hold up the conversations.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, Final, TypeVar

import aiosqlite

_MANY: Final = 1000
"""Rows from which writing them is long enough to be left to the thread."""


class ReadingConnection(aiosqlite.Connection):
    """A connection for short queries, run in the caller's thread: readers of a WAL file wait for nobody."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection is None or not self._running or self._may_wait(fn, args):
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        return fn(*args, **kwargs)

    def _may_wait(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        return False


class WritingConnection(ReadingConnection):
    """A connection that leaves to its thread what waits for a lock or for the disk."""

    def _may_wait(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        match getattr(fn, "__name__", ""):
            case "cursor" | "fetchall" | "fetchone" | "fetchmany" | "rollback":
                return False
            case "execute":
                return str(args[0]).startswith("BEGIN")
            case "executemany":
                return len(args[1]) > _MANY
            case "close":
                return not isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
            case _:
                return True


_Connection = TypeVar("_Connection", bound=ReadingConnection)


def reader(database: str, **options: Any) -> ReadingConnection:
    """A connection for short queries, to be awaited, with the options of `sqlite3.connect`."""
    return _made(ReadingConnection, database, options)


def writer(database: str, **options: Any) -> WritingConnection:
    """A connection for transactions, to be awaited, with the options of `sqlite3.connect`."""
    return _made(WritingConnection, database, options)


def _made(kind: type[_Connection], database: str, options: dict[str, Any]) -> _Connection:
    connection = kind(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does with the connections that it makes itself
    return connection
