"""Rosters that people sent are fetched from Telegram."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from telegram import Bot

from bot.channels.telegram import CHANNEL
from bot.channels.telegram_fetching import Fetcher, Missing
from bot.services.evidence_files import MEGABYTE
from bot.services.office import Office, parcel
from bot.services.outgoing import Message
from bot.services.roster_intake import LIMIT
from bot.storage import outbox, rosters
from bot.storage.database import Database
from bot.storage.rosters import RosterFile


class RosterFetcher(Fetcher[RosterFile]):
    """Fetches files of rosters, one after the other: each may be large."""

    things = "rosters"

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
        super().__init__(bot, database, office, now, enqueued)
        self._fetched = fetched

    async def _pending(self, later: Collection[int]) -> Sequence[RosterFile]:
        async with self._database.reading() as conn:
            waiting = await rosters.files_in(conn, "fetching")
        return [each for each in waiting if each.channel == CHANNEL and each.id not in later][:1]

    def _too_large(self, size: int | None) -> bool:
        return (size or 0) > LIMIT

    async def _keep(self, file: RosterFile, content: bytes) -> None:
        async with self._database.transaction() as conn:
            await rosters.change_file(conn, file.id, state="waiting", content=content)
        self._fetched()

    async def _withdraw(self, file: RosterFile, why: Missing) -> None:
        reason = "size" if why == "too_large" else why
        text = self._office.say("roster.not_taken", reason=reason, limit=LIMIT // MEGABYTE)
        async with self._database.transaction() as conn:
            await outbox.enqueue(conn, [parcel(Message(text), file.channel, file.address)], self._now())
            await rosters.close_file(conn, file.id)
        self._enqueued()
