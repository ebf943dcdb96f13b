"""The figures of attachment 2 for each township: computed, stated, and what only hints at them (O-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Item
from bot.expressions import Expression, parse
from bot.render.table_layout import Layout
from bot.services.reports.homes import Home, read_homes
from bot.services.reports.report import Ask, Places, RegionEmpty
from bot.storage import region_wide, report_look_back
from bot.storage.regions import Region

REGISTERED: Final = (1, 2)
"""Register statuses of the households of which the third part speaks: not yet lifted, lifted."""
POOR_VILLAGE: Final = "poor_village"
YES: Final = 1
PLACES: Final = 10
"""Digits behind the point up to which sums are kept."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What adds up over households or villages; of `unknown` of them nothing is known."""

    value: int | float
    known: int
    unknown: int

    @property
    def settled(self) -> bool:
        """Whether it says anything: some are known, or there is none to know of."""
        return self.known > 0 or not self.unknown

    def stands(self, said: int | float | None) -> bool:
        """Whether it is the figure: one known of a part only gives way to what the township `said`."""
        return self.settled and (said is None or not self.unknown)


@dataclass(slots=True)
class Town:
    """A township with everything that its column of the table rests on, by the ids of the questions."""

    region: Region
    villages: list[Region]
    said: dict[str, int | float] = field(default_factory=dict)
    """What the township itself stated."""
    computed: dict[str, Figure] = field(default_factory=dict)
    hints: dict[str, Figure] = field(default_factory=dict)
    village_hints: dict[str, Figure] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)


def items_of(ask: Ask) -> list[Item]:
    """The questions of the township's questionnaire that the paper prints, in its order."""
    return [item for item in ask.office.content.form("ts").items if item.no]


async def read_towns(conn: AsyncConnection, ask: Ask, places: Places) -> list[Town]:
    """The townships of the region in the order of the register, with their figures."""
    full = _parsed(ask.layout, "full.")
    hints = _parsed(ask.layout, "hint.")
    names = {name for each in (*full.values(), *hints.values()) for name in (*each.names, *each.row_names)}
    facts = await _of_regions(conn, ask)
    towns = {region.id: Town(region, places.within(region, "village")) for region in places.at("town")}
    for town in towns.values():
        # One township after the other: all answers of a county at once would not fit into memory.
        homes = await homes_of(conn, replace(ask, region=town.region), names, places)
        registered = [home for home in homes if home.get("reg_status") in REGISTERED]
        town.said = _said(items_of(ask), facts.get(town.region.id, {}))
        town.computed = {id: added(each, registered) for id, each in full.items()}
        town.computed |= _of_places(ask.layout, town, registered, facts)
        town.hints = {id: added(each, registered) for id, each in hints.items()}
        for id, fact in ask.layout.under("villages.").items():
            values = [facts.get(village.id, {}).get(fact) for village in town.villages]
            town.village_hints[id] = _sum(values)
    await _struck(conn, ask, places, towns)
    return list(towns.values())


def _parsed(layout: Layout, start: str) -> dict[str, Expression]:
    return {id: parse(text) for id, text in layout.under(start).items()}


async def homes_of(conn: AsyncConnection, ask: Ask, names: Iterable[str], places: Places) -> list[Home]:
    """The households; none is no mistake here: what a region says of itself does not wait for them."""
    try:
        return await read_homes(conn, ask, names, places)
    except RegionEmpty:
        return []


async def _of_regions(conn: AsyncConnection, ask: Ask) -> Mapping[int, Mapping[str, Any]]:
    facts = [item.fact for item in items_of(ask)]
    facts += [POOR_VILLAGE, *ask.layout.under("villages.").values()]
    return await region_wide.facts_until(conn, ask.region.path, facts, ask.until, "region")


def _said(items: Sequence[Item], facts: Mapping[str, Any]) -> dict[str, int | float]:
    """What was stated; a percentage becomes a share of 1."""
    found: dict[str, int | float] = {}
    for item in items:
        value = facts.get(item.fact)
        if isinstance(value, int | float) and item.calc is None:
            found[item.id] = value / 100 if item.kind == "percent" else value
    return found


def added(expression: Expression, homes: Sequence[Home]) -> Figure:
    """What households add up to: one for each that fulfils a condition, or their numbers."""
    return _sum([expression.evaluate(home.facts) for home in homes])


def _sum(values: Sequence[Any]) -> Figure:
    known = [value for value in values if isinstance(value, int | float)]
    total = sum(known)
    tidy = total if isinstance(total, int) else round(total, PLACES)
    return Figure(tidy, len(known), len(values) - len(known))


def _of_places(
    layout: Layout, town: Town, homes: Sequence[Home], facts: Mapping[int, Mapping[str, Any]]
) -> dict[str, Figure]:
    """What the register of places tells: how many villages there are, and which of them are poor."""
    poor = [facts.get(village.id, {}).get(POOR_VILLAGE) for village in town.villages]
    with_poor = {home.household.region_id for home in homes}
    found = {
        "towns": Figure(1, 1, 0),
        "villages": Figure(len(town.villages), 1, 0),
        "villages_with_poor": Figure(len(with_poor), 1, 0),
        "poor_villages": _sum([None if value is None else value == YES for value in poor]),
    }
    return {id: found[what] for id, what in layout.under("place.").items()}


async def _struck(conn: AsyncConnection, ask: Ask, places: Places, towns: Mapping[int, Town]) -> None:
    """The people of problems that are struck off, each once a household."""
    wanted = ask.layout.under("struck.")
    problems = await report_look_back.found(conn, ask.region.path, wanted.values(), ask.before)
    for id, sub in wanted.items():
        names: dict[int, set[tuple[int, str]]] = {}
        for each in problems:
            town = places.of(each.region_id, "town")
            if each.sub_problem == sub and each.closed_at is not None and town is not None:
                people = {(each.household_id, name) for name in each.persons or ("",)}
                names.setdefault(town.id, set()).update(people)
        for town_id, people in names.items():
            towns[town_id].struck[id] = len(people)
