"""Alerts: who must be told of what, at once or on submission, and what they do with it (workflow.md 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
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
from bot.services import alerts_closing
from bot.services.household_file import Dossier, read_file
from bot.services.judging import Judged, facts_of
from bot.services.office import Task, parcels_for
from bot.storage import alerts as records
from bot.storage import people, verdicts
from bot.storage.alerts import Alert, NewAlert
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
            before = alerts(pack, facts_of(task.office, pack, dossier), task.today, submitted=False)
            held = {alert.key for alert in before}
            # What has happened and is told at another door or on another day has happened again.
            raised = tuple(replace(alert, held=alert.key in held and not alert.stays) for alert in raised)
            await tell(conn, task, dossier, interview, raised)


async def on_submission(
    conn: AsyncConnection, task: Task, judged: Judged, before: Dossier, interview: Interview
) -> None:
    """What a handed-in questionnaire calls for; what there is no reason for any more is over."""
    await alerts_closing.settle(conn, task, judged, interview)
    raised = alerts(
        judged.pack,
        judged.facts,
        task.today,
        verdict_id=judged.verdict.verdict,
        before=facts_of(task.office, judged.pack, before),
        earlier=await earlier_verdict(conn, judged, interview),
    )
    await tell(conn, task, judged.dossier, interview, raised)


async def earlier_verdict(conn: AsyncConnection, judged: Judged, interview: Interview) -> str | None:
    """What the household was before this questionnaire, where an alert of the scheme asks for it."""
    if not any(rule.earlier for rule in judged.pack.alerts):
        return None
    every = await verdicts.history(conn, judged.dossier.household.id, judged.pack.scheme.id)
    return next((each.verdict for each in reversed(every) if each.interview_id != interview.id), None)


def is_news(alert: AlertRaised, earlier: Alert | None) -> bool:
    """Whether to raise it although the same was raised `earlier`.

    Not while that one is open, unless something has happened again; nor when somebody has dealt with it and
    nothing has changed since.
    """
    if earlier is None:
        return True
    if earlier.state == "open":
        return alert.stays and not alert.held
    return not (alert.held and "note" in earlier.facts)


async def tell(
    conn: AsyncConnection,
    task: Task,
    dossier: Dossier,
    interview: Interview,
    raised: Sequence[AlertRaised],
) -> None:
    """Raise alerts once each and send them to whom they concern, except to whoever just reported it."""
    ever = await records.of_household(conn, dossier.household.id) if raised else []
    earlier = {(each.kind, each.subject): each for each in ever}
    for alert in raised:
        if not is_news(alert, earlier.get((alert.code, alert.key))):
            continue
        until = task.today + timedelta(days=alert.within_days)
        new = NewAlert(
            dossier.household.id,
            alert.code,
            alert.level,
            alert.key,
            {"text": alert.text, "departments": [d.name for d in alert.departments], "clause": alert.clause}
            | ({"until": until.isoformat()} if alert.within_days else {}),
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
