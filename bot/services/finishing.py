"""When a questionnaire is handed in: facts, verdict, plan, alerts and duties, all in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.effects import Finished
from bot.dialogs.engine import Turn
from bot.dialogs.form import Form
from bot.expressions import Value
from bot.services import (
    alerting,
    auditing,
    case_interviews,
    duty_planning,
    entitled,
    judging,
    ledger,
    next_household,
    planning,
    region_duties,
    region_judging,
    regional,
)
from bot.services.household_file import Dossier, read_file
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.subject_file import RegionDossier, SubjectDossier, forms_about, is_usual, read_subject
from bot.storage import facts, households
from bot.storage.facts import Fact
from bot.storage.interviews import Interview
from bot.storage.subjects import Subject

SAID_OF = ("visited_at", "checked_on")
"""Facts that say on which day it was that a questionnaire tells of."""
REGISTER = ("population", "reg_status", "exit_year")
"""Facts that the register of households keeps in columns of its own."""


async def finish(
    conn: AsyncConnection, task: Task, form: Form, interview: Interview, turn: Turn, finished: Finished
) -> None:
    """Close the interview and do everything that follows from it."""
    on = survey_day(finished.facts, task.today)
    closed = replace(interview, state="submitted", submitted_at=task.now)
    task.keep(closed)
    task.look_at(open_interview_id=None)
    await ledger.on_submission(conn, task, interview, finished, on)
    # From here on the subject is held: nobody else hands anything in about it until this is written.
    before = await read_subject(conn, task.office, interview.subject, task.now)
    learnt = recorded(form, interview, turn, finished.facts, on, task)
    learnt += withdrawn(form, before, finished.facts, on, task, interview)
    await facts.record(conn, learnt)
    auditing.note_answers(task, interview, before.facts, learnt)
    if isinstance(before, RegionDossier):
        late = await region_duties.fulfil(conn, task, before.region.id, interview, on)
        submitted(task, form, before, late=late)
        region_judging.tell(task, form, before, finished.facts)
        await case_interviews.on_change(conn, task, form, interview, before)
        await case_interviews.on_submission(conn, task, form, interview, finished.facts)
        regional.offer_next(task, form, before)
    else:
        await follow(conn, task, form, interview, before, finished.facts, on)


async def follow(
    conn: AsyncConnection,
    task: Task,
    form: Form,
    interview: Interview,
    before: Dossier,
    found: Mapping[str, Value],
    on: date,
) -> None:
    """What a questionnaire about a household brings: duties done, verdict, alerts, plan, what is next."""
    household = before.household.id
    changes = {name: found[name] for name in REGISTER if found.get(name) is not None}
    await households.revise(conn, household, changes)
    dossier = await read_file(conn, task.office, household, task.now)
    submitted(task, form, dossier, late=await duty_planning.fulfil(conn, task, dossier, interview, found, on))
    to_verify: list[str] = []
    for scheme in task.office.schemes:
        judged = await judging.judge(conn, task, scheme, dossier, interview)
        await alerting.on_submission(conn, task, judged, before, interview)
        await duty_planning.plan_for(conn, task, judged)
        await planning.draw_up(conn, task, judged, interview)
        if judged.verdict.verdict is None:
            to_verify.append(judged.pack.scheme.forms[0])
    await case_interviews.on_change(conn, task, form, interview, before)
    await case_interviews.on_submission(conn, task, form, interview, found)
    await offer_next(conn, task, form, dossier, to_verify)


def submitted(task: Task, form: Form, dossier: SubjectDossier, *, late: bool) -> None:
    """Say that the questionnaire is handed in."""
    name = dossier.name(task.office)
    task.reply(
        Message(task.say("interview.submitted", form=form.name, household=name, late=late), slot="done")
    )


def survey_day(found: Mapping[str, Value], today: date) -> date:
    """The day to which the answers belong: that of the visit or check when one is told of, else today."""
    days = [day for name in SAID_OF if isinstance(day := found.get(name), str)]
    return date.fromisoformat(days[0][:10]) if days else today


def recorded(
    form: Form, interview: Interview, turn: Turn, found: Mapping[str, Value], on: date, task: Task
) -> list[Fact]:
    """The facts that the interview found out; rosters as whole lists, unknown answers as None."""
    rows = {roster.id for roster in form.rosters}
    # Rows of a roster ("name#2") are no facts of their own: a roster is learnt as a whole.
    untouched = set(turn.path.kept) - set(turn.path.affirmed)
    kept = {form.by_id[key].fact for key in untouched if "#" not in key}
    learnt: list[Fact] = []
    for name, value in found.items():
        if name in kept:
            continue
        item = form.by_fact.get(name)
        period = item.period if item is not None else ""
        source = f"{form.id}.{item.id}" if item is not None else form.id
        learnt.append(
            Fact(
                interview.household_id,
                name,
                value if name not in rows else list(value),
                on,
                source,
                task.now,
                interview.id,
                0,
                period,
                region_id=interview.region_id,
            )
        )
    return learnt


def withdrawn(
    form: Form, before: SubjectDossier, found: Mapping[str, Value], on: date, task: Task, interview: Interview
) -> list[Fact]:
    """What this form found out earlier and no longer asks: its branch is closed, so it is unknown again.

    Left standing, a shortage of water of last year would speak against this year's tap.
    """
    return [
        replace(
            fact, value=None, as_of=on, recorded_at=task.now, interview_id=interview.id, superseded_at=None
        )
        for fact in before.facts
        if fact.source.partition(".")[0] == form.id and fact.value is not None and fact.name not in found
    ]


async def offer_next(
    conn: AsyncConnection, task: Task, form: Form, dossier: Dossier, to_verify: Sequence[str]
) -> None:
    """What one can do next: at the next household, when the form goes from door to door, or at this one.

    The questionnaires `to_verify` stand first: a verdict waits for them. Whoever is not in charge of the
    household was asked for this one only.
    """
    if not await entitled.whole(conn, task, Subject("household", dossier.household.id)):
        return
    visits = await next_household.after(conn, task, form, dossier)
    text = task.say("home.what_next")
    onward: list[Button] = []
    if visits is not None:
        text = f"{next_household.said(task, form, dossier, visits)}\n{text}"
        onward = next_household.buttons(task, form, visits)
    household = dossier.household.id
    forms = forms_about(task.office, dossier)
    usual = [other for other in forms if is_usual(task.office, other)]
    others = [other for other in usual if other.id != form.id or to_verify]
    others.sort(key=lambda other: other.id not in to_verify)
    buttons = [Button(other.short, f"n:{household}:{other.id}") for other in others]
    if len(usual) < len(forms):
        buttons.append(Button(task.say("buttons.more"), f"h:{household}:more"))
    buttons.append(Button(task.say("buttons.home"), "m:home"))
    task.send(Message(text, rows_of(onward) + rows_of(buttons), slot="menu"))


async def unfinished(conn: AsyncConnection, task: Task, begun: Sequence[Interview]) -> None:
    """The questionnaires that the person began and left, to choose one to go on with."""
    buttons: list[Button] = []
    for interview in begun[:8]:
        dossier = await read_subject(conn, task.office, interview.subject, task.now)
        form = task.office.content.form(interview.form, interview.version)
        label = task.say("home.unfinished_one", form=form.short, household=dossier.name(task.office))
        buttons.append(Button(label, f"r:{interview.id}"))
    task.reply(Message(task.say("home.unfinished"), rows_of(buttons), slot="menu"))
