"""Which unit of the county is in charge of which township, as attachment 6 has it (O-15, 003:1739-1823)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Blank, Cell, Noted, Row, Sheet
from bot.services.reports.report import Ask, Report, places_of
from bot.storage import report_lists
from bot.storage.regions import Region

REGISTERED: Final = (1, 2)
"""Codes of the register status of households that are registered as poor."""
UNIT, COUNT = "unit.", "count."
"""With what the words of the layout begin that are the attachment's rows."""


def matched(names: Sequence[str], towns: Sequence[Region]) -> dict[str, Region]:
    """The townships of the register by the attachment's names, which leave out what kind of town it is."""
    found: dict[str, Region] = {}
    for name in names:
        town = next((town for town in towns if town.name.startswith(name)), None)
        if town is not None:
            found[name] = town
    return found


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-15: a row for each township, with how many households the register counts today."""
    say, layout = ask.layout.say, ask.layout
    units, counts = layout.under(UNIT), {name: int(text) for name, text in layout.under(COUNT).items()}
    places = await places_of(conn, ask.region)
    living = await report_lists.count_by_place(conn, ask.region.path, REGISTERED)
    found = {town.id: 0 for town in places.at("town")}
    for region, count in living.items():
        if (town := places.of(region, "town")) is not None:
            found[town.id] += count
    towns = matched(list(counts), places.at("town"))
    rows: list[dict[str, Cell]] = []
    differing: list[str] = []
    for name, town in towns.items():
        figure: Cell = found[town.id]
        if found[town.id] != counts[name]:
            figure = Noted(found[town.id], say("differs", count=counts[name], found=found[town.id]))
            differing.append(say("one", town=town.name, count=counts[name], found=found[town.id]))
        rows.append({"town": town.name, "count": figure, "unit": units.get(name) or Blank(say("no_unit"))})
    known = {town.id for town in towns.values()}
    rows += [
        {"town": town.name, "count": found[town.id], "unit": Blank(say("unlisted"))}
        for town in places.at("town")
        if town.id not in known
    ]
    notes = [say("differing", towns=say("joint").join(differing))] if differing else []
    if missing := [name for name in counts if name not in towns]:
        notes.append(say("missing", towns=say("listed").join(missing)))
    numbered = [Row({"no": number, **cells}) for number, cells in enumerate(rows, 1)]
    return [ask.layout.sheet("main").filled(numbered, ask.said(), notes=notes)]


REPORTS: Final = (Report("O-15", make, levels=("county",), of_households=False),)
