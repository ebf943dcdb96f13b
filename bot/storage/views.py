"""Counts for home screens and the board: by region, in as few statements as there are things to count.

`top` is the path of a region; what lies in it is counted by the village (or the region itself) it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.households import Household
from bot.storage.regions import within
from bot.storage.rows import columns_of, padded
from bot.storage.tables import (
    alerts,
    assignments,
    cases,
    duties,
    households,
    people,
    problems,
    regions,
    verdicts,
)

_PATH: Final = bindparam("top", type_=regions.c.path.type)
_INSIDE: Final = within(regions.c.path, _PATH)
_TODAY: Final = bindparam("today", type_=duties.c.due.type)
_OPEN_DUTY: Final = duties.c.state.in_(["planned", "reminded"])
_DONE: Final = duties.c.state.in_(["done", "done_late"])
_LIVING: Final = households.c.erased_at.is_(None)
_IDS: Final[BindParameter[int]] = bindparam("ids", expanding=True)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of something, and so many of them late (or, of duties, done)."""

    count: int
    marked: int


@dataclass(frozen=True, slots=True)
class Standing:
    """So many open cases of a procedure in a state, in a region; `late` of them past their day."""

    region_id: int
    procedure: str
    state: str
    count: int
    late: int


_HOMES: Final = (
    select(households.c.region_id, func.count())
    .join(regions, regions.c.id == households.c.region_id)
    .where(_INSIDE, _LIVING)
    .group_by(households.c.region_id)
)
_LATE_HOMES: Final = (
    select(households.c.region_id, func.count())
    .select_from(duties)
    .join(households, households.c.id == duties.c.household_id)
    .join(regions, regions.c.id == households.c.region_id)
    .where(_OPEN_DUTY, duties.c.due < _TODAY, _INSIDE, _LIVING)
    .group_by(households.c.region_id)
)
_LATE_REGIONS: Final = (
    select(duties.c.region_id, func.count())
    .join(regions, regions.c.id == duties.c.region_id)
    .where(_OPEN_DUTY, duties.c.due < _TODAY, _INSIDE)
    .group_by(duties.c.region_id)
)
_WORK: Final = (
    select(households.c.region_id, func.count(), func.sum(case((_DONE, 1), else_=0)))
    .select_from(regions)
    .join(households, households.c.region_id == regions.c.id)
    .join(duties, duties.c.household_id == households.c.id)
    .where(
        _INSIDE,
        _LIVING,
        duties.c.kind == bindparam("its_kind"),
        duties.c.due >= bindparam("since", type_=duties.c.due.type),
        duties.c.due <= bindparam("last", type_=duties.c.due.type),
        duties.c.state.not_in(["cancelled", "waived"]),
    )
    .group_by(households.c.region_id)
)
_LATEST: Final = (
    select(verdicts.c.id)
    .where(verdicts.c.household_id == households.c.id, verdicts.c.scheme == bindparam("its_scheme"))
    .order_by(verdicts.c.on.desc(), verdicts.c.id.desc())
    .limit(1)
    .correlate(households)
    .scalar_subquery()
)
_CARDS: Final = (
    select(households.c.region_id, verdicts.c.verdict, func.count())
    .select_from(regions)
    .join(households, households.c.region_id == regions.c.id)
    .outerjoin(verdicts, verdicts.c.id == _LATEST)
    .where(_INSIDE, _LIVING)
    .group_by(households.c.region_id, verdicts.c.verdict)
)
_AT: Final = func.coalesce(cases.c.region_id, households.c.region_id)
_CASES: Final = (
    select(
        _AT,
        cases.c.procedure,
        cases.c.state,
        func.count(),
        func.sum(case((cases.c.due < _TODAY, 1), else_=0)),
    )
    .select_from(cases)
    .outerjoin(households, households.c.id == cases.c.household_id)
    .join(regions, regions.c.id == _AT)
    .where(cases.c.open == 1, _INSIDE)
    .group_by(_AT, cases.c.procedure, cases.c.state)
)
_PROBLEM_AT: Final = func.coalesce(problems.c.region_id, households.c.region_id)
_PROBLEMS: Final = (
    select(_PROBLEM_AT, func.count(), func.sum(case((problems.c.deadline < _TODAY, 1), else_=0)))
    .select_from(problems)
    .outerjoin(households, households.c.id == problems.c.household_id)
    .join(regions, regions.c.id == _PROBLEM_AT)
    .where(problems.c.status.in_(["candidate", "confirmed"]), _INSIDE)
    .group_by(_PROBLEM_AT)
)
_ALERT_AT: Final = func.coalesce(alerts.c.region_id, households.c.region_id)
_ALERTS: Final = (
    select(_ALERT_AT, alerts.c.level, func.count())
    .select_from(alerts)
    .outerjoin(households, households.c.id == alerts.c.household_id)
    .join(regions, regions.c.id == _ALERT_AT)
    .where(alerts.c.state == "open", _INSIDE)
    .group_by(_ALERT_AT, alerts.c.level)
)
_DOUBTS: Final = (
    select(_ALERT_AT, func.count())
    .select_from(alerts)
    .outerjoin(households, households.c.id == alerts.c.household_id)
    .join(regions, regions.c.id == _ALERT_AT)
    .where(alerts.c.state == "open", or_(*(alerts.c.kind.startswith(each) for each in ("AL-34", "AL-35"))))
    .where(_INSIDE)
    .group_by(_ALERT_AT)
)
_OF_HOMES: Final = (
    select(duties.c.kind, func.count(), func.sum(case((_DONE, 1), else_=0)))
    .where(
        duties.c.household_id.in_(_IDS),
        duties.c.window_start <= _TODAY,
        duties.c.due >= _TODAY,
        duties.c.state.not_in(["cancelled", "waived"]),
    )
    .group_by(duties.c.kind)
)
_PROBLEMS_OF: Final = select(func.count(), func.sum(case((problems.c.deadline < _TODAY, 1), else_=0))).where(
    problems.c.status.in_(["candidate", "confirmed"]), problems.c.household_id.in_(_IDS)
)
_OF_UNIT: Final = (
    select(assignments.c.household_id)
    .join(people, people.c.id == assignments.c.person_id)
    .join(households, households.c.id == assignments.c.household_id)
    .join(regions, regions.c.id == households.c.region_id)
    .where(assignments.c.until.is_(None), people.c.unit == bindparam("its_unit"), _INSIDE, _LIVING)
)
_LISTED: Final = (
    select(*columns_of(households, Household), verdicts.c.verdict)
    .select_from(households)
    .outerjoin(verdicts, verdicts.c.id == _LATEST)
    .where(households.c.region_id == bindparam("region"), _LIVING)
    .order_by(households.c.village_group, households.c.head_name, households.c.id)
)
_LATE_OF: Final = (
    select(duties.c.household_id, func.count())
    .where(_OPEN_DUTY, duties.c.due < _TODAY, duties.c.household_id.in_(_IDS))
    .group_by(duties.c.household_id)
)


async def homes(conn: AsyncConnection, top: str) -> dict[int, int]:
    """How many households there are, by region."""
    return _counted(await conn.execute(_HOMES, {"top": top}))


async def late(conn: AsyncConnection, top: str, today: date) -> dict[int, int]:
    """How many duties should have been done before today, by the region in which they are owed."""
    found: dict[int, int] = {}
    for statement in (_LATE_HOMES, _LATE_REGIONS):
        for region, count in await conn.execute(statement, {"top": top, "today": today}):
            found[region] = found.get(region, 0) + count
    return found


async def work(conn: AsyncConnection, top: str, kind: str, since: date, last: date) -> dict[int, Tally]:
    """What was to be done at households in these days and how much of it is done, by region."""
    wanted = {"top": top, "its_kind": kind, "since": since, "last": last}
    return {region: Tally(count, done) for region, count, done in await conn.execute(_WORK, wanted)}


async def cards(conn: AsyncConnection, top: str, scheme: str) -> dict[int, dict[str | None, int]]:
    """How many households have which latest verdict (None: none yet), by region."""
    found: dict[int, dict[str | None, int]] = {}
    for region, verdict, count in await conn.execute(_CARDS, {"top": top, "its_scheme": scheme}):
        found.setdefault(region, {})[verdict] = count
    return found


async def standings(conn: AsyncConnection, top: str, today: date) -> list[Standing]:
    """The open cases by region, procedure and state."""
    return [Standing(*row) for row in await conn.execute(_CASES, {"top": top, "today": today})]


async def open_problems(conn: AsyncConnection, top: str, today: date) -> dict[int, Tally]:
    """The open problems and those past their day, by region."""
    rows = await conn.execute(_PROBLEMS, {"top": top, "today": today})
    return {region: Tally(count, late) for region, count, late in rows}


async def open_alerts(conn: AsyncConnection, top: str) -> dict[int, dict[str, int]]:
    """The open alerts by region and level."""
    found: dict[int, dict[str, int]] = {}
    for region, level, count in await conn.execute(_ALERTS, {"top": top}):
        found.setdefault(region, {})[level] = count
    return found


async def doubts(conn: AsyncConnection, top: str) -> dict[int, int]:
    """The open alerts about records that contradict each other or look made up (AL-34, AL-35), by region."""
    return _counted(await conn.execute(_DOUBTS, {"top": top}))


async def of_homes(conn: AsyncConnection, ids: Iterable[int], today: date) -> dict[str, Tally]:
    """What is due at these households in the present period of each kind, and how much of it is done."""
    wanted = padded(sorted(set(ids)))
    if not wanted:
        return {}
    rows = await conn.execute(_OF_HOMES, {"ids": wanted, "today": today})
    return {kind: Tally(count, done) for kind, count, done in rows}


async def problems_of(conn: AsyncConnection, ids: Iterable[int], today: date) -> Tally:
    """The open problems of these households, and those past their day."""
    wanted = padded(sorted(set(ids)))
    if not wanted:
        return Tally(0, 0)
    count, late = (await conn.execute(_PROBLEMS_OF, {"ids": wanted, "today": today})).one()
    return Tally(count, late or 0)


async def of_unit(conn: AsyncConnection, top: str, unit: str) -> list[int]:
    """The households within the region that are in the care of people of the unit."""
    return list((await conn.execute(_OF_UNIT, {"top": top, "its_unit": unit})).scalars())


async def listed(conn: AsyncConnection, region: int, scheme: str) -> list[tuple[Household, str | None]]:
    """The households of a village with their latest verdict, by group and head."""
    rows: Any = await conn.execute(_LISTED, {"region": region, "its_scheme": scheme})
    return [(Household(*row[:-1]), row[-1]) for row in rows]


async def late_of(conn: AsyncConnection, ids: Iterable[int], today: date) -> dict[int, int]:
    """How many duties of these households are late, by household."""
    wanted = padded(sorted(set(ids)))
    if not wanted:
        return {}
    return _counted(await conn.execute(_LATE_OF, {"ids": wanted, "today": today}))


def _counted(rows: Iterable[Any]) -> dict[int, int]:
    """Counts by the id before each."""
    return {row[0]: row[1] for row in rows}
