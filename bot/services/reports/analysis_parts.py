"""What every analysis of a region needs: the places it compares, and charts that stay readable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import MOST_CATEGORIES, PALETTE, Chart, Kind, Series
from bot.render.table_layout import Layout
from bot.services.reports.homes import households_of
from bot.services.reports.report import Ask, Places, places_of
from bot.storage.households import Household

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
    homes = await households_of(conn, ask)
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


def told_apart(named: Mapping[str, Named], rest: Callable[[int], str]) -> dict[str, Named]:
    """The series as they are, or the first ones with the sum of all others, called `rest(how many)`."""
    if len(named) <= len(PALETTE):
        return dict(named)
    shown = dict(list(named.items())[: len(PALETTE) - 1])
    others = [values for id, (_, values) in named.items() if id not in shown]
    summed = [_sum(values) for values in zip(*others, strict=True)]
    return {**shown, "others": (rest(len(others)), summed)}


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def spans(count: int) -> list[slice]:
    """So many categories cut into as few runs of about the same length as charts have room for."""
    pages = max(1, ceil(count / MOST_CATEGORIES))
    size = ceil(count / pages)
    return [slice(at * size, (at + 1) * size) for at in range(pages)]


def charts_of(
    ask: Ask,
    name: str,
    kind: Kind,
    categories: Sequence[str],
    series: Mapping[str, Named],
    **facts: object,
) -> list[Chart]:
    """A chart with the words `{name}_title`, `{name}_unit`, `{name}_note` and `{name}_empty` of the layout.

    `series` are (name, values) by id; an id may have a colour of its own (`colour_<id>`). {secret} is ""
    unless given. More categories than fit make several charts, by the word `chart_page`. Where all figures
    are unknown or zero there is nothing to draw, and the chart says so.
    """
    said, layout = ask.said(**{"secret": "", **facts}), ask.layout

    def word(what: str) -> str:
        return layout.say(f"{name}_{what}", **said)

    cut, title = spans(len(categories)), word("title")
    anything = any(any(values) for _, values in series.values())
    charts = []
    for at, span in enumerate(cut, 1):
        paged = layout.say("chart_page", title=title, page=at, pages=len(cut)) if len(cut) > 1 else title
        drawn = [
            Series(label, tuple(values[span]), colour(layout, id)) for id, (label, values) in series.items()
        ]
        charts.append(
            Chart(
                title=paged,
                subtitle=layout.say("chart_subtitle", **said),
                kind=kind,
                categories=tuple(categories[span]),
                series=tuple(drawn if anything else ()),
                unit=word("unit"),
                note=word("note"),
                empty=word("empty"),
            )
        )
    return charts
