"""Photos that people sent are fetched from Telegram after their updates are stored and answered.

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
from bot.services import evidence as services
from bot.services.evidence import Why
from bot.services.evidence_files import EvidenceFolder
from bot.services.office import Office
from bot.storage import evidence
from bot.storage.database import Database
from bot.storage.evidence import Evidence

log = logging.getLogger(__name__)

IDLE: Final = 30.0
"""Seconds after which the records are looked at even if nobody said that something came."""
GROUP: Final = 8
TOO_BIG: Final = "too big"


class Fetcher:
    """Fetches the files of photos until its `run` is cancelled. On PostgreSQL only one process does."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        office: Office,
        folder: EvidenceFolder,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`enqueued` is called after a commit that left something to send."""
        self._bot = bot
        self._database = database
        self._office = office
        self._folder = folder
        self._now = now
        self._enqueued = enqueued
        self._chance = chance
        self._failures: dict[int, int] = {}
        self._later: dict[int, datetime] = {}
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something may have come."""
        self._woken.set()

    async def run(self) -> None:
        """Fetch until cancelled; raises nothing else."""
        async with self._database.sole(f"evidence:{CHANNEL}"):
            while True:
                self._woken.clear()
                try:
                    if await self.turn():
                        continue
                except (SQLAlchemyError, OSError) as error:
                    log.error("no photo can be kept now: %s", type(error).__name__)
                try:
                    await asyncio.wait_for(self._woken.wait(), self._pause())
                except TimeoutError:
                    continue

    def _pause(self) -> float:
        """Seconds until something is to be tried again, never more than IDLE."""
        wait = min(((until - self._now()).total_seconds() for until in self._later.values()), default=IDLE)
        return min(max(wait, 0.05), IDLE)

    async def turn(self) -> int:
        """Fetch what waits and may be tried now; how many photos that were."""
        now = self._now()
        self._later = {id: until for id, until in self._later.items() if until > now}
        async with self._database.reading() as conn:
            waiting = await evidence.pending(conn, GROUP, waiting=self._later)
        await asyncio.gather(*(self._fetch(photo) for photo in waiting))
        return len(waiting)

    async def _fetch(self, photo: Evidence) -> None:
        try:
            found = await self._download(photo)
        except (BadRequest, Forbidden) as error:
            log.info("photo %d cannot be fetched: %s", photo.id, type(error).__name__)
            found = "too_large" if TOO_BIG in error.message.lower() else "gone"
        except TelegramError as error:
            self._put_off(photo, error)
            return
        if isinstance(found, bytes):
            await self._keep(photo, found)
        else:
            await self._withdraw(photo, found)
        self._failures.pop(photo.id, None)

    def _put_off(self, photo: Evidence, error: TelegramError) -> None:
        failures = self._failures.get(photo.id, 0)
        pause = timedelta(seconds=delay_after(failures, self._chance()))
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        log.warning("photo %d is tried again later: %s", photo.id, type(error).__name__)
        self._failures[photo.id] = failures + 1
        self._later[photo.id] = self._now() + pause

    async def _download(self, photo: Evidence) -> bytes | Why:
        if photo.remote_id is None:
            return "gone"
        file = await self._bot.get_file(photo.remote_id)
        if self._folder.too_large(file.file_size):
            return "too_large"
        content = bytes(await file.download_as_bytearray())
        return "too_large" if self._folder.too_large(len(content)) else content

    async def _keep(self, photo: Evidence, content: bytes) -> None:
        try:
            # Waiting for the disk must not hold up the conversations.
            kept = await asyncio.to_thread(self._folder.keep, content, photo.file_name)
        except ValueError:
            await self._withdraw(photo, "not_image")
            return
        async with self._database.transaction() as conn:
            await evidence.stored(conn, photo.id, file_name=kept.name, size=kept.size, sha256=kept.sha256)

    async def _withdraw(self, photo: Evidence, why: Why) -> None:
        async with self._database.transaction() as conn:
            await services.withdraw(conn, self._office, photo, why, self._now())
        self._enqueued()
