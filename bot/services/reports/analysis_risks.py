"""Which risks households have, place by place and by cause (O-43; gs.4.2, mc.8, cs.4, cs.5).

One household has up to three risks: every figure counts households, and the causes do not add up to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import Chart
from bot.render.table_layout import SheetLayout
from bot.render.table_view import Cell, Column, Row, Sheet, Sum
from bot.services.reports.analysis_parts import (
    Ground,
    Named,
    Part,
    charts_of,
    ground_of,
    ids,
    told_apart,
)
from bot.services.reports.report import Ask, Report
from bot.storage import region_wide

MAIN: Final = "main_risks"
MONTHLY: Final = "monthly_risks"
ELIMINATION: Final = "risk_elimination"
ELIMINATED: Final = 1
"""Code of a risk that is gone for good (gs.8)."""
VERIFIED: Final = ("return_risk_causes", "poverty_risk_causes")
"""Causes that the verification of cards names, of lifted households and of all."""
DENIED: Final = ("return_risk", 2)
"""The answer that a lifted household has no risk of falling back."""
NONE: Final = 0
"""The code by which a choice of several says that there is none."""
WIDTH: Final = 8.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a household's risks: `kinds` are codes of main_risks.

    `known` is whether anything was said, `gone` that its risks are over, `plan` that its own plan names them.
    """

    kinds: frozenset[int]
    known: bool
    gone: bool = False
    plan: bool = False


@dataclass(frozen=True, slots=True)
class Risks:
    """The risks of the households of a region, and what monthly checks of the period found."""

    ground: Ground
    kinds: Mapping[int, str]
    monthly_kinds: Mapping[int, str]
    standing: Mapping[int, Standing]
    monthly: Mapping[int, frozenset[int]]
    """By household that was checked in the period; empty where no check found a risk."""

    def of(self, homes: Iterable[int]) -> dict[str, Cell]:
        """The figures of some households, by column."""
        said = [self.standing[id] for id in homes]
        cells: dict[str, Cell] = {
            "all": Sum(("with", "none", "gone", "unasked")),
            "with": sum(bool(each.kinds) for each in said),
            "none": sum(each.known and not each.gone and not each.kinds for each in said),
            "gone": sum(each.gone for each in said),
            "unasked": sum(not each.known for each in said),
            "verified": sum(bool(each.kinds) and not each.plan for each in said),
        }
        return cells | {f"r{code}": count for code, count in self.counts(homes).items()}

    def counts(self, homes: Iterable[int]) -> dict[int, int]:
        """Of some households how many have each risk, by its code."""
        said = [self.standing[id].kinds for id in homes]
        return {code: sum(code in kinds for kinds in said) for code in self.kinds}

    def of_month(self, homes: Iterable[int]) -> dict[str, Cell]:
        """What the checks of some households found, by column."""
        found = [self.monthly[id] for id in homes if id in self.monthly]
        cells: dict[str, Cell] = {
            "checked": Sum(("with", "none")),
            "with": sum(map(bool, found)),
            "none": sum(not each for each in found),
        }
        return cells | {f"r{code}": count for code, count in self.month_counts(homes).items()}

    def month_counts(self, homes: Iterable[int]) -> dict[int, int]:
        """At how many of some households the checks found each risk, by its code."""
        found = [self.monthly[id] for id in homes if id in self.monthly]
        return {code: sum(code in kinds for kinds in found) for code in self.monthly_kinds}


async def read_risks(conn: AsyncConnection, ask: Ask) -> Risks:
    """The risks as known at the end of the period, and those of its monthly checks."""
    content, top = ask.office.content, ask.region.path
    ground = await ground_of(conn, ask)
    names = (MAIN, ELIMINATION, DENIED[0], *VERIFIED)
    facts = await region_wide.facts_until(conn, top, names, ask.until)
    recode = {
        rule.source: rule.codes for rule in content.reuse.rows[MAIN] if rule.source in VERIFIED and rule.codes
    }
    monthly: dict[int, frozenset[int]] = {}
    for id, said in (await region_wide.history(conn, top, [MONTHLY], ask.until)).items():
        of_period = [codes for on, codes in said[MONTHLY] if ask.period.first <= on and codes is not None]
        if of_period:
            monthly[id] = frozenset(code for codes in of_period for code in codes if code != NONE)
    return Risks(
        ground,
        content.registry[MAIN].options,
        {code: label for code, label in content.registry[MONTHLY].options.items() if code != NONE},
        {home.id: standing(facts.get(home.id, {}), recode) for home in ground.homes},
        monthly,
    )


def standing(facts: Mapping[str, Any], recode: Mapping[str, Mapping[int, int]]) -> Standing:
    """The risks of a household: those of its plan; without one those that the verification names.

    `recode` says for each of VERIFIED which code of main_risks each of its codes is.
    """
    if facts.get(MAIN):
        gone = facts.get(ELIMINATION) == ELIMINATED
        return Standing(frozenset() if gone else frozenset(facts[MAIN]), known=True, gone=gone, plan=True)
    said = {name: facts[name] for name in VERIFIED if facts.get(name) is not None}
    kinds = {recode[name][code] for name, codes in said.items() for code in codes if code in recode[name]}
    return Standing(frozenset(kinds), known=bool(said) or facts.get(DENIED[0]) == DENIED[1])


# --------------------------------------------------------------------------------------------------- sheets


def wide(layout: SheetLayout, kinds: Mapping[int, str], head: str) -> list[Column]:
    """The layout's columns, with one for each risk before the last one, which adds them up."""
    *first, last = layout.columns
    return [
        *first,
        *(Column(f"r{code}", (head, label), "integer", WIDTH, total=True) for code, label in kinds.items()),
        last,
    ]


def by_place(
    ask: Ask, risks: Risks, sheet: str, kinds: Mapping[int, str], figures: Callable[..., dict[str, Cell]]
) -> Sheet:
    """A row for each part of the region."""
    layout = ask.layout.sheet(sheet)
    times = Sum(tuple(f"r{code}" for code in kinds))
    rows = [Row({"place": part.name, **figures(part.homes), "times": times}) for part in risks.ground.parts]
    return layout.filled(rows, ask.said(), columns=wide(layout, kinds, ask.layout.say("kinds")))


def by_village(ask: Ask, risks: Risks) -> Sheet:
    """A row for each village of a county, with the sum of each township."""
    layout, places = ask.layout.sheet("villages"), risks.ground.places
    times = Sum(tuple(f"r{code}" for code in risks.kinds))
    homes: dict[int, list[int]] = {}
    for home in risks.ground.homes:
        homes.setdefault(home.region_id, []).append(home.id)
    rows = []
    for town in places.at("town"):
        villages = places.within(town, "village")
        for village in villages:
            inside = homes.get(village.id, [])
            rows.append(Row({"town": town.name, "village": village.name, **risks.of(inside), "times": times}))
        if villages:
            rows.append(Row({"town": ask.layout.say("of_town", town=town.name)}, "subtotal"))
    return layout.filled(rows, ask.said(), columns=wide(layout, risks.kinds, ask.layout.say("kinds")))


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-43: place by place, at a county also village by village, and what monthly checks found."""
    risks = await read_risks(conn, ask)
    sheets = [by_place(ask, risks, "main", risks.kinds, risks.of)]
    if ask.region.level == "county":
        sheets.append(by_village(ask, risks))
    return [*sheets, by_place(ask, risks, "monthly", risks.monthly_kinds, risks.of_month)]


# --------------------------------------------------------------------------------------------------- charts


async def draw(conn: AsyncConnection, ask: Ask) -> Sequence[Chart]:
    """O-43 as charts: by cause, place by place, and what monthly checks found."""
    return charts(ask, await read_risks(conn, ask))


def charts(ask: Ask, risks: Risks) -> list[Chart]:
    """The charts, of the same figures as the sheets."""
    everybody = ids(risks.ground.homes)
    households = ask.layout.say("households")
    causes = charts_of(
        ask,
        "causes",
        "bars",
        list(risks.kinds.values()),
        {"households": (households, list(risks.counts(everybody).values()))},
    )
    parts = [(part, risks.counts(part.homes)) for part in risks.ground.parts]
    place = charts_of(ask, "places", "stacked", [part.name for part, _ in parts], _stacks(ask, risks, parts))
    month = charts_of(
        ask,
        "monthly",
        "bars",
        list(risks.monthly_kinds.values()),
        {"monthly": (households, list(risks.month_counts(everybody).values()))},
    )
    return [*causes, *place, *month]


def _stacks(ask: Ask, risks: Risks, parts: Sequence[tuple[Part, Mapping[int, int]]]) -> dict[str, Named]:
    """The risks that there are, each over all parts."""
    found: dict[str, Named] = {
        f"r{code}": (label, [counts[code] for _, counts in parts])
        for code, label in risks.kinds.items()
        if any(counts[code] for _, counts in parts)
    }
    return told_apart(found, lambda count: ask.layout.say("other_kinds", count=count))


REPORTS: Final = (Report("O-43", make, per="month", shelf="analysis", draw=draw),)
