"""What people do with the alerts that lie with them: look, say that they know, hand on (workflow.md 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import alerts_closing, auditing, entitled
from bot.services.office import Office, Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, Rows, rows_of
from bot.services.subject_file import RegionDossier, SubjectDossier, name_of_subject, read_subject
from bot.storage import alerts as records
from bot.storage import people, visibility
from bot.storage.alerts import Alert, NewAlert

SHOWN: Final = 10
URGENT: Final = "red"


def message(office: Office, name: str, id: int, alert: NewAlert | Alert) -> Message:
    """An alert as its recipients see it."""
    text = office.say(
        "alerting.raised",
        level=alert.level,
        household=name,
        text=alert.facts["text"],
        departments=alert.facts["departments"],
        clause=alert.facts["clause"],
        until=alert.facts.get("until", ""),
        note=alert.facts.get("note", ""),
    )
    return Message(text, buttons(office, alert, id), slot=f"a{id}", priority=ALERT)


def buttons(office: Office, alert: NewAlert | Alert, id: int) -> Rows:
    """Seen, hand on, dealt with, and the household's summary or the region's page."""
    home = alert.household_id
    further = Button(office.say("casework.place"), f"g:{alert.region_id}")
    if home is not None:
        further = Button(office.say("buttons.summary"), f"p:{home}")
    found = [
        Button(office.say("buttons.seen"), f"a:{id}:seen"),
        Button(office.say("buttons.hand_on"), f"a:{id}:to"),
    ]
    if alerts_closing.by_hand(office, alert):
        found.append(Button(office.say("alerting.handled"), f"j:alert:{id}"))
    return rows_of([*found, further], width=16)


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "alert:seen", "alert:to" (to whom?), "alert:to:person", "alert:show"."""
    id, _, action = rest.partition(":")
    alert = await records.get(conn, int(id))
    if alert is None or not await visibility.subject(conn, task.me.id, alert.about, task.now):
        task.reply(Message(task.say("home.not_found")))
        return
    dossier = await read_subject(conn, task.office, alert.about, task.now)
    given = {each.person_id: each for each in await records.recipients(conn, alert.id)}
    mine = given.get(task.me.id)
    if mine is None and not await entitled.whole(conn, task, alert.about):
        task.reply(Message(task.say("home.not_found")))
        return
    if action == "show":
        auditing.note(task, "seen", alert.about, shown="alert", alert=alert.id)
        task.send(message(task.office, dossier.name(task.office), alert.id, alert))
        return
    if mine is None or mine.state == "handed_on":
        task.reply(Message(task.say("alerting.not_yours", given=mine is not None), slot=f"a{alert.id}"))
    elif action == "seen":
        await records.see(conn, alert.id, task.me.id, task.now)
        auditing.note(task, "acknowledged", alert.about, alert=alert.id)
        task.reply(
            Message(task.say("alerting.seen", household=dossier.name(task.office)), slot=f"a{alert.id}")
        )
    elif action == "to":
        await ask_whom(conn, task, dossier, alert)
    else:
        await hand_on(conn, task, dossier, alert, int(action.removeprefix("to:")))


async def candidates(conn: AsyncConnection, task: Task, dossier: SubjectDossier) -> list[int]:
    """Who may be handed an alert about this subject: the responsible cadre and the people over it."""
    if isinstance(dossier, RegionDossier):
        over = await people.over_region(conn, dossier.region.id, visibility.OVERSEERS, task.now)
    else:
        over = await people.over(conn, dossier.household.id, visibility.OVERSEERS, task.now)
    ids = [appointment.person_id for appointment in over]
    if not isinstance(dossier, RegionDossier) and dossier.responsible is not None:
        ids.insert(0, dossier.responsible.id)
    known = await people.get_many(conn, ids)
    return [id for id in dict.fromkeys(ids) if id != task.me.id and known[id].status == "active"]


async def ask_whom(conn: AsyncConnection, task: Task, dossier: SubjectDossier, alert: Alert) -> None:
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


async def hand_on(conn: AsyncConnection, task: Task, dossier: SubjectDossier, alert: Alert, to: int) -> None:
    """Give the alert to somebody else who is in charge of the household."""
    if to not in await candidates(conn, task, dossier):
        task.reply(Message(task.say("home.not_found")))
        return
    await records.hand_on(conn, alert.id, task.me.id, to, task.now)
    auditing.note(task, "handed_on", alert.about, alert=alert.id, to=to)
    parcels = await parcels_for(conn, [to], message(task.office, dossier.name(task.office), alert.id, alert))
    # At night only what is urgent is sent.
    quiet = task.office.reminders.quiet_end(task.now.astimezone(task.office.zone))
    until = None if alert.level == URGENT else quiet
    task.out += [replace(each, not_before=until) for each in parcels]
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
    auditing.note_listed(task, "alerts", [each.household_id for each in shown])
    for alert in shown:
        label = task.say(
            "alerting.one",
            level=alert.level,
            household=await name_of_subject(conn, task.office, alert.about),
            text=alert.facts["text"],
            seen=alert.id not in unseen,
        )
        choices.append(Button(label, f"a:{alert.id}:show"))
    text = task.say("alerting.listed", count=len(mine), unseen=len(unseen), shown=len(shown))
    task.reply(Message(text, rows_of(choices), slot="menu"))


async def lying_with(conn: AsyncConnection, task: Task) -> tuple[list[Alert], frozenset[int]]:
    """The person's open alerts about what they may (still) see, and which of them are new."""
    mine = await records.open_of_person(conn, task.me.id)
    seen = await visibility.subjects_among(conn, task.me.id, [alert.about for alert in mine], task.now)
    mine = [alert for alert in mine if alert.about in seen]
    unseen = await records.unseen(conn, task.me.id) & {alert.id for alert in mine}
    return sorted(mine, key=lambda alert: (alert.id not in unseen, alert.level != "red", -alert.id)), unseen
