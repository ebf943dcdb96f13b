"""In seven fields, what monthly checks found better, the same or worse than the check before (O-44; mc).

The layout says what is compared in each field: formulas over answers whose higher value is the better one,
under `state_<field>`, several of them parted by semicolons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Expression, parse
from bot.render.chart_view import Chart
from bot.render.table_layout import Layout
from bot.render.table_view import Cell, Column, Row, Sheet, Sum
from bot.rules.calendar import Period, period_of
from bot.services.reports.analysis_parts import Ground, Named, charts_of, ground_of
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import CHECKED
from bot.storage import region_wide
from bot.storage.region_wide import Course

FIELDS: Final = ("housing", "education", "medical", "water", "income", "employment", "living")
"""The sections of the monthly check, in its order."""
Change: TypeAlias = Literal["better", "same", "worse", "open"]
CHANGES: Final[tuple[Change, ...]] = ("better", "same", "worse", "open")
"""`open`: the two checks have no answer in common that could be compared."""
LINED: Final[tuple[Change, ...]] = ("worse", "better")
"""What has a chart of its own, month by month."""
WIDTH: Final = 6.0

State: TypeAlias = Mapping[str, tuple[float | None, ...]]
"""What the formulas of each field came to."""


@dataclass(slots=True)
class Tally:
    """So many checked households, those without an earlier check, and the changes by field."""

    checked: int = 0
    first: int = 0
    changes: Counter[tuple[str, Change]] = field(default_factory=Counter)

    def cells(self) -> dict[str, Cell]:
        """The figures by column."""
        cells: dict[str, Cell] = {"compared": self.checked - self.first, "first": self.first}
        cells["checked"] = Sum(("compared", "first"))
        return cells | {
            f"{name}_{change}": self.changes[name, change] for name in FIELDS for change in CHANGES
        }


@dataclass(frozen=True, slots=True)
class Months:
    """The changes by month and household: `found[month, household]` is empty for a first check."""

    ground: Ground
    months: Sequence[Period]
    found: Mapping[tuple[int, int], Mapping[str, Change]]

    def tally(self, months: Iterable[int], homes: Iterable[int]) -> Tally:
        """The changes of some months at some households; the months by their place in the row."""
        tally, chosen = Tally(), list(homes)
        for at in months:
            for id in chosen:
                changes = self.found.get((at, id))
                if changes is None:
                    continue
                tally.checked += 1
                tally.first += not changes
                tally.changes.update(changes.items())
        return tally


def formulas(layout: Layout) -> dict[str, tuple[Expression, ...]]:
    """What is compared in each field; ExpressionError when a formula cannot be read."""
    return {
        name: tuple(parse(each.strip()) for each in layout.say(f"state_{name}").split(";")) for name in FIELDS
    }


def compared(before: Sequence[float | None], now: Sequence[float | None]) -> Change:
    """How a field changed: worse when any answer is worse, better when some are better and none is worse."""
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old is not None and new is not None]
    if any(new < old for old, new in pairs):
        return "worse"
    if any(new > old for old, new in pairs):
        return "better"
    return "same" if pairs else "open"


def state(course: Course, day: date, fields: Mapping[str, Sequence[Expression]]) -> State:
    """The formulas on the answers of a household as they were at the end of that day."""
    facts: dict[str, Any] = {}
    for name, values in course.items():
        facts[name] = next((value for on, value in reversed(values) if on <= day), None)
    return {name: tuple(each.evaluate(facts) for each in of) for name, of in fields.items()}


def course_of_months(
    course: Course, months: Sequence[Period], fields: Mapping[str, Sequence[Expression]]
) -> dict[int, Mapping[str, Change]]:
    """The changes of a household by month: its last check of the month against the last one before it."""
    checks = [on for on, way in course.get(CHECKED, ()) if way is not None]
    found: dict[int, Mapping[str, Change]] = {}
    for at, month in enumerate(months):
        here = [on for on in checks if month.first <= on <= month.last]
        earlier = [on for on in checks if on < month.first]
        if here and not earlier:
            found[at] = {}
        elif here:
            before, now = (state(course, days[-1], fields) for days in (earlier, here))
            found[at] = {name: compared(before[name], now[name]) for name in fields}
    return found


def months_of(first: date, until: date) -> list[Period]:
    """The months from `first` to `until`, the outer ones cut off."""
    months: list[Period] = []
    while first <= until:
        last = min(period_of(first, "month").last, until)
        months.append(Period(first, last))
        first = last + timedelta(days=1)
    return months


async def read_months(conn: AsyncConnection, ask: Ask) -> Months:
    """The changes of the region's households month by month."""
    ground, fields = await ground_of(conn, ask), formulas(ask.layout)
    names = {name for each in fields.values() for formula in each for name in formula.names}
    told = await region_wide.history(conn, ask.region.path, {CHECKED, *names}, ask.until)
    months = months_of(ask.period.first, ask.until)
    found = {
        (at, id): changes
        for id, course in told.items()
        for at, changes in course_of_months(course, months, fields).items()
    }
    return Months(ground, months, found)


# --------------------------------------------------------------------------------------------------- sheets


def wide(ask: Ask, sheet: str) -> list[Column]:
    """The layout's columns, and four for each field."""
    say = ask.layout.say
    return [
        *ask.layout.sheet(sheet).columns,
        *(
            Column(f"{name}_{change}", (say(name), say(change)), "integer", WIDTH, total=True)
            for name in FIELDS
            for change in CHANGES
        ),
    ]


def names_of(ask: Ask, months: Sequence[Period]) -> list[str]:
    """The months in words."""
    return [ask.layout.say("month", year=each.first.year, month=each.first.month) for each in months]


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-44: month by month, and place by place over all months."""
    seen = await read_months(conn, ask)
    everybody = [home.id for home in seen.ground.homes]
    by_month = [
        Row({"month": name, **seen.tally([at], everybody).cells()})
        for at, name in enumerate(names_of(ask, seen.months))
    ]
    all_months = range(len(seen.months))
    by_place = [
        Row({"place": part.name, **seen.tally(all_months, part.homes).cells()}) for part in seen.ground.parts
    ]
    return [
        ask.layout.sheet(id).filled(rows, ask.said(), columns=wide(ask, id))
        for id, rows in (("main", by_month), ("places", by_place))
    ]


# --------------------------------------------------------------------------------------------------- charts


async def draw(conn: AsyncConnection, ask: Ask) -> Sequence[Chart]:
    """O-44 as charts: the fields side by side, then month by month what became worse and what better."""
    seen = await read_months(conn, ask)
    everybody = [home.id for home in seen.ground.homes]
    monthly = [seen.tally([at], everybody) for at in range(len(seen.months))]
    whole = seen.tally(range(len(seen.months)), everybody)
    say, labels = ask.layout.say, names_of(ask, seen.months)
    fields = charts_of(
        ask,
        "fields",
        "stacked",
        [say(name) for name in FIELDS],
        {
            change: (say(change), [whole.changes[name, change] for name in FIELDS])
            for change in ("better", "same", "worse")
        },
    )
    since = next((at for at, each in enumerate(monthly) if each.checked > each.first), 0)
    courses = [
        charts_of(ask, change, "lines", labels[since:], _lines(ask, monthly[since:], change))
        for change in LINED
    ]
    return [*fields, *(chart for charts in courses for chart in charts)]


def _lines(ask: Ask, monthly: Sequence[Tally], change: Change) -> dict[str, Named]:
    """A line for each field; a month in which nothing could be compared has no figure."""
    return {
        name: (
            ask.layout.say(name),
            [each.changes[name, change] if each.checked > each.first else None for each in monthly],
        )
        for name in FIELDS
    }


REPORTS: Final = (Report("O-44", make, per="year", shelf="analysis", draw=draw),)
