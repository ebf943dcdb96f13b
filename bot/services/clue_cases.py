"""What a clue opens: a case of the scheme; one that is open already it joins (WF-04 1b, WF-05)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.procedures import CLUES, Procedure, Step
from bot.services import auditing, case_notices, casework
from bot.services.casework import Deed
from bot.services.office import Task
from bot.storage import clues as records
from bot.storage.cases import Case
from bot.storage.clues import Clue
from bot.storage.subjects import Subject

APPLICATION: Final = "application"
APPLY: Final = "apply"
"""The deed that a procedure forbids where nobody may apply for themselves."""
RECEIVED: Final = "received_on"
"""The day that a case remembers of the clue that opened it."""


@dataclass(frozen=True, slots=True)
class Way:
    """What a clue of this kind does in the county."""

    source: str
    procedure: Procedure
    steps: tuple[Step, ...]


def ways(task: Task, sources: Iterable[str] = CLUES) -> list[Way]:
    """What clues of these kinds open in the county; nothing where no procedure takes them."""
    found = []
    for source in sources:
        for procedure in task.office.content.running:
            steps = tuple(step for step in procedure.openings if source in step.takes)
            if steps and procedure.subject == "household":
                found.append(Way(source, procedure, steps))
    return found


def refusal(task: Task) -> str:
    """Why nobody may apply for themselves here, in the document's words; "" where they may."""
    if ways(task, [APPLICATION]):
        return ""
    forbidden = [each.forbidden(APPLY) for each in task.office.content.running]
    return next((each.text for each in forbidden if each is not None), "")


def way_of(task: Task, procedure: str, source: str) -> Way | None:
    """The way of that procedure and kind, when there still is one."""
    return next((way for way in ways(task, [source]) if way.procedure.id == procedure), None)


def may_note(way: Way, posts: Collection[str]) -> bool:
    """Whether somebody in these posts may put such a clue on record."""
    return any(post in step.by for step in way.steps for post in posts)


async def put(conn: AsyncConnection, task: Task, clue: Clue, way: Way) -> tuple[Case, bool]:
    """Let a matched clue open its case, or join the one that is open; whether it joined.

    The day of the first clue counts: one that joins changes no deadline.
    """
    assert clue.household_id is not None
    subject = Subject("household", clue.household_id)
    posts = await casework.posts_over(conn, task, subject)
    held = (await casework.is_open(conn, subject, [way.procedure])).get(way.procedure.id, [])
    if held:
        case = await _joined(conn, task, clue, way, held[0])
    else:
        step = next((step for step in way.steps if posts & set(step.by)), way.steps[0])
        deed = Deed(clue.words, days={RECEIVED: clue.received_on})
        case = await casework.begun(conn, task, way.procedure, subject, step, deed)
    await records.change(conn, replace(clue, case_id=case.id))
    auditing.note(task, "changed", subject, clue=clue.id, case=case.id, joined=bool(held))
    return case, bool(held)


async def _joined(conn: AsyncConnection, task: Task, clue: Clue, way: Way, case: Case) -> Case:
    """Another clue to the same household: it takes the case further, or those concerned hear of it."""
    found = await casework.known(conn, task, case)
    for step in way.procedure.steps_from(case.state):
        if clue.source in step.takes and found.actor.posts & set(step.by):
            moved = await casework.taken(conn, task, case, step, Deed(clue.words))
            if isinstance(moved, Case):
                return moved
    to = way.procedure.waits_for(case.state) or tuple(post for step in way.steps for post in step.by)
    source = task.say("clues.source", source=clue.source)
    await case_notices.tell(
        conn,
        task,
        found,
        to,
        lambda gap: task.say("clues.joins", subject=gap("subject"), source=source),
        clue.words,
    )
    return case
