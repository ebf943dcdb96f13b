"""Reads one household: figures and truths, each worked out once, on the parameters of one day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.functions import kleene_and, kleene_or
from bot.rules.facts import Facts
from bot.rules.pack import Fact, Number, Pack
from bot.rules.terms import Term, Truth


class Reading:
    """The figures and truths of one household; `values` are answers, parameters and figures by name."""

    __slots__ = ("numbers", "rules", "truths", "values")

    def __init__(
        self, rules: Mapping[str, Fact], numbers: Mapping[str, Number], parameters: Facts, facts: Facts
    ) -> None:
        self.rules = rules
        self.numbers = numbers
        self.values: dict[str, Any] = {**facts, **parameters}
        self.truths: dict[str, Truth] = {}

    def get(self, name: str) -> Any:
        """An answer, a parameter or a figure; None when unknown."""
        if name in self.values:
            return self.values[name]
        number = self.numbers.get(name)
        if number is None:
            return None
        value = self.values[name] = number.formula.run(self.get)
        return value

    def truth(self, name: str) -> Truth:
        """Whether a fact of the pack holds."""
        if name in self.truths:
            return self.truths[name]
        truth = self.truths[name] = self._truth(self.rules[name])
        return truth

    def holds(self, term: Term) -> Truth:
        """Whether a condition is met."""
        return term.holds(self.truth(term.fact))

    def all(self, terms: tuple[Term, ...]) -> Truth:
        """Whether every condition is met; of none, they all are."""
        return kleene_and(map(self.holds, terms))

    def _truth(self, rule: Fact) -> Truth:
        if rule.test is not None:
            value = rule.test.run(self.get)
            return None if value is None else bool(value)
        if rule.any_of:
            return kleene_or(map(self.holds, rule.any_of))
        if rule.all_of:
            return kleene_and(map(self.holds, rule.all_of))
        # A deficiency that is seen outweighs whatever else looks well.
        if rule.fail is not None and rule.fail.run(self.get):
            return False
        return True if rule.ok is not None and rule.ok.run(self.get) else None


def read(pack: Pack, facts: Facts, on: date) -> Reading:
    """Read a household on the parameters of the day `on`; NotInForce before the scheme began."""
    return Reading(pack.facts, pack.numbers, pack.parameters_on(on), facts)
