"""Questionnaires and cases: one records a step, one opens a case, and one that is changed sends it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Form
from bot.dialogs.reply import Resume
from bot.dialogs.session import Session
from bot.rules import stepping
from bot.rules.procedures import ANY, PROBLEM, Procedure, Step
from bot.rules.stepping import Refused
from bot.services import beginning, casework, meeting, signatures_papers, turning
from bot.services.casework import Deed
from bot.services.household_file import Dossier, HouseholdFile
from bot.services.judging import facts_of
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.refusals import refused
from bot.services.subject_file import SubjectDossier, name_of_subject, read_subject
from bot.storage import regions
from bot.storage.cases import Case
from bot.storage.interviews import Interview
from bot.storage.problems import LedgerProblem
from bot.storage.subjects import Subject

SCHEME: Final = "monitoring_scheme"
"""The answer that says by which scheme a paper of a procedure was written."""


async def level_of(conn: AsyncConnection, subject: Subject) -> str:
    """What procedures call a subject: a household, or a region by its level."""
    if subject.kind == "household":
        return "household"
    region = await regions.get(conn, subject.id)
    return "" if region is None else region.level


async def begin(
    conn: AsyncConnection,
    task: Task,
    procedure: Procedure,
    subject: Subject,
    step: Step,
    problem: LedgerProblem | None = None,
) -> None:
    """Begin the questionnaire that records a step; what the step itself says is not asked.

    `problem` is the one of the ledger that the case is about.
    """
    form = task.office.content.form(step.form)
    file = await read_subject(conn, task.office, subject, task.now)
    interview, _, greeting = await beginning.start(conn, task, subject, file, form, problem, procedure.id)
    said = {form.by_fact[name].id: code for name, code in _said(task, procedure, step).items()}
    session = replace(Session.from_json(interview.session), answers=said)
    interview = replace(interview, session=session.to_json())
    task.keep(interview)
    task.look_at(open_interview_id=interview.id)
    turn = turning.turn(task.office, form, interview, Resume(), task.now)
    message = turning.presenter(task.office, form, interview.id).message(turn)
    task.send(replace(message, text=f"{greeting}\n\n{message.text}"))


def _said(task: Task, procedure: Procedure, step: Step) -> dict[str, int]:
    """What a step's questionnaire is told beforehand: which step, and by which scheme."""
    form = task.office.content.form(step.form)
    code = task.office.content.packs[procedure.scheme].scheme.code if procedure.scheme else 0
    return {**({SCHEME: code} if code and SCHEME in form.by_fact else {}), **step.known}


async def on_submission(
    conn: AsyncConnection, task: Task, form: Form, interview: Interview, answers: Mapping[str, Any]
) -> None:
    """Let a questionnaire that was handed in take the step that it records, or open its case."""
    level = await level_of(conn, interview.subject)
    begun_for = HouseholdFile.from_json(interview.context).procedure
    recording: list[Procedure] = []
    for procedure in task.office.content.running:
        if procedure.subject not in (ANY, level) or not _concerns(task, procedure, answers):
            continue
        if form.id in procedure.opened_by:
            await _open(conn, task, procedure, form, interview)
        elif any(step.form == form.id for step in procedure.steps) and begun_for in ("", procedure.id):
            recording.append(procedure)
    running = await casework.is_open(conn, interview.subject, recording)
    meant = [(each, *_meant(each, running.get(each.id, []), form, answers)) for each in recording]
    said: list[Mapping[str, int]] = []
    # Of procedures that know a step by the same answers, one that waits for it comes before one that begins.
    for procedure, step, _ in sorted(meant, key=lambda each: not each[2]):
        if step is not None and (not step.known or step.known not in said):
            said.append(step.known)
            await _record(conn, task, procedure, form, interview, answers)


def _meant(
    procedure: Procedure, held: Sequence[Case], form: Form, answers: Mapping[str, Any]
) -> tuple[Step | None, bool]:
    """The step that a questionnaire stands for, and whether one of the cases waits for it."""
    for case in held:
        step = stepping.meant(procedure.steps_from(case.state), form.id, answers)
        if step is not None:
            return step, True
    return stepping.meant(procedure.steps, form.id, answers), False


def _concerns(task: Task, procedure: Procedure, answers: Mapping[str, Any]) -> bool:
    """Whether a paper that names a scheme names this procedure's; of a problem the ledger takes care."""
    code = answers.get(SCHEME)
    return procedure.carries != PROBLEM and (
        code is None
        or not procedure.scheme
        or code == task.office.content.packs[procedure.scheme].scheme.code
    )


async def _record(
    conn: AsyncConnection,
    task: Task,
    procedure: Procedure,
    form: Form,
    interview: Interview,
    answers: Mapping[str, Any],
) -> None:
    """Take the step that the answers stand for; when it cannot be taken the answers are kept all the same."""
    subject, deed = interview.subject, Deed(interview_id=interview.id, answers=answers)
    held = (await casework.is_open(conn, subject, [procedure])).get(procedure.id, [])
    done: Case | Refused | None = None
    step: Step | None = None
    for case in held:
        step = stepping.meant(procedure.steps_from(case.state), form.id, answers)
        if step is not None:
            done = await casework.taken(conn, task, case, step, deed)
            break
    else:
        step = None if held else stepping.meant(procedure.openings, form.id, answers)
        if step is not None:
            done = await casework.opened(conn, task, procedure, subject, step, deed)
        else:
            step, done = stepping.meant(procedure.steps, form.id, answers), Refused("not_here")
            # One that does not say which step it records, or says anew how a case began, may well be of none.
            begun_for = HouseholdFile.from_json(interview.context).procedure
            if step is None or (not begun_for and (not step.known or (held and not step.before))):
                return
    if done is not None:
        await _say(conn, task, procedure, subject, step, done)


async def _say(
    conn: AsyncConnection,
    task: Task,
    procedure: Procedure,
    subject: Subject,
    step: Step,
    done: Case | Refused,
) -> None:
    """Say how far the case is now, or why it has not moved."""
    name = await name_of_subject(conn, task.office, subject)
    about = {"procedure": procedure.name, "subject": name, "step": step.name}
    if isinstance(done, Refused):
        why = refused(task, None, done)
        task.send(Message(task.say("casework.not_moved", why=why, **about)))
        return
    state = procedure.states[done.state].name
    due = "" if done.due is None else done.due.isoformat()
    more = await meeting.buttons(conn, task, await casework.known(conn, task, done))
    buttons = rows_of([Button(task.say("casework.look"), f"w:{done.id}"), *more])
    task.send(Message(task.say("casework.moved", state=state, due=due, **about), buttons, slot=f"w{done.id}"))


async def _open(
    conn: AsyncConnection, task: Task, procedure: Procedure, form: Form, interview: Interview
) -> None:
    """Open the case of a questionnaire; handed in anew while one runs, that one begins again with it."""
    held = (await casework.is_open(conn, interview.subject, [procedure])).get(procedure.id, [])
    mine = [case for case in held if case.data.get("form") == form.id]
    deed = Deed(interview_id=interview.id)
    if mine:
        case = replace(mine[-1], interview_id=interview.id)
        again = next((step for step in procedure.steps_from(case.state) if step.files), None)
        if again is None:
            approved = procedure.states[case.state].settled
            case = casework.marked(task, case, procedure.openings)
            case = await casework.sent_back(conn, task, case, interview.id, quiet=not approved)
            await signatures_papers.begin(conn, task, procedure, case)
            return
        moved = await casework.taken(conn, task, case, again, deed)
        await _say(conn, task, procedure, interview.subject, again, moved)
        return
    step, data = procedure.openings[0], {"form": form.id}
    done = await casework.opened(
        conn, task, procedure, interview.subject, step, deed, carries=interview.id, data=data
    )
    if isinstance(done, Refused):
        await _say(conn, task, procedure, interview.subject, step, done)
    else:
        await signatures_papers.begin(conn, task, procedure, done)


async def on_change(
    conn: AsyncConnection, task: Task, form: Form, interview: Interview, before: SubjectDossier
) -> None:
    """Send back what had been approved on answers that this questionnaire has just changed."""
    running = task.office.content.running
    resting = [each for each in running if form.id in each.forms and form.id not in each.opened_by]
    if not resting:
        return
    for id, held in (await casework.is_open(conn, interview.subject, resting)).items():
        procedure = task.office.content.procedures[id]
        for case in held:
            if procedure.states[case.state].settled and await _differs(conn, task, procedure, before):
                await casework.sent_back(conn, task, case, interview.id)


async def _differs(conn: AsyncConnection, task: Task, procedure: Procedure, before: SubjectDossier) -> bool:
    """Whether anything that the scheme's verdict rests on is now another than it was."""
    if not isinstance(before, Dossier) or not procedure.scheme:
        return True
    pack = task.office.content.packs[procedure.scheme]
    now = await read_subject(conn, task.office, Subject("household", before.household.id), task.now)
    assert isinstance(now, Dossier)
    was, is_ = facts_of(task.office, pack, before), facts_of(task.office, pack, now)
    return any(was.get(name) != is_.get(name) for name in pack.keeps)
