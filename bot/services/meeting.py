"""One meeting, several households: what was said for all of them is told once (WF-01, people's appraisal)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.session import Session
from bot.rules.procedures import Step
from bot.services import casework
from bot.services.casework import Deed, Known
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.refusals import refused
from bot.services.subject_file import name_of_subject
from bot.storage import cases as records
from bot.storage import facts, households, interviews, regions, visibility
from bot.storage.cases import Case
from bot.storage.facts import Fact
from bot.storage.interviews import NewInterview

YES: Final = "yes"
MOST: Final = 100
"""So many households at a time: a meeting of more is told in several goes."""
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """A case of the same village and state; `answers` are None while its own part is unknown."""

    case: Case
    answers: Mapping[str, Any] | None


def meeting_of(task: Task, found: Known) -> Step | None:
    """The step by which this person has just told a meeting that may have dealt with other households too."""
    last = found.events[-1] if found.events else None
    step = None if last is None else found.procedure.step_by_id.get(last.step)
    if last is None or step is None or not step.shared or last.interview_id is None:
        return None
    mine = last.person_id == task.me.id and task.office.today(last.at) == task.today
    return step if mine else None


async def buttons(conn: AsyncConnection, task: Task, found: Known) -> list[Button]:
    """A button to tell the same of the other cases of the village, when the last step was such a meeting."""
    step = meeting_of(task, found)
    others = [] if step is None else await alike(conn, task, found, step)
    if step is None or not others:
        return []
    return [Button(task.say("casework.meeting", count=len(others)), f"w:m{found.case.id}:{step.id}")]


async def alike(conn: AsyncConnection, task: Task, found: Known, step: Step) -> list[Alike]:
    """The cases of the same procedure and village that wait for the same step, with what it says of them."""
    home = await households.get(conn, found.case.household_id or 0)
    village = None if home is None else await regions.get(conn, home.region_id)
    if village is None:
        return []
    waiting = [
        case
        for case in await records.within_region(conn, village.id)
        if case.procedure == found.procedure.id
        and case.state in step.before
        and case.household_id is not None
    ][:MOST]
    ids = [case.household_id for case in waiting if case.household_id is not None]
    seen = await visibility.among(conn, task.me.id, ids, task.now)
    known = await facts.current(conn, [*ids, home.id if home else 0])
    shared = _named(known.get(found.case.household_id or 0, []), step.shared)
    made: list[Alike] = []
    for case in waiting:
        if case.household_id not in seen:
            continue
        own = _named(known.get(case.household_id, []), tuple(step.own.values()))
        told = {name: own.get(source) for name, source in step.own.items()}
        whole = None not in told.values()
        made.append(Alike(case, {**step.known, **shared, **told} if whole else None))
    return made


def _named(found: list[Fact], names: tuple[str, ...]) -> dict[str, Any]:
    return {fact.name: fact.value for fact in found if fact.name in names and fact.value is not None}


async def tapped(conn: AsyncConnection, task: Task, case: Case, deed: str) -> None:
    """Buttons "step" (of whom?) and "step:yes" (all of them)."""
    found = await casework.known(conn, task, case)
    step = meeting_of(task, found)
    if step is None or deed.partition(":")[0] != step.id:
        task.reply(Message(task.say("home.old_button")))
        return
    others = await alike(conn, task, found, step)
    if deed.endswith(f":{YES}"):
        await told(conn, task, found, step, others)
        return
    lines = [
        (await name_of_subject(conn, task.office, other.case.subject), said(task, step, other.answers))
        for other in others[:SHOWN]
    ]
    text = task.say("casework.meeting_of", step=step.name, lines=lines, more=max(len(others) - SHOWN, 0))
    sure = [
        Button(task.say("casework.sure"), f"w:m{case.id}:{step.id}:{YES}"),
        Button(task.say("casework.not_yet"), f"w:{case.id}"),
    ]
    task.reply(Message(text, rows_of(sure), slot="menu"))


def said(task: Task, step: Step, answers: Mapping[str, Any] | None) -> str:
    """What the meeting would say of a household in particular; nothing while that is unknown."""
    registry = task.office.content.registry
    values = [] if answers is None else [(name, answers[name]) for name in step.own]
    return task.say("casework.own_part", parts=[registry[name].options.get(v, str(v)) for name, v in values])


async def told(conn: AsyncConnection, task: Task, found: Known, step: Step, others: list[Alike]) -> None:
    """Let the meeting be told of every household that it can be told of, and say of which it cannot."""
    done, left = 0, []
    for other in others:
        case = await records.get(conn, other.case.id, to_change=True)
        name = await name_of_subject(conn, task.office, other.case.subject)
        if case is None or case.state not in step.before or other.answers is None:
            left.append((name, task.say("casework.own_unknown")))
            continue
        refusal = await _take(conn, task, case, step, other.answers)
        if refusal is None:
            done += 1
        else:
            left.append((name, refusal))
    text = task.say("casework.meeting_told", step=step.name, done=done, left=left)
    back = [Button(task.say("casework.all"), "w:p0")]
    task.reply(Message(text, rows_of(back), slot="menu"))


async def _take(
    conn: AsyncConnection, task: Task, case: Case, step: Step, answers: Mapping[str, Any]
) -> str | None:
    """Take the step with a questionnaire made of these answers; the refusal in words when it is refused."""
    async with conn.begin_nested() as attempt:
        interview_id = await _written(conn, task, case, step, answers)
        moved = await casework.taken(conn, task, case, step, Deed(interview_id=interview_id, answers=answers))
        if isinstance(moved, Case):
            return None
        await attempt.rollback()
    return refused(task, None, moved)


async def _written(
    conn: AsyncConnection, task: Task, case: Case, step: Step, answers: Mapping[str, Any]
) -> int:
    """A questionnaire that is handed in as a copy of the meeting's, with the household's own part."""
    form = task.office.content.form(step.form)
    by_item = {form.by_fact[name].id: value for name, value in answers.items()}
    session = replace(Session(form.id, form.version), answers=by_item, finished=True)
    new = NewInterview(case.household_id, form.id, form.version, task.me.id, session.to_json(), task.now)
    interview = await interviews.start(conn, new)
    await interviews.save(conn, [replace(interview, state="submitted", submitted_at=task.now)])
    await facts.record(
        conn,
        [
            Fact(
                case.household_id,
                name,
                value,
                task.today,
                f"{form.id}.{form.by_fact[name].id}",
                task.now,
                interview.id,
                period=form.by_fact[name].period,
            )
            for name, value in answers.items()
        ],
    )
    return interview.id
