"""The record of a problem that has a case: what it is called, and how it follows the case (WF-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedures import PROBLEM, Procedure
from bot.services.office import Task
from bot.storage import problems as records
from bot.storage.cases import Case
from bot.storage.problems import LedgerProblem

FORM: Final = "pl"
STAGE: Final = "problem_stage"
FOUND: Final = 1
STRUCK_OFF: Final = 6
"""Codes of the first and the last stage of a problem (pl.f12)."""
ENDING: Final = ("struck_off_on", "struck_off_by")
"""What the record says of the end, once it has come."""


def name_of(task: Task, sub_problem: str) -> str:
    """What the document calls a sub-problem, or a category of which no problem is named."""
    ledger = task.office.content.ledger
    known = ledger.problems.get(sub_problem) or ledger.by_id.get(sub_problem)
    return sub_problem if known is None else known.name


def procedure_of(task: Task) -> Procedure | None:
    """The procedure by which problems go their way here; None where none runs and the record stands alone."""
    return next((each for each in task.office.content.running if each.carries == PROBLEM), None)


def stages(procedure: Procedure) -> dict[str, int]:
    """The stage of the ledger (pl.f12) that each state of the procedure is.

    A step that more answers than the stage tell apart may lead elsewhere than the stage says.
    """
    return {
        step.after: step.known[STAGE]
        for step in procedure.steps
        if STAGE in step.known and step.given is None
    }


def held(handling: Mapping[str, Any], known: LedgerProblem | None) -> dict[str, Any]:
    """What was said about the handling, with the stage as it was: only a step of the case moves that."""
    said = {name: value for name, value in handling.items() if name not in ENDING}
    return {**said, STAGE: FOUND if known is None else known.handling.get(STAGE, FOUND)}


async def follow(conn: AsyncConnection, task: Task, procedure: Procedure, case: Case) -> None:
    """Let the record say how the case now stands; nothing for a case that is about no problem."""
    problem = None if case.problem_id is None else await records.get(conn, case.problem_id, to_change=True)
    if problem is None:
        return
    stage = stages(procedure).get(case.state, FOUND)
    handling = {**problem.handling, STAGE: stage}
    if not case.open:
        handling |= {"struck_off_on": task.today.isoformat(), "struck_off_by": task.me.name}
    status = problem.status if case.open else "closed"
    changed = replace(problem, handling=handling, status=status, changed_at=task.now, person_id=task.me.id)
    await records.change(conn, changed)
