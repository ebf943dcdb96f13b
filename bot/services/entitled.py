"""Who may see all of a household, and what those see who were only asked for something there.

A department and the unit of a helper are not in charge of a household: they see the cases that were handed to
them and the problems these are about; neither its questionnaires nor its plan, where illness, disability and
debts stand (README of the catalogue, decision 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import cases as case_records
from bot.storage import problems as problem_records
from bot.storage import referred, visibility
from bot.storage.cases import Case
from bot.storage.problems import LedgerProblem
from bot.storage.subjects import Subject

UNIT: Final = "unit"
MENDING_UNIT: Final = "mending_unit"


async def whole(conn: AsyncConnection, task: Task, subject: Subject) -> bool:
    """Whether everything about the household is the person's to see; a region holds nothing of households."""
    if subject.household_id is None:
        return await visibility.subject(conn, task.me.id, subject, task.now)
    return subject.id in await visibility.in_charge(conn, task.me.id, [subject.id], task.now)


async def refused(conn: AsyncConnection, task: Task, subject: Subject) -> bool:
    """Whether that is not the person's to see, after saying so: what is unknown to them does not exist."""
    if await whole(conn, task, subject):
        return False
    if subject.household_id is None or not await visibility.subject(conn, task.me.id, subject, task.now):
        task.reply(Message(task.say("home.not_found")))
        return True
    buttons = rows_of([Button(task.say("casework.of_household"), f"w:h{subject.id}")])
    task.reply(Message(task.say("home.only_asked"), buttons, slot="menu"))
    return True


async def of_cases(conn: AsyncConnection, task: Task, found: Sequence[Case]) -> list[Case]:
    """Those of these cases that the person may see."""
    subjects = await visibility.subjects_among(conn, task.me.id, [each.subject for each in found], task.now)
    homes = [each.household_id for each in found if each.household_id is not None]
    charged = await visibility.in_charge(conn, task.me.id, homes, task.now)
    rest = [each for each in found if each.subject in subjects and each.household_id not in charged]
    ids = [each.id for each in rest]
    asked = set(await referred.cases_among(conn, task.me.id, ids, _of_units(task), task.now))
    asked |= {each.id for each in rest if each.id not in asked and await _puts_right(conn, task, each)}
    return [
        each
        for each in found
        if each.subject in subjects
        and (each.household_id is None or each.household_id in charged or each.id in asked)
    ]


async def _puts_right(conn: AsyncConnection, task: Task, case: Case) -> bool:
    """Whether the person's own unit is the one that puts the problem right."""
    if case.problem_id is None or not case.open or not task.me.unit:
        return False
    problem = await problem_records.get(conn, case.problem_id)
    return problem is not None and problem.handling.get(MENDING_UNIT) == task.me.unit


async def of_problems(
    conn: AsyncConnection, task: Task, found: Sequence[LedgerProblem]
) -> list[LedgerProblem]:
    """Those of these problems that the person may see."""
    subjects = await visibility.subjects_among(conn, task.me.id, [each.subject for each in found], task.now)
    homes = [each.household_id for each in found if each.household_id is not None]
    charged = await visibility.in_charge(conn, task.me.id, homes, task.now)
    known = [each for each in found if each.subject in subjects]
    rest = [each for each in known if each.household_id is not None and each.household_id not in charged]
    withheld = {
        each.id
        for each in rest
        if not await of_cases(conn, task, await case_records.of_problem(conn, each.id))
    }
    return [each for each in known if each.id not in withheld]


def _of_units(task: Task) -> list[str]:
    """Where cases wait for whoever leads a unit."""
    content = task.office.content
    posts = {UNIT, *(post.id for post in content.offices.posts.values() if post.role == UNIT)}
    return [
        f"{procedure.id}:{state}"
        for procedure in content.running
        for state in procedure.states
        if posts & set(procedure.waits_for(state))
    ]
