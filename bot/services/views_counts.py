"""What lies in a region, counted for each place in it: for home screens, lists and the board alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.calendar import period_of
from bot.services.judging import TO_VERIFY
from bot.services.office import Office
from bot.storage import regions
from bot.storage import views as records
from bot.storage.regions import Region
from bot.storage.views import Tally

MONITOR: Final = "monitor"
"""The kind of duty that stands for a month's check of a household."""
NOTHING: Final = Tally(0, 0)
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Place:
    """A place with everything under it; `late` duties, `checks` of this month, problems, `stages` of cases.

    `cards` has the latest outcome by id, "" for a household of which nothing was decided yet.
    """

    region: Region
    homes: int = 0
    late: int = 0
    checks: Tally = NOTHING
    problems: Tally = NOTHING
    stages: Mapping[tuple[str, str], int] = field(default_factory=dict)
    cases_late: int = 0
    cards: Mapping[str, int] = field(default_factory=dict)
    alerts: Mapping[str, int] = field(default_factory=dict)

    @property
    def unknown(self) -> int:
        """Households of which the card cannot be told yet."""
        return self.cards.get("", 0) + self.cards.get(TO_VERIFY, 0)


def under(top: Region, places: Sequence[Region]) -> dict[int, int]:
    """For each region in `top` the one right under `top` in which it lies; `top` itself lies in itself."""
    depth = len(top.lineage)
    return {each.id: each.lineage[depth] if len(each.lineage) > depth else top.id for each in places}


def rolled(
    inside: Mapping[int, int], counts: Mapping[int, _Item], add: Callable[[_Item, _Item], _Item]
) -> dict[int, _Item]:
    """Counts by region as counts by the place in which it lies."""
    found: dict[int, _Item] = {}
    for region, count in counts.items():
        place = inside[region]
        found[place] = add(found[place], count) if place in found else count
    return found


def _sum(one: int, other: int) -> int:
    return one + other


def _both(one: Tally, other: Tally) -> Tally:
    return Tally(one.count + other.count, one.marked + other.marked)


async def progress(conn: AsyncConnection, office: Office, top: Region, today: date) -> list[Place]:
    """The places right under `top` (a village: itself) with all that is counted, in the register's order."""
    places = await regions.subtree(conn, top.id)
    inside = under(top, places)
    homes = rolled(inside, await records.homes(conn, top.path), _sum)
    late = rolled(inside, await records.late(conn, top.path, today), _sum)
    month = period_of(today, "month")
    done = await records.work(conn, top.path, MONITOR, month.first, month.last)
    checks = rolled(inside, done, _both)
    problems = rolled(inside, await records.open_problems(conn, top.path, today), _both)
    cards = rolled(inside, await _cards(conn, office, top), _added)
    alerts = rolled(inside, await _alerts(conn, top), _added)
    stages: dict[int, Counter[tuple[str, str]]] = {}
    cases_late: Counter[int] = Counter()
    for each in await records.standings(conn, top.path, today):
        stages.setdefault(inside[each.region_id], Counter())[each.procedure, each.state] += each.count
        cases_late[inside[each.region_id]] += each.late
    shown = [
        each for each in places if each.id in inside.values() and (each.id != top.id or len(places) == 1)
    ]
    return [
        Place(
            each,
            homes.get(each.id, 0),
            late.get(each.id, 0),
            checks.get(each.id, Tally(0, 0)),
            problems.get(each.id, Tally(0, 0)),
            stages.get(each.id, {}),
            cases_late[each.id],
            cards.get(each.id, {}),
            alerts.get(each.id, {}),
        )
        for each in shown
    ]


async def _cards(conn: AsyncConnection, office: Office, top: Region) -> dict[int, Counter[str]]:
    found = await records.cards(conn, top.path, office.schemes[0])
    return {
        id: Counter({verdict or "": count for verdict, count in each.items()}) for id, each in found.items()
    }


async def _alerts(conn: AsyncConnection, top: Region) -> dict[int, Counter[str]]:
    return {id: Counter(each) for id, each in (await records.open_alerts(conn, top.path)).items()}


def _added(one: Counter[str], other: Counter[str]) -> Counter[str]:
    return one + other


async def late_by_place(conn: AsyncConnection, top: Region, today: date) -> list[tuple[Region, int, int]]:
    """The places right under `top` with what is late and how many records are doubtful there, and no more."""
    places = await regions.subtree(conn, top.id)
    inside = under(top, places)
    late = rolled(inside, await records.late(conn, top.path, today), _sum)
    doubts = rolled(inside, await records.doubts(conn, top.path), _sum)
    shown = [each for each in places if each.id in inside.values()]
    counted = [(each, late.get(each.id, 0), doubts.get(each.id, 0)) for each in shown]
    # What belongs to the region itself is named only when there is anything.
    return [each for each in counted if each[0].id != top.id or any(each[1:]) or len(places) == 1]


def stages_of(office: Office, places: Sequence[Place]) -> list[tuple[str, str, int]]:
    """(procedure, state, count) of the open cases, in the order of the procedures and their states."""
    total: Counter[tuple[str, str]] = Counter()
    for each in places:
        total.update(each.stages)
    return stages_in_order(office, total)


def stages_in_order(office: Office, total: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    """(procedure, state, count) for counts by procedure and state, in the order in which cases go."""
    return [
        (procedure.name, state.name, total.get((procedure.id, id), 0))
        for procedure in office.content.running
        for id, state in procedure.states.items()
        if total.get((procedure.id, id))
    ]
