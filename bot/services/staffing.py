"""The people of a region: who is what, suspended and let back, bound to another phone.

Buttons: "staff:p:post:skipped" (a list, "all" for every post), "staff:c:person" (a card), and those of
`staff_deeds`. Nothing here tells how active anybody is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import inviting, staff_deeds, supervising
from bot.services.home import PAGE, pages
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.supervising import CADRE, Subordinate
from bot.storage import assignments, handovers, people, staff, visibility
from bot.storage.people import Appointment

BUTTON: Final = re.compile(
    f"o|p:[a-z0-9_-]{{1,40}}:[0-9]{{1,9}}|[c{''.join(sorted(staff_deeds.KINDS))}]:[0-9]{{1,18}}"
)
ALL: Final = "all"
FOUND: Final = "found"
"""The list of those whom the person has looked for, by the words in the chat's view."""
WORDS: Final = "people"


async def home_buttons(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Button]:
    """The way here for whoever looks after people."""
    if not inviting.may_invite(task.office.content.offices, appointments):
        return []
    return [Button(task.say("staffing.home_button"), f"staff:p:{ALL}:0")]


async def asked(conn: AsyncConnection, task: Task, words: str) -> None:
    """ "People", or "people WORDS": by post, or those of that name or post."""
    words = " ".join(words.split())
    if not words:
        await overview(conn, task)
        return
    task.look_at(view={**task.chat.view, WORDS: words})
    await listed(conn, task, FOUND, 0)


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """The buttons of this room."""
    if not BUTTON.fullmatch(rest):
        task.reply(Message(task.say("home.old_button")))
        return
    kind, _, rest = rest.partition(":")
    which, _, number = rest.partition(":")
    if kind == "p":
        await listed(conn, task, which, int(number))
    elif kind == "o":
        await overview(conn, task)
    elif kind == "c":
        await card(conn, task, int(which))
    else:
        await staff_deeds.tapped(conn, task, kind, int(which))


async def said(conn: AsyncConnection, task: Task, rest: str, text: str) -> None:
    """What was typed when this room had asked for words: a reason, or a unit."""
    kind, _, which = rest.partition(":")
    if await staff_deeds.said(conn, task, kind, int(which), text.strip()):
        await card(conn, task, int(which) if kind != "e" else task.chat.view.get("person", 0))


async def overview(conn: AsyncConnection, task: Task) -> None:
    """How many people hold each post, each a tap from the list of them."""
    offices = task.office.content.offices
    counts = await staff.posts(conn, task.me.id, task.now, supervising.pairs(offices))
    if not counts:
        task.reply(Message(await nobody(conn, task)))
        return
    order = [*offices.posts, *sorted(counts.keys() - offices.posts.keys())]
    held = [post for post in order if post in counts]
    buttons = [
        Button(task.say("staffing.post", name=post_name(task, post), count=counts[post]), f"staff:p:{post}:0")
        for post in held
    ]
    text = task.say("staffing.overview", count=sum(counts.values()))
    everybody = [Button(task.say("staffing.everybody"), f"staff:p:{ALL}:0")]
    task.reply(Message(text, rows_of(buttons, width=20) + rows_of(everybody), slot="menu"))


async def nobody(conn: AsyncConnection, task: Task) -> str:
    """There is nobody to look after: how to bring somebody in, for whoever may."""
    mine = await people.appointments_of(conn, task.me.id, task.now)
    may = inviting.may_invite(task.office.content.offices, mine)
    example = task.office.content.offices.roles[may[0]].short if may else ""
    return task.say("staffing.nobody", invites=example)


def post_name(task: Task, post: str) -> str:
    """What a post is called; one that is no more by its id."""
    known = task.office.content.offices.posts.get(post)
    return post if known is None else known.name


async def listed(conn: AsyncConnection, task: Task, which: str, skipped: int) -> None:
    """A page of people: all, the holders of a post, or those who were looked for."""
    offices = task.office.content.offices
    words = str(task.chat.view.get(WORDS, "")) if which == FOUND else ""
    posts: set[str] = set() if which in (ALL, FOUND) else {which}
    if words:
        meant = offices.meant(words)
        posts = {meant.id} if meant is not None else set()
    about = supervising.pairs(offices)
    found = await staff.find(
        conn, task.me.id, task.now, about, words=words, posts=posts, size=PAGE, skipped=skipped
    )
    if found.total and not found.items:  # the list has become shorter since its button was made
        await listed(conn, task, which, 0)
        return
    if not found.total:
        said = task.say("staffing.none_found", words=words) if words else await nobody(conn, task)
        task.reply(Message(said))
        return
    buttons = [
        Button(
            task.say(
                "staffing.one",
                name=each.name,
                post=offices.title(each.post, each.role),
                region=each.region,
                suspended=each.status == "suspended",
            ),
            f"staff:c:{each.person_id}",
        )
        for each in found.items
    ]
    text = task.say(
        "staffing.list",
        words=words,
        post=post_name(task, which) if posts and not words else "",
        first=skipped + 1,
        last=skipped + len(found.items),
        total=found.total,
    )
    turns = [
        *pages(task, f"staff:p:{which}:", skipped, found.total),
        Button(task.say("staffing.by_post"), "staff:o"),
    ]
    task.reply(Message(text, rows_of(buttons) + rows_of(turns), slot="menu"))


async def card(conn: AsyncConnection, task: Task, person_id: int) -> None:
    """One person: posts since when, households in their care, whether a phone is bound, what can be done."""
    found = await supervising.subordinate(conn, task, person_id)
    if found is None:
        task.reply(Message(task.say("staffing.not_found")))
        return
    offices = task.office.content.offices
    in_care = await assignments.households_of(conn, person_id)
    seen = await visibility.among(conn, task.me.id, in_care, task.now)
    leaving = await handovers.open_of_person(conn, person_id)
    text = task.say(
        "staffing.card",
        name=found.person.name,
        unit=found.person.unit,
        posts=[
            (
                task.say("home.role", name=offices.title(post.post, post.role), region=post.region),
                task.office.today(post.since).isoformat(),
            )
            for post in found.posts
        ],
        others=len(found.others),
        households=len(seen),
        bound=await people.is_bound(conn, person_id),
        suspended=found.person.status == "suspended",
        leaving=min(each.leaves_on for each in leaving).isoformat() if leaving else "",
    )
    task.reply(Message(text, rows_of(deeds(task, found, bool(seen)), width=18), slot="menu"))
    task.look_at(view={**task.chat.view, "person": person_id})


def deeds(task: Task, found: Subordinate, cares: bool) -> list[Button]:
    """What one may do for or about the person."""
    id, buttons = found.person.id, []
    if cares and any(post.role == CADRE for post in found.posts):
        buttons.append(Button(task.say("staffing.hand_over"), f"y:of:{id}"))
    if found.whole and found.person.status == "active":
        buttons.append(Button(task.say("staffing.new_phone"), f"staff:n:{id}"))
        buttons.append(Button(task.say("staffing.lost_phone"), f"staff:l:{id}"))
        buttons.append(Button(task.say("staffing.suspend"), f"staff:s:{id}"))
    elif found.whole:
        buttons.append(Button(task.say("staffing.let_back"), f"staff:b:{id}"))
    if found.whole:
        buttons.append(Button(task.say("staffing.set_unit"), f"staff:u:{id}"))
    offices = task.office.content.offices
    for post in found.posts:
        title = offices.title(post.post, post.role)
        label = task.say("staffing.end_post", post=title, region=post.region if len(found.posts) > 1 else "")
        buttons.append(Button(label, f"staff:e:{post.appointment_id}"))
    return [*buttons, Button(task.say("staffing.back"), f"staff:p:{ALL}:0")]
