"""Cases in the chat: what waits for whom, one case with its history, and the deeds (workflow.md 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules import stepping
from bot.rules.procedures import Procedure, Step
from bot.rules.stepping import Refused
from bot.services import (
    auditing,
    case_interviews,
    case_lists,
    casework,
    entitled,
    home,
    meeting,
    signing,
    waiting,
)
from bot.services.case_notices import case_name, post_name
from bot.services.casework import Deed, Known
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.refusals import refused
from bot.storage import cases as records
from bot.storage import people, problems, visibility
from bot.storage.cases import Case
from bot.storage.people import Appointment
from bot.storage.subjects import Subject

YES: Final = "yes"
ROOMS: Final = {"signing": signing.of_case}
"""Rooms that take steps themselves, by what a step calls them."""


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """How many cases wait for the person."""
    mine = await case_lists.waiting_cases(conn, task)
    return [Button(task.say("casework.button", count=len(mine)), "w:p0")] if mine else []


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: what waits for me; with a name, the cases of that household."""
    if not words:
        await case_lists.listed(conn, task, 0)
        return
    page = await visibility.find(conn, task.me.id, task.now, words=words, size=1)
    if page.total == 1:
        await case_lists.of_subject(conn, task, Subject("household", page.items[0].id))
    else:
        await home.search(conn, task, words)


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "p8" (a page), "h34" or "r5" (of a household or region), "12" (a case), "12:step:…" (a deed).

    "h34:procedure:step…" opens a case, "m12:step…" takes a step for several households at once.
    """
    head, _, deed = rest.partition(":")
    if not head[-1:].isdigit() or not head.lstrip("phrm").isdigit():
        task.reply(Message(task.say("home.old_button")))
        return
    number, kind = int(head.lstrip("phrm")), head[0]
    if kind == "p":
        await case_lists.listed(conn, task, number)
    elif kind in "hr":
        subject = Subject("household" if kind == "h" else "region", number)
        if not await visibility.subject(conn, task.me.id, subject, task.now):
            task.reply(Message(task.say("casework.not_found")))
        elif deed:
            await begin(conn, task, subject, deed)
        else:
            await case_lists.of_subject(conn, task, subject)
    else:
        case = await seen(conn, task, number)
        if case is None:
            return
        if kind == "m":
            await meeting.tapped(conn, task, case, deed)
        elif deed:
            await act(conn, task, case, deed)
        else:
            await show(conn, task, case)


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """The words that a step needs: `rest` is the button that asked for them."""
    head, _, deed = rest.partition(":")
    if head[0] in "hr":
        subject = Subject("household" if head[0] == "h" else "region", int(head[1:]))
        if await visibility.subject(conn, task.me.id, subject, task.now):
            await begin(conn, task, subject, deed, text)
    elif (case := await seen(conn, task, int(head))) is not None:
        await act(conn, task, case, deed, text)


async def seen(conn: AsyncConnection, task: Task, case_id: int) -> Case | None:
    """A case about what the person may see, held; None, after saying so, when there is no such one."""
    case = await records.get(conn, case_id, to_change=True)
    running = {each.id for each in task.office.content.running}
    known = case is not None and case.procedure in running
    if case is not None and known and await entitled.of_cases(conn, task, [case]):
        return case
    task.reply(Message(task.say("casework.not_found")))
    return None


async def show(conn: AsyncConnection, task: Task, case: Case, before: str = "") -> None:
    """One case: where it stands, every step so far, and what the person can do."""
    auditing.note(task, "seen", case.subject, shown="case", case=case.id)
    found = await casework.known(conn, task, case)
    by = await people.get_many(conn, [e.person_id for e in found.events if e.person_id is not None])
    steps = []
    for event in found.events:
        step = found.procedure.step_by_id.get(event.step)
        steps.append(
            (
                task.office.today(event.at).isoformat(),
                task.say("casework.edited_step") if step is None else step.name,
                "" if event.person_id is None else by[event.person_id].name,
                post_name(task, event.post),
                event.comment,
            )
        )
    ways = casework.ways_on(task, found)
    text = task.say(
        "casework.one",
        procedure=found.procedure.name,
        subject=await case_name(conn, task, case),
        state=found.procedure.states[case.state].name,
        due="" if case.due is None else case.due.isoformat(),
        late=bool(case.open) and case.due is not None and case.due < task.today,
        department=post_name(task, case.department) if case.department else "",
        steps=steps,
        closed=not case.open,
        waits=[post_name(task, post) for post in found.procedure.waits_for(case.state)],
        cannot=[(step.name, refused(task, found, why)) for step, why in ways if why is not None],
        forbidden=_forbidden(found, [step.id for step, why in ways if why is None]),
        unknown_days=[y for y in [case.due and case.due.year] if y and not task.office.calendar.knows(y)],
    )
    buttons = [
        *_deeds(task, found),
        *await meeting.buttons(conn, task, found),
        *_back(task, case),
    ]
    task.reply(Message(f"{before}\n\n{text}" if before else text, rows_of(buttons, width=16), slot="menu"))


def _forbidden(found: Known, open_to: Collection[str]) -> list[str]:
    """What the document forbids here, but for what the person is there to do."""
    here = found.procedure.forbidden_in(found.case.state)
    return [each.text for each in here if each.of not in open_to]


def _deeds(task: Task, found: Known) -> list[Button]:
    """A button for each thing that the person can do; steps that one questionnaire tells apart share one."""
    made: dict[str, Button] = {}
    for step, why in casework.ways_on(task, found):
        if why is None:
            mark = "" if not step.back else task.say("casework.back_mark")
            made.setdefault(step.name, Button(f"{mark}{step.name}", f"w:{found.case.id}:{step.id}"))
    return list(made.values())


def _back(task: Task, case: Case) -> list[Button]:
    where = f"h:{case.household_id}" if case.household_id is not None else f"g:{case.region_id}"
    about = "buttons.household" if case.household_id is not None else "casework.place"
    return [Button(task.say(about), where), Button(task.say("casework.all"), "w:p0")]


# -------------------------------------------------------------------------------------------- deeds


async def act(conn: AsyncConnection, task: Task, case: Case, deed: str, words: str = "") -> None:
    """Take a step: its questionnaire begins, or words, an office, a yes are asked for; then it is done."""
    id, *said_before = deed.split(":")
    found = await casework.known(conn, task, case)
    step = found.procedure.step_by_id.get(id)
    standing = found.standing(task.office.today(case.since))
    why = Refused("not_here") if step is None else stepping.refusal(step, standing, found.actor, found.around)
    if step is None or why is not None:
        await show(conn, task, case, refused(task, found, why or Refused("not_here")))
    elif step.room:
        await ROOMS[step.room](conn, task, case.id)
    elif form := step.form or (case.data.get("form", "") if step.files else ""):
        step = replace(step, form=form)
        problem = None if case.problem_id is None else await problems.get(conn, case.problem_id)
        await case_interviews.begin(conn, task, found.procedure, case.subject, step, problem)
    elif await settled(task, found.procedure, step, f"w:{case.id}:{step.id}", said_before, words):
        department = said_before[0] if step.department else ""
        moved = await casework.taken(conn, task, case, step, Deed(words, department))
        await told(conn, task, found, step, moved)


async def begin(conn: AsyncConnection, task: Task, subject: Subject, deed: str, words: str = "") -> None:
    """Open a case by hand: "procedure:step…"."""
    id, _, rest = deed.partition(":")
    step_id, *said_before = rest.split(":")
    running = {procedure.id: procedure for procedure in task.office.content.running}
    procedure = running.get(id)
    step = None if procedure is None else procedure.step_by_id.get(step_id)
    if procedure is None or step is None or step.before:
        task.reply(Message(task.say("home.old_button")))
        return
    if procedure.id in await casework.is_open(conn, subject, [procedure]):
        await case_lists.of_subject(conn, task, subject)
        return
    if step.form:
        await case_interviews.begin(conn, task, procedure, subject, step)
        return
    mark = "h" if subject.kind == "household" else "r"
    data = f"w:{mark}{subject.id}:{procedure.id}:{step.id}"
    if await settled(task, procedure, step, data, said_before, words):
        department = said_before[0] if step.department else ""
        opened = await casework.opened(conn, task, procedure, subject, step, Deed(words, department))
        await told(conn, task, None, step, opened)


async def settled(
    task: Task, procedure: Procedure, step: Step, data: str, said_before: list[str], words: str
) -> bool:
    """Whether all is said that the step needs; otherwise the next thing is asked for."""
    if step.department and not said_before:
        offices = [post for post in task.office.content.offices.posts.values() if post.role == "department"]
        buttons = [Button(post.name, f"{data}:{post.id}") for post in offices]
        task.reply(Message(task.say("casework.which_office", step=step.name), rows_of(buttons), slot="menu"))
        return False
    data = ":".join([data, *said_before])
    if step.back or step.comment:
        if not words.strip():
            waiting.wait(task, data)
            never = procedure.forbidden(step.id)
            asked = task.say(
                "casework.words", step=step.name, back=step.back, forbidden=never.text if never else ""
            )
            task.reply(Message(asked, slot="menu"))
        return bool(words.strip())
    if said_before[-1:] == [YES]:
        return True
    back = ":".join(data.split(":")[:2])
    sure = [Button(task.say("casework.sure"), f"{data}:{YES}"), Button(task.say("casework.not_yet"), back)]
    task.reply(Message(task.say("casework.confirm", step=step.name), rows_of(sure), slot="menu"))
    return False


async def told(
    conn: AsyncConnection, task: Task, found: Known | None, step: Step, done: Case | Refused
) -> None:
    """Say what came of a deed, and show the case as it now stands."""
    if isinstance(done, Refused):
        task.reply(Message(refused(task, found, done), slot="menu"))
    else:
        await show(conn, task, done, task.say("casework.taken", step=step.name))
