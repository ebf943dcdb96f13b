"""A duty is put off, left undone, or said to be done: with a reason, and whoever is above sees it (WF-19).

Buttons: "j:duty" (the duty), "j:duty:later" (for how long), "j:duty:later:days", "j:duty:waive",
"j:duty:done" (each asks for a sentence), "j:duty:no" and "j:duty:yes" (of whoever is above),
"j:all:skipped" (one's own), "j:late:skipped" (what is late below one), "j:alert:7" (see `alerts_closing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.reminders import FIRST, ON_THE_DAY, SUPERIOR
from bot.services import alerts_closing, auditing, due_list, waiting
from bot.services.due_list import Standing, standing
from bot.services.duty_planning import moment
from bot.services.office import Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.storage import due_reminders, duties, people, postponements
from bot.storage.duties import Duty
from bot.storage.postponements import NewPostponement, Postponement

SHORTEST: Final = 4
"""A reason or report of fewer signs says nothing."""
ASKS: Final = ("later", "waive", "done")
ANSWERS: Final = ("no", "yes")


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    which, _, action = rest.partition(":")
    if which == "alert":
        await alerts_closing.ask(conn, task, action)
        return
    if which in ("all", "late") and (not action or action.isdigit()):
        await {"all": due_list.own, "late": due_list.late}[which](conn, task, int(action or 0))
        return
    found = await standing(conn, task, int(which)) if which.isdigit() else None
    if found is None:
        task.reply(Message(task.say("home.old_button" if not which.isdigit() else "home.not_found")))
        return
    deed, _, days = action.partition(":")
    if not deed:
        await due_list.show(conn, task, found)
    elif deed in ANSWERS:
        await decide(conn, task, found, deed == "yes")
    elif not found.mine:
        task.reply(Message(task.say("postponing.not_yours")))
    elif found.duty.state not in duties.OPEN_STATES:
        task.reply(Message(task.say("postponing.closed")))
    elif deed == "later" and not days:
        how_long(task, found)
    elif deed in ASKS and (deed != "later" or days.isdigit()):
        ask(task, found.duty, deed, days)
    else:
        task.reply(Message(task.say("home.old_button")))


def how_long(task: Task, found: Standing) -> None:
    """Offer the days by which it may be put off, and to leave it undone."""
    duty = found.duty
    text = task.say(
        "postponing.how_long",
        subject=found.subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        levels=bool(found.above),
    )
    buttons = [
        Button(task.say("postponing.days", count=days), f"j:{duty.id}:later:{days}")
        for days in task.office.reminders.postpone
    ]
    buttons.append(Button(task.say("postponing.waive"), f"j:{duty.id}:waive"))
    task.reply(Message(text, rows_of(buttons, width=18), slot=f"d{duty.id}"))


def ask(task: Task, duty: Duty, deed: str, days: str) -> None:
    """Ask for the sentence that goes on record."""
    waiting.wait(task, f"j:{duty.id}:{deed}" + (f":{days}" if days else ""))
    if deed == "later":
        until = task.today + timedelta(days=_offered(task, days))
        said = task.say("postponing.why_later", until=until.isoformat())
    elif deed == "waive":
        said = task.say("postponing.why_waive")
    else:
        said = task.say("postponing.what_was_done", text=duty.text["text"])
    task.send(Message(said))


def _offered(task: Task, days: str) -> int:
    """So many days as are offered at most, whatever a button says."""
    return min(int(days), max(task.office.reminders.postpone, default=1))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """The sentence that this room had asked for; `rest` is "duty:deed" or "duty:later:days"."""
    id, _, action = rest.partition(":")
    deed, _, days = action.partition(":")
    words = " ".join(text.split())
    if id == "alert":
        await alerts_closing.said(conn, task, action, words)
        return
    found = await standing(conn, task, int(id))
    if found is None or not found.mine:
        task.reply(Message(task.say("home.not_found")))
    elif found.duty.state not in duties.OPEN_STATES:
        task.reply(Message(task.say("postponing.closed")))
    elif len(words) < SHORTEST:
        waiting.wait(task, f"j:{rest}")
        task.reply(Message(task.say("postponing.too_short")))
    elif deed == "done":
        await done(conn, task, found, words)
    elif deed == "waive":
        await wish(conn, task, found, words)
    else:
        await put_off(conn, task, found, words, _offered(task, days))


async def done(conn: AsyncConnection, task: Task, found: Standing, words: str) -> None:
    """Record a deed for which there is no questionnaire, such as a meeting."""
    finished = await duties.complete_one(conn, found.duty.id, task.today)
    assert finished is not None
    await duties.note(conn, finished, note=words, by=task.me.id, on=task.today.isoformat())
    auditing.note(task, "duty_done", finished.subject, duty=finished.id)
    late = finished.state == "done_late"
    task.reply(
        Message(
            task.say("postponing.recorded", text=finished.text["text"], late=late), slot=f"d{finished.id}"
        )
    )


async def put_off(conn: AsyncConnection, task: Task, found: Standing, words: str, days: int) -> None:
    """Put it off: it holds at once, and whoever is above sees it and may refuse."""
    duty, until = found.duty, task.today + timedelta(days=days)
    await postponements.add(conn, NewPostponement(duty.id, task.me.id, until, words, task.now))
    await due_reminders.remind_again(conn, duty.id, moment(task.office, until, task.now), FIRST)
    auditing.note(task, "postponed", duty.subject, duty=duty.id, until=until.isoformat())
    text = task.say(
        "postponing.notice",
        name=task.me.name,
        subject=found.subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        until=until.isoformat(),
        reason=words,
    )
    buttons = [
        Button(task.say("postponing.refuse"), f"j:{duty.id}:no"),
        Button(task.say("reminding.look"), f"j:{duty.id}"),
    ]
    await tell(conn, task, found.above, Message(text, rows_of(buttons), slot=f"j{duty.id}", priority=ALERT))
    task.reply(Message(task.say("postponing.put_off", until=until.isoformat()), slot=f"d{duty.id}"))


async def wish(conn: AsyncConnection, task: Task, found: Standing, words: str) -> None:
    """Ask whoever is above to leave it undone; until then it stays due."""
    duty = found.duty
    if not found.above:
        task.reply(Message(task.say("postponing.nobody_above")))
        return
    await postponements.add(conn, NewPostponement(duty.id, task.me.id, None, words, task.now))
    auditing.note(task, "waiving_asked", duty.subject, duty=duty.id)
    text = task.say(
        "postponing.wish",
        name=task.me.name,
        subject=found.subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        reason=words,
    )
    buttons = [
        Button(task.say("postponing.agree"), f"j:{duty.id}:yes"),
        Button(task.say("postponing.refuse"), f"j:{duty.id}:no"),
    ]
    await tell(conn, task, found.above, Message(text, rows_of(buttons), slot=f"j{duty.id}", priority=ALERT))
    task.reply(Message(task.say("postponing.asked"), slot=f"d{duty.id}"))


async def tell(conn: AsyncConnection, task: Task, to: Sequence[int], message: Message) -> None:
    """Send it to these people: at once, or in the morning when it is night."""
    until = task.office.reminders.quiet_end(task.now.astimezone(task.office.zone))
    task.out += [replace(each, not_before=until) for each in await parcels_for(conn, to, message)]


async def decide(conn: AsyncConnection, task: Task, found: Standing, yes: bool) -> None:
    """Whoever is above refuses, or agrees that it is left undone."""
    duty, asked_for = found.duty, found.asked
    if task.me.id not in found.above:
        task.reply(Message(task.say("postponing.not_yours")))
        return
    if duty.state not in duties.OPEN_STATES:
        task.reply(Message(task.say("postponing.closed"), slot=f"j{duty.id}"))
        return
    waived = asked_for is not None and asked_for.until is None
    answer: postponements.Answer = "agreed" if yes else "refused"
    if (
        asked_for is None
        or (yes and not waived)
        or not await postponements.decide(conn, asked_for.id, answer, task.me.id, task.now)
    ):
        task.reply(Message(task.say("postponing.decided_before"), slot=f"j{duty.id}"))
        return
    auditing.note(
        task, "waiving_decided" if waived else "postponing_refused", duty.subject, duty=duty.id, yes=yes
    )
    if yes:
        await duties.waive(conn, duty.id)
    elif not waived:
        await remind_as_before(conn, task, duty)
    await answered(conn, task, found, asked_for, yes)


async def remind_as_before(conn: AsyncConnection, task: Task, duty: Duty) -> None:
    """What may not be put off comes on its own days again: its notice, or the copy to whoever is above."""
    stage = ON_THE_DAY if duty.due >= task.today else SUPERIOR
    day = task.office.reminders.day_of(stage, duty.kind, duty.due)
    assert day is not None
    day = max(day, task.today if stage == ON_THE_DAY else task.today + timedelta(days=1))
    await due_reminders.remind_again(conn, duty.id, moment(task.office, day, task.now), stage)


async def answered(
    conn: AsyncConnection, task: Task, found: Standing, asked_for: Postponement, yes: bool
) -> None:
    """Tell both what was decided."""
    duty = found.duty
    text = task.say(
        "postponing.answer",
        subject=found.subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        name=task.me.name,
        yes=yes,
        waived=asked_for.until is None,
    )
    buttons = [] if yes else [Button(task.say("reminding.look"), f"j:{duty.id}")]
    await tell(
        conn, task, [asked_for.person_id], Message(text, rows_of(buttons), slot=f"d{duty.id}", priority=ALERT)
    )
    who = (await people.get_many(conn, [asked_for.person_id]))[asked_for.person_id]
    task.reply(Message(task.say("postponing.decided", name=who.name, yes=yes), slot=f"j{duty.id}"))
