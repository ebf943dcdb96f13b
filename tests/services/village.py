"""The sample village with real services on a real database: people say and tap, and see their screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bot import content
from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.channels.web_port import ChatMessage
from bot.content import Content
from bot.services.evidence_files import EvidenceFolder
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.services.sample import enter, read_sample
from bot.storage.database import Database

START = datetime(2026, 4, 10, 1, 0, tzinfo=UTC)
"""Nine in the morning of a spring day in the county."""


@lru_cache(maxsize=1)
def loaded() -> Content:
    """The content that ships, read once per test process."""
    return content.load()


@dataclass
class Village:
    """One deployment. Every message goes through inbox, worker and outbox, as in production."""

    database: Database
    office: Office
    worker: Worker
    reminder: Reminder
    chat: WebChat
    at: list[datetime] = field(default_factory=lambda: [START])

    @classmethod
    async def open(
        cls,
        database: Database,
        sample: dict[str, Any] | None = None,
        content: Content | None = None,
        folder: EvidenceFolder | None = None,
    ) -> Village:
        """The sample village on an empty database, with the content that ships or with that given."""
        office = Office(content or loaded(), ZoneInfo("Asia/Shanghai"), folder=folder)
        at = [START]

        def now() -> datetime:
            return at[0]

        worker = Worker(database, office, {web_chat.CHANNEL: web_chat.translate}, now)
        chat = WebChat(database, now, worker.wake, folder=folder)
        async with database.transaction() as conn:
            await enter(conn, sample or read_sample(), web_chat.CHANNEL, now())
        return cls(database, office, worker, Reminder(database, office, now), chat, at)

    @property
    def now(self) -> datetime:
        """The village's moment."""
        return self.at[0]

    def wait(self, **time: float) -> None:
        """Let time pass (arguments of timedelta)."""
        self.at[0] += timedelta(**time)

    async def work(self) -> None:
        """Handle everything that waits, and deliver it."""
        while await self.worker.turn():
            pass
        while await self.chat.deliver():
            pass

    async def say(self, address: str, *texts: str) -> str:
        """Type messages; the text of the last message on the screen afterwards."""
        for text in texts:
            self.wait(seconds=1)
            await self.chat.say(address, text)
            await self.work()
        return await self.last(address)

    async def tap(self, address: str, label: str) -> str:
        """Tap the newest button whose label contains `label`; the last message afterwards."""
        message, data = await self.button(address, label)
        return await self.tap_data(address, message, data)

    async def tap_data(self, address: str, message_id: int, data: str) -> str:
        """Tap a button by its data, on the screen or no longer there."""
        self.wait(seconds=1)
        await self.chat.tap(address, message_id, data)
        await self.work()
        return await self.last(address)

    async def button(self, address: str, label: str) -> tuple[int, str]:
        """Message and data of the newest button with that label."""
        for message in reversed(await self.screen(address)):
            for row in message.buttons:
                for button in row:
                    if label in button.label:
                        return message.id, button.data
        shown = [b.label for m in await self.screen(address) for row in m.buttons for b in row]
        raise AssertionError(f"no button {label!r}; there are {shown}")

    async def screen(self, address: str) -> Sequence[ChatMessage]:
        """Everything on the person's screen."""
        return await self.chat.history(address)

    async def last(self, address: str) -> str:
        """The text of the newest message that was sent to the person."""
        texts = [message.text for message in await self.screen(address) if not message.mine]
        return texts[-1] if texts else ""

    async def heard(self, address: str) -> str:
        """Everything that was sent to the person, as one text."""
        return "\n\n".join(message.text for message in await self.screen(address) if not message.mine)
