"""Alerts: who must be told of what, at once or on submission, and what they do with it (workflow.md 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.effects import Answered
from bot.dialogs.form import Form
from bot.expressions import Value
from bot.rules.alerts import AlertRaised, alerts
from bot.rules.pack import Pack
from bot.rules.updates import current, told_by
from bot.services import alerts_at_hand as at_hand
from bot.services.household_file import Dossier, read_file
from bot.services.judging import Judged, facts_of
from bot.services.office import Task, parcels_for
from bot.storage import alerts as records
from bot.storage import people
from bot.storage.alerts import NewAlert
from bot.storage.interviews import Interview

RESPONSIBLE: Final = "cadre"
URGENT: Final = "red"


@lru_cache(maxsize=32)
def told_at_once(pack: Pack, form: Form) -> frozenset[str]:
    """Facts of the form's items that can raise an alert before it is handed in.

    An item may do so through what is calculated or summed up of it.
    """
    terms = [term for rule in pack.alerts if rule.at == "answer" for term in (*rule.when, *rule.each)]
    told = set(told_by(pack.updates, frozenset(n for term in terms for n in pack.answers_of(term.fact))))
    for item in form.items:
        if item.calc is not None and item.fact in told:
            told |= item.calc.names | item.calc.row_names
        if item.fold is not None and item.fold.fact in told:
            told |= item.fold.calc.names | item.fold.calc.row_names
    return frozenset(item.fact for item in form.items if item.fact in told or item.repeat in told)


async def on_answer(
    conn: AsyncConnection, task: Task, interview: Interview, answered: Answered, found: Mapping[str, Value]
) -> None:
    """What must be told while the interview is still open (questionnaires.md 20.1)."""
    item, home = answered.step.item, interview.household_id
    if home is None or item is None or answered.value == answered.before:
        return
    for scheme in task.office.schemes:
        pack = task.office.content.packs[scheme]
        form = task.office.content.form(interview.form, interview.version)
        if item.fact not in told_at_once(pack, form):
            continue
        parameters = task.office.content.form_parameters(task.today)
        known = current(pack.updates, found, {}, parameters, task.today)
        raised = alerts(pack, known, task.today, submitted=False)
        if raised:
            dossier = await read_file(conn, task.office, home, task.now)
            await tell(conn, task, dossier, interview, raised)


async def on_submission(
    conn: AsyncConnection, task: Task, judged: Judged, before: Dossier, interview: Interview
) -> None:
    """What a handed-in questionnaire calls for."""
    raised = alerts(
        judged.pack,
        judged.facts,
        task.today,
        verdict_id=judged.verdict.verdict,
        before=facts_of(task.office, judged.pack, before),
    )
    await tell(conn, task, judged.dossier, interview, raised)


async def tell(
    conn: AsyncConnection,
    task: Task,
    dossier: Dossier,
    interview: Interview,
    raised: Sequence[AlertRaised],
) -> None:
    """Raise alerts once each and send them to whom they concern, except to whoever just reported it."""
    for alert in raised:
        new = NewAlert(
            dossier.household.id,
            alert.code,
            alert.level,
            f"{alert.rule}:{alert.fact}",
            {"text": alert.text, "departments": [d.name for d in alert.departments], "clause": alert.clause},
            task.now,
            interview.id,
        )
        id = await records.raise_(conn, new)
        if id is None:
            continue
        roles = [role for role in alert.to if role != RESPONSIBLE]
        to = {
            appointment.person_id
            for appointment in await people.over(conn, dossier.household.id, roles, task.now)
        }
        if RESPONSIBLE in alert.to and dossier.responsible is not None:
            to.add(dossier.responsible.id)
        to.discard(task.me.id)
        # What is urgent goes at once, even at night; the rest comes with the morning's message.
        quiet = task.office.reminders.is_quiet(task.now.astimezone(task.office.zone).time())
        waits = quiet and alert.level != URGENT
        await records.send(conn, id, to, task.now, state="waiting" if waits else "sent")
        if not waits:
            task.out += await parcels_for(
                conn, to, at_hand.message(task.office, dossier.name(task.office), id, new)
            )
