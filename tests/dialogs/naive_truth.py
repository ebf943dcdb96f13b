"""A second, plain evaluation of conditions: over Python's own syntax tree, unknown being None."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise
from typing import Any

Lookup = Callable[[str], Any]
COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: None if b == 0 else a / b,
}


@cache
def tree(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def truth(node: ast.expr, look: Lookup) -> Any:
    """The value of an expression; None is unknown."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return look(node.id)
        case ast.List() | ast.Tuple():
            return [truth(part, look) for part in node.elts]
        case ast.UnaryOp():
            inner = truth(node.operand, look)
            return None if inner is None else not inner if isinstance(node.op, ast.Not) else -inner
        case ast.BoolOp():
            return joined([truth(part, look) for part in node.values], decisive=isinstance(node.op, ast.Or))
        case ast.Compare():
            values = [truth(part, look) for part in (node.left, *node.comparators)]
            return compared(values, [COMPARE[type(op)] for op in node.ops])
        case ast.BinOp():
            a, b = truth(node.left, look), truth(node.right, look)
            return None if a is None or b is None else ARITHMETIC[type(node.op)](a, b)
        case ast.IfExp():
            test = truth(node.test, look)
            return None if test is None else truth(node.body if test else node.orelse, look)
        case ast.Call(func=ast.Name(id=name)):
            return called(name, node.args, look)
    raise AssertionError(ast.dump(node))


def joined(values: list[Any], *, decisive: bool) -> bool | None:
    if any(value is not None and bool(value) is decisive for value in values):
        return decisive
    return None if None in values else not decisive


def compared(values: list[Any], tests: list[Callable[[Any, Any], bool]]) -> bool | None:
    results = [
        None if left is None or right is None else test(left, right)
        for (left, right), test in zip(pairwise(values), tests, strict=True)
    ]
    return False if False in results else None if None in results else True


def called(name: str, args: list[ast.expr], look: Lookup) -> Any:
    first = truth(args[0], look)
    if name == "blank":
        return first is None or first == "" or first == []
    if first is None:
        return None
    if name in ("any", "all", "sum", "union", "first") or (name == "count" and len(args) == 2):
        values = [truth(args[1], lambda n, row=row: row[n] if n in row else look(n)) for row in first]  # type: ignore[misc]
        return over_rows(name, values)
    others = [truth(arg, look) for arg in args[1:]]
    return None if None in others else of_known(name, first, others)


def of_known(name: str, first: Any, others: list[Any]) -> Any:
    match name, others:
        case "has", [code]:
            return code in first
        case "count", []:
            return len(first)
        case "abs", []:
            return abs(first)
        case "min" | "max", _:
            return sorted([first, *others])[0 if name == "min" else -1]
        case "days_between", [later]:
            return day(later).toordinal() - day(first).toordinal()
        case "months_between", [later]:
            return months(day(first), day(later))
        case "age", [later]:
            return months(day(first), day(later)) // 12
        case "round", _:
            # Half away from zero, as money is rounded; what a binary fraction cannot hold is no half.
            exact = Decimal(f"{first:.15g}")
            return float(exact.quantize(Decimal(1).scaleb(-sum(others)), ROUND_HALF_UP))
    raise AssertionError(name)


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def months(earlier: date, later: date) -> int:
    """Completed months, the long way round: a month is complete on the same day of the next."""
    whole = 12 * (later.year - earlier.year) + later.month - earlier.month
    return whole if later.day >= earlier.day else whole - 1


def over_rows(name: str, values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    if name == "any":
        return True if any(known) else None if len(known) < len(values) else False
    if name == "all":
        return False if not all(known) else None if len(known) < len(values) else True
    if name == "first":
        return known[0] if known else None
    if len(known) < len(values):
        return None
    if name == "count":
        return len([value for value in values if value])
    if name == "sum":
        return sum(values)
    codes = {code for value in values for code in (value if isinstance(value, list) else [value])}
    return sorted(codes - {0}) or sorted(codes)
