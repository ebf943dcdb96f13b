"""The problems on record as attachment 7 lists them, and the ledger of putting them right (O-14, O-14b)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Noted, Row, Sheet
from bot.services.problem_record import FOUND, STRUCK_OFF
from bot.services.reports.answers import day_of, words_of
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import report_lists
from bot.storage.problems import LedgerProblem

COUNTY: Final = 0
"""Stands for the township of what belongs to none."""
LISTED: Final = ("confirmed", "closed")
"""What somebody has confirmed: a candidate waits for that, and what was dismissed is no problem."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A confirmed problem with where it is; what lies above its place, or is no part of it, is "".

    `closed` says whether it was struck off on the last day that counts.
    """

    problem: LedgerProblem
    number: int
    town: str
    village: str
    group: str
    head: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The problems of a township, or those of the county itself, numbered without a gap (pl.f1)."""

    place: str
    name: str
    problems: Sequence[Placed]


def open_at(problem: LedgerProblem, moment: datetime) -> bool:
    """Whether a problem was on record at a moment, confirmed by somebody, and not struck off."""
    if problem.status not in LISTED or problem.recorded_at >= moment:
        return False
    return problem.status != "closed" or problem.changed_at >= moment


async def parts_of(conn: AsyncConnection, ask: Ask) -> list[Part]:
    """The lists of a region: one for each township; for a county first what no township has.

    In the order of the ledger, so that a number stays when others are added. What was struck off before
    the period began is over and is not listed.
    """
    places = await places_of(conn, ask.region)
    found: dict[int, list[report_lists.Placed]] = {}
    for each in await report_lists.problems_of(conn, ask.region.path, LISTED, ask.before):
        if each.problem.status == "closed" and each.problem.changed_at < ask.since:
            continue
        town = places.of(each.region_id, "town")
        found.setdefault(COUNTY if town is None else town.id, []).append(each)

    def part(key: int, place: str, name: str) -> Part:
        listed = [_placed(ask, places, each, at) for at, each in enumerate(found.get(key, []), 1)]
        return Part(place, name, listed)

    towns = [part(town.id, _where(ask, town.name), town.name) for town in places.at("town")]
    if ask.region.level != "county":
        return towns
    return [part(COUNTY, ask.region.name, ask.layout.say("county_level")), *towns]


def _where(ask: Ask, town: str) -> str:
    """The place over a list: a village's list names the township as well."""
    return town if ask.region.level != "village" else f"{town}{ask.region.name}"


def _placed(ask: Ask, places: Places, each: report_lists.Placed, number: int) -> Placed:
    problem = each.problem
    return Placed(
        problem,
        number,
        *places.names(each.region_id),
        each.village_group,
        each.head_name,
        problem.status == "closed" and problem.changed_at < ask.before,
    )


def case_of(ask: Ask, problem: LedgerProblem) -> str:
    """What is wrong in words: the problem's name in the document, what was written down, whom it concerns."""
    say, ledger = ask.layout.say, ask.office.content.ledger
    known = ledger.problems.get(problem.sub_problem)
    name = "" if known is None else known.name
    told = say("lines").join(line for line in problem.description.split("\n") if line.strip())
    text = say("case", problem=name, description=told) if name and told else name or told
    if problem.persons:
        text += say("involved", names=say("joint").join(problem.persons))
    return text


def category_of(ask: Ask, problem: LedgerProblem) -> str | None:
    """Which of the 18 kinds it is (003:37-77)."""
    found = ask.office.content.ledger.by_id.get(problem.sub_problem.partition(".")[0])
    return None if found is None else found.name


def listed(ask: Ask, placed: Placed) -> dict[str, Cell]:
    """The six columns of attachment 7; what lies above a village or a household has none."""
    return {
        "no": placed.number,
        "category": category_of(ask, placed.problem),
        "case": case_of(ask, placed.problem),
        "town": placed.town or None,
        "village": placed.village or None,
        "household": placed.head or None,
    }


def mended(ask: Ask, placed: Placed) -> dict[str, Cell]:
    """The further columns of the ledger (pl.f8-f17); what nobody has written down yet is blank."""
    problem, way = placed.problem, placed.problem.handling
    options = ask.office.content.registry
    source = options["problem_source"].options.get(problem.source)
    cells: dict[str, Cell] = {
        "group": placed.group or None,
        "source": source,
        "found_on": ask.office.today(problem.recorded_at),
        "money": way.get("problem_money"),
        "measure": words_of(way.get("mending_measure")),
        "unit": words_of(way.get("mending_unit")),
        "person": words_of(way.get("mending_person")),
        "deadline": problem.deadline,
        "state": _state(ask, placed),
        "late": _late(ask, placed),
    }
    if problem.status == "closed" and not placed.closed:
        return cells  # what came of it was said after the last day that counts
    cells |= {
        "result": words_of(way.get("mending_result")),
        "satisfied": options["people_satisfied"].options.get(way.get("people_satisfied", 0)),
    }
    if placed.closed:
        on = day_of(way.get("struck_off_on")) or ask.office.today(problem.changed_at)
        cells |= {"closed_on": on, "closed_by": words_of(way.get("struck_off_by"))}
    return cells


def _state(ask: Ask, placed: Placed) -> Cell:
    stages = ask.office.content.registry["problem_stage"].options
    if placed.closed:
        return stages[STRUCK_OFF]
    if placed.problem.status == "closed":
        return Noted(ask.layout.say("open_then"), ask.layout.say("reopened"))
    return stages.get(placed.problem.handling.get("problem_stage", FOUND))


def days_late(ask: Ask, placed: Placed) -> int:
    """By how many days an open problem has passed its deadline; 0 when it has not."""
    due = placed.problem.deadline
    return 0 if placed.closed or due is None else max(0, (ask.until - due).days)


def _late(ask: Ask, placed: Placed) -> str | None:
    days = days_late(ask, placed)
    return ask.layout.say("late", days=days) if days else None


def _summary(ask: Ask, problems: Sequence[Placed]) -> Iterable[str]:
    if problems:
        closed = sum(each.closed for each in problems)
        late = sum(days_late(ask, each) > 0 for each in problems)
        count = len(problems)
        yield ask.layout.say("summary", count=count, closed=closed, open=count - closed, late=late)


async def make_list(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-14: attachment 7 (003:1825-1901)."""
    layout = ask.layout.sheet("main")
    return [
        layout.filled(
            [Row(listed(ask, each)) for each in part.problems], ask.said(place=part.place), name=part.name
        )
        for part in await parts_of(conn, ask)
    ]


async def make_ledger(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-14b: the same problems with what is done about each, and by when (003:83, 003:107)."""
    layout = ask.layout.sheet("main")
    return [
        layout.filled(
            [Row({**listed(ask, each), **mended(ask, each)}) for each in part.problems],
            ask.said(place=part.place),
            notes=_summary(ask, part.problems),
            name=part.name,
        )
        for part in await parts_of(conn, ask)
    ]


REPORTS: Final = (
    Report("O-14", make_list, of_households=False, shelf="list"),
    Report("O-14b", make_ledger, of_households=False, shelf="ledger"),
)
