"""What the board shows first: a region in figures and charts, its places, the households of a village."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import CARDS, MOST_CATEGORIES, Chart, Series
from bot.render.charts import chart_svg
from bot.services.judging import TO_VERIFY
from bot.services.office import Office
from bot.services.views_counts import Place, progress, stages_of
from bot.storage import regions
from bot.storage import views as records
from bot.storage.regions import Region

PAGE: Final = 40
"""So many households stand on one page of a village."""
UNKNOWN_COLOUR: Final = "#9aa1a6"


@dataclass(frozen=True, slots=True)
class Home:
    """A household in a list: late duties stand behind it."""

    id: int
    head: str
    group: str
    card: str
    late: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A region as it stands; `above` leads up to it from the top, `homes` are those of a village."""

    region: Region
    above: tuple[Region, ...]
    places: tuple[Place, ...]
    stages: tuple[tuple[str, str, int], ...]
    charts: tuple[str, ...]
    homes: tuple[Home, ...] = ()
    skipped: int = 0
    total: int = 0

    def sum_of(self, figure: Callable[[Place], int]) -> int:
        """A figure of all the places together."""
        return sum(figure(each) for each in self.places)


async def overview(
    conn: AsyncConnection, office: Office, region: Region, today: date, skipped: int = 0
) -> Overview:
    """The region for the board; of a village its households from `skipped` on, the late ones first."""
    places = await progress(conn, office, region, today)
    above = [each for each in await regions.get_many(conn, list(region.lineage)) if each.id != region.id]
    found: list[Home] = []
    if region.level == "village":
        found = await _homes(conn, office, region, today)
    skipped = skipped if 0 <= skipped < len(found) else 0
    return Overview(
        region,
        tuple(above),
        tuple(places),
        tuple(stages_of(office, places)),
        tuple(chart_svg(each) for each in charts(office, region, places)),
        tuple(found[skipped : skipped + PAGE]),
        skipped,
        len(found),
    )


async def _homes(conn: AsyncConnection, office: Office, region: Region, today: date) -> list[Home]:
    scheme = office.schemes[0]
    names = {each.id: each.name for each in office.content.packs[scheme].outcomes}
    names[TO_VERIFY] = office.say("home.to_verify")
    listed = await records.listed(conn, region.id, scheme)
    late = await records.late_of(conn, [home.id for home, _ in listed], today)
    found = [
        Home(home.id, home.head_name, home.village_group, names.get(card or "", ""), late.get(home.id, 0))
        for home, card in listed
    ]
    return sorted(found, key=lambda home: not home.late)


def charts(office: Office, region: Region, places: Sequence[Place]) -> list[Chart]:
    """The cards of each place, and what is late and open there; none of more places than a chart holds."""
    if not any(each.homes for each in places) or len(places) > MOST_CATEGORIES:
        return []
    names = tuple(each.region.name for each in places)
    outcomes = office.content.packs[office.schemes[0]].outcomes
    series = [
        Series(each.name, tuple(float(place.cards.get(each.id, 0)) for place in places), CARDS.get(each.id))
        for each in outcomes
        if any(place.cards.get(each.id) for place in places)
    ]
    unknown = tuple(float(place.unknown) for place in places)
    if any(unknown):
        series.append(Series(office.say("home.to_verify"), unknown, UNKNOWN_COLOUR))
    say = office.say
    work = (
        Series(say("board.late"), tuple(float(each.late) for each in places)),
        Series(say("board.problems"), tuple(float(each.problems.count) for each in places)),
    )
    unit = say("board.unit_homes")
    drawn = [Chart(say("board.cards_of", name=region.name), "", "stacked", names, tuple(series), unit)]
    if len(places) > 1:  # two figures alone stand in the tiles already
        title = say("board.work_of", name=region.name)
        drawn.append(Chart(title, "", "bars", names, work, say("board.unit_items")))
    return drawn
