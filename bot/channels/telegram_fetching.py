"""Files that people sent are fetched from Telegram after their updates are stored and answered.

What is to be fetched stands in the database: whatever stops the process, it is fetched afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.channels.sender import delay_after
from bot.channels.telegram import CHANNEL
from bot.services.office import Office
from bot.storage.database import Database

log = logging.getLogger(__name__)

IDLE: Final = 30.0
"""Seconds after which the records are looked at even if nobody said that something came."""
TOO_BIG: Final = "too big"

Missing: TypeAlias = Literal["too_large", "gone"]
"""Why there is no file: larger than may be taken, or no longer there."""


class Sent(Protocol):
    """The record of a file that somebody sent."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def remote_id(self) -> str | None:
        """Its name at Telegram."""


T = TypeVar("T", bound=Sent)


class Fetcher(ABC, Generic[T]):
    """Fetches one kind of files until its `run` is cancelled. On PostgreSQL only one process does."""

    things: str
    """What is fetched, as logs and locks name it."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`enqueued` is called after a commit that left something to send."""
        self._bot = bot
        self._database = database
        self._office = office
        self._now = now
        self._enqueued = enqueued
        self._chance = chance
        self._failures: dict[int, int] = {}
        self._later: dict[int, datetime] = {}
        self._woken = asyncio.Event()

    @abstractmethod
    async def _pending(self, later: Collection[int]) -> Sequence[T]:
        """What is to be fetched in one turn, side by side, without those of the ids `later`."""

    @abstractmethod
    def _too_large(self, size: int | None) -> bool:
        """Whether a file of `size` bytes is refused; None is a size that nobody stated."""

    @abstractmethod
    async def _keep(self, file: T, content: bytes) -> None:
        """Store what was fetched."""

    @abstractmethod
    async def _withdraw(self, file: T, why: Missing) -> None:
        """Say to whoever sent it that there is no file."""

    def wake(self) -> None:
        """Say that something may have come."""
        self._woken.set()

    async def run(self) -> None:
        """Fetch until cancelled; raises nothing else."""
        async with self._database.sole(f"{self.things}:{CHANNEL}"):
            while True:
                self._woken.clear()
                try:
                    if await self.turn():
                        continue
                except (SQLAlchemyError, OSError) as error:
                    log.error("no %s can be kept now: %s", self.things, type(error).__name__)
                try:
                    await asyncio.wait_for(self._woken.wait(), self._pause())
                except TimeoutError:
                    continue

    def _pause(self) -> float:
        """Seconds until something is to be tried again, never more than IDLE."""
        wait = min(((until - self._now()).total_seconds() for until in self._later.values()), default=IDLE)
        return min(max(wait, 0.05), IDLE)

    async def turn(self) -> int:
        """Fetch what waits and may be tried now; how many files that were."""
        now = self._now()
        self._later = {id: until for id, until in self._later.items() if until > now}
        waiting = await self._pending(self._later)
        await asyncio.gather(*(self._fetch(file) for file in waiting))
        return len(waiting)

    async def _fetch(self, file: T) -> None:
        try:
            found = await self._download(file)
        except (BadRequest, Forbidden) as error:
            log.info("%s: file %d cannot be fetched: %s", self.things, file.id, type(error).__name__)
            found = "too_large" if TOO_BIG in error.message.lower() else "gone"
        except TelegramError as error:
            self._put_off(file, error)
            return
        if isinstance(found, bytes):
            await self._keep(file, found)
        else:
            await self._withdraw(file, found)
        self._failures.pop(file.id, None)

    def _put_off(self, file: T, error: TelegramError) -> None:
        failures = self._failures.get(file.id, 0)
        pause = timedelta(seconds=delay_after(failures, self._chance()))
        if isinstance(error, RetryAfter):
            wait = error.retry_after
            pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        log.warning("%s: file %d is tried again later: %s", self.things, file.id, type(error).__name__)
        self._failures[file.id] = failures + 1
        self._later[file.id] = self._now() + pause

    async def _download(self, file: T) -> bytes | Missing:
        if file.remote_id is None:
            return "gone"
        found = await self._bot.get_file(file.remote_id)
        if self._too_large(found.file_size):
            return "too_large"
        content = bytes(await found.download_as_bytearray())
        return "too_large" if self._too_large(len(content)) else content
