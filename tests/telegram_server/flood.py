"""Flood limits: how often a bot may speak, overall, to one chat and to one group."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from tests.telegram_server.clock import Clock
from tests.telegram_server.refusals import too_many_requests


@dataclass(slots=True)
class Bucket:
    """Tokens that fill at `rate` a second up to `burst`."""

    rate: float
    burst: float
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there (0 when one is)."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate


class Flood:
    """About 30 messages/s per bot, 1/s per chat with short bursts, 20/min per group. Off until `enabled`.

    Pauses announced by a 429 (real or injected) are remembered either way: `too_early` counts the requests
    that did not wait for them.
    """

    def __init__(self, clock: Clock, *, enabled: bool = False) -> None:
        self.enabled = enabled
        self.per_second = 30.0
        self.chat_rate = 1.0
        self.chat_burst = 5.0
        self.group_minute = 20
        self.too_early = 0
        self._clock = clock
        self._bot: Bucket | None = None
        self._chats: dict[int, Bucket] = {}
        self._groups: dict[int, deque[float]] = {}
        self._paused: dict[int, float] = {}

    def pause(self, chat_id: int | None, seconds: int) -> None:
        """Remember that the bot was told to leave this chat alone for `seconds`."""
        if chat_id is not None:
            self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), self._clock.now() + seconds)

    def arrived(self, chat_id: int | None) -> None:
        """Count a request that comes before the pause of its chat is over."""
        if chat_id is not None and self._clock.now() < self._paused.get(chat_id, 0.0):
            self.too_early += 1

    def admit(self, chat_id: int) -> None:
        """Count one message to a chat; raises 429 when it is one too many."""
        if not self.enabled:
            return
        now = self._clock.now()
        wait = max(self._paused.get(chat_id, 0.0) - now, self._wait(chat_id, now))
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            self.pause(chat_id, seconds)
            raise too_many_requests(seconds)
        self._spend(chat_id, now)

    def _wait(self, chat_id: int, now: float) -> float:
        if self._bot is None:
            self._bot = Bucket(self.per_second, self.per_second, self.per_second, now)
        bucket = self._chats.get(chat_id)
        if bucket is None:
            bucket = self._chats[chat_id] = Bucket(self.chat_rate, self.chat_burst, self.chat_burst, now)
        wait = max(self._bot.wait(now), bucket.wait(now))
        if chat_id < 0:
            sent = self._groups.setdefault(chat_id, deque())
            while sent and sent[0] <= now - 60:
                sent.popleft()
            if len(sent) >= self.group_minute:
                wait = max(wait, sent[0] + 60 - now)
        return wait

    def _spend(self, chat_id: int, now: float) -> None:
        assert self._bot is not None
        self._bot.tokens -= 1
        self._chats[chat_id].tokens -= 1
        if chat_id < 0:
            self._groups[chat_id].append(now)
