"""Households and the people who live in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.sealing import ring_of
from bot.storage.tables import households, members, regions


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHousehold:
    """A household as it enters the records; `initials` are the pinyin initials of the head, lower case."""

    region_id: int
    village_group: str
    head_name: str
    initials: str
    created_at: datetime
    address: str = ""
    head_id_number: str | None = None
    population: int | None = None
    reg_status: int | None = None
    exit_year: int | None = None
    phone: str | None = None
    file: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """A household; `file` holds the facts that are known of it besides."""

    id: int
    region_id: int
    village_group: str
    head_name: str
    initials: str
    head_id_number: str | None
    address: str
    population: int | None
    reg_status: int | None
    exit_year: int | None
    phone: str | None
    file: Mapping[str, Any]
    created_at: datetime
    code: str | None = None
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household; the head is at position 1. Codes are the forms' own."""

    household_id: int
    position: int
    name: str
    relation: str | None = None
    birth_date: date | None = None
    sex: int | None = None
    insured: int | None = None
    labor: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_IDS: Final[BindParameter[int]] = bindparam("ids", expanding=True)
_ADD: Final = insert(households).returning(households.c.id, sort_by_parameter_order=True)
_GET: Final = select(*columns_of(households, Household)).where(households.c.id.in_(_IDS))
_NAMED: Final = (
    select(*columns_of(households, Household))
    .where(households.c.head_name == bindparam("its_name"))
    .order_by(households.c.id)
)
_AT_ONCE: Final = 1024
"""So many values at most in one IN list."""
_BY_IDENTITY: Final = (
    select(households.c.id, households.c.id_number_index)
    .where(households.c.id_number_index.in_(bindparam("those", expanding=True)))
    .order_by(households.c.id)
)
_REVISE: Final = update(households).where(households.c.id == bindparam("household"))
_MEMBERS: Final = (
    select(*columns_of(members, Member))
    .where(members.c.household_id.in_(_IDS))
    .order_by(members.c.household_id, members.c.position)
)
_TOP: Final = regions.alias("top")
_IDS_WITHIN: Final = (
    select(households.c.id)
    .join(regions, regions.c.id == households.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(_TOP.c.id == bindparam("region"))
    .order_by(regions.c.path, households.c.village_group, households.c.head_name, households.c.id)
)
_DROP_MEMBERS: Final = delete(members).where(members.c.household_id.in_(_IDS))
_ADD_MEMBERS: Final = insert(members)
_household = parameters_of(NewHousehold)
_member = parameters_of(Member)


async def add_many(conn: AsyncConnection, new: Sequence[NewHousehold]) -> list[int]:
    """Enter households; their ids in the same order."""
    if not new:
        return []
    rows = [_household(item) | _found_by(conn, item.head_id_number) for item in new]
    result = await conn.execute(_ADD, rows)
    return list(result.scalars())


async def add(conn: AsyncConnection, new: NewHousehold) -> int:
    """Enter one household; its id."""
    return (await add_many(conn, [new]))[0]


async def named(conn: AsyncConnection, head_name: str) -> list[Household]:
    """The households whose head has exactly this name."""
    return [Household(*row) for row in await conn.execute(_NAMED, {"its_name": head_name})]


async def get_many(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, Household]:
    """The households of these ids by id, whoever asks: see `visibility` for what a person may see."""
    rows = await conn.execute(_GET, {"ids": padded(household_ids)})
    return {row.id: Household(*row) for row in rows}


async def get(conn: AsyncConnection, household_id: int) -> Household | None:
    """The household of this id, whoever asks."""
    return (await get_many(conn, [household_id])).get(household_id)


async def by_identity(conn: AsyncConnection, numbers: Iterable[str]) -> dict[str, list[int]]:
    """The ids of the households whose head has exactly that identity number, by number, whoever asks."""
    ring = ring_of(conn.dialect)
    given = {found_by: number for number in numbers for found_by in ring.finders(number)}
    those, found = list(given), dict[str, list[int]]()
    for start in range(0, len(those), _AT_ONCE):
        part = {"those": padded(those[start : start + _AT_ONCE])}
        for id, found_by in await conn.execute(_BY_IDENTITY, part):
            found.setdefault(given[found_by], []).append(id)
    return found


def _found_by(conn: AsyncConnection, number: str | None) -> dict[str, str | None]:
    """The column by which a household is found: the number itself is sealed, no statement can compare it."""
    return {"id_number_index": ring_of(conn.dialect).finders(number)[0] if number else None}


async def ids_within(conn: AsyncConnection, region_id: int) -> list[int]:
    """The ids of all households of a region and of everything under it, by village, group and head."""
    return list((await conn.execute(_IDS_WITHIN, {"region": region_id})).scalars())


async def revise(conn: AsyncConnection, household_id: int, changes: Mapping[str, Any]) -> None:
    """Change columns of a household by their names."""
    if "head_id_number" in changes:
        changes = {**changes, **_found_by(conn, changes["head_id_number"])}
    if changes:
        await conn.execute(_REVISE, {"household": household_id, **changes})


async def replace_members(conn: AsyncConnection, household_ids: Iterable[int], new: Sequence[Member]) -> None:
    """Let `new` be all the members of these households."""
    await conn.execute(_DROP_MEMBERS, {"ids": padded(household_ids)})
    if new:
        await conn.execute(_ADD_MEMBERS, [_member(item) for item in new])


async def members_of(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, list[Member]]:
    """The members of these households, by household, in their order."""
    found: dict[int, list[Member]] = {}
    for row in await conn.execute(_MEMBERS, {"ids": padded(household_ids)}):
        found.setdefault(row.household_id, []).append(Member(*row))
    return found
