"""Cadres who leave and what becomes of their households (workflow.md WF-14): leaving, handover, accepted.

A hand-over is about the households in one person's care in one region. Who is responsible for them is in
`assignments` alone: until a successor accepts, it stays whoever leaves. No state here takes anybody away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import in_force
from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of, upsert, word
from bot.storage.tables import appointments, assignments, handover_events, handovers, households, regions

State: TypeAlias = Literal["leaving", "handover", "accepted", "withdrawn"]
Step: TypeAlias = Literal["registered", "named", "accepted", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class NewHandover:
    """Somebody who will leave their households in a region on a day, as registered by somebody."""

    person_id: int
    region_id: int
    leaves_on: date
    reason: str
    registered_by: int
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over as it stands; since `warned_at` it is known that the day passed without a successor."""

    id: int
    person_id: int
    region_id: int
    leaves_on: date
    reason: str
    state: State
    successor_id: int | None
    named_by: int | None
    registered_by: int
    registered_at: datetime
    closed_at: datetime | None
    warned_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to be done."""
        return self.state in ("leaving", "handover")


@dataclass(frozen=True, slots=True)
class Event:
    """One step, who took it when, with what was said and the households that changed hands by it."""

    handover_id: int
    seq: int
    step: Step
    person_id: int
    at: datetime
    comment: str
    household_ids: Sequence[int]


_SELECT: Final = select(*columns_of(handovers, Handover))
_OPEN: Final = handovers.c.state.in_([word("leaving"), word("handover")])
_ADD: Final = upsert(lambda insert: insert(handovers).on_conflict_do_nothing().returning(handovers.c.id))
_ID: Final = handovers.c.id == bindparam("handover")
_GET: Final = _SELECT.where(_ID)
_GET_TO_CHANGE: Final = _GET.with_for_update(key_share=True)
_CHANGED: Final = ("state", "successor_id", "named_by", "closed_at", "warned_at")
_CHANGE: Final = update(handovers).where(_ID).values({name: bindparam(name) for name in _CHANGED})
_OF_PERSON: Final = _SELECT.where(_OPEN, handovers.c.person_id == bindparam("person")).order_by(
    handovers.c.id
)
_FOR: Final = _SELECT.where(
    handovers.c.state == word("handover"), handovers.c.successor_id == bindparam("person")
).order_by(handovers.c.leaves_on, handovers.c.id)
_TOP: Final = regions.alias("top")
_AT: Final = bindparam("at", type_=appointments.c.since.type)
_UNDER: Final = (
    select(handovers.c.id)
    .join(regions, regions.c.id == handovers.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .join(appointments, appointments.c.region_id == _TOP.c.id)
    .where(
        _OPEN,
        appointments.c.person_id == bindparam("person"),
        appointments.c.role.in_(bindparam("roles", expanding=True)),
        in_force(_AT),
    )
)
_OVERSEEN: Final = _SELECT.where(handovers.c.id.in_(_UNDER)).order_by(handovers.c.leaves_on, handovers.c.id)
_OVERDUE: Final = (
    _SELECT.where(
        _OPEN,
        handovers.c.warned_at.is_(None),
        handovers.c.leaves_on < bindparam("day", type_=handovers.c.leaves_on.type),
    )
    .order_by(handovers.c.id)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True, key_share=True)
)
_IN_CARE: Final = (
    select(assignments.c.household_id)
    .join(households, households.c.id == assignments.c.household_id)
    .join(regions, regions.c.id == households.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(
        assignments.c.person_id == bindparam("person"),
        assignments.c.until.is_(None),
        _TOP.c.id == bindparam("region"),
    )
    .order_by(households.c.region_id, households.c.village_group, households.c.head_name, households.c.id)
)
_PLACES: Final = (
    select(households.c.region_id, func.count())
    .join(assignments, assignments.c.household_id == households.c.id)
    .where(assignments.c.person_id == bindparam("person"), assignments.c.until.is_(None))
    .group_by(households.c.region_id)
)
_LEAVING: Final = (
    select(assignments.c.household_id, handovers.c.id)
    .join(handovers, handovers.c.person_id == assignments.c.person_id)
    .join(households, households.c.id == assignments.c.household_id)
    .join(regions, regions.c.id == households.c.region_id)
    .join(_TOP, (_TOP.c.id == handovers.c.region_id) & within(regions.c.path, _TOP.c.path))
    .where(
        assignments.c.household_id.in_(bindparam("ids", expanding=True)),
        assignments.c.until.is_(None),
        _OPEN,
    )
    .order_by(handovers.c.id)
)
_SUCCESSORS: Final = (
    select(appointments.c.person_id)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .join(regions, or_(within(regions.c.path, _TOP.c.path), within(_TOP.c.path, regions.c.path)))
    .where(
        regions.c.id == bindparam("region"),
        appointments.c.role == word("cadre"),
        appointments.c.person_id != bindparam("person"),
        in_force(_AT),
    )
    .distinct()
)
_LAST: Final = handover_events.alias("last")
_NEXT: Final = (
    select(func.coalesce(func.max(_LAST.c.seq), 0) + 1)
    .where(_LAST.c.handover_id == bindparam("its_handover"))
    .scalar_subquery()
)
_NOTE: Final = insert(handover_events).values(seq=_NEXT)
_EVENTS: Final = (
    select(*columns_of(handover_events, Event))
    .where(handover_events.c.handover_id == bindparam("handover"))
    .order_by(handover_events.c.seq)
)
_new = parameters_of(NewHandover)


async def add(conn: AsyncConnection, new: NewHandover) -> int | None:
    """Register that somebody leaves; its id, or None when that is registered already and still open."""
    row: dict[str, Any] = _new(new) | {"state": "leaving"} | dict.fromkeys(_CHANGED[1:])
    added: int | None = (await conn.execute(_ADD[conn.dialect.name], row)).scalar_one_or_none()
    return added


async def get(conn: AsyncConnection, handover_id: int, *, to_change: bool = False) -> Handover | None:
    """The hand-over of this id; `to_change` holds it until the end of the transaction."""
    query = _GET_TO_CHANGE if to_change else _GET
    row = (await conn.execute(query, {"handover": handover_id})).one_or_none()
    return None if row is None else Handover(*row)


async def change(conn: AsyncConnection, changed: Handover) -> None:
    """Write how a hand-over now stands; whose it is, where and since when never changes."""
    row = {name: getattr(changed, name) for name in _CHANGED}
    await conn.execute(_CHANGE, row | {"handover": changed.id})


async def note(
    conn: AsyncConnection,
    handover_id: int,
    step: Step,
    person_id: int,
    at: datetime,
    *,
    comment: str = "",
    household_ids: Iterable[int] = (),
) -> None:
    """Keep a step of a hand-over that this transaction holds or has just made."""
    row: dict[str, Any] = {
        "handover_id": handover_id,
        "its_handover": handover_id,
        "step": step,
        "person_id": person_id,
    }
    row |= {"at": at, "comment": comment, "household_ids": list(household_ids)}
    await conn.execute(_NOTE, row)


async def events(conn: AsyncConnection, handover_id: int) -> list[Event]:
    """Every step of the hand-over in order."""
    return [Event(*row) for row in await conn.execute(_EVENTS, {"handover": handover_id})]


async def open_of_person(conn: AsyncConnection, person_id: int) -> list[Handover]:
    """The open hand-overs of somebody who leaves."""
    return [Handover(*row) for row in await conn.execute(_OF_PERSON, {"person": person_id})]


async def waiting_for(conn: AsyncConnection, person_id: int) -> list[Handover]:
    """The hand-overs that wait for the person's word as the successor, the first to leave first."""
    return [Handover(*row) for row in await conn.execute(_FOR, {"person": person_id})]


async def overseen(
    conn: AsyncConnection, person_id: int, roles: Iterable[str], at: datetime
) -> list[Handover]:
    """The open hand-overs in the regions where the person holds one of these roles."""
    parameters = {"person": person_id, "roles": padded(sorted(set(roles))), "at": at}
    return [Handover(*row) for row in await conn.execute(_OVERSEEN, parameters)]


async def overdue(conn: AsyncConnection, day: date, limit: int) -> list[Handover]:
    """Open hand-overs whose leaving day is before `day` and of which nobody was warned yet.

    They are this transaction's: other processes pass over them until it ends.
    """
    return [Handover(*row) for row in await conn.execute(_OVERDUE, {"day": day, "size": limit})]


async def in_care(conn: AsyncConnection, person_id: int, region_id: int) -> list[int]:
    """The households of the region for which the person is responsible now, in the order of lists."""
    parameters = {"person": person_id, "region": region_id}
    return list((await conn.execute(_IN_CARE, parameters)).scalars())


async def places(conn: AsyncConnection, person_id: int) -> dict[int, int]:
    """In which regions the person is responsible for how many households."""
    return {row[0]: row[1] for row in await conn.execute(_PLACES, {"person": person_id})}


async def leaving(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, int]:
    """The open hand-over in which each of these households is, by household; others are absent."""
    rows = await conn.execute(_LEAVING, {"ids": padded(sorted(set(household_ids)))})
    return {row[0]: row[1] for row in rows}


async def successors(conn: AsyncConnection, person_id: int, region_id: int, at: datetime) -> list[int]:
    """Who could follow the person there: whoever is a cadre of the region, active or not."""
    parameters = {"person": person_id, "region": region_id, "at": at}
    return sorted((await conn.execute(_SUCCESSORS, parameters)).scalars())
