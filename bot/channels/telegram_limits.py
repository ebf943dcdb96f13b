"""Telegram's limits: how often a bot may write, in all, to one chat and to one group; how long a text is.

About 30 messages/s per bot, 1/s per chat with short bursts, 20/min per group. The seconds are passed in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

TEXT: Final = 4096
CAPTION: Final = 1024
"""UTF-16 code units of a message and of the text under a document."""
_MANY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages per second in all and per chat with their bursts, per minute in a group; None: no limit."""

    per_second: float | None = 30.0
    burst: float = 10.0
    chat_per_second: float | None = 1.0
    chat_burst: float = 4.0
    group_per_minute: int | None = 20


USUAL: Final = Limits()
"""What Telegram grants every bot."""
LIFTED: Final = Limits(per_second=None, chat_per_second=None, group_per_minute=None)
"""No limit at all, for a server of one's own and for measurements."""


class Bucket:
    """Tokens that fill at `rate` a second up to `burst`; it can go into debt."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._tokens, self._at = rate, burst, burst, now

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        # A clock that is set back fills nothing and takes nothing away.
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        # Sums of fractions may miss a whole token by a hair; waiting for that hair would spin.
        return 0.0 if self._tokens >= 1 - 1e-6 else (1 - self._tokens) / self._rate

    def spend(self, now: float) -> None:
        """Take a token."""
        self.wait(now)
        self._tokens -= 1

    def is_full(self, now: float) -> bool:
        """Whether it is as good as new."""
        self.wait(now)
        return self._tokens >= self._burst


class TelegramPace:
    """Keeps to `limits`; the addresses of groups are negative."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._all: Bucket | None = None
        self._chats: dict[str, Bucket] = {}
        self._groups: dict[str, deque[float]] = {}

    def wait(self, address: str, now: float) -> float:
        """Seconds until this chat may be written to; 0 when it may be now."""
        waits = [bucket.wait(now) for bucket in self._buckets(address, now)]
        group = self._group(address)
        if group is not None and len(group) == group.maxlen:
            waits.append(group[0] + 60.0 - now)
        return max(0.0, *waits) if waits else 0.0

    def spend(self, address: str, now: float) -> None:
        """Count one call to this chat, even one that could not wait."""
        for bucket in self._buckets(address, now):
            bucket.spend(now)
        if (group := self._group(address)) is not None:
            group.append(now)

    def _buckets(self, address: str, now: float) -> list[Bucket]:
        limits, buckets = self._limits, []
        if limits.per_second is not None:
            self._all = self._all or Bucket(limits.per_second, limits.burst, now)
            buckets.append(self._all)
        if limits.chat_per_second is not None:
            chat = self._chats.get(address)
            if chat is None:
                self._forget_idle(now)
                chat = self._chats[address] = Bucket(limits.chat_per_second, limits.chat_burst, now)
            buckets.append(chat)
        return buckets

    def _group(self, address: str) -> deque[float] | None:
        if self._limits.group_per_minute is None or not address.startswith("-"):
            return None
        return self._groups.setdefault(address, deque(maxlen=self._limits.group_per_minute))

    def _forget_idle(self, now: float) -> None:
        """Drop chats that are as good as new, once in a while."""
        if len(self._chats) % _MANY == _MANY - 1:
            self._chats = {key: chat for key, chat in self._chats.items() if not chat.is_full(now)}
