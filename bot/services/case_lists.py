"""Lists of cases: what waits for a person, and what runs about a household or region."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedures import Procedure
from bot.services import auditing, case_interviews, casework, entitled, home
from bot.services.case_notices import case_name
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.subject_file import name_of_subject
from bot.storage import cases as records
from bot.storage import people
from bot.storage.cases import Case
from bot.storage.subjects import Subject


async def waiting_cases(conn: AsyncConnection, task: Task) -> list[Case]:
    """The open cases in which the next step is the person's, the earliest due first."""
    ways: dict[str, list[str]] = {}
    held = {each.post: each.role for each in await people.appointments_of(conn, task.me.id, task.now)}
    for procedure in task.office.content.running:
        for state in procedure.states:
            waits = procedure.waits_for(state)
            for post, role in held.items():
                if post in waits or role in waits:
                    ways.setdefault(post, []).append(f"{procedure.id}:{state}")
    found = await records.waiting(conn, task.me.id, ways, task.now)
    return await entitled.of_cases(conn, task, found)


async def listed(conn: AsyncConnection, task: Task, skipped: int) -> None:
    """A page of what waits for the person."""
    mine = await waiting_cases(conn, task)
    if not mine:
        task.reply(Message(task.say("casework.nothing")))
        return
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + home.PAGE]
    auditing.note_listed(task, "cases", [case.household_id for case in shown])
    buttons = [Button(await line(conn, task, case), f"w:{case.id}") for case in shown]
    late = sum(case.due is not None and case.due < task.today for case in mine)
    text = task.say(
        "casework.listed", count=len(mine), late=late, first=skipped + 1, last=skipped + len(shown)
    )
    turns = rows_of(home.pages(task, "w:p", skipped, len(mine)))
    task.reply(Message(text, rows_of(buttons) + turns, slot="menu"))


async def line(conn: AsyncConnection, task: Task, case: Case) -> str:
    """A case in one line."""
    procedure = task.office.content.procedures[case.procedure]
    return task.say(
        "casework.line",
        subject=await case_name(conn, task, case),
        procedure=procedure.name,
        state=procedure.states[case.state].name,
        due="" if case.due is None else case.due.isoformat(),
        late=case.due is not None and case.due < task.today,
    )


async def of_subject(conn: AsyncConnection, task: Task, subject: Subject) -> None:
    """The cases of a household or region, and those that the person may open."""
    known = task.office.content.procedures
    every = [case for case in await records.of_subject(conn, subject) if case.procedure in known]
    found = await entitled.of_cases(conn, task, every)
    found.sort(key=lambda case: (not case.open, -case.id))
    buttons = [Button(await line(conn, task, case), f"w:{case.id}") for case in found[: home.PAGE]]
    mark = "h" if subject.kind == "household" else "r"
    for procedure in await openable(conn, task, subject, [case.procedure for case in every if case.open]):
        for step, why in await casework.ways_in(conn, task, procedure, subject):
            if why is None or why.why == "comment":
                label = task.say("casework.open", procedure=procedure.name, step=step.name)
                buttons.append(Button(label, f"w:{mark}{subject.id}:{procedure.id}:{step.id}"))
    text = task.say(
        "casework.of_subject",
        subject=await name_of_subject(conn, task.office, subject),
        count=len(found),
        open=sum(case.open for case in found),
        ways=len(buttons) - len(found[: home.PAGE]),
    )
    back = Button(task.say("buttons.household"), f"h:{subject.id}") if mark == "h" else None
    buttons += [back] if back is not None else []
    task.reply(Message(text, rows_of(buttons, width=18), slot="menu"))


async def openable(
    conn: AsyncConnection, task: Task, subject: Subject, open_already: Sequence[str]
) -> list[Procedure]:
    """The procedures of which a case about this subject may be opened by hand."""
    level = await case_interviews.level_of(conn, subject)
    return [
        each
        for each in task.office.content.running
        if each.subject == level and not each.carries and each.id not in open_already
    ]
