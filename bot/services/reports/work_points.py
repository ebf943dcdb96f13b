"""The points that are looked at in a year's work, and how each is counted (O-25, workflow.md 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import HubangError
from bot.render.table_layout import Layout
from bot.render.table_view import Cell, Less
from bot.services.reports.due_and_done import Portion
from bot.services.reports.problem_lists import open_at
from bot.services.reports.report import Ask
from bot.storage.problems import LedgerProblem

MARK: Final = "point."
"""How the names of the points begin among the words of the layout."""
BETWEEN: Final = "|"
PARTS: Final = 6


class PointUnclear(HubangError):
    """The point {point} of {layout} cannot be read: see the head of templates/ledgers/{layout}.toml."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point that is looked at: how the database counts it, and what it cannot tell."""

    number: str
    name: str
    unit: str
    how: str
    of: tuple[str, ...]
    why: str
    source: str


def points_of(layout: Layout) -> list[Point]:
    """The points in their order; PointUnclear when one is not written as it must be."""
    found = []
    for word, text in layout.under(MARK).items():
        parts = [part.strip() for part in text.split(BETWEEN)]
        how, *of = parts[3].split() if len(parts) == PARTS and parts[3] else [""]
        if len(parts) != PARTS or how not in HOW:
            raise PointUnclear(point=f"{MARK}{word}", layout=layout.id)
        number, name, unit, _, why, source = parts
        found.append(Point(number, name, unit, how, tuple(of), why, source))
    return found


def of_work(part: Portion, kinds: Sequence[str]) -> dict[str, Cell]:
    """Due and done of some kinds; what is not done although it was due is overdue."""
    before = part.counted.ask.before
    own = [each for each in part.work if each.kind in kinds]
    return {
        "due": len(own),
        "done": sum(each.is_done(before) for each in own),
        "late": sum(each.is_late(before) for each in own),
        "left": Less("due", "done"),
        "overdue": Less("due", "done"),
    }


def of_mending(part: Portion, _: Sequence[str] = ()) -> dict[str, Cell]:
    """The problems that were open in the period, those struck off, and those past their deadline."""
    ask = part.counted.ask
    own = [each for each in part.problems if concerned(ask, each)]
    return {
        "due": len(own),
        "done": sum(not open_at(each, ask.before) for each in own),
        "left": Less("due", "done"),
        "overdue": sum(part.counted.overdue_at(each, ask.until) for each in own),
    }


def concerned(ask: Ask, problem: LedgerProblem) -> bool:
    """Whether a confirmed problem was open on some day of the period."""
    if open_at(problem, ask.before):
        return True
    return problem.status == "closed" and problem.recorded_at < ask.before and problem.changed_at >= ask.since


def of_samples(part: Portion, _: Sequence[str]) -> dict[str, Cell]:
    """How many households were checked again, and at how many it differed."""
    said = part.counted.sample_cells(part.homes)
    return {"done": said["sampled"], "wrong": said["differs"]}


def of_problems(part: Portion, kinds: Sequence[str]) -> dict[str, Cell]:
    """What the ledger holds of some kinds of problems."""
    ask = part.counted.ask
    return {"wrong": sum(each.sub_problem in kinds and concerned(ask, each) for each in part.problems)}


def of_nothing(part: Portion, _: Sequence[str]) -> dict[str, Cell]:
    """What the database does not hold."""
    return {}


HOW: Final[Mapping[str, Callable[[Portion, Sequence[str]], dict[str, Cell]]]] = {
    "work": of_work,
    "mending": of_mending,
    "samples": of_samples,
    "problems": of_problems,
    "": of_nothing,
}
