"""What to send next and what to do about failures: pure bookkeeping for any channel with chats and limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from bot.storage.outbox import EVERYWHERE, Message

WINDOW: Final = 256
"""So many rows are held at a time."""
PER_CHAT: Final = 2
"""So many of them belong to one chat at most: 128 chats at 1/s outrun 30/s, so slow chats starve nobody."""
MOST_ATTEMPTS: Final = 20
"""After so many failures (more than an hour) a row is given up, so that its chat can go on."""
SUSPICIOUS: Final = 3
"""So many chats failing with no success in between mean that the fault is not theirs."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """It stands in the chat as `message_id`, after so many `calls`; the buttons of `stale` should go."""

    message_id: int | None
    calls: int = 1
    stale: int | None = None


@dataclass(frozen=True, slots=True)
class Impossible:
    """This row can never be sent; the chat goes on."""

    error: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Nothing reaches this chat any more."""

    error: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now. `seconds` as the channel asks; None leaves it to us. `general`: no chat could be reached."""

    error: str
    seconds: float | None = None
    general: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Leave `address` (EVERYWHERE: all) alone for `seconds`."""

    address: str
    seconds: float
    error: str


Outcome: TypeAlias = Delivered | Impossible | Unreachable | Postponed
Verdict: TypeAlias = Delivered | Impossible | Unreachable | Pause


class Pace(Protocol):
    """How fast a channel may be spoken to; `now` in seconds."""

    def wait(self, address: str, now: float) -> float:
        """Seconds until this chat may be written to; 0 when it may be now."""
        ...

    def spend(self, address: str, now: float) -> None:
        """Count one call to this chat, even one that could not wait."""
        ...


def delay_after(failures: int, chance: float, most: float = 60.0) -> float:
    """Seconds to wait after failure number `failures` (from 0), doubling; `chance` of 0..1 spreads them."""
    return min(most, 2.0 ** min(failures, 20)) * (0.5 + chance / 2)


class Troubles:
    """Decides how long to be silent after a failure, and towards whom."""

    def __init__(self, chance: Callable[[], float]) -> None:
        """`chance` gives numbers from 0 to 1."""
        self._chance = chance
        self._chats: set[str] = set()
        self._streak = 0
        self._silent_until = 0.0

    def judge(self, message: Message, outcome: Outcome, now: float) -> Verdict:
        """What follows from the outcome of sending `message`."""
        if isinstance(outcome, Delivered):
            self._chats.clear()
            self._streak = 0
            return outcome
        if not isinstance(outcome, Postponed):
            return outcome
        self._chats.add(message.address)
        if outcome.general or len(self._chats) >= SUSPICIOUS:
            return Pause(EVERYWHERE, self._general_silence(outcome, now), outcome.error)
        if outcome.seconds is not None:
            return Pause(message.address, outcome.seconds, outcome.error)
        if message.attempts + 1 >= MOST_ATTEMPTS:
            return Impossible(outcome.error)
        seconds = delay_after(message.attempts, self._chance(), most=300.0)
        return Pause(message.address, seconds, outcome.error)

    def _general_silence(self, outcome: Postponed, now: float) -> float:
        # What was under way when the silence began fails in its wake: that is one failure and not many.
        seconds = self._silent_until - now
        if seconds <= 0:
            seconds = delay_after(self._streak, self._chance())
            self._streak += 1
        if outcome.seconds is not None:
            seconds = max(outcome.seconds, self._silent_until - now)
        self._silent_until = now + seconds
        return seconds


class Schedule:
    """The rows that are held: which one may begin now, one at a time for each chat.

    A row is `begun` until its end is recorded in the outbox, and its chat waits for as long: what nobody
    recorded is sent again after a crash, and of one chat that shall be one message. A chat in trouble is
    halted, so that nothing overtakes the row that failed.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._held: dict[int, Message] = {}
        self._held_of: Counter[str] = Counter()
        self._begun: dict[int, str] = {}
        self._active: set[str] = set()
        self._halted: set[str] = set()
        self._crowded: set[str] = set()
        self._more = False
        self.hungry = True  # whether the outbox may hold rows that could begin and are not held

    @property
    def begun(self) -> list[int]:
        """The rows that were begun and whose end is not recorded yet."""
        return list(self._begun)

    def refill(self, rows: Iterable[Message]) -> None:
        """Hold these rows, as `outbox.take` gave them, instead of those held before."""
        taken = list(rows)
        chats = Counter(row.address for row in taken)
        chats.update(self._begun.values())
        self._crowded = {address for address, number in chats.items() if number >= PER_CHAT}
        self._more = len(taken) >= WINDOW
        # While they were read, some may have been begun, or their chat may have failed.
        self._held = {
            row.id: row for row in taken if row.id not in self._begun and not self._is_halted(row.address)
        }
        self._held_of = Counter(row.address for row in self._held.values())

    def next(self, now: float) -> Message | None:
        """The first row that may begin now; it is begun."""
        for row in self._held.values():
            if row.address not in self._active and self._pace.wait(row.address, now) <= 0:
                break
        else:
            return None
        self._release(row)
        self._begun[row.id] = row.address
        self._active.add(row.address)
        self._pace.spend(row.address, now)
        if self._more and len(self._held) < WINDOW // 4:
            self.hungry = True
        return row

    def end(self, row: Message, verdict: Verdict) -> None:
        """The sending of a begun row has ended; its chat goes on once that is `recorded`."""
        if isinstance(verdict, Pause):
            self.halt(verdict.address)
        elif isinstance(verdict, Unreachable):
            self.halt(row.address)
        elif row.address in self._crowded and not self._held_of[row.address]:
            self.hungry = True

    def halt(self, address: str) -> None:
        """Begin nothing for this chat (EVERYWHERE: for none) until it is `recorded`."""
        self._halted.add(address)
        for row in list(self._held.values()):
            if address in (EVERYWHERE, row.address):
                self._release(row)

    def recorded(self, ids: Iterable[int], addresses: Iterable[str]) -> None:
        """The outbox knows how these rows ended, and that these chats are paused."""
        for id in ids:
            if (address := self._begun.pop(id, None)) is not None:
                self._active.discard(address)
        self._halted.difference_update(addresses)

    def wait(self, now: float) -> float | None:
        """Seconds until the next row may begin by the limits; None when none is held for a free chat."""
        free = (row.address for row in self._held.values() if row.address not in self._active)
        return min((self._pace.wait(address, now) for address in free), default=None)

    def _release(self, row: Message) -> None:
        del self._held[row.id]
        self._held_of[row.address] -= 1

    def _is_halted(self, address: str) -> bool:
        return address in self._halted or EVERYWHERE in self._halted
