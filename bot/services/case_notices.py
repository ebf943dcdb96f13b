"""Who is told of a case's step: holders of posts over its place, whoever filed it, the office that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedure_reading import FILER
from bot.services import entitled
from bot.services.office import Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.services.problem_record import name_of
from bot.services.subject_file import name_of_subject
from bot.storage import assignments, people, problems, visibility
from bot.storage.cases import Case
from bot.storage.outbox import NewMessage
from bot.storage.people import Appointment
from bot.storage.subjects import Subject

if TYPE_CHECKING:
    from bot.services.casework import Known

CADRE: Final = "cadre"
UNIT: Final = "unit"
DEPARTMENT: Final = "department"
"""A role: among those told it stands for the office that has the case."""


async def case_name(conn: AsyncConnection, task: Task, case: Case) -> str:
    """What a case is about: the household or region, and which problem or questionnaire."""
    name = await name_of_subject(conn, task.office, case.subject)
    if case.problem_id is None and (carried := case.data.get("form")):
        return task.say("casework.about_form", place=name, form=task.office.content.form(carried).short)
    problem = None if case.problem_id is None else await problems.get(conn, case.problem_id)
    if problem is None:
        return name
    return task.say("problems.about", place=name, problem=name_of(task, problem.sub_problem))


def post_name(task: Task, post: str) -> str:
    """What a post, a role or a department is called."""
    offices = task.office.content.offices
    known = offices.posts.get(post) or offices.roles.get(post)
    return post if known is None else known.name


async def concerned(conn: AsyncConnection, task: Task, found: Known, to: Iterable[str]) -> set[int]:
    """The people meant by posts, roles and `filer`; a helper only for their own households.

    A department's people are told only of cases that were given to their department, whoever leads a unit
    only of households in the care of its people.
    """
    subject, wanted = found.case.subject, [post for post in to if post != FILER]
    told = set(found.filed_by) if FILER in to else set()
    holders: list[Appointment] = []
    if wanted and subject.household_id is not None:
        holders = await people.over(conn, subject.id, wanted, task.now)
        care = (await assignments.responsible(conn, [subject.id])).get(subject.id)
        told |= {each.person_id for each in holders if each.role == CADRE and each.person_id == care}
    elif wanted:
        holders = await people.over_region(conn, subject.id, wanted, task.now)
    holders = [
        each for each in holders if each.role != UNIT or await _of_their_unit(conn, task, each, subject)
    ]
    mine = found.case.department
    told |= {
        each.person_id
        for each in holders
        if each.role != CADRE and (each.role != DEPARTMENT or each.post == mine)
    }
    return told - {task.me.id}


async def _of_their_unit(conn: AsyncConnection, task: Task, held: Appointment, subject: Subject) -> bool:
    return await visibility.subject(conn, held.person_id, subject, task.now)


async def tell(
    conn: AsyncConnection,
    task: Task,
    found: Known,
    to: Iterable[str],
    fill: Callable[[Callable[[str], str]], str],
    comment: str,
) -> None:
    """Send a notice about a case; `fill` makes its sentence from what stands in the gaps.

    Whoever may not open the case (an inspector, a department that is through with it) reads it without a
    button. No deed is so urgent that it wakes people: what happens at night is read in the morning.
    """
    ids = await concerned(conn, task, found, tuple(to))
    if not ids:
        return
    case, procedure = found.case, found.procedure
    gaps = {
        "subject": await case_name(conn, task, case),
        "procedure": procedure.name,
        "state": procedure.states[case.state].name,
        "due": "" if case.due is None else case.due.isoformat(),
        "comment": comment,
        "who": task.me.name,
        "department": post_name(task, case.department),
    }
    said = task.say("casework.notice", procedure=procedure.name, text=fill(gaps.__getitem__))
    buttons = rows_of([Button(task.say("casework.look"), f"w:{case.id}")])
    until = task.office.reminders.quiet_end(task.now.astimezone(task.office.zone))
    looking = await _who_may_look(conn, task, case, ids)
    for readers, ways in ((looking, buttons), (ids - looking, ())):
        message = Message(said, ways, slot=f"w{case.id}", priority=ALERT)
        for parcel in await parcels_for(conn, readers, message):
            _gather(task, replace(parcel, not_before=until), procedure.name)


async def _who_may_look(conn: AsyncConnection, task: Task, case: Case, ids: set[int]) -> set[int]:
    """Those of these people who may open the case."""
    known = (await people.get_many(conn, ids)).values()
    return {each.id for each in known if await entitled.of_cases(conn, replace(task, person=each), [case])}


def _gather(task: Task, parcel: NewMessage, procedure: str) -> None:
    """Send a notice, or put it under one of the same procedure that the same deed sends the same person.

    One questionnaire may bring many problems to light, which are one message and not many.
    """
    head = task.say("casework.notice", procedure=procedure, text="").strip()
    to = parcel.channel, parcel.address, parcel.kind
    for place, earlier in enumerate(task.out):
        alike = (earlier.channel, earlier.address, earlier.kind) == to
        if alike and (earlier.slot or "").startswith("w") and earlier.payload["text"].startswith(head):
            more = parcel.payload["text"].removeprefix(head).strip()
            said = f"{earlier.payload['text'].rstrip()}\n{more}"
            look = [[[task.say("casework.look"), "w:p0"]]]
            buttons = look if earlier.payload.get("buttons") or parcel.payload.get("buttons") else []
            payload = {**earlier.payload, "text": said, "buttons": buttons}
            task.out[place] = replace(earlier, payload=payload, slot="waiting")
            return
    task.out.append(parcel)


async def edited(conn: AsyncConnection, task: Task, found: Known, to: Iterable[str]) -> None:
    """Say that a case went back because what it rested on was changed."""

    def fill(gap: Callable[[str], str]) -> str:
        return task.say("casework.edited", subject=gap("subject"), state=gap("state"))

    await tell(conn, task, found, to, fill, "")
