"""A second, plain reading of a form file: which questions apply and what is known then.

It shares no code with the product: it reads the TOML itself and evaluates conditions over Python's own
syntax tree. It is slow and simple, so that it can be believed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from tests.dialogs.building import tables

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
    match name, [truth(arg, look) for arg in args[1:]]:
        case "has", [code]:
            return code in first
        case "count", []:
            return len(first)
        case "abs", []:
            return abs(first)
        case "days_between", [later]:
            return (
                None
                if later is None
                else date.fromisoformat(later[:10]).toordinal() - date.fromisoformat(first[:10]).toordinal()
            )
        case "round", [digits]:
            return None if digits is None else float(f"{first + 1e-9:.{digits}f}")
    raise AssertionError(name)


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


class Replay:
    """The interview that `answers` make: `relevant` keys in order, `unanswered`, `facts`, `fired` checks."""

    def __init__(self, form_id: str, answers: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        data = tables_of(form_id)
        self.answers = answers
        self.given = given
        self.facts: dict[str, Any] = {}
        self.relevant: list[str] = []
        self.unanswered: list[str] = []
        items = data["item"]
        for at, item in enumerate(items):
            roster = item.get("repeat")
            if roster is None:
                self.item(item, None, item["id"])
            elif items[at - 1].get("repeat") != roster:
                counted = next(r["count"] for r in data["roster"] if r["id"] == roster)
                fact = next(i["fact"] for i in items if i["id"] == counted)
                self.rows(roster, [i for i in items if i.get("repeat") == roster], self.facts.get(fact))
        self.fired = [
            check["id"] for check in data.get("check", []) if truth(tree(check["when"]), self.look) is True
        ] + [id for item in items for id in self.out_of_soft_limits(item)]

    def look(self, name: str) -> Any:
        return self.facts.get(name, self.given.get(name))

    def item(self, item: Mapping[str, Any], row: dict[str, Any] | None, key: str) -> None:
        def look(name: str) -> Any:
            return row[name] if row is not None and name in row else self.look(name)

        if "ask_if" in item and truth(tree(item["ask_if"]), look) is not True:
            return
        into = self.facts if row is None else row
        if "calc" in item:
            into[item["fact"]] = truth(tree(item["calc"]), look)
            return
        self.relevant.append(key)
        value = self.answers.get(key)
        broken = value is not None and any(
            truth(tree(c["test"]), lambda n: value if n == "value" else look(n)) is False
            for c in item.get("check", [])
        )
        if key not in self.answers or broken:
            self.unanswered.append(key)
        else:
            into[item["fact"]] = value

    def rows(self, roster: str, items: list[Mapping[str, Any]], count: Any) -> None:
        if count is None:
            return
        rows: list[dict[str, Any]] = [{} for _ in range(min(count, 60))]
        self.facts[roster] = rows
        for number, row in enumerate(rows, 1):
            for item in items:
                self.item(item, row, f"{item['id']}#{number}")
        for item in items:
            if "fold" in item:
                self.facts[item["fold"]["fact"]] = truth(tree(item["fold"]["calc"]), self.look)

    def out_of_soft_limits(self, item: Mapping[str, Any]) -> list[str]:
        rows = self.facts.get(item["repeat"], []) if "repeat" in item else [self.facts]
        values = [row[item["fact"]] for row in rows if row.get(item["fact"]) is not None]
        low, high = item.get("soft_min"), item.get("soft_max")
        out = [v for v in values if (low is not None and v < low) or (high is not None and v > high)]
        return [f"{item['id']}.range"] if out else []


@cache
def tables_of(form_id: str) -> dict[str, Any]:
    return tables(f"forms/{form_id}.toml")
