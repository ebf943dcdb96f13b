"""What the facts of a pack rest on, down to the answers: names, and every comparison they are held to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from bot.expressions import Expression, is_over_rows, parse
from bot.rules.pack import Pack
from bot.rules.reading import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A number that is one of two names, or branches, depending on a condition."""

    test: Expression
    yes: Way
    no: Way


Way: TypeAlias = "Branch | str | None"
"""How a number comes about: as what stands under a name, by a condition, or by a calculation of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One comparison below a fact, whole and by its sides."""

    whole: Expression
    left: Expression
    right: Expression | None
    """None for a list of constants, which are `constants` then."""
    constants: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a fact rests on: `own` names as it states them, all `names` below it, and every comparison."""

    own: tuple[str, ...]
    names: frozenset[str]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """The grounds of the facts that rows rest on and that are made of no others, in the order of the pack."""

    of: Mapping[str, Ground]
    ways: Mapping[str, Way]
    below: Mapping[str, frozenset[str]]
    """By number, every name below it."""

    def depends(self, expression: Expression, name: str) -> bool:
        """Whether an expression reads a name, directly or through numbers."""
        return any(each == name or name in self.below.get(each, ()) for each in expression.names)

    def standing(self, name: str, reading: Reading) -> str:
        """The answer, or the calculated figure, that a name stands for in this household."""
        way = self.ways.get(name)
        while isinstance(way, Branch):
            truth = way.test.run(reading.get)
            way = None if truth is None else way.yes if truth else way.no
        return name if way is None else self.standing(way, reading)


@lru_cache(maxsize=64)
def grounds(pack: Pack) -> Grounds:
    """What the facts of a pack's rows rest on; worked out once."""
    below: dict[str, frozenset[str]] = {}
    for id, number in pack.numbers.items():  # a number reads only those that stand before it
        read = number.formula.names
        below[id] = read.union(*(below.get(name, frozenset()) for name in read))
    return Grounds(
        {name: _ground(pack, below, name) for name in pack.deciding if not pack.facts[name].terms},
        {id: _way(number.formula.tree) for id, number in pack.numbers.items()},
        below,
    )


def _ground(pack: Pack, below: Mapping[str, frozenset[str]], fact: str) -> Ground:
    expressions = pack.facts[fact].expressions
    own = dict.fromkeys(name for each in expressions for name in sorted(each.names))
    names = frozenset(own).union(*(below.get(name, frozenset()) for name in own))
    trees = [each.tree for each in expressions]
    trees += [pack.numbers[name].formula.tree for name in sorted(names & pack.numbers.keys())]
    return Ground(tuple(own), names, tuple(chain(*map(_comparisons, trees))))


def _comparisons(node: ast.AST) -> Iterator[Comparison]:
    """Every comparison of a tree outside of rosters, each pair of sides by itself."""
    if isinstance(node, ast.expr) and is_over_rows(node):
        return
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operation, right in zip(sides, node.ops, node.comparators, strict=False):
            whole = _part(ast.Compare(left=left, ops=[operation], comparators=[right]))
            if isinstance(right, ast.Tuple | ast.List):
                constants = [leaf.value for leaf in right.elts if isinstance(leaf, ast.Constant)]
                numbers = tuple(each for each in constants if isinstance(each, int | float))
                yield Comparison(whole, _part(left), None, numbers)
            else:
                yield Comparison(whole, _part(left), _part(right))
    for child in ast.iter_child_nodes(node):
        yield from _comparisons(child)


def _way(tree: ast.expr) -> Way:
    match tree:
        case ast.Name(id=name):
            return name
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return Branch(_part(test), _way(body), _way(orelse))
    return None


def _part(tree: ast.expr) -> Expression:
    return parse(ast.unparse(tree))
