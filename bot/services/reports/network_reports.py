"""The six monthly reports of the net of three levels, from the group to the inspectors (O-20; 004:205-211).

Each channel lists what it found itself in the month; opinions and signatures are left to be written by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Row, Sheet
from bot.rules.calendar import period_of, until_day
from bot.services.reports.answers import words_of
from bot.services.reports.monitoring_ledgers import APART, CELLS, NONE, Writer
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import Watched, watch
from bot.storage import region_wide
from bot.storage.regions import Level

Channel: TypeAlias = Literal["check", "visit", "inspection"]
"""How a household came to be reported: the group's survey, the helper's talk, the inspectors."""
REPORTED: Final[Mapping[str, tuple[str, Channel]]] = {
    "group": ("F-15", "check"),
    "village": ("F-15-village", "check"),
    "town": ("F-15-town", "check"),
    "helper": ("F-16", "visit"),
    "unit": ("F-16-unit", "visit"),
    "inspection": ("F-17", "inspection"),
}
"""For each sheet the duty that it fulfils, and whose finds it lists."""
SENT_BY: Final[Mapping[Level, tuple[str, ...]]] = {
    "village": ("group", "village", "helper"),
    "town": ("town",),
    "county": ("unit", "inspection"),
}
"""The reports that come from each level; to the county come those of its units and of its inspectors."""
BY_UNIT: Final = "unit"
BY_GROUP: Final = "group"
TELLS: Final[Mapping[Channel, tuple[str, str]]] = {
    "check": ("monthly_risks", "monthly_risk_description"),
    "visit": ("visit_risks", "visit_risk_description"),
}
"""The answers in which a channel says what the risk is, and what is to be solved (004:207)."""
SOURCE: Final = "info_source"
BY_INSPECTION: Final = 4
"""Code of what inspectors brought in (ys.13)."""
RECEIVED: Final = "info_received_on"
CAUSE: Final = "hardship_causes"
CAUSES: Final = (CAUSE, "town_risk_factors", "return_risk_causes", "poverty_risk_causes")
"""Where the causes of falling back stand: what was said of the cause itself goes before risks found later."""
FOUND: Final = tuple(risk for risk, _ in TELLS.values())
"""The risks that say why, where no cause was written down."""
FACTS: Final = (*APART, SOURCE, RECEIVED, *CAUSES, *FOUND)


@dataclass(frozen=True, slots=True)
class Find:
    """A household that a channel found in the month; `risks` and `words` are answers as they were given."""

    home: Watched
    on: date
    risks: Any
    words: str | None


async def finds(conn: AsyncConnection, ask: Ask, channel: Channel, homes: Sequence[Watched]) -> list[Find]:
    """What a channel found in the period, in the register's order; of several times the last."""
    first, until = ask.period.first, ask.until
    if channel == "inspection":
        return [
            Find(home, day, home.get(TELLS["check"][0]), None)
            for home in homes
            if home.get(SOURCE) == BY_INSPECTION
            and (day := home.day(RECEIVED)) is not None
            and first <= day <= until
        ]
    risk, told = TELLS[channel]
    answers = await region_wide.history(conn, ask.region.path, [risk, told], until)
    found: list[Find] = []
    for home in homes:
        course = answers.get(home.household.id, {})
        said = [(on, value) for on, value in course.get(risk, ()) if first <= on]
        if said and _risky(said[-1][1]):
            on, value = said[-1]
            text = next((text for day, text in reversed(course.get(told, ())) if day == on), None)
            found.append(Find(home, on, value, text))
    return found


def _risky(value: Any) -> bool:
    return isinstance(value, list) and any(code != NONE for code in value)


def causes(to: Writer, find: Find, risk: str) -> Cell:
    """Why a household may fall back: the first that says so; `risk` is the answer in which the find did."""
    home = find.home
    told = [(name, home.get(name)) for name in CAUSES]
    told += [(risk, find.risks), *((name, home.get(name)) for name in FOUND)]
    for name, value in told:
        if _risky(value):
            return to.shown(name, [code for code in value if code != NONE])
    return to.shown(CAUSE, home.get(CAUSE))


def deadline(ask: Ask, to: Writer, duty: str) -> str:
    """By when the report is due in the month, in words; "" when the scheme asks for none."""
    rule = next((each for each in to.pack.frequencies if each.id == duty), None)
    month = period_of(ask.period.last, "month")
    day = to.pack.parameters_on(month.last)[rule.day] if rule is not None and rule.day else None
    if day is None:
        return ""
    return to.say("deadline", day=ask.office.say("reports.day", day=until_day(month, int(day)).last))


def sheet(ask: Ask, to: Writer, id: str, found: Sequence[Find], facts: Mapping[str, object]) -> Sheet:
    """One of the six reports."""
    duty, channel = REPORTED[id]
    layout = ask.layout.sheet(id)
    risk = TELLS["check" if channel == "inspection" else channel][0]
    rows: list[Row] = []
    group, number = None, 0
    for find in found:
        if id == BY_GROUP and find.home.household.village_group != group:
            group, number = find.home.household.village_group, 0
            rows.append(Row({"place": group or to.say("no_group")}, standing="heading"))
        number += 1
        own: dict[str, Cell] = {
            "no": number,
            "found_on": find.on,
            CAUSE: causes(to, find, risk),
            "risk": to.shown(risk, [code for code in find.risks or () if code != NONE]),
            "words": words_of(find.words),
        }
        cells: dict[str, Cell] = {}
        for column in layout.columns:
            if column.id in own:
                cells[column.id] = own[column.id]
            elif column.id in CELLS:
                cells[column.id] = CELLS[column.id](to, find.home)
            else:
                cells[column.id] = to.shown(column.id, find.home.get(column.id))
        rows.append(Row(cells))
    return layout.filled(rows, {**facts, "deadline": deadline(ask, to, duty)})


def by_unit(found: Sequence[Find]) -> list[Find]:
    """The finds of each helping unit together; those of nobody last."""
    units = list(dict.fromkeys(find.home.keeper.unit for find in found if find.home.keeper))
    order = {unit: at for at, unit in enumerate(units)}

    def place(find: Find) -> int:
        return len(order) if find.home.keeper is None else order[find.home.keeper.unit]

    return sorted(found, key=place)


def by_group(found: Sequence[Find]) -> list[Find]:
    """The finds of each group together, in the order in which the register first names the groups."""
    groups = list(dict.fromkeys(find.home.household.village_group for find in found))
    return sorted(found, key=lambda find: groups.index(find.home.household.village_group))


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-20: the reports for the month that come from the region's level."""
    seen = await watch(conn, ask, FACTS)
    to = Writer(ask, seen.pack, seen.indicators)
    facts = ask.said(scheme=seen.pack.scheme.name)
    told: dict[Channel, list[Find]] = {}
    sheets = []
    ordered = {BY_UNIT: by_unit, BY_GROUP: by_group}
    for id in SENT_BY[ask.region.level]:
        _, channel = REPORTED[id]
        if channel not in told:
            told[channel] = await finds(conn, ask, channel, seen.homes)
        found = ordered[id](told[channel]) if id in ordered else told[channel]
        sheets.append(sheet(ask, to, id, found, facts))
    return sheets


REPORTS: Final = (Report("O-20", make, per="month", schemes=("n6",), shelf="monthly"),)
