"""Cases on their way through procedures: where each stands, and every step it took (workflow.md 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import in_force
from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of, word
from bot.storage.subjects import Subject, subject_of
from bot.storage.tables import appointments, assignments, case_events, cases, households, people, regions


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that begins; `data` remembers days and people by name, `due` is when the state must be left."""

    procedure: str
    household_id: int | None
    region_id: int | None
    state: str
    since: datetime
    due: date | None
    opened_at: datetime
    interview_id: int | None = None
    problem_id: int | None = None
    department: str = ""
    person_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands; `open` is 0 once it has come to an end."""

    id: int
    procedure: str
    household_id: int | None
    region_id: int | None
    interview_id: int | None
    problem_id: int | None
    state: str
    since: datetime
    due: date | None
    open: int
    department: str
    person_id: int | None
    data: Mapping[str, Any]
    opened_at: datetime

    @property
    def subject(self) -> Subject:
        """The household or region that it is about."""
        return subject_of(self.household_id, self.region_id)


@dataclass(frozen=True, slots=True)
class Event:
    """One step that a case took, who took it in which post, and the questionnaire that tells of it."""

    case_id: int
    seq: int
    step: str
    before: str
    after: str
    person_id: int | None
    post: str
    at: datetime
    comment: str
    interview_id: int | None
    data: Mapping[str, Any]


_SELECT: Final = select(*columns_of(cases, Case))
_ADD: Final = insert(cases).returning(cases.c.id)
_ID: Final = cases.c.id == bindparam("case")
_GET: Final = _SELECT.where(_ID)
_GET_TO_CHANGE: Final = _GET.with_for_update(key_share=True)
_CHANGED: Final = ("state", "since", "due", "open", "department", "person_id", "data", "interview_id")
_CHANGE: Final = update(cases).where(_ID)
_OF: Final = {
    "household": _SELECT.where(cases.c.household_id == bindparam("subject")).order_by(cases.c.id),
    "region": _SELECT.where(cases.c.region_id == bindparam("subject")).order_by(cases.c.id),
}
_OF_INTERVIEW: Final = _SELECT.where(cases.c.interview_id == bindparam("interview")).order_by(cases.c.id)
_OF_PROBLEM: Final = _SELECT.where(cases.c.problem_id == bindparam("problem")).order_by(cases.c.id)
_ADD_EVENT: Final = insert(case_events)
_EVENTS: Final = (
    select(*columns_of(case_events, Event))
    .where(case_events.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(case_events.c.case_id, case_events.c.seq)
)
_PLACE: Final = regions.alias("place")
_TOP: Final = regions.alias("top")
_AT: Final = bindparam("at", type_=appointments.c.since.type)
_STANDS: Final = cases.c.procedure + ":" + cases.c.state
_WHERE: Final = func.coalesce(cases.c.region_id, households.c.region_id)
_ACTIVE: Final = exists().where(people.c.id == bindparam("person"), people.c.status == "active")


def _waits() -> ColumnElement[bool]:
    """Whether the case waits for this post of the person: over its place, or for its own household."""
    held = (
        (appointments.c.person_id == bindparam("person"))
        & in_force(_AT)
        & (appointments.c.post == bindparam("post"))
    )
    over = (
        select(appointments.c.id)
        .join(_TOP, _TOP.c.id == appointments.c.region_id)
        .where(held, within(_PLACE.c.path, _TOP.c.path))
    )
    in_care = (appointments.c.role != word("cadre")) | exists().where(
        assignments.c.household_id == cases.c.household_id,
        assignments.c.person_id == bindparam("person"),
        assignments.c.until.is_(None),
    )
    for_office = (appointments.c.role != word("department")) | (cases.c.department == appointments.c.post)
    return _STANDS.in_(bindparam("ways", expanding=True)) & exists(over.where(in_care, for_office))


_FROM: Final = cases.outerjoin(households, households.c.id == cases.c.household_id).join(
    _PLACE, _PLACE.c.id == _WHERE
)
_WAITING: Final = (
    select(*columns_of(cases, Case))
    .select_from(_FROM)
    .where(cases.c.open == 1, _ACTIVE, _waits())
    .order_by(cases.c.due.is_(None), cases.c.due, cases.c.id)
)
_IN: Final = (
    select(*columns_of(cases, Case))
    .select_from(_FROM.join(_TOP, within(_PLACE.c.path, _TOP.c.path)))
    .where(cases.c.open == 1, _TOP.c.id == bindparam("region"))
    .order_by(cases.c.due.is_(None), cases.c.due, cases.c.id)
)
_new = parameters_of(NewCase)
_event = parameters_of(Event)


async def add(conn: AsyncConnection, new: NewCase) -> int:
    """Open a case; its id."""
    case_id: int = (await conn.execute(_ADD, _new(new) | {"open": 1})).scalar_one()
    return case_id


async def get(conn: AsyncConnection, case_id: int, *, to_change: bool = False) -> Case | None:
    """The case of this id, whoever asks; `to_change` holds it until the end of the transaction."""
    row = (await conn.execute(_GET_TO_CHANGE if to_change else _GET, {"case": case_id})).one_or_none()
    return None if row is None else Case(*row)


async def change(conn: AsyncConnection, changed: Case) -> None:
    """Write how a case now stands."""
    row = {name: getattr(changed, name) for name in _CHANGED}
    await conn.execute(_CHANGE, row | {"case": changed.id})


async def record(conn: AsyncConnection, event: Event) -> None:
    """Keep a step that was taken; nothing ever changes it."""
    await conn.execute(_ADD_EVENT, _event(event))


async def events(conn: AsyncConnection, case_ids: Iterable[int]) -> dict[int, list[Event]]:
    """The steps of these cases, in order."""
    found: dict[int, list[Event]] = {}
    for row in await conn.execute(_EVENTS, {"ids": padded(case_ids)}):
        found.setdefault(row.case_id, []).append(Event(*row))
    return found


async def of_subject(conn: AsyncConnection, subject: Subject) -> list[Case]:
    """Every case about the household or region, oldest first, those that have ended too."""
    return [Case(*row) for row in await conn.execute(_OF[subject.kind], {"subject": subject.id})]


async def of_interview(conn: AsyncConnection, interview_id: int) -> list[Case]:
    """The cases that a questionnaire carries."""
    return [Case(*row) for row in await conn.execute(_OF_INTERVIEW, {"interview": interview_id})]


async def of_problem(conn: AsyncConnection, problem_id: int) -> list[Case]:
    """The cases of a problem of the ledger."""
    return [Case(*row) for row in await conn.execute(_OF_PROBLEM, {"problem": problem_id})]


async def waiting(
    conn: AsyncConnection, person_id: int, ways: Mapping[str, Sequence[str]], at: datetime
) -> list[Case]:
    """The open cases that wait for one of the person's posts, the earliest due first.

    `ways` names for each post the "procedure:state" that waits for it. Cases of a helper are those of the
    households in their care, cases of a department those that were given to it.
    """
    found: dict[int, Case] = {}
    for post, stands in ways.items():
        asked = {"person": person_id, "post": post, "ways": padded(stands), "at": at}
        if stands:
            found |= {row.id: Case(*row) for row in await conn.execute(_WAITING, asked)}
    return sorted(found.values(), key=lambda case: (case.due or date.max, case.id))


async def within_region(conn: AsyncConnection, region_id: int) -> list[Case]:
    """The open cases of the region and everything under it, the earliest due first."""
    return [Case(*row) for row in await conn.execute(_IN, {"region": region_id})]
