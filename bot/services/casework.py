"""Deeds on a case: opened, taken a step further, sent back by an edit; and what is due in its new state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules import stepping
from bot.rules.procedure_reading import FILER
from bot.rules.procedures import Procedure, Step
from bot.rules.reading import read
from bot.rules.stepping import Actor, Around, Refused, Standing
from bot.services import auditing, case_duties, case_notices, problem_record
from bot.services.household_file import Dossier
from bot.services.judging import judged
from bot.services.office import Task
from bot.services.subject_file import read_subject
from bot.storage import assignments, households, people, regions
from bot.storage import cases as records
from bot.storage.cases import Case, Event, NewCase
from bot.storage.subjects import Subject

EDITED: Final = "edited"
"""The step that nobody takes: what was approved was changed, so the case goes back."""
ON: Final = "@on"
"""Ends the names under which a case remembers days."""


@dataclass(frozen=True, slots=True)
class Known:
    """A case with its procedure, its steps so far, and what a step of it may read."""

    procedure: Procedure
    case: Case
    events: tuple[Event, ...]
    around: Around
    actor: Actor

    @property
    def filed_by(self) -> frozenset[int]:
        """Who answers for what was filed."""
        filing = {step.id for step in self.procedure.steps if step.files}
        # A questionnaire that is the case itself is filed anew by whoever changes it.
        filing |= {EDITED} if self.procedure.opened_by else set()
        found = {event.person_id for event in self.events if event.step in filing}
        return frozenset(person for person in found if person is not None)

    def standing(self, today: date) -> Standing:
        """Where the case stands, as the pure core sees it; `today` is the day of its state."""
        kept = self.case.data.items()
        days = {name.removesuffix(ON): date.fromisoformat(day) for name, day in kept if name.endswith(ON)}
        return Standing(self.case.state, today, self.filed_by, self.case.department, days)


@dataclass(frozen=True, slots=True)
class Deed:
    """What comes with a step: words, an office, days to remember, the questionnaire that records it."""

    comment: str = ""
    department: str = ""
    interview_id: int | None = None
    days: Mapping[str, date] = field(default_factory=dict)
    answers: Mapping[str, Any] | None = None


NOTHING_MORE: Final = Deed()


async def posts_over(conn: AsyncConnection, task: Task, subject: Subject) -> frozenset[str]:
    """The posts and roles that the person holds over a household or region; a helper's only in their care."""
    path = await _path(conn, subject)
    care: Mapping[int, int] = {}
    if subject.household_id is not None:
        care = await assignments.responsible(conn, [subject.id])
    held: set[str] = set()
    for each in await people.appointments_of(conn, task.me.id, task.now):
        top = await regions.get(conn, each.region_id)
        over = top is not None and path.startswith(top.path)
        mine = each.role != "cadre" or subject.kind == "region" or care.get(subject.id) == task.me.id
        if over and mine:
            held |= {each.post, each.role}
    return frozenset(held)


async def _path(conn: AsyncConnection, subject: Subject) -> str:
    """The path of the region that the subject is or lies in."""
    region_id = subject.region_id
    if subject.household_id is not None:
        home = await households.get(conn, subject.id)
        region_id = None if home is None else home.region_id
    region = None if region_id is None else await regions.get(conn, region_id)
    return "" if region is None else region.path


async def around(conn: AsyncConnection, task: Task, procedure: Procedure, subject: Subject) -> Around:
    """What a step of the procedure may read of this subject today."""
    then = partial(stepping.figures_on, procedure.parameters.values())
    figures = then(task.today)
    rests = any(step.when or step.verdicts for step in procedure.steps)
    if not rests or subject.household_id is None:
        return Around(task.today, task.office.calendar, figures, then=then)
    dossier = await read_subject(conn, task.office, subject, task.now)
    assert isinstance(dossier, Dossier)
    result = judged(task.office, procedure.scheme, dossier)
    reading = read(result.pack, result.facts, task.today)
    return Around(task.today, task.office.calendar, figures, result.verdict.verdict, reading.truth, then)


async def known(conn: AsyncConnection, task: Task, case: Case) -> Known:
    """The case with everything that a step may read."""
    procedure = task.office.content.procedures[case.procedure]
    events = tuple((await records.events(conn, [case.id])).get(case.id, []))
    reads = await around(conn, task, procedure, case.subject)
    posts = await posts_over(conn, task, case.subject)
    # A department acts only on what was given to it.
    held = posts if case.department in posts else posts - {case_notices.DEPARTMENT}
    actor = Actor(task.me.id, held)
    return Known(procedure, case, events, reads, actor)


def ways_on(task: Task, found: Known) -> tuple[tuple[Step, Refused | None], ...]:
    """The steps that are this person's now, each with what stands against it."""
    standing = found.standing(task.office.today(found.case.since))
    return stepping.possible(found.procedure, standing, found.actor, found.around)


async def ways_in(
    conn: AsyncConnection, task: Task, procedure: Procedure, subject: Subject
) -> tuple[tuple[Step, Refused | None], ...]:
    """The steps by which this person may open a case, each with what stands against it."""
    actor = Actor(task.me.id, await posts_over(conn, task, subject))
    reads = await around(conn, task, procedure, subject)
    fresh = Standing("", task.today)
    found = [(step, stepping.refusal(step, fresh, actor, reads)) for step in procedure.openings]
    return tuple((step, why) for step, why in found if why is None or why.why != "not_yours")


async def opened(
    conn: AsyncConnection,
    task: Task,
    procedure: Procedure,
    subject: Subject,
    step: Step,
    deed: Deed = NOTHING_MORE,
    *,
    carries: int | None = None,
    problem_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case | Refused:
    """Open a case by one of the procedure's opening steps; why not, when something stands against it.

    `carries` is the questionnaire that the case is about; `deed.interview_id` the one that records the step.
    """
    actor = Actor(task.me.id, await posts_over(conn, task, subject))
    reads = await around(conn, task, procedure, subject)
    fresh = Standing("", task.today, department=deed.department)
    refused = stepping.refusal(step, fresh, actor, reads, comment=deed.comment, answers=deed.answers)
    if refused is not None:
        return refused
    return await begun(
        conn, task, procedure, subject, step, deed, carries=carries, problem_id=problem_id, data=data
    )


async def begun(
    conn: AsyncConnection,
    task: Task,
    procedure: Procedure,
    subject: Subject,
    step: Step,
    deed: Deed = NOTHING_MORE,
    *,
    carries: int | None = None,
    problem_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Case:
    """Open a case as `opened` does, whoever it is and whatever might stand against it."""
    actor = Actor(task.me.id, await posts_over(conn, task, subject))
    reads = await around(conn, task, procedure, subject)
    new = NewCase(
        procedure.id,
        subject.household_id,
        subject.region_id,
        "",
        task.now,
        None,
        task.now,
        carries,
        problem_id,
        deed.department,
        task.me.id,
        dict(data or {}),
    )
    case = await records.get(conn, await records.add(conn, new))
    assert case is not None
    return await _move(conn, task, Known(procedure, case, (), reads, actor), step, deed)


async def taken(
    conn: AsyncConnection, task: Task, case: Case, step: Step, deed: Deed = NOTHING_MORE
) -> Case | Refused:
    """Take one step of a case; why not, when something stands against it."""
    found = await known(conn, task, case)
    standing = found.standing(task.office.today(case.since))
    refused = stepping.refusal(
        step, standing, found.actor, found.around, comment=deed.comment, answers=deed.answers
    )
    return refused if refused is not None else await _move(conn, task, found, step, deed)


async def _move(conn: AsyncConnection, task: Task, found: Known, step: Step, deed: Deed) -> Case:
    """Write the step, plan what is due in the new state, tell those concerned."""
    case = found.case
    marked = {step.marks: task.today} if step.marks else {}
    days = {f"{name}{ON}": day.isoformat() for name, day in {**marked, **deed.days}.items()}
    case = replace(case, department=deed.department or case.department, data={**case.data, **days})
    post = next((post for post in step.by if post in found.actor.posts), "")
    moved = await _stand(conn, task, replace(found, case=case), step.id, step.after, post, deed)
    for notice in step.tell:
        said = notice.undated if moved.case.due is None and notice.undated is not None else notice.text
        await case_notices.tell(conn, task, moved, notice.to, said.fill, deed.comment)
    if step.frees:
        freed = replace(moved.case, department="")
        await records.change(conn, freed)
        return freed
    return moved.case


def marked(task: Task, case: Case, openings: Iterable[Step]) -> Case:
    """The case with the days that its opening marks, which begin again with what was handed in anew."""
    days = {f"{step.marks}{ON}": task.today.isoformat() for step in openings if step.marks}
    return replace(case, data={**case.data, **days})


async def sent_back(
    conn: AsyncConnection, task: Task, case: Case, interview_id: int, *, quiet: bool = False
) -> Case:
    """What was approved has been changed: the case goes back, approvals lapse, those concerned are told.

    `quiet`: nothing had been approved yet, so nobody needs to hear of it.
    """
    found = await known(conn, task, case)
    back = found.procedure.reset
    deed = Deed(interview_id=interview_id)
    moved = await _stand(conn, task, found, EDITED, back, "", deed)
    waits = (*found.procedure.waits_for(back), FILER)
    if not quiet:
        await case_notices.edited(conn, task, moved, waits)
    return moved.case


async def _stand(
    conn: AsyncConnection, task: Task, found: Known, step: str, state: str, post: str, deed: Deed
) -> Known:
    """The case in its new state, written with the step that led there."""
    case, seq = found.case, len(found.events) + 1
    event = Event(
        case.id, seq, step, case.state, state, task.me.id, post, task.now, deed.comment, deed.interview_id, {}
    )
    await records.record(conn, event)
    place = found.procedure.states[state]
    moved = replace(case, state=state, since=task.now, open=0 if place.final else 1)
    found = replace(found, case=moved, events=(*found.events, event))
    moved = replace(moved, due=stepping.due(place, found.standing(task.today), found.around))
    await records.change(conn, moved)
    await problem_record.follow(conn, task, found.procedure, moved)
    await case_duties.plan(conn, task, found.procedure, moved, seq)
    auditing.note(task, "decided", case.subject, case=case.id, step=step, old=case.state, new=state)
    return replace(found, case=moved)


async def is_open(
    conn: AsyncConnection, subject: Subject, procedures: Iterable[Procedure]
) -> dict[str, list[Case]]:
    """The open cases of a subject by procedure, held until the end of the transaction."""
    wanted = {procedure.id for procedure in procedures}
    found: dict[str, list[Case]] = {}
    for case in await records.of_subject(conn, subject):
        held = await records.get(conn, case.id, to_change=True) if case.procedure in wanted else None
        if held is not None and held.open:
            found.setdefault(held.procedure, []).append(held)
    return found
