"""Looking at conversations: each is read once for all the browsers that show it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

from bot.channels.web_port import ChatMessage, Conversations

LOG: Final = logging.getLogger(__name__)
AT_LEAST_EVERY: Final = 20.0  # seconds; a look even when nothing was announced
AFTER_TROUBLE: Final = 2.0  # seconds before the next try


class Watch:
    """One person's conversation, kept fresh while somebody looks."""

    def __init__(self, conversations: Conversations, address: str) -> None:
        self._conversations = conversations
        self._address = address
        self._history: Sequence[ChatMessage] | None = None
        self._news = asyncio.Event()
        self.viewers = 0
        self.task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Read again whenever something may have changed, until cancelled."""
        while True:
            # Listening starts before reading, so that no change falls between the two.
            announced = asyncio.ensure_future(self._conversations.changed(self._address, AT_LEAST_EVERY))
            try:
                await asyncio.sleep(0)
                self._tell(await self._conversations.history(self._address))
                await announced
            except Exception:
                LOG.exception("a conversation could not be read")
                await asyncio.sleep(AFTER_TROUBLE)
            finally:
                if not announced.done():
                    announced.cancel()
                    await asyncio.wait([announced])

    def _tell(self, history: Sequence[ChatMessage]) -> None:
        self._history = history
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def looks(self) -> AsyncGenerator[Sequence[ChatMessage]]:
        """The conversation now and after every change; a slow viewer skips what is already past."""
        seen: Sequence[ChatMessage] | None = None
        while True:
            news = self._news
            if self._history is not None and self._history is not seen:
                seen = self._history
                yield seen
            else:
                await news.wait()


class Watches:
    """The conversations that are being looked at now."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._watches: dict[str, Watch] = {}

    @contextlib.asynccontextmanager
    async def watching(self, address: str) -> AsyncIterator[Watch]:
        """Look at one conversation; reading starts with the first viewer and ends with the last."""
        watch = self._watches.get(address)
        if watch is None:
            watch = self._watches[address] = Watch(self._conversations, address)
            watch.task = asyncio.create_task(watch.run())
        watch.viewers += 1
        try:
            yield watch
        finally:
            watch.viewers -= 1
            if not watch.viewers and watch.task is not None:
                del self._watches[address]
                watch.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch.task
