"""What taking in a roster asks of the records, many rows at a time, and the files that wait for a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.households import by_identity as by_number
from bot.storage.people import Appointment, Person, Role, in_force
from bot.storage.regions import Region
from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import appointments, assignments, households, people, regions, roster_files

CHUNK: Final = 4096
"""So many values are asked for at a time."""
_VALUES: Final[BindParameter[Any]] = bindparam("values", expanding=True)
_AT: Final = bindparam("at", type_=appointments.c.since.type)
_REGIONS: Final = select(*columns_of(regions, Region), regions.c.code).order_by(regions.c.path)
_SET_CODE: Final = update(regions).where(regions.c.id == bindparam("region"))
_BY_CODE: Final = select(households.c.code, households.c.id).where(households.c.code.in_(_VALUES))
_IN_VILLAGES: Final = select(households.c.id, households.c.region_id, households.c.head_name).where(
    households.c.region_id.in_(_VALUES), households.c.erased_at.is_(None)
)
_COUNT: Final = (
    select(func.count())
    .select_from(households)
    .where(households.c.region_id.in_(_VALUES), households.c.erased_at.is_(None))
)
_NAMED: Final = select(*columns_of(people, Person)).where(people.c.name.in_(_VALUES)).order_by(people.c.id)
_POSTS: Final = (
    select(*columns_of(appointments, Appointment))
    .where(appointments.c.person_id.in_(_VALUES), in_force(_AT))
    .order_by(appointments.c.id)
)
_POSTS_IN: Final = (
    select(*columns_of(appointments, Appointment))
    .where(appointments.c.region_id.in_(_VALUES), in_force(_AT))
    .order_by(appointments.c.region_id, appointments.c.person_id, appointments.c.id)
)
_ADD_PEOPLE: Final = insert(people).returning(people.c.id, sort_by_parameter_order=True)
_APPOINT: Final = insert(appointments)
_ASSIGN: Final = insert(assignments)


@dataclass(frozen=True, slots=True)
class Appointed:
    """Somebody to be appointed to a post in a region."""

    person_id: int
    role: Role
    post: str
    region_id: int


_appointed = parameters_of(Appointed)


@dataclass(frozen=True, slots=True)
class Brief:
    """As much of a household as tells whether it may be one of a roster."""

    id: int
    region_id: int
    head_name: str


def chunks(values: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    items = list(values)
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def all_regions(conn: AsyncConnection) -> list[tuple[Region, str | None]]:
    """Every region with its code, parents before their children."""
    return [(Region(*row[:-1]), row[-1]) for row in await conn.execute(_REGIONS)]


async def set_region_codes(conn: AsyncConnection, codes: Mapping[int, str]) -> None:
    """Give regions their codes, by their ids."""
    for id, code in codes.items():
        await conn.execute(_SET_CODE, {"region": id, "code": code})


async def by_codes(conn: AsyncConnection, codes: Collection[str]) -> dict[str, int]:
    """The households of these codes; others are absent."""
    found: dict[str, int] = {}
    for part in chunks(codes):
        found.update((row[0], row[1]) for row in await conn.execute(_BY_CODE, {"values": padded(part)}))
    return found


async def by_identity(conn: AsyncConnection, numbers: Collection[str]) -> dict[str, list[int]]:
    """The households whose head has one of these identity numbers; others are absent."""
    return await by_number(conn, numbers)


async def in_villages(conn: AsyncConnection, region_ids: Collection[int]) -> list[Brief]:
    """The households of these villages in brief."""
    found: list[Brief] = []
    for part in chunks(region_ids):
        found += [Brief(*row) for row in await conn.execute(_IN_VILLAGES, {"values": padded(part)})]
    return found


async def count_in(conn: AsyncConnection, region_ids: Collection[int]) -> int:
    """How many households these villages have."""
    total = 0
    for part in chunks(region_ids):
        total += (await conn.execute(_COUNT, {"values": part})).scalar_one()
    return total


async def people_named(conn: AsyncConnection, names: Collection[str]) -> list[Person]:
    """Everybody with one of these names, active or not."""
    found: list[Person] = []
    for part in chunks(names):
        found += [Person(*row) for row in await conn.execute(_NAMED, {"values": padded(part)})]
    return found


async def posts_of(
    conn: AsyncConnection, person_ids: Collection[int], at: datetime
) -> dict[int, list[Appointment]]:
    """What these people are at that moment, by person."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    for part in chunks(person_ids):
        for row in await conn.execute(_POSTS, {"values": padded(part), "at": at}):
            found[row.person_id].append(Appointment(*row))
    return dict(found)


async def posts_in(conn: AsyncConnection, region_ids: Collection[int], at: datetime) -> list[Appointment]:
    """Everybody's appointments to these regions at that moment, region by region."""
    found: list[Appointment] = []
    for part in chunks(region_ids):
        rows = await conn.execute(_POSTS_IN, {"values": padded(part), "at": at})
        found += [Appointment(*row) for row in rows]
    return found


async def add_people(conn: AsyncConnection, new: Sequence[tuple[str, str]]) -> list[int]:
    """New people by name and unit, active; their ids in the same order."""
    if not new:
        return []
    rows = [{"name": name, "unit": unit, "status": "active"} for name, unit in new]
    return list((await conn.execute(_ADD_PEOPLE, rows)).scalars())


async def appoint_many(conn: AsyncConnection, new: Sequence[Appointed], at: datetime) -> None:
    """Appoint people from that moment on."""
    if new:
        await conn.execute(_APPOINT, [_appointed(each) | {"since": at, "until": None} for each in new])


async def first_assign(conn: AsyncConnection, pairs: Sequence[tuple[int, int]], at: datetime) -> None:
    """Make people responsible for new households, by (household, person): nobody was before."""
    if pairs:
        rows = [{"household_id": home, "person_id": person, "since": at} for home, person in pairs]
        await conn.execute(_ASSIGN, [row | {"until": None} for row in rows])


# ----------------------------------------------------------------------------- files that were sent


@dataclass(frozen=True, slots=True)
class NewRosterFile:
    """A file on its way in: "arrived" (not looked at), "fetching" (at the channel) or "waiting" to be read.

    `ending` is ".xlsx" or ".csv"; nothing else of its name is kept.
    """

    person_id: int | None
    channel: str
    address: str
    ending: str
    state: str
    sent_at: datetime
    size: int | None = None
    remote_id: str | None = None
    content: bytes | None = None
    decision: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A file as it stands; besides the states above "asking" (a decision is waited for) and "closed".

    `decision` is what somebody chose: "" (nothing yet), "merge", "both", "leave" or "take".
    """

    id: int
    person_id: int | None
    channel: str
    address: str
    ending: str
    state: str
    sent_at: datetime
    size: int | None
    remote_id: str | None
    decision: str
    counts: Mapping[str, Any]
    attempts: int


_FILE: Final = roster_files.c.id == bindparam("file")
_FIELDS: Final = columns_of(roster_files, RosterFile)
_ADD: Final = insert(roster_files).returning(roster_files.c.id)
_GET: Final = select(*_FIELDS).where(_FILE)
_CONTENT: Final = select(roster_files.c.content).where(_FILE)
_IN_STATE: Final = (
    select(*_FIELDS).where(roster_files.c.state == bindparam("its_state")).order_by(roster_files.c.id)
)
_OF_PERSON: Final = (
    select(*_FIELDS)
    .where(roster_files.c.person_id == bindparam("person"), roster_files.c.state != "closed")
    .order_by(roster_files.c.id)
)
_CHANGE: Final = update(roster_files).where(_FILE)
_EXPIRE: Final = (
    update(roster_files)
    .where(
        or_(roster_files.c.state == "arrived", roster_files.c.state == "asking"),
        roster_files.c.sent_at < bindparam("before", type_=roster_files.c.sent_at.type),
    )
    .values(state="closed", content=None)
)
_new = parameters_of(NewRosterFile)


async def add_file(conn: AsyncConnection, new: NewRosterFile) -> int:
    """Keep a file that was sent; its id."""
    id: int = (await conn.execute(_ADD, _new(new))).scalar_one()
    return id


async def get_file(conn: AsyncConnection, file_id: int) -> RosterFile | None:
    """The file of this id, without its content."""
    row = (await conn.execute(_GET, {"file": file_id})).one_or_none()
    return None if row is None else RosterFile(*row)


async def content_of(conn: AsyncConnection, file_id: int) -> bytes | None:
    """What is in the file; None when it is not here, or no longer."""
    found: bytes | None = (await conn.execute(_CONTENT, {"file": file_id})).scalar_one_or_none()
    return found


async def files_in(conn: AsyncConnection, state: str) -> list[RosterFile]:
    """The files in a state, the first sent first."""
    return [RosterFile(*row) for row in await conn.execute(_IN_STATE, {"its_state": state})]


async def files_of(conn: AsyncConnection, person_id: int) -> Sequence[RosterFile]:
    """The files of a person that are not done with."""
    return [RosterFile(*row) for row in await conn.execute(_OF_PERSON, {"person": person_id})]


async def change_file(conn: AsyncConnection, file_id: int, **columns: Any) -> None:
    """Change columns of a file by their names."""
    await conn.execute(_CHANGE, {"file": file_id, **columns})


async def close_file(conn: AsyncConnection, file_id: int) -> None:
    """Be done with a file: what was in it goes."""
    await change_file(conn, file_id, state="closed", content=None, remote_id=None)


async def expire_files(conn: AsyncConnection, before: datetime) -> int:
    """Close what nobody has decided about since; how many those were."""
    return (await conn.execute(_EXPIRE, {"before": before})).rowcount
