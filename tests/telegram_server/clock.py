"""The server's clock: Unix seconds that run with the machine and can be moved forward at will."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Alarm:
    """One call planned on a `Clock`; `cancel()` forgets it."""

    __slots__ = ("_clock", "callback", "deadline", "due", "handle", "loop")

    def __init__(self, clock: Clock, deadline: float, callback: Callable[[], None]) -> None:
        self._clock = clock
        self.deadline = deadline
        self.callback = callback
        self.loop = asyncio.get_running_loop()
        self.handle: asyncio.Handle | None = None
        self.due = False
        self.arm()

    def arm(self) -> None:
        """Plan the real timer again after the clock was moved."""
        left = self.deadline - self._clock.now()
        if self.due:
            return
        if self.handle is not None:
            self.handle.cancel()
        self.due = left <= 0
        if self.due:
            self._clock.alarms.discard(self)
            self.handle = self.loop.call_soon(self._ring)
        elif self._clock.running:
            self.handle = self.loop.call_later(left, self._ring)

    def _ring(self) -> None:
        if self._clock.now() < self.deadline:
            self.arm()
            return
        self.cancel()
        self.callback()

    def cancel(self) -> None:
        """Forget the call; harmless when it has already happened."""
        self._clock.alarms.discard(self)
        if self.handle is not None:
            self.handle.cancel()


class Clock:
    """Seconds since 1970. With `running=False` it stands still until `advance` is called."""

    def __init__(self, start: float | None = None, *, running: bool = True) -> None:
        self.running = running
        self._start = time.time() if start is None else start
        self._monotonic = time.monotonic()
        self._moved = 0.0
        self.alarms: set[Alarm] = set()

    def now(self) -> float:
        """Unix time in seconds."""
        passed = time.monotonic() - self._monotonic if self.running else 0.0
        return self._start + passed + self._moved

    def advance(self, seconds: float) -> None:
        """Move forward; everything that was waiting for a time now past happens at once."""
        if seconds < 0:
            raise ValueError("a clock only goes forward")
        self._moved += seconds
        for alarm in tuple(self.alarms):
            alarm.arm()

    def call_at(self, deadline: float, callback: Callable[[], None]) -> Alarm:
        """Call back once the clock shows `deadline` (Unix seconds)."""
        alarm = Alarm(self, deadline, callback)
        self.alarms.add(alarm)
        return alarm

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has gone forward by `seconds`."""
        if seconds <= 0:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def ring() -> None:
            if not done.done():
                done.set_result(None)

        alarm = self.call_at(self.now() + seconds, ring)
        try:
            await done
        finally:
            alarm.cancel()
