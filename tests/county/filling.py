"""Writes the invented county into a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from bot import content as shipped
from bot.content import Content
from bot.storage import regions, tables
from bot.storage.database import Database
from bot.storage.regions import Region
from tests.county import lives, places, planned
from tests.county.bulk import went_on
from tests.county.life import Forms
from tests.county.records import NOTHING, County, History, Home, Nature, Place
from tests.county.writing import Filling

DISTINCT: Final = 3_000
"""So many different lives of each kind at most: beyond that households share them, for memory and time."""
GROUPS: Final = ("一组", "二组", "三组", "四组", "五组", "六组")
PER_CADRE: Final = 8
PIECE: Final = 40_000


@dataclass(slots=True)
class Deck:
    """Lives to deal out: new ones as long as there may be more, then the same again in their order."""

    forms: Forms
    random: Random
    schemes: Sequence[str]
    most: int
    lives: list[tuple[Nature, History]] = field(default_factory=list)
    dealt: int = 0

    def deal(self, *, registered: bool) -> tuple[Nature, History]:
        """The life of one more household."""
        self.dealt += 1
        if len(self.lives) >= self.most:
            return self.lives[self.dealt % len(self.lives)]
        self.lives.append(lives.of_household(self.forms, self.random, self.schemes, registered=registered))
        return self.lives[-1]


async def fill(
    database: Database,
    *,
    scale: float = 1.0,
    seed: int = 2020,
    content: Content | None = None,
    schemes: Sequence[str] = ("hr",),
    plans: int = 10,
) -> County:
    """Huarong county from March to July 2020, the same for the same seed, written in one transaction.

    The register has the households of attachment 6 times `scale` (at least one a township), and a quarter
    as many that are not registered. The database is migrated and may hold other things. Every questionnaire
    handed in about a household is followed by the verdicts of these `schemes`; some households with a
    verdict of the first have `plans` (so many at most, each in two versions).
    """
    forms = lives.questionnaires(content or shipped.load())
    async with database.transaction() as conn:
        if database.is_sqlite:
            await conn.exec_driver_sql("PRAGMA cache_size = -200000")
        filling = Filling(conn, forms, seed)
        await filling.numbers()
        county = await _county(filling, scale, schemes)
        await filling.flush()
        for table in (tables.households, tables.interviews, tables.alerts):
            await went_on(conn, table)
        made = await planned.draw_up(conn, forms.content, schemes, county.homes, plans)
        if database.is_sqlite:
            await conn.exec_driver_sql("PRAGMA cache_size = -2000")
    return replace(county, plans=made)


async def _county(filling: Filling, scale: float, schemes: Sequence[str]) -> County:
    conn, names = filling.conn, places.village_names()
    top = await regions.add(conn, name=places.COUNTY, level="county")
    chief = await filling.official("county", "孙丽", "县扶贫办", "county", top)
    counts = {name: max(1, round(count * scale)) for name, count in places.TOWNS.items()}
    decks = {
        registered: Deck(filling.forms, Random(f"{filling.seed}-{registered}"), schemes, DISTINCT)
        for registered in (True, False)
    }
    towns: list[Place] = []
    villages: list[Place] = []
    homes: list[Home] = []
    dice = Random(f"{filling.seed}-regions")
    empty = silent = top
    for at, (name, count) in enumerate(counts.items(), 1):
        town = await regions.add(conn, name=name, level="town", parent=top)
        over = await filling.official(f"town-{at}", "李国强", name, "township", town)
        quiet = name == places.SILENT
        if quiet:
            silent = town
        answered = at % places.TOWNS_ANSWERED != 0
        towns.append(
            Place(town, NOTHING if quiet else lives.of_town(filling.forms, dice, answered=answered), (over,))
        )
        groups = max(3, round(count / places.PER_VILLAGE))
        inside = places.sizes(count, groups)
        others = places.sizes(max(1, round(count * places.OTHERS)), groups)
        if name == places.WITH_EMPTY:
            inside, others = [*inside, 0], [*others, 0]
        for poor, rest in zip(inside, others, strict=True):
            village = await regions.add(conn, name=next(names), level="village", parent=town)
            if name == places.WITH_EMPTY:
                empty = village
            address = f"village-{len(villages) + 1}"
            secretary = await filling.official(address, "陈桂香", village.name, "village", village)
            happened = NOTHING if quiet else lives.of_village(filling.forms, dice)
            villages.append(Place(village, happened, (secretary,)))
            homes += await _village(filling, decks, town, villages[-1], (poor, rest))
    county = Place(top, lives.of_county(filling.forms, dice), (chief,))
    for place in (county, *towns, *villages):
        filling.history(place.history, None, place.region.id, place.officials[0], place.officials[0])
    return County(
        county,
        tuple(towns), tuple(villages), tuple(homes), filling.addresses, empty, silent,
    )  # fmt: skip


async def _village(
    filling: Filling, decks: dict[bool, Deck], town: Region, place: Place, counts: tuple[int, int]
) -> list[Home]:
    """The households of a village: so many registered ones, then so many others."""
    homes: list[Home] = []
    cadre, village = 0, place.region
    for at in range(sum(counts)):
        if at % PER_CADRE == 0:
            address = f"cadre-{len(filling.addresses)}"
            cadre = await filling.official(address, "周明", "县水利局", "cadre", village)
        nature, history = decks[at < counts[0]].deal(registered=at < counts[0])
        if town.name == places.SILENT:
            history = NOTHING
        group = GROUPS[at % len(GROUPS)]
        homes.append(Home(filling.next_household, town, village, group, cadre, nature, history))
        filling.next_household += 1
        filling.household(homes[-1], place.officials[0])
        await filling.flush(PIECE)
    return homes
