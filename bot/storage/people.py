"""The people who use the product, what they were appointed to, and the accounts through which they speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of, replacing
from bot.storage.tables import accounts, appointments, households, people, regions

Role: TypeAlias = Literal[
    "cadre", "village", "township", "county", "department", "unit", "inspector", "admin"
]
"""What somebody may see: see `visibility`."""
USUAL_POST: Final[Mapping[str, str]] = {
    "cadre": "helper",
    "village": "village_cadre",
    "township": "township_office",
    "county": "county_office",
    "unit": "unit_leader",
    "inspector": "discipline",
    "admin": "admin",
}
"""What somebody of a role is unless a post is named: the same as those marked `usual` in `offices.toml`."""
Status: TypeAlias = Literal["active", "suspended"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with the product; a suspended person sees nothing."""

    id: int
    name: str
    unit: str
    status: Status


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a person is in a region, from `since` until before `until` (None: still).

    `post` is what the documents call it, and what the person may do in procedures.
    """

    id: int
    person_id: int
    role: Role
    post: str
    region_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Account:
    """An address at a channel and the person behind it."""

    channel: str
    address: str
    person_id: int


def in_force(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether the appointment of the row holds at that moment."""
    later = appointments.c.until
    return (appointments.c.since <= at) & or_(later.is_(None), later > at)


_AT: Final = bindparam("at", type_=appointments.c.since.type)
_IDS: Final[BindParameter[int]] = bindparam("ids", expanding=True)
_ADD: Final = insert(people).returning(people.c.id)
_GET: Final = select(*columns_of(people, Person)).where(people.c.id.in_(_IDS))
_SET_STATUS: Final = update(people).where(people.c.id == bindparam("person"))
_SET_UNIT: Final = update(people).where(people.c.id == bindparam("person"))
_HOLD: Final = (
    select(people.c.id).where(people.c.id.in_(_IDS)).order_by(people.c.id).with_for_update(key_share=True)
)
_APPOINT: Final = insert(appointments).returning(appointments.c.id)
_DISMISS: Final = (
    update(appointments)
    .where(appointments.c.id == bindparam("appointment"), appointments.c.until.is_(None))
    .values(until=_AT)
)
_APPOINTMENTS: Final = (
    select(*columns_of(appointments, Appointment))
    .where(appointments.c.person_id == bindparam("person"), in_force(_AT))
    .order_by(appointments.c.id)
)
_HOLDER: Final = select(appointments.c.person_id).where(appointments.c.id == bindparam("appointment"))
_BIND: Final = replacing(accounts, keys=("channel", "address"), rest=("person_id",))
_UNBIND: Final = delete(accounts).where(
    accounts.c.channel == bindparam("channel"), accounts.c.address == bindparam("address")
)
_UNBIND_ALL: Final = delete(accounts).where(accounts.c.person_id == bindparam("person"))
_BOUND: Final = select(accounts.c.person_id).where(accounts.c.person_id == bindparam("person")).limit(1)
_BEHIND: Final = (
    select(accounts.c.address, *columns_of(people, Person))
    .join(people, people.c.id == accounts.c.person_id)
    .where(
        accounts.c.channel == bindparam("channel"),
        accounts.c.address.in_(bindparam("addresses", expanding=True)),
    )
)
_ACCOUNTS: Final = (
    select(*columns_of(accounts, Account))
    .join(people, people.c.id == accounts.c.person_id)
    .where(accounts.c.person_id.in_(_IDS), people.c.status == "active")
    .order_by(accounts.c.person_id, accounts.c.channel, accounts.c.address)
)
_PLACE: Final = regions.alias("place")
_ROLES: Final[BindParameter[str]] = bindparam("roles", expanding=True)
_NAMED: Final = or_(appointments.c.role.in_(_ROLES), appointments.c.post.in_(_ROLES))
_OVER: Final = (
    select(*columns_of(appointments, Appointment))
    .join(people, people.c.id == appointments.c.person_id)
    .join(regions, regions.c.id == appointments.c.region_id)
    .join(_PLACE, within(_PLACE.c.path, regions.c.path))
    .join(households, households.c.region_id == _PLACE.c.id)
    .where(
        households.c.id == bindparam("household"),
        _NAMED,
        people.c.status == "active",
        in_force(_AT),
    )
    .order_by(appointments.c.id)
)
_OVER_REGION: Final = (
    select(*columns_of(appointments, Appointment))
    .join(people, people.c.id == appointments.c.person_id)
    .join(regions, regions.c.id == appointments.c.region_id)
    .join(_PLACE, within(_PLACE.c.path, regions.c.path))
    .where(_PLACE.c.id == bindparam("region"), _NAMED, people.c.status == "active", in_force(_AT))
    .order_by(appointments.c.id)
)
_HELD: Final = (
    select(*columns_of(appointments, Appointment))
    .join(people, people.c.id == appointments.c.person_id)
    .where(people.c.status == "active", in_force(_AT))
    .order_by(appointments.c.id)
)
_account = parameters_of(Account)


async def add(conn: AsyncConnection, *, name: str, unit: str = "") -> Person:
    """A new person, active, appointed to nothing yet."""
    row = {"name": name, "unit": unit, "status": "active"}
    return Person((await conn.execute(_ADD, row)).scalar_one(), name, unit, "active")


async def get_many(conn: AsyncConnection, person_ids: Iterable[int]) -> dict[int, Person]:
    """The people of these ids by id."""
    rows = await conn.execute(_GET, {"ids": padded(person_ids)})
    return {row.id: Person(*row) for row in rows}


async def get(conn: AsyncConnection, person_id: int) -> Person | None:
    """The person of this id."""
    return (await get_many(conn, [person_id])).get(person_id)


async def set_status(conn: AsyncConnection, person_id: int, status: Status) -> None:
    """Suspend somebody, or let them back."""
    await conn.execute(_SET_STATUS, {"person": person_id, "status": status})


async def set_unit(conn: AsyncConnection, person_id: int, unit: str) -> None:
    """Say which unit the person belongs to; "" when none."""
    await conn.execute(_SET_UNIT, {"person": person_id, "unit": unit})


async def hold(conn: AsyncConnection, person_ids: Iterable[int]) -> None:
    """Keep others who hold one of the same people from going on until the end of the transaction."""
    await conn.execute(_HOLD, {"ids": padded(sorted(set(person_ids)))})


async def appoint(
    conn: AsyncConnection, *, person_id: int, role: Role, region_id: int, since: datetime, post: str = ""
) -> Appointment:
    """Appoint a person, to the role's usual post unless another is named; several at once are possible."""
    post = post or USUAL_POST.get(role, "")
    row = {"person_id": person_id, "role": role, "post": post, "region_id": region_id, "since": since}
    appointment_id = (await conn.execute(_APPOINT, row | {"until": None})).scalar_one()
    return Appointment(appointment_id, person_id, role, post, region_id, since, None)


async def dismiss(conn: AsyncConnection, appointment_id: int, at: datetime) -> None:
    """End an appointment; it stays in the records."""
    await conn.execute(_DISMISS, {"appointment": appointment_id, "at": at})


async def appointments_of(conn: AsyncConnection, person_id: int, at: datetime) -> list[Appointment]:
    """What the person is at that moment, oldest first."""
    rows = await conn.execute(_APPOINTMENTS, {"person": person_id, "at": at})
    return [Appointment(*row) for row in rows]


async def holder(conn: AsyncConnection, appointment_id: int) -> int | None:
    """Whose appointment it is, in force or not."""
    found: int | None = (await conn.execute(_HOLDER, {"appointment": appointment_id})).scalar_one_or_none()
    return found


async def bind(conn: AsyncConnection, account: Account) -> None:
    """Let an account speak for a person; an account that spoke for another one is taken over."""
    await conn.execute(_BIND[conn.dialect.name], _account(account))


async def unbind(conn: AsyncConnection, channel: str, address: str) -> None:
    """Let an account speak for nobody, as when a phone is lost."""
    await conn.execute(_UNBIND, {"channel": channel, "address": address})


async def unbind_all(conn: AsyncConnection, person_id: int) -> None:
    """Let no account speak for the person any more."""
    await conn.execute(_UNBIND_ALL, {"person": person_id})


async def is_bound(conn: AsyncConnection, person_id: int) -> bool:
    """Whether any account speaks for the person, suspended or not."""
    return (await conn.execute(_BOUND, {"person": person_id})).first() is not None


async def behind(conn: AsyncConnection, channel: str, addresses: Sequence[str]) -> dict[str, Person]:
    """Who speaks through these addresses, by address; strangers are absent."""
    rows = await conn.execute(_BEHIND, {"channel": channel, "addresses": padded(addresses)})
    return {address: Person(*person) for address, *person in rows}


async def accounts_of(conn: AsyncConnection, person_ids: Iterable[int]) -> list[Account]:
    """Every account of these people, except of those who are suspended."""
    return [Account(*row) for row in await conn.execute(_ACCOUNTS, {"ids": padded(person_ids)})]


async def over(
    conn: AsyncConnection, household_id: int, roles: Sequence[str], at: datetime
) -> list[Appointment]:
    """The appointments of active people to the regions in which the household lies.

    `roles` names roles, with all their posts, and single posts.
    """
    rows = await conn.execute(_OVER, {"household": household_id, "roles": padded(roles), "at": at})
    return [Appointment(*row) for row in rows]


async def over_region(
    conn: AsyncConnection, region_id: int, roles: Sequence[str], at: datetime
) -> list[Appointment]:
    """The appointments of active people in these roles or posts to a region or to what it lies in."""
    rows = await conn.execute(_OVER_REGION, {"region": region_id, "roles": padded(roles), "at": at})
    return [Appointment(*row) for row in rows]


async def held_in(
    conn: AsyncConnection, region_ids: Iterable[int], at: datetime
) -> dict[int, list[Appointment]]:
    """What active people are appointed to in exactly these regions, by region."""
    wanted, found = set(region_ids), dict[int, list[Appointment]]()
    for row in await conn.execute(_HELD, {"at": at}):
        if row.region_id in wanted:
            found.setdefault(row.region_id, []).append(Appointment(*row))
    return found
