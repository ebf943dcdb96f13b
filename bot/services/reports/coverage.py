"""Who of the "look back" roster has been asked, how, and who has not (O-25b, 003:26, 003:112, WF-21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Less, Row, Sheet, Sum
from bot.services.reports.homes import households_of, named
from bot.services.reports.look_back_counts import Ground, towns_of
from bot.services.reports.look_back_progress import HOUSEHOLD_FORMS, KINDS, METHOD, SHOWN
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import region_wide, report_look_back, report_look_back_progress
from bot.storage.households import Household
from bot.storage.region_wide import Keeper
from bot.storage.regions import Region

UNTOLD: Final = 0
"""Stands for the way of an interview of which nobody said how it was done."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A household of the roster: what it is by 003:24, and how it was asked; None while nobody has."""

    household: Household
    kind: str
    way: int | None
    keeper: Keeper | None


@dataclass(frozen=True, slots=True)
class Roster:
    """The households of a region, in the register's order."""

    ask: Ask
    places: Places
    ways: Sequence[int]
    homes: Sequence[Listed]

    def under(self, region: Region) -> list[Listed]:
        """Those of a region and of everything under it."""
        return [
            home for home in self.homes if region.id in self.places.by_id[home.household.region_id].lineage
        ]

    def cells(self, homes: Iterable[Listed]) -> dict[str, Cell]:
        """How many are to be asked, by kind; how many were, by the way it was done; and how many were not."""
        found = list(homes)
        kinds = Counter(home.kind for home in found)
        ways = Counter(home.way for home in found)
        cells: dict[str, Cell] = {f"k{kind}": kinds[kind] for kind in SHOWN}
        cells |= {f"way{way}": ways[way] for way in self.ways}
        cells["due"] = Sum(tuple(f"k{kind}" for kind in SHOWN))
        cells["done"] = Sum(tuple(f"way{way}" for way in self.ways))
        return cells | {"left": Less("due", "done")}


async def read_roster(conn: AsyncConnection, ask: Ask) -> Roster:
    """The roster with what was handed in up to the last day; RegionEmpty when there is no household."""
    top, places = ask.region.path, await places_of(conn, ask.region)
    homes = await households_of(conn, ask)
    ground = Ground(towns_of(places), await report_look_back.kinds(conn, top, ask.until))
    asked = await report_look_back_progress.asked(conn, top, HOUSEHOLD_FORMS, ask.before)
    done = {home.household_id for home in asked if home.asked}
    said = await region_wide.facts_until(conn, top, [METHOD], ask.until)
    keepers = await region_wide.keepers(conn, top)
    found = [
        Listed(
            home,
            KINDS[ground.group(home.id, home.reg_status)],
            (said.get(home.id, {}).get(METHOD) or UNTOLD) if home.id in done else None,
            keepers.get(home.id),
        )
        for home in homes
    ]
    ways = [*ask.office.content.registry[METHOD].options, UNTOLD]
    return Roster(ask, places, ways, found)


def by_part(roster: Roster) -> Sheet:
    """A row for each region right under the top."""
    rows = [Row({"place": part.name, **roster.cells(roster.under(part))}) for part in roster.places.parts]
    return roster.ask.layout.sheet("main").filled(rows, roster.ask.said())


def by_village(roster: Roster) -> Sheet:
    """A row for each village, with a subtotal for each township."""
    rows: list[Row] = []
    for town in roster.places.parts:
        own = roster.places.within(town, "village")
        rows += [
            Row({"town": town.name, "place": each.name, **roster.cells(roster.under(each))}) for each in own
        ]
        if own:
            rows.append(Row({"town": roster.ask.layout.say("subtotal", name=town.name)}, standing="subtotal"))
    return roster.ask.layout.sheet("villages").filled(rows, roster.ask.said())


def unasked(roster: Roster) -> Sheet:
    """The households that nobody has asked, in the register's order, so that none is left out (003:112)."""
    ask, places = roster.ask, roster.places
    rows = [
        Row(
            {
                "no": number,
                **named(home.household, *places.names(home.household.region_id)),
                "kind": ask.layout.say(f"kind.{home.kind}"),
                "keeper": None if home.keeper is None else home.keeper.name,
                "unit": None if home.keeper is None else home.keeper.unit or None,
            }
        )
        for number, home in enumerate((home for home in roster.homes if home.way is None), 1)
    ]
    return ask.layout.sheet("left").filled(rows, ask.said())


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-25b: the counts by part, for a county also by village, and who has not been asked."""
    roster = await read_roster(conn, ask)
    villages = [by_village(roster)] if ask.region.level == "county" else []
    return [by_part(roster), *villages, unasked(roster)]


REPORTS: Final = (Report("O-25b", make),)
