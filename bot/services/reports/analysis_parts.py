"""What every analysis of a region needs: the places it compares, and charts that stay readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.charts import Chart, Kind, Series
from bot.render.table_layout import Layout
from bot.services.reports.report import Ask, Places, RegionEmpty, places_of
from bot.storage import region_wide
from bot.storage.households import Household

MOST: Final = 30
"""So many categories stand on one chart; what is beyond that goes on the next one."""
MOST_SERIES: Final = 8
"""So many series can be told apart by their colours."""

Named: TypeAlias = tuple[str, Sequence[float | None]]
"""A series of a chart: its name and its figures."""


@dataclass(frozen=True, slots=True)
class Part:
    """A place that is compared with others, with the ids of its households in the register's order."""

    name: str
    homes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The region of an analysis: its places, its households, and the parts that it is divided into."""

    places: Places
    homes: Sequence[Household]
    parts: Sequence[Part]


async def ground_of(conn: AsyncConnection, ask: Ask) -> Ground:
    """Townships of a county, villages of a township, groups of a village; RegionEmpty without a household.

    The word `ungrouped` of the layout stands for households of a village whose group nobody wrote down.
    """
    places = await places_of(conn, ask.region)
    homes = await region_wide.homes(conn, ask.region.path)
    if not homes:
        raise RegionEmpty(region=ask.region.name)
    if ask.region.level == "village":
        parts = groups(homes, ask.layout.say("ungrouped"))
        return Ground(places, homes, parts if len(parts) > 1 else [Part(ask.region.name, ids(homes))])
    inside: dict[int, list[Household]] = {part.id: [] for part in places.parts}
    for home in homes:
        inside[places.part(home.region_id).id].append(home)
    return Ground(places, homes, [Part(part.name, ids(inside[part.id])) for part in places.parts])


def groups(homes: Sequence[Household], ungrouped: str) -> list[Part]:
    """The groups of a village, in the register's order; those without one last."""
    found: dict[str, list[Household]] = {}
    for home in homes:
        found.setdefault(home.village_group, []).append(home)
    rest = found.pop("", [])
    parts = [Part(name, ids(here)) for name, here in found.items()]
    return [*parts, Part(ungrouped, ids(rest))] if rest else parts


def ids(homes: Sequence[Household]) -> tuple[int, ...]:
    """The ids of households."""
    return tuple(home.id for home in homes)


def colour(layout: Layout, id: str) -> str | None:
    """The colour that the layout gives to a series; None: the chart chooses."""
    return layout.words.get(f"colour_{id}")


def known(values: Sequence[float | None]) -> bool:
    """Whether there is anything to draw: a figure that is known and not zero."""
    return any(values)


def told_apart(named: Mapping[str, Named], rest: Callable[[int], str]) -> dict[str, Named]:
    """The series as they are, or the first ones with the sum of all others, called `rest(how many)`."""
    if len(named) <= MOST_SERIES:
        return dict(named)
    shown = dict(list(named.items())[: MOST_SERIES - 1])
    others = [values for id, (_, values) in named.items() if id not in shown]
    summed = [sum(value or 0 for value in values) for values in zip(*others, strict=True)]
    return {**shown, "others": (rest(len(others)), summed)}


def pages(chart: Chart, layout: Layout) -> list[Chart]:
    """The chart, on as many pages of about the same size as its categories need.

    The word `chart_page` of the layout names a page, with {title}, {page} and {pages}.
    """
    count = ceil(len(chart.categories) / MOST)
    if count <= 1:
        return [chart]
    size = ceil(len(chart.categories) / count)
    return [_page(chart, layout, at, size, count) for at in range(count)]


def _page(chart: Chart, layout: Layout, at: int, size: int, count: int) -> Chart:
    span = slice(at * size, (at + 1) * size)
    return replace(
        chart,
        title=layout.say("chart_page", title=chart.title, page=at + 1, pages=count),
        categories=tuple(chart.categories[span]),
        series=tuple(replace(each, values=tuple(each.values[span])) for each in chart.series),
    )


def chart_of(
    ask: Ask,
    name: str,
    kind: Kind,
    categories: Sequence[str],
    series: Mapping[str, Named],
    **facts: object,
) -> Chart:
    """A chart with the words `{name}_title`, `{name}_unit`, `{name}_note` and `{name}_empty` of the layout.

    `series` are (name, values) by id; an id may have a colour of its own. {secret} is "" unless given.
    """
    said = ask.said(**{"secret": "", **facts})

    def word(what: str) -> str:
        key = f"{name}_{what}"
        return ask.layout.say(key, **said) if key in ask.layout.words else ""

    anything = any(known(values) for _, values in series.values())
    return Chart(
        title=word("title"),
        subtitle=ask.layout.say("chart_subtitle", **said),
        kind=kind,
        categories=tuple(categories),
        series=tuple(
            Series(label, tuple(values), colour(ask.layout, id)) for id, (label, values) in series.items()
        )
        if anything
        else (),
        unit=word("unit"),
        note=word("note"),
        empty=word("empty"),
    )
