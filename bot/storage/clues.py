"""Clues to households that may need help: who sent them, whom they mean, and which case they went to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import in_force
from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import appointments, assignments, clues, households, members, people, regions

State: TypeAlias = Literal["unmatched", "matched", "dropped"]
"""An unmatched clue waits for a person who says whom it means; a dropped one means nobody."""


@dataclass(frozen=True, slots=True)
class NewClue:
    """A clue as it came in on `received_on`; `name`, `village` and `id_number` are as its sender wrote them.

    `procedure` is the one whose case it opens, `source` one of procedures.CLUES, `office` the department that
    sent it. `region_id` is the smallest
    place that it is known to lie in. Once the household is known its identity number is not kept here.
    """

    procedure: str
    source: str
    office: str
    received_on: date
    household_id: int | None
    region_id: int
    name: str
    village: str
    id_number: str | None
    words: str
    state: State
    case_id: int | None
    person_id: int
    entered_at: datetime
    settled_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Clue(NewClue):
    """A clue on record."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the clues that somebody may see, and how many there are."""

    items: tuple[Clue, ...]
    total: int


OVERSEERS: Final = ("village", "township", "county")
_SELECT: Final = select(*columns_of(clues, Clue))
_ADD: Final = insert(clues).returning(clues.c.id)
_GET: Final = _SELECT.where(clues.c.id == bindparam("clue"))
_GET_TO_CHANGE: Final = _GET.with_for_update(key_share=True)
_CHANGED: Final = ("household_id", "region_id", "id_number", "state", "case_id", "settled_by", "reason")
_CHANGE: Final = update(clues).where(clues.c.id == bindparam("clue"))
_OF_CASES: Final = _SELECT.where(clues.c.case_id.in_(bindparam("ids", expanding=True))).order_by(
    clues.c.received_on, clues.c.id
)
_OF_LIST: Final = _SELECT.where(
    clues.c.procedure == bindparam("its_procedure"),
    clues.c.source == bindparam("its_source"),
    clues.c.office == bindparam("its_office"),
    clues.c.received_on == bindparam("its_day"),
)
_PERSON: Final = bindparam("person", type_=people.c.id.type)
_AT: Final = bindparam("at", type_=appointments.c.since.type)
_TOP: Final = regions.alias("top")
_HOLDS: Final = (appointments.c.person_id == _PERSON) & in_force(_AT)
_OVER: Final = exists(
    select(appointments.c.id)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .where(_HOLDS, appointments.c.role.in_(OVERSEERS), within(regions.c.path, _TOP.c.path))
    .correlate(regions)
)
_IN_CARE: Final = clues.c.household_id.in_(
    select(assignments.c.household_id).where(
        assignments.c.person_id == _PERSON,
        assignments.c.until.is_(None),
        exists().where(_HOLDS, appointments.c.role == "cadre").correlate(None),
    )
)
_ACTIVE: Final = exists().where(people.c.id == _PERSON, people.c.status == "active").correlate(None)
_NOT_ERASED: Final = or_(
    clues.c.household_id.is_(None),
    exists().where(households.c.id == clues.c.household_id, households.c.erased_at.is_(None)),
)
_SEEN: Final = and_(_ACTIVE, _NOT_ERASED, clues.c.state != "dropped", or_(_OVER, _IN_CARE))
_FROM: Final = clues.join(regions, regions.c.id == clues.c.region_id)
_ONE: Final = _SELECT.select_from(_FROM).where(_SEEN, clues.c.id == bindparam("clue"))
_LIST: Final = (
    _SELECT.select_from(_FROM)
    .where(_SEEN)
    .order_by(clues.c.household_id.is_not(None), clues.c.received_on.desc(), clues.c.id.desc())
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
_COUNT: Final = select(func.count()).select_from(_FROM).where(_SEEN)
_COUNT_UNMATCHED: Final = _COUNT.where(clues.c.state == "unmatched")
_NAMED: Final = (
    select(households.c.id)
    .where(
        households.c.region_id == bindparam("village"),
        households.c.erased_at.is_(None),
        or_(
            households.c.head_name == bindparam("its_name"),
            exists().where(
                members.c.household_id == households.c.id, members.c.name == bindparam("its_name")
            ),
        ),
    )
    .order_by(households.c.id)
)
_new = parameters_of(NewClue)


async def add(conn: AsyncConnection, new: NewClue) -> Clue:
    """Put a clue on record."""
    clue_id = (await conn.execute(_ADD, _new(new))).scalar_one()
    return Clue(**_new(new), id=clue_id)


async def get(conn: AsyncConnection, clue_id: int) -> Clue | None:
    """The clue of this id, whoever asks, held until the end of the transaction."""
    row = (await conn.execute(_GET_TO_CHANGE, {"clue": clue_id})).one_or_none()
    return None if row is None else Clue(*row)


async def seen(conn: AsyncConnection, person_id: int, clue_id: int, at: datetime) -> Clue | None:
    """The clue, when the person may see it: in their region, or about a household in their care."""
    row = (await conn.execute(_ONE, {"person": person_id, "clue": clue_id, "at": at})).one_or_none()
    return None if row is None else Clue(*row)


async def page(conn: AsyncConnection, person_id: int, at: datetime, size: int, skipped: int = 0) -> Page:
    """The clues that the person may see: those that nobody has matched first, then the newest."""
    whose = {"person": person_id, "at": at}
    total: int = (await conn.execute(_COUNT, whose)).scalar_one()
    rows = await conn.execute(_LIST, whose | {"size": size, "skipped": skipped})
    return Page(tuple(Clue(*row) for row in rows), total)


async def unmatched(conn: AsyncConnection, person_id: int, at: datetime) -> int:
    """How many clues that the person may see wait for somebody who says whom they mean."""
    found: int = (await conn.execute(_COUNT_UNMATCHED, {"person": person_id, "at": at})).scalar_one()
    return found


async def change(conn: AsyncConnection, changed: Clue) -> None:
    """Write what became of a clue."""
    row = {name: getattr(changed, name) for name in _CHANGED}
    await conn.execute(_CHANGE, row | {"clue": changed.id})


async def matched(conn: AsyncConnection, clue: Clue, household_id: int, region_id: int, by: int) -> Clue:
    """The clue means this household: who said so is kept, the identity number no longer."""
    found = replace(
        clue,
        household_id=household_id,
        region_id=region_id,
        id_number=None,
        state="matched",
        settled_by=by,
    )
    await change(conn, found)
    return found


async def of_cases(conn: AsyncConnection, case_ids: Iterable[int]) -> list[Clue]:
    """The clues that went to these cases, the first that came in first."""
    rows = await conn.execute(_OF_CASES, {"ids": padded(case_ids)})
    return [Clue(*row) for row in rows]


async def of_list(conn: AsyncConnection, procedure: str, source: str, office: str, day: date) -> list[Clue]:
    """Every clue of that list: what is handed in a second time is no new clue."""
    asked = {"its_procedure": procedure, "its_source": source, "its_office": office, "its_day": day}
    return [Clue(*row) for row in await conn.execute(_OF_LIST, asked)]


async def named_in(conn: AsyncConnection, village_id: int, name: str) -> list[int]:
    """The ids of the households of a village whose head, or one of whose members, has exactly this name."""
    rows = await conn.execute(_NAMED, {"village": village_id, "its_name": name})
    return list(rows.scalars())
