"""The steps of the guided tour, and how the record of deeds shows that one of them was done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Task
from bot.storage import audit, cases, people
from bot.storage.cases import Case
from bot.storage.visibility import OVERSEERS

LOOK_BACK: Final = 120
"""So many of the last deeds are looked through: a step takes about a minute."""
PUT_OFF: Final = ("postponed", "waiving_asked", "duty_done")
PROBLEM: Final = "problem"
"""What a procedure carries whose cases are problems of the ledger."""


@dataclass(frozen=True, slots=True)
class Done:
    """A deed on record since the step began: by whom, what, and of a step of a case that case."""

    mine: bool
    overseer: bool
    deed: str
    what: dict[str, Any]
    case: Case | None


Test = Callable[[Task, Done], bool]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of the tour: the key of its words, and what shows that it was done."""

    text: str
    is_done: Test


def _found(task: Task, done: Done) -> bool:
    return done.mine and done.deed == "seen" and done.what.get("shown") == "card"


def _filled(task: Task, done: Done) -> bool:
    return done.mine and done.deed == "changed" and "form" in done.what


def _looked(shown: str) -> Test:
    return lambda task, done: done.deed == "seen" and done.what.get("shown") == shown


def _put_off(task: Task, done: Done) -> bool:
    return done.deed in PUT_OFF


def _mended(task: Task, done: Done) -> bool:
    return done.case is not None and task.office.content.procedures[done.case.procedure].carries == PROBLEM


def _approved(task: Task, done: Done) -> bool:
    """Somebody else than whoever is guided took a step that only another than the filer may take."""
    if done.case is None or done.mine:
        return False
    step = task.office.content.procedures[done.case.procedure].step_by_id.get(done.what.get("step", ""))
    return step is not None and step.approves


def _handed_over(task: Task, done: Done) -> bool:
    return "handover" in done.what


def _drilled(task: Task, done: Done) -> bool:
    return done.overseer and done.deed == "seen" and done.what.get("shown") == "card"


STOPS: Final[Sequence[Stop]] = (
    Stop("tour.find", _found),
    Stop("tour.form", _filled),
    Stop("tour.why", _looked("reasons")),
    Stop("tour.plan", _looked("plan")),
    Stop("tour.due", _put_off),
    Stop("tour.alert", _looked("alert")),
    Stop("tour.problem", _mended),
    Stop("tour.case", _approved),
    Stop("tour.handover", _handed_over),
    Stop("tour.board", _drilled),
)
"""In the order of a morning at the households and an afternoon at the desk."""


async def is_done(conn: AsyncConnection, task: Task, stop: Stop, since: datetime) -> bool:
    """Whether the record, with what this update adds to it, shows the step done since that moment."""
    rows = [row for row in await audit.newest(conn, LOOK_BACK) if row.at >= since]
    told = [(row.person_id, row.deed, row.details) for row in rows]
    told += [(entry.person_id, entry.deed, dict(entry.what)) for entry in task.noted]
    for person, deed, what in told:
        done = await _done(conn, task, person, deed, what)
        if stop.is_done(task, done):
            return True
    return False


async def _done(
    conn: AsyncConnection, task: Task, person: int | None, deed: str, what: dict[str, Any]
) -> Done:
    id = what.get("case") if deed == "decided" else None
    case = await cases.get(conn, id) if isinstance(id, int) else None
    if case is not None and case.procedure not in task.office.content.procedures:
        case = None
    held: Iterable[str] = ()
    if person is not None:
        held = [each.role for each in await people.appointments_of(conn, person, task.now)]
    return Done(person == task.me.id, any(role in OVERSEERS for role in held), deed, what, case)
