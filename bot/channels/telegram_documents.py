"""Rosters that people sent are fetched from Telegram after their updates are stored and answered.

What is to be fetched stands in the database: whatever stops the process, it is fetched afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.channels.sender import delay_after
from bot.channels.telegram import CHANNEL
from bot.channels.telegram_evidence import TOO_BIG
from bot.services.evidence_files import MEGABYTE
from bot.services.office import Office, parcel
from bot.services.outgoing import Message
from bot.services.roster_intake import LIMIT
from bot.storage import outbox, rosters
from bot.storage.database import Database
from bot.storage.rosters import RosterFile

log = logging.getLogger(__name__)

IDLE: Final = 30.0
"""Seconds after which the records are looked at even if nobody said that something came."""


class DocumentFetcher:
    """Fetches files of rosters until its `run` is cancelled. On PostgreSQL only one process does."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        fetched: Callable[[], None],
        enqueued: Callable[[], None] = lambda: None,
    ) -> None:
        """`fetched` is called when a file is here to be read, `enqueued` when something is to be sent."""
        self._bot, self._database, self._office, self._now = bot, database, office, now
        self._fetched, self._enqueued = fetched, enqueued
        self._failures: dict[int, int] = {}
        self._later: dict[int, datetime] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something may have come."""
        self._woken.set()

    async def run(self) -> None:
        """Fetch until cancelled; raises nothing else."""
        async with self._database.sole(f"rosters:{CHANNEL}"):
            while True:
                self._woken.clear()
                try:
                    await self.turn()
                except (SQLAlchemyError, OSError) as error:
                    log.error("no roster can be kept now: %s", type(error).__name__)
                wait = min(((at - self._now()).total_seconds() for at in self._later.values()), default=IDLE)
                try:
                    await asyncio.wait_for(self._woken.wait(), min(max(wait, 0.05), IDLE))
                except TimeoutError:
                    continue

    async def turn(self) -> int:
        """Fetch what may be tried now, one file after the other; how many that were."""
        now = self._now()
        self._later = {id: until for id, until in self._later.items() if until > now}
        async with self._database.reading() as conn:
            waiting = [each for each in await rosters.files_in(conn, "fetching") if each.channel == CHANNEL]
        ready = [each for each in waiting if each.id not in self._later]
        for file in ready:
            await self._fetch(file)
        return len(ready)

    async def _fetch(self, file: RosterFile) -> None:
        try:
            content = await self._download(file)
        except (BadRequest, Forbidden) as error:
            log.info("roster file %d cannot be fetched: %s", file.id, type(error).__name__)
            content = "size" if TOO_BIG in error.message.lower() else "gone"
        except TelegramError as error:
            self._put_off(file, error)
            return
        self._failures.pop(file.id, None)
        async with self._database.transaction() as conn:
            if isinstance(content, str):
                text = self._office.say("roster.not_taken", reason=content, limit=LIMIT // MEGABYTE)
                message = parcel(Message(text), file.channel, file.address)
                await outbox.enqueue(conn, [message], self._now())
                await rosters.close_file(conn, file.id)
            else:
                await rosters.change_file(conn, file.id, state="waiting", content=content)
        if isinstance(content, str):
            self._enqueued()
        else:
            self._fetched()

    async def _download(self, file: RosterFile) -> bytes | str:
        """The file, or why there is none: "size" or "gone"."""
        if file.remote_id is None:
            return "gone"
        found = await self._bot.get_file(file.remote_id)
        if (found.file_size or 0) > LIMIT:
            return "size"
        content = bytes(await found.download_as_bytearray())
        return "size" if len(content) > LIMIT else content

    def _put_off(self, file: RosterFile, error: TelegramError) -> None:
        failures = self._failures.get(file.id, 0)
        pause = timedelta(seconds=delay_after(failures, random.random()))
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        log.warning("roster file %d is tried again later: %s", file.id, type(error).__name__)
        self._failures[file.id] = failures + 1
        self._later[file.id] = self._now() + pause
