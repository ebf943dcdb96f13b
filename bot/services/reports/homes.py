"""The households of a report with everything that is known of them on its last day."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.numerals import parse_integer
from bot.render.table_view import Cell
from bot.services.reports.report import Ask, Places, RegionEmpty, places_of
from bot.storage import region_wide
from bot.storage.households import Household


@dataclass(frozen=True, slots=True)
class Home:
    """A household in its place; `facts` holds register and answers by fact name, the unknown left out."""

    household: Household
    town: str
    village: str
    facts: Mapping[str, Any]

    @property
    def id(self) -> int:
        """The household's id."""
        return self.household.id

    def get(self, name: str) -> Any:
        """A fact; None when it is not known."""
        return self.facts.get(name)


async def households_of(conn: AsyncConnection, ask: Ask) -> list[Household]:
    """The households of the region, by village, group and name; RegionEmpty when there is none at all."""
    found = await region_wide.homes(conn, ask.region.path)
    if not found:
        raise RegionEmpty(region=ask.region.name)
    places = {id: at for at, id in enumerate(dict.fromkeys(home.region_id for home in found))}
    numbers = {group: _number(ask, group) for group in {home.village_group for home in found}}
    return sorted(found, key=lambda home: (places[home.region_id], numbers[home.village_group]))


def _number(ask: Ask, group: str) -> int:
    """The number that a group of villagers is called by; those with another name come last.

    The order of signs would put the fourth group behind the ninth.
    """
    number = parse_integer(group[:-1], ask.office.content.vocabulary, unit=None)
    return number if isinstance(number, int) else sys.maxsize


def named(household: Household, town: str, village: str) -> dict[str, Cell]:
    """The columns `town`, `village`, `group` and `head` of a household; what nobody wrote down is blank."""
    return {
        "town": town or None,
        "village": village or None,
        "group": household.village_group or None,
        "head": household.head_name,
    }


async def read_homes(
    conn: AsyncConnection, ask: Ask, names: Iterable[str], places: Places | None = None
) -> list[Home]:
    """The households of the region with these facts, by village, group and name.

    RegionEmpty when there is none at all.
    """
    places = places or await places_of(conn, ask.region)
    found = await households_of(conn, ask)
    answers = await region_wide.facts_until(conn, ask.region.path, names, ask.until)
    return [
        Home(
            household,
            *places.names(household.region_id),
            {**register(household), **_known(answers.get(household.id, {}))},
        )
        for household in found
    ]


def register(household: Household) -> dict[str, Any]:
    """What the register says of a household, under the names of the facts; the unknown left out."""
    known = {
        "head_name": household.head_name,
        "village_group": household.village_group,
        "population": household.population,
        "reg_status": household.reg_status,
        "exit_year": household.exit_year,
        **household.file,
    }
    return _known(known)


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, "")}
