"""What the tables of the "look back" campaign count of a region (003:125-1595): few rows, chosen in SQL.

A county has a hundred thousand households and problems at some of them: the others never leave the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Select, Text, and_, bindparam, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.region_wide import DAY, MOMENT, PLACES, SUBMITTED
from bot.storage.tables import facts, households, interviews, problems

KIND: Final = "nonreg_kind"
"""The fact that says what a household is which is not registered as poor."""


@dataclass(frozen=True, slots=True)
class Found:
    """A confirmed problem of a household; `closed_at` is None while it is open."""

    household_id: int
    region_id: int
    reg_status: int | None
    population: int | None
    sub_problem: str
    persons: Sequence[str]
    grounds: Mapping[str, Any]
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """So many confirmed problems of a kind in a region, of its households or of itself."""

    region_id: int
    sub_problem: str
    of_household: bool
    closed: bool
    count: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a household answered on a day."""

    household_id: int
    region_id: int
    reg_status: int | None
    on: date
    value: Any


@dataclass(frozen=True, slots=True)
class Surveyed:
    """So many households of a register status in a village; `asked` of them by the form meant for them."""

    region_id: int
    reg_status: int | None
    homes: int
    asked: int


_CLOSED: Final = and_(problems.c.status == "closed", problems.c.changed_at < MOMENT)
_CONFIRMED: Final = and_(problems.c.status.in_(("confirmed", "closed")), problems.c.recorded_at < MOMENT)
_FOUND: Final = (
    select(
        problems.c.household_id,
        households.c.region_id,
        households.c.reg_status,
        households.c.population,
        problems.c.sub_problem,
        problems.c.persons,
        problems.c.grounds,
        case((_CLOSED, problems.c.changed_at)),
    )
    .join(households, households.c.id == problems.c.household_id)
    .where(
        households.c.region_id.in_(PLACES),
        problems.c.sub_problem.in_(bindparam("sub_problems", expanding=True)),
        _CONFIRMED,
    )
    .order_by(problems.c.household_id, problems.c.id)
)
PLACE: Final = func.coalesce(problems.c.region_id, households.c.region_id)
"""Where a problem lies: the region that has it, or that of the household which does."""
_TALLY: Final = (
    select(
        PLACE.label("place"),
        problems.c.sub_problem,
        problems.c.household_id.is_not(None).label("of_household"),
        case((_CLOSED, 1), else_=0).label("is_closed"),
        func.count(),
    )
    .outerjoin(households, households.c.id == problems.c.household_id)
    .where(PLACE.in_(PLACES), _CONFIRMED)
    .group_by("place", problems.c.sub_problem, "of_household", "is_closed")
    .order_by("place", problems.c.sub_problem)
)


def _answers(name: str | BindParameter[str], *conditions: Any) -> Select[Any]:
    """The values of a fact by household and day, of the households of the region."""
    return (
        select(
            facts.c.household_id,
            households.c.region_id,
            households.c.reg_status,
            facts.c.as_of,
            facts.c.value,
        )
        .join(households, households.c.id == facts.c.household_id)
        .where(
            households.c.region_id.in_(PLACES),
            facts.c.name == name,
            facts.c.row == 0,
            facts.c.as_of <= DAY,
            *conditions,
        )
        .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
    )


def _ever(name: str) -> Select[Any]:
    """The households of which the fact was ever known."""
    return select(facts.c.household_id).where(facts.c.name == name, facts.c.value.is_not(None))


def _with_problem() -> Select[Any]:
    chosen = problems.c.sub_problem.in_(bindparam("sub_problems", expanding=True))
    return select(problems.c.household_id).where(chosen, _CONFIRMED)


_HAZARDS: Final = _answers("house_hazards", facts.c.household_id.in_(_ever("house_hazards")))
_NAME: Final[BindParameter[str]] = bindparam("name", type_=facts.c.name.type)
_EVER: Final = _answers(
    _NAME,
    facts.c.household_id.in_(
        select(facts.c.household_id).where(
            facts.c.name == _NAME,
            facts.c.row == 0,
            facts.c.as_of <= DAY,
            facts.c.value.is_not(None),
        )
    ),
)
_KINDS: Final = _answers(KIND)
_POPULATIONS: Final = _answers("population", facts.c.household_id.in_(_with_problem()))
_FILED: Final = select(households.c.id, households.c.file).where(
    households.c.region_id.in_(PLACES),
    or_(households.c.reg_status.is_(None), households.c.reg_status.not_in((1, 2))),
    cast(households.c.file, Text) != "{}",  # what is empty is not sealed
)
ASKED: Final = (
    select(interviews.c.household_id)
    .where(SUBMITTED, interviews.c.household_id.is_not(None))
    .distinct()
    .subquery()
)
"""The households about which a questionnaire was handed in, as a table to join."""
_SURVEYED: Final = (
    select(
        households.c.region_id,
        households.c.reg_status,
        func.count(households.c.id),
        func.count(ASKED.c.household_id),
    )
    .outerjoin(ASKED, ASKED.c.household_id == households.c.id)
    .where(households.c.region_id.in_(PLACES))
    .group_by(households.c.region_id, households.c.reg_status)
)


async def found(
    conn: AsyncConnection, top: str, sub_problems: Iterable[str], before: datetime
) -> list[Found]:
    """The confirmed problems of households under the path `top`, on record before that moment."""
    wanted = {"top": top, "sub_problems": sorted(set(sub_problems)), "before": before}
    return [Found(*row) for row in await conn.execute(_FOUND, wanted)]


async def tally(conn: AsyncConnection, top: str, before: datetime) -> list[Tally]:
    """How many problems are confirmed, by region and kind, of households and of the regions themselves."""
    rows = await conn.execute(_TALLY, {"top": top, "before": before})
    return [Tally(id, kind, bool(own), bool(closed), count) for id, kind, own, closed, count in rows]


async def hazards(conn: AsyncConnection, top: str, until: date) -> list[Told]:
    """What households said of hazards of a safe house, of those that ever named one, oldest first."""
    return [Told(*row) for row in await conn.execute(_HAZARDS, {"top": top, "until": until})]


async def ever(conn: AsyncConnection, top: str, name: str, code: int, until: date) -> list[Told]:
    """Everything that households said of the fact which ever gave that code, oldest first."""
    rows = await conn.execute(_EVER, {"top": top, "until": until, "name": name})
    told = [Told(*row) for row in rows]
    # No statement can look into a sealed value.
    those = {each.household_id for each in told if each.value == code}
    return [each for each in told if each.household_id in those]


async def kinds(conn: AsyncConnection, top: str, until: date) -> dict[int, int]:
    """What the households are that are not registered (nj.h8), by their ids, as last known on that day."""
    rows = await conn.execute(_FILED, {"top": top})
    known = {id: file[KIND] for id, file in rows if isinstance(file.get(KIND), int)}
    told = await conn.execute(_KINDS, {"top": top, "until": until})
    return known | {id: value for id, _, _, _, value in told if isinstance(value, int)}


async def populations(
    conn: AsyncConnection, top: str, sub_problems: Iterable[str], until: date, before: datetime
) -> dict[int, int]:
    """How many people live in the households that have such a problem, as they last said themselves."""
    wanted = {"top": top, "until": until, "before": before, "sub_problems": sorted(set(sub_problems))}
    rows = await conn.execute(_POPULATIONS, wanted)
    return {id: value for id, _, _, _, value in rows if isinstance(value, int)}


async def surveyed(conn: AsyncConnection, top: str, forms: Iterable[str], before: datetime) -> list[Surveyed]:
    """How many households there are, and of how many one of the forms was handed in before that moment."""
    wanted = {"top": top, "forms": sorted(set(forms)), "before": before}
    return [Surveyed(*row) for row in await conn.execute(_SURVEYED, wanted)]
