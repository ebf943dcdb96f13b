"""What counts and comparisons of an office need of a region beside `region_wide`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.tables import facts, households, regions


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
