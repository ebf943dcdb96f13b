"""Lists of the households that were left out so far: not yet asked, or without a plan (WF-21, WF-22)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing, home
from bot.services.household_file import names
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import cases, uncovered, visibility
from bot.storage.people import Appointment
from bot.storage.subjects import Subject
from bot.storage.visibility import OVERSEERS, Page

LOOK_BACK: Final = "hb"
"""The set of the library that asks every household."""
FORMS: Final = ("jd", "nj")
UNREACHED: Final = "unreached"
VISITS, PLANS = "v", "p"
NOWHERE: Final = Page((), 0)


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """How many households nobody has asked yet, and how many have no plan; nothing for single households."""
    tops = [each.region_id for each in appointments if each.role in OVERSEERS]
    kinds = (VISITS, PLANS) if tops else ()
    left = {kind: (await _found(conn, task, kind, tops, 0, 0)).total for kind in kinds}
    return [
        Button(task.say("uncovered.button", kind=kind, count=count), f"left:{kind}0")
        for kind, count in left.items()
        if count
    ]


async def _found(
    conn: AsyncConnection, task: Task, kind: str, tops: Sequence[int], size: int, skipped: int
) -> Page:
    """A page of one of the lists; empty where the county does not keep it."""
    content = task.office.content
    if kind == VISITS:
        runs = LOOK_BACK in content.county.library
        return await uncovered.unasked(conn, tops, FORMS, size, skipped) if runs else NOWHERE
    scheme = task.office.schemes[0]
    pack = content.packs[scheme]
    outcomes = [each.id for each in pack.outcomes if not each.silent]
    form = pack.scheme.forms[0] if pack.scheme.forms[0] in content.papers else ""
    return await uncovered.planless(conn, tops, scheme, outcomes, form, size, skipped)


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: who has not been asked yet."""
    await listed(conn, task, VISITS, 0)


async def asked_plans(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: who has no plan."""
    await listed(conn, task, PLANS, 0)


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "v8" and "p8" (a page of a list) and "h34" (one household of the first)."""
    kind, number = rest[:1], rest[1:]
    if kind not in (VISITS, PLANS, "h") or not number.isdigit():
        task.reply(Message(task.say("home.old_button")))
    elif kind == "h":
        await one(conn, task, int(number))
    else:
        await listed(conn, task, kind, int(number))


async def listed(conn: AsyncConnection, task: Task, kind: str, skipped: int) -> None:
    """A page of a list, of everything that the person oversees."""
    tops = [each.id for each in await visibility.appointed(conn, task.me.id, task.now)]
    page = await _found(conn, task, kind, tops, home.PAGE, skipped) if tops else NOWHERE
    if page.total and not page.items:  # the list has become shorter since its button was made
        skipped = (page.total - 1) // home.PAGE * home.PAGE
        page = await _found(conn, task, kind, tops, home.PAGE, skipped)
    if not page.total:
        back = rows_of([Button(task.say("buttons.home"), "m:home")])
        task.reply(Message(task.say("uncovered.nobody", kind=kind, mine=bool(tops)), back, slot="menu"))
        return
    auditing.note_listed(task, "uncovered", [each.id for each in page.items])
    called = await names(conn, task.office, [each.id for each in page.items])
    buttons = []
    for each in page.items:
        hung = kind == VISITS and await _hung(conn, each.id)
        label = task.say("uncovered.line", name=called[each.id], hung=hung)
        buttons.append(Button(label, f"left:h{each.id}" if kind == VISITS else f"h:{each.id}"))
    text = task.say(
        "uncovered.listed", kind=kind, count=page.total, first=skipped + 1, last=skipped + len(page.items)
    )
    turns = home.pages(task, f"left:{kind}", skipped, page.total)
    turns.append(Button(task.say("buttons.home"), "m:home"))
    task.reply(Message(text, rows_of(buttons) + rows_of(turns), slot="menu"))


async def _hung(conn: AsyncConnection, household_id: int) -> bool:
    """Whether nobody can reach the household at present."""
    found = await cases.of_subject(conn, Subject("household", household_id))
    return any(case.procedure == UNREACHED and case.open for case in found)


async def one(conn: AsyncConnection, task: Task, household_id: int) -> None:
    """What to do about a household that nobody has asked: at the door, by telephone, or hung up."""
    if await visibility.household(conn, task.me.id, household_id, task.now) is None:
        task.reply(Message(task.say("casework.not_found")))
        return
    hung = await _hung(conn, household_id)
    name = (await names(conn, task.office, [household_id]))[household_id]
    forms = [task.office.content.form(id) for id in FORMS]
    buttons = [Button(form.short, f"n:{household_id}:{form.id}") for form in forms]
    about = f"w:h{household_id}" if hung else f"w:h{household_id}:{UNREACHED}:hang_up"
    buttons += [
        Button(task.say("uncovered.cannot_reach", hung=hung), about),
        Button(task.say("buttons.household"), f"h:{household_id}"),
        Button(task.say("uncovered.back"), f"left:{VISITS}0"),
    ]
    task.reply(
        Message(task.say("uncovered.one", name=name, hung=hung), rows_of(buttons, width=16), slot="menu")
    )
