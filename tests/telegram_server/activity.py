"""Waiting for something to become true, woken by whatever changes: no polling, no sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 20.0  # real seconds: generous, it only bounds a wait that would never end


class Activity:
    """Wakes those who wait whenever `notify` is called."""

    __slots__ = ("_watchers", "revision")

    def __init__(self) -> None:
        self.revision = 0
        self._watchers: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        """Something changed."""
        self.revision += 1
        if self._watchers:
            watchers, self._watchers = self._watchers, set()
            for watcher in watchers:
                if not watcher.done():
                    watcher.set_result(None)

    async def change(self) -> None:
        """Wait for the next change."""
        watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.add(watcher)
        try:
            await watcher
        finally:
            self._watchers.discard(watcher)

    async def until(self, holds: Callable[[], object], *, patience: float = PATIENCE) -> None:
        """Wait until something holds; a LookupError counts as "not yet". TimeoutError when patience ends."""
        async with asyncio.timeout(patience):
            while True:
                try:
                    if holds():
                        return
                except LookupError:
                    pass
                await self.change()
