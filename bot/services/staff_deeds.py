"""What is done about people by whoever looks after them: each deed is noted with who did it and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing, inviting, supervising, waiting
from bot.services.office import Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.services.supervising import CADRE, Subordinate
from bot.storage import assignments, handovers, invitations, people
from bot.storage.people import Person
from bot.storage.staff import Holder

LONGEST: Final = 200
"""Characters of a reason or a unit."""


async def tapped(conn: AsyncConnection, task: Task, kind: str, id: int) -> None:
    """A deed was tapped: `id` is the person, of "e" (end a post) the appointment."""
    if kind == "e":
        await ask_to_end(conn, task, id)
        return
    found = await supervising.subordinate(conn, task, id)
    if found is None or not found.whole:
        task.reply(Message(task.say("staffing.not_found")))
        return
    await DEEDS[kind](conn, task, found)


async def said(conn: AsyncConnection, task: Task, kind: str, id: int, text: str) -> bool:
    """The words that a deed had asked for; whether it was done."""
    if not text or len(text) > LONGEST:
        waiting.wait(task, f"staff:{kind}:{id}")
        task.reply(Message(task.say("staffing.say_it_again", longest=LONGEST)))
        return False
    if kind == "e":
        return await end(conn, task, id, text)
    found = await supervising.subordinate(conn, task, id)
    if found is None or not found.whole:
        task.reply(Message(task.say("staffing.not_found")))
        return False
    await people.hold(conn, [id])
    if kind == "s":
        await suspend(conn, task, found.person, text)
    elif kind == "b":
        await let_back(conn, task, found.person, text)
    else:
        unit = "" if text in task.office.content.vocabulary.choices.none else text
        await people.set_unit(conn, id, unit)
        _note(task, "set_unit", found.person, found.posts[0].region_id)
        task.send(Message(task.say("staffing.unit_set", name=found.person.name, unit=unit)))
    return True


def _note(task: Task, deed: str, person: Person, region_id: int, **what: object) -> None:
    """What was done about whom, in which region."""
    auditing.note(task, deed, person, region=region_id, **what)


async def ask(conn: AsyncConnection, task: Task, found: Subordinate, kind: str) -> None:
    """Ask for the reason (of "u": for the unit) before anything is done."""
    waiting.wait(task, f"staff:{kind}:{found.person.id}")
    buttons = rows_of([Button(task.say("staffing.leave_it"), f"staff:c:{found.person.id}")])
    text = task.say("staffing.ask", kind=kind, name=found.person.name)
    task.reply(Message(text, buttons, slot="menu"))


async def ask_to_suspend(conn: AsyncConnection, task: Task, found: Subordinate) -> None:
    """Why is the person suspended?"""
    await ask(conn, task, found, "s")


async def ask_to_let_back(conn: AsyncConnection, task: Task, found: Subordinate) -> None:
    """Why is the person let back?"""
    await ask(conn, task, found, "b")


async def ask_unit(conn: AsyncConnection, task: Task, found: Subordinate) -> None:
    """Which unit does the person belong to?"""
    await ask(conn, task, found, "u")


async def suspend(conn: AsyncConnection, task: Task, person: Person, reason: str) -> None:
    """Nothing is open to the person any more; the households stay theirs, and the village is told."""
    await people.set_status(conn, person.id, "suspended")
    places = await handovers.places(conn, person.id)
    region_id = next(iter(places), None) or (await _region(conn, task, person.id))
    _note(task, "suspended", person, region_id, reason=reason)
    for place, count in places.items():
        told = await supervising.overseers(conn, place, task.now) - {task.me.id, person.id}
        text = task.say("staffing.suspended_helper", name=person.name, households=count)
        buttons = rows_of([Button(task.say("staffing.hand_over"), f"y:of:{person.id}")])
        task.out += await parcels_for(conn, told, Message(text, buttons, priority=ALERT))
    text = task.say("staffing.suspended", name=person.name, households=sum(places.values()))
    task.send(Message(text))


async def _region(conn: AsyncConnection, task: Task, person_id: int) -> int:
    """Where the person is what they are: the region of their first post."""
    return (await people.appointments_of(conn, person_id, task.now))[0].region_id


async def let_back(conn: AsyncConnection, task: Task, person: Person, reason: str) -> None:
    """Everything is open to the person again as before; they are told."""
    await people.set_status(conn, person.id, "active")
    _note(task, "let_back", person, await _region(conn, task, person.id), reason=reason)
    task.send(Message(task.say("staffing.is_back", name=person.name)))
    task.out += await parcels_for(conn, [person.id], Message(task.say("staffing.you_are_back")))


async def new_phone(conn: AsyncConnection, task: Task, found: Subordinate) -> None:
    """A link for exactly this person; the old phone speaks for them until it is used."""
    await _link(conn, task, found, lost=False)


async def lost_phone(conn: AsyncConnection, task: Task, found: Subordinate) -> None:
    """A link for exactly this person; the lost phone speaks for nobody from now on."""
    await people.unbind_all(conn, found.person.id)
    await _link(conn, task, found, lost=True)


async def _link(conn: AsyncConnection, task: Task, found: Subordinate, *, lost: bool) -> None:
    post, person = found.posts[0], found.person
    # An earlier link may lie on the very phone that is lost: only the newest opens anything.
    await invitations.withdraw(conn, person.id, task.now)
    token = await inviting.issue(
        conn,
        role=post.role,
        post=post.post,
        region_id=post.region_id,
        name=person.name,
        by=task.me.id,
        now=task.now,
        person_id=person.id,
    )
    _note(task, "lost_phone" if lost else "new_phone", person, post.region_id)
    task.send(Message(task.say("staffing.link", name=person.name, lost=lost, token=token)))


async def _post(conn: AsyncConnection, task: Task, appointment_id: int) -> tuple[Person, Holder] | None:
    """Somebody's post that one may end, with the person; None after saying that there is none."""
    person_id = await people.holder(conn, appointment_id)
    found = None if person_id is None else await supervising.subordinate(conn, task, person_id)
    posts = () if found is None else found.posts
    post = next((post for post in posts if post.appointment_id == appointment_id), None)
    if found is None or post is None:
        task.reply(Message(task.say("staffing.not_found")))
        return None
    return found.person, post


async def kept_by(conn: AsyncConnection, task: Task, post: Holder) -> int:
    """How many households would be without a cadre if the post ended: it must not (N-16, WF-14).

    Those of the post's region count, unless another post of the person covers it; with the last post, all.
    """
    if post.role != CADRE:
        return 0
    held = await people.appointments_of(conn, post.person_id, task.now)
    rest = [each for each in held if each.role == CADRE and each.id != post.appointment_id]
    if not rest:
        return len(await assignments.households_of(conn, post.person_id))
    mine = set(await handovers.in_care(conn, post.person_id, post.region_id))
    for other in rest:
        mine -= set(await handovers.in_care(conn, post.person_id, other.region_id))
    return len(mine)


async def ask_to_end(conn: AsyncConnection, task: Task, appointment_id: int) -> None:
    """Why does the post end? Not while households would be without a cadre: they are handed over first."""
    held = await _post(conn, task, appointment_id)
    if held is None:
        return
    person, post = held
    title = task.office.content.offices.title(post.post, post.role)
    if await _blocked(conn, task, person, post):
        return
    waiting.wait(task, f"staff:e:{appointment_id}")
    task.look_at(view={**task.chat.view, "person": person.id})
    buttons = rows_of([Button(task.say("staffing.leave_it"), f"staff:c:{person.id}")])
    text = task.say("staffing.ask_to_end", name=person.name, post=title, region=post.region)
    task.reply(Message(text, buttons, slot="menu"))


async def _blocked(conn: AsyncConnection, task: Task, person: Person, post: Holder) -> bool:
    """Whether the post cannot end yet; then a hand-over is offered."""
    count = await kept_by(conn, task, post)
    if count:
        buttons = [
            Button(task.say("staffing.hand_over"), f"y:of:{person.id}"),
            Button(task.say("staffing.leave_it"), f"staff:c:{person.id}"),
        ]
        text = task.say("staffing.first_hand_over", name=person.name, households=count)
        task.reply(Message(text, rows_of(buttons, width=18), slot="menu"))
    return count > 0


async def end(conn: AsyncConnection, task: Task, appointment_id: int, reason: str) -> bool:
    """End a post; whether that was done. It stays in the records, and what was done in it under the name."""
    held = await _post(conn, task, appointment_id)
    if held is None:
        return False
    person, post = held
    await people.hold(conn, [person.id])  # nobody hands them a household meanwhile
    if await _blocked(conn, task, person, post):
        return False
    await people.dismiss(conn, appointment_id, task.now)
    _note(task, "ended_post", person, post.region_id, post=post.post, reason=reason)
    title = task.office.content.offices.title(post.post, post.role)
    left = await supervising.subordinate(conn, task, person.id)
    task.send(Message(task.say("staffing.ended", name=person.name, post=title, region=post.region)))
    return left is not None


DEEDS: Final[Mapping[str, Callable[[AsyncConnection, Task, Subordinate], Awaitable[None]]]] = {
    "s": ask_to_suspend,
    "b": ask_to_let_back,
    "u": ask_unit,
    "n": new_phone,
    "l": lost_phone,
}
KINDS: Final = frozenset({*DEEDS, "e"})
"""The letters of the buttons here; "e" ends a post."""
