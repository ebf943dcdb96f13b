"""Classifies many households at once; each gets the verdict, the row and the missing answers of `decide`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.expressions import Expression, is_over_rows, parse
from bot.rules.columns import ColumnReader, Columns, Truths, negated
from bot.rules.explain import named_facts
from bot.rules.facts import MANY
from bot.rules.pack import Fact, Pack
from bot.rules.table import TO_VERIFY, Cell, DecisionTable
from bot.rules.terms import Term, Truth

BLOCK: Final = 32_768
"""So many households at a time, for their columns to stay in the cache of the processor."""

_SIGNS: Final[Mapping[Truth, str]] = {True: "", False: "-", None: "?"}


@dataclass(frozen=True, slots=True)
class ColumnVerdicts:
    """One entry for each household.

    `verdicts` are indexes into `Pack.outcomes`, -1 to verify. `rows` are indexes into `Pack.rows`, -1 while
    several are possible; `possible` has a bit for each of those. `missing` has a bit for each answer of
    `Pack.reads` that can still turn the verdict. `states` are the truths of the row facts as one number
    (`bot.rules.table`), which `reason_codes` puts into words.
    """

    verdicts: NDArray[np.int8]
    rows: NDArray[np.int8]
    possible: NDArray[np.int32]
    missing: NDArray[np.int64]
    states: NDArray[np.int32]


def classify_columns(
    pack: Pack, columns: Columns, on: date, parameters: Mapping[str, float | None] | None = None
) -> ColumnVerdicts:
    """Classify the households of `columns` (equally long, see `bot.rules.columns`) by the rules of a day.

    NotInForce before the scheme began. Columns that the pack does not read are left alone. `parameters`
    stand for those of the day.
    """
    size = len(next(iter(columns.values()))) if columns else 0
    if parameters is None:
        parameters = pack.parameters_on(on)
    known = {name: np.nan if value is None else value for name, value in parameters.items()}
    cells = _Cells(pack.table)
    states, which = np.empty(size, np.int32), np.empty(size, np.int32)
    missing = np.zeros(size, np.int64)
    for start in range(0, size, BLOCK):
        part = slice(start, min(start + BLOCK, size))
        block = {name: column[part] for name, column in columns.items()}
        reader = ColumnReader(block, part.stop - start, pack.registry, pack.numbers, known)
        truths: dict[str, Truths] = {}
        for name in pack.deciding:
            truths[name] = _truth(pack.facts[name], reader, truths)
        states[part] = _states([truths[name] for name in pack.row_facts], reader.size)
        which[part] = cells.find(states[part])
        open_ = np.flatnonzero(cells.verdicts[which[part]] == TO_VERIFY)
        if len(open_):
            matters = cells.matters[which[part][open_]]
            missing[start + open_] = _missing(pack, reader, truths, open_, matters)
    return ColumnVerdicts(cells.verdicts[which], cells.rows[which], cells.possible[which], missing, states)


def _states(truths: Sequence[Truths], size: int) -> NDArray[np.int32]:
    """The truths of the row facts as one number each, first fact lowest."""
    states = np.zeros(size, np.int32)
    for each in reversed(truths):
        states *= np.int32(3)
        states += each
    return states


class _Cells:
    """The cells of a table that were met so far, as columns; `find` says which of them a state leads to."""

    def __init__(self, table: DecisionTable) -> None:
        self.table = table
        self.found: list[Cell] = [Cell(TO_VERIFY, (), ())]
        self.place = np.zeros(table.states, np.int32)
        """Where the cell of a state stands; 0 while it was not met."""
        self._gather()

    def find(self, states: NDArray[np.int32]) -> NDArray[np.int32]:
        which = self.place[states]
        if not which.all():
            new = np.unique(states[which == 0])
            self.place[new] = np.arange(len(self.found), len(self.found) + len(new))
            self.found += map(self.table.cell, new.tolist())
            self._gather()
            which = self.place[states]
        return which

    def _gather(self) -> None:
        rows = [cell.rows for cell in self.found]
        self.verdicts = np.array([cell.verdict for cell in self.found], np.int8)
        self.rows = np.array([each[0] if len(each) == 1 else -1 for each in rows], np.int8)
        self.possible = np.array([sum(1 << row for row in each) for each in rows], np.int32)
        self.matters = np.array([sum(1 << f for f in cell.matters) for cell in self.found], np.int32)


def missing_names(pack: Pack, bits: int) -> tuple[str, ...]:
    """The answers that the bits of `ColumnVerdicts.missing` stand for."""
    return tuple(name for index, name in enumerate(pack.reads) if bits >> index & 1)


def reason_codes(pack: Pack, state: int) -> tuple[str, ...]:
    """The facts that an explanation of this state names: `id` holds, `-id` does not, `?id` is not known."""
    return tuple(_SIGNS[truth] + fact for fact, truth in named_facts(pack, state))


def aggregates(pack: Pack) -> dict[str, Expression]:
    """What the rows of the pack read of rosters, by source: a batch needs a column for each of them.

    A column of numbers holds the value for each household, truths as 1 and 0, NaN for unknown.
    """
    found: dict[str, Expression] = {}
    for expression in _evaluated(pack):
        for node in ast.walk(expression.tree):
            if isinstance(node, ast.expr) and is_over_rows(node):
                source = ast.unparse(node)
                found[source] = parse(source)
    return found


def _evaluated(pack: Pack) -> Iterator[Expression]:
    """The expressions behind the facts that decide, and behind the numbers that those read."""
    open_ = [each for name in pack.deciding for each in pack.facts[name].expressions]
    seen: set[str] = set()
    while open_:
        expression = open_.pop()
        yield expression
        for name in expression.names & pack.numbers.keys() - seen:
            seen.add(name)
            open_.append(pack.numbers[name].formula)


def _truth(rule: Fact, reader: ColumnReader, truths: dict[str, Truths]) -> Truths:
    if rule.test is not None:
        return reader.truth(rule.test.tree)
    if rule.terms:
        return reduce(np.maximum if rule.any_of else np.minimum, [_holds(t, truths) for t in rule.terms])
    assert rule.ok is not None
    assert rule.fail is not None
    ok, fail = reader.truth(rule.ok.tree), reader.truth(rule.fail.tree)
    return np.where(fail == 2, np.int8(0), np.where(ok == 2, np.int8(2), np.int8(1)))


def _holds(term: Term, truths: dict[str, Truths]) -> Truths:
    truth = truths[term.fact]
    return truth if term.wants else negated(truth)


def _missing(
    pack: Pack,
    reader: ColumnReader,
    truths: dict[str, Truths],
    households: NDArray[np.intp],
    matters: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Bits of the unanswered facts behind the facts that matter, for the households to verify."""
    missing = np.zeros(len(households), np.int64)
    unanswered: dict[str, NDArray[np.bool_]] = {}

    def visit(name: str, concerned: NDArray[np.bool_]) -> None:
        rule = pack.facts[name]
        concerned = concerned & (truths[name][households] == 1)
        for answer in rule.asks:
            if answer not in unanswered:
                unanswered[answer] = _unanswered(answer, reader)[households]
            bit = np.int64(1 << pack.reads.index(answer))
            np.bitwise_or(missing, bit, out=missing, where=concerned & unanswered[answer])
        for term in rule.terms:
            visit(term.fact, concerned)

    for index, name in enumerate(pack.row_facts):
        visit(name, (matters >> index & 1).astype(bool))
    return missing


def _unanswered(name: str, reader: ColumnReader) -> NDArray[np.bool_]:
    column = reader.columns.get(name)
    if column is None:
        return np.ones(reader.size, bool)
    if reader.registry[name].kind == MANY:
        return np.less(column, 0)
    return np.isnan(column)
