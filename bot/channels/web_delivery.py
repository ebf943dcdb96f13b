"""What a browser sends reaches the conversation once and in order, however often it is sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Final

REMEMBERED: Final = 500  # sendings of one person, far more than a browser keeps waiting


class Deliveries:
    """Sendings by person and key. A browser repeats what was not confirmed, with the same key."""

    def __init__(self) -> None:
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._done: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    async def once(self, address: str, key: str, act: Callable[[], Awaitable[None]]) -> bool:
        """Do `act` unless this key was done before; whether it was done now. Acts of one person queue."""
        async with self._turns[address]:
            if key in self._done[address]:
                return False
            await act()
            self._done[address].append(key)
            return True
