"""What a hand-over looks like on the screen: how it stands, the checklist, and what one may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import supervising
from bot.services.home import PAGE, pages
from bot.services.office import Task
from bot.services.outgoing import Button, Message, Rows, rows_of
from bot.storage import checklist, handovers, households, people, regions, visibility
from bot.storage.checklist import Open
from bot.storage.handovers import Handover

VISIT: Final = "visit"
CONTACT: Final = "contact"


@dataclass(frozen=True, slots=True)
class Part:
    """What the speaker is in a hand-over: whoever leaves, the successor named, one above, or their unit."""

    leaver: bool
    successor: bool
    overseer: bool
    unit: bool

    @property
    def any(self) -> bool:
        """Whether the hand-over exists for the speaker at all."""
        return self.leaver or self.successor or self.overseer or self.unit


async def oversees(conn: AsyncConnection, task: Task, region_id: int) -> bool:
    """Whether the speaker sees every household of the region, and so may say who is responsible for which."""
    return await visibility.overseen(conn, task.me.id, region_id, task.now) is not None


async def part_in(conn: AsyncConnection, task: Task, handover: Handover) -> Part:
    """What the speaker is in it."""
    leaver = await people.get(conn, handover.person_id)
    assert leaver is not None
    return Part(
        handover.person_id == task.me.id,
        handover.successor_id == task.me.id,
        await oversees(conn, task, handover.region_id),
        task.me.id in await supervising.unit_leaders(conn, leaver, handover.region_id, task.now),
    )


async def named(conn: AsyncConnection, task: Task, handover: Handover) -> dict[str, str]:
    """Who leaves, who follows, and where, by name."""
    ids = [id for id in (handover.person_id, handover.successor_id) if id is not None]
    known = await people.get_many(conn, ids)
    region = await regions.get(conn, handover.region_id)
    assert region is not None
    after = "" if handover.successor_id is None else known[handover.successor_id].name
    return {"leaver": known[handover.person_id].name, "successor": after, "region": region.name}


async def line(conn: AsyncConnection, task: Task, handover: Handover) -> Button:
    """A hand-over in one line, a tap from it."""
    text = task.say(
        "handover.line",
        state=handover.state,
        day=handover.leaves_on.isoformat(),
        late=handover.leaves_on < task.today,
        **await named(conn, task, handover),
    )
    return Button(text, f"y:h:{handover.id}")


async def show(conn: AsyncConnection, task: Task, handover: Handover, part: Part) -> None:
    """How it stands, what is open in all, and what the speaker may do."""
    ids = await handovers.in_care(conn, handover.person_id, handover.region_id)
    found = await checklist.open_at(conn, ids, task.today) if handover.is_open else {}
    last = next(
        (e for e in reversed(await handovers.events(conn, handover.id)) if e.step == "declined"), None
    )
    text = task.say(
        "handover.card",
        state=handover.state,
        day=handover.leaves_on.isoformat(),
        late=handover.is_open and handover.leaves_on < task.today,
        reason=handover.reason,
        declined="" if last is None else last.comment,
        counts=_sums(list(found.values())),
        mine=part.successor,
        **await named(conn, task, handover),
    )
    task.send(Message(text, _deeds(task, handover, part, len(ids)), slot="menu"))


def _sums(every: Sequence[Open]) -> dict[str, int]:
    """What is open at all households together."""
    return {
        "households": len(every),
        "plans": sum(home.has_plan for home in every),
        "problems": sum(home.problems for home in every),
        "cases": sum(home.cases for home in every),
        "waiting": sum(home.waiting for home in every),
        "late": sum(home.late for home in every),
        "visits": sum(home.owed.get(VISIT, 0) for home in every),
        "contacts": sum(home.owed.get(CONTACT, 0) for home in every),
        "forms": sum(len(home.forms) for home in every),
    }


def _deeds(task: Task, handover: Handover, part: Part, count: int) -> Rows:
    """The buttons under a hand-over: nothing once it is over."""
    id, buttons = handover.id, []
    if not handover.is_open:
        return ()
    if part.successor and count:
        buttons.append(Button(task.say("handover.accept_all", count=count), f"y:ok:{id}"))
    if count:
        buttons.append(Button(task.say("handover.one_by_one"), f"y:c:{id}:0"))
    if part.successor:
        buttons.append(Button(task.say("handover.decline"), f"y:no:{id}"))
    if part.overseer:
        buttons.append(Button(task.say("handover.choose", again=handover.state == "handover"), f"y:w:{id}:0"))
    if part.leaver or part.overseer:
        buttons.append(Button(task.say("handover.withdraw"), f"y:x:{id}"))
    return rows_of(buttons, width=16)


async def listed(conn: AsyncConnection, task: Task, handover: Handover, skipped: int) -> None:
    """A page of the households, each a tap from what is open there."""
    ids = await handovers.in_care(conn, handover.person_id, handover.region_id)
    skipped = skipped if skipped < len(ids) else 0
    shown = ids[skipped : skipped + PAGE]
    known = await households.get_many(conn, shown)
    found = await checklist.open_at(conn, shown, task.today)
    buttons = [
        Button(
            task.say(
                "handover.household_line",
                head=known[id].head_name,
                group=known[id].village_group,
                counts=_sums([found[id]]),
            ),
            f"y:u:{handover.id}:{id}",
        )
        for id in shown
    ]
    text = task.say("handover.list", first=skipped + 1, last=skipped + len(shown), total=len(ids))
    turns = pages(task, f"y:c:{handover.id}:", skipped, len(ids))
    turns.append(Button(task.say("handover.back"), f"y:h:{handover.id}"))
    task.reply(Message(text, rows_of(buttons) + rows_of(turns), slot="menu"))


async def one(conn: AsyncConnection, task: Task, handover: Handover, part: Part, household_id: int) -> bool:
    """What is open at one household of the hand-over; False when it is none of them."""
    ids = await handovers.in_care(conn, handover.person_id, handover.region_id)
    if household_id not in ids:
        return False
    home = (await households.get_many(conn, [household_id]))[household_id]
    found = (await checklist.open_at(conn, [household_id], task.today))[household_id]
    text = task.say(
        "handover.household",
        head=home.head_name,
        group=home.village_group,
        counts=_sums([found]),
        visits=(found.done.get(VISIT, 0), found.owed.get(VISIT, 0) + found.done.get(VISIT, 0)),
        contacts=(found.done.get(CONTACT, 0), found.owed.get(CONTACT, 0) + found.done.get(CONTACT, 0)),
        forms=[task.office.content.form(form).short for form in found.forms],
    )
    buttons = []
    if part.successor:
        buttons.append(Button(task.say("handover.accept_one"), f"y:t:{handover.id}:{household_id}"))
    buttons.append(Button(task.say("handover.back_to_list"), f"y:c:{handover.id}:0"))
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))
    return True
