"""Classifies many households at once; each gets the verdict, the row and the missing answers of `decide`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bot.rules.columns import ColumnReader, Columns, Truths, negated
from bot.rules.facts import MANY
from bot.rules.pack import Fact, Pack
from bot.rules.parameters import values_at
from bot.rules.table import TO_VERIFY
from bot.rules.terms import Term


@dataclass(frozen=True, slots=True)
class ColumnVerdicts:
    """One entry for each household.

    `verdicts` are indexes into `Pack.outcomes`, -1 to verify. `rows` are indexes into `Pack.rows`, -1 while
    several are possible; `possible` has a bit for each of those. `missing` has a bit for each answer of
    `Pack.reads` that can still turn the verdict.
    """

    verdicts: NDArray[np.int8]
    rows: NDArray[np.int8]
    possible: NDArray[np.int32]
    missing: NDArray[np.int64]


def classify_columns(pack: Pack, columns: Columns, on: date) -> ColumnVerdicts:
    """Classify the households of `columns` (equally long, see `bot.rules.columns`) by the rules of a day.

    NotInForce before the scheme began. Columns that the pack does not read are left alone.
    """
    size = len(next(iter(columns.values()))) if columns else 0
    reader = ColumnReader(columns, size, pack.registry, pack.numbers, values_at(pack.parameters, on))
    truths: dict[str, Truths] = {}
    for name in pack.deciding:
        truths[name] = _truth(pack.facts[name], reader, truths)
    states = np.zeros(size, np.int32)
    for index, name in enumerate(pack.row_facts):
        states += truths[name] * np.int32(3**index)
    verdicts = np.full(pack.table.states, TO_VERIFY, np.int8)
    rows, possible = np.full(pack.table.states, -1, np.int8), np.zeros(pack.table.states, np.int32)
    matters = np.zeros(pack.table.states, np.int32)
    for state in np.flatnonzero(np.bincount(states, minlength=pack.table.states)).tolist():
        cell = pack.table.cell(state)
        verdicts[state] = cell.verdict
        rows[state] = cell.rows[0] if len(cell.rows) == 1 else -1
        possible[state] = sum(1 << row for row in cell.rows)
        matters[state] = sum(1 << fact for fact in cell.matters)
    missing = np.zeros(size, np.int64)
    found = verdicts[states]
    open_ = np.flatnonzero(found == TO_VERIFY)
    if len(open_):
        missing[open_] = _missing(pack, reader, truths, open_, matters[states[open_]])
    return ColumnVerdicts(found, rows[states], possible[states], missing)


def missing_names(pack: Pack, bits: int) -> tuple[str, ...]:
    """The answers that the bits of `ColumnVerdicts.missing` stand for."""
    return tuple(name for index, name in enumerate(pack.reads) if bits >> index & 1)


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
