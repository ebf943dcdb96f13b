"""Raw updates into the inbox, and the spinner on a tapped button stopped at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram import CHANNEL
from bot.channels.telegram_request import call
from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate

log = logging.getLogger(__name__)

ALLOWED: Final = ("message", "callback_query")
"""The kinds of updates that we ask Telegram for."""
_LARGEST_ID: Final = 2**63 - 1
_ANSWERS: Final = 32  # taps that are answered at a time


class Intake:
    """Stores updates; those that arrive while a transaction is written share the next one."""

    def __init__(
        self, bot: Bot, database: Database, now: Callable[[], datetime], stored: Callable[[], None]
    ) -> None:
        """`stored` is called after a commit that brought something new."""
        self._bot = bot
        self._database = database
        self._now = now
        self._stored = stored
        self._waiting: list[tuple[Sequence[NewUpdate], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_ANSWERS)

    async def keep(self, updates: Sequence[NewUpdate]) -> None:
        """Return once the updates are committed; raises what the database raised when they are not."""
        if not updates:
            return
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((updates, committed))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        await committed
        for update in updates:
            if (query := _query_id(update.payload)) is not None:
                task = asyncio.create_task(self._answer(query))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

    async def close(self) -> None:
        """Finish what is being written, give up on spinners that still turn."""
        if self._writer is not None:
            await self._writer
        tasks = list(self._answers)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                async with self._database.transaction() as conn:
                    new = await inbox.store(
                        conn, [each for updates, _ in group for each in updates], self._now()
                    )
            except Exception as error:  # noqa: BLE001 (it is told to everybody who waits)
                self._tell(group, error)
                continue
            self._tell(group, None)
            if new:
                self._stored()
        self._writer = None

    @staticmethod
    def _tell(
        group: Sequence[tuple[Sequence[NewUpdate], asyncio.Future[None]]], error: Exception | None
    ) -> None:
        for _, committed in group:
            if committed.done():
                continue  # who waited has gone
            if error is None:
                committed.set_result(None)
            else:
                committed.set_exception(error)

    async def _answer(self, query_id: str) -> None:
        async with self._places:
            try:
                await call(self._bot, "answerCallbackQuery", callback_query_id=query_id)
            except TelegramError as error:
                log.info("a tap was not answered: %s", type(error).__name__)


def new_update(raw: object) -> NewUpdate | None:
    """An update as it is kept, in the lane of its person; None when it has no number to tell it by."""
    if not isinstance(raw, dict):
        return None
    number = raw.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= _LARGEST_ID:
        return None
    return NewUpdate(CHANNEL, number, f"{CHANNEL}:{_lane(raw)}", raw)


def _lane(raw: Mapping[str, Any]) -> str:
    """The id of the person, else of the chat, else nothing: whatever an update is, it is kept somewhere."""
    parts = [part for part in raw.values() if isinstance(part, dict)]
    for name in ("from", "chat"):
        for part in parts:
            origin = part.get(name)
            if isinstance(origin, dict) and isinstance(origin.get("id"), int):
                return str(origin["id"])
    return ""


def _query_id(payload: Any) -> str | None:
    query = payload.get("callback_query")
    query_id = query.get("id") if isinstance(query, dict) else None
    return query_id if isinstance(query_id, str) else None
