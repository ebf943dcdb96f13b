"""Leads random households to the rows of a pack: answers are changed until the conditions hold."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.expressions import ROSTER_FUNCTIONS, parse
from bot.rules.pack import Fact
from bot.rules.reading import Reading
from bot.rules.terms import Term
from tests.rules.drawing import Draw
from tests.rules.households import step_of
from tests.rules.thresholds import Edge, edge_between, pairs

LEADS: Final = 24
"""How many households lead to each row."""

_HOLDS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_OPPOSITE: Final[Mapping[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


class Leader:
    """Changes the answers of one household, a dictionary of facts in which None is unanswered."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.pack, self.parameters = draw.pack, draw.parameters
        self.between: dict[str, Edge | None] = {}

    def leads(self, when: Sequence[Term]) -> list[dict[str, Any]]:
        """Households that meet the conditions, or come near; nothing leads to a row that cannot be met."""
        found: list[dict[str, Any]] = []
        patience = LEADS
        while len(found) < LEADS:
            facts = next(self.draw.unrelated(1).facts())
            met = self._led(when, facts)
            patience -= not met
            if met or patience < 0:
                found.append(facts)
        return found

    def _led(self, when: Sequence[Term], facts: dict[str, Any]) -> bool:
        """Change answers so that all conditions come true; whether they did."""
        for _ in range(4):
            reading = Reading(self.pack.facts, self.pack.numbers, self.parameters, facts)
            unmet = [term for term in when if reading.truth(term.fact) is not term.wants]
            if not unmet:
                return True
            self.draw.dice.shuffle(unmet)
            for term in unmet:
                self._make(self.pack.facts[term.fact], term.wants, facts)
        return False

    def _make(self, rule: Fact, wants: bool, facts: dict[str, Any]) -> None:
        """Change answers so that a fact comes true, or false."""
        if rule.test is not None:
            self._condition(rule.test.tree, wants, facts)
        elif rule.terms:
            one = bool(rule.any_of) is wants
            for term in [self.draw.dice.choice(rule.terms)] if one else rule.terms:
                self._make(self.pack.facts[term.fact], term.wants is wants, facts)
        elif wants:
            assert rule.ok is not None
            assert rule.fail is not None
            self._condition(rule.ok.tree, True, facts)
            self._condition(rule.fail.tree, False, facts)
        else:
            assert rule.fail is not None
            self._condition(rule.fail.tree, True, facts)

    def _condition(self, node: ast.expr, wants: bool, facts: dict[str, Any]) -> None:
        match node:
            case ast.BoolOp(op=op, values=parts):
                one = isinstance(op, ast.Or) is wants
                for part in [self.draw.dice.choice(parts)] if one else parts:
                    self._condition(part, wants, facts)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                self._condition(inner, not wants, facts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                first = self.draw.dice.random() < 0.5
                self._condition(test, first, facts)
                self._condition(body if first else orelse, wants, facts)
            case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]):
                self._call(node, function, name, wants, facts)
            case ast.Compare():
                links = pairs(node)
                for left, op, right in links if wants else [self.draw.dice.choice(links)]:
                    self._comparison(left, type(op) if wants else _OPPOSITE[type(op)], right, facts)

    def _call(self, node: ast.Call, function: str, name: str, wants: bool, facts: dict[str, Any]) -> None:
        """Make one answer blank or not, hold a code or not; draw rows until they say what is wanted."""
        if name in self.draw.names and function == "blank":
            facts[name] = None if wants else self.draw.answer(name)
        elif name in self.draw.names and function == "has":
            code = ast.literal_eval(node.args[1])
            given = self.draw.answer(name) if facts.get(name) is None else facts[name]
            codes = {each for each in given if each} - {code} | ({code} if wants else set())
            facts[name] = sorted(codes) or [0]
        elif name in self.draw.rosters and function in ROSTER_FUNCTIONS:
            inner = parse(ast.unparse(node))
            for _ in range(40):
                facts[name] = self.draw.roster(name)
                if inner.evaluate({**self.parameters, **facts}) is wants:
                    return

    def _comparison(
        self, left: ast.expr, op: type[ast.cmpop], right: ast.expr, facts: dict[str, Any]
    ) -> None:
        if isinstance(left, ast.Name) and left.id in self.draw.names and self.pack.registry[left.id].options:
            against = ast.literal_eval(right) if not isinstance(right, ast.Name) else None
            codes = [c for c in self.pack.registry[left.id].options if _fits(c, op, against)]
            if codes:
                facts[left.id] = self.draw.dice.choice(codes)
            return
        if issubclass(op, ast.In | ast.NotIn):
            return
        key = f"{ast.unparse(left)} ? {ast.unparse(right)}"
        if key not in self.between:
            self.between[key] = edge_between(self.pack, left, right)
        edge = self.between[key]
        if edge is None:
            return
        for name in self.draw.dice.sample(edge.answers, len(edge.answers)):
            before = facts[name] if facts.get(name) is not None else self.draw.answer(name)
            root = self.root(edge, name, facts)
            if root is not None:
                step = step_of(self.pack, name)
                away = self.draw.dice.choice(
                    [0, step, -step, root * self.draw.dice.random(), -root * self.draw.dice.random()]
                )
                for offset in (away, -away, 0, step, -step):
                    facts[name] = self.figure(name, root + offset)
                    distance = edge.distance(self._get(facts))
                    if distance is not None and _HOLDS[op](distance, 0) and facts[name] >= 0:
                        return
            facts[name] = before

    def root(self, edge: Edge, name: str, facts: dict[str, Any]) -> float | None:
        """The value of an answer with which both sides are equal; None when no value does that."""
        far = 1_000_000.0
        low, high = (edge.distance(self._get({**facts, name: value})) for value in (0.0, far))
        if low is None or high is None or high == low:
            return None
        root = float(self.figure(name, -low * far / (high - low)))
        return root if 0 <= root < far else None

    def figure(self, name: str, value: float) -> float | int:
        """A value as it can be answered."""
        return round(value) if step_of(self.pack, name) == 1.0 else round(value, 2)

    def _get(self, facts: Mapping[str, Any]) -> Callable[[str], Any]:
        return Reading(self.pack.facts, self.pack.numbers, self.parameters, facts).get


def _fits(code: int, op: type[ast.cmpop], against: Any) -> bool:
    if against is None:
        return False
    if issubclass(op, ast.In | ast.NotIn):
        return (code in against) is issubclass(op, ast.In)
    return _HOLDS[op](code, against)
