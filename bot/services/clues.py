"""Clues to households that may need help: noted, matched, checked in time (workflow.md WF-04 1b, WF-20)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.dates import parse_date
from bot.services import casework, clue_cases, clue_views, home, waiting
from bot.services.clue_cases import APPLICATION, Way
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import clues as records
from bot.storage import households, people, visibility
from bot.storage.clues import Clue, NewClue
from bot.storage.households import Household
from bot.storage.people import Appointment
from bot.storage.subjects import Subject

BEFORE_WHOM: Final = ("cadre", "village", "township", "county")
"""Roles to whom households come with an application."""
BUTTON: Final = re.compile(
    "new|p[0-9]{1,9}|h[0-9]{1,18}(:[^:]*){0,3}|[0-9]{1,18}(:(find|drop|is:[0-9]{1,18})?)?"
)
FEW_DAYS: Final = (0, 1, 2)
"""Days ago that have a button of their own."""


@dataclass(frozen=True, slots=True)
class Noting:
    """What is known so far of a clue that somebody is noting, as its buttons say it."""

    household: int
    source: str = ""
    procedure: str = ""
    day: str = ""

    @property
    def data(self) -> str:
        """The button that leads here."""
        parts = (f"h{self.household}", self.source, self.procedure, self.day)
        return "k:" + ":".join(part for part in parts if part)


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """The way to the clues, for those who may note one; how many nobody has matched yet."""
    if not _may_note(task, {each.post for each in appointments} | {each.role for each in appointments}):
        return []
    unmatched = await records.unmatched(conn, task.me.id, task.now)
    return [Button(task.say("clues.button", unmatched=unmatched), "k:p0")]


def _may_note(task: Task, posts: Collection[str]) -> bool:
    return any(clue_cases.may_note(way, posts) for way in clue_cases.ways(task))


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: the clues that one may see; with a name, a clue to that household is noted."""
    if words:
        await _find(conn, task, words, "h")
    else:
        await clue_views.listed(conn, task, 0)


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "p8" (a page), "new", "h34:source:procedure:day" (noting), "12" (a clue), "12:is:34" …"""
    head, _, more = rest.partition(":")
    if not BUTTON.fullmatch(rest):
        task.reply(Message(task.say("home.old_button")))
    elif head == "new":
        waiting.wait(task, "k:new")
        task.reply(Message(task.say("clues.whom"), slot="menu"))
    elif head[:1] == "p":
        await clue_views.listed(conn, task, int(head[1:]))
    elif head[:1] == "h":
        parts = [*more.split(":"), "", "", ""]
        await _note(conn, task, Noting(int(head[1:]), *parts[:3]))
    else:
        await _deed(conn, task, int(head), more)


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed: whom a clue means, when it came in, or what it says."""
    head, _, more = rest.partition(":")
    if head == "new":
        await _find(conn, task, text, "h")
    elif head[:1] == "h":
        parts = [*more.split(":"), "", "", ""]
        noting = Noting(int(head[1:]), *parts[:3])
        if noting.day and not text.strip():
            await _note(conn, task, noting)
        elif noting.day:
            await _noted(conn, task, noting, text)
        else:
            await _typed_day(conn, task, noting, text)
    elif more == "find":
        await _find(conn, task, text, f"{head}:is:")
    elif more == "drop":
        await _dropped(conn, task, int(head), text)


async def _find(conn: AsyncConnection, task: Task, words: str, mark: str) -> None:
    """Households of that name which the person may see, as buttons that go on with `mark`."""
    page = await visibility.find(conn, task.me.id, task.now, words=words.strip(), size=home.PAGE)
    if not page.total:
        task.reply(Message(task.say("clues.nobody"), _back(task), slot="menu"))
    elif page.total == 1 and mark == "h":
        await _note(conn, task, Noting(page.items[0].id))
    else:
        buttons = [Button(await clue_views.place_of(conn, each), f"k:{mark}{each.id}") for each in page.items]
        text = task.say("clues.which", more=page.total > len(page.items))
        task.reply(Message(text, rows_of(buttons, width=18) + _back(task), slot="menu"))


def _back(task: Task) -> tuple[tuple[Button, ...], ...]:
    return rows_of([Button(task.say("clues.all"), "k:p0")])


# -------------------------------------------------------------------------------------------- noting one


async def _note(conn: AsyncConnection, task: Task, noting: Noting) -> None:
    """Ask for the next thing that is not known of the clue: its kind, its day, its words."""
    if not await _sees(conn, task, noting.household):
        return
    posts = await casework.posts_over(conn, task, Subject("household", noting.household))
    if not noting.source:
        await _kinds(conn, task, noting, posts)
    elif noting.source == APPLICATION and not noting.procedure:
        task.reply(Message(task.say("clues.forbidden", why=clue_cases.refusal(task)), _back(task)))
    elif not _allowed(task, noting, posts):
        task.reply(Message(task.say("home.old_button")))
    elif not noting.day:
        waiting.wait(task, noting.data)
        days = [(ago, (task.today - timedelta(days=ago)).isoformat()) for ago in FEW_DAYS]
        buttons = [Button(task.say("clues.days_ago", days=ago), f"{noting.data}:{day}") for ago, day in days]
        task.reply(Message(task.say("clues.when"), rows_of(buttons), slot="menu"))
    else:
        waiting.wait(task, noting.data)
        task.reply(Message(task.say("clues.what"), slot="menu"))


def _allowed(task: Task, noting: Noting, posts: Collection[str]) -> bool:
    way = clue_cases.way_of(task, noting.procedure, noting.source)
    return way is not None and clue_cases.may_note(way, posts)


async def _kinds(conn: AsyncConnection, task: Task, noting: Noting, posts: frozenset[str]) -> None:
    mine = [way for way in clue_cases.ways(task) if clue_cases.may_note(way, posts)]
    buttons = [_kind(task, noting, way, mine) for way in mine]
    if clue_cases.refusal(task) and not posts.isdisjoint(BEFORE_WHOM):
        kind = task.say("clues.source", source=APPLICATION)
        buttons.append(Button(kind, Noting(noting.household, APPLICATION).data))
    where = await _named(conn, noting.household)
    said = task.say("clues.kinds", subject=where) if buttons else task.say("clues.none_here", subject=where)
    task.reply(Message(said, rows_of(buttons, width=18) + _back(task), slot="menu"))


def _kind(task: Task, noting: Noting, way: Way, among: Sequence[Way]) -> Button:
    several = sum(each.source == way.source for each in among) > 1
    label = task.say(
        "clues.kind",
        source=task.say("clues.source", source=way.source),
        procedure=way.procedure.name if several else "",
    )
    return Button(label, Noting(noting.household, way.source, way.procedure.id).data)


async def _typed_day(conn: AsyncConnection, task: Task, noting: Noting, text: str) -> None:
    found = parse_date(text, task.office.content.vocabulary, task.today)
    if isinstance(found, date) and found <= task.today:
        await _note(conn, task, Noting(noting.household, noting.source, noting.procedure, found.isoformat()))
    else:
        waiting.wait(task, noting.data)
        task.reply(Message(task.say("clues.no_day")))


async def _noted(conn: AsyncConnection, task: Task, noting: Noting, words: str) -> None:
    """Put the clue on record and let it open its case, or join it."""
    if not await _sees(conn, task, noting.household):
        return
    posts = await casework.posts_over(conn, task, Subject("household", noting.household))
    way = clue_cases.way_of(task, noting.procedure, noting.source)
    home_ = await households.get(conn, noting.household)
    try:
        day = date.fromisoformat(noting.day)
    except ValueError:
        day = None
    if way is None or home_ is None or day is None or day > task.today or not _allowed(task, noting, posts):
        task.reply(Message(task.say("home.old_button")))
        return
    new = NewClue(
        procedure=way.procedure.id,
        source=way.source,
        office="",
        received_on=day,
        household_id=home_.id,
        region_id=home_.region_id,
        name=home_.head_name,
        village="",
        id_number=None,
        words=words.strip(),
        state="matched",
        case_id=None,
        person_id=task.me.id,
        entered_at=task.now,
    )
    clue = await records.add(conn, new)
    await _filed(conn, task, clue, way)


async def _filed(conn: AsyncConnection, task: Task, clue: Clue, way: Way) -> None:
    case, joined = await clue_cases.put(conn, task, clue, way)
    text = task.say(
        "clues.filed",
        subject=await _named(conn, clue.household_id or 0),
        joined=joined,
        state=way.procedure.states[case.state].name,
        due="" if case.due is None else case.due.isoformat(),
    )
    buttons = [Button(task.say("clues.case"), f"w:{case.id}"), Button(task.say("clues.all"), "k:p0")]
    task.reply(Message(text, rows_of(buttons), slot="menu"))


async def _sees(conn: AsyncConnection, task: Task, household_id: int) -> bool:
    if await visibility.household(conn, task.me.id, household_id, task.now) is not None:
        return True
    task.reply(Message(task.say("home.not_found")))
    return False


async def _named(conn: AsyncConnection, household_id: int) -> str:
    found = await households.get(conn, household_id)
    return "" if found is None else await clue_views.place_of(conn, found)


# -------------------------------------------------------------------------------------------- one clue


async def _deed(conn: AsyncConnection, task: Task, clue_id: int, deed: str) -> None:
    """Show a clue, say whom it means, or that it means nobody."""
    clue = await records.seen(conn, task.me.id, clue_id, task.now)
    if clue is None:
        task.reply(Message(task.say("clues.not_found")))
        return
    kind, _, number = deed.partition(":")
    unmatched = clue.state == "unmatched" and await may_match(conn, task)
    if kind in ("find", "drop") and unmatched:
        waiting.wait(task, f"k:{clue.id}:{kind}")
        task.reply(Message(task.say("clues.whom" if kind == "find" else "clues.why_drop"), slot="menu"))
    elif kind == "is" and number.isdigit() and unmatched:
        await _matched(conn, task, clue, int(number))
    else:
        await clue_views.shown(conn, task, clue, can_match=unmatched)


async def may_match(conn: AsyncConnection, task: Task) -> bool:
    """Whether the person oversees a place: only then do they say whom a clue means."""
    held = await people.appointments_of(conn, task.me.id, task.now)
    return any(each.role in records.OVERSEERS for each in held)


async def _matched(conn: AsyncConnection, task: Task, clue: Clue, household_id: int) -> None:
    found: Household | None = await visibility.household(conn, task.me.id, household_id, task.now)
    held = await records.get(conn, clue.id)
    way = clue_cases.way_of(task, clue.procedure, clue.source)
    if found is None or way is None or held is None or held.state != "unmatched":
        task.reply(Message(task.say("home.not_found")))
        return
    settled = await records.matched(conn, held, found.id, found.region_id, task.me.id)
    await _filed(conn, task, settled, way)


async def _dropped(conn: AsyncConnection, task: Task, clue_id: int, words: str) -> None:
    clue = await records.seen(conn, task.me.id, clue_id, task.now)
    if clue is None or clue.state != "unmatched" or not await may_match(conn, task):
        task.reply(Message(task.say("clues.not_found")))
        return
    await clue_views.drop(conn, task, clue, words.strip())
    task.reply(Message(task.say("clues.dropped"), _back(task), slot="menu"))
