"""What a daily look across a county finds: households and records that do not fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import JsonValue, Moment
from bot.storage.problems import LedgerProblem
from bot.storage.rows import columns_of, padded
from bot.storage.tables import (
    assignments,
    duties,
    facts,
    households,
    interviews,
    members,
    plans,
    problems,
    verdicts,
)

NOT_YET_LIFTED: Final = 1
"""A code of the register (jd.h4)."""
COUNTY_CHECK: Final = 4
"""The source of a problem that the county's spot check found (pl.f15)."""


@dataclass(frozen=True, slots=True)
class OtherPopulation:
    """A household whose register and list of members differ."""

    household_id: int
    population: int
    members: int


@dataclass(frozen=True, slots=True)
class Told:
    """The moment of a visit or check as a record tells it."""

    region_id: int
    household_id: int
    person_id: int
    moment: JsonValue


_LATER: Final = verdicts.alias("later")
_LATEST: Final = ~(
    select(_LATER.c.id)
    .where(
        _LATER.c.household_id == verdicts.c.household_id,
        _LATER.c.scheme == verdicts.c.scheme,
        (_LATER.c.on > verdicts.c.on) | ((_LATER.c.on == verdicts.c.on) & (_LATER.c.id > verdicts.c.id)),
    )
    .exists()
)
_HERE: Final = households.c.erased_at.is_(None)
_JUDGED: Final = (
    select(verdicts.c.household_id)
    .join(households, households.c.id == verdicts.c.household_id)
    .where(
        verdicts.c.scheme == bindparam("its_scheme"),
        verdicts.c.verdict.in_(bindparam("wanted", expanding=True)),
        _LATEST,
        _HERE,
    )
    .order_by(verdicts.c.household_id)
)
_WITHOUT_KEEPER: Final = _JUDGED.where(
    ~select(assignments.c.id)
    .where(assignments.c.household_id == verdicts.c.household_id, assignments.c.until.is_(None))
    .exists()
)
_EARLIER: Final = verdicts.alias("earlier")
_WITHOUT_PLAN: Final = _JUDGED.where(
    ~select(plans.c.household_id).where(plans.c.household_id == verdicts.c.household_id).exists(),
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.household_id == verdicts.c.household_id,
        _EARLIER.c.scheme == verdicts.c.scheme,
        _EARLIER.c.verdict.in_(bindparam("wanted", expanding=True)),
        _EARLIER.c.on <= bindparam("since", type_=verdicts.c.on.type),
    )
    .exists(),
)
_UNLIFTED: Final = (
    select(households.c.id).where(households.c.reg_status == NOT_YET_LIFTED, _HERE).order_by(households.c.id)
)
_RUNNING_DRY: Final = (
    _JUDGED.add_columns(verdicts.c.verdict)
    .where(
        verdicts.c.household_id > bindparam("after"),
        ~select(duties.c.id)
        .where(
            duties.c.household_id == verdicts.c.household_id,
            duties.c.frequency.startswith(
                bindparam("prefix", type_=duties.c.frequency.type), autoescape=False
            ),
            duties.c.due > bindparam("until", type_=duties.c.due.type),
        )
        .exists(),
    )
    .limit(bindparam("size"))
)
_NUMBER: Final = households.c.id_number_index
_SAME_NUMBER: Final = (
    select(_NUMBER, households.c.id)
    .where(
        _NUMBER.in_(select(_NUMBER).where(_NUMBER.is_not(None)).group_by(_NUMBER).having(func.count() > 1))
    )
    .order_by(_NUMBER, households.c.id)
)
_COUNTED: Final = func.count(members.c.position)
_OTHER_POPULATION: Final = (
    select(households.c.id, households.c.population, _COUNTED)
    .join(members, members.c.household_id == households.c.id)
    .where(households.c.population.is_not(None), _HERE)
    .group_by(households.c.id, households.c.population)
    .having(households.c.population != _COUNTED)
    .order_by(households.c.id)
)
_TOLD: Final = (
    select(households.c.region_id, households.c.id, interviews.c.person_id, facts.c.value)
    .join(interviews, interviews.c.id == facts.c.interview_id)
    .join(households, households.c.id == facts.c.household_id)
    .where(facts.c.name == bindparam("its_name"), facts.c.recorded_at >= bindparam("since", type_=Moment()))
)
_FOUND_BY_COUNTY: Final = select(*columns_of(problems, LedgerProblem)).where(
    problems.c.source == COUNTY_CHECK,
    problems.c.status.in_(("confirmed", "closed")),
    problems.c.recorded_at >= bindparam("since", type_=Moment()),
)
_LATE: Final = select(*columns_of(problems, LedgerProblem)).where(
    problems.c.status == "confirmed", problems.c.deadline < bindparam("day", type_=problems.c.deadline.type)
)


async def unlifted(conn: AsyncConnection) -> list[int]:
    """The households that the register has as not yet lifted."""
    return list((await conn.execute(_UNLIFTED)).scalars())


async def judged(conn: AsyncConnection, scheme: str, wanted: Sequence[str]) -> list[int]:
    """The households whose latest verdict under the scheme is one of these."""
    return list((await conn.execute(_JUDGED, {"its_scheme": scheme, "wanted": padded(wanted)})).scalars())


async def running_dry(
    conn: AsyncConnection, scheme: str, wanted: Sequence[str], until: date, after: int, size: int
) -> list[tuple[int, str]]:
    """Up to so many of them, with their verdict, for whom the scheme plans nothing beyond the day `until`.

    Only households of an id above `after`: whoever asks goes on from the last one.
    """
    asked = {"its_scheme": scheme, "wanted": padded(wanted), "prefix": f"{scheme}:"}
    rows = await conn.execute(_RUNNING_DRY, asked | {"until": until, "after": after, "size": size})
    return [(row.household_id, row.verdict) for row in rows]


async def without_keeper(conn: AsyncConnection, scheme: str, wanted: Sequence[str]) -> list[int]:
    """Those of them for whom nobody is responsible."""
    asked = {"its_scheme": scheme, "wanted": padded(wanted)}
    return list((await conn.execute(_WITHOUT_KEEPER, asked)).scalars())


async def without_plan(conn: AsyncConnection, scheme: str, wanted: Sequence[str], since: date) -> list[int]:
    """Those of them who were judged so by that day already, and for whom there is no plan."""
    asked = {"its_scheme": scheme, "wanted": padded(wanted), "since": since}
    return list((await conn.execute(_WITHOUT_PLAN, asked)).scalars())


async def same_number(conn: AsyncConnection) -> list[list[int]]:
    """Households whose heads have the same identity number, together."""
    groups: dict[str, list[int]] = {}
    for row in await conn.execute(_SAME_NUMBER):
        groups.setdefault(row[0], []).append(row[1])
    return list(groups.values())


async def other_population(conn: AsyncConnection) -> list[OtherPopulation]:
    """Households with members on record, but not as many as the register says."""
    return [OtherPopulation(*row) for row in await conn.execute(_OTHER_POPULATION)]


async def told_moments(conn: AsyncConnection, name: str, since: datetime) -> list[Told]:
    """Every moment of a visit that was recorded since then; `name` is the fact that tells it."""
    return [Told(*row) for row in await conn.execute(_TOLD, {"its_name": name, "since": since})]


async def found_by_county(conn: AsyncConnection, since: datetime) -> list[LedgerProblem]:
    """What the county's spot checks have put on record since then."""
    return [LedgerProblem(*row) for row in await conn.execute(_FOUND_BY_COUNTY, {"since": since})]


async def late_problems(conn: AsyncConnection, day: date) -> list[LedgerProblem]:
    """Confirmed problems whose deadline lies before the day."""
    return [LedgerProblem(*row) for row in await conn.execute(_LATE, {"day": day})]
