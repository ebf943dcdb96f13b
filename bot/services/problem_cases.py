"""A problem of the ledger on its way: what is handed in about it takes the steps of its case (WF-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules import stepping
from bot.rules.procedures import Procedure, Step
from bot.rules.stepping import Refused
from bot.services import case_duties, casework, problem_record
from bot.services.casework import ON, Deed
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.refusals import refused
from bot.storage import cases, problems
from bot.storage.cases import Case
from bot.storage.problems import LedgerProblem

DEADLINE: Final = "deadline"
"""The day that a case of a problem remembers: by when it is to be put right."""
UNIT: Final = "mending_unit"
"""The answer that says who puts it right; a department of that name has the case."""
DEPARTMENT: Final = "department"


async def case_of(conn: AsyncConnection, problem_id: int, *, to_change: bool = False) -> Case | None:
    """The latest case of a problem; None when it has none."""
    found = await cases.of_problem(conn, problem_id)
    return await cases.get(conn, found[-1].id, to_change=to_change) if found else None


async def begin(conn: AsyncConnection, task: Task, problem_id: int) -> Case | None:
    """Open the case of a problem that somebody has confirmed; None where no procedure runs for it.

    Whoever could hand in what it was found by may open it, whatever their post.
    """
    procedure, problem = problem_record.procedure_of(task), await problems.get(conn, problem_id)
    if procedure is None or problem is None:
        return None
    deed = Deed(interview_id=problem.interview_id, days=_days(problem.deadline))
    step = procedure.openings[0]
    return await casework.begun(conn, task, procedure, problem.subject, step, deed, problem_id=problem_id)


def _days(deadline: date | None) -> dict[str, date]:
    return {} if deadline is None else {DEADLINE: deadline}


async def carried(
    conn: AsyncConnection, task: Task, problem_id: int, answers: Mapping[str, Any], interview_id: int
) -> LedgerProblem:
    """Take the case of a problem the step that was handed in about it; how the record stands afterwards.

    What cannot be taken leaves the case, and with it the stage of the record, where it was, and says why.
    """
    problem = await problems.get(conn, problem_id)
    assert problem is not None
    procedure = problem_record.procedure_of(task)
    if procedure is None:
        return problem
    case = await case_of(conn, problem_id, to_change=True)
    case = case if case is not None and case.open else await begin(conn, task, problem_id)
    assert case is not None
    step = stepping.meant(procedure.steps_from(case.state), problem_record.FORM, answers)
    if step is None:
        case = await dated(conn, task, problem)
        if answers.get(problem_record.STAGE) != problem_record.stages(procedure).get(
            case.state if case else ""
        ):
            _not_moved(task, procedure, problem, answers, Refused("not_here"))
        return problem
    if step.department:
        case = replace(case, department=_office(task, answers))
    deed = Deed(interview_id=interview_id, days=_days(problem.deadline), answers=answers)
    done = await casework.taken(conn, task, case, step, deed)
    if isinstance(done, Refused):
        await dated(conn, task, problem)
        _not_moved(task, procedure, problem, answers, done, step)
        return problem
    _say(task, procedure, problem, done)
    return await _ended(conn, problem_id, answers)


def _office(task: Task, answers: Mapping[str, Any]) -> str:
    """The department that is meant by who puts it right; "" for anybody else."""
    post = task.office.content.offices.called(str(answers.get(UNIT) or "").strip())
    return post.id if post is not None and post.role == DEPARTMENT else ""


async def _ended(conn: AsyncConnection, problem_id: int, answers: Mapping[str, Any]) -> LedgerProblem:
    """The record as it now stands; when it was struck off, on the day and by whom it was said."""
    problem = await problems.get(conn, problem_id)
    assert problem is not None
    said = {name: answers[name] for name in problem_record.ENDING if answers.get(name) is not None}
    if not problem.is_open and said:
        problem = replace(problem, handling={**problem.handling, **said})
        await problems.change(conn, problem)
    return problem


async def dated(conn: AsyncConnection, task: Task, problem: LedgerProblem) -> Case | None:
    """The case of a problem, with another deadline when that of the problem has changed."""
    procedure = problem_record.procedure_of(task)
    case = None if procedure is None else await case_of(conn, problem.id, to_change=True)
    if procedure is None or case is None or not case.open:
        return case
    now = None if problem.deadline is None else problem.deadline.isoformat()
    if case.data.get(f"{DEADLINE}{ON}") == now:
        return case
    data = {name: value for name, value in case.data.items() if name != f"{DEADLINE}{ON}"}
    case = replace(case, data=data if now is None else {**data, f"{DEADLINE}{ON}": now})
    found = await casework.known(conn, task, case)
    due = stepping.due(procedure.states[case.state], found.standing(task.today), found.around)
    case = replace(case, due=due)
    await cases.change(conn, case)
    await case_duties.plan(conn, task, procedure, case, len(found.events))
    return case


def _not_moved(
    task: Task,
    procedure: Procedure,
    problem: LedgerProblem,
    answers: Mapping[str, Any],
    why: Refused,
    step: Step | None = None,
) -> None:
    stages = task.office.content.registry[problem_record.STAGE].options
    wanted = stages.get(answers.get(problem_record.STAGE, problem_record.FOUND), "")
    name = problem_record.name_of(task, problem.sub_problem)
    text = task.say(
        "casework.not_moved",
        procedure=procedure.name,
        subject=name,
        step=wanted if step is None else step.name,
        why=refused(task, None, why),
    )
    task.send(Message(text))


def _say(task: Task, procedure: Procedure, problem: LedgerProblem, case: Case) -> None:
    text = task.say(
        "problems.moved",
        problem=problem_record.name_of(task, problem.sub_problem),
        state=procedure.states[case.state].name,
    )
    task.send(Message(text, rows_of([Button(task.say("casework.look"), f"w:{case.id}")]), slot=f"w{case.id}"))
