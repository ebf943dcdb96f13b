"""Evaluates expressions on columns, a million households at a time, to the same values as one by one.

A column of numbers or single codes is float64 with NaN for unknown; of a multi-select int64 bit masks (bit =
code) with -1 for unknown. Truth is int8: 0 false, 1 unknown, 2 true. A name without a column, and whatever
needs the rows of a roster, is unknown for every household, unless a column under the source text of that
part of the expression brings it (`bot.rules.batch.aggregates`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.expressions import is_over_rows
from bot.rules.facts import MANY, Registry
from bot.rules.pack import Number

Truths: TypeAlias = NDArray[np.int8]
Numbers: TypeAlias = NDArray[np.float64]
Masks: TypeAlias = NDArray[np.int64]
Columns: TypeAlias = Mapping[str, NDArray[Any]]

UNKNOWN: Final = np.int8(1)

_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: np.equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
}


@dataclass(slots=True)
class ColumnReader:
    """Reads columns, parameters and numbers by name, each prepared once."""

    columns: Columns
    size: int
    registry: Registry
    numbers: Mapping[str, Number]
    parameters: Mapping[str, float]
    figures: dict[str, Any] = field(default_factory=dict)
    blanks: dict[str, NDArray[np.int8]] = field(default_factory=dict)

    def truth(self, node: ast.expr) -> Truths:
        """The truth of a condition for every household."""
        if is_over_rows(node):
            return self.truth_of(self.aggregate(node))
        match node:
            case ast.BoolOp(op=op, values=parts):
                return reduce(np.minimum if isinstance(op, ast.And) else np.maximum, map(self.truth, parts))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return negated(self.truth(inner))
            case ast.Compare(left=left, ops=ops, comparators=rights):
                operands = [left, *rights]
                pairs = [self.compare(op, operands[i], operands[i + 1]) for i, op in enumerate(ops)]
                return reduce(np.minimum, pairs)
            case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name), ast.Constant(value=int(code))]):
                return self.contains(name, code)
            case ast.Call(func=ast.Name(id="blank"), args=[ast.Name(id=name)]):
                return self.blank(name)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                chosen: Truths = self.choose(self.truth(test), self.truth(body), self.truth(orelse), UNKNOWN)
                return chosen
        return self.unknown_truth()

    def number(self, node: ast.expr) -> Any:
        """The value of a formula for every household: a column, or one number for all."""
        if is_over_rows(node):
            return self.aggregate(node)
        match node:
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.number(inner)
            case ast.Name(id=name):
                return self.figure(name)
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return self.divide(self.number(a), self.number(b))
            case ast.BinOp(left=a, op=op, right=b):
                return _ARITHMETIC[type(op)](self.number(a), self.number(b))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choose(self.truth(test), self.number(body), self.number(orelse), np.nan)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
                return _FUNCTIONS[name](*map(self.number, args))
        return np.full(self.size, np.nan)

    def aggregate(self, node: ast.expr) -> Numbers:
        """What was gathered from the rows of a roster; unknown when nobody gathered it."""
        found = self.columns.get(ast.unparse(node))
        return np.full(self.size, np.nan) if found is None else found

    def truth_of(self, values: Numbers) -> Truths:
        """Truths from numbers: unknown where NaN, false where 0."""
        return np.where(np.isnan(values), UNKNOWN, np.where(values == 0, np.int8(0), np.int8(2)))

    def figure(self, name: str) -> Any:
        """A number, parameter or column by name."""
        if name not in self.figures:
            if name in self.numbers:
                value = self.number(self.numbers[name].formula.tree)
            elif name in self.parameters:
                value = self.parameters[name]
            elif name in self.columns and self.columns[name].dtype.kind == "f":
                value = self.columns[name]
            else:
                value = np.full(self.size, np.nan)
            self.figures[name] = value
        return self.figures[name]

    def compare(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Truths:
        """One comparison; unknown where a side is."""
        match op:
            case ast.In():
                return reduce(np.maximum, [self.compare(ast.Eq(), left, each) for each in _listed(right)])
            case ast.NotIn():
                return negated(self.compare(ast.In(), left, right))
            case ast.NotEq():
                return negated(self.compare(ast.Eq(), left, right))
        a, b = self.number(left), self.number(right)
        # A comparison with NaN is false, so adding one where NaN stands makes it unknown.
        holds = np.asarray(_COMPARE[type(op)](a, b)).view(np.int8) << 1
        for side, node in ((a, left), (b, right)):
            if isinstance(side, np.ndarray):
                holds = np.bitwise_or(holds, self.gaps(side, node))
            elif side != side:  # a figure that no county has set
                return self.unknown_truth()
        return np.broadcast_to(holds, self.size)

    def gaps(self, values: Numbers, node: ast.expr) -> NDArray[np.int8]:
        """1 where a value is unknown; kept for columns that are compared several times."""
        if not isinstance(node, ast.Name):
            return np.isnan(values).view(np.int8)
        if node.id not in self.blanks:
            self.blanks[node.id] = np.isnan(values).view(np.int8)
        return self.blanks[node.id]

    def contains(self, name: str, code: int) -> Truths:
        """Whether a multi-select holds a code."""
        masks = self.columns.get(name)
        if masks is None or masks.dtype.kind != "i":
            return self.unknown_truth()
        # The mask of unknown has every bit set: two minus one is unknown.
        holds: Truths = ((masks >> code & 1) << 1).astype(np.int8)
        return holds - (masks < 0).view(np.int8)

    def blank(self, name: str) -> Truths:
        """Whether a fact is unknown or empty; never unknown itself."""
        info = self.registry.get(name)
        if info is not None and info.kind == MANY:
            masks = self.columns.get(name)
            empty = np.ones(self.size, bool) if masks is None else masks <= 0
        else:
            empty = np.isnan(self.figure(name))
        return np.broadcast_to(np.asarray(empty).view(np.int8) << 1, self.size)

    def divide(self, a: Any, b: Any) -> Any:
        """Division, unknown where the divisor is nought."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(np.equal(b, 0), np.nan, np.divide(a, b))

    def choose(self, truth: Truths, yes: Any, no: Any, otherwise: Any) -> Any:
        """`yes` where the truth is 2, `no` where 0, else `otherwise`."""
        return np.where(truth == 2, yes, np.where(truth == 0, no, otherwise))

    def unknown_truth(self) -> Truths:
        """Unknown for every household."""
        return np.full(self.size, UNKNOWN)


def negated(truths: Truths) -> Truths:
    """The opposite; unknown stays unknown."""
    return 2 - truths


def _round(values: Any, digits: float = 0) -> Any:
    # The same steps as for one household, so that no figure differs by a fen.
    factor = 10 ** int(digits)
    scaled = np.abs(values) * factor
    nudge = np.maximum(scaled, 1e6) * 1e-15
    return np.copysign(np.floor(scaled + 0.5 + nudge) / factor, values) + 0.0  # no negative nought


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "round": _round,
    "abs": np.abs,
    "min": lambda *values: reduce(np.minimum, values),
    "max": lambda *values: reduce(np.maximum, values),
}


def _listed(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
