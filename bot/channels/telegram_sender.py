"""The mouth: sends what waits in the outbox, within Telegram's limits, in order within each chat."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Bot

from bot.channels.sender import (
    PER_CHAT,
    WINDOW,
    Delivered,
    Impossible,
    Pause,
    Postponed,
    Schedule,
    Troubles,
    Unreachable,
    Verdict,
)
from bot.channels.telegram import CHANNEL
from bot.channels.telegram_delivery import Delivery
from bot.channels.telegram_limits import USUAL, Limits, TelegramPace
from bot.storage import chats, outbox
from bot.storage.database import Database
from bot.storage.outbox import EVERYWHERE, Message, Sent

log = logging.getLogger(__name__)

_REMEMBERED: Final = 10_000  # slots whose standing message is known without asking the database


@dataclass(frozen=True, slots=True)
class _Result:
    """How the sending of `row` (None: the stripping of an old keyboard) to `address` ended."""

    address: str
    row: int | None
    verdict: Verdict

    @property
    def halted(self) -> str | None:
        """The chat (or EVERYWHERE) that was halted until this is recorded."""
        match self.verdict:
            case Pause(address):
                return address
            case Unreachable():
                return self.address
        return None


class Sender:
    """Sends what waits for Telegram until its `run` is cancelled.

    `parallel` rows are on their way at once. Every `idle` seconds it looks into the outbox unasked, for what
    other processes wrote or was planned for now. When it is cancelled, what is on its way has `grace` seconds
    to arrive; only what is still on its way after that, or at a crash, can be sent twice.
    """

    def __init__(
        self,
        bot: Bot,
        database: Database,
        now: Callable[[], datetime],
        *,
        limits: Limits = USUAL,
        parallel: int = 16,
        idle: float = 2.0,
        grace: float = 5.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._delivery = Delivery(bot, database)
        self._database = database
        self._now = now
        self._parallel = parallel
        self._idle = timedelta(seconds=idle)
        self._grace = grace
        self._pace = TelegramPace(limits)
        self._schedule = Schedule(self._pace)
        self._troubles = Troubles(chance)
        self._results: list[_Result] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots: OrderedDict[tuple[str, str], int | None] = OrderedDict()
        self._look_at = datetime.min.replace(tzinfo=UTC)
        self._pauses: set[datetime] = set()
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Say that something was enqueued; call it after the commit."""
        self._schedule.hungry = True
        self._woken.set()

    async def run(self) -> None:
        """Send until cancelled; raises nothing else."""
        async with self._database.sole(f"send:{CHANNEL}"):
            self._stopping = False
            try:
                while True:
                    self._woken.clear()
                    try:
                        await self._turn()
                    except (SQLAlchemyError, OSError) as error:
                        log.error("the outbox cannot be used (%s); trying again", type(error).__name__)
                        await asyncio.sleep(1.0)
                        continue
                    await self._rest()
            finally:
                await self._close()

    async def _turn(self) -> None:
        """Record what has ended meanwhile, look for more if there is reason to, begin what may begin."""
        now = self._now()
        hungry = self._schedule.hungry or now >= self._next_look()
        results, self._results = self._results, []
        if results or hungry:
            self._schedule.hungry = False
            try:
                begin = self._database.transaction if results else self._database.reading
                async with begin() as conn:
                    await self._record(conn, results, now)
                    rows = await self._take(conn, now) if hungry else None
            except BaseException:
                self._results = results + self._results
                self._schedule.hungry = self._schedule.hungry or hungry
                raise
            self._recorded(results)
            if rows is not None:
                self._schedule.refill(rows)
                self._look_at = now + self._idle
                self._pauses = {until for until in self._pauses if until > now}
        self._begin()

    def _next_look(self) -> datetime:
        return min({self._look_at, *self._pauses})

    async def _take(self, conn: AsyncConnection, now: datetime) -> list[Message]:
        busy = self._schedule.begun
        return await outbox.take(conn, CHANNEL, now, WINDOW, busy=busy, per_chat=PER_CHAT)

    async def _record(self, conn: AsyncConnection, results: Sequence[_Result], now: datetime) -> None:
        """Write how rows ended. A pause counts from when it is written: rather too long than too short."""
        sent: list[Sent] = []
        for result in results:
            match result.verdict:
                case Delivered(message_id):
                    if result.row is not None:
                        sent.append(Sent(result.row, message_id))
                case Impossible(error):
                    if result.row is not None:
                        log.error("row %d of the outbox failed: %s", result.row, error)
                        await outbox.fail(conn, result.row, error)
                case Unreachable(error):
                    await chats.set_reachable(conn, CHANNEL, result.address, False)
                    await outbox.fail_chat(conn, CHANNEL, result.address, error)
                case Pause(address, seconds, error):
                    until = now + timedelta(seconds=seconds)
                    # A fault of everybody's is not an attempt: however long it lasts, no row is given up.
                    tried = [] if result.row is None or address == EVERYWHERE else [result.row]
                    log.warning(
                        "%s pauses for %.1f s: %s", "a chat" if address else "everything", seconds, error
                    )
                    await outbox.pause(conn, CHANNEL, address, until, tried=tried, error=error)
                    self._pauses.add(until)
        await outbox.mark_sent(conn, sent, now)

    def _recorded(self, results: Sequence[_Result]) -> None:
        ended = [result.row for result in results if result.row is not None]
        halted = [result.halted for result in results if result.halted is not None]
        self._schedule.recorded(ended, halted)

    async def _rest(self) -> None:
        """Wait until something ends or is enqueued, a limit or a pause is over, or it is time to look."""
        if self._schedule.hungry or self._results:
            return
        now = self._now()
        waits = [(self._next_look() - now).total_seconds()]
        if len(self._tasks) < self._parallel and (wait := self._schedule.wait(now.timestamp())) is not None:
            waits.append(wait)
        try:
            async with asyncio.timeout(max(0.001, min(waits))):
                await self._woken.wait()
        except TimeoutError:
            return

    def _begin(self) -> None:
        """Begin what may begin now."""
        now = self._now().timestamp()
        while len(self._tasks) < self._parallel and not self._stopping:
            message = self._schedule.next(now)
            if message is None:
                return
            task = asyncio.create_task(self._send(message))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin()
        self._woken.set()

    async def _send(self, message: Message) -> None:
        standing = await self._standing(message)
        outcome = await self._delivery.deliver(message)
        now = self._now().timestamp()
        verdict = self._troubles.judge(message, outcome, now)
        self._results.append(_Result(message.address, message.id, verdict))
        self._schedule.end(message, verdict)
        self._woken.set()
        if not isinstance(outcome, Delivered):
            return
        for _ in range(outcome.calls - 1):
            self._pace.spend(message.address, now)
        self._remember(message, outcome)
        self._begin()
        for old in {standing, outcome.stale} - {None, outcome.message_id}:
            await self._strip(message.address, old)

    async def _standing(self, message: Message) -> int | None:
        """The message that a new one in a slot takes the place of, when it may still have buttons."""
        if message.slot is None or message.kind not in ("send", "document"):
            return None
        key = (message.address, message.slot)
        if key in self._slots:
            return self._slots[key]
        try:
            async with self._database.reading() as conn:
                return await outbox.latest_message(conn, CHANNEL, message.address, message.slot)
        except SQLAlchemyError:
            return None  # an old keyboard that stays does no harm

    def _remember(self, message: Message, delivered: Delivered) -> None:
        if message.slot is None:
            return
        key = (message.address, message.slot)
        self._slots.pop(key, None)
        self._slots[key] = delivered.message_id if message.payload.get("buttons") else None
        if len(self._slots) > _REMEMBERED:
            self._slots.popitem(last=False)

    async def _strip(self, address: str, message_id: int | None) -> None:
        """Take the buttons off an old message, best effort; only a 429 has consequences."""
        if message_id is None:
            return
        self._pace.spend(address, self._now().timestamp())
        outcome = await self._delivery.strip(address, message_id)
        if isinstance(outcome, Postponed) and outcome.seconds is not None:
            self._schedule.halt(address)
            self._results.append(_Result(address, None, Pause(address, outcome.seconds, outcome.error)))

    async def _close(self) -> None:
        """Let what is on its way arrive, and record it."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._grace)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        results, self._results = self._results, []
        if not results:
            return
        try:
            async with self._database.transaction() as conn:
                await self._record(conn, results, self._now())
        except SQLAlchemyError as error:
            log.error("%d sent rows are not recorded (%s)", len(results), type(error).__name__)
            return
        self._recorded(results)
