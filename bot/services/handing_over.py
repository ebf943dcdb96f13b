"""Households change hands: from one responsible cadre to the next (workflow.md WF-14).

Buttons: "y:l" the room; "y:me" and "y:of:person" begin, "y:at:person:region" where; "y:h:id" one hand-over,
"y:c:id:skipped" its households, "y:u:id:household" one of them; "y:w:id:skipped" who could follow,
"y:n:id:person" names; "y:ok:id", "y:t:id:household" accept, "y:no:id" declines, "y:x:id" calls off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.dates import parse_date
from bot.services import handover_words, inviting, passing_on, waiting
from bot.services.home import PAGE, pages
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import handovers, people, regions
from bot.storage.handovers import Handover
from bot.storage.people import Appointment

LONGEST: Final = 200
BUTTON: Final = re.compile("(l|me)|(of|h|ok|no|x):[0-9]{1,18}|(at|c|u|w|n|t):[0-9]{1,18}:[0-9]{1,18}")
ROLES: Final = ("village", "township", "county")


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """The way here when something waits: for the successor, for whoever leaves, for those above."""
    count = len(await _every(conn, task))
    return [Button(task.say("handover.home_button", count=count), "y:l")] if count else []


async def _every(conn: AsyncConnection, task: Task) -> list[Handover]:
    """The open hand-overs that are the speaker's in any part, what waits for their word first."""
    waits = await handovers.waiting_for(conn, task.me.id)
    own = await handovers.open_of_person(conn, task.me.id)
    over = await handovers.overseen(conn, task.me.id, ROLES, task.now)
    return list({each.id: each for each in (*waits, *own, *over)}.values())


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The room: every open hand-over, and the way to leave."""
    every = await _every(conn, task)
    offices = task.office.content.offices
    mine = await people.appointments_of(conn, task.me.id, task.now)
    cares = await handovers.places(conn, task.me.id)
    buttons = [await handover_words.line(conn, task, each) for each in every[: PAGE * 2]]
    if cares.keys() - {each.region_id for each in every if each.person_id == task.me.id}:
        buttons.append(Button(task.say("handover.i_leave"), "y:me"))
    text = task.say(
        "handover.room",
        count=len(every),
        shown=min(len(every), PAGE * 2),
        cares=bool(cares),
        oversees=bool(inviting.may_invite(offices, mine)),
    )
    task.reply(Message(text, rows_of(buttons), slot="menu"))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    if not BUTTON.fullmatch(rest):
        task.reply(Message(task.say("home.old_button")))
        return
    kind, *numbers = rest.split(":")
    ids = [int(number) for number in numbers]
    match kind:
        case "l":
            await asked(conn, task, "")
        case "me":
            await begin(conn, task, task.me.id)
        case "of":
            await begin(conn, task, ids[0])
        case "at":
            await ask_day(conn, task, ids[0], ids[1])
        case _:
            await about(conn, task, kind, ids)


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed when this room had asked for words: a day, why somebody leaves, or why one declines."""
    kind, *numbers = rest.split(":")
    text = text.strip()
    if kind == "day":
        await read_day(conn, task, int(numbers[0]), int(numbers[1]), text)
    elif not text or len(text) > LONGEST:
        waiting.wait(task, f"y:{rest}")
        task.reply(Message(task.say("handover.say_it_again", longest=LONGEST)))
    elif kind == "why":
        day = date.fromisoformat(numbers[2])
        await register(conn, task, int(numbers[0]), int(numbers[1]), day, text)
    else:
        await about(conn, task, "declined", [int(numbers[0])], text)


# ------------------------------------------------------------------------------------------- leaving


async def begin(conn: AsyncConnection, task: Task, person_id: int) -> None:
    """Where does the person leave households behind? One place is not asked about."""
    cares = await handovers.places(conn, person_id)
    own = person_id == task.me.id
    places = [id for id in cares if own or await handover_words.oversees(conn, task, id)]
    if not places:
        task.reply(Message(task.say("handover.nothing_to_pass" if own else "staffing.not_found")))
    elif len(places) == 1:
        await ask_day(conn, task, person_id, places[0])
    else:
        buttons = [
            Button(
                task.say("handover.place", region=region.name, count=cares[region.id]),
                f"y:at:{person_id}:{region.id}",
            )
            for region in await regions.get_many(conn, places)
        ]
        task.reply(Message(task.say("handover.which_place"), rows_of(buttons, width=20), slot="menu"))


async def _may_register(conn: AsyncConnection, task: Task, person_id: int, region_id: int) -> bool:
    """Whether the speaker may say that the person leaves there; where they care for nobody, nobody may."""
    if not await handovers.in_care(conn, person_id, region_id):
        return False
    return person_id == task.me.id or await handover_words.oversees(conn, task, region_id)


async def ask_day(conn: AsyncConnection, task: Task, person_id: int, region_id: int) -> None:
    """On which day? An open hand-over is shown instead of beginning another."""
    if not await _may_register(conn, task, person_id, region_id):
        task.reply(Message(task.say("staffing.not_found")))
        return
    known = await handovers.open_of_person(conn, person_id)
    open_there = next((each for each in known if each.region_id == region_id), None)
    if open_there is not None:
        await about(conn, task, "h", [open_there.id])
        return
    waiting.wait(task, f"y:day:{person_id}:{region_id}")
    await _ask(conn, task, person_id, region_id, "day")


async def _ask(conn: AsyncConnection, task: Task, person_id: int, region_id: int, what: str) -> None:
    person, region = await people.get(conn, person_id), await regions.get(conn, region_id)
    assert person is not None
    assert region is not None
    own = person_id == task.me.id
    text = task.say("handover.ask", what=what, own=own, name=person.name, region=region.name)
    task.reply(Message(text, rows_of([Button(task.say("staffing.leave_it"), "y:l")]), slot="menu"))


async def read_day(conn: AsyncConnection, task: Task, person_id: int, region_id: int, text: str) -> None:
    """The leaving day as typed; what is no day is asked for again."""
    day = parse_date(text, task.office.content.vocabulary, task.today, ahead=True)
    if isinstance(day, date):
        waiting.wait(task, f"y:why:{person_id}:{region_id}:{day:%Y%m%d}")
        await _ask(conn, task, person_id, region_id, "why")
    else:
        waiting.wait(task, f"y:day:{person_id}:{region_id}")
        await _ask(conn, task, person_id, region_id, "day_again")


async def register(
    conn: AsyncConnection, task: Task, person_id: int, region_id: int, day: date, reason: str
) -> None:
    """Note that the person leaves, and show what is to be handed over."""
    if not await _may_register(conn, task, person_id, region_id):
        task.reply(Message(task.say("staffing.not_found")))
        return
    id = await passing_on.register(conn, task, person_id, region_id, day, reason)
    if id is None:
        known = await handovers.open_of_person(conn, person_id)
        id = next(each.id for each in known if each.region_id == region_id)
    await about(conn, task, "h", [id])


# ------------------------------------------------------------------------------------------- one hand-over


async def about(conn: AsyncConnection, task: Task, kind: str, ids: list[int], text: str = "") -> None:
    """A deed at one hand-over, held meanwhile; for whoever has no part in it, it does not exist."""
    handover = await handovers.get(conn, ids[0], to_change=True)
    part = None if handover is None else await handover_words.part_in(conn, task, handover)
    if handover is None or part is None or not part.any:
        task.reply(Message(task.say("handover.not_found")))
        return
    if kind == "h":
        await handover_words.show(conn, task, handover, part)
    elif not handover.is_open:
        task.reply(Message(task.say("handover.closed")))
    elif kind in ("w", "n") and part.overseer:
        await (choose(conn, task, handover, ids[1]) if kind == "w" else name(conn, task, handover, ids[1]))
    elif kind == "c":
        await handover_words.listed(conn, task, handover, ids[1])
    elif kind == "x" and (part.leaver or part.overseer):
        await passing_on.withdraw(conn, task, handover)
        task.reply(
            Message(task.say("handover.withdrawn", **await handover_words.named(conn, task, handover)))
        )
    elif kind == "u":
        if not await handover_words.one(conn, task, handover, part, ids[1]):
            task.reply(Message(task.say("home.not_found")))
    elif part.successor:
        await answer(conn, task, handover, kind, ids, text)
    else:
        task.reply(Message(task.say("handover.not_yours")))


async def choose(conn: AsyncConnection, task: Task, handover: Handover, skipped: int) -> None:
    """Who could follow: the cadres of the region."""
    ids = await passing_on.candidates(conn, task, handover)
    known = await people.get_many(conn, ids)
    shown = ids[skipped : skipped + PAGE]
    buttons = [
        Button(
            task.say("alerting.person", name=known[id].name, unit=known[id].unit), f"y:n:{handover.id}:{id}"
        )
        for id in shown
    ]
    turns = pages(task, f"y:w:{handover.id}:", skipped, len(ids))
    turns.append(Button(task.say("handover.back"), f"y:h:{handover.id}"))
    about = await handover_words.named(conn, task, handover)
    text = task.say("handover.whom", any=bool(ids), **about)
    task.reply(Message(text, rows_of(buttons, width=20) + rows_of(turns), slot="menu"))


async def name(conn: AsyncConnection, task: Task, handover: Handover, successor: int) -> None:
    """Name the successor and show how it stands now."""
    if not await passing_on.name(conn, task, handover, successor):
        task.reply(Message(task.say("staffing.not_found")))
        return
    await about(conn, task, "h", [handover.id])


async def answer(
    conn: AsyncConnection, task: Task, handover: Handover, kind: str, ids: list[int], text: str
) -> None:
    """The successor's word: all, one household, or no."""
    if kind == "no":
        waiting.wait(task, f"y:no:{handover.id}")
        buttons = rows_of([Button(task.say("handover.back"), f"y:h:{handover.id}")])
        task.reply(Message(task.say("handover.why_not"), buttons, slot="menu"))
        return
    names = await handover_words.named(conn, task, handover)
    if kind == "declined":
        await passing_on.decline(conn, task, handover, text)
        task.reply(Message(task.say("handover.declined", **names)))
        return
    passed = await passing_on.accept(conn, task, handover, ids[1:] or None)
    left = await handovers.in_care(conn, handover.person_id, handover.region_id)
    task.send(Message(task.say("handover.accepted", count=len(passed), left=len(left), **names)))
    if passed and left:
        await handover_words.listed(conn, task, handover, 0)
