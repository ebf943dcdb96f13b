"""Targets of a household year by year against what happened (O-04, outputs.md; 000:86-206, 001:18-30, 86-88)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import SheetLayout
from bot.render.table_view import DASH, Blank, Cell, Column, Less, Noted, Row, Sheet, Sum
from bot.services.office import veiled
from bot.services.reports.report import Ask, RegionEmpty, Report
from bot.services.reports.yearly_answers import IS_YEAR, Answers, Found, Years, years_of
from bot.services.reports.yearly_lines import Line, Source, lines_of
from bot.storage import region_wide, report_counts
from bot.storage.households import Household

NOW: Final = ""
"""Stands for the time of what is told of no year: as things were when somebody asked last."""


@dataclass(frozen=True, slots=True)
class Table:
    """What the comparison is made of: its lines, the years that the questionnaires know, and who is compared."""

    ask: Ask
    lines: Sequence[Line]
    years: Years
    homes: Sequence[tuple[Household, Answers]]

    def line(self, id: str) -> Line:
        """The line of that id."""
        return next(line for line in self.lines if line.id == id)

    @property
    def by_id(self) -> Mapping[str, Line]:
        """The lines by their ids."""
        return {line.id: line for line in self.lines}

    def span(self, period: str) -> str:
        """A period that is no calendar year, in words."""
        first, _, last = period.partition("/")
        parts = [*first.split("-"), *last.split("-")]
        if len(parts) != len(("year", "month")) * 2:
            return period
        y1, m1, y2, m2 = (int(part) for part in parts)
        return self.ask.layout.say("span", y1=y1, m1=m1, y2=y2, m2=m2)


async def read_table(conn: AsyncConnection, ask: Ask) -> Table:
    """The households of the region, or the one that is asked for; RegionEmpty when there is none."""
    lines = lines_of(ask.layout)
    years = years_of(ask.office.content, lines)
    found = await region_wide.homes(conn, ask.region.path)
    homes = [home for home in found if ask.household in (None, home.id)]
    if not homes:
        raise RegionEmpty(region=ask.region.name)
    known = await report_counts.of_periods(conn, ask.region.path, years.names, ask.until)
    return Table(ask, lines, years, [(home, Answers(known.get(home.id, {}), years)) for home in homes])


@dataclass(frozen=True, slots=True)
class Times:
    """The years, periods and presents of which the lines have something to say."""

    targets: tuple[str, ...]
    actuals: tuple[str, ...]
    spans: tuple[str, ...]
    now: bool

    @property
    def years(self) -> list[str]:
        """Every year, in order."""
        return sorted({*self.targets, *self.actuals})


def times_of(table: Table, lines: Sequence[Line], homes: Sequence[Answers]) -> Times:
    """When something was planned or known of these lines at these households."""
    periods = sorted({period for home in homes for period in home.periods})
    known = [
        period
        for period in sorted({*periods, *table.years.targets})
        if any(told(home.first(line.actuals, period)) for home in homes for line in lines)
    ]
    targets = [
        year
        for year in table.years.targets
        if any(told(home.first(line.targets, year)) for home in homes for line in lines)
    ]
    years = [period for period in known if IS_YEAR.fullmatch(period)]
    spans = [period for period in known if period != NOW and not IS_YEAR.fullmatch(period)]
    return Times(tuple(targets), tuple(years), tuple(spans), NOW in known)


def told(found: Found | None) -> bool:
    """Whether something was said, be it that there is nothing."""
    return found is not None and not found.out


def columns_of(table: Table, sheet: SheetLayout, times: Times, lines: Sequence[Line] = ()) -> list[Column]:
    """The columns of a sheet: those of the layout for a year, a period or now are repeated for each of them.

    With `lines` each time has a set of columns for every one of them.
    """
    by_id = {column.id: column for column in sheet.columns}
    made = [column for column in sheet.columns if column.id not in ("target", "actual", "less", "span", "now")]
    each: Sequence[Line | None] = lines or (None,)
    for year in times.years:
        for line in each:
            ids = ("target", "actual", "less") if year in times.targets else ("actual",)
            made += [_column(by_id[id], id, year, line, year=year) for id in ids]
    for period in times.spans:
        made += [_column(by_id["span"], "actual", period, line, span=table.span(period)) for line in each]
    if times.now and "now" in by_id:
        made += [_column(by_id["now"], "actual", NOW, line) for line in each]
    return made


def _column(column: Column, id: str, period: str, line: Line | None, **said: str) -> Column:
    name = "" if line is None else line.name
    head = tuple(part.format(name=name, **said) for part in column.head)
    return replace(column, id=place(id, period, line), head=head)


def place(id: str, period: str, line: Line | None = None) -> str:
    """The id of a column: target, actual or difference, of which time, and of which line."""
    return f"{id} {period}" if line is None else f"{id} {period} {line.id}"


class Comparison:
    """The comparison of one household, line by line."""

    def __init__(self, table: Table, home: Answers) -> None:
        self.table, self.home = table, home
        self.times = times_of(table, table.lines, [home])

    def rows(self) -> list[Row]:
        """The lines of which anything is known, with those that they add up."""
        known = [line for line in self.table.lines if self.speaks(line)]
        added = {id for line in known for source in (*line.targets, *line.actuals) for id in source.adds}
        return [
            row
            for line in self.table.lines
            if line in known or line.id in added
            for row in (self.row(line), *self.details(line))
        ]

    def speaks(self, line: Line) -> bool:
        """Whether anything is known of a line at any time."""
        return any(
            told(self.home.first(sources, period)) or self.adding(sources, period)
            for sources, periods in self.parts(line)
            for period in periods
        )

    def parts(self, line: Line) -> list[tuple[Sequence[Source], Sequence[str]]]:
        """The sources of a line with the times at which they are looked up."""
        now = (NOW,) if self.times.now else ()
        return [(line.targets, self.times.targets), (line.actuals, (*self.times.actuals, *self.times.spans, *now))]

    def adding(self, sources: Sequence[Source], period: str) -> Source | None:
        """The sum among the sources of which a part is known at that time."""
        target = any(source in line.targets for source in sources for line in self.table.lines if source.adds)
        for source in sources:
            for id in source.adds:
                line = self.table.by_id[id]
                own = line.targets if target else line.actuals
                if told(self.home.first(own, period)) or self.adding(own, period):
                    return source
        return None
