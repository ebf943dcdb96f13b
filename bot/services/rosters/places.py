"""The places that a roster may name: those on record and those that it brings with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.problems import nearest
from bot.services.rosters.layout import folded
from bot.services.rosters.records import Place
from bot.storage.regions import Level, Region

LEVELS: Final[tuple[Level, ...]] = ("county", "town", "village")


@dataclass(slots=True)
class Spot:
    """A place with its names from the top; `id` and `path` are None and "" until it is on record."""

    names: Place
    id: int | None = None
    path: str = ""
    code: str | None = None
    changed: bool = False

    @property
    def level(self) -> Level:
        """How far down it lies."""
        return LEVELS[sum(map(bool, self.names)) - 1]

    @property
    def above(self) -> Place:
        """The names of the place in which it lies; of a county nothing."""
        last = LEVELS.index(self.level)
        county, town, village = (name if at < last else "" for at, name in enumerate(self.names))
        return county, town, village


class Places:
    """All places by their names; whoever names no county means the only one that fits."""

    def __init__(self, regions: Iterable[tuple[Region, str | None]]) -> None:
        """`regions` with their codes, parents before their children."""
        self._spots: dict[Place, Spot] = {}
        self._without_county: dict[tuple[str, str], list[Spot]] = {}
        self.by_code: dict[str, Spot] = {}
        self.by_id: dict[int, Spot] = {}
        for region, code in regions:
            parent = self.by_id.get(region.parent_id or 0)
            names = [name for name in (parent.names if parent else ()) if name] + [region.name]
            county, town, village = (*names, "", "")[:3]
            self.add(Spot((county, town, village), region.id, region.path, code))

    def add(self, spot: Spot) -> None:
        """A place more."""
        county, town, village = map(folded, spot.names)
        self._spots.setdefault((county, town, village), spot)
        self._without_county.setdefault((town, village), []).append(spot)
        if spot.code is not None:
            self.by_code[spot.code] = spot
        if spot.id is not None:
            self.by_id[spot.id] = spot

    def exactly(self, place: Place) -> Spot | None:
        """The place of these names."""
        county, town, village = map(folded, place)
        return self._spots.get((county, town, village))

    def meant(self, place: Place) -> list[Spot]:
        """The places that may be meant: none, one, or several in different counties."""
        county, town, village = map(folded, place)
        if county:
            found = self._spots.get((county, town, village))
            return [] if found is None else [found]
        if not town and not village:
            return [spot for spot in self._without_county.get(("", ""), ()) if spot.level == "county"]
        return self._without_county.get((town, village), [])

    def highest_unknown(self, place: Place) -> Place:
        """The place down to its first name that nobody knows: below a wrong town every village is wrong."""
        county, town, _ = place
        if county and not self.meant((county, "", "")):
            return county, "", ""
        return (county, town, "") if town and not self.meant((county, town, "")) else place

    def near(self, place: Place) -> str:
        """The closest name of a place at that level, under the same town if there is one."""
        last = 2 if place[2] else 1 if place[1] else 0
        spots = [spot for spot in self._spots.values() if LEVELS.index(spot.level) == last]
        beside = [spot for spot in spots if last < 2 or spot.names[1] == place[1]] or spots
        close = nearest(place[last], {spot.names[last] for spot in beside})
        return "" if close == place[last] else close
