"""Invented answers to a questionnaire: its own order, relevance, bounds and folds, with chances by fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, TypeAlias

from bot.dialogs.form import EVIDENCE, Form, Item
from bot.expressions import Getter, Value

MOST_TRIES = 50


@dataclass(slots=True)
class Draw:
    """What chances may look at: the dice, whose household it is, the moment, and the row being drawn."""

    random: Random
    nature: Any
    at: datetime
    get: Getter
    row: int = 0
    notes: dict[str, Any] = field(default_factory=dict)
    """What chances of one questionnaire remember of each other."""

    def one_in(self, share: float) -> bool:
        """True with that probability."""
        return self.random.random() < share


Chance: TypeAlias = Callable[[Draw], Value]
"""How an answer falls; None for "don't know"."""


class NoLegalAnswers(AssertionError):
    """The chances of a form never led to answers that may be handed in."""


def weighted(weights: Mapping[int, float]) -> Chance:
    """One of these codes by weight."""
    codes, sums = list(weights), list(accumulate(weights.values()))
    return lambda draw: draw.random.choices(codes, cum_weights=sums)[0]


def several(shares: Mapping[int, float], none: int | None = None, most: int | None = None) -> Chance:
    """Each of these codes with its probability, at `most` so many; without any `none`, else the first."""
    empty = [next(iter(shares)) if none is None else none]

    def drawn(draw: Draw) -> Value:
        dice = draw.random.random
        return [code for code, share in shares.items() if dice() < share][:most] or empty

    return drawn


def whole(low: int, high: int, zero: float = 0.0) -> Chance:
    """A whole number of the range, or 0 with probability `zero`."""
    return lambda draw: 0 if zero and draw.random.random() < zero else draw.random.randint(low, high)


def fixed(value: Value) -> Chance:
    """Always the same."""
    return lambda draw: value


def _default(item: Item, *, optional_rows: bool) -> Chance:
    """A chance for an item of which nothing in particular is known."""
    codes = [option.code for option in item.options]
    if item.kind == "select_one":
        return lambda draw: draw.random.choice(codes)
    if item.kind == "select_multiple":
        others = [code for code in codes if code != item.none]
        most = min(item.max_choices or 3, len(others), 3)
        return lambda draw: sorted(draw.random.sample(others, draw.random.randint(item.min_choices, most)))
    if item.kind in ("integer", "money", "percent", "decimal"):
        low = int(item.min) if isinstance(item.min, int | float) else 0
        high = (
            int(item.max)
            if isinstance(item.max, int | float)
            else low + (20 if item.kind == "integer" else 9000)
        )
        return whole(low, min(high, 2) if optional_rows else high)
    if item.kind == "date":
        return lambda draw: (draw.at - timedelta(days=draw.random.randint(0, 20))).date().isoformat()
    if item.kind == "datetime":
        return lambda draw: (draw.at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    plain: dict[str, Value] = {
        "text": "情况属实", "person": "陈桂香", "signature": "陈桂香", "year": 2019, "month": "2020-03",
        "phone": "13800000000", "id_number": None,
    }  # fmt: skip
    return fixed(plain[item.kind])


@dataclass(frozen=True, slots=True)
class Question:
    """An item of a form with what drawing needs of it."""

    item: Item
    fact: str
    chance: Chance
    must: bool
    period: str


class Interviewee:
    """Draws answers to one form; `chances` by "fact" or "roster.fact", those of the form come first.

    A form's chances must keep its blocking checks and constraints; when they fail the form is drawn again.
    """

    def __init__(self, form: Form, chances: Mapping[str, Chance]) -> None:
        self.form = form
        counts = {roster.count for roster in form.rosters}
        self.questions = {
            item.id: Question(
                item,
                item.fact,
                chances.get(f"{item.repeat}.{item.fact}" if item.repeat else item.fact)
                or _default(item, optional_rows=item.id in counts),
                item.required,
                item.period,
            )
            for item in form.items
            if item.kind not in EVIDENCE and item.calc is None
        }
        self.blocks = [check for check in form.checks if check.level == "block"]

    def draw(
        self, draw: Draw, before: Mapping[str, Value], given: Mapping[str, Value], unknown: float
    ) -> dict[str, Value]:
        """The facts of a questionnaire that may be handed in, the `given` ones included where they apply.

        `before` is what stands before the first question; `unknown` the share of "don't know".
        """
        for _ in range(MOST_TRIES):
            facts = self._answers(draw, before, given, unknown)
            if facts is not None:
                return {name: facts[name] for name in facts if name not in before}
        raise NoLegalAnswers(self.form.id)

    def _answers(
        self, draw: Draw, before: Mapping[str, Value], given: Mapping[str, Value], unknown: float
    ) -> dict[str, Value] | None:
        facts, draw.notes = dict(before), {}
        get = draw.get = facts.get
        dice = draw.random.random
        for node in self.form.plan:
            item = node.item
            if node.roster is not None:
                count = facts.get(self.form.by_id[node.roster.count].fact)
                if isinstance(count, int):
                    rows = given.get(node.roster.id)
                    if rows is None:
                        rows = [self._row(draw, node.rows, n, facts, unknown) for n in range(1, count + 1)]
                    facts[node.roster.id] = rows
                    folds = [each.fold for each in node.rows if each.fold is not None]
                    facts.update((fold.fact, fold.calc.run(get)) for fold in folds)
                continue
            if node.evidence or (node.asked_if is not None and node.asked_if(get) is not True):
                continue
            if node.calc is not None:
                facts[node.fact] = node.calc(get)
                continue
            question = self.questions[item.id]
            left_open = not question.must and dice() < unknown
            drawn = None if left_open or node.fact in given else question.chance(draw)
            value = given.get(node.fact, drawn)
            if node.constrained and not self._meets(item, value, facts):
                return None
            facts[node.fact] = value
        if any(check.when.run(get) is True for check in self.blocks):
            return None
        return facts

    def _row(
        self, draw: Draw, items: tuple[Item, ...], number: int, facts: Mapping[str, Value], unknown: float
    ) -> dict[str, Value]:
        row: dict[str, Value] = {}

        def scope(name: str) -> Value:
            return row[name] if name in row else facts.get(name)

        outer, draw.get, draw.row = draw.get, scope, number
        for item in items:
            if item.kind in EVIDENCE or (item.ask_if is not None and item.ask_if.run(scope) is not True):
                continue
            if item.calc is not None:
                row[item.fact] = item.calc.run(scope)
                continue
            question = self.questions[item.id]
            # Whom a row is about is always known: nobody counts people of whom nothing is known.
            sure = question.must or item.kind == "person"
            row[item.fact] = None if not sure and draw.random.random() < unknown else question.chance(draw)
        draw.get = outer
        return row

    @staticmethod
    def _meets(item: Item, value: Value, facts: Mapping[str, Value]) -> bool:
        if value is None:
            return True

        def scope(name: str) -> Value:
            return value if name == "value" else facts.get(name)

        return all(each.test.run(scope) is not False for each in item.check)
