"""The home screen: who you are here, what waits for you, and the ways to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import (
    alerts_at_hand,
    clues,
    due_list,
    handing_over,
    home,
    inviting,
    proceeding,
    regional,
    roster_intake,
    signing,
    staffing,
    touring,
    uncovered,
    views_home,
)
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import interviews, people, regions, visibility
from bot.storage.people import Appointment

Shelf: TypeAlias = Callable[[AsyncConnection, Task, Sequence[Appointment]], Awaitable[list[Button]]]
SHELVES: Final[tuple[Shelf, ...]] = (
    proceeding.home_buttons,
    uncovered.home_buttons,
    signing.home_buttons,
    clues.home_buttons,
    handing_over.home_buttons,
    staffing.home_buttons,
    roster_intake.home_buttons,
    touring.home_buttons,
)
"""What each room has for the home screen, in this order; nothing when nothing waits there."""


async def start(conn: AsyncConnection, task: Task, argument: str) -> None:
    """The home screen; "/start TOKEN" by somebody who is already in uses the invitation up."""
    if inviting.TOKEN.fullmatch(argument):
        await inviting.accept(conn, task, argument)
    elif argument:
        await home.search(conn, task, argument)
    else:
        await show(conn, task)


async def show(conn: AsyncConnection, task: Task) -> None:
    """Who you are here, what waits for you, and the ways to it."""
    appointments = await people.appointments_of(conn, task.me.id, task.now)
    places = {
        region.id: region for region in await regions.get_many(conn, [a.region_id for a in appointments])
    }
    offices = task.office.content.offices
    roles = [
        task.say("home.role", name=offices.title(held.post, held.role), region=places[held.region_id].name)
        for held in appointments
    ]
    page = await visibility.find(conn, task.me.id, task.now, size=1)
    due = await due_list.duties_of(conn, task)
    soon = [duty for duty in due if duty.state == "reminded" or duty.due <= task.today]
    begun = [interview.subject for interview in await interviews.open_of(conn, task.me.id)]
    seen = await visibility.subjects_among(conn, task.me.id, begun, task.now)
    begun = [subject for subject in begun if subject in seen]
    mine, unseen = await alerts_at_hand.lying_with(conn, task)
    may = inviting.may_invite(offices, appointments)
    watches = any(appointment.role in ("village", "township", "county") for appointment in appointments)
    view = await views_home.view(conn, task, appointments, due)
    text = task.say(
        "home.welcome",
        name=task.me.name,
        roles=roles,
        households=page.total,
        due=len(soon),
        overdue=sum(duty.due < task.today for duty in due),
        begun=len(begun),
        filling=task.interview is not None,
        alerts=len(unseen),
        lines=view.lines,
        watches=watches,
        invites=offices.roles[may[0]].short if may else "",
    )
    buttons: list[Button] = []
    if page.total:
        buttons.append(Button(task.say("buttons.households", count=page.total), "l:/0"))
    if due:
        buttons.append(Button(task.say("buttons.due", count=len(soon)), "m:due"))
    if mine:
        buttons.append(Button(task.say("buttons.alerts", count=len(mine)), "m:alerts"))
    buttons += view.buttons
    if begun:
        buttons.append(Button(task.say("buttons.resume", count=len(begun)), "m:resume"))
    if watches:
        buttons.append(Button(task.say("buttons.reports"), "m:reports"))
    buttons += regional.home_buttons(task, appointments, list(places.values()))
    for shelf in SHELVES:
        buttons += await shelf(conn, task, appointments)
    buttons.append(Button(task.say("buttons.help"), "m:help"))
    task.send(Message(text, rows_of(buttons, width=16), slot="menu"))
