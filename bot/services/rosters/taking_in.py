"""Taking in a roster: read, looked at beside the records, and written in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Office
from bot.services.rosters.duplicates import Households
from bot.services.rosters.layout import RosterLayout
from bot.services.rosters.officials import Grounds, Staff
from bot.services.rosters.places import Places
from bot.services.rosters.plan import Likely, Plan, Rights
from bot.services.rosters.records import Roster
from bot.services.rosters.writing import Invited, Occasion, write
from bot.storage import audit, rosters
from bot.storage.audit import Entry

Progress = Callable[[int, int | None], None]


def silent(_done: int, _total: int | None) -> None:
    """Nobody waits to be told how far it is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a roster taken in: with which rights, and what becomes of probable matches."""

    rights: Rights
    likely: Likely = "ask"
    reassign: bool = False
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `written` is False when there are troubles or somebody must decide about matches."""

    plan: Plan
    invited: tuple[Invited, ...] = ()
    written: bool = False


async def look(
    conn: AsyncConnection,
    office: Office,
    layout: RosterLayout,
    roster: Roster,
    wish: Wish,
    now: datetime,
    progress: Progress = silent,
) -> tuple[Plan, Places]:
    """What the roster would change; what keeps it from being taken in is added to its troubles."""
    plan = Plan()
    places = Places(await rosters.all_regions(conn))
    grounds = Grounds(places, layout, roster, wish.rights, plan)
    grounds.take_regions()
    staff = Staff(grounds, office.content.offices)
    await staff.read(conn, now)
    homes = Households(grounds, staff, wish.likely, reassign=wish.reassign)
    await homes.read(conn, progress)
    return plan, places


async def take_in(
    conn: AsyncConnection,
    office: Office,
    layout: RosterLayout,
    roster: Roster,
    wish: Wish,
    now: datetime,
    progress: Progress = silent,
) -> Outcome:
    """Look once more in this transaction, and write when nothing stands against it."""
    plan, places = await look(conn, office, layout, roster, wish, now, progress)
    if roster.troubles or plan.likely:
        return Outcome(plan)
    when = Occasion(wish.by, now, layout.head_relation)
    invited = await write(conn, plan, places, when, progress)
    if not plan.is_empty:
        taken = Entry(at=now, person_id=wish.by, deed="took_in_roster", what=plan.counts())
        await audit.append(conn, [taken])
    return Outcome(plan, tuple(invited), written=True)
