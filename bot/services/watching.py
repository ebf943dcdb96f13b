"""A daily look across the county: what does not fit together is told to whoever can put it right."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.watches import Watch
from bot.services import alerts_at_hand, watch_looks
from bot.services.office import Office, parcels_for
from bot.services.subject_file import name_of_subject
from bot.services.watch_looks import Found
from bot.storage import alerts, assignments, outbox, people
from bot.storage.alerts import NewAlert
from bot.storage.database import Database

log = logging.getLogger(__name__)

PERIOD: Final = 3600.0
"""Seconds between two looks: what is told stays told, so an hour more or less is nothing."""
CADRE: Final = "cadre"
"""Of cadres only whoever is responsible for the household is told."""
Look: TypeAlias = Callable[[AsyncConnection, Office, Watch, datetime], Awaitable[list[Found]]]
LOOKS: Final[Mapping[str, Look]] = {
    "many_problems_checked": watch_looks.many_problems_checked,
    "village_without_team": watch_looks.village_without_team,
    "guarantee_open": watch_looks.guarantee_open,
    "income_open": watch_looks.income_open,
    "share_of_watched": watch_looks.share_of_watched,
    "same_number": watch_looks.same_number,
    "other_population": watch_looks.other_population,
    "records_alike": watch_looks.records_alike,
    "departments_late": watch_looks.departments_late,
    "without_keeper": watch_looks.without_keeper,
    "not_visited": watch_looks.not_visited,
    "without_plan": watch_looks.without_plan,
    "left_unverified": watch_looks.left_unverified,
}
"""How each of `rules.watches.LOOKS` is done."""


class Watcher:
    """Looks again and again, by day only; nothing is kept but alerts.

    Each is raised once, is over when it is no longer found, and is raised again when it is found anew.
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
        """Look until cancelled."""
        while True:
            try:
                await self.turn()
            except Exception as error:  # noqa: BLE001 (the database is away: the next look finds the same)
                log.error("nothing can be looked at now: %s", type(error).__name__)
            await asyncio.sleep(PERIOD)

    async def turn(self) -> int:
        """Look once at everything; how many alerts are new. Nothing at all in quiet hours."""
        now, raised = self.now(), 0
        if not self.office.reminders.is_open(now.astimezone(self.office.zone).time()):
            return 0
        county = self.office.content.county
        for watch in self.office.content.watches:
            here = not watch.schemes or set(watch.schemes) & set(county.schemes)
            if not here or (watch.library and watch.library not in county.library):
                continue
            async with self.database.reporting() as conn:
                found = await LOOKS[watch.looks](conn, self.office, watch, now)
            async with self.database.transaction() as conn:
                await self.settle(conn, watch, found, now)
                raised += sum([await self.tell(conn, watch, each, now) for each in found])
        if raised:
            self.enqueued()
        return raised

    async def settle(
        self, conn: AsyncConnection, watch: Watch, found: Sequence[Found], now: datetime
    ) -> None:
        """Close what was told and is found no longer."""
        if watch.stays:
            return
        today = self.office.today(now)
        still = {(each.subject, watch.key(each.key, today)) for each in found}
        for alert in await alerts.open_of_kind(conn, watch.code):
            if watch.is_own(alert.subject) and (alert.about, alert.subject) not in still:
                await alerts.close(conn, alert.id)

    async def tell(self, conn: AsyncConnection, watch: Watch, found: Found, now: datetime) -> bool:
        """Raise one alert and send it to whom it concerns; False when it was raised before."""
        subject, today = found.subject, self.office.today(now)
        name = await name_of_subject(conn, self.office, subject)
        gaps = {"place": name, "household": name, **found.said}
        new = NewAlert(
            subject.household_id,
            watch.code,
            watch.level,
            watch.key(found.key, today),
            {"text": watch.text.fill(gaps.__getitem__), "departments": [], "clause": watch.clause},
            now,
            region_id=subject.region_id,
        )
        id = await alerts.raise_(conn, new)
        if id is None:
            id = None if watch.stays else await alerts.reopen(conn, new)
        if id is None:
            return False
        over = people.over if subject.kind == "household" else people.over_region
        to = {each.person_id for each in await over(conn, subject.id, watch.to, now) if each.role != CADRE}
        if CADRE in watch.to and subject.household_id is not None:
            to |= set((await assignments.responsible(conn, [subject.id])).values())
        await alerts.send(conn, id, to, now)
        message = alerts_at_hand.message(self.office, name, id, new)
        await outbox.enqueue(conn, await parcels_for(conn, to, message), now)
        return True
