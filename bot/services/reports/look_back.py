"""Attachment 1: what the "look back" found at households, and how far it is put right (O-11, 003:125-870)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import DASH, Blank, Cell, Less, Row, Sheet, Sum
from bot.services.reports.look_back_counts import Counts, count
from bot.services.reports.look_back_lines import BASE, Line, lines_of
from bot.services.reports.report import Ask, Report, places_of

NEITHER: Final = ("6", "7", "8")
"""The groups that are neither registered nor marginal; group 5 is their sum."""
TOP: Final = ("2", "3", "4", "5")
"""What the groups of the first column add up."""


async def make_rs(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """A sheet for each township; for a county before them one that adds them up."""
    places = await places_of(conn, ask.region)
    lines = lines_of(ask.layout)
    counts = await count(conn, ask, places, lines)
    towns = places.at("town")
    sheets = []
    if ask.region.level == "county":
        place = ask.layout.say("whole_place", region=ask.region.name, towns=len(towns))
        ids = [town.id for town in towns]
        sheets.append(_sheet(ask, lines, counts, ids, place, ask.layout.say("whole")))
    for town in towns:
        place = ask.layout.say("place", region=town.name)
        sheets.append(_sheet(ask, lines, counts, [town.id], place, town.name))
    return sheets


def _sheet(
    ask: Ask, lines: Sequence[Line], counts: Counts, towns: Sequence[int], place: str, name: str
) -> Sheet:
    rows = [
        Row(
            {
                "category": line.category,
                "name": line.name,
                "unit": line.unit,
                **_cells(ask, line, counts, towns),
            }
        )
        for line in lines
    ]
    others = sum(counts.others[town] for town in towns)
    solved = sum(counts.others_solved[town] for town in towns)
    said = ask.layout.say("other_said", n=others, s=solved) if others else None
    rows.append(Row({"category": ask.layout.say("other"), "name": said}))
    notes = list(_notes(ask, lines, counts, towns))
    return ask.layout.sheet("main").filled(rows, ask.said(place=place), notes=notes, name=name)


def _cells(ask: Ask, line: Line, counts: Counts, towns: Sequence[int]) -> dict[str, Cell]:
    if line.how == "added":
        return _added(ask, line)
    cells: dict[str, Cell] = {}
    for group in BASE:
        cells |= _pair(ask, line, counts, towns, group)
    for whole, parts in (("5", NEITHER), ("1", TOP)):
        cells |= {f"g{whole}{kind}": Sum(tuple(f"g{part}{kind}" for part in parts)) for kind in "ns"}
    cells |= {f"g{group}d": Less(f"g{group}n", f"g{group}s") for group in ("1", "5", *BASE)}
    return cells


def _pair(ask: Ask, line: Line, counts: Counts, towns: Sequence[int], group: str) -> Mapping[str, Cell]:
    """How many were found and solved; of townships where nobody could find any, only what is on record."""
    known = [
        town
        for town in towns
        if counts.found[town, line.id, group] or (group in line.asked and (town, group) in counts.looked)
    ]
    if not known:
        return {f"g{group}n": Blank(ask.layout.say("nobody" if group in line.asked else "unasked"))}
    return {
        f"g{group}n": sum(counts.found[town, line.id, group] for town in known),
        f"g{group}s": sum(counts.solved[town, line.id, group] for town in known),
    }


def _added(ask: Ask, line: Line) -> dict[str, Cell]:
    """Rows where the paper lets groups fill their first box, and the whole its second (003:817-868)."""
    cells: dict[str, Cell] = {f"g{group}{kind}": DASH for group in ("1", "5", *BASE) for kind in "nsd"}
    cells |= {f"g{group}n": Blank(ask.layout.say("unasked")) for group in line.of}
    parts = tuple(f"g{group}n" for group in line.of)
    if set(NEITHER) <= set(line.of):
        cells["g5n"] = Sum(tuple(f"g{group}n" for group in NEITHER))
    cells["g1s"] = Sum(parts)
    return cells


def _notes(ask: Ask, lines: Sequence[Line], counts: Counts, towns: Sequence[int]) -> Iterable[str]:
    if unplaced := sum(counts.unplaced[town] for town in towns):
        yield ask.layout.say("unplaced", n=unplaced)
    for line in lines:
        for word, found in (
            ("unnamed", counts.unnamed),
            ("uncounted", counts.uncounted),
            ("assumed", counts.assumed),
        ):
            if many := sum(found[town, line.id] for town in towns):
                yield ask.layout.say(word, row=line.name, n=many)


REPORTS: Final = (Report("O-11", make_rs, levels=("town", "county"), of_households=False),)
