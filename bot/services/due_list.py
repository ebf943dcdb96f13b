"""Lists of what is due: one's own, and what is late below one; and a single duty with what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.reminders import BULLETIN
from bot.services import digests
from bot.services.hierarchy import Hierarchy
from bot.services.office import Task
from bot.services.outgoing import Button, Message, Rows, rows_of
from bot.services.region_duties import places_of
from bot.storage import duties, households, people, postponements, visibility
from bot.storage.duties import Duty
from bot.storage.postponements import Postponement

PAGE: Final = 8
AHEAD: Final = timedelta(days=31)
"""What is due so soon is worth a look; the rest of the year is only counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A duty as it concerns whoever speaks."""

    duty: Duty
    subject: str
    doers: tuple[int, ...]
    above: tuple[int, ...]
    mine: bool
    asked: Postponement | None
    """What was last asked about it."""


async def standing(conn: AsyncConnection, task: Task, duty_id: int) -> Standing | None:
    """The duty, when whoever speaks has to do it or is above whoever has; for others it does not exist."""
    duty = await duties.get(conn, duty_id)
    if duty is None:
        return None
    who = Hierarchy(conn, task.office, task.now)
    await who.learn([duty])
    if not await who.may_see(task.me.id, duty):
        return None
    doers, above = await who.doers(duty), await who.above(duty)
    mine, reads = task.me.id in doers, task.me.id in await who.readers(duty)
    if not mine and task.me.id not in above and not reads:
        return None
    called = await digests.called(conn, task.office, [duty], {})
    asked = await postponements.latest(conn, duty.id)
    return Standing(duty, called.subject[duty.id], doers, above, mine, asked)


async def show(conn: AsyncConnection, task: Task, found: Standing) -> None:
    """A duty, and what whoever speaks can do about it."""
    duty, wish = found.duty, found.asked
    who = [person.name for person in (await people.get_many(conn, found.doers)).values()]
    is_open = duty.state in duties.OPEN_STATES
    text = task.say(
        "postponing.duty",
        subject=found.subject,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        late=duty.due < task.today,
        today=duty.due == task.today,
        who="" if found.mine else " ".join(who),
        clause=task.office.content.clauses.say(clause) if (clause := duty.text.get("clause", "")) else "",
        until=wish.until.isoformat() if wish and wish.until and wish.state == "put_off" and is_open else "",
        reason=wish.reason if wish else "",
        refused=wish is not None and wish.state == "refused" and is_open,
        waits=wish is not None and wish.state == "asked" and is_open,
        note=duty.text.get("note", ""),
        state="open" if is_open else "done" if duty.state in ("done", "done_late") else duty.state,
    )
    buttons: list[Button] = []
    if found.mine and is_open:
        buttons += digests.ways(task.office, duty)
        if duty.case_id is None and not any(each.data.endswith(":done") for each in buttons):
            buttons += (
                []
                if duty.household_id is not None
                else [Button(task.say("reminding.done"), f"j:{duty.id}:done")]
            )
    elif duty.household_id is not None:
        buttons.append(Button(task.say("buttons.household"), f"h:{duty.household_id}"))
    if task.me.id in found.above and is_open and wish is not None and wish.decided_by is None:
        if wish.until is None:
            buttons.append(Button(task.say("postponing.agree"), f"j:{duty.id}:yes"))
        buttons.append(Button(task.say("postponing.refuse"), f"j:{duty.id}:no"))
    task.reply(Message(text, rows_of(buttons, width=16), slot=f"d{duty.id}"))


async def duties_of(conn: AsyncConnection, task: Task) -> list[Duty]:
    """What the person has to do, by day: at households that they may (still) see, and by posts of theirs."""
    mine = await duties.open_of_person(conn, task.me.id)
    homes = {duty.household_id for duty in mine if duty.household_id is not None}
    seen = await visibility.among(conn, task.me.id, homes, task.now)
    own = [duty for duty in mine if duty.household_id is None or duty.household_id in seen]
    held = await people.appointments_of(conn, task.me.id, task.now)
    named = {(each.region_id, name) for each in held for name in (each.role, each.post)}
    shared = await duties.open_in_regions(conn, {each.region_id for each in held})
    own += [duty for duty in shared if (duty.region_id, duty.role) in named]
    return sorted(own, key=lambda duty: (duty.due, duty.id))


def soon(task: Task, every: Iterable[Duty]) -> list[Duty]:
    """Those of the coming weeks, and those of which somebody was reminded."""
    return [duty for duty in every if duty.state == "reminded" or duty.due <= task.today + AHEAD]


async def heads(conn: AsyncConnection, shown: Sequence[Duty]) -> dict[int, str]:
    """The head of the household, or the region's name, by duty."""
    found = await households.get_many(
        conn, [duty.household_id for duty in shown if duty.household_id is not None]
    )
    places = await places_of(conn, shown)
    return {
        duty.id: places[duty.region_id].name
        if duty.region_id is not None
        else found[duty.household_id or 0].head_name
        for duty in shown
    }


def duty_line(task: Task, head: str, duty: Duty) -> str:
    """A duty in one line."""
    return task.say(
        "home.due_one",
        head=head,
        text=duty.text["text"],
        due=duty.due.isoformat(),
        late=duty.due < task.today,
    )


async def own(conn: AsyncConnection, task: Task, skipped: int) -> None:
    """What one has to do, each a tap from putting it off."""
    mine = soon(task, await duties_of(conn, task))
    if not mine:
        task.reply(Message(task.say("postponing.nothing")))
        return
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + PAGE]
    called = await heads(conn, shown)
    buttons = [Button(duty_line(task, called[each.id], each), f"j:{each.id}") for each in shown]
    text = task.say("postponing.list", count=len(mine), first=skipped + 1, last=skipped + len(shown))
    task.reply(Message(text, rows_of(buttons) + _turns(task, "all", skipped, len(mine)), slot="menu"))


async def late(conn: AsyncConnection, task: Task, skipped: int) -> None:
    """What is late and was copied to whoever speaks, or stands in their bulletin; the oldest first."""
    found: list[Duty] = []
    for region in await visibility.appointed(conn, task.me.id, task.now):
        found += await duties.late_in_region(conn, region.id, task.today - timedelta(days=1))
    who = Hierarchy(conn, task.office, task.now)
    await who.learn(found)
    told = {duty.id: duty for duty in found if await _was_told(who, task.me.id, duty)}
    mine = sorted(told.values(), key=lambda duty: (duty.due, duty.id))
    if not mine:
        task.reply(Message(task.say("postponing.nothing_late")))
        return
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + PAGE]
    called = (await digests.called(conn, task.office, shown, {})).subject
    buttons = [Button(duty_line(task, called[each.id], each), f"j:{each.id}") for each in shown]
    text = task.say("postponing.late_list", count=len(mine), first=skipped + 1, last=skipped + len(shown))
    task.reply(Message(text, rows_of(buttons) + _turns(task, "late", skipped, len(mine)), slot="menu"))


async def _was_told(who: Hierarchy, person: int, duty: Duty) -> bool:
    """Whether the person got a copy of a late duty, or reads the bulletin in which it stands."""
    if person in await who.doers(duty):
        return False
    return person in await who.above(duty) or (duty.stage > BULLETIN and person in await who.readers(duty))


def _turns(task: Task, which: str, skipped: int, total: int) -> Rows:
    """The pages before and after, and the way home."""
    turns: list[Button] = []
    if skipped:
        turns.append(Button(task.say("buttons.earlier"), f"j:{which}:{max(skipped - PAGE, 0)}"))
    if skipped + PAGE < total:
        turns.append(Button(task.say("buttons.later"), f"j:{which}:{skipped + PAGE}"))
    return rows_of([*turns, Button(task.say("buttons.home"), "m:home")])
