"""Tables, ledgers and charts asked for in a chat: what there is, for which place, and the order for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import entitled, home, ledger
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.services.reports.making import available, period_meant, usual_period
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import Report, Shelf
from bot.storage import households, orders, regions, visibility
from bot.storage.orders import NewOrder
from bot.storage.regions import Region
from bot.storage.subjects import Subject

MOST_WAITING: Final = 5
"""So many orders of one person may wait at a time."""
PAGE: Final = 8
SHELVES: Final[Mapping[str, str]] = {
    "reports": "all",
    "ledgers": "ledger",
    "monthly": "monthly",
    "targets": "targets",
    "analyses": "analysis",
}
"""Which part of the reports each command is about, by the shelf on which they stand."""


async def overseen(conn: AsyncConnection, task: Task, region_id: int) -> Region | None:
    """The region, when it lies in one that the person oversees; else it is as if there were none."""
    return await visibility.overseen(conn, task.me.id, region_id, task.now)


async def own_regions(conn: AsyncConnection, task: Task) -> list[Region]:
    """The regions that the person oversees, from the top."""
    return await visibility.appointed(conn, task.me.id, task.now)


async def asked(conn: AsyncConnection, task: Task, words: str, command: str = "reports") -> None:
    """A command for reports, perhaps with the name of a place or of a report behind it."""
    shelf = SHELVES[command]
    mine = await own_regions(conn, task)
    if not mine and command == "ledgers":
        await ledger.listed(conn, task)  # a cadre's own ledger is that of the problems at their households
        return
    if not mine:
        task.reply(Message(task.say("reports.only_overseers")))
        return
    if not words:
        await places(task, shelf, mine) if len(mine) > 1 else await menu(conn, task, shelf, mine[0].id)
        return
    if (report := _named(task, words, shelf)) is not None:
        await menu(conn, task, report.id, mine[0].id)
        return
    found = [region for top in mine for region in await regions.subtree(conn, top.id) if words in region.name]
    exact = [region for region in found if region.name == words] or found
    match list(dict.fromkeys(exact)):
        case []:
            task.reply(Message(task.say("reports.no_place", words=words)))
        case [region]:
            await menu(conn, task, shelf, region.id)
        case several:
            await places(task, shelf, several)


async def targets(conn: AsyncConnection, task: Task, words: str) -> None:
    """The goals of a household beside what came of them: of the one named, else of the one shown last.

    Of a place for whoever oversees one and names no household.
    """
    household = task.chat.view.get("household")
    if words:
        page = await visibility.find(conn, task.me.id, task.now, words=words, size=1)
        if page.total > 1:
            await home.search(conn, task, words)
            return
        household = page.items[0].id if page.total else None
    elif await own_regions(conn, task):
        household = None
    if words and household is None and not await own_regions(conn, task):
        task.reply(Message(task.say("home.none_found", words=words)))
    elif isinstance(household, int):
        await of_household(conn, task, next(each for each in REPORTS.values() if each.of_one), household)
    else:
        await asked(conn, task, words, "targets")


async def of_household(conn: AsyncConnection, task: Task, report: Report, household_id: int) -> None:
    """Put a report of a single household in for making."""
    if await entitled.refused(conn, task, Subject("household", household_id)):
        return
    found = (await households.get_many(conn, [household_id]))[household_id]
    days = usual_period(report, task.today)
    wanted = {
        "report": report.id,
        "region": found.region_id,
        "household": found.id,
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
    }
    await put_in(conn, task, [wanted])


def _named(task: Task, words: str, shelf: str) -> Report | None:
    """The report of that id, name or word; of the shelf also the only one whose name holds the words."""
    layouts = {id: layout for id, layout in task.office.content.layouts.items() if id in REPORTS}
    for id, layout in layouts.items():
        if words.upper() == id.upper() or words in (layout.name, layout.short, *layout.asked):
            return REPORTS[id]
    like = [
        id
        for id, layout in layouts.items()
        if REPORTS[id].shelf == shelf and any(words in name for name in (layout.name, *layout.asked))
    ]
    return REPORTS[like[0]] if len(like) == 1 else None


async def places(task: Task, shelf: str, found: Sequence[Region]) -> None:
    """Which of several places is meant."""
    buttons = [Button(region.name, f"o:{region.id}:{shelf}") for region in found[:PAGE]]
    text = task.say("reports.which_place", more=len(found) > PAGE)
    task.reply(Message(text, rows_of(buttons, width=16), slot="menu"))


async def tapped(conn: AsyncConnection, task: Task, rest: str) -> None:
    """Buttons "o:region:shelf" (what there is), "o:region:report" and "o:region:report:period" (make it)."""
    id, _, wanted = rest.partition(":")
    what, _, when = wanted.partition(":")
    if what in REPORTS and when:
        await order(conn, task, REPORTS[what], int(id), when)
    else:
        await menu(conn, task, what, int(id))


async def menu(conn: AsyncConnection, task: Task, what: str, region_id: int) -> None:
    """The reports of a shelf for a place; of one report, the periods for which it is made."""
    region = await overseen(conn, task, region_id)
    if region is None:
        task.reply(Message(task.say("reports.no_right")))
        return
    layouts = task.office.content.layouts
    if what in REPORTS:
        await periods(conn, task, REPORTS[what], region)
        return
    fit = available(task.office, region)
    if what == "all":
        await shelves(task, region, fit)
        return
    fit = [each for each in fit if each.shelf == what]
    if len(fit) == 1:
        await periods(conn, task, fit[0], region)
        return
    buttons = [Button(layouts[each.id].short, f"o:{region.id}:{each.id}") for each in fit]
    text = task.say("reports.menu", region=region.name, count=len(fit), shelf=what)
    others = Button(task.say("buttons.other_reports"), f"o:{region.id}:all")
    task.reply(Message(text, rows_of(buttons, width=18) + _elsewhere(task, others), slot="menu"))


async def shelves(task: Task, region: Region, fit: Sequence[Report]) -> None:
    """The kinds of reports that there are for a place."""
    counts = Counter(report.shelf for report in fit)
    buttons = [
        Button(task.say("reports.shelf", shelf=shelf, count=counts[shelf]), f"o:{region.id}:{shelf}")
        for shelf in get_args(Shelf)
        if counts[shelf]
    ]
    text = task.say("reports.menu", region=region.name, count=len(fit), shelf="all")
    task.reply(Message(text, rows_of(buttons, width=18) + _elsewhere(task), slot="menu"))


async def periods(conn: AsyncConnection, task: Task, report: Report, region: Region) -> None:
    """For which days a report is wanted; one for which there is no choice is made at once."""
    if report.per == "day":
        await order(conn, task, report, region.id, "now")
        return
    days = {when: period_meant(report, when, task.today) for when in ("last", "now")}
    buttons = [
        Button(
            task.say("reports.period", first=each.first, last=each.last), f"o:{region.id}:{report.id}:{key}"
        )
        for key, each in days.items()
    ]
    name = task.office.content.layouts[report.id].name
    text = task.say("reports.which_period", name=name, region=region.name)
    task.reply(Message(text, rows_of(buttons, width=18), slot="menu"))


async def order(conn: AsyncConnection, task: Task, report: Report, region_id: int, when: str) -> None:
    """Put the report in for making; the person gets it in this chat."""
    region = await overseen(conn, task, region_id)
    if region is None:
        task.reply(Message(task.say("reports.no_right")))
        return
    days = period_meant(report, when, task.today)
    wanted = {
        "report": report.id,
        "region": region.id,
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
    }
    await put_in(conn, task, [wanted])


async def put_in(conn: AsyncConnection, task: Task, wanted: Iterable[dict[str, object]]) -> None:
    """Put orders in, unless too many of the person's wait already."""
    for each in wanted:
        waiting = await orders.waiting_of(conn, task.me.id)
        if each in waiting:
            task.reply(Message(task.say("reports.already")))
            return
        if len(waiting) >= MOST_WAITING:
            task.reply(Message(task.say("reports.many_waiting", most=MOST_WAITING)))
            return
        new = NewOrder(task.me.id, task.incoming.channel, task.incoming.address, each, task.now)
        await orders.add(conn, new)
        task.ordered = True


def _elsewhere(task: Task, *others: Button) -> tuple[tuple[Button, ...], ...]:
    return rows_of([*others, Button(task.say("buttons.home"), "m:home")])
