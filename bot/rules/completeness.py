"""Shows that every household meets exactly one row: all joint truths that answers can give are tried.

Facts that rest on different answers vary freely. Facts that share an answer (registered and not registered,
below 5000 and below 10000) are tried on every option and on both sides of every threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod
from typing import Any, Final

from bot.rules.entries import Entry
from bot.rules.facts import MANY, ROSTER, Facts, Registry
from bot.rules.pack import Fact, Number
from bot.rules.reading import Reading
from bot.rules.table import Component, DecisionTable, Vector

MOST: Final = 100_000
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
    leaf_groups = _connected({leaf: set(rules[leaf].reads) for leaf in chain(*leaves.values())})
    group_of = {leaf: index for index, group in enumerate(leaf_groups) for leaf in group}
    joint = [_joint_truths(group, rules, numbers, registry, parameters) for group in leaf_groups]
    parts = []
    for names in _connected({name: {str(group_of[leaf]) for leaf in leaves[name]} for name in row_facts}):
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
        if index not in met:
            row.note("no household can meet this row", "two of its conditions exclude each other")


def _describe(vector: Vector, facts: Sequence[str]) -> str:
    return ", ".join(name if vector >> index & 1 else f"-{name}" for index, name in enumerate(facts))


def _vector(truths: Mapping[str, bool], row_facts: Sequence[str]) -> Vector:
    return sum(1 << index for index, name in enumerate(row_facts) if truths.get(name))


def _leaves(name: str, rules: Mapping[str, Fact]) -> tuple[str, ...]:
    terms = rules[name].terms
    return tuple(chain(*(_leaves(term.fact, rules) for term in terms))) if terms else (name,)


def _connected(uses: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Groups of names that, directly or through others, use something in common; in first order."""
    groups: list[tuple[list[str], set[str]]] = []
    for name, used in uses.items():
        touching = [group for group in groups if group[1] & used]
        names = [*chain(*(group[0] for group in touching)), name]
        common = set(used).union(*(group[1] for group in touching))
        groups = [group for group in groups if group not in touching] + [(names, common)]
    return [tuple(names) for names, _ in groups]


def _joint_truths(
    group: tuple[str, ...],
    rules: Mapping[str, Fact],
    numbers: Mapping[str, Number],
    registry: Registry,
    parameters: Sequence[Facts],
) -> set[tuple[tuple[str, bool], ...]]:
    """The truths that facts which rest on answers can show together."""
    free = {tuple(zip(group, truths, strict=True)) for truths in product((False, True), repeat=len(group))}
    names = list(dict.fromkeys(chain(*(rules[leaf].reads for leaf in group))))
    if len(group) == 1 or any(registry[name].kind == ROSTER for name in names):
        return free
    shown: set[tuple[tuple[str, bool], ...]] = set()
    for day in parameters:
        tried = [_candidates(name, group, rules, registry, day) for name in names]
        if prod(map(len, tried)) > MOST:
            return free
        for answers in product(*tried):
            reading = Reading(rules, numbers, day, dict(zip(names, answers, strict=True)))
            truths = [(leaf, reading.truth(leaf)) for leaf in group]
            if all(truth is not None for _, truth in truths):
                shown.add(tuple((leaf, truth is True) for leaf, truth in truths))
    return shown


def _candidates(
    name: str, group: tuple[str, ...], rules: Mapping[str, Fact], registry: Registry, day: Facts
) -> list[Any]:
    info = registry[name]
    if info.kind == MANY:
        return list(_subsets(tuple(info.options)))
    if info.options:
        return list(info.options)
    lines = {0.0}
    for expression in chain(*(rules[leaf].expressions for leaf in group)):
        lines.update(day[read] for read in expression.names if read in day)
        lines.update(float(value) for _, value in expression.constants if isinstance(value, int | float))
    return sorted({around for line in lines for around in (line - STEP, line, line + STEP)})


def _subsets(codes: tuple[int, ...]) -> Iterator[list[int]]:
    """Every choice of codes; of very many codes at most two together."""
    most = len(codes) if len(codes) <= 8 else 2
    sizes: Iterable[int] = range(most + 1)
    return (list(chosen) for size in sizes for chosen in combinations(codes, size))
