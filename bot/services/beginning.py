"""A new interview: what it may propose from the file, and with what words it begins."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs import engine
from bot.dialogs.engine import Turn
from bot.dialogs.form import EVIDENCE, Form
from bot.dialogs.session import Session
from bot.services import ledger, mending, signatures_papers, turning
from bot.services.office import Task
from bot.services.problem_record import FORM
from bot.services.subject_file import SubjectDossier
from bot.storage import interviews
from bot.storage.interviews import Interview, NewInterview
from bot.storage.problems import LedgerProblem
from bot.storage.subjects import Subject


async def start(
    conn: AsyncConnection,
    task: Task,
    subject: Subject,
    file: SubjectDossier,
    form: Form,
    problem: LedgerProblem | None,
    procedure: str = "",
) -> tuple[Interview, Turn, str]:
    """A new interview (one that takes `problem` further), its first turn and what is said before that.

    `procedure` is the one of which it records a step; "" when it is begun for itself.
    """
    content = task.office.content
    known = file.known(form, task.me, content.reuse, content.form_parameters(task.today))
    known = signatures_papers.knowing_way(task.office, form, known)
    known = await ledger.reminded(conn, subject, known)
    if form.id == FORM:
        known = mending.proposed(known, problem, task.office)
    known = replace(known, procedure=procedure)
    new = NewInterview(
        subject.household_id,
        form.id,
        form.version,
        task.me.id,
        Session(form.id, form.version).to_json(),
        task.now,
        context=known.to_json(),
        region_id=subject.region_id,
    )
    interview = await interviews.start(conn, new)
    turn = engine.begin(form, turning.context(task.office, interview, task.now))
    greeting = task.say(
        "interview.begun",
        form=form.name,
        household=file.name(task.office),
        total=turn.path.total,
        kept=len(turn.path.kept),
        evidence=list(dict.fromkeys(item.label for item in form.items if item.kind in EVIDENCE)),
    )
    if problem is not None:
        greeting = f"{mending.about(task, problem)}\n\n{greeting}"
    return interview, turn, greeting
