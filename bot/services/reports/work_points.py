"""The points that are looked at in a year's work, and how each is counted (O-25, workflow.md 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import HubangError
from bot.render.table_layout import Layout
from bot.render.table_view import Cell, Less
from bot.services.reports.due_and_done import Counted
from bot.services.reports.homes import Home
from bot.storage.problems import LedgerProblem
from bot.storage.report_monitoring import Work

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
    for word, text in layout.words.items():
        if word.startswith(MARK):
            parts = [part.strip() for part in text.split(BETWEEN)]
            how, *of = parts[3].split() if len(parts) == PARTS and parts[3] else [""]
            if len(parts) != PARTS or how not in HOW:
                raise PointUnclear(point=word, layout=layout.id)
            number, name, unit, _, why, source = parts
            found.append(Point(number, name, unit, how, tuple(of), why, source))
    return found


@dataclass(frozen=True, slots=True)
class Portion:
    """What belongs to a place, a unit, or the whole region."""

    counted: Counted
    homes: Sequence[Home]
    work: Sequence[Work]
    problems: Sequence[LedgerProblem]

    def of_work(self, kinds: Sequence[str]) -> dict[str, Cell]:
        """Due and done of some kinds; what is not done although it was due is overdue."""
        before = self.counted.ask.before
        own = [each for each in self.work if each.kind in kinds]
        return {
            "due": len(own),
            "done": sum(each.is_done(before) for each in own),
            "late": sum(each.is_late(before) for each in own),
            "left": Less("due", "done"),
            "overdue": Less("due", "done"),
        }

    def of_mending(self, _: Sequence[str]) -> dict[str, Cell]:
        """The problems that were open in the period, those struck off, and those past their deadline."""
        until = self.counted.ask.until
        own = [each for each in self.problems if self.concerned(each)]
        return {
            "due": len(own),
            "done": sum(not self.counted.open_at(each, until) for each in own),
            "left": Less("due", "done"),
            "overdue": sum(self.counted.overdue_at(each, until) for each in own),
        }

    def concerned(self, problem: LedgerProblem) -> bool:
        """Whether a confirmed problem was open on some day of the period."""
        ask = self.counted.ask
        if problem.status not in ("confirmed", "closed") or problem.recorded_at >= ask.before:
            return False
        return problem.status == "confirmed" or problem.changed_at >= ask.since

    def of_samples(self, _: Sequence[str]) -> dict[str, Cell]:
        """How many households were checked again, and at how many it differed."""
        said = self.counted.sample_cells(self.homes)
        return {"done": said["sampled"], "wrong": said["differs"]}

    def of_problems(self, kinds: Sequence[str]) -> dict[str, Cell]:
        """What the ledger holds of some kinds of problems."""
        return {"wrong": sum(each.sub_problem in kinds and self.concerned(each) for each in self.problems)}

    def of_nothing(self, _: Sequence[str]) -> dict[str, Cell]:
        """What the database does not hold."""
        return {}


HOW: Final[Mapping[str, Callable[[Portion, Sequence[str]], dict[str, Cell]]]] = {
    "work": Portion.of_work,
    "mending": Portion.of_mending,
    "samples": Portion.of_samples,
    "problems": Portion.of_problems,
    "": Portion.of_nothing,
}
