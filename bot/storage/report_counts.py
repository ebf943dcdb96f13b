"""What counts and comparisons of an office need of a region beside `region_wide`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.report_monitoring import Work
from bot.storage.tables import assignments, duties, facts, households, interviews, people, regions


@dataclass(frozen=True, slots=True)
class Answer:
    """What was known of a fact, and the day on which it was true."""

    value: Any
    on: date


Spot: TypeAlias = tuple[str, str]
"""A fact and its period, "" for none."""

_TOP: Final = bindparam("top", type_=regions.c.path.type)
_PLACES: Final = select(regions.c.id).where(within(regions.c.path, _TOP))
_HOMES: Final = select(households.c.id).where(households.c.region_id.in_(_PLACES))
_OF_PERIODS: Final = (
    select(facts.c.household_id, facts.c.name, facts.c.period, facts.c.value, facts.c.as_of)
    .where(
        facts.c.household_id.in_(_HOMES),
        facts.c.name.in_(bindparam("names", expanding=True)),
        facts.c.row == 0,
        facts.c.as_of <= bindparam("until", type_=facts.c.as_of.type),
    )
    .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
)


async def of_periods(
    conn: AsyncConnection, top: str, names: Iterable[str], until: date
) -> dict[int, Mapping[Spot, Answer]]:
    """The facts of every period as last known on or before `until`, by household; unknown ones are None."""
    found: dict[int, dict[Spot, Answer]] = {}
    rows = await conn.execute(_OF_PERIODS, {"top": top, "names": sorted(set(names)), "until": until})
    for id, name, period, value, on in rows:
        found.setdefault(id, {})[name, period] = Answer(value, on)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Owed:
    """Something due at a household, who owes it, and what became of it."""

    person_id: int | None
    name: str | None
    work: Work


@dataclass(frozen=True, slots=True)
class Held:
    """Who was responsible for a household, and from when to when; `until` is None for who still is."""

    household_id: int
    person_id: int
    name: str
    unit: str
    since: datetime
    until: datetime | None


_OWED: Final = (
    select(
        *(duties.c.person_id, people.c.name),
        *(duties.c.household_id, duties.c.kind, duties.c.due, duties.c.frequency, duties.c.state),
        people.c.unit,
        func.coalesce(interviews.c.visited_at, interviews.c.submitted_at),
    )
    .outerjoin(people, people.c.id == duties.c.person_id)
    .outerjoin(interviews, interviews.c.id == duties.c.done_by_interview)
    .where(
        duties.c.household_id.in_(_HOMES),
        duties.c.due >= bindparam("since", type_=duties.c.due.type),
        duties.c.due <= bindparam("last", type_=duties.c.due.type),
        duties.c.state != "cancelled",
    )
    .order_by(duties.c.due, duties.c.id)
)
_HELD: Final = (
    select(
        *(assignments.c.household_id, assignments.c.person_id, people.c.name, people.c.unit),
        *(assignments.c.since, assignments.c.until),
    )
    .join(people, people.c.id == assignments.c.person_id)
    .where(
        assignments.c.household_id.in_(_HOMES),
        assignments.c.since < bindparam("before", type_=assignments.c.since.type),
    )
    .order_by(assignments.c.household_id, assignments.c.since, assignments.c.id)
)


async def owed(conn: AsyncConnection, top: str, since: date, last: date) -> list[Owed]:
    """What was due from `since` to `last` and was not called off, with who owes it, in order."""
    rows = await conn.execute(_OWED, {"top": top, "since": since, "last": last})
    return [Owed(person_id, name, Work(*work)) for person_id, name, *work in rows]


async def held(conn: AsyncConnection, top: str, before: datetime) -> list[Held]:
    """Who was responsible for which household before that moment, by household, oldest first."""
    return [Held(*row) for row in await conn.execute(_HELD, {"top": top, "before": before})]
