"""Which households and regions a person may see at a moment. What lies outside is as if it did not exist.

A cadre is in charge of the households assigned to them and sees the village they are appointed to; village,
township and county are in charge of their region's subtree. A department knows of the households of its
region of which a case lies with it, as long as the case is open; whoever leads a unit of those in the care of
people of the same unit: neither is in charge, and both see only what they were asked for (`entitled`). An
inspector and an administrator, as such, see none; a suspended person sees none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.households import Household
from bot.storage.people import in_force
from bot.storage.regions import Region, within
from bot.storage.rows import columns_of, padded, word
from bot.storage.subjects import Subject
from bot.storage.tables import appointments, assignments, cases, households, interviews, people, regions


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the households that were looked for, and how many there are in all."""

    items: tuple[Household, ...]
    total: int


OVERSEERS: Final = ("village", "township", "county")
"""Roles that see everything in their region: a cadre is in charge of single households."""
_AT: Final = bindparam("at", type_=appointments.c.since.type)
_PERSON: Final[BindParameter[int]] = bindparam("person")
_TOP: Final = regions.alias("top")
_HOLDS: Final = (appointments.c.person_id == _PERSON) & in_force(_AT)
_IN_REGION: Final = households.c.region_id.in_(
    select(regions.c.id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .join(appointments, appointments.c.region_id == _TOP.c.id)
    .where(_HOLDS, appointments.c.role.in_(OVERSEERS))
)
_ASSIGNED: Final = households.c.id.in_(
    select(assignments.c.household_id).where(
        assignments.c.person_id == _PERSON,
        assignments.c.until.is_(None),
        exists().where(_HOLDS, appointments.c.role == "cadre").correlate(None),
    )
)
_CADRES: Final = select(people.c.id).where(
    people.c.id.in_(bindparam("ids", expanding=True)),
    people.c.status == "active",
    exists().where(appointments.c.person_id == people.c.id, in_force(_AT), appointments.c.role == "cadre"),
)
_PLACE: Final = regions.alias("place")
_REFERRED: Final = households.c.id.in_(
    select(cases.c.household_id)
    .join(households, households.c.id == cases.c.household_id)
    .join(_PLACE, _PLACE.c.id == households.c.region_id)
    .join(_TOP, within(_PLACE.c.path, _TOP.c.path))
    .join(appointments, (appointments.c.region_id == _TOP.c.id) & (appointments.c.post == cases.c.department))
    .where(_HOLDS, appointments.c.role == word("department"), cases.c.open == literal_column("1"))
    .correlate(None)
)
_LEADER: Final = people.alias("leader")
OF_UNIT: Final = households.c.id.in_(
    select(assignments.c.household_id)
    .join(people, people.c.id == assignments.c.person_id)
    .join(_LEADER, (_LEADER.c.unit == people.c.unit) & (_LEADER.c.unit != ""))
    .join(appointments, appointments.c.person_id == _LEADER.c.id)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .join(households, households.c.id == assignments.c.household_id)
    .join(_PLACE, (_PLACE.c.id == households.c.region_id) & within(_PLACE.c.path, _TOP.c.path))
    .where(_HOLDS, appointments.c.role == word("unit"), assignments.c.until.is_(None))
    .correlate(None)
)
_ACTIVE: Final = exists().where(people.c.id == _PERSON, people.c.status == "active")
_STANDING: Final = _ACTIVE & households.c.erased_at.is_(None)
_IN_CHARGE: Final = _STANDING & or_(_ASSIGNED, _IN_REGION)
_VISIBLE: Final = _STANDING & or_(_ASSIGNED, _IN_REGION, _REFERRED, OF_UNIT)

_UNDER_ONE_OF_MINE: Final = exists(
    select(appointments.c.id)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .where(
        _HOLDS,
        appointments.c.role.in_(OVERSEERS),
        within(regions.c.path, _TOP.c.path),
    )
    .correlate(regions)
)
_REFERRED_REGION: Final = exists(
    select(cases.c.id)
    .join(appointments, appointments.c.post == cases.c.department)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .where(
        _HOLDS,
        appointments.c.role == word("department"),
        within(regions.c.path, _TOP.c.path),
        cases.c.region_id == regions.c.id,
        cases.c.open == literal_column("1"),
    )
    .correlate(regions)
)
_VISIBLE_REGION: Final = _ACTIVE & or_(
    _UNDER_ONE_OF_MINE,
    _REFERRED_REGION,
    (regions.c.level == "village")
    & exists(
        select(appointments.c.id)
        .where(_HOLDS, appointments.c.role == "cadre", appointments.c.region_id == regions.c.id)
        .correlate(regions)
    ),
)

_PART: Final = households.c.head_name.like(bindparam("part"), escape="\\")
_INITIALS: Final = households.c.initials.like(bindparam("initials"), escape="\\")
_ORDER: Final = (households.c.region_id, households.c.village_group, households.c.head_name, households.c.id)


def _page(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(*_ORDER).limit(bindparam("size")).offset(bindparam("skipped"))


_SELECT: Final = select(*columns_of(households, Household)).where(_VISIBLE)
_COUNT: Final = select(func.count()).select_from(households).where(_VISIBLE)
_ONE: Final = _SELECT.where(households.c.id == bindparam("household"))
_ASKED: Final = households.c.id.in_(bindparam("ids", expanding=True))
_AMONG: Final = select(households.c.id).where(_VISIBLE, _ASKED)
_CHARGED: Final = select(households.c.id).where(_IN_CHARGE, _ASKED)
_SELECT_REGIONS: Final = select(*columns_of(regions, Region)).where(_VISIBLE_REGION)
_OVERSEEN: Final = select(*columns_of(regions, Region)).where(
    _ACTIVE & _UNDER_ONE_OF_MINE, regions.c.id == bindparam("region")
)
_APPOINTED: Final = (
    select(*columns_of(regions, Region))
    .where(
        _ACTIVE,
        exists(select(appointments.c.id))
        .where(_HOLDS, appointments.c.role.in_(OVERSEERS), appointments.c.region_id == regions.c.id)
        .correlate(regions),
    )
    .order_by(regions.c.id)
)
_REGIONS_AMONG: Final = _SELECT_REGIONS.where(regions.c.id.in_(bindparam("ids", expanding=True))).order_by(
    regions.c.path
)
_LACKING: Final = _SELECT.where(
    households.c.region_id == bindparam("region"),
    or_(
        households.c.id == bindparam("here"),
        ~exists().where(
            interviews.c.household_id == households.c.id,
            interviews.c.form == bindparam("its_form"),
            interviews.c.submitted_at >= bindparam("since", type_=interviews.c.submitted_at.type),
        ),
    ),
).order_by(*_ORDER)
_ALL: Final = _page(_SELECT)
_FOUND: Final = _page(_SELECT.where(_PART | _INITIALS))
_COUNT_FOUND: Final = _COUNT.where(_PART | _INITIALS)


def _literally(text: str) -> str:
    """`text` for LIKE, where "%" and "_" would stand for anything."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def household(
    conn: AsyncConnection, person_id: int, household_id: int, at: datetime
) -> Household | None:
    """The household, when the person may see it."""
    parameters = {"person": person_id, "household": household_id, "at": at}
    row = (await conn.execute(_ONE, parameters)).one_or_none()
    return None if row is None else Household(*row)


async def in_care(conn: AsyncConnection, person_ids: Iterable[int], at: datetime) -> frozenset[int]:
    """Those of these people who see whatever household is assigned to them: see `_ASSIGNED`."""
    ids = padded(sorted(set(person_ids)))
    if not ids:
        return frozenset()
    return frozenset((await conn.execute(_CADRES, {"ids": ids, "at": at})).scalars())


async def among(
    conn: AsyncConnection, person_id: int, household_ids: Iterable[int], at: datetime
) -> frozenset[int]:
    """Those of these households that the person may see."""
    ids = padded(sorted(set(household_ids)))
    if not ids:
        return frozenset()
    rows = await conn.execute(_AMONG, {"person": person_id, "ids": ids, "at": at})
    return frozenset(rows.scalars())


async def in_charge(
    conn: AsyncConnection, person_id: int, household_ids: Iterable[int], at: datetime
) -> frozenset[int]:
    """Those of these households that the person is in charge of: everything about them is theirs to see."""
    ids = padded(sorted(set(household_ids)))
    if not ids:
        return frozenset()
    rows = await conn.execute(_CHARGED, {"person": person_id, "ids": ids, "at": at})
    return frozenset(rows.scalars())


async def regions_among(
    conn: AsyncConnection, person_id: int, region_ids: Iterable[int], at: datetime
) -> list[Region]:
    """Those of these regions that the person may see, parents before their children."""
    ids = padded(sorted(set(region_ids)))
    if not ids:
        return []
    rows = await conn.execute(_REGIONS_AMONG, {"person": person_id, "ids": ids, "at": at})
    return [Region(*row) for row in rows]


async def region(conn: AsyncConnection, person_id: int, region_id: int, at: datetime) -> Region | None:
    """The region, when the person may see it as a whole and fill in its questionnaires."""
    return next(iter(await regions_among(conn, person_id, [region_id], at)), None)


async def overseen(conn: AsyncConnection, person_id: int, region_id: int, at: datetime) -> Region | None:
    """The region, when the person may see everything in it: a cadre sees single households only."""
    row = (await conn.execute(_OVERSEEN, {"person": person_id, "region": region_id, "at": at})).one_or_none()
    return None if row is None else Region(*row)


async def appointed(conn: AsyncConnection, person_id: int, at: datetime) -> list[Region]:
    """The regions of which the person oversees everything, each at the top of what is `overseen`."""
    return [Region(*row) for row in await conn.execute(_APPOINTED, {"person": person_id, "at": at})]


async def subjects_among(
    conn: AsyncConnection, person_id: int, subjects: Iterable[Subject], at: datetime
) -> frozenset[Subject]:
    """Those of these households and regions that the person may see."""
    asked = set(subjects)
    homes = await among(conn, person_id, [each.id for each in asked if each.kind == "household"], at)
    places = [each.id for each in asked if each.kind == "region"]
    seen = {place.id for place in await regions_among(conn, person_id, places, at)}
    return frozenset(each for each in asked if each.id in (homes if each.kind == "household" else seen))


async def subject(conn: AsyncConnection, person_id: int, about: Subject, at: datetime) -> bool:
    """Whether the person may see this household or region."""
    return about in await subjects_among(conn, person_id, [about], at)


async def lacking(
    conn: AsyncConnection, person_id: int, at: datetime, here: Household, *, form: str, since: datetime
) -> list[Household]:
    """The households around `here` that the person may see and that lack the form since then.

    They are of the same region, in the order of lists, `here` always among them.
    """
    parameters = {"person": person_id, "at": at, "region": here.region_id, "here": here.id}
    parameters |= {"its_form": form, "since": since}
    return [Household(*row) for row in await conn.execute(_LACKING, parameters)]


async def find(
    conn: AsyncConnection, person_id: int, at: datetime, *, words: str = "", size: int = 10, skipped: int = 0
) -> Page:
    """The households that the person may see, by region, group and name; `size` of them after `skipped`.

    With `words`: those whose head's name contains them or whose head's initials begin with them.
    """
    words = words.strip()
    parameters: dict[str, Any] = {"person": person_id, "at": at}
    count, rows = _COUNT, _ALL
    if words:
        part = _literally(words)
        parameters |= {"part": f"%{part}%", "initials": f"{part.lower()}%"}
        count, rows = _COUNT_FOUND, _FOUND
    total: int = (await conn.execute(count, parameters)).scalar_one()
    if total <= skipped:
        return Page((), total)
    found = await conn.execute(rows, parameters | {"size": size, "skipped": skipped})
    return Page(tuple(Household(*row) for row in found), total)
