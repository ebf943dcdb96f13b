"""Counting what the "look back" campaign found: entities, each once in a row (questionnaires.md 7.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.reports.look_back_lines import BASE, FORMS, Line
from bot.services.reports.report import Ask, Places, RegionEmpty
from bot.storage import report_look_back
from bot.storage.report_look_back import Found, Told

REGISTERED: Final[Mapping[int | None, str]] = {1: "2", 2: "3"}
"""The group by register status: not yet lifted out of poverty, lifted."""
OTHERS: Final[Mapping[int | None, str]] = {1: "4", 2: "6", 3: "7", 4: "8", 5: "8"}
"""The group by what a household is that is not registered (nj.h8)."""

Spot: TypeAlias = tuple[int, str, str]
"""A township, a row, a group."""


@dataclass(slots=True)
class Counts:
    """What is counted, by township, row and group."""

    found: Counter[Spot] = field(default_factory=Counter)
    solved: Counter[Spot] = field(default_factory=Counter)
    looked: set[tuple[int, str]] = field(default_factory=set)
    """Where households of a group were asked, or where there is none to ask."""
    unplaced: Counter[int] = field(default_factory=Counter)
    unnamed: Counter[tuple[int, str]] = field(default_factory=Counter)
    uncounted: Counter[tuple[int, str]] = field(default_factory=Counter)
    assumed: Counter[tuple[int, str]] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    others_solved: Counter[int] = field(default_factory=Counter)

    def add(self, spot: Spot, count: int, *, solved: bool) -> None:
        """So many entities were found there; none of them is open any more when they are `solved`."""
        self.found[spot] += count
        if solved:
            self.solved[spot] += count


@dataclass(frozen=True, slots=True)
class Ground:
    """Where households are and what they are."""

    towns: Mapping[int, int]
    """The township by village."""
    kinds: Mapping[int, int]

    def group(self, household_id: int, reg_status: int | None) -> str | None:
        """The group into which a household falls; None when nobody said what it is."""
        return REGISTERED.get(reg_status) or OTHERS.get(self.kinds.get(household_id))


def towns_of(places: Places) -> dict[int, int]:
    """The township by the id of each region in it; the county itself is in none."""
    return {id: town.id for id in places.by_id if (town := places.of(id, "town")) is not None}


async def count(conn: AsyncConnection, ask: Ask, places: Places, lines: Sequence[Line]) -> Counts:
    """Everything that attachment 1 says of the region, in a handful of queries; RegionEmpty without homes."""
    top, counts = ask.region.path, Counts()
    ground = Ground(towns_of(places), await report_look_back.kinds(conn, top, ask.until))
    wanted = [sub for line in lines if line.from_ledger for sub in line.of]
    living = [sub for line in lines if line.how == "people" for sub in line.of]
    problems = await report_look_back.found(conn, top, wanted, ask.before)
    people = await report_look_back.populations(conn, top, living, ask.until, ask.before)
    homeless: set[tuple[int, int]] = set()
    for line in lines:
        if line.from_ledger:
            homes = list(_of_line(counts, ground, line, problems, homeless))
            if (answer := line.answer) is not None:
                told = await report_look_back.ever(conn, top, answer.fact, answer.code, ask.until)
                _from_both(counts, ground, line, homes, told, ask.period.first)
                homes = [(spot, found) for spot, found in homes if spot[2] != answer.group]
            _from_ledger(counts, line, homes, people)
    told = await report_look_back.hazards(conn, top, ask.until)
    hazards = [line for line in lines if line.how == "hazards"]
    _from_answers(counts, ground, hazards, told, ask.period.first, homeless)
    counts.unplaced.update(town for town, _ in homeless)
    await _looked(conn, ask, ground, counts)
    await _others(conn, ask, ground, counts, frozenset(wanted))
    return counts


def _of_line(
    counts: Counts, ground: Ground, line: Line, problems: Iterable[Found], homeless: set[tuple[int, int]]
) -> Iterator[tuple[Spot, list[Found]]]:
    """The problems of a row by household, with the spot at which each household counts."""
    chosen = frozenset(line.of)
    own = [each for each in problems if each.sub_problem in chosen]
    for household_id, group in groupby(own, attrgetter("household_id")):
        said = [(each, line.fits(each.grounds)) for each in group]
        of_it = [each for each, fits in said if fits is not False]
        if not of_it:
            continue
        town = ground.towns[of_it[0].region_id]
        if (its_group := ground.group(household_id, of_it[0].reg_status)) is None:
            homeless.add((town, household_id))
            continue
        if not any(fits for _, fits in said):
            counts.assumed[town, line.id] += 1
        yield (town, line.id, its_group), of_it


def _from_ledger(
    counts: Counts, line: Line, homes: Iterable[tuple[Spot, list[Found]]], people: Mapping[int, int]
) -> None:
    for spot, found in homes:
        solved = all(each.closed_at is not None for each in found)
        place = spot[0], line.id
        match line.how:
            case "persons":
                _persons(counts, spot, found)
            case "people":
                living = people.get(found[0].household_id, found[0].population)
                if living is None:
                    counts.uncounted[place] += 1
                else:
                    counts.add(spot, living, solved=solved)
            case _:
                counts.add(spot, 1, solved=solved)


def _persons(counts: Counts, spot: Spot, found: Sequence[Found]) -> None:
    """Each person once, solved when nothing that names the person is open; one stands for the unnamed."""
    open_of: dict[str, bool] = {}
    for each in found:
        for name in each.persons:
            open_of[name] = open_of.get(name, False) or each.closed_at is None
    if not open_of:
        counts.unnamed[spot[0], spot[1]] += 1
        open_of[""] = any(each.closed_at is None for each in found)
    for is_open in open_of.values():
        counts.add(spot, 1, solved=not is_open)


def _from_answers(
    counts: Counts,
    ground: Ground,
    lines: Sequence[Line],
    told: Iterable[Told],
    since: date,
    homeless: set[tuple[int, int]],
) -> None:
    """Hazards that were known on any day of the period; those still there on its last day are open."""
    for household_id, group in groupby(told, attrgetter("household_id")):
        history = list(group)
        known = _in_force(history, since)
        if not any(known):
            continue
        town = ground.towns[history[0].region_id]
        its_group = ground.group(household_id, history[0].reg_status)
        if its_group is None:
            homeless.add((town, household_id))
            continue
        for line in lines:
            if any(_named(value, line) for value in known):
                counts.add((town, line.id, its_group), 1, solved=not _named(known[-1], line))


def _from_both(
    counts: Counts,
    ground: Ground,
    line: Line,
    homes: Iterable[tuple[Spot, list[Found]]],
    told: Iterable[Told],
    since: date,
) -> None:
    """The one group of a row that answers tell of: a household once, open while either says so."""
    assert line.answer is not None
    open_of: dict[tuple[Spot, int], bool] = {}
    for spot, found in homes:
        if spot[2] == line.answer.group:
            open_of[spot, found[0].household_id] = any(each.closed_at is None for each in found)
    for household_id, group in groupby(told, attrgetter("household_id")):
        # An answer that was taken back tells nothing: what was last known stands.
        history = [each for each in group if each.value is not None]
        its_group = ground.group(household_id, history[0].reg_status)
        known = _in_force(history, since)
        if its_group == line.answer.group and line.answer.code in known:
            key = (ground.towns[history[0].region_id], line.id, its_group), household_id
            open_of[key] = open_of.get(key, False) or known[-1] == line.answer.code
    for (spot, _), is_open in open_of.items():
        counts.add(spot, 1, solved=not is_open)


def _in_force(history: Sequence[Told], since: date) -> list[Any]:
    """The values that held on some day from `since` on."""
    first = max((at for at, each in enumerate(history) if each.on <= since), default=0)
    return [each.value for each in history[first:]]


def _named(value: Any, line: Line) -> bool:
    if not isinstance(value, list):
        return False
    return bool(value) if not line.of else any(int(code) in value for code in line.of)


async def _looked(conn: AsyncConnection, ask: Ask, ground: Ground, counts: Counts) -> None:
    """In which townships each group was asked; a group of which there is no household has nothing to find."""
    homes: Counter[tuple[int, str]] = Counter()
    asked: Counter[tuple[int, str]] = Counter()
    for each in await report_look_back.surveyed(conn, ask.region.path, FORMS, ask.before):
        own = REGISTERED.get(each.reg_status)
        for group in (own,) if own else FORMS["nj"]:
            homes[ground.towns[each.region_id], group] += each.homes
            asked[ground.towns[each.region_id], group] += each.asked
    if not homes:
        raise RegionEmpty(region=ask.region.name)
    towns = set(ground.towns.values())
    counts.looked |= {
        (town, group) for town in towns for group in BASE if asked[town, group] or not homes[town, group]
    }


async def _others(
    conn: AsyncConnection, ask: Ask, ground: Ground, counts: Counts, covered: frozenset[str]
) -> None:
    """What is on record and stands in no row: other kinds of problems, and those of regions themselves."""
    for each in await report_look_back.tally(conn, ask.region.path, ask.before):
        if each.of_household and each.sub_problem in covered:
            continue
        if (town := ground.towns.get(each.region_id)) is None:
            continue  # of the county itself: no township answers for it
        counts.others[town] += each.count
        if each.closed:
            counts.others_solved[town] += each.count
