"""Tells people what is due, from rows that survive restarts: who has to do it, who is above, the bulletin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.reminders import BULLETIN, SUPERIOR
from bot.services import digests, duty_planning, left_behind, region_duties, signatures_alerts
from bot.services.digests import Share
from bot.services.duty_planning import moment
from bot.services.hierarchy import Hierarchy
from bot.services.office import Office, parcel
from bot.storage import alerts, due_reminders, outbox, people, postponements
from bot.storage.database import Database
from bot.storage.due_reminders import Advance
from bot.storage.duties import Duty

log = logging.getLogger(__name__)

CROWD: Final = 200
"""So many people at most are told in one transaction."""
IDLE: Final = 60.0


class Reminder:
    """Sends what is due, again and again; nothing is kept but rows, so a stop loses nothing.

    Each stage of a duty is told of once: the rows move on in the transaction that holds the messages. What
    one person has to hear at a time comes as one message, never in quiet hours.
    """

    def __init__(
        self,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
    ) -> None:
        """`enqueued` is called after a commit that left something to send."""
        self.database = database
        self.office = office
        self.now = now
        self.enqueued = enqueued

    async def run(self) -> None:
        """Remind until cancelled; on the first round and every new day plan ahead."""
        planned: date | None = None
        while True:
            try:
                if planned != (today := self.office.today(self.now())):
                    await self.plan()
                    planned = today
                if await self.tick():
                    continue
            except Exception as error:  # noqa: BLE001 (the database is away: the rows wait)
                log.error("nobody can be reminded now: %s", type(error).__name__)
            await asyncio.sleep(IDLE)

    async def plan(self) -> int:
        """Plan what regions owe (how many duties are new), and on for households that nobody touches."""
        now = self.now()
        async with self.database.transaction() as conn:
            planned = await region_duties.plan(conn, self.office, now)
        for scheme in self.office.schemes:
            last: int | None = 0
            while last is not None:
                async with self.database.transaction() as conn:
                    last = await duty_planning.carry_on(conn, self.office, scheme, now, last)
        return planned

    async def tick(self) -> int:
        """Tell of what is due by now; how many duties that were. None at all in quiet hours."""
        now = self.now()
        if not self.office.reminders.is_open(now.astimezone(self.office.zone).time()):
            return 0
        told = await self._tell(now, None)
        async with self.database.reading() as conn:
            waiting = await due_reminders.people_to_remind(conn, now)
        for first in range(0, len(waiting), CROWD):
            told += await self._tell(now, waiting[first : first + CROWD])
        return told

    async def _tell(self, now: datetime, crowd: Sequence[int] | None) -> int:
        """Tell these people of their own duties; of None those whom something else concerns too.

        Whoever gets a copy, reads the bulletin, holds a post or has alerts of the night hears of everything
        of theirs in the same message.
        """
        async with self.database.transaction() as conn:
            who = Hierarchy(conn, self.office, now)
            shares: dict[int, Share] = {}
            due: list[Duty] = []
            if crowd is None:
                await signatures_alerts.raise_late(conn, self.office, now)
                await left_behind.warn(conn, self.office, now)
                shares = await waiting_alerts(conn, now)
                due = await due_reminders.shared_to_remind(conn, now)
            to = await receivers(who, due)
            own = {*shares, *chain.from_iterable(to.values())} if crowd is None else crowd
            theirs = await due_reminders.to_remind_of(conn, own, now)
            to |= await receivers(who, theirs)
            due += theirs
            for duty in due:
                for person in to[duty.id]:
                    shares.setdefault(person, Share()).add(duty)
            if not due and not shares:
                return 0
            await self._send(conn, who, due, shares, now)
            put_off = await postponements.put_off_until(conn, [duty.id for duty in due])
            steps = [next_step(self.office, each, put_off.get(each.id), now) for each in due]
            await due_reminders.advance(conn, steps)
        self.enqueued()
        return len(due)

    async def _send(
        self,
        conn: AsyncConnection,
        who: Hierarchy,
        due: Sequence[Duty],
        shares: Mapping[int, Share],
        now: datetime,
    ) -> None:
        """A message for everybody who has a share."""
        late = [duty for duty in due if duty.stage == SUPERIOR]
        doers = {duty.id: await names_of(who, await who.doers(duty)) for duty in late}
        called = await digests.called(conn, self.office, due, doers)
        today = self.office.today(now)
        messages = {
            person: digests.message(self.office, share, called, today) for person, share in shares.items()
        }
        accounts = await people.accounts_of(conn, sorted(messages)) if messages else []
        parcels = [parcel(messages[each.person_id], each.channel, each.address) for each in accounts]
        await outbox.enqueue(conn, parcels, now)


async def receivers(who: Hierarchy, due: Sequence[Duty]) -> dict[int, tuple[int, ...]]:
    """Whom to tell of the present stage of each duty: who has to do it, who is above, who reads of it."""
    await who.learn(due)
    found: dict[int, tuple[int, ...]] = {}
    for duty in due:
        if duty.stage >= BULLETIN:
            found[duty.id] = await who.readers(duty)
        elif duty.stage == SUPERIOR:
            found[duty.id] = await who.above(duty)
        else:
            found[duty.id] = await who.doers(duty)
    homes = [each.household_id for each in due if each.household_id is not None and each.stage < SUPERIOR]
    beside = await left_behind.also_told(who.conn, homes, who.now) if homes else {}
    for duty in due if beside else ():
        more = beside.get(duty.household_id or 0, frozenset()) if duty.stage < SUPERIOR else frozenset()
        found[duty.id] = (*found[duty.id], *sorted(more - set(found[duty.id])))
    return found


async def names_of(who: Hierarchy, ids: Iterable[int]) -> str:
    """The names of these people, as many as one line takes."""
    return " ".join([(await who.person(id)).name for id in ids])


def next_step(office: Office, duty: Duty, put_off: date | None, now: datetime) -> Advance:
    """What comes next of a duty of which somebody is told now; at most one stage a day."""
    today = office.today(now)
    stage, day = office.reminders.after(duty.stage, duty.kind, duty.due, today, put_off)
    if day is None:
        return Advance(duty.id, stage, None)
    return Advance(duty.id, stage, moment(office, max(day, today + timedelta(days=1)), now))


async def waiting_alerts(conn: AsyncConnection, now: datetime) -> dict[int, Share]:
    """Everybody whose alerts waited through the night; from now on they wait no longer."""
    return {person: Share(alerts=count) for person, count in (await alerts.announce(conn, now)).items()}
