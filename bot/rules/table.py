"""The decision table over its facts' truths: 0 false, 1 unknown, 2 true.

A state (the truths of all row facts) leads to a cell: the verdict if every way of filling in the unknown
gives the same one, the rows still possible, and the facts that still matter. Cells are worked out when they
are first met and kept. One household and a million households read the same cells, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, TypeAlias

from bot.rules.terms import Term, Truth

Vector: TypeAlias = int
"""Known truths of the facts of a table as bits: bit i is set when fact i holds."""

TO_VERIFY: Final = -1
DIGIT: Final[dict[Truth, int]] = {False: 0, None: 1, True: 2}
_TRUTHS: Final[tuple[Truth, ...]] = (False, None, True)


@dataclass(frozen=True, slots=True)
class Cell:
    """Indexes of the verdict (or TO_VERIFY), of the rows still possible, and of the facts that matter."""

    verdict: int
    rows: tuple[int, ...]
    matters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row as bits: `mask` marks the facts it states, `wants` those that must hold."""

    mask: Vector
    wants: Vector
    verdict: int

    def matches(self, vector: Vector) -> bool:
        """Whether known truths meet every condition of the row."""
        return vector & self.mask == self.wants


@dataclass(frozen=True, slots=True)
class Component:
    """Facts that rest on common answers, and the joint truths that such answers can give."""

    mask: Vector
    vectors: tuple[Vector, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DecisionTable:
    """Rows over facts; `components` say which truths can occur together."""

    facts: tuple[str, ...]
    lines: tuple[Line, ...]
    components: tuple[Component, ...]
    cells: dict[int, Cell] = field(default_factory=dict)

    @property
    def states(self) -> int:
        """How many states there are: three for each fact."""
        return int(3 ** len(self.facts))

    def cell(self, state: int) -> Cell:
        """The cell of a state, numbered as digits to the base of three, first fact lowest."""
        found = self.cells.get(state)
        if found is None:
            found = self.cells[state] = self._work_out(state)
        return found

    def completions(self, state: int) -> Iterator[Vector]:
        """Every way in which the unknown truths of a state can turn out."""
        known, truths = _bits(state, len(self.facts))
        choices = [
            [v for v in part.vectors if (v ^ truths) & known & part.mask == 0] for part in self.components
        ]
        return map(sum, product(*choices))

    def rows_for(self, vector: Vector) -> tuple[int, ...]:
        """Indexes of the rows that known truths match: exactly one in a sound table."""
        return tuple(index for index, line in enumerate(self.lines) if line.matches(vector))

    def _work_out(self, state: int) -> Cell:
        ends = {vector: self.rows_for(vector) for vector in self.completions(state)}
        rows = tuple(sorted({row for matched in ends.values() for row in matched}))
        verdicts = {self.lines[row].verdict for row in rows}
        # No completion at all means answers that contradict each other: nothing can be said of them.
        if len(verdicts) == 1:
            return Cell(verdicts.pop(), rows, ())
        return Cell(TO_VERIFY, rows, self._mattering(state, ends))

    def _mattering(self, state: int, ends: dict[Vector, tuple[int, ...]]) -> tuple[int, ...]:
        """The unknown facts that alone can turn the verdict, whatever the others are."""
        known, _ = _bits(state, len(self.facts))
        mattering: Vector = 0
        for part in self.components:
            reached: dict[Vector, set[int]] = {}
            for vector, matched in ends.items():
                reached.setdefault(vector & ~part.mask, set()).update(self.lines[r].verdict for r in matched)
            if any(len(verdicts) > 1 for verdicts in reached.values()):
                mattering |= part.mask
        return tuple(i for i in range(len(self.facts)) if mattering & ~known & 1 << i)


def state_of(truths: Iterable[Truth]) -> int:
    """The number of a state from its truths, first fact lowest."""
    state, weight = 0, 1
    for truth in truths:
        state += DIGIT[truth] * weight
        weight *= 3
    return state


def truths_of(state: int, size: int) -> tuple[Truth, ...]:
    """The truths of a state of so many facts, first fact first."""
    return tuple(_TRUTHS[state // 3**index % 3] for index in range(size))


def line_of(when: Sequence[Term], verdict: int, facts: Sequence[str]) -> Line:
    """A row's conditions as bits over `facts`."""
    place = {fact: index for index, fact in enumerate(facts)}
    mask = sum(1 << place[name] for name in {each.fact for each in when})
    wants = sum(1 << place[name] for name in {each.fact for each in when if each.wants})
    return Line(mask, wants, verdict)


def _bits(state: int, size: int) -> tuple[Vector, Vector]:
    """Which facts of a state are known, and which of those hold."""
    known = truths = 0
    for index in range(size):
        state, digit = divmod(state, 3)
        if digit != 1:
            known |= 1 << index
        if digit == 2:
            truths |= 1 << index
    return known, truths
