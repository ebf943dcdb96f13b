"""The guided tour through the practice county: what to try next, and whether it was done.

Only people of the practice county are guided: their chats are marked when the county is entered. How far
somebody is stands in their chat; that a step was done is read from the record of deeds, whoever did it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import views_lists
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.tour_steps import STOPS, is_done
from bot.storage.people import Appointment

PRACTICE: Final = "practice"
"""In the view of a chat: it belongs to somebody of the practice county."""
KEY: Final = "tour"
"""In the view of a chat: how far the tour has come, and since when its step is open."""


@dataclass(frozen=True, slots=True)
class Tour:
    """How far somebody is; at `at` == len(STOPS) the tour is over. `left`: they said "later"."""

    at: int
    since: datetime
    left: bool = False


def tour_of(task: Task) -> Tour | None:
    """The tour of this chat; None when none was begun."""
    kept = task.chat.view.get(KEY)
    return None if kept is None else Tour(kept["at"], datetime.fromisoformat(kept["since"]), kept["left"])


def keep(task: Task, tour: Tour) -> None:
    """Remember how far the tour is."""
    kept = {"at": tour.at, "since": tour.since.isoformat(), "left": tour.left}
    task.look_at(view={**task.chat.view, KEY: kept})


def guided(task: Task) -> bool:
    """Whether this is somebody of the practice county."""
    return task.chat.view.get(PRACTICE) is True


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """The way into the tour, or on with it."""
    if not guided(task):
        return []
    tour = tour_of(task)
    if tour is None:
        return [Button(task.say("tour.begin"), "z:begin")]
    if tour.at >= len(STOPS):
        return []
    done = await is_done(conn, task, STOPS[tour.at], tour.since)
    label = task.say("tour.go_on", step=tour.at + 1, steps=len(STOPS), done=done)
    return [Button(label, "z:check")]


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """The command: begin, or go on where one is."""
    if not guided(task):
        task.reply(Message(task.say("tour.not_here")))
    elif tour_of(task) is None:
        await tapped(conn, task, "begin")
    else:
        await tapped(conn, task, "check")


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "begin", "check" (was it done?), "skip", "later", "again"; and those of lists of regions."""
    if await views_lists.tapped(conn, task, rest):
        return
    tour = tour_of(task)
    if not guided(task) or (tour is None and rest not in ("begin", "again")):
        task.reply(Message(task.say("home.old_button")))
        return
    match rest:
        case "begin" | "again":
            _open(task, 0, task.say("tour.welcome", steps=len(STOPS)))
        case "check" if tour is not None:
            await _checked(conn, task, tour)
        case "skip" if tour is not None:
            _open(task, tour.at + 1, "")
        case "later" if tour is not None:
            keep(task, Tour(tour.at, tour.since, left=True))
            task.reply(Message(task.say("tour.left"), slot=KEY))
        case _:
            task.reply(Message(task.say("home.old_button")))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """The tour asks for no words of one's own."""
    task.reply(Message(task.say("home.old_button")))


async def noticed(conn: AsyncConnection, task: Task) -> None:
    """After an update: when it did the open step, say so and show the next one, unasked.

    Somebody who said "later", or has a questionnaire open, is not disturbed.
    """
    tour = tour_of(task)
    if tour is None or tour.left or tour.at >= len(STOPS) or task.interview is not None or not task.noted:
        return
    if await is_done(conn, task, STOPS[tour.at], tour.since):
        _open(task, tour.at + 1, task.say("tour.done", step=tour.at + 1))


async def _checked(conn: AsyncConnection, task: Task, tour: Tour) -> None:
    """Go on when the step was done; else show it once more."""
    if tour.at < len(STOPS) and await is_done(conn, task, STOPS[tour.at], tour.since):
        _open(task, tour.at + 1, task.say("tour.done", step=tour.at + 1))
    elif tour.left or tour.at >= len(STOPS):
        keep(task, Tour(tour.at, tour.since))
        _show(task, tour.at, "")
    else:
        _show(task, tour.at, task.say("tour.not_yet"))


def _open(task: Task, at: int, before: str) -> None:
    """Begin a step: what happens from now on counts for it."""
    keep(task, Tour(min(at, len(STOPS)), task.now))
    _show(task, at, before)


def _show(task: Task, at: int, before: str) -> None:
    """A step with what to do; behind the last one the end."""
    if at >= len(STOPS):
        text = task.say("tour.end")
        buttons = [Button(task.say("tour.again"), "z:again"), Button(task.say("buttons.home"), "m:home")]
    else:
        text = task.say("tour.step", step=at + 1, steps=len(STOPS), text=task.say(STOPS[at].text))
        buttons = [
            Button(task.say("tour.check"), "z:check"),
            Button(task.say("tour.skip"), "z:skip"),
            Button(task.say("tour.later"), "z:later"),
        ]
    task.send(Message(f"{before}\n\n{text}" if before else text, rows_of(buttons, width=18), slot=KEY))
