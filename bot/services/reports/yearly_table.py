"""What the yearly comparison knows: households, what each answered for which time, and the columns for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import SheetLayout
from bot.render.table_view import Column
from bot.services.reports.homes import households_of
from bot.services.reports.report import Ask, RegionEmpty
from bot.services.reports.yearly_answers import IS_YEAR, NOW, Answers, Found, Years, years_of
from bot.services.reports.yearly_lines import Line, Source, lines_of
from bot.storage import report_counts
from bot.storage.households import Household

Side: TypeAlias = Literal["target", "actual"]
REPEATED: Final = ("target", "actual", "less", "span", "now")
"""Columns of a layout that are repeated for every time."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is compared: lines, the years that the questionnaires know, and the households."""

    ask: Ask
    lines: Mapping[str, Line]
    years: Years
    homes: Sequence[tuple[Household, Answers]]

    def span(self, period: str) -> str:
        """A period that is no calendar year, in words."""
        months = [int(part) for end in period.split("/") for part in end.split("-")]
        y1, m1, y2, m2 = months
        return self.ask.layout.say("span", y1=y1, m1=m1, y2=y2, m2=m2)


async def read_table(conn: AsyncConnection, ask: Ask) -> Table:
    """The households of the region, or the one that is asked for; RegionEmpty when there is none."""
    lines = lines_of(ask.layout)
    years = years_of(ask.office.content, lines)
    homes = [home for home in await households_of(conn, ask) if ask.household in (None, home.id)]
    if not homes:
        raise RegionEmpty(region=ask.region.name)
    known = await report_counts.of_periods(conn, ask.region.path, years.names, ask.until)
    own = [(home, Answers(known.get(home.id, {}), years)) for home in homes]
    return Table(ask, {line.id: line for line in lines}, years, own)


class Comparison:
    """What is known of one household, line by line."""

    def __init__(self, table: Table, home: Answers) -> None:
        self.table, self.home = table, home

    def held(self, line: Line, side: Side, period: str) -> Found | Source | None:
        """What stands in the first source that has something; or the source that adds up lines that have."""
        out = None
        for source in line.targets if side == "target" else line.actuals:
            if source.adds:
                if any(self.held(self.table.lines[id], side, period) for id in source.adds):
                    return source
            elif found := self.home.look(source, period):
                if not found.out:
                    return found
                out = found
        return out

    def figure(self, line: Line, side: Side, period: str) -> int | float | None:
        """The figure that was answered itself, not one added up."""
        for source in line.targets if side == "target" else line.actuals:
            found = None if source.adds else self.home.look(source, period)
            if found is not None and isinstance(found.value, int | float):
                return found.value
        return None

    def told(self, line: Line, side: Side, period: str) -> bool:
        """Whether something was said of it."""
        held = self.held(line, side, period)
        return isinstance(held, Source) or (held is not None and not held.out)


@dataclass(frozen=True, slots=True)
class Times:
    """The years, periods and presents of which there is something to say."""

    targets: tuple[str, ...]
    actuals: tuple[str, ...]
    spans: tuple[str, ...]
    now: bool

    @property
    def years(self) -> list[str]:
        """Every year, in order."""
        return sorted({*self.targets, *self.actuals})

    @property
    def spots(self) -> list[tuple[Side, str]]:
        """Every time, on the side of targets and on that of what happened; also where only one is known."""
        shown = [*self.years, *self.spans, *([NOW] if self.now else [])]
        return [("target", year) for year in self.targets] + [("actual", period) for period in shown]


def times_of(table: Table, lines: Iterable[Line], homes: Sequence[Comparison]) -> Times:
    """When something was planned, or is known, of these lines at these households."""
    chosen = list(lines)
    periods = sorted({NOW, *table.years.targets, *(period for home in homes for period in home.home.periods)})
    told = {
        side: [
            period
            for period in periods
            if any(home.told(line, side, period) for home in homes for line in chosen)
        ]
        for side in ("target", "actual")
    }
    happened = told["actual"]
    return Times(
        tuple(period for period in told["target"] if period in table.years.targets),
        tuple(period for period in happened if IS_YEAR.fullmatch(period)),
        tuple(period for period in happened if period != NOW and not IS_YEAR.fullmatch(period)),
        NOW in happened,
    )


def columns_of(table: Table, sheet: SheetLayout, times: Times, lines: Sequence[Line] = ()) -> list[Column]:
    """The columns of a sheet: those for a year, a period or now are there once for each of them.

    With `lines` each time has columns for every one of them.
    """
    by_id = {column.id: column for column in sheet.columns}
    made = [column for column in sheet.columns if column.id not in REPEATED]
    each: Sequence[Line | None] = lines or (None,)
    for year in times.years:
        ids = ("target", "actual", "less") if year in times.targets else ("actual",)
        made += [_column(by_id[id], id, year, line, year=year) for line in each for id in ids]
    for period in times.spans:
        made += [_column(by_id["span"], "actual", period, line, span=table.span(period)) for line in each]
    if times.now:
        made += [_column(by_id["now"], "actual", NOW, line) for line in each]
    return made


def _column(column: Column, id: str, period: str, line: Line | None, **said: str) -> Column:
    name = "" if line is None else line.name
    head = tuple(part.format(name=name, **said) for part in column.head)
    return replace(column, id=place(id, period, line), head=head)


def place(id: str, period: str, line: Line | None = None) -> str:
    """The id of a column: target, actual or difference, of which time, and of which line."""
    return " ".join((id, period, line.id if line is not None else ""))
