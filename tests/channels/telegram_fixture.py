"""A fake Bot API server whose clock stands still, a bot on a real connection, a real database, a sender.

A test imports what it asks for: `from tests.channels.telegram_fixture import *` brings the fixtures.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from telegram import Bot

from bot.channels.telegram import CHANNEL, connected
from bot.channels.telegram_sender import Sender
from bot.storage import outbox
from bot.storage.database import Database
from bot.storage.outbox import Message, NewMessage
from bot.storage.tables import inbox
from tests.databases import database, database_url, kind, postgres, sqlite_template
from tests.telegram_server import TOKEN, Clock, Person, TelegramServer

__all__ = [
    "GROUP",
    "LI",
    "WANG",
    "bot",
    "database",
    "database_url",
    "enqueue",
    "errors",
    "kind",
    "li",
    "message",
    "now",
    "payloads",
    "postgres",
    "rows",
    "running",
    "sender",
    "server",
    "sqlite_template",
    "wang",
]

WANG, LI, GROUP = 501, 502, -1001
Now = Callable[[], datetime]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=Clock(1_800_000_000.0, running=False)) as server:
        server.updates.strict_repeats = False
        yield server


@pytest.fixture
def now(server: TelegramServer) -> Now:
    return lambda: datetime.fromtimestamp(server.clock.now(), UTC)


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with connected(TOKEN, server.base_url, server.base_file_url) as bot:
        yield bot


@pytest.fixture
def wang(server: TelegramServer) -> Person:
    person = Person(server, WANG, "老王")
    person.start()
    return person


@pytest.fixture
def li(server: TelegramServer) -> Person:
    person = Person(server, LI, "小李")
    person.start()
    return person


@pytest.fixture
def sender(bot: Bot, database: Database, now: Now) -> Sender:
    return Sender(bot, database, now, chance=lambda: 1.0)


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """The work goes on inside the block; at its end it is cancelled and has ended."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def message(chat_id: int, text: str, **rest: Any) -> NewMessage:
    """A message to a chat; `buttons`, `message_id` and `file_id` go into its payload."""
    names = [name for name in ("buttons", "message_id", "file_id") if name in rest]
    payload = {"text": text, **{name: rest.pop(name) for name in names}}
    rest.setdefault("private", chat_id > 0)
    return NewMessage(CHANNEL, str(chat_id), rest.pop("kind", "send"), payload, **rest)


async def enqueue(database: Database, now: Now, *messages: NewMessage) -> None:
    async with database.transaction() as conn:
        await outbox.enqueue(conn, messages, now())


async def rows(database: Database, chat_id: int) -> Sequence[Message]:
    """The chat's rows of the outbox, oldest first."""
    async with database.reading() as conn:
        return await outbox.last(conn, CHANNEL, str(chat_id))


async def errors(database: Database, chat_id: int) -> list[tuple[str, str | None]]:
    """State and error of the chat's rows."""
    return [(row.state, row.error) for row in await rows(database, chat_id)]


async def payloads(database: Database) -> list[Any]:
    """What the inbox holds, oldest first; each update is there once."""
    async with database.reading() as conn:
        number = (await conn.execute(select(func.count(inbox.c.update_id.distinct())))).scalar_one()
        found = list((await conn.execute(select(inbox.c.payload).order_by(inbox.c.id))).scalars())
    assert number == len(found)
    return found
