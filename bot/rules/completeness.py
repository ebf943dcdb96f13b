"""Shows that every household meets exactly one row: all joint truths that answers can give are tried.

Facts that rest on different answers vary freely. Facts that share an answer (registered and not registered,
below 5000 and below 10000) are tried on every option and on both sides of every threshold. What cannot be
tried counts as free: then a row too many is asked for, but no household is taken for impossible.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod
from typing import Any, Final

from bot.expressions import Expression, parse
from bot.rules.entries import Entry
from bot.rules.facts import MANY, ROSTER, Facts, Registry
from bot.rules.pack import Fact, Number
from bot.rules.reading import Reading
from bot.rules.table import Component, DecisionTable, Vector

MOST: Final = 20_000
"""More combinations of answers than this are not tried: the facts then count as free of each other."""

STEP: Final = 0.01
"""How far beside a threshold the tried values lie: a fen, or little enough of anything else."""


def components(
    row_facts: Sequence[str],
    rules: Mapping[str, Fact],
    numbers: Mapping[str, Number],
    registry: Registry,
    parameters: Sequence[Facts],
) -> tuple[Component, ...]:
    """The facts of a table in groups that share answers, with the joint truths each group can show.

    `parameters` are the values of every day on which some value changes.
    """
    leaves = {name: _leaves(name, rules) for name in row_facts}
    leaf_groups = connected({leaf: set(rules[leaf].reads) for leaf in chain(*leaves.values())})
    group_of = {leaf: index for index, group in enumerate(leaf_groups) for leaf in group}
    joint = [joint_truths(group, rules, numbers, registry, parameters) for group in leaf_groups]
    parts = []
    for names in connected({name: {str(group_of[leaf]) for leaf in leaves[name]} for name in row_facts}):
        groups = sorted({group_of[leaf] for name in names for leaf in leaves[name]})
        vectors: set[Vector] = set()
        for chosen in product(*(joint[group] for group in groups)):
            reading = Reading(rules, numbers, {}, {})
            reading.truths.update(pair for truths in chosen for pair in truths)
            vectors.add(_vector({name: reading.truth(name) is True for name in names}, row_facts))
        mask = _vector(dict.fromkeys(names, True), row_facts)
        parts.append(Component(mask, tuple(sorted(vectors))))
    return tuple(parts)


def check(table: DecisionTable, rows: Sequence[Entry]) -> None:
    """Note every gap, every overlap, and every row that no household can meet; `rows` in table order."""
    met: set[int] = set()
    for vector in table.completions((table.states - 1) // 2):  # the state in which everything is unknown
        matched = table.rows_for(vector)
        met.update(matched)
        if not matched:
            what = f"no row covers {_describe(vector, table.facts)}"
            rows[-1].source.problems.add(rows[-1].source.file, "row", what, "add a row, or widen one")
        for index in matched[1:]:
            rows[index].note(
                f"overlaps row {rows[matched[0]].id} for {_describe(vector, table.facts)}",
                "state in one of the rows what the other excludes",
            )
    for index, row in enumerate(rows):
        if index not in met and not row.data.get("spare"):
            row.note("no household can meet this row", "two of its conditions exclude each other")


def _describe(vector: Vector, facts: Sequence[str]) -> str:
    return ", ".join(name if vector >> index & 1 else f"-{name}" for index, name in enumerate(facts))


def _vector(truths: Mapping[str, bool], row_facts: Sequence[str]) -> Vector:
    return sum(1 << index for index, name in enumerate(row_facts) if truths.get(name))


def _leaves(name: str, rules: Mapping[str, Fact]) -> tuple[str, ...]:
    terms = rules[name].terms
    return tuple(chain(*(_leaves(term.fact, rules) for term in terms))) if terms else (name,)


def connected(uses: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Groups of names that, directly or through others, use something in common; in first order."""
    groups: list[tuple[list[str], set[str]]] = []
    for name, used in uses.items():
        touching = [group for group in groups if group[1] & used]
        names = [*chain(*(group[0] for group in touching)), name]
        common = set(used).union(*(group[1] for group in touching))
        groups = [group for group in groups if group not in touching] + [(names, common)]
    return [tuple(names) for names, _ in groups]


def joint_truths(
    group: tuple[str, ...],
    rules: Mapping[str, Fact],
    numbers: Mapping[str, Number],
    registry: Registry,
    parameters: Sequence[Facts],
) -> set[tuple[tuple[str, bool], ...]]:
    """The truths that facts which rest on answers can show together, at the least.

    A fact whose thresholds depend on other answers or on figures that nobody has set is taken as free.
    """
    tried = [leaf for leaf in group if len(group) > 1 and is_tried(rules[leaf], registry, parameters)]
    free = [leaf for leaf in group if leaf not in tried]
    met = shown_together(tried, rules, numbers, registry, parameters)
    shown: set[tuple[tuple[str, bool], ...]] = {()} if met is None else set(met)
    free = list(group) if met is None else free
    return {
        tuple(sorted((*known, *zip(free, truths, strict=True))))
        for known in shown
        for truths in product((False, True), repeat=len(free))
    }


def shown_together(
    leaves: Sequence[str],
    rules: Mapping[str, Fact],
    numbers: Mapping[str, Number],
    registry: Registry,
    parameters: Sequence[Facts],
) -> Iterator[tuple[tuple[str, bool], ...]] | None:
    """The joint truths on every value that makes a difference, one by one; None when there are too many."""
    expressions = [expression for leaf in leaves for expression in rules[leaf].expressions]
    names = sorted({name for expression in expressions for name in expression.names - parameters[0].keys()})
    days = [(day, [candidates(name, expressions, registry, day) for name in names]) for day in parameters]
    if any(prod(map(len, tried)) > MOST for _, tried in days):
        return None
    return _met(leaves, rules, numbers, names, days)


def _met(
    leaves: Sequence[str],
    rules: Mapping[str, Fact],
    numbers: Mapping[str, Number],
    names: Sequence[str],
    days: Sequence[tuple[Facts, list[list[Any]]]],
) -> Iterator[tuple[tuple[str, bool], ...]]:
    """The joint truths of every combination of the values to try; a truth left open says nothing."""
    for day, tried in days:
        for answers in product(*tried):
            reading = Reading(rules, numbers, day, dict(zip(names, answers, strict=True)))
            truths = [(leaf, reading.truth(leaf)) for leaf in leaves]
            if all(truth is not None for _, truth in truths):
                yield tuple((leaf, truth is True) for leaf, truth in truths)


def is_tried(rule: Fact, registry: Registry, parameters: Sequence[Facts]) -> bool:
    """Whether every comparison of a fact holds one answer or figure against what is known of the day."""
    known = parameters[0].keys()
    for expression in rule.expressions:
        if any(name in registry and registry[name].kind == ROSTER for name in expression.names):
            return False
        if any(day[name] is None for day in parameters for name in expression.names & known):
            return False
        for node in ast.walk(expression.tree):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                asked = [side for side in sides if names_of(side) - known]
                if len(asked) > 1 or any(not isinstance(side, ast.Name) for side in asked):
                    return False
    return True


def candidates(name: str, expressions: Sequence[Expression], registry: Registry, day: Facts) -> list[Any]:
    """The values of an answer or figure that can make a difference to the expressions on that day.

    Every option; of several choices every set of the codes that are looked for, with and without another
    one; for figures each threshold and STEP beside it. Unknown is among them where an expression asks for it.
    """
    info = registry.get(name)
    nodes = [node for expression in expressions for node in ast.walk(expression.tree)]
    unknown = [None] if any(_asks_whether_blank(node, name) for node in nodes) else []
    if info is not None and info.kind == MANY:
        sought = {code for expression in expressions for fact, code in expression.constants if fact == name}
        other = [code for code in info.options if code not in sought][:1]
        return [*unknown, *_subsets((*sorted(sought), *other))]
    if info is not None and info.options:
        return [*unknown, *info.options]
    lines = {0.0} | {line for node in nodes for line in _thresholds(node, name, day)}
    return [*unknown, *sorted({around for line in lines for around in (line - STEP, line, line + STEP)})]


def _asks_whether_blank(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="blank"), args=[ast.Name(id=asked)]):
            return asked == name
    return False


def _thresholds(node: ast.AST, name: str, day: Facts) -> Iterator[float]:
    """What a comparison holds a figure against, as far as the day alone says it."""
    if not isinstance(node, ast.Compare):
        return
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Name) and side.id == name for side in sides):
        for side in sides:
            if not names_of(side) - day.keys():
                value = parse(ast.unparse(side)).evaluate(day)
                if isinstance(value, int | float):
                    yield float(value)


def names_of(node: ast.expr) -> set[str]:
    """The names that a part of an expression reads."""
    called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and id(part) not in called}


def _subsets(codes: tuple[int, ...]) -> Iterator[list[int]]:
    """Every choice of codes."""
    return (list(chosen) for size in range(len(codes) + 1) for chosen in combinations(codes, size))
