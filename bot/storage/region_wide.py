"""Everything of a region at once, as it was known at the end of a day: what statistical tables are made of.

Nothing here asks who looks: that is for whoever hands a table out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.duties import Duty
from bot.storage.households import Household, Member
from bot.storage.problems import LedgerProblem
from bot.storage.regions import lineage, within
from bot.storage.rows import columns_of
from bot.storage.subjects import KINDS, Kind, column
from bot.storage.tables import (
    alerts,
    assignments,
    duties,
    facts,
    households,
    interviews,
    members,
    people,
    plans,
    problems,
    regions,
    verdicts,
)
from bot.storage.verdicts import Verdict


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


@dataclass(frozen=True, slots=True)
class Warned:
    """An alert that was raised."""

    id: int
    household_id: int
    kind: str
    level: str
    subject: str
    raised_at: datetime
    state: str


_TOP: Final = bindparam("top", type_=regions.c.path.type)
_HERE: Final = within(regions.c.path, _TOP)
_PLACES: Final = select(regions.c.id).where(_HERE)
_HOMES: Final = select(households.c.id).where(households.c.region_id.in_(_PLACES))
_DAY: Final = bindparam("until", type_=facts.c.as_of.type)
_MOMENT: Final = bindparam("before", type_=facts.c.recorded_at.type)


def _among(kind: Kind, place: ColumnElement[int | None]) -> ColumnElement[bool]:
    return place.in_(_HOMES if kind == "household" else _PLACES)


def _facts(kind: Kind) -> Select[Any]:
    subject = column(facts, kind)
    return (
        select(subject, facts.c.name, facts.c.value)
        .where(
            _among(kind, subject),
            facts.c.name.in_(bindparam("names", expanding=True)),
            facts.c.row == 0,
            facts.c.as_of <= _DAY,
        )
        .order_by(subject, facts.c.as_of, facts.c.id)
    )


_HOUSEHOLDS: Final = (
    select(*columns_of(households, Household), regions.c.path)
    .join(regions, regions.c.id == households.c.region_id)
    .where(_HERE)
    .order_by(households.c.village_group, households.c.head_name, households.c.id)
)
_ANY_HOME: Final = _HOMES.limit(1)
_MEMBERS: Final = (
    select(*columns_of(members, Member))
    .where(members.c.household_id.in_(_HOMES))
    .order_by(members.c.household_id, members.c.position)
)
_FACTS: Final = {kind: _facts(kind) for kind in KINDS}
_HISTORY: Final = (
    select(facts.c.household_id, facts.c.as_of, facts.c.value)
    .where(facts.c.household_id.in_(_HOMES), facts.c.name == bindparam("fact"), facts.c.row == 0)
    .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
)
_PROBLEMS: Final = (
    select(*columns_of(problems, LedgerProblem))
    .where(
        or_(problems.c.household_id.in_(_HOMES), problems.c.region_id.in_(_PLACES)),
        problems.c.recorded_at < _MOMENT,
    )
    .order_by(problems.c.recorded_at, problems.c.id)
)
_HANDED: Final = (
    select(*columns_of(interviews, Handed))
    .where(
        or_(interviews.c.household_id.in_(_HOMES), interviews.c.region_id.in_(_PLACES)),
        interviews.c.form.in_(bindparam("forms", expanding=True)),
        interviews.c.state == "submitted",
        interviews.c.submitted_at < _MOMENT,
    )
    .order_by(interviews.c.submitted_at, interviews.c.id)
)
_KEEPERS: Final = (
    select(assignments.c.household_id, people.c.id, people.c.name, people.c.unit)
    .join(people, people.c.id == assignments.c.person_id)
    .where(assignments.c.household_id.in_(_HOMES), assignments.c.until.is_(None))
)
_VERDICTS: Final = (
    select(*columns_of(verdicts, Verdict))
    .where(
        verdicts.c.household_id.in_(_HOMES),
        verdicts.c.scheme == bindparam("its_scheme"),
        verdicts.c.on <= _DAY,
    )
    .order_by(verdicts.c.household_id, verdicts.c.on, verdicts.c.id)
)
_DUTIES: Final = (
    select(*columns_of(duties, Duty))
    .where(duties.c.household_id.in_(_HOMES), duties.c.due >= bindparam("since"), duties.c.due <= _DAY)
    .order_by(duties.c.due, duties.c.id)
)
_ALERTS: Final = (
    select(*columns_of(alerts, Warned))
    .where(alerts.c.household_id.in_(_HOMES), alerts.c.raised_at < _MOMENT)
    .order_by(alerts.c.raised_at, alerts.c.id)
)
_PLANNED: Final = select(plans.c.household_id).where(plans.c.household_id.in_(_HOMES)).distinct()


async def homes(conn: AsyncConnection, top: str) -> list[Household]:
    """The households under the path `top`, by town and village as these were entered, group and name."""
    rows = (await conn.execute(_HOUSEHOLDS, {"top": top})).all()
    order = {path: lineage(path) for path in {row.path for row in rows}}  # as text, 10 would precede 2
    return [Household(*row[:-1]) for row in sorted(rows, key=lambda row: order[row.path])]


async def any_home(conn: AsyncConnection, top: str) -> bool:
    """Whether there is a household under the path `top`."""
    return (await conn.execute(_ANY_HOME, {"top": top})).first() is not None


async def members_by_home(conn: AsyncConnection, top: str) -> dict[int, list[Member]]:
    """The members of these households, by household."""
    found: dict[int, list[Member]] = {}
    for row in await conn.execute(_MEMBERS, {"top": top}):
        found.setdefault(row.household_id, []).append(Member(*row))
    return found


async def facts_until(
    conn: AsyncConnection, top: str, names: Iterable[str], until: date, kind: Kind = "household"
) -> dict[int, dict[str, Any]]:
    """The values of facts as they were last true on or before `until`, by household (or region) and name."""
    found: dict[int, dict[str, Any]] = {}
    wanted = {"top": top, "names": sorted(set(names)), "until": until}
    for id, name, value in await conn.execute(_FACTS[kind], wanted):
        found.setdefault(id, {})[name] = value
    return found


async def history(conn: AsyncConnection, top: str, fact: str) -> dict[int, list[tuple[date, Any]]]:
    """Every value that a fact ever had, with its day, by household and day."""
    found: dict[int, list[tuple[date, Any]]] = {}
    for id, on, value in await conn.execute(_HISTORY, {"top": top, "fact": fact}):
        found.setdefault(id, []).append((on, value))
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


async def verdicts_until(
    conn: AsyncConnection, top: str, scheme: str, until: date
) -> Mapping[int, list[Verdict]]:
    """Every verdict of a scheme for days up to `until`, by household and day."""
    found: dict[int, list[Verdict]] = {}
    for row in await conn.execute(_VERDICTS, {"top": top, "its_scheme": scheme, "until": until}):
        found.setdefault(row.household_id, []).append(Verdict(*row))
    return found


async def due_between(conn: AsyncConnection, top: str, since: date, until: date) -> list[Duty]:
    """The duties that are due from `since` to `until`, in order, whatever became of them."""
    return [Duty(*row) for row in await conn.execute(_DUTIES, {"top": top, "since": since, "until": until})]


async def warned(conn: AsyncConnection, top: str, before: datetime) -> list[Warned]:
    """The alerts raised before that moment, in order."""
    return [Warned(*row) for row in await conn.execute(_ALERTS, {"top": top, "before": before})]


async def planned(conn: AsyncConnection, top: str) -> frozenset[int]:
    """The households that have a plan."""
    return frozenset((await conn.execute(_PLANNED, {"top": top})).scalars())
