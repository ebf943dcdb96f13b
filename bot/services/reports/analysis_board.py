"""The analyses as they stand now, for whoever looks at them on a screen: what there is, each made once.

Who oversees a region sees those of it and of everything under it; nobody else sees anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot.render.chart_view import Chart
from bot.render.charts import chart_svg
from bot.render.messages import number
from bot.render.table_figures import Figures, plain
from bot.render.table_view import Column, Kind, Sheet, Standing
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.making import ask_for, available, make, period_meant
from bot.services.reports.report import Report, ReportRefused
from bot.services.views_board import Overview, overview
from bot.storage import database, people, regions, visibility
from bot.storage.database import Database
from bot.storage.regions import Region
from bot.storage.report_analysis import newest
from bot.storage.sealing import KeyRing

MOST_ROWS: Final = 60
"""So many rows of a table are shown; a file has them all."""
MOST_KEPT: Final = 64
"""So many analyses are kept that nobody needs to wait for again."""

LONGEST_ID: Final = 18
Stamp = tuple[int | date | None, ...]
Tap = Callable[[str, int, str], Awaitable[None]]
"""Address, message and data of a button, as the chat page takes them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table in words."""

    cells: tuple[str, ...]
    standing: Standing | str = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet for a screen; `figures` says of each column whether it holds figures, `more` how many rows are
    left out, `total` whether the last line adds the others up.
    """

    name: str
    title: str
    about: tuple[str, ...]
    heads: tuple[tuple[str, ...], ...]
    figures: tuple[bool, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    more: int
    empty: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An analysis as it stands: charts as SVG, tables; or why there is none, in a sentence."""

    name: str
    charts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with the places that they oversee, each behind the one in which it lies."""

    name: str
    places: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody looks at: a place, an analysis, and which of its periods ("now" or "last")."""

    place: Region
    report: Report
    when: str = "now"

    @property
    def key(self) -> tuple[int, str, str]:
        """What tells it from every other one."""
        return self.place.id, self.report.id, self.when


class Board:
    """The analyses of a database; what was worked out is kept until something changes."""

    def __init__(
        self,
        database: Database,
        url: str,
        office: Office,
        now: Callable[[], datetime],
        *,
        channel: str,
        tap: Tap | None = None,
    ) -> None:
        """`url` is that of the database: an analysis is made on a connection and in a thread of its own.

        `channel` is the one to whose addresses people are bound; `tap` taps a button in somebody's chat.
        """
        self.database, self.url, self.office, self.now = database, url, office, now
        self.channel, self.tap = channel, tap
        self._made: dict[tuple[int, str, str], tuple[Stamp, asyncio.Task[Seen]]] = {}

    async def viewer(self, address: str) -> Viewer | None:
        """Who is behind the address; None when nobody is. Without a place to oversee `places` is empty."""
        now = self.now()
        async with self.database.reading() as conn:
            person = (await people.behind(conn, self.channel, [address])).get(address)
            if person is None or person.status != "active":
                return None
            found: dict[int, Region] = {}
            for top in await visibility.appointed(conn, person.id, now):
                found |= {region.id: region for region in await regions.subtree(conn, top.id)}
        return Viewer(person.name, tuple(found.values()))

    def region(self, viewer: Viewer, place: str) -> Region:
        """The place that is meant, or the first that the viewer oversees: there must be one."""
        return next((each for each in viewer.places if str(each.id) == place), viewer.places[0])

    async def overview(self, region: Region, skipped: int = 0) -> Overview:
        """The place in figures as it stands."""
        async with self.database.reading() as conn:
            return await overview(conn, self.office, region, self.office.today(self.now()), skipped)

    async def open_household(self, address: str, household: str) -> bool:
        """Show the household in the person's chat; False when they may not see it, or it cannot be shown."""
        if self.tap is None or not household.isdecimal() or len(household) > LONGEST_ID:
            return False
        async with self.database.reading() as conn:
            person = (await people.behind(conn, self.channel, [address])).get(address)
            if person is None:
                return False
            if await visibility.household(conn, person.id, int(household), self.now()) is None:
                return False
        await self.tap(address, 1, f"h:{household}")
        return True

    def reports(self, place: Region) -> list[Report]:
        """The analyses that there are of a place in this county."""
        return [each for each in available(self.office, place) if each.shelf == "analysis"]

    def choose(self, viewer: Viewer, place: str, report: str, when: str) -> Choice | None:
        """What is meant by these words of an address; what the viewer may not see counts as not said."""
        if not viewer.places:
            return None
        region = self.region(viewer, place)
        known = self.reports(region)
        chosen = next((each for each in known if each.id == report), known[0])
        return Choice(region, chosen, "last" if when == "last" and chosen.per != "day" else "now")

    def short(self, report: Report) -> str:
        """What an analysis is called in a list."""
        return self.office.content.layouts[report.id].short

    def period(self, choice: Choice) -> Period:
        """The days of a choice."""
        return period_meant(choice.report, choice.when, self.office.today(self.now()))

    async def stamp(self) -> Stamp:
        """Another one as soon as an analysis may come out differently."""
        async with self.database.reading() as conn:
            return (*await newest(conn), self.office.today(self.now()))

    async def read(self, choice: Choice, stamp: Stamp) -> Seen:
        """The analysis as of that stamp, worked out once for everybody who looks."""
        kept = self._made.get(choice.key)
        failed = kept is not None and kept[1].done() and (kept[1].cancelled() or kept[1].exception())
        if kept is None or kept[0] != stamp or failed:
            days, now = self.period(choice), self.now()
            work = asyncio.create_task(
                asyncio.to_thread(_in_thread, self.url, self.database.ring, self.office, choice, days, now)
            )
            self._made.pop(choice.key, None)
            self._made[choice.key] = kept = (stamp, work)
            while len(self._made) > MOST_KEPT:
                del self._made[next(iter(self._made))]
        # Whoever goes away must not stop it for the others.
        return await asyncio.shield(kept[1])


def _in_thread(url: str, ring: KeyRing, office: Office, choice: Choice, days: Period, now: datetime) -> Seen:
    return asyncio.run(_read(url, ring, office, choice, days, now))


async def _read(url: str, ring: KeyRing, office: Office, choice: Choice, days: Period, now: datetime) -> Seen:
    opened = database.connect(url, ring)
    name = office.content.layouts[choice.report.id].name
    try:
        async with opened.reporting() as conn:
            ask = ask_for(office, choice.report, choice.place, now, period=days)
            book = await make(conn, choice.report, ask)
            charts: Sequence[Chart] = await choice.report.draw(conn, ask) if choice.report.draw else ()
    except ReportRefused as refused:
        said = office.say("reports.refused", reason=refused.reason, facts=refused.facts)
        return Seen(name, refusal=said)
    finally:
        await opened.dispose()
    return Seen(name, tuple(map(chart_svg, charts)), tuple(map(table_of, book.sheets)))


# ------------------------------------------------------------------------------------------------- tables


def table_of(sheet: Sheet) -> Table:
    """A sheet for a screen, with its formulas worked out."""
    figures = Figures(sheet, 0)
    lines = [_line(figures, at) for at in range(min(len(sheet.rows), MOST_ROWS))]
    if sheet.total and sheet.rows:
        added = [shown(figures.total(column), column.kind) for column in sheet.columns[1:]]
        lines.append(Line((sheet.total, *added), "total"))
    return Table(
        sheet.name,
        sheet.title,
        sheet.about,
        tuple(column.head for column in sheet.columns),
        tuple(column.kind not in ("text", "code", "date") for column in sheet.columns),
        tuple(lines),
        sheet.notes,
        max(0, len(sheet.rows) - MOST_ROWS),
        sheet.empty if not sheet.rows else "",
    )


def _line(figures: Figures, at: int) -> Line:
    row = figures.sheet.rows[at]

    def cell(column: Column) -> str:
        figure = figures.figure(at, column.id)
        value = plain(figures.cell(at, column)) if figure is None else figure
        return shown(value, row.kind or column.kind)

    return Line(tuple(cell(column) for column in figures.sheet.columns), row.standing)


def shown(value: str | float | date | None, kind: Kind) -> str:
    """A value in words; "" for one that is not known."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{number(round(100 * value, 1))}%" if kind == "percent" else number(value)
