"""What counts and comparisons of an office need of a region beside `region_wide`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.region_wide import DAY, HOMES
from bot.storage.tables import assignments, facts, people


@dataclass(frozen=True, slots=True)
class Answer:
    """What was known of a fact, and the day on which it was true."""

    value: Any
    on: date


Spot: TypeAlias = tuple[str, str]
"""A fact and its period, "" for none."""

_OF_PERIODS: Final = (
    select(facts.c.household_id, facts.c.name, facts.c.period, facts.c.value, facts.c.as_of)
    .where(
        facts.c.household_id.in_(HOMES),
        facts.c.name.in_(bindparam("names", expanding=True)),
        facts.c.row == 0,
        facts.c.as_of <= DAY,
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
class Held:
    """Who was responsible for a household, and from when to when; `until` is None for who still is."""

    household_id: int
    person_id: int
    name: str
    unit: str
    since: datetime
    until: datetime | None


_HELD: Final = (
    select(
        *(assignments.c.household_id, assignments.c.person_id, people.c.name, people.c.unit),
        *(assignments.c.since, assignments.c.until),
    )
    .join(people, people.c.id == assignments.c.person_id)
    .where(
        assignments.c.household_id.in_(HOMES),
        assignments.c.since < bindparam("before", type_=assignments.c.since.type),
    )
    .order_by(assignments.c.household_id, assignments.c.since, assignments.c.id)
)


async def held(conn: AsyncConnection, top: str, before: datetime) -> list[Held]:
    """Who was responsible for which household before that moment, by household, oldest first."""
    return [Held(*row) for row in await conn.execute(_HELD, {"top": top, "before": before})]
