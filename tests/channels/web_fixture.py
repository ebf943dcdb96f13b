"""A village of conversations in memory, and the chat page that shows it on a free port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.channels import web
from bot.channels.web_port import Button, ChatMessage, Document, Persona
from bot.render.messages import Messages

NOON = datetime(2020, 4, 10, 4, 0, tzinfo=UTC)
PEOPLE = (
    Persona("web:1", "周春兰", "村干部", "白鹤村 · 负责 12 户"),
    Persona("web:2", "龙建国", "村级主管", "白鹤村"),
    Persona("web:3", "蔡明远", "乡镇干部", "新河乡扶贫站"),
)


class Village:
    """Conversations whose answers the test decides: `answer` is called with everything that is said."""

    def __init__(self, people: Sequence[Persona] = PEOPLE) -> None:
        self.people = tuple(people)
        self.chats: defaultdict[str, list[ChatMessage]] = defaultdict(list)
        self.files: dict[tuple[str, int], tuple[str, str, bytes]] = {}
        self.said: list[tuple[str, str]] = []
        self.taps: list[tuple[str, int, str]] = []
        self.answer: Callable[[str, str], Awaitable[None]] = self.silence
        self.trouble: Exception | None = None
        self.photo_limit = self.table_limit = 0
        self.tables: list[tuple[str, str, bytes | None]] = []
        self.photos: list[tuple[str, bytes | str]] = []
        self._news: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def silence(self, address: str, text: str) -> None:
        """Answer nothing."""

    def put(
        self,
        address: str,
        text: str,
        *,
        mine: bool = False,
        keys: Sequence[Sequence[str]] = (),
        document: Document | None = None,
        minutes: float | None = None,
    ) -> int:
        """A message appears on this person's screen; its id."""
        number = sum(map(len, self.chats.values())) + 1
        at = NOON + timedelta(minutes=number / 4 if minutes is None else minutes)
        buttons = tuple(tuple(Button(label, f"d:{label}") for label in row) for row in keys)
        self.chats[address].append(ChatMessage(number, text, mine, at, buttons, document))
        self.announce(address)
        return number

    def attach(self, address: str, text: str, name: str, media_type: str, content: bytes) -> int:
        """A message with a file appears."""
        number = len(self.files) + 7
        self.files[address, number] = (name, media_type, content)
        return self.put(address, text, document=Document(number, name, len(content)))

    def edit(self, address: str, number: int, text: str, keys: Sequence[Sequence[str]] = ()) -> None:
        """A message changes where it stands."""
        buttons = tuple(tuple(Button(label, f"d:{label}") for label in row) for row in keys)
        self.chats[address] = [
            replace(each, text=text, buttons=buttons) if each.id == number else each
            for each in self.chats[address]
        ]
        self.announce(address)

    def announce(self, address: str) -> None:
        """Wake whoever waits for news."""
        event = self._news.pop(address, None)
        if event is not None:
            event.set()

    # ---------------------------------------------------------------- the port

    async def personas(self) -> Sequence[Persona]:
        return self.people

    async def history(self, address: str) -> Sequence[ChatMessage]:
        return tuple(self.chats[address])

    async def say(self, address: str, text: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.said.append((address, text))
        self.put(address, text, mine=True)
        await self.answer(address, text)

    async def tap(self, address: str, message_id: int, data: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taps.append((address, message_id, data))
        await self.answer(address, data)

    async def send_table(self, address: str, ending: str, content: bytes | None) -> None:
        self.tables.append((address, ending, content))
        self.put(address, "📎", mine=True)

    async def send_photo(self, address: str, photo: bytes | str) -> None:
        self.photos.append((address, photo))
        self.put(address, "📷", mine=True)

    async def document(self, address: str, file_id: int) -> tuple[str, str, bytes] | None:
        return self.files.get((address, file_id))

    async def changed(self, address: str, timeout: float) -> None:  # noqa: ASYNC109
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news[address].wait(), timeout)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def serving(
    village: Village, *, practice: bool = True, patience: float = 20.0, port: int | None = None
) -> AsyncIterator[str]:
    """The chat page over a village, as long as the block lasts; its address."""
    port = port or free_port()
    ready = asyncio.Event()
    task = asyncio.create_task(
        web.serve(village, Messages(), "127.0.0.1", port, practice=practice, ready=ready, patience=patience)
    )
    opened = asyncio.create_task(ready.wait())
    await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
    opened.cancel()
    if task.done():
        await task
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
