"""Everything of a region at once, as it was known at the end of a day: what statistical tables are made of.

Nothing here asks who looks: that is for whoever hands a table out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.duties import Duty
from bot.storage.households import Household
from bot.storage.problems import LedgerProblem
from bot.storage.regions import lineage, within
from bot.storage.rows import columns_of
from bot.storage.subjects import KINDS, Kind, column
from bot.storage.tables import (
    assignments,
    duties,
    facts,
    households,
    interviews,
    people,
    problems,
    regions,
)


@dataclass(frozen=True, slots=True)
class Handed:
    """A questionnaire that was handed in."""

    id: int
    household_id: int | None
    region_id: int | None
    form: str
    person_id: int
    submitted_at: datetime
    visited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who is responsible for a household."""

    person_id: int
    name: str
    unit: str


TOP: Final[BindParameter[str]] = bindparam("top", type_=regions.c.path.type)
_HERE: Final = within(regions.c.path, TOP)
PLACES: Final = select(regions.c.id).where(_HERE)
"""The regions under the path `top`."""
HOMES: Final = select(households.c.id).where(households.c.region_id.in_(PLACES))
"""The households under the path `top`."""
DAY: Final[BindParameter[date]] = bindparam("until", type_=facts.c.as_of.type)
MOMENT: Final[BindParameter[datetime]] = bindparam("before", type_=facts.c.recorded_at.type)
SUBMITTED: Final = and_(
    interviews.c.form.in_(bindparam("forms", expanding=True)),
    interviews.c.state == "submitted",
    interviews.c.submitted_at < MOMENT,
)
"""That a questionnaire of one of the `forms` was handed in by then."""
Course: TypeAlias = dict[str, list[tuple[date, Any]]]
"""The values of a household's facts through time, oldest first, by fact."""


def _among(kind: Kind, place: ColumnElement[int | None]) -> ColumnElement[bool]:
    return place.in_(HOMES if kind == "household" else PLACES)


def _facts(kind: Kind) -> Select[Any]:
    subject = column(facts, kind)
    return (
        select(subject, facts.c.name, facts.c.value)
        .where(
            _among(kind, subject),
            facts.c.name.in_(bindparam("names", expanding=True)),
            facts.c.row == 0,
            facts.c.as_of <= DAY,
        )
        .order_by(subject, facts.c.as_of, facts.c.id)
    )


_HOUSEHOLDS: Final = (
    select(*columns_of(households, Household), regions.c.path)
    .join(regions, regions.c.id == households.c.region_id)
    .where(_HERE)
    .order_by(households.c.village_group, households.c.head_name, households.c.id)
)
_ANY_HOME: Final = HOMES.limit(1)
_FACTS: Final = {kind: _facts(kind) for kind in KINDS}
_HISTORY: Final = (
    select(facts.c.household_id, facts.c.name, facts.c.as_of, facts.c.value)
    .where(
        facts.c.household_id.in_(HOMES),
        facts.c.name.in_(bindparam("names", expanding=True)),
        facts.c.row == 0,
        facts.c.as_of <= DAY,
    )
    .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
)
_PROBLEMS: Final = (
    select(*columns_of(problems, LedgerProblem))
    .where(
        or_(problems.c.household_id.in_(HOMES), problems.c.region_id.in_(PLACES)),
        problems.c.recorded_at < MOMENT,
    )
    .order_by(problems.c.recorded_at, problems.c.id)
)
_HANDED: Final = (
    select(*columns_of(interviews, Handed))
    .where(
        or_(interviews.c.household_id.in_(HOMES), interviews.c.region_id.in_(PLACES)),
        SUBMITTED,
    )
    .order_by(interviews.c.submitted_at, interviews.c.id)
)
_KEEPERS: Final = (
    select(assignments.c.household_id, people.c.id, people.c.name, people.c.unit)
    .join(people, people.c.id == assignments.c.person_id)
    .where(assignments.c.household_id.in_(HOMES), assignments.c.until.is_(None))
)
_DUTIES: Final = (
    select(*columns_of(duties, Duty))
    .where(duties.c.household_id.in_(HOMES), duties.c.due >= bindparam("since"), duties.c.due <= DAY)
    .order_by(duties.c.due, duties.c.id)
)


async def homes(conn: AsyncConnection, top: str) -> list[Household]:
    """The households under the path `top`, by town and village as these were entered, group and name."""
    rows = (await conn.execute(_HOUSEHOLDS, {"top": top})).all()
    order = {path: lineage(path) for path in {row.path for row in rows}}  # as text, 10 would precede 2
    return [Household(*row[:-1]) for row in sorted(rows, key=lambda row: order[row.path])]


async def any_home(conn: AsyncConnection, top: str) -> bool:
    """Whether there is a household under the path `top`."""
    return (await conn.execute(_ANY_HOME, {"top": top})).first() is not None


async def facts_until(
    conn: AsyncConnection, top: str, names: Iterable[str], until: date, kind: Kind = "household"
) -> dict[int, dict[str, Any]]:
    """The values of facts as they were last true on or before `until`, by household (or region) and name."""
    found: dict[int, dict[str, Any]] = {}
    wanted = {"top": top, "names": sorted(set(names)), "until": until}
    for id, name, value in await conn.execute(_FACTS[kind], wanted):
        found.setdefault(id, {})[name] = value
    return found


async def history(conn: AsyncConnection, top: str, names: Iterable[str], until: date) -> dict[int, Course]:
    """Every value that these facts had up to that day, with its day, by household."""
    found: dict[int, Course] = {}
    wanted = {"top": top, "names": sorted(set(names)), "until": until}
    for id, name, on, value in await conn.execute(_HISTORY, wanted):
        found.setdefault(id, {}).setdefault(name, []).append((on, value))
    return found


async def ledger(conn: AsyncConnection, top: str, before: datetime) -> list[LedgerProblem]:
    """The problems of households and regions on record before that moment, in order, as they stand now."""
    return [LedgerProblem(*row) for row in await conn.execute(_PROBLEMS, {"top": top, "before": before})]


async def handed_in(conn: AsyncConnection, top: str, forms: Iterable[str], before: datetime) -> list[Handed]:
    """The questionnaires handed in before that moment, in order."""
    wanted = {"top": top, "forms": sorted(set(forms)), "before": before}
    return [Handed(*row) for row in await conn.execute(_HANDED, wanted)]


async def keepers(conn: AsyncConnection, top: str) -> dict[int, Keeper]:
    """Who is responsible now, by household."""
    return {row[0]: Keeper(*row[1:]) for row in await conn.execute(_KEEPERS, {"top": top})}


async def due_between(conn: AsyncConnection, top: str, since: date, until: date) -> list[Duty]:
    """The duties that are due from `since` to `until`, in order, whatever became of them."""
    return [Duty(*row) for row in await conn.execute(_DUTIES, {"top": top, "since": since, "until": until})]
