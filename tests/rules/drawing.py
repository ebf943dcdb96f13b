"""Draws answers at random, each without regard to any other."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.rules.batch import aggregates
from bot.rules.facts import MANY, ROSTER
from bot.rules.pack import Pack
from tests.rules.households import Households, Parameters, columns_of, step_of


class Draw:
    """Answers to the questions of one pack; `dice` and `chance` are seeded by whoever makes it."""

    def __init__(self, pack: Pack, parameters: Parameters, seed: int) -> None:
        self.pack, self.parameters = pack, parameters
        self.dice, self.chance = random.Random(seed), np.random.default_rng(seed)
        self.names = columns_of(pack)
        self.rosters = [name for name in pack.keeps if pack.registry[name].kind == ROSTER]
        self.in_rows = _codes_in_rows(pack)
        values = [value for value in parameters.values() if value is not None and value >= 1000]
        self.most = 2.4 * max(values, default=10_000)

    def unrelated(self, size: int) -> Households:
        """Households whose answers have nothing to do with each other."""
        answers = {name: self.column(name, size) for name in self.names}
        rosters = {name: [self.roster(name) for _ in range(size)] for name in self.rosters}
        return Households(self.pack, answers, rosters)

    def column(self, name: str, size: int) -> NDArray[Any]:
        """Answers to one question."""
        info, chance = self.pack.registry[name], self.chance
        if info.kind == MANY:
            return self._masks(tuple(info.options), size)
        if info.options:
            return chance.choice(np.array(list(info.options), float), size)
        if info.kind == "year":
            return chance.integers(2013, 2022, size).astype(float)
        if step_of(self.pack, name) == 1.0:
            few = chance.integers(0, 8, size)
            return np.where(chance.random(size) < 0.2, chance.integers(0, 200, size), few).astype(float)
        kind = chance.random(size)
        money = np.round(chance.uniform(0, self.most, size), 2)
        return np.where(kind < 0.08, 0.0, np.where(kind < 0.2, np.round(money * 8, 2), money))

    def answer(self, name: str) -> Any:
        """One answer as a fact."""
        return next(Households(self.pack, {name: self.column(name, 1)}).facts())[name]

    def roster(self, name: str) -> list[dict[str, Any]]:
        """Up to three rows with what the pack reads of them."""
        facts = self.in_rows.get(name, {})
        count = self.dice.choice((0, 1, 1, 2, 3))
        return [{fact: self.dice.choice(codes) for fact, codes in facts.items()} for _ in range(count)]

    def _masks(self, codes: tuple[int, ...], size: int) -> NDArray[np.int64]:
        """Mostly few codes; now and then none of the list, nothing ticked, or none beside others."""
        share = self.chance.choice([0.08, 0.2, 0.5], size)
        masks = np.zeros(size, np.int64)
        for code in codes:
            if code:
                masks |= (self.chance.random(size) < share).astype(np.int64) << code
        if 0 in codes:
            masks[masks == 0] = 1
            masks[self.chance.random(size) < 0.2] = 1
            masks |= self.chance.random(size) < 0.01
        else:
            empty = masks == 0
            masks[empty] = 1 << self.chance.choice(np.array(codes), int(empty.sum()))
        masks[self.chance.random(size) < 0.01] = 0
        return masks


def _codes_in_rows(pack: Pack) -> dict[str, dict[str, list[int]]]:
    """For each roster the facts of its rows that the pack reads, with codes to choose from."""
    found: dict[str, dict[str, list[int]]] = {}
    for expression in aggregates(pack).values():
        for roster in expression.names & set(pack.keeps):
            for fact, code in expression.constants:
                if isinstance(code, int):
                    codes = found.setdefault(roster, {}).setdefault(fact, [])
                    codes[:] = range(1, max([code, *codes]) + 2)
    return found
