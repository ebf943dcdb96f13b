"""From a region to the places in it and to its households, page by page."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing
from bot.services.office import Task
from bot.services.outgoing import Button, Message, Rows, rows_of
from bot.services.views_counts import progress
from bot.storage import views as records
from bot.storage import visibility
from bot.storage.regions import Region

PAGE: Final = 8
PLACES, HOMES = "v", "h"
"""What the buttons show: "v12:0" the places in a region, "h12:8" the households of a village."""


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> bool:
    """Show what the button asks for; False when it is no button of these lists."""
    head, _, skipped = rest.partition(":")
    if head[:1] not in (PLACES, HOMES) or not head[1:].isdigit() or not (skipped or "0").isdigit():
        return False
    region = await visibility.overseen(conn, task.me.id, int(head[1:]), task.now)
    if region is None:
        task.reply(Message(task.say("region.not_found")))
    elif head[0] == HOMES or region.level == "village":
        await homes(conn, task, region, int(skipped or 0))
    else:
        await places(conn, task, region, int(skipped or 0))
    return True


async def places(conn: AsyncConnection, task: Task, region: Region, skipped: int) -> None:
    """How far each place in the region is, in the order of the register."""
    every = await progress(conn, task.office, region, task.today)
    if not every:
        task.reply(
            Message(
                task.say("views.no_places", name=region.name), await _home(conn, task, region), slot="menu"
            )
        )
        return
    skipped = skipped if skipped < len(every) else 0
    shown = every[skipped : skipped + PAGE]
    text = task.say(
        "views.places",
        name=region.name,
        lines=shown,
        first=skipped + 1,
        last=skipped + len(shown),
        total=len(every),
    )
    buttons = [Button(each.region.name, f"z:{PLACES}{each.region.id}:0") for each in shown]
    turns = _turns(task, f"z:{PLACES}{region.id}:", skipped, len(every))
    task.reply(
        Message(
            text, rows_of(buttons, width=16) + rows_of(turns) + await _home(conn, task, region), slot="menu"
        )
    )


async def homes(conn: AsyncConnection, task: Task, region: Region, skipped: int) -> None:
    """The households of a village with their card and what is late there, those with something late first."""
    listed = await records.listed(conn, region.id, task.office.schemes[0])
    late = await records.late_of(conn, [home.id for home, _ in listed], task.today)
    listed.sort(key=lambda each: each[0].id not in late)
    if not listed:
        task.reply(
            Message(
                task.say("views.no_homes", name=region.name), await _home(conn, task, region), slot="menu"
            )
        )
        return
    skipped = skipped if skipped < len(listed) else 0
    shown = listed[skipped : skipped + PAGE]
    auditing.note_listed(task, "households", [home.id for home, _ in shown])
    names = {each.id: each.name for each in task.office.content.packs[task.office.schemes[0]].outcomes}
    buttons = [
        Button(
            task.say(
                "views.home_line",
                head=home.head_name,
                group=home.village_group,
                card="" if verdict is None else names.get(verdict, task.say("home.to_verify")),
                late=late.get(home.id, 0),
            ),
            f"h:{home.id}",
        )
        for home, verdict in shown
    ]
    text = task.say(
        "views.homes",
        name=region.name,
        first=skipped + 1,
        last=skipped + len(shown),
        total=len(listed),
        late=len(late),
    )
    turns = _turns(task, f"z:{HOMES}{region.id}:", skipped, len(listed))
    task.reply(
        Message(
            text, rows_of(buttons, width=18) + rows_of(turns) + await _home(conn, task, region), slot="menu"
        )
    )


def _turns(task: Task, data: str, skipped: int, total: int) -> list[Button]:
    """The pages before and after."""
    turns: list[Button] = []
    if skipped:
        turns.append(Button(task.say("buttons.earlier"), f"{data}{max(skipped - PAGE, 0)}"))
    if skipped + PAGE < total:
        turns.append(Button(task.say("buttons.later"), f"{data}{skipped + PAGE}"))
    return turns


async def _home(conn: AsyncConnection, task: Task, region: Region) -> Rows:
    """The way up, when the person oversees that too, and home."""
    way = [Button(task.say("buttons.home"), "m:home")]
    above = region.parent_id
    if above is not None and await visibility.overseen(conn, task.me.id, above, task.now) is not None:
        way.insert(0, Button(task.say("views.up"), f"z:{PLACES}{above}:0"))
    return rows_of(way)
