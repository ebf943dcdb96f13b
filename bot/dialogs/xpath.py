"""Print a condition or formula as XPath 1.0 with ODK's functions, its three values kept.

XPath knows no "unknown": a blank answer compares as false, and so does its negation. So each condition is
printed for one purpose: `is_true` holds only where the condition is True, `is_false` only where it is False,
and `value` is blank where the formula is unknown. What rosters sum up goes through hidden columns of their
rows (`Rows.column`), so that no predicate over a node-set is needed.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from bot.dialogs.xpath_terms import (
    FALSE,
    NEVER,
    TRUE,
    Condition,
    Kind,
    Term,
    arithmetic,
    both,
    compared,
    either,
    literal,
    negative,
    one_of,
    quoted,
    union,
)
from bot.dialogs.xpath_terms import called as plain_call
from bot.errors import HubangError
from bot.expressions import Expression


class Unsayable(HubangError):
    """{source!r} cannot be said in XPath: {why}."""


@dataclass(frozen=True, slots=True)
class Fact:
    """How a fact is written in XPath; it is blank while unknown, unless it is `always` known."""

    path: str
    kind: Kind
    always: bool = False
    codes: tuple[int, ...] = ()
    """The options of a choice, in official order."""
    known: Condition | None = None
    """Where it is known although it may be blank: nobody's codes, put together, are none."""


class Rows(Protocol):
    """A roster as a condition outside of it sees it."""

    @property
    def inside(self) -> Scope:
        """The facts of one row first, then the household's."""

    @property
    def known(self) -> str:
        """XPath: whether it is known how many rows there are."""

    @property
    def number(self) -> str:
        """XPath: how many rows there are, 0 while that is not known."""

    @property
    def path(self) -> str:
        """XPath: the rows themselves."""

    @property
    def place(self) -> str:
        """XPath within a row: its number, from 1."""

    def column(self, calculation: str, kind: Kind | Literal["flag"]) -> str:
        """A hidden column calculated in every row that counts; its path."""


class Scope(Protocol):
    """What a condition may read."""

    def fact(self, name: str) -> Fact | None:
        """The fact of that name; None when nothing here can provide it, so that it is never known."""

    def rows(self, roster: str) -> Rows | None:
        """The roster of that name; None when nothing here can provide it."""


Truth: TypeAlias = Literal[True, False]
_COMPARE: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_OPPOSITE: Final = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ARITHMETIC: Final[dict[type[ast.operator], str]] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "div",
}  # fmt: skip
LAST: Final = 999
"""Beyond the place of any row."""
_FOLDS: Final = ("any", "all", "count", "sum", "union", "first")


def is_true(expression: Expression, scope: Scope) -> str:
    """XPath that is true exactly where `expression` is True; "false()" where it never is."""
    return _Printer(expression.source, scope).truth(expression.tree, True).text


def is_false(expression: Expression, scope: Scope) -> str:
    """XPath that is true exactly where `expression` is False; "false()" where it never is."""
    return _Printer(expression.source, scope).truth(expression.tree, False).text


def value(expression: Expression, scope: Scope) -> str:
    """XPath of the value of `expression`, blank where it is unknown."""
    return _Printer(expression.source, scope).whole(expression.tree)


def kind(expression: Expression, scope: Scope) -> Kind:
    """What sort of value a formula has."""
    return _Printer(expression.source, scope).term(expression.tree).kind


def known(expression: Expression, scope: Scope) -> Condition:
    """Where a formula is known."""
    return _Printer(expression.source, scope).term(expression.tree).known


@dataclass(frozen=True, slots=True)
class _Printer:
    source: str
    scope: Scope

    def whole(self, node: ast.expr) -> str:
        """A value with its blank."""
        return _blank_unless(self.term(node))

    def truth(self, node: ast.expr, want: Truth) -> Condition:
        """Where `node` is known to be `want`."""
        match node:
            case ast.BoolOp(op=op, values=parts):
                printed = [self.truth(part, want) for part in parts]
                return both(printed) if isinstance(op, ast.And) is want else either(printed)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.truth(inner, not want)
            case ast.Compare():
                return self.comparison(node, want)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                yes = both([self.truth(test, True), self.truth(body, want)])
                return either([yes, both([self.truth(test, False), self.truth(orelse, want)])])
            case ast.Call(func=ast.Name(id="blank"), args=[inner]):
                return self.blank(inner, want)
            case ast.Call(func=ast.Name(id="has"), args=[many, code]):
                return self.has(self.term(many), self.term(code), want)
            case ast.Call(func=ast.Name(id="any" | "all" as name), args=[roster, test]):
                return self.over_rows(name, roster, test, want)
        return self.nonzero(node, want)

    def has(self, many: Term, code: Term, want: Truth) -> Condition:
        said = quoted(code.text) if code.constant else code.text
        held = Condition(f"selected({many.text}, {said})")
        # Nothing is selected in a blank.
        known = both([TRUE if want and many.plain else many.known, code.known])
        return both([known, held if want else negative(held)])

    def nonzero(self, node: ast.expr, want: Truth) -> Condition:
        """A number used as a condition."""
        term = self.term(node)
        if term.kind != "number":
            raise Unsayable(
                source=self.source, why=f"{ast.unparse(node)} is neither a condition nor a number"
            )
        return compared("!=" if want else "=", term, literal(0))

    def comparison(self, node: ast.Compare, want: Truth) -> Condition:
        operands = [node.left, *node.comparators]
        pairs = [self.pair(operands[i], op, operands[i + 1], want) for i, op in enumerate(node.ops)]
        return both(pairs) if want else either(pairs)

    def pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr, want: Truth) -> Condition:
        term = self.term(left)
        if isinstance(right, ast.Tuple | ast.List):
            constants = [literal(part.value) for part in right.elts if isinstance(part, ast.Constant)]
            return one_of(term, constants, want is isinstance(op, ast.In))
        sign = _COMPARE[type(op)]
        return compared(sign if want else _OPPOSITE[sign], term, self.term(right))

    def blank(self, node: ast.expr, want: Truth) -> Condition:
        """Unknown, empty text, or a roster without rows."""
        if isinstance(node, ast.Name) and (rows := self.scope.rows(node.id)) is not None:
            return Condition(f"{rows.number} {'=' if want else '>'} 0")
        term = self.term(node)
        known = term.known if term.kind != "codes" else both([term.known, Condition(f"{term.text} != ''")])
        return negative(known) if want else known

    def term(self, node: ast.expr) -> Term:
        """The value of `node`, with where it is known."""
        match node:
            case ast.Constant(value=int() | float() | str() as constant):
                return literal(constant)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return literal(-number)
            case ast.Name(id=name):
                return self.named(name)
            case ast.BinOp(left=a, op=op, right=b):
                return arithmetic(_ARITHMETIC[type(op)], self.term(a), self.term(b))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _FOLDS and name not in ("any", "all"):
                return self.folded(name, args)
            case ast.Call(func=ast.Name(id=name), args=args) if name not in ("blank", "has", "any", "all"):
                printed = plain_call(name, [self.term(argument) for argument in args])
                if printed is not None:
                    return printed
                raise Unsayable(source=self.source, why=f"there is no such function as {name}")
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Call():
                yes, no = self.truth(node, True), self.truth(node, False)
                return Term(f"if({yes.text}, 1, 0)", either([yes, no]))
        raise Unsayable(source=self.source, why=f"{ast.unparse(node)} has no value")

    def named(self, name: str) -> Term:
        fact = self.scope.fact(name)
        if fact is None:
            return NEVER
        known = TRUE if fact.always else fact.known or Condition(f"{fact.path} != ''")
        return Term(fact.path, known, fact.kind, plain=True, blank=True)

    def choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> Term:
        yes, no = self.term(body), self.term(orelse)
        true, false = self.truth(test, True), self.truth(test, False)
        if true == FALSE:
            return Term(no.text, both([false, no.known]), no.kind)
        known = either([both([true, yes.known]), both([false, no.known])])
        if yes.known == TRUE and no.known == TRUE:
            known = either([true, false])
        return Term(f"if({true.text}, {yes.text}, {no.text})", known, yes.kind)

    def roster(self, node: ast.expr) -> Rows | None:
        return self.scope.rows(node.id) if isinstance(node, ast.Name) else None

    def over_rows(self, name: str, roster: ast.expr, test: ast.expr, want: Truth) -> Condition:
        """any is True, and all False, by one row; the other way round every row must say so."""
        rows = self.roster(roster)
        if rows is None:
            return FALSE
        said = _Printer(self.source, rows.inside).truth(test, want)
        total = _flags(rows, said)
        if (name == "any") is want:
            return FALSE if said == FALSE else Condition(f"{total} > 0")
        return both([Condition(rows.known), Condition(f"{total} = {rows.number}")])

    def folded(self, name: str, args: Sequence[ast.expr]) -> Term:
        rows = self.roster(args[0])
        if rows is None:
            return NEVER
        counted = Condition(rows.known)
        if len(args) == 1:
            return Term(rows.number, counted)
        inside = _Printer(self.source, rows.inside)
        if name == "count":
            yes, no = inside.truth(args[1], True), inside.truth(args[1], False)
            known, total = _flags(rows, either([yes, no])), _flags(rows, yes)
            return Term(total, both([counted, Condition(f"{known} = {rows.number}")]))
        term = inside.term(args[1])
        if term.known == FALSE:
            return NEVER if name == "first" else Term("0", Condition(f"{rows.number} = 0 and {rows.known}"))
        flag = rows.column(f"if({term.known.text}, 1, 0)", "flag")
        every = both([counted, Condition(f"sum({flag}) = {rows.number}")])
        if name == "sum":
            amounts = rows.column(_blank_unless(term, "0"), "number")
            return Term(f"sum({amounts})", every)
        column = rows.column(_blank_unless(term), term.kind)
        if name == "union":
            return Term(union(column, self.codes(args[1], rows)), every, "codes")
        place = rows.column(f"if({term.known.text}, {rows.place}, {LAST})", "flag")
        some = Condition(f"sum({flag}) > 0")
        found = f"if({some.text}, indexed-repeat({column}, {rows.path}, min({place})), '')"
        return Term(found, some, term.kind, plain=True, blank=True)

    def codes(self, node: ast.expr, rows: Rows) -> tuple[int, ...]:
        fact = rows.inside.fact(node.id) if isinstance(node, ast.Name) else None
        if fact is None or not fact.codes:
            raise Unsayable(source=self.source, why="union is over the options of one question")
        return fact.codes


def _blank_unless(term: Term, blank: str = "''") -> str:
    """The value of a term, `blank` where it is unknown."""
    if term.known == FALSE:
        return blank
    if term.known == TRUE or (term.blank and blank == "''"):
        return term.text
    return f"if({term.known.text}, {term.text}, {blank})"


def _flags(rows: Rows, condition: Condition) -> str:
    """In how many rows a condition holds."""
    return "0" if condition == FALSE else f"sum({rows.column(f'if({condition.text}, 1, 0)', 'flag')})"
