"""The thresholds of a pack: every comparison of figures that its rows and flags rest on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.expressions import Expression, parse
from bot.rules.pack import Pack
from bot.rules.reading import Reading
from tests.rules.households import Parameters, columns_of, step_of


@dataclass(frozen=True, slots=True)
class Edge:
    """A comparison of figures; `answers` are the figures among the answers that can move it.

    It `reads` these answers and parameters, through numbers too.
    """

    left: Expression
    right: Expression
    answers: tuple[str, ...]
    reads: frozenset[str]

    def distance(self, get: Callable[[str], Any]) -> float | None:
        """How far the left side lies above the right one; None when either is unknown."""
        left, right = self.left.run(get), self.right.run(get)
        return None if left is None or right is None else left - right


def edges_of(pack: Pack, parameters: Parameters) -> tuple[Edge, ...]:
    """Every comparison of figures that a row or flag of the pack rests on, through its numbers too.

    Those with a figure that no county has set are left out: there is no threshold yet.
    """
    unset = {name for name, value in parameters.items() if value is None}
    trees: list[ast.expr] = []
    for name in (*pack.deciding, *(term.fact for flag in pack.flags for term in flag.when)):
        trees += [each.tree for each in pack.facts[name].expressions]
    read = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    while more := {n for name in read & set(pack.numbers) for n in pack.numbers[name].formula.names} - read:
        read |= more
    trees += [pack.numbers[name].formula.tree for name in pack.numbers if name in read]
    found: dict[str, Edge] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                for left, op, right in pairs(node):
                    edge = None if isinstance(op, ast.In | ast.NotIn) else edge_between(pack, left, right)
                    if edge is not None and not edge.reads & unset:
                        found.setdefault(f"{ast.unparse(left)} ? {ast.unparse(right)}", edge)
    return tuple(found.values())


def edge_between(pack: Pack, left: ast.expr, right: ast.expr) -> Edge | None:
    """A comparison of two formulas, None if there is no figure among the answers that they read."""
    sides = [parse(ast.unparse(left)), parse(ast.unparse(right))]
    reads = dict.fromkeys(_unfolded(pack, [*sides[0].names, *sides[1].names]))
    can_move = (n for n in reads if n in columns_of(pack) and not pack.registry[n].options)
    answers = tuple(can_move)
    return Edge(sides[0], sides[1], answers, frozenset(reads)) if answers else None


def _unfolded(pack: Pack, names: Sequence[str]) -> Iterator[str]:
    for name in sorted(names):
        if name in pack.numbers:
            yield from _unfolded(pack, list(pack.numbers[name].formula.names))
        else:
            yield name


def pairs(node: ast.Compare) -> list[tuple[ast.expr, ast.cmpop, ast.expr]]:
    sides = [node.left, *node.comparators]
    return list(zip(sides, node.ops, sides[1:], strict=False))


def near(pack: Pack, edges: Sequence[Edge], parameters: Parameters, facts: Mapping[str, Any]) -> bool:
    """Whether a figure of a household lies on a threshold or one smallest step beside it."""
    get = Reading(pack.facts, pack.numbers, parameters, facts).get
    for edge in edges:
        distance = edge.distance(get)
        if distance is not None:
            step = max(step_of(pack, name) for name in edge.answers)
            if abs(distance) <= step + 1e-6:
                return True
    return False
