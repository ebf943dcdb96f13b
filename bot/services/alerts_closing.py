"""An alert ends: the reason for it is gone, or somebody who has it says what was done (workflow.md 5.1).

Buttons: "j:alert:7" asks what was done, and the sentence typed next closes alert 7 for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.alerts import over
from bot.services import auditing, waiting
from bot.services.judging import Judged, facts_of
from bot.services.office import Office, Task, parcels_for
from bot.services.outgoing import ALERT, Message
from bot.services.subject_file import name_of_subject
from bot.storage import alerts as records
from bot.storage import visibility
from bot.storage.alerts import Alert, NewAlert
from bot.storage.interviews import Interview

SHORTEST: Final = 4
"""A sentence of fewer signs says nothing."""
URGENT: Final = "red"


def by_hand(office: Office, alert: NewAlert | Alert) -> bool:
    """Whether people close it: what answers called for, and what stays; other causes have to be removed."""
    called = {rule.id for scheme in office.schemes for rule in office.content.packs[scheme].alerts}
    stays = (watch for watch in office.content.watches if watch.stays)
    return alert.subject.partition(":")[0] in called or any(each.is_own(alert.subject) for each in stays)


async def settle(conn: AsyncConnection, task: Task, judged: Judged, interview: Interview) -> None:
    """Close what the answers give no reason for any more.

    What stays (an accident, a loss) is closed by people only, unless it was a slip of this questionnaire.
    """
    mine = await records.open_of_household(conn, judged.dossier.household.id)
    gone = over(judged.pack, judged.facts, task.today, judged.verdict.verdict) if mine else {}
    for alert in mine:
        slip = alert.interview_id == interview.id
        if alert.interview_id is None or alert.subject not in gone or (gone[alert.subject] and not slip):
            continue
        if _elsewhere(task, judged, alert):
            continue
        await records.close(conn, alert.id)
        if alert.level == URGENT:
            name = judged.dossier.name(task.office)
            text = task.say("alerting.over", household=name, text=alert.facts["text"], slip=slip)
            await _tell(conn, task, alert, text)


def _elsewhere(task: Task, judged: Judged, alert: Alert) -> bool:
    """Whether another scheme of the county has the same alert, and a reason for it."""
    for scheme in task.office.schemes:
        pack = task.office.content.packs[scheme]
        if pack is not judged.pack and alert.subject.partition(":")[0] in {rule.id for rule in pack.alerts}:
            found = facts_of(task.office, pack, judged.dossier)
            if alert.subject not in over(pack, found, task.today, None):
                return True
    return False


async def _tell(conn: AsyncConnection, task: Task, alert: Alert, text: str) -> None:
    """Tell everybody who has the alert that it is over: at once, or in the morning when it is night."""
    have = await records.recipients(conn, alert.id)
    to = {each.person_id for each in have if each.state in ("sent", "seen")} - {task.me.id}
    until = task.office.reminders.quiet_end(task.now.astimezone(task.office.zone))
    message = Message(text, slot=f"a{alert.id}", priority=ALERT)
    task.out += [replace(each, not_before=until) for each in await parcels_for(conn, to, message)]


async def _mine(conn: AsyncConnection, task: Task, id: str) -> Alert | None:
    """The open alert, when it lies with whoever speaks; else it is said why not."""
    alert = await records.get(conn, int(id)) if id.isdigit() else None
    if alert is None or not await visibility.subject(conn, task.me.id, alert.about, task.now):
        task.reply(Message(task.say("home.not_found")))
        return None
    have: Iterable[records.Recipient] = await records.recipients(conn, alert.id)
    mine = next((each for each in have if each.person_id == task.me.id), None)
    if mine is None or mine.state == "handed_on":
        task.reply(Message(task.say("alerting.not_yours", given=mine is not None), slot=f"a{alert.id}"))
    elif not by_hand(task.office, alert):
        task.reply(Message(task.say("home.old_button")))
    elif alert.state != "open":
        task.reply(
            Message(task.say("alerting.closed", note=alert.facts.get("note", "")), slot=f"a{alert.id}")
        )
    else:
        return alert
    return None


async def ask(conn: AsyncConnection, task: Task, id: str) -> None:
    """Ask what was done."""
    if (alert := await _mine(conn, task, id)) is not None:
        waiting.wait(task, f"j:alert:{alert.id}")
        task.send(Message(task.say("alerting.what_was_done", text=alert.facts["text"])))


async def said(conn: AsyncConnection, task: Task, id: str, words: str) -> None:
    """What was done: the alert is over for everybody, who read the same."""
    alert = await _mine(conn, task, id)
    if alert is None:
        return
    if len(words) < SHORTEST:
        waiting.wait(task, f"j:alert:{alert.id}")
        task.reply(Message(task.say("postponing.too_short")))
        return
    note = {"note": words, "by": task.me.id, "on": task.today.isoformat()}
    await records.close(conn, alert.id, {**alert.facts, **note})
    auditing.note(task, "alert_closed", alert.about, alert=alert.id)
    name = await name_of_subject(conn, task.office, alert.about)
    text = task.say("alerting.done", household=name, text=alert.facts["text"], who=task.me.name, note=words)
    await _tell(conn, task, alert, text)
    task.reply(Message(task.say("alerting.recorded", household=name), slot=f"a{alert.id}"))
