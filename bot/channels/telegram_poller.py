"""The ear by long polling: what is fetched is acknowledged only when it is committed."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.sender import delay_after
from bot.channels.telegram import CHANNEL
from bot.channels.telegram_intake import ALLOWED, Intake, new_update
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate

log = logging.getLogger(__name__)

_MARGIN: Final = 10.0  # seconds that an answer may be late beyond the long poll


class Unreadable(Exception):
    """Telegram's answer holds no update that could be told by its number."""


class Poller:
    """Fetches updates into the inbox until its `run` is cancelled. On PostgreSQL only one process does."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        now: Callable[[], datetime],
        stored: Callable[[], None],
        *,
        seconds: int = 30,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`stored` is called after a commit that brought something new; one poll takes up to `seconds`."""
        self._bot = bot
        self._database = database
        self._intake = Intake(bot, database, now, stored)
        self._seconds = seconds
        self._chance = chance
        self._offset = 0

    async def run(self) -> None:
        """Poll until cancelled; raises nothing else."""
        async with self._database.sole(f"receive:{CHANNEL}"):
            try:
                await insist(lambda: self._bot.delete_webhook(), self._chance)
                while True:
                    await insist(self._poll, self._chance)
            finally:
                await self._intake.close()

    async def _poll(self) -> None:
        """Fetch once, store, commit; only then is the next offset what acknowledges them."""
        try:
            fetched = await self._fetch()
        except Conflict as error:
            if "webhook" in error.message.lower():
                await self._bot.delete_webhook()
            raise
        updates = [update for update in map(new_update, fetched) if update is not None]
        if len(updates) < len(fetched):
            log.error("%d updates without a usable number are passed over", len(fetched) - len(updates))
        if fetched and not updates:
            raise Unreadable
        await self._intake.keep(updates)
        self._advance(updates)

    def _advance(self, updates: list[NewUpdate]) -> None:
        # Not the largest ever: after a quiet week Telegram's numbers begin anew, perhaps lower.
        if updates:
            self._offset = max(update.update_id for update in updates) + 1

    async def _fetch(self) -> list[Any]:
        """One getUpdates call with the updates as they are: python-telegram-bot's own parses them all."""
        given = {"offset": self._offset, "timeout": self._seconds, "allowed_updates": json.dumps(ALLOWED)}
        url = f"{self._bot.base_url}/getUpdates?{urlencode(given)}"
        request, patience = self._bot.request, self._seconds + _MARGIN
        try:
            found: Any = await request.post(url=url, read_timeout=patience)
        except TelegramError as error:
            if type(error) is not TelegramError:
                raise
            # The strict reader refuses what a person's client may have sent, such as half of a character.
            _, body = await request.do_request(url=url, method="POST", read_timeout=patience)
            found = _leniently(body)
        if not isinstance(found, list):
            raise Unreadable
        return found


def _leniently(body: bytes) -> Any:
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except ValueError:
        raise Unreadable from None
    return answer.get("result") if isinstance(answer, dict) else None


async def insist(deed: Callable[[], Awaitable[object]], chance: Callable[[], float]) -> None:
    """Do `deed`, again and again with growing pauses until it succeeds; say what is wrong but no token."""
    failures = 0
    while True:
        pause = delay_after(failures, chance())
        try:
            await deed()
            return
        except Conflict:
            log.error(
                "Telegram refuses updates (409 Conflict): another program polls with this bot's token, or a "
                "webhook is set. Stop the other one; trying again in %.1f s",
                pause,
            )
        except RetryAfter as error:
            wait = error.retry_after
            pause = float(wait) if isinstance(wait, int) else wait.total_seconds()
            log.warning("Telegram asks for %.1f s of silence", pause)
        except InvalidToken:
            log.error("Telegram does not know this bot: check TELEGRAM_TOKEN; trying again in %.1f s", pause)
        except BadRequest as error:
            log.error("Telegram refuses (%s); trying again in %.1f s", error.message, pause)
        except (TelegramError, SQLAlchemyError, OSError, Unreadable) as error:
            log.warning("no updates for now (%s); trying again in %.1f s", type(error).__name__, pause)
        failures += 1
        await asyncio.sleep(pause)
