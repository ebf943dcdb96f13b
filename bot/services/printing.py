"""Making what was ordered in chats: one order after the other, beside the conversations, whatever is stopped.

An order is a row: a stop in the middle loses nothing, and its file and its message are written together with
its end, so it is sent once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.render import workbooks
from bot.rules.calendar import Period
from bot.services.household_file import names
from bot.services.office import Office, parcel
from bot.services.outgoing import PATIENCE, Message
from bot.services.pipeline import where
from bot.services.reports.making import ask_for, make
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import ReportRefused
from bot.storage import audit, database, files, orders, outbox, regions, visibility
from bot.storage.audit import Entry
from bot.storage.database import Database
from bot.storage.orders import Order
from bot.storage.regions import Region
from bot.storage.sealing import KeyRing

if TYPE_CHECKING:
    from bot.render.chart_view import Chart

log = logging.getLogger(__name__)

TRIES: Final = 3
PACE: Final = 3.0
"""Seconds between two words about how far it is."""
IDLE: Final = 5.0
NO_NAME: Final = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')
"""Signs that stand in no file name: somebody may have typed them into the name of a place."""
WIDTH: Final = 1080
"""Pixels of a chart on a phone."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file that was made: its name tells nothing of a household."""

    name: str
    media_type: str
    content: bytes
    text: str


class Printer:
    """Makes the orders; on PostgreSQL one process does it at a time."""

    def __init__(
        self,
        database: Database,
        url: str,
        office: Office,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
    ) -> None:
        """`url` is that of the database: an order is made on a connection and in a thread of its own."""
        self.database, self.url, self.office, self.now, self.enqueued = database, url, office, now, enqueued
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that something was ordered."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with self.database.sole("print"):
            while True:
                self._woken.clear()
                try:
                    if await self.turn():
                        continue
                except Exception as error:  # noqa: BLE001 (the database is away: the rows wait)
                    log.error("nothing can be printed now: %s", where(error))
                try:
                    await asyncio.wait_for(self._woken.wait(), IDLE)
                except TimeoutError:
                    continue

    async def turn(self) -> bool:
        """Make the first order that waits; whether there was one."""
        async with self.database.reading() as conn:
            if not await orders.any_waiting(conn):
                return False
        async with self.database.transaction() as conn:
            order = await orders.begin_next(conn)
        if order is None:
            return False
        try:
            printed: Sequence[Printed] = await self._made(order)
        except ReportRefused as refused:
            text = self.office.say("reports.refused", reason=refused.reason, facts=refused.facts)
            await self._end(order, [Message(text)], failed=True)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other orders must not wait for it)
            log.error("order %d failed: %s", order.id, where(error))
            if order.attempts + 1 >= TRIES:
                await self._end(order, [Message(self.office.say("reports.failed"))], failed=True)
        else:
            await self._end(order, printed)
        return True

    async def _made(self, order: Order) -> Sequence[Printed]:
        """Make the order in a thread, and tell who waits how it goes."""
        progress = Progress()
        work = asyncio.create_task(
            asyncio.to_thread(_print, self.url, self.database.ring, self.office, order, self.now(), progress)
        )
        told, patience = None, PATIENCE
        try:
            while not (await asyncio.wait({work}, timeout=patience))[0]:
                state = (progress.done, progress.total)
                if state != told:
                    await self._tell(order, progress, first=told is None)
                told, patience = state, PACE
            return work.result()
        finally:
            if not work.done():
                progress.stopped = True

    async def _tell(self, order: Order, progress: Progress, *, first: bool) -> None:
        name = self.office.content.layouts[str(order.wanted["report"])].name
        text = self.office.say("reports.making", name=name, done=progress.done, total=progress.total)
        slot = f"order{order.id}"
        async with self.database.transaction() as conn:
            shown = None
            if not first:
                shown = await outbox.latest_message(conn, order.channel, order.address, slot)
            message = parcel(Message(text, slot=slot), order.channel, order.address, edit=shown)
            await outbox.enqueue(conn, [message], self.now())
        self.enqueued()

    async def _end(self, order: Order, results: Sequence[Printed | Message], *, failed: bool = False) -> None:
        """Keep the files, enqueue the messages and close the order, all at once."""
        async with self.database.transaction() as conn:
            id, messages = None, []
            for result in results:
                if isinstance(result, Printed):
                    new = files.NewFile(None, result.name, result.media_type, result.content, self.now())
                    id = await files.put(conn, new)
                    result = Message(result.text, file_id=id)
                messages.append(parcel(result, order.channel, order.address))
            await outbox.enqueue(conn, messages, self.now())
            await orders.end(conn, order.id, failed=failed, file_id=id)
            if id is not None:
                await audit.append(conn, [_given_out(order, self.now())])
        self.enqueued()


def _given_out(order: Order, now: datetime) -> Entry:
    """That somebody was given a table, which may name many households of the region."""
    region, what = order.wanted["region"], {"order": order.id, **order.wanted}
    return Entry(
        at=now, person_id=order.person_id, deed="seen", subject="region", subject_id=region, what=what
    )


class NotAllowed(ReportRefused):
    """Person {person} may not have this table any more."""

    reason = "right"


class Stopped(HubangError):
    """The bot ends: the order is made anew when it runs again."""


@dataclass(slots=True)
class Progress:
    """How far the work is, shared between the thread that does it and the one that tells of it."""

    done: int = 0
    total: int | None = None
    stopped: bool = False

    def __call__(self, done: int, total: int | None) -> None:
        """So much is done; raises Stopped when nobody waits for it any more."""
        if self.stopped:
            raise Stopped
        self.done, self.total = done, total


def _print(
    url: str, ring: KeyRing, office: Office, order: Order, now: datetime, progress: Progress
) -> list[Printed]:
    """Make an order; a thread of its own has a loop and a database connection of its own."""
    return asyncio.run(_printed(url, ring, office, order, now, progress))


async def _printed(
    url: str, ring: KeyRing, office: Office, order: Order, now: datetime, progress: Progress
) -> list[Printed]:
    opened = database.connect(url, ring)
    try:
        async with opened.reporting() as conn:
            return await printed(conn, office, order, now, progress)
    finally:
        await opened.dispose()


async def printed(
    conn: AsyncConnection, office: Office, order: Order, now: datetime, progress: Progress
) -> list[Printed]:
    """The files of an order: its charts, if it has any, and its table. ReportRefused when there are none.

    Whoever ordered must still be allowed to have it: since then the bot may have stood still for days.
    """
    wanted = order.wanted
    report = REPORTS[str(wanted["report"])]
    region = await _allowed(conn, order, now)
    days = Period(date.fromisoformat(wanted["first"]), date.fromisoformat(wanted["last"]))
    ask = ask_for(
        office,
        report,
        region,
        now,
        period=days,
        scheme=wanted.get("scheme", ""),
        household=wanted.get("household"),
        progress=progress,
    )
    book = await make(conn, report, ask)
    name, said = ask.layout.name, ask.said()
    named = office.say("reports.file_name", id=report.id, name=name, region=region.name, day=ask.today)
    stem = NO_NAME.sub("_", named)
    found = [] if report.draw is None else _drawn(office, await report.draw(conn, ask), stem)
    days_said = said["until" if report.per == "day" else "period"]
    household = order.wanted.get("household")
    whose = region.name if household is None else (await names(conn, office, [household]))[household]
    text = office.say("reports.ready", name=name, region=whose, period=days_said, as_of=report.per == "day")
    found.append(Printed(f"{stem}.xlsx", workbooks.SHEET, workbooks.write(book), text))
    return found


async def _allowed(conn: AsyncConnection, order: Order, now: datetime) -> Region:
    """The region of the order; NotAllowed when the person may not have it, or the household, any more."""
    region_id, household = int(order.wanted["region"]), order.wanted.get("household")
    if household is None:
        region = await visibility.overseen(conn, order.person_id, region_id, now)
    else:
        seen = await visibility.in_charge(conn, order.person_id, [household], now)
        region = await regions.get(conn, region_id) if seen else None
    if region is None:
        raise NotAllowed(person=order.person_id)
    return region


def _drawn(office: Office, charts: Sequence[Chart], stem: str) -> list[Printed]:
    """The charts as pictures."""
    from bot.render.charts import chart_svg  # only now: few orders have any, and a font takes a while to read
    from bot.render.pictures import PNG, png

    return [
        Printed(
            f"{stem}-{number}.png",
            PNG,
            png(chart_svg(chart), width=WIDTH),
            office.say("reports.chart", title=chart.title),
        )
        for number, chart in enumerate(charts, 1)
    ]
