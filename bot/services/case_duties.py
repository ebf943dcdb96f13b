"""What is due in the state of a case: planned when it is entered, done when it is left (WF-19)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedures import Procedure
from bot.rules.reminders import FIRST
from bot.services.office import Task
from bot.storage import duties, people
from bot.storage.cases import Case
from bot.storage.duties import NewDuty

DEPARTMENT = "department"


async def plan(conn: AsyncConnection, task: Task, procedure: Procedure, case: Case, seq: int) -> None:
    """Plan the deadline of the state that the case has entered by its step `seq`.

    What was due in the state before is done by leaving it, late after its day.
    """
    for duty in await duties.open_of_case(conn, case.id):
        await duties.complete_one(conn, duty.id, task.today)
    if case.due is None or not case.open:
        return
    kind = f"case:{case.id}:{seq}"
    text = task.say("casework.duty", procedure=procedure.name, state=procedure.states[case.state].name)
    ahead = f"{procedure.id}.{case.state}"
    first = task.office.reminders.day_of(FIRST, ahead, case.due) or case.due
    morning = datetime.combine(first, task.office.reminders.morning, task.office.zone)
    new = NewDuty(
        case.household_id,
        kind,
        case.due,
        procedure.code,
        task.today,
        max(morning, task.now),
        {"text": text, "turn": 1, "turns": 1, "clause": procedure.states[case.state].clause},
        None,
        case.region_id,
        case.id,
        await _whose(conn, task, procedure, case),
    )
    await duties.plan(conn, [new])


async def _whose(conn: AsyncConnection, task: Task, procedure: Procedure, case: Case) -> str:
    """The post that has to act: the first of those waited for that somebody holds there."""
    named = [
        case.department if post == DEPARTMENT else post for post in procedure.waits_for(case.state) if post
    ]
    subject = case.subject
    over = people.over if subject.kind == "household" else people.over_region
    for post in named:
        if post and await over(conn, subject.id, [post], task.now):
            return post
    return next(iter(named), "")
