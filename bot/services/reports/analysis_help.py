"""Every household before, during and after its help: "one household, one course" (O-45; sp.9, gp, mc)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import Chart
from bot.render.table_view import Cell, Row, Sheet, Sum
from bot.services.reports.analysis_parts import Ground, charts_of, ground_of
from bot.services.reports.answers import shown, words_of
from bot.services.reports.homes import named
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import CHECKED
from bot.storage import region_wide
from bot.storage.region_wide import Course

STAGES: Final[Mapping[str, str]] = {
    "before": "state_before_help",
    "during": "state_during_help",
    "after": "state_after_help",
}
"""The three assessments of the short plan (sp.9)."""
BASE: Final = ("base_disposable_income_pc", "house_grade", "drinking_water_state")
"""How the plan of 2018 found the household (gp.b12.2, gp.b1.10, gp.b2.1)."""
CHECK: Final = ("forecast_income_per_capita", "house_safe_now", "guarantee_gap_count", "monitoring_advice")
"""What the last monthly check found (mc.5, mc.1, mc.9, mc.11)."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What is known of a household: the assessments by stage, its facts, and the day of the last check."""

    stages: Mapping[str, tuple[date, str]]
    facts: Mapping[str, Any]
    checked: date | None


@dataclass(frozen=True, slots=True)
class Help:
    """The households of a region with their assessments."""

    ground: Ground
    stands: Mapping[int, Stand]

    def of(self, homes: Iterable[int]) -> dict[str, Cell]:
        """The figures of some households, by column."""
        found = [self.stands[id] for id in homes]
        cells: dict[str, Cell] = {"all": Sum(("some", "none"))}
        cells |= {
            "some": sum(bool(each.stages) for each in found),
            "none": sum(not each.stages for each in found),
            "every": sum(len(each.stages) == len(STAGES) for each in found),
        }
        return cells | {stage: sum(stage in each.stages for each in found) for stage in STAGES}


async def read_help(conn: AsyncConnection, ask: Ask) -> Help:
    """What was known at the end of the period."""
    ground = await ground_of(conn, ask)
    names = {*STAGES.values(), *BASE, CHECKED, *CHECK}
    told = await region_wide.history(conn, ask.region.path, names, ask.until)
    return Help(ground, {home.id: stand(told.get(home.id, {})) for home in ground.homes})


def stand(course: Course) -> Stand:
    """The last of everything; a text that was taken back is gone."""
    last = {name: values[-1] for name, values in course.items()}
    told = {stage: last[fact] for stage, fact in STAGES.items() if fact in last}
    stages = {stage: (on, str(text)) for stage, (on, text) in told.items() if text}
    checks = [on for on, way in course.get(CHECKED, ()) if way is not None]
    facts: dict[str, Any] = {name: last[name][1] for name in (*BASE, *CHECK) if name in last}
    return Stand(stages, facts, checks[-1] if checks else None)


# --------------------------------------------------------------------------------------------------- sheets


def main(ask: Ask, seen: Help) -> Sheet:
    """How many households have which assessment, place by place."""
    rows = [Row({"place": part.name, **seen.of(part.homes)}) for part in seen.ground.parts]
    return ask.layout.sheet("main").filled(rows, ask.said())


def listed(ask: Ask, seen: Help) -> Sheet:
    """Household by household what stands where; those of which nothing is known are left out."""
    places, content, joint = seen.ground.places, ask.office.content, ask.layout.say("joint")
    rows: list[Row] = []
    for home in seen.ground.homes:
        each = seen.stands[home.id]
        if not each.stages and each.checked is None and not any(each.facts.get(name) for name in BASE):
            continue
        cells: dict[str, Cell] = {
            "no": len(rows) + 1,
            **named(home, *places.names(home.region_id)),
            "checked": each.checked,
        }
        for stage in STAGES:
            on, text = each.stages.get(stage, (None, None))
            cells |= {stage: words_of(text), f"{stage}_on": on}
        cells |= {name: shown(content, name, each.facts.get(name), joint) for name in (*BASE, *CHECK)}
        rows.append(Row(cells))
    return ask.layout.sheet("list").filled(rows, ask.said())


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-45: how many have been assessed, and household by household."""
    seen = await read_help(conn, ask)
    return [main(ask, seen), listed(ask, seen)]


# --------------------------------------------------------------------------------------------------- charts


async def draw(conn: AsyncConnection, ask: Ask) -> Sequence[Chart]:
    """O-45 as a chart: the assessments place by place."""
    seen = await read_help(conn, ask)
    parts = [(part, seen.of(part.homes)) for part in seen.ground.parts]
    series = {
        stage: (ask.layout.say(stage), [_figure(cells[stage]) for _, cells in parts]) for stage in STAGES
    }
    return charts_of(ask, "stages", "bars", [part.name for part, _ in parts], series)


def _figure(cell: Cell) -> float | None:
    return cell if isinstance(cell, int | float) else None


REPORTS: Final = (Report("O-45", make, shelf="analysis", draw=draw),)
