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
from bot.services.household_file import Dossier, names, read_file
from bot.services.judging import Judged, facts_of
from bot.services.office import Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, Rows, rows_of
from bot.storage import alerts as records
from bot.storage import people, visibility
from bot.storage.alerts import Alert, NewAlert
from bot.storage.interviews import Interview
from bot.storage.people import Role

RESPONSIBLE: Final = "cadre"
SHOWN: Final = 10


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
            for appointment in await people.over(conn, new.household_id, roles, task.now)
        }
        if RESPONSIBLE in alert.to and dossier.responsible is not None:
            to.add(dossier.responsible.id)
        to.discard(task.me.id)
        await records.send(conn, id, to, task.now)
        task.out += await parcels_for(conn, to, message(task, dossier, id, new))


def message(task: Task, dossier: Dossier, id: int, alert: NewAlert | Alert) -> Message:
    """An alert as its recipients see it."""
    text = task.say(
        "alerting.raised",
        level=alert.level,
        household=dossier.name(task.office),
        text=alert.facts["text"],
        departments=alert.facts["departments"],
        clause=alert.facts["clause"],
    )
    return Message(text, buttons(task, dossier.household.id, id), slot=f"a{id}", priority=ALERT)


def buttons(task: Task, household_id: int, id: int) -> Rows:
    """Seen, hand on, and the household's summary."""
    return rows_of(
        [
            Button(task.say("buttons.seen"), f"a:{id}:seen"),
            Button(task.say("buttons.hand_on"), f"a:{id}:to"),
            Button(task.say("buttons.summary"), f"p:{household_id}"),
        ],
        width=16,
    )


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "alert:seen", "alert:to" (to whom?), "alert:to:person", "alert:show"."""
    id, _, action = rest.partition(":")
    alert = await records.get(conn, int(id))
    if alert is None or await visibility.household(conn, task.me.id, alert.household_id, task.now) is None:
        task.reply(Message(task.say("home.not_found")))
        return
    dossier = await read_file(conn, task.office, alert.household_id, task.now)
    if action == "show":
        task.send(message(task, dossier, alert.id, alert))
        return
    mine = next((r for r in await records.recipients(conn, alert.id) if r.person_id == task.me.id), None)
    if mine is None or mine.state == "handed_on":
        task.reply(Message(task.say("alerting.not_yours", given=mine is not None), slot=f"a{alert.id}"))
    elif action == "seen":
        await records.see(conn, alert.id, task.me.id, task.now)
        task.reply(
            Message(task.say("alerting.seen", household=dossier.name(task.office)), slot=f"a{alert.id}")
        )
    elif action == "to":
        await ask_whom(conn, task, dossier, alert)
    else:
        await hand_on(conn, task, dossier, alert, int(action.removeprefix("to:")))


async def candidates(conn: AsyncConnection, task: Task, dossier: Dossier) -> list[int]:
    """Who may be handed an alert about this household: the responsible cadre and the people over it."""
    roles: list[Role] = ["village", "township", "county"]
    ids = [a.person_id for a in await people.over(conn, dossier.household.id, roles, task.now)]
    if dossier.responsible is not None:
        ids.insert(0, dossier.responsible.id)
    known = await people.get_many(conn, ids)
    return [id for id in dict.fromkeys(ids) if id != task.me.id and known[id].status == "active"]


async def ask_whom(conn: AsyncConnection, task: Task, dossier: Dossier, alert: Alert) -> None:
    """Offer the people to whom the alert may be handed on."""
    ids = await candidates(conn, task, dossier)
    known = await people.get_many(conn, ids)
    choices = [
        Button(task.say("alerting.person", name=known[id].name, unit=known[id].unit), f"a:{alert.id}:to:{id}")
        for id in ids[:SHOWN]
    ]
    name = dossier.name(task.office)
    text = task.say("alerting.to_whom" if choices else "alerting.nobody", household=name)
    choices.append(Button(task.say("alerting.keep_it"), f"a:{alert.id}:show"))
    task.reply(Message(text, rows_of(choices, width=20), slot=f"a{alert.id}"))


async def hand_on(conn: AsyncConnection, task: Task, dossier: Dossier, alert: Alert, to: int) -> None:
    """Give the alert to somebody else who is in charge of the household."""
    if to not in await candidates(conn, task, dossier):
        task.reply(Message(task.say("home.not_found")))
        return
    await records.hand_on(conn, alert.id, task.me.id, to, task.now)
    task.out += await parcels_for(conn, [to], message(task, dossier, alert.id, alert))
    person = await people.get(conn, to)
    assert person is not None
    text = task.say("alerting.handed_on", household=dossier.name(task.office), name=person.name)
    task.reply(Message(text, slot=f"a{alert.id}"))


async def listed(conn: AsyncConnection, task: Task) -> None:
    """The open alerts that lie with this person, those not yet looked at first."""
    mine, unseen = await lying_with(conn, task)
    if not mine:
        task.reply(Message(task.say("alerting.nothing")))
        return
    choices: list[Button] = []
    shown = mine[:SHOWN]
    called = await names(conn, task.office, [alert.household_id for alert in shown])
    for alert in shown:
        label = task.say(
            "alerting.one",
            level=alert.level,
            household=called[alert.household_id],
            text=alert.facts["text"],
            seen=alert.id not in unseen,
        )
        choices.append(Button(label, f"a:{alert.id}:show"))
    text = task.say("alerting.listed", count=len(mine), unseen=len(unseen), shown=len(shown))
    task.reply(Message(text, rows_of(choices), slot="menu"))


async def lying_with(conn: AsyncConnection, task: Task) -> tuple[list[Alert], frozenset[int]]:
    """The person's open alerts about households that they may (still) see, and which of them are new."""
    mine = await records.open_of_person(conn, task.me.id)
    seen = await visibility.among(conn, task.me.id, [alert.household_id for alert in mine], task.now)
    mine = [alert for alert in mine if alert.household_id in seen]
    unseen = await records.unseen(conn, task.me.id) & {alert.id for alert in mine}
    return sorted(mine, key=lambda alert: (alert.id not in unseen, alert.level != "red", -alert.id)), unseen
