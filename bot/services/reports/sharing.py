"""What the county shares with its departments, so that help reaches the right households (O-23; 003:2018).

A department gets a sheet of its own with the households that need something of it, and nothing beside: where
they live, who they are, their class, and what is needed. The classes of a secret scheme stay inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Column, Row, Sheet, Sum
from bot.rules.consequences import Department
from bot.rules.measures import Measure
from bot.services.reports.monitoring_ledgers import Writer, secrecy
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import Watch, Watched, watch

CATEGORY: Final = "category"


def needs(seen: Watch, apart: Sequence[str]) -> dict[Department, list[tuple[Watched, list[Measure]]]]:
    """Whom each department has to help with what, in the order in which the scheme names departments.

    Offices among `apart` are none of the county's departments.
    """
    found: dict[Department, list[tuple[Watched, list[Measure]]]] = {
        office: [] for office in seen.pack.departments if office.id not in apart
    }
    for home in seen.kept:
        asked: dict[str, list[Measure]] = {}
        for measure in home.measures:
            for office in measure.departments:
                asked.setdefault(office.id, []).append(measure)
        for office, list_ in found.items():
            if office.id in asked:
                list_.append((home, asked[office.id]))
    return {office: homes for office, homes in found.items() if homes}


def directory(
    ask: Ask,
    seen: Watch,
    shared: Mapping[Department, Sequence[tuple[Watched, Sequence[Measure]]]],
    facts: Mapping[str, object],
) -> Sheet:
    """How many households each department gets, place by place; a household may go to several."""
    layout = ask.layout.sheet("directory")
    name, total = layout.columns
    places = [Column(f"p{part.id}", (part.name,), "integer", 10) for part in seen.places.parts]
    rows = []
    for office, homes in shared.items():
        cells: dict[str, Cell] = {name.id: office.name}
        for part in seen.places.parts:
            cells[f"p{part.id}"] = sum(home.part == part.id for home, _ in homes)
        cells[total.id] = Sum(tuple(place.id for place in places))
        rows.append(Row(cells))
    return layout.filled(rows, facts, columns=[name, *places, total])


def need(to: Writer, office: Department, measure: Measure) -> str:
    """What a measure asks of one department: its own part where the layout tells the parts of several."""
    return to.ask.layout.words.get(f"part.{measure.id}.{office.id}", measure.name)


def package(
    to: Writer,
    office: Department,
    homes: Sequence[tuple[Watched, Sequence[Measure]]],
    facts: Mapping[str, object],
) -> Sheet:
    """The households that need something of one department."""
    layout = to.ask.layout.sheet("department")
    secret = to.pack.scheme.secret
    columns = [column for column in layout.columns if not (secret and column.id == CATEGORY)]
    rows = []
    for number, (home, measures) in enumerate(homes, 1):
        cells: dict[str, Cell] = {
            "no": number,
            "place": home.address,
            "head": home.household.head_name,
            "need": to.joined([need(to, office, measure) for measure in measures]),
        }
        if not secret:
            cells[CATEGORY] = home.outcome.name if home.outcome else None
        rows.append(Row(cells))
    named = {**facts, "department": office.name}
    return layout.filled(rows, named, columns=columns, name=office.name)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-23: who gets how much, then each department's package."""
    seen = await watch(conn, ask)
    to = Writer(ask, seen.pack, seen.indicators)
    shared = needs(seen, ask.layout.say("apart").split())
    scheme = ask.layout.say("secret_scheme") if seen.pack.scheme.secret else seen.pack.scheme.name
    facts = ask.said(scheme=scheme, secret=secrecy(ask, seen.pack))
    packages = [package(to, office, homes, facts) for office, homes in shared.items()]
    return [directory(ask, seen, shared, facts), *packages]


REPORTS: Final = (Report("O-23", make, levels=("county",), shelf="list"),)
