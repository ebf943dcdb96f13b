"""The ledger: what is wrong or may be at a household or in a region, and who decided so, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import in_force
from bot.storage.regions import within
from bot.storage.rows import columns_of, parameters_of, upsert
from bot.storage.subjects import KINDS, Kind, Subject, about, subject_of
from bot.storage.tables import appointments, assignments, households, problems, regions

Status: TypeAlias = Literal["candidate", "confirmed", "dismissed", "closed"]
"""A candidate waits for somebody's word; a confirmed problem is open until it is closed (struck off)."""
OPEN: Final = ("candidate", "confirmed")


@dataclass(frozen=True, slots=True)
class NewProblem:
    """A problem for the ledger, `sub_problem` by its id there ("6.1"), `source` by its code (1 to 7).

    `persons` are the names of whom it concerns, `grounds` the answers on which a candidate rested by fact,
    `handling` what is done about it.
    """

    household_id: int | None
    region_id: int | None
    sub_problem: str
    source: int
    status: Status
    recorded_at: datetime
    description: str = ""
    persons: Sequence[str] = ()
    reason: str = ""
    grounds: Mapping[str, Any] = field(default_factory=dict)
    handling: Mapping[str, Any] = field(default_factory=dict)
    deadline: date | None = None
    interview_id: int | None = None
    person_id: int | None = None

    @property
    def subject(self) -> Subject:
        """Where it is."""
        return subject_of(self.household_id, self.region_id)


@dataclass(frozen=True, slots=True)
class LedgerProblem:
    """A problem of the ledger; at `changed_at`, in `interview_id`, `person_id` said last how it stands."""

    id: int
    household_id: int | None
    region_id: int | None
    sub_problem: str
    source: int
    status: Status
    recorded_at: datetime
    changed_at: datetime
    description: str
    persons: Sequence[str]
    reason: str
    grounds: Mapping[str, Any]
    handling: Mapping[str, Any]
    deadline: date | None
    interview_id: int | None
    person_id: int | None

    @property
    def subject(self) -> Subject:
        """Where it is."""
        return subject_of(self.household_id, self.region_id)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.status in OPEN


_SELECT: Final = select(*columns_of(problems, LedgerProblem))
_OPEN: Final = problems.c.status.in_(OPEN)
_ADD: Final = upsert(lambda insert: insert(problems).on_conflict_do_nothing().returning(problems.c.id))
_GET: Final = _SELECT.where(problems.c.id == bindparam("problem"))
_GET_TO_CHANGE: Final = _GET.with_for_update(key_share=True)
_CHANGING: Final = (
    *("sub_problem", "source", "status", "description", "persons", "reason", "handling", "deadline"),
    *("changed_at", "interview_id", "person_id"),
)
_CHANGE: Final = (
    update(problems)
    .where(problems.c.id == bindparam("problem"))
    .values({name: bindparam(name) for name in _CHANGING})
)


def _of(kind: Kind) -> Select[Any]:
    return _SELECT.where(about(problems, kind)).order_by(problems.c.changed_at, problems.c.id)


_OF: Final = {kind: _of(kind) for kind in KINDS}
_PLACE: Final = regions.alias("place")
_APPOINTED: Final = (
    select(_PLACE.c.id)
    .join(regions, within(_PLACE.c.path, regions.c.path))
    .join(appointments, appointments.c.region_id == regions.c.id)
    .where(
        appointments.c.person_id == bindparam("person"),
        in_force(bindparam("at", type_=appointments.c.since.type)),
    )
)
_ASSIGNED: Final = select(assignments.c.household_id).where(
    assignments.c.person_id == bindparam("person"), assignments.c.until.is_(None)
)
_NEAR: Final = (
    _SELECT.outerjoin(households, households.c.id == problems.c.household_id)
    .where(
        _OPEN,
        or_(
            problems.c.household_id.in_(_ASSIGNED),
            households.c.region_id.in_(_APPOINTED),
            problems.c.region_id.in_(_APPOINTED),
        ),
    )
    .order_by(problems.c.deadline.is_(None), problems.c.deadline, problems.c.recorded_at, problems.c.id)
    .limit(bindparam("most"))
)
_new = parameters_of(NewProblem)


async def add(conn: AsyncConnection, new: NewProblem) -> int | None:
    """Put a problem on record; its id, or None when that has been said already.

    That is so of a problem which the same subject has open, and of one dismissed on the same grounds.
    """
    if new.status == "dismissed":
        said = (await decided(conn, new.subject)).get(new.sub_problem)
        if said is not None and said.status == "dismissed" and said.grounds == new.grounds:
            return None
    row = _new(new) | {"persons": list(new.persons), "changed_at": new.recorded_at}
    problem_id: int | None = (await conn.execute(_ADD[conn.dialect.name], row)).scalar_one_or_none()
    return problem_id


async def get(conn: AsyncConnection, problem_id: int, *, to_change: bool = False) -> LedgerProblem | None:
    """The problem of this id; `to_change` holds it until the end of the transaction."""
    query = _GET_TO_CHANGE if to_change else _GET
    row = (await conn.execute(query, {"problem": problem_id})).one_or_none()
    return None if row is None else LedgerProblem(*row)


async def change(conn: AsyncConnection, changed: LedgerProblem) -> None:
    """Write how a problem now stands; where it is, on what grounds and since when never changes."""
    row = {name: getattr(changed, name) for name in _CHANGING}
    await conn.execute(_CHANGE, row | {"persons": list(changed.persons), "problem": changed.id})


async def of_subject(conn: AsyncConnection, subject: Subject) -> list[LedgerProblem]:
    """Everything on record about the household or region, the latest changed last."""
    rows = await conn.execute(_OF[subject.kind], {"subject": subject.id})
    return [LedgerProblem(*row) for row in rows]


async def decided(conn: AsyncConnection, subject: Subject) -> dict[str, LedgerProblem]:
    """How each sub-problem ever noted of the subject stands: the open one, else what was said of it last."""
    said = await of_subject(conn, subject)
    return {each.sub_problem: each for each in sorted(said, key=lambda each: each.is_open)}


async def near(conn: AsyncConnection, person_id: int, at: datetime, most: int) -> list[LedgerProblem]:
    """The first `most` open problems in the person's regions or households, by deadline.

    Whether the person may see each of them is for `visibility` to say.
    """
    rows = await conn.execute(_NEAR, {"person": person_id, "at": at, "most": most})
    return [LedgerProblem(*row) for row in rows]
