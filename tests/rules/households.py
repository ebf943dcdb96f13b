"""Many households by the rules of one pack: as columns for a batch, and the same ones as facts."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot import content
from bot.expressions import Expression, parse
from bot.rules.batch import aggregates
from bot.rules.decide import Verdict
from bot.rules.pack import Number, Pack
from bot.rules.reading import Reading

Columns = dict[str, NDArray[Any]]
Parameters = Mapping[str, float | None]

UNKNOWN_MASK: Final = -1
WHOLE: Final = frozenset({"integer", "year"})
FIGURES: Final = frozenset({*WHOLE, "money", "decimal", "percent"})
NET: Final = frozenset({"estimated_income_per_capita"})
"""Net figures in place of which a gross one may be looked at: they are at most as high."""


@dataclass(frozen=True, slots=True)
class Households:
    """Households as columns (see `bot.rules.columns`) and one by one, by the rules of one pack.

    `answers` are the columns of answers, `rosters` the rows of each household, None where nobody asked.
    """

    pack: Pack
    answers: Columns
    rosters: Mapping[str, list[Any]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(next(iter(self.answers.values()))) if self.answers else 0

    def columns(self, parameters: Parameters) -> Columns:
        """The answers, and what the pack reads of rosters gathered for each household."""
        columns = dict(self.answers)
        for source, expression in aggregates(self.pack).items():
            found = [expression.evaluate({**parameters, **rows}) for rows in self._rows()]
            columns[source] = np.array(found, float)
        return columns

    def facts(self) -> Iterator[dict[str, Any]]:
        """The answers of each household; what is not answered is absent."""
        names = list(self.answers)
        columns = (self._values(name) for name in names)
        for row, rosters in zip(zip(*columns, strict=True), self._rows(), strict=True):
            facts = {name: value for name, value in zip(names, row, strict=True) if value is not None}
            yield facts | rosters

    def some(self, chosen: Any) -> Households:
        """These households only, by index."""
        answers = {name: column[chosen] for name, column in self.answers.items()}
        places = np.arange(self.size)[chosen].tolist()
        rosters = {name: [rows[place] for place in places] for name, rows in self.rosters.items()}
        return Households(self.pack, answers, rosters)

    def with_gaps(self, silence: float, seed: int) -> Households:
        """The same households, but a share of the answers is missing, rows of rosters among them."""
        chance = np.random.default_rng([seed, 7])
        gaps: Columns = {}
        for name, column in self.answers.items():
            gaps[name] = column.copy()
            gaps[name][chance.random(self.size) < silence] = UNKNOWN_MASK if is_mask(column) else np.nan
        rosters = {}
        for name, given in self.rosters.items():
            silent = (chance.random(self.size) < silence).tolist()
            rosters[name] = [
                None if gone or rows is None else [_torn(row, silence, chance) for row in rows]
                for gone, rows in zip(silent, given, strict=True)
            ]
        return Households(self.pack, gaps, rosters)

    def _rows(self) -> Iterator[dict[str, Any]]:
        for place in range(self.size):
            yield {name: rows[place] for name, rows in self.rosters.items() if rows[place] is not None}

    def _values(self, name: str) -> list[Any]:
        column = self.answers[name]
        if is_mask(column):
            chosen: dict[int, list[int] | None] = {
                mask: None if mask < 0 else [code for code in range(63) if mask >> code & 1]
                for mask in np.unique(column).tolist()
            }
            return [chosen[mask] for mask in column.tolist()]
        info = self.pack.registry[name]
        if info.options or info.kind in WHOLE:
            return [None if value != value else int(value) for value in column.tolist()]
        return [None if value != value else value for value in column.tolist()]


def is_mask(column: NDArray[Any]) -> bool:
    """Whether a column holds several codes of each household."""
    return column.dtype.kind == "i"


def _torn(row: dict[str, Any], silence: float, chance: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not silence or chance.random() >= silence}


def columns_of(pack: Pack) -> tuple[str, ...]:
    """The answers of a pack that a column can hold: figures, and codes, one or several."""
    found = []
    for name in pack.keeps:
        info = pack.registry[name]
        if info.options or info.kind in FIGURES or info.kind == "calculate":
            found.append(name)
    return tuple(found)


def step_of(pack: Pack, name: str) -> float:
    """The smallest step of a figure: one, or a fen."""
    return 1.0 if pack.registry[name].kind in WHOLE or pack.registry[name].unit == "人" else 0.01


def consistent(households: Households, parameters: Parameters) -> Households:
    """The same households, with answers that agree.

    "None of these" stands alone, nothing is divided among nobody, and figures that say the same in two ways
    say the same: a number `x if blank(y) else y` wants y to be x, or at most x where x is gross (R-INC-06).
    """
    pack = households.pack
    answers = {name: column.copy() for name, column in households.answers.items()}
    for name, column in answers.items():
        if is_mask(column) and 0 in pack.registry[name].options:
            column[(column > 1) & (column & 1 == 1)] &= ~1
    for name in {name for number in pack.numbers.values() for name in _divisors(number)} & set(answers):
        answers[name][answers[name] == 0] = 1
    households = Households(pack, answers, households.rosters)
    for number in pack.numbers.values():
        match number.formula.tree:
            case ast.IfExp(
                test=ast.Call(func=ast.Name(id="blank"), args=[ast.Name(id=name)]),
                body=body,
                orelse=ast.Name(id=same),
            ) if name == same and name in answers:
                instead = parse(ast.unparse(body))
                readings = (Reading(pack.facts, pack.numbers, parameters, f) for f in households.facts())
                found = np.array([instead.run(each.get) for each in readings], float)
                said = np.fmin(answers[name], found) if name in NET else found
                given = ~np.isnan(answers[name]) & ~np.isnan(found)
                answers[name][given] = np.round(said[given], 2)
    return households


def without_contradictions(households: Households, parameters: Parameters) -> Households:
    """Those of whom no fact looks well by one answer and lacking by another (`ok` and `fail` at once)."""
    pack = households.pack
    weighed = [rule for rule in map(pack.facts.__getitem__, pack.deciding) if rule.ok and rule.fail]
    clear = [
        not any(rule.ok.run(get) and rule.fail.run(get) for rule in weighed if rule.ok and rule.fail)
        for get in (Reading(pack.facts, pack.numbers, parameters, f).get for f in households.facts())
    ]
    return households.some(np.flatnonzero(clear))


def _divisors(number: Number) -> Iterator[str]:
    for node in ast.walk(number.formula.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Name):
            yield node.right.id


def relevant(households: Households) -> Households:
    """The same households, without answers to questions that are not asked after their other answers."""
    pack, answers = households.pack, dict(households.answers)
    rosters = {name: list(rows) for name, rows in households.rosters.items()}
    asked: dict[str, list[Expression]] = {}
    for name in (*answers, *rosters):
        conditions = [_asked_if().get(item) for item in pack.registry[name].items]
        if conditions and None not in conditions:
            asked[name] = [condition for condition in conditions if condition is not None]
    silent: dict[str, list[int]] = {name: [] for name in asked}
    for place, facts in enumerate(households.facts()):
        for name, conditions in asked.items():
            if all(condition.evaluate(facts) is False for condition in conditions):
                silent[name].append(place)
    for name, places in silent.items():
        if name in rosters:
            for place in places:
                rosters[name][place] = None
        else:
            answers[name] = answers[name].copy()
            answers[name][places] = UNKNOWN_MASK if is_mask(answers[name]) else np.nan
    return Households(pack, answers, rosters)


@lru_cache(maxsize=1)
def _asked_if() -> dict[str, Expression]:
    """When each question is asked, by form and item."""
    return {
        f"{form.id}.{item.id}": item.ask_if
        for form in content.load().latest_forms()
        for item in form.items
        if item.ask_if is not None
    }


def as_case(pack: Pack, facts: Mapping[str, Any], verdict: Verdict) -> str:
    """A household as a case for tests/cases, with what it is told one by one."""
    answers = ", ".join(f"{name} = {json.dumps(value)}" for name, value in sorted(facts.items()))
    own = ", ".join(f"{name} = {value}" for name, value in verdict.parameters.items() if value is not None)
    return "\n".join(
        [
            "[[case]]",
            f'name = "{pack.scheme.name}"',
            f"but = {{ {answers} }}",
            f"parameters = {{ {own} }}",
            f'verdict = "{verdict.verdict or ""}"',
            f'row = "{verdict.row or ""}"',
            f"missing = {json.dumps(verdict.missing)}",
        ]
    )
