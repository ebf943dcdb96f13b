"""The queue of updates: ids, confirmation by offset, expiry, long polling and the conflict of two pollers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from tests.telegram_server.activity import Activity
from tests.telegram_server.clock import Clock
from tests.telegram_server.faults import Faults, Kind
from tests.telegram_server.refusals import Refused, conflict

MESSAGE_LIFETIME = 86_400.0
CALLBACK_LIFETIME = 150.0
REPLY_BYTES = 1 << 22
LONG_POLL_MAX = 50
FIRST_ID = 100_000_001
HELD_BACK = 0.02  # real seconds an overtaken update waits for the one that overtakes it
SILENT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
OTHER_GETUPDATES = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Update:
    """One update. `key` orders deliveries: the chat for messages, the person (plus a class) for taps."""

    kind: str
    content: dict[str, Any]
    key: int
    expires: float
    chat_id: int | None
    update_id: int = 0
    raw: bytes = b""
    again: int = 0
    gone: bool = False


@dataclass(slots=True)
class Poll:
    """A getUpdates call that waits."""

    done: asyncio.Future[None]
    woken: bool = False


class UpdateQueue:
    """All updates that are not confirmed yet, in the order of their ids."""

    def __init__(self, clock: Clock, faults: Faults, activity: Activity) -> None:
        self.clock = clock
        self.activity = activity
        self.faults = faults
        self.strict_repeats = True
        self.pushed = self.delivered = self.confirmed = self.expired = self.conflicts = 0
        self.allowed: frozenset[str] | None = None
        self.on_ready: Callable[[Update], None] | None = None
        self._queue: deque[Update] = deque()
        self._alive = 0
        self._earliest = float("inf")
        self._next_id = FIRST_ID
        self._overtaken: Update | None = None
        self._held: list[Update] | None = None
        self._waiting: Poll | None = None
        self._last_offset = 0
        self._last_start = float("-inf")
        self._next_conflict = float("-inf")

    # --- putting in ---------------------------------------------------------------------------------------

    def push(
        self, kind: str, content: dict[str, Any], *, key: int, lifetime: float, chat_id: int | None = None
    ) -> Update:
        """Queue an update; it gets its id when it is really queued (see `held` and the fault REORDER)."""
        update = Update(kind, content, key, self.clock.now() + lifetime, chat_id)
        allowed = kind not in SILENT if self.allowed is None else kind in self.allowed
        if not allowed:
            update.gone = True
            return update
        self.pushed += 1
        if self._held is not None:
            self._held.append(update)
            return update
        before = self._overtaken
        if before is not None and before.key == update.key:
            self._release_overtaken()
            before = None
        if before is None and self.faults.for_delivery(Kind.REORDER, chat_id):
            self._overtaken = update
            asyncio.get_running_loop().call_later(HELD_BACK, self._release_overtaken, update)
            return update
        self._enqueue(update)
        self._release_overtaken()
        return update

    def _release_overtaken(self, only: Update | None = None) -> None:
        update = self._overtaken
        if update is not None and (only is None or only is update):
            self._overtaken = None
            self._enqueue(update)

    def _enqueue(self, update: Update) -> None:
        update.update_id = self._next_id
        self._next_id += 1
        update.raw = orjson.dumps({"update_id": update.update_id, update.kind: update.content})
        if self.faults.for_delivery(Kind.DUPLICATE, update.chat_id):
            update.again = 1
        self._queue.append(update)
        self._alive += 1
        self._earliest = min(self._earliest, update.expires)
        if self.on_ready is not None:
            self.on_ready(update)
        else:
            self._wake()

    @contextmanager
    def held(self, *, shuffled: bool = False) -> Iterator[None]:
        """Reorder what is pushed inside: keys reversed or shuffled, each key in its own order."""
        held: list[Update] = []
        self._held = held
        try:
            yield
        finally:
            self._held = None
            lanes: dict[int, deque[Update]] = {}
            for update in held:
                lanes.setdefault(update.key, deque()).append(update)
            keys = [update.key for update in held]
            if shuffled:
                self.faults.random.shuffle(keys)
            else:
                keys = [key for lane in reversed(lanes) for key in [lane] * len(lanes[lane])]
            for key in keys:
                self._enqueue(lanes[key].popleft())

    # --- taking out ---------------------------------------------------------------------------------------

    @property
    def polled(self) -> bool:
        """Whether a getUpdates call is waiting now."""
        return self._waiting is not None

    @property
    def pending(self) -> int:
        """How many updates wait for confirmation."""
        self._expire()
        return self._alive

    def waiting(self) -> Iterator[Update]:
        """The updates that wait for confirmation, oldest first."""
        self._expire()
        return (update for update in tuple(self._queue) if not update.gone)

    def forget(self, update: Update, *, expired: bool = False) -> None:
        """This one is done with: the webhook has accepted it, or it came to its end."""
        if not update.gone:
            update.gone = True
            self._alive -= 1
            self.expired += expired
        while self._queue and self._queue[0].gone:
            self._queue.popleft()
        self.activity.notify()

    def keep(self, count: int) -> None:
        """Drop all but the newest `count` updates (a negative offset, or drop_pending_updates)."""
        alive = list(self.waiting())
        for update in alive[: max(0, len(alive) - count)]:
            self.forget(update)

    def _expire(self) -> None:
        now = self.clock.now()
        if now < self._earliest:
            return
        for update in tuple(self._queue):
            if not update.gone and update.expires <= now:
                self.forget(update, expired=True)
        self._earliest = min(
            (update.expires for update in self._queue if not update.gone), default=float("inf")
        )

    def _confirm(self, offset: int) -> None:
        queue = self._queue
        again: list[Update] = []
        while queue and queue[0].update_id < offset:
            update = queue.popleft()
            if update.gone:
                continue
            if update.again > 0:
                update.again -= 1
                again.append(update)
            else:
                update.gone = True
                self._alive -= 1
                self.confirmed += 1
        queue.extendleft(reversed(again))

    def _take(self, offset: int, limit: int) -> list[bytes]:
        if 0 < offset <= self._next_id + 9:  # an offset from the far future confirms nothing
            self._confirm(offset)
        self._expire()
        left = REPLY_BYTES
        batch: list[bytes] = []
        for update in self._queue:
            if update.gone:
                continue
            left -= len(update.raw)
            if len(batch) >= limit or (left <= 0 and batch):
                break
            batch.append(update.raw)
        self.delivered += len(batch)
        self.activity.notify()
        return batch

    # --- long polling -------------------------------------------------------------------------------------

    async def poll(self, offset: int, limit: int, seconds: int) -> list[bytes]:
        """One getUpdates call. Raises 409 in the older of two calls that wait at the same time."""
        limit = min(max(limit, 1), 100)
        seconds = min(max(seconds, 0), LONG_POLL_MAX)
        now = self.clock.now()
        if self.strict_repeats and offset == self._last_offset:
            if seconds < 3 and now < self._last_start + 3.0:
                seconds = 3
            if now < self._last_start + 0.5:
                limit = 1
        self._last_offset, self._last_start = offset, now
        if offset < 0:
            self.keep(-offset)
        batch = self._take(offset, limit)
        if batch or seconds == 0:
            return batch
        self.interrupt(OTHER_GETUPDATES)
        poll = self._waiting = Poll(asyncio.get_running_loop().create_future())
        self.activity.notify()
        alarm = self.clock.call_at(now + seconds, lambda: self._finish(poll))
        try:
            await poll.done
        finally:
            alarm.cancel()
            if self._waiting is poll:
                self._waiting = None
        return self._take(offset, limit)

    def interrupt(self, why: str) -> None:
        """End the waiting call with 409; a second conflict within 3 s is answered 3 s late."""
        poll, self._waiting = self._waiting, None
        if poll is None:
            return
        self.conflicts += 1
        self.refuse_late(conflict(why), poll.done)

    def refuse_late(self, refusal: Refused, done: asyncio.Future[None]) -> None:
        """Fail a call with a conflict, at once or after the pause that the real server makes."""
        now = self.clock.now()
        if now >= self._next_conflict:
            self._next_conflict = now + 3.0
            self._fail(refusal, done)
        else:
            self.clock.call_at(now + 3.0, lambda: self._fail(refusal, done))

    @staticmethod
    def _fail(refusal: Refused, done: asyncio.Future[None]) -> None:
        if not done.done():
            done.set_exception(refusal)

    @staticmethod
    def _finish(poll: Poll) -> None:
        if not poll.done.done():
            poll.done.set_result(None)

    def _wake(self) -> None:
        poll = self._waiting
        if poll is not None and not poll.woken:
            poll.woken = True
            poll.done.get_loop().call_later(0.001, self._finish, poll)
