"""A problem's way through the ledger by hand: it is written down, taken further and struck off (form pl)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.context import Known
from bot.expressions import Value
from bot.services import problem_cases, problem_record
from bot.services.household_file import HouseholdFile
from bot.services.office import Office, Task
from bot.services.outgoing import Message
from bot.services.problem_record import FORM, STRUCK_OFF, name_of
from bot.storage import problems as records
from bot.storage.interviews import Interview
from bot.storage.problems import LedgerProblem, NewProblem, Status

HANDLING: Final = (
    *("problem_stage", "problem_money", "involved_count", "mending_measure", "mending_unit"),
    *("mending_person", "mending_result", "people_satisfied", "struck_off_on", "struck_off_by"),
)
"""What the record keeps of a problem's way, by the facts of the form."""
PLACES: Final = ("town", "village", "head_name")
"""All that the form may take from the file of whom it is about; the rest belongs to one problem only."""
ASKED_ANEW: Final = ("problem_stage", "mending_result", "people_satisfied")
"""What moves on from one time to the next: proposed by itself, never on a card or in silence."""


def proposed(file: HouseholdFile, problem: LedgerProblem | None, office: Office) -> HouseholdFile:
    """What an interview about `problem` (None: about one not yet on record) may propose."""
    places = {name: known for name, known in file.values.items() if name in PLACES}
    if problem is None:
        return replace(file, values=places)
    on = office.today(problem.changed_at).isoformat()
    # A problem of a region lies in no household: that is known as well, and nobody is asked for one.
    nowhere = {name: Known(None, on, FORM) for name in PLACES}
    told = {
        name: Known(value, on, FORM, "anew" if name in ASKED_ANEW else "keep")
        for name, value in answers(problem).items()
        if value is not None
    }
    return replace(file, values=nowhere | places | told, continues=problem.id)


def answers(problem: LedgerProblem) -> dict[str, Value]:
    """What the record says, by the facts of the form; None where it says nothing."""
    category, _, number = problem.sub_problem.partition(".")
    of_way = {name: problem.handling.get(name) for name in HANDLING}
    counted, persons = of_way["involved_count"], [{"name": name} for name in problem.persons]
    return {
        **of_way,
        "problem_category": int(category),
        # A supervision names the category only: who takes it further says which of its problems it is.
        f"sub_problem_{category}": int(number) if number else None,
        "problem_description": problem.description or None,
        "problem_source": problem.source,
        "involved_count": max(counted or 0, len(persons)) if persons else counted,
        "involved": persons or None,
        "mending_deadline": None if problem.deadline is None else problem.deadline.isoformat(),
    }


def about(task: Task, problem: LedgerProblem) -> str:
    """Says which problem is taken further: what it is, is not asked again."""
    name = name_of(task, problem.sub_problem)
    return task.say("problems.continued", problem=name, description=problem.description)


def continued(interview: Interview) -> int | None:
    """The id of the problem that the interview takes further; None when it was not begun from one."""
    return HouseholdFile.from_json(interview.context).continues


async def enter(
    conn: AsyncConnection, task: Task, interview: Interview, found: Mapping[str, Value], on: date
) -> None:
    """Put a problem written down by hand on record, or take the one that is meant a step further.

    That is the problem from which the interview was begun, whatever the answers say; without one it is the
    open one of the same name.
    """
    category = found["problem_category"]
    sub_problem = f"{category}.{found[f'sub_problem_{category}']}"
    status: Status = "closed" if found.get("problem_stage") == STRUCK_OFF else "confirmed"
    rows = found.get("involved")
    said: dict[str, Any] = {
        "source": found["problem_source"],
        "status": status,
        "description": found["problem_description"],
        "persons": [row["name"] for row in rows or [] if row.get("name")],
        "handling": {name: found[name] for name in HANDLING if found.get(name) is not None},
        "interview_id": interview.id,
        "person_id": task.me.id,
    }
    given = found.get("mending_deadline")
    deadline = date.fromisoformat(given) if given else None
    if (continues := continued(interview)) is not None:
        said["deadline"] = deadline
        await take_further(conn, task, continues, sub_problem, said, found, interview.id)
        return
    decided = await records.decided(conn, interview.subject)
    known, problem_id = decided.get(sub_problem), None
    by_category = decided.get(str(category))
    if (known is None or not known.is_open) and by_category is not None and by_category.is_open:
        # A supervision names the category only: who takes it further says which of its problems it is.
        known = replace(by_category, sub_problem=sub_problem)
        said["description"] = f"{known.description}\n{said['description']}"
    if known is not None and known.is_open:
        deadline = deadline or known.deadline
        said["persons"] = said["persons"] or known.persons
        said = as_before(task, said, known)
        await records.change(conn, replace(known, **said, changed_at=task.now, deadline=deadline))
        problem_id = known.id
    else:
        deadline = deadline or deadline_of(task, sub_problem, on)
        said = as_before(task, said, None)
        subject = (interview.household_id, interview.region_id)
        new = NewProblem(*subject, sub_problem, recorded_at=task.now, deadline=deadline, **said)
        problem_id = await records.add(conn, new)
    if problem_id is not None:
        status = (await problem_cases.carried(conn, task, problem_id, found, interview.id)).status
    tell(task, sub_problem, deadline, status, further=False)


def as_before(task: Task, said: Mapping[str, Any], known: LedgerProblem | None) -> dict[str, Any]:
    """What was said of a problem, but for its stage: where problems have cases, that is theirs to say."""
    if problem_record.procedure_of(task) is None:
        return dict(said)
    return {**said, "status": "confirmed", "handling": problem_record.held(said["handling"], known)}


async def take_further(
    conn: AsyncConnection,
    task: Task,
    problem_id: int,
    sub_problem: str,
    said: Mapping[str, Any],
    found: Mapping[str, Value],
    interview_id: int,
) -> None:
    """Change exactly that problem, its name included; nothing when somebody has closed it meanwhile."""
    problem = await records.get(conn, problem_id, to_change=True)
    if problem is None or not problem.is_open:
        task.send(Message(task.say("problems.closed", problem=name_of(task, sub_problem), lost=True)))
        return
    said = as_before(task, said, problem)
    changed = replace(problem, **said, sub_problem=sub_problem, changed_at=task.now)
    if found.get("involved") is None:  # it was not said whom it concerns
        changed = replace(changed, persons=problem.persons)
    changed = replace(changed, deadline=changed.deadline or problem.deadline)
    other = (await records.decided(conn, problem.subject)).get(sub_problem)
    if changed.is_open and other is not None and other.is_open and other.id != problem.id:
        # Two open ones of one name cannot stand there; which of them is which is for people to settle.
        changed = replace(changed, sub_problem=problem.sub_problem)
        task.send(Message(task.say("problems.name_taken", problem=name_of(task, sub_problem))))
    await records.change(conn, changed)
    changed = await problem_cases.carried(conn, task, problem_id, found, interview_id)
    tell(task, changed.sub_problem, changed.deadline, changed.status, further=True)


def tell(task: Task, sub_problem: str, deadline: date | None, status: Status, *, further: bool) -> None:
    """Say how a problem now stands in the ledger."""
    text = task.say(
        "problems.entered",
        problem=name_of(task, sub_problem),
        deadline="" if deadline is None else deadline.isoformat(),
        struck_off=status == "closed",
        further=further,
    )
    task.send(Message(text))


def deadline_of(task: Task, sub_problem: str, on: date) -> date | None:
    """By when a problem found on that day is to be put right according to the documents."""
    deadline = task.office.content.ledger.deadline(sub_problem, on)
    return None if deadline is None else deadline.due
