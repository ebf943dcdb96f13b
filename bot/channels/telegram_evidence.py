"""Photos that people sent are fetched from Telegram."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from telegram import Bot

from bot.channels.telegram_fetching import Fetcher
from bot.services import evidence as services
from bot.services.evidence import Why
from bot.services.evidence_files import EvidenceFolder
from bot.services.office import Office
from bot.storage import evidence
from bot.storage.database import Database
from bot.storage.evidence import Evidence

GROUP: Final = 8


class PhotoFetcher(Fetcher[Evidence]):
    """Fetches photos into the folder, several at a time."""

    things = "evidence"

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
        super().__init__(bot, database, office, now, enqueued, chance=chance)
        self._folder = folder

    async def _pending(self, later: Collection[int]) -> Sequence[Evidence]:
        async with self._database.reading() as conn:
            return await evidence.pending(conn, GROUP, waiting=later)

    def _too_large(self, size: int | None) -> bool:
        return self._folder.too_large(size)

    async def _keep(self, file: Evidence, content: bytes) -> None:
        try:
            # Waiting for the disk must not hold up the conversations.
            kept = await asyncio.to_thread(self._folder.keep, content, file.file_name)
        except ValueError:
            await self._withdraw(file, "not_image")
            return
        async with self._database.transaction() as conn:
            await evidence.stored(conn, file.id, file_name=kept.name, size=kept.size, sha256=kept.sha256)

    async def _withdraw(self, file: Evidence, why: Why) -> None:
        async with self._database.transaction() as conn:
            await services.withdraw(conn, self._office, file, why, self._now())
        self._enqueued()
