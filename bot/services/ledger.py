"""The ledger of problems: what questionnaires bring to light, what is done, who may look (WF-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.effects import Decided, Finished
from bot.dialogs.ledger import grounds
from bot.expressions import Value
from bot.services import auditing, entitled, problem_cases
from bot.services.household_file import HouseholdFile, names
from bot.services.mending import deadline_of, enter
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.problem_record import FORM, FOUND, name_of
from bot.storage import problems as records
from bot.storage import regions, subjects
from bot.storage.interviews import Interview
from bot.storage.problems import LedgerProblem, NewProblem
from bot.storage.subjects import Subject

SUPERVISION: Final = "dv"
QUESTIONNAIRE: Final = 1
BY_SUPERVISION: Final = 3
SOURCES: Final[Mapping[str, int]] = {"mc": 5}
"""Where a candidate of these forms comes from, as a code of pl.f15; of any other, from a questionnaire."""
PAGE: Final = 8
MOST: Final = 1000
"""No more than these are looked through for one person's list."""


async def reminded(conn: AsyncConnection, subject: Subject, file: HouseholdFile) -> HouseholdFile:
    """The file, with what the ledger settles: nobody is asked about that again."""
    decided = await records.decided(conn, subject)
    return replace(
        file,
        settled=tuple(sorted(id for id, problem in decided.items() if problem.is_open)),
        dismissed={id: p.grounds for id, p in decided.items() if p.status == "dismissed"},
    )


async def on_submission(
    conn: AsyncConnection, task: Task, interview: Interview, finished: Finished, on: date
) -> None:
    """What a handed-in questionnaire brings to the ledger; `on` is the day to which its answers belong."""
    # Two that are handed in at once add to each other: what stands there is read when nobody else writes.
    await subjects.hold(conn, interview.subject)
    await record(conn, task, interview, finished.problems, finished.facts, on)
    if interview.form == FORM:
        await enter(conn, task, interview, finished.facts, on)
    if interview.form == SUPERVISION:
        await supervised(conn, task, interview, finished.facts.get("found_problem") or [], on)


async def record(
    conn: AsyncConnection,
    task: Task,
    interview: Interview,
    decided: Sequence[Decided],
    found: Mapping[str, Value],
    on: date,
) -> None:
    """Keep what was decided about the probable problems of a questionnaire, and say what went on record."""
    form = task.office.content.form(interview.form, interview.version)
    candidates = {candidate.problem: candidate for candidate in form.candidates}
    new: list[tuple[str, str]] = []
    for each in decided:
        deadline = deadline_of(task, each.problem, on) if each.accepted else None
        problem = NewProblem(
            interview.household_id,
            interview.region_id,
            each.problem,
            SOURCES.get(interview.form, QUESTIONNAIRE),
            "confirmed" if each.accepted else "dismissed",
            task.now,
            persons=each.persons,
            reason=each.reason,
            grounds=grounds(candidates[each.problem], form, found),
            handling={"problem_stage": FOUND} if each.accepted else {},
            deadline=deadline,
            interview_id=interview.id,
            person_id=task.me.id,
        )
        id = await records.add(conn, problem)
        auditing.note(
            task, "decided", interview.subject, problem=id, kind=each.problem, status=problem.status
        )
        if id is not None and each.accepted:
            await problem_cases.begin(conn, task, id)
            new.append((name_of(task, each.problem), "" if deadline is None else deadline.isoformat()))
    if new:
        task.send(Message(task.say("problems.recorded", problems=new)))


async def supervised(
    conn: AsyncConnection, task: Task, interview: Interview, rows: Sequence[Mapping[str, Value]], on: date
) -> None:
    """What a supervision found in a village (dv.6): a problem for each category, its words one to a line."""
    found: dict[int, list[Mapping[str, Value]]] = {}
    for row in rows:
        if row.get("problem_category") is not None:
            found.setdefault(row["problem_category"], []).append(row)
    decided = await records.decided(conn, interview.subject)
    new: list[tuple[str, str]] = []
    for category, alike in sorted(found.items()):
        id, words = str(category), [row["problem_words"] for row in alike]
        given = [date.fromisoformat(row["problem_due"]) for row in alike if row.get("problem_due")]
        known = decided.get(id)
        if known is not None and known.is_open:
            words = list(dict.fromkeys([*known.description.split("\n"), *words]))
            deadline = min([*given, *([known.deadline] if known.deadline else [])], default=None)
            known = replace(known, description="\n".join(words), deadline=deadline, changed_at=task.now)
            await records.change(conn, known)
            await problem_cases.dated(conn, task, known)
            continue
        deadline = min(given, default=deadline_of(task, id, on))
        problem = NewProblem(
            interview.household_id,
            interview.region_id,
            id,
            BY_SUPERVISION,
            "confirmed",
            task.now,
            description="\n".join(words),
            handling={"problem_stage": FOUND},
            deadline=deadline,
            interview_id=interview.id,
            person_id=task.me.id,
        )
        added = await records.add(conn, problem)
        if added is not None:
            await problem_cases.begin(conn, task, added)
        new.append((name_of(task, id), "" if deadline is None else deadline.isoformat()))
    if new:
        task.send(Message(task.say("problems.recorded", problems=new)))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "q:problem" (one of them) and "q:pskipped" (a page of the list)."""
    if rest.startswith("p"):
        await listed(conn, task, int(rest[1:]))
    else:
        await show(conn, task, int(rest))


async def listed(conn: AsyncConnection, task: Task, skipped: int = 0) -> None:
    """The open problems that the person may see, the earliest deadline first."""
    mine = await visible(conn, task)
    if not mine:
        task.reply(Message(task.say("problems.nothing")))
        return
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + PAGE]
    auditing.note_listed(task, "problems", [each.household_id for each in shown])
    places = await places_of(conn, task, shown)
    buttons = [Button(line(task, each, places[each.subject]), f"q:{each.id}") for each in shown]
    turns: list[Button] = []
    if skipped:
        turns.append(Button(task.say("buttons.earlier"), f"q:p{max(skipped - PAGE, 0)}"))
    if skipped + PAGE < len(mine):
        turns.append(Button(task.say("buttons.later"), f"q:p{skipped + PAGE}"))
    text = task.say(
        "problems.listed",
        count=len(mine),
        late=sum(is_late(task, each) for each in mine),
        first=skipped + 1,
        last=skipped + len(shown),
    )
    task.reply(Message(text, rows_of(buttons) + rows_of(turns), slot="menu"))


async def show(conn: AsyncConnection, task: Task, problem_id: int) -> None:
    """One problem with all that is known of it, and the way to take it further."""
    found = await seen(conn, task, problem_id)
    if found is None:
        return
    auditing.note(task, "seen", found.subject, shown="problem", problem=found.id)
    content = task.office.content
    known = content.ledger.problems.get(found.sub_problem)
    category = content.ledger.by_id.get(found.sub_problem if known is None else known.category)
    place = (await places_of(conn, task, [found]))[found.subject]
    handling = found.handling
    text = task.say(
        "problems.one",
        place=place,
        category="" if category is None else category.name,
        problem=name_of(task, found.sub_problem),
        description=found.description,
        persons=list(found.persons),
        source=content.registry["problem_source"].options.get(found.source, ""),
        stage=content.registry["problem_stage"].options.get(handling.get("problem_stage", FOUND), ""),
        deadline="" if found.deadline is None else found.deadline.isoformat(),
        late=is_late(task, found),
        measure=handling.get("mending_measure", ""),
        unit=handling.get("mending_unit", ""),
        responsible=handling.get("mending_person", ""),
        result=handling.get("mending_result", ""),
    )
    subject = found.subject
    of_region = subject.kind == "region"
    further = [Button(task.say("problems.further"), f"q:e{found.id}")] if found.is_open else []
    if (case := await problem_cases.case_of(conn, found.id)) is not None:
        further.append(Button(task.say("casework.of_household"), f"w:{case.id}"))
    buttons = [
        *further,
        Button(place, f"{'g' if of_region else 'h'}:{subject.id}"),
        Button(task.say("problems.all"), "q:p0"),
    ]
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


async def seen(conn: AsyncConnection, task: Task, problem_id: int) -> LedgerProblem | None:
    """A problem that the person may see; None, after saying so, when there is no such one."""
    found = await records.get(conn, problem_id)
    if found is not None and await entitled.of_problems(conn, task, [found]):
        return found
    task.reply(Message(task.say("problems.not_found")))
    return None


async def to_continue(conn: AsyncConnection, task: Task, problem_id: int) -> LedgerProblem | None:
    """A problem that the person may take further (button "q:eproblem"); None, after saying why not."""
    found = await seen(conn, task, problem_id)
    if found is None or found.is_open:
        return found
    task.reply(Message(task.say("problems.closed", problem=name_of(task, found.sub_problem), lost=False)))
    return None


async def visible(conn: AsyncConnection, task: Task) -> list[LedgerProblem]:
    """The open problems of households and regions that the person may see, by deadline."""
    near = await records.near(conn, task.me.id, task.now, MOST)
    return await entitled.of_problems(conn, task, near)


async def places_of(conn: AsyncConnection, task: Task, found: Sequence[LedgerProblem]) -> dict[Subject, str]:
    """What people call the households and regions of these problems."""
    homes = await names(conn, task.office, {p.household_id for p in found if p.household_id is not None})
    wanted = sorted({each.region_id for each in found if each.region_id is not None})
    called = {Subject("household", id): name for id, name in homes.items()}
    return called | {Subject("region", each.id): each.name for each in await regions.get_many(conn, wanted)}


def line(task: Task, problem: LedgerProblem, place: str) -> str:
    """A problem in one line."""
    return task.say(
        "problems.line",
        place=place,
        problem=name_of(task, problem.sub_problem),
        deadline="" if problem.deadline is None else problem.deadline.isoformat(),
        late=is_late(task, problem),
    )


def is_late(task: Task, problem: LedgerProblem) -> bool:
    """Whether an open problem should have been put right by now."""
    return problem.is_open and problem.deadline is not None and problem.deadline < task.today
