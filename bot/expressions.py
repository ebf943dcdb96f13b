"""The one small language of conditions and formulas in forms and rules.

Python's own syntax, parsed with `ast` against a whitelist and compiled to closures once. A value that is
missing or not known is `None`; truth has three values (Kleene): True, False and None. The same source is
evaluated on one household (`Expression.evaluate`) and on NumPy columns (`bot.rules.columns`).
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from bot.errors import HubangError
from bot.functions import ARGUMENTS, FOLDS, PLAIN, kleene_and

Value: TypeAlias = Any
"""A fact: int code, list of codes, number, text, ISO date text, list of rows (dicts), bool, or None."""

Getter: TypeAlias = Callable[[str], Value]
Compiled: TypeAlias = Callable[[Getter], Value]


class ExpressionError(HubangError):
    """The expression {source!r} cannot be used: {why}."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A parsed condition or formula; `names` are the facts it reads outside of any roster row."""

    source: str
    tree: ast.expr
    names: frozenset[str]
    row_names: frozenset[str]
    """Names read in the second argument of any/all/count/sum/union/first: row facts or household facts."""
    constants: tuple[tuple[str, Value], ...]
    """Each (fact, constant) that it compares or looks for, for the check that the option exists."""
    run: Compiled

    def evaluate(self, facts: Mapping[str, Value]) -> Value:
        """The value for one household's facts; None when it depends on something unknown."""
        return self.run(facts.get)


ROSTER_FUNCTIONS: Final = frozenset({"any", "all", "count", "sum", "union", "first"})


def is_over_rows(node: ast.expr) -> bool:
    """Whether a part of an expression reads the rows of a roster."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ROSTER_FUNCTIONS


_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else None,
}


@lru_cache(maxsize=8192)
def parse(source: str) -> Expression:
    """Parse and compile `source`; ExpressionError names what is not allowed."""
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(source=source, why=f"syntax error at column {error.offset}") from None
    names: set[str] = set()
    rows: set[str] = set()
    run = _Compiler(source, names, rows).compile(tree)
    return Expression(source, tree, frozenset(names), frozenset(rows), tuple(_constants(tree)), run)


@dataclass(slots=True)
class _Compiler:
    source: str
    names: set[str]
    row_names: set[str]
    in_row: bool = False

    def fail(self, why: str) -> ExpressionError:
        return ExpressionError(source=self.source, why=why)

    def compile(self, node: ast.expr) -> Compiled:
        match node:
            case ast.Constant(value=value):
                return self.constant(value)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return self.constant(-number)
            case ast.Name(id=name):
                (self.row_names if self.in_row else self.names).add(name)
                return lambda get: get(name)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = tuple(self.literal(part) for part in parts)
                return lambda get: values
            case ast.BoolOp(op=op, values=parts):
                return self.junction(isinstance(op, ast.And), [self.compile(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.negate(inner)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                return self.comparison(left, ops, rights)
            case ast.BinOp(left=a, op=operation, right=b) if type(operation) in _ARITHMETIC:
                return self.apply(_ARITHMETIC[type(operation)], [a, b])
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.call(name, args)
        raise self.fail(f"{type(node).__name__} is not part of the language")

    def constant(self, value: object) -> Compiled:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.fail(f"{value!r} is not allowed: use numbers, text, or the code of an option")
        return lambda get: value

    def literal(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
            return node.value
        raise self.fail("a list may hold constants only")

    def junction(self, conjunction: bool, runs: Sequence[Compiled]) -> Compiled:
        """Kleene and / or that stops at the first part which settles it."""
        settled = not conjunction

        def joined(get: Getter) -> bool | None:
            result: bool | None = conjunction
            for run in runs:
                value = run(get)
                if value is None:
                    result = None
                elif bool(value) is settled:
                    return settled
            return result

        return joined

    def negate(self, node: ast.expr) -> Compiled:
        run = self.compile(node)

        def negated(get: Getter) -> bool | None:
            value = run(get)
            return None if value is None else not value

        return negated

    def comparison(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Compiled:
        for op in ops:
            if type(op) not in _COMPARE:
                raise self.fail(f"{type(op).__name__} is not part of the language")
        listed = [isinstance(right, ast.Tuple | ast.List) for right in rights]
        if listed != [isinstance(op, ast.In | ast.NotIn) for op in ops]:
            raise self.fail("in and not in take a list such as (1, 2), and nothing else does")
        if len(ops) == 1:
            if isinstance(left, ast.Name) and isinstance(rights[0], ast.Constant | ast.Tuple | ast.List):
                return self.fact_against_constant(left, _COMPARE[type(ops[0])], rights[0])
            return self.apply(_COMPARE[type(ops[0])], [left, rights[0]])
        operands = [left, *rights]
        pairs = tuple(
            self.apply(_COMPARE[type(op)], [operands[i], operands[i + 1]]) for i, op in enumerate(ops)
        )
        return lambda get: kleene_and(pair(get) for pair in pairs)

    def fact_against_constant(
        self, fact: ast.Name, test: Callable[[Any, Any], bool], constant: ast.Constant | ast.Tuple | ast.List
    ) -> Compiled:
        """The commonest condition by far, in one call instead of three."""
        self.compile(fact)
        name = fact.id
        against = self.compile(constant)(lambda _: None)

        def compared(get: Getter) -> bool | None:
            value = get(name)
            return None if value is None else test(value, against)

        return compared

    def apply(self, function: Callable[..., Value], nodes: Sequence[ast.expr]) -> Compiled:
        """A function of known values; any unknown argument makes the result unknown."""
        if len(nodes) == 2:
            first, second = self.compile(nodes[0]), self.compile(nodes[1])

            def binary(get: Getter) -> Value:
                a = first(get)
                if a is None:
                    return None
                b = second(get)
                return None if b is None else function(a, b)

            return binary
        runs = tuple(self.compile(node) for node in nodes)

        def general(get: Getter) -> Value:
            values = [run(get) for run in runs]
            return None if None in values else function(*values)

        return general

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Compiled:
        condition, yes, no = self.compile(test), self.compile(body), self.compile(orelse)

        def chosen(get: Getter) -> Value:
            truth = condition(get)
            if truth is None:
                return None
            return yes(get) if truth else no(get)

        return chosen

    def call(self, name: str, args: list[ast.expr]) -> Compiled:
        if name == "blank" and len(args) == 1:
            run = self.compile(args[0])
            return lambda get: run(get) in (None, "", [])
        if name in ROSTER_FUNCTIONS:
            return self.over_rows(name, args)
        if name in PLAIN:
            least, most = ARGUMENTS[name]
            if not least <= len(args) <= most:
                raise self.fail(
                    f"{name} takes {least if least == most else f'{least} to {most}'} argument(s)"
                )
            return self.apply(PLAIN[name], args)
        raise self.fail(f"there is no function {name}")

    def over_rows(self, name: str, args: list[ast.expr]) -> Compiled:
        if name == "count" and len(args) == 1:
            return self.apply(len, args)
        if len(args) != 2:
            raise self.fail(f"{name} takes a roster and an expression over its rows")
        if self.in_row:
            raise self.fail("a roster inside a roster is not possible")
        roster = self.compile(args[0])
        self.in_row = True
        inner = self.compile(args[1])
        self.in_row = False
        fold = FOLDS[name]

        def folded(get: Getter) -> Value:
            rows = roster(get)
            if rows is None:
                return None
            return fold([inner(_row_getter(row, get)) for row in rows])

        return folded


def _row_getter(row: Mapping[str, Value], get: Getter) -> Getter:
    return lambda name: row[name] if name in row else get(name)


def _constants(tree: ast.expr) -> Iterator[tuple[str, Value]]:
    """Pairs of a name and a constant it is compared with, wherever they stand in the tree."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=ast.Name(id=name), comparators=rights):
                for right in rights:
                    for leaf in ast.walk(right):
                        if isinstance(leaf, ast.Constant):
                            yield name, leaf.value
            case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name), ast.Constant(value=code)]):
                yield name, code
