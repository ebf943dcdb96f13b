"""What analyses need of a region beside what all reports do: several facts through time, and what is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.tables import appointments, facts, households, regions, verdicts

_TOP: Final = bindparam("top", type_=regions.c.path.type)
_HOMES: Final = (
    select(households.c.id)
    .join(regions, regions.c.id == households.c.region_id)
    .where(within(regions.c.path, _TOP))
)
_COURSE: Final = (
    select(facts.c.household_id, facts.c.name, facts.c.as_of, facts.c.value)
    .where(
        facts.c.household_id.in_(_HOMES),
        facts.c.name.in_(bindparam("names", expanding=True)),
        facts.c.row == 0,
        facts.c.as_of <= bindparam("until", type_=facts.c.as_of.type),
    )
    .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
)
_NEWEST: Final = select(
    *(
        select(func.max(table.c.id)).scalar_subquery()
        for table in (facts, verdicts, households, regions, appointments)
    )
)

Course = dict[str, list[tuple[date, Any]]]
"""The values of a household's facts through time, oldest first, by fact."""


async def courses(conn: AsyncConnection, top: str, names: Iterable[str], until: date) -> dict[int, Course]:
    """Every value that these facts had up to that day, by household under the path `top`."""
    found: dict[int, Course] = {}
    wanted = {"top": top, "names": sorted(set(names)), "until": until}
    for id, name, on, value in await conn.execute(_COURSE, wanted):
        found.setdefault(id, {}).setdefault(name, []).append((on, value))
    return found


async def newest(conn: AsyncConnection) -> tuple[int | None, ...]:
    """Something that is another one as soon as anything was added that an analysis counts."""
    return tuple((await conn.execute(_NEWEST)).one())
