"""Checks an expression of a pack against what the forms ask: names, options and kinds."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from bot.expressions import Expression
from bot.rules.entries import Entry
from bot.rules.facts import MANY, ROSTER, Registry

INCOMPARABLE: Final = frozenset({MANY, ROSTER, "text", "person", "signature", "id_number", "phone"})
"""Kinds of facts that no comparison or calculation can take."""


def check_expression(entry: Entry, expression: Expression, registry: Registry, known: Sequence[str]) -> None:
    """Note every name that is not among `known`, every option that does not exist, every misuse of a kind."""
    rosters = {name for name in expression.names if name in registry and registry[name].kind == ROSTER}
    in_rows = {fact for roster in rosters for fact in registry[roster].row_facts}
    for name in (*names_in_order(expression), *sorted(expression.row_names - in_rows)):
        if name not in known:
            entry.unknown(f"nothing provides {name}", name, known)
    _check_kinds(entry, expression, registry)
    for name, constant in expression.constants:
        places = [name, *(f"{roster}.{name}" for roster in sorted(rosters) if name in in_rows)]
        info = next((registry[place] for place in reversed(places) if place in registry), None)
        if info is not None and info.options and constant not in info.options:
            codes = ", ".join(map(str, info.options))
            entry.note(f"{name} has no option {constant}", f"its options are {codes}")


def _check_kinds(entry: Entry, expression: Expression, registry: Registry) -> None:
    """Note what can never be compared or calculated with: several choices, rows, and plain text."""
    for node in ast.walk(expression.tree):
        match node:
            case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name), _]):
                if name in registry and registry[name].kind != MANY:
                    entry.note(
                        f"{name} has one answer only: compare it with == instead of has", f"write {name} == 1"
                    )
            case ast.Compare(left=left, comparators=rights):
                for side in (left, *rights):
                    _check_side(entry, side, registry)
            case ast.BinOp(left=left, right=right):
                _check_side(entry, left, registry)
                _check_side(entry, right, registry)


def _check_side(entry: Entry, side: ast.expr, registry: Registry) -> None:
    if isinstance(side, ast.Name) and side.id in registry and registry[side.id].kind in INCOMPARABLE:
        entry.note(
            f"{side.id} ({registry[side.id].kind}) cannot be compared or calculated with",
            "use a number or a choice",
        )


def names_in_order(expression: Expression) -> Iterator[str]:
    """The names that an expression reads outside of rosters, each once, as they stand in it."""
    nodes = [node for node in ast.walk(expression.tree) if isinstance(node, ast.Name)]
    ordered = sorted(nodes, key=lambda node: (node.lineno, node.col_offset))
    return iter(dict.fromkeys(node.id for node in ordered if node.id in expression.names))


def is_one_comparison(test: Expression) -> bool:
    """Whether a test is a single comparison or a single look for one code."""
    match test.tree:
        case ast.Compare(ops=[_]) | ast.Call(func=ast.Name(id="has")):
            return True
    return False
