"""The web page's conversations on the real inbox and outbox: what Telegram is over HTTP, this is in place."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from bot.channels.web_port import Button, ChatMessage, Document, Persona
from bot.services.evidence_files import EvidenceFolder
from bot.services.incoming import Attachment, Incoming
from bot.services.office import veiled
from bot.services.roster_intake import LIMIT
from bot.storage import files, inbox, outbox, rosters
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate
from bot.storage.outbox import Message, Sent
from bot.storage.rosters import NewRosterFile

CHANNEL: Final = "web"
SCREEN: Final = 400
"""So many of the last messages are looked at to draw a screen."""
GROUP: Final = 100
PHOTO: Final = "📷"
TABLE: Final = "📎"
IDLE: Final = 5.0
OWN: Final = 1_000_000_000
"""What a person typed is numbered apart from what was sent to them."""


def translate(payload: Mapping[str, Any]) -> Incoming | None:
    """An update of the page: {address} with text, data and message_id, photo or table; else ValueError."""
    address = payload.get("address")
    if not isinstance(address, str):
        raise ValueError("a web update needs an address")
    return Incoming(
        CHANNEL,
        address,
        True,
        "",
        text=payload.get("text"),
        data=payload.get("data"),
        message_id=payload.get("message_id"),
        attached=Attachment(**given) if (given := payload.get("photo") or payload.get("table")) else None,
    )


@dataclass(slots=True)
class _Shown:
    message: ChatMessage
    slot: str | None


class WebChat:
    """Stores what is typed and tapped, and puts on the screen what the services answer."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        stored: Callable[[], None],
        personas: Sequence[Persona] = (),
        folder: EvidenceFolder | None = None,
    ) -> None:
        """`stored` is called when an update waits to be handled; without `folder` no photos are taken."""
        self.database = database
        self.now = now
        self.stored = stored
        self.people = tuple(personas)
        self.folder = folder
        self._changes: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._sending = asyncio.Event()
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------------------------------ the page's side

    @property
    def photo_limit(self) -> int:
        """Bytes of the largest photo that is taken; 0 where none are."""
        return 0 if self.folder is None else self.folder.limit

    async def personas(self) -> Sequence[Persona]:
        """Everybody whom the page can be."""
        return self.people

    async def say(self, address: str, text: str) -> None:
        """Keep what was typed, then let the worker know."""
        await self._store(address, {"address": address, "text": text})

    async def tap(self, address: str, message_id: int, data: str) -> None:
        """Keep what was tapped, then let the worker know."""
        await self._store(address, {"address": address, "data": data, "message_id": message_id})

    async def send_photo(self, address: str, photo: bytes | Literal["too_large", "other"]) -> None:
        """Keep a photo that was sent, or that something was sent which is none."""
        given: dict[str, Any] = {"kind": photo}
        if isinstance(photo, bytes):
            given = await self._kept(photo)
        await self._store(address, {"address": address, "photo": given})

    @property
    def table_limit(self) -> int:
        """Bytes of the largest table that is taken."""
        return LIMIT

    async def send_table(self, address: str, ending: str, content: bytes | None) -> None:
        """Keep a table that was sent, or that one was sent which is too large."""
        given: dict[str, Any] = {"kind": "document", "ending": ending}
        if content is not None and len(content) <= LIMIT:
            new = NewRosterFile(
                None, CHANNEL, address, ending, "arrived", self.now(), size=len(content), content=content
            )
            async with self.database.transaction() as conn:
                given |= {"size": len(content), "stored": await rosters.add_file(conn, new)}
        await self._store(address, {"address": address, "table": given})

    async def _kept(self, content: bytes) -> dict[str, Any]:
        assert self.folder is not None
        if self.folder.too_large(len(content)):
            return {"kind": "too_large"}
        try:
            kept = await asyncio.to_thread(self.folder.keep, content)
        except ValueError:
            return {"kind": "other"}
        return {"kind": "image", "size": kept.size, "file_name": kept.name, "sha256": kept.sha256}

    async def _store(self, address: str, payload: dict[str, Any]) -> None:
        now = self.now()
        # The page has no numbers of its own: the moment and a counter are unique and grow.
        number = int(now.timestamp() * 1_000_000) * 100 + next(self._numbers) % 100
        async with self.database.transaction() as conn:
            await inbox.store(conn, [NewUpdate(CHANNEL, number, f"{CHANNEL}:{address}", payload)], now)
        self._announce(address)
        self.stored()

    async def history(self, address: str) -> Sequence[ChatMessage]:
        """The screen: what was sent with its edits, and what the person typed, by time."""
        async with self.database.reading() as conn:
            rows = await outbox.last(conn, CHANNEL, address, SCREEN)
            typed = await inbox.of_lane(conn, f"{CHANNEL}:{address}", SCREEN)
            papers = {
                id: file
                for row in rows
                if (id := row.payload.get("file_id")) and (file := await files.get(conn, id)) is not None
            }
        shown: dict[int, _Shown] = {}
        for row in rows:
            if row.state == "sent":
                _put(shown, row, papers)
        own = [
            ChatMessage(OWN + update.id, text, True, update.received_at)
            for update in typed
            if isinstance(update.payload, dict) and (text := _own(update.payload))
        ]
        return sorted([*(item.message for item in shown.values()), *own], key=lambda m: (m.at, m.id))

    async def document(self, address: str, file_id: int) -> tuple[str, str, bytes] | None:
        """A file that was sent to this address."""
        async with self.database.reading() as conn:
            rows = await outbox.last(conn, CHANNEL, address, SCREEN)
            if not any(row.payload.get("file_id") == file_id for row in rows):
                return None
            file = await files.get(conn, file_id)
        return None if file is None else (file.name, file.media_type, file.content)

    async def changed(self, address: str, timeout: float) -> None:  # noqa: ASYNC109 (its end is no error)
        """Wait until something new may be on the screen, or the time is up."""
        event = self._changes[address]
        try:
            await asyncio.wait_for(event.wait(), timeout)
        except TimeoutError:
            return

    def _announce(self, address: str) -> None:
        """Let every page of this address look again."""
        self._changes.pop(address, asyncio.Event()).set()

    # ------------------------------------------------------------------------------------ the outbox's side

    def wake(self) -> None:
        """Say that something was enqueued."""
        self._sending.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with self.database.sole(f"send:{CHANNEL}"):
            while True:
                self._sending.clear()
                if await self.deliver():
                    continue
                try:
                    await asyncio.wait_for(self._sending.wait(), IDLE)
                except TimeoutError:
                    continue

    async def deliver(self) -> int:
        """Put what waits on the screens: an edit keeps the number of the message that it changes."""
        async with self.database.transaction() as conn:
            rows = await outbox.take(conn, CHANNEL, self.now(), GROUP, per_chat=GROUP)
            sent = [Sent(row.id, row.payload.get("message_id") or row.id) for row in rows]
            await outbox.mark_sent(conn, sent, self.now())
        for address in {row.address for row in rows}:
            self._announce(address)
        return len(rows)


def _own(payload: Mapping[str, Any]) -> str:
    """What a person sees of what they sent; "" of a tap."""
    if "table" in payload:
        return TABLE
    return PHOTO if "photo" in payload else veiled(payload.get("text") or "")


def _put(shown: dict[int, _Shown], row: Message, papers: Mapping[int, files.File]) -> None:
    """Apply one sent row to the screen: a new message takes the keyboard from the one before in its slot."""
    buttons = tuple(tuple(Button(*button) for button in line) for line in row.payload.get("buttons", ()))
    number = row.message_id or row.id
    if row.slot:
        for id, item in shown.items():
            if item.slot == row.slot and id != number:
                item.message = replace(item.message, buttons=())
    if row.kind == "edit" and number in shown:
        held = shown[number].message
        shown[number] = _Shown(replace(held, text=row.payload["text"], buttons=buttons), row.slot)
        return
    file = papers.get(row.payload.get("file_id", 0))
    document = None if file is None else Document(file.id, file.name, len(file.content))
    message = ChatMessage(number, row.payload["text"], False, row.created_at, buttons, document)
    shown[number] = _Shown(message, row.slot)
