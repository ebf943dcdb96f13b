"""What would change a verdict: the nearest other answers and figures under which the rules say otherwise.

Every known answer below the rows is tried with its other options, every figure right beside the lines that it
is held against, first one by one, then two together for the verdicts that no single change reaches. What is
unknown is not tried: that is what still matters. Nor is anything `given`: who the household is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import floor
from typing import Any, TypeAlias

from bot.rules.facts import Facts
from bot.rules.levers import Household, Lever, household, levers, values
from bot.rules.pack import Pack
from bot.rules.reading import Reading
from bot.rules.sentences import Teller
from bot.rules.table import TO_VERIFY, state_of
from bot.rules.terms import Truth

Truths: TypeAlias = dict[str, Truth]
Cost: TypeAlias = tuple[int, float, int]
"""Facts turned by choices, figures by how much, places in lists of options: less is nearer."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answer or figure that is otherwise: the fact that it turns, in words as it would then be.

    `gap` is by how much a figure changes, in `unit` (+412.0); None for a choice.
    """

    fact: str
    sentence: str
    name: str
    now: Any
    then: Any
    gap: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """Steps that together bring another verdict; `better` when the household is less badly off with it."""

    verdict: str
    name: str
    better: bool
    steps: tuple[Step, ...]

    def applied(self, facts: Facts) -> dict[str, Any]:
        """The household's facts as they would be; a calculated figure stands among them under its name."""
        return {**facts, **{step.name: step.then for step in self.steps}}


def turning_points(
    pack: Pack, facts: Facts, on: date, parameters: Mapping[str, float | None] | None = None
) -> tuple[TurningPoint, ...]:
    """The nearest changes to each other verdict, better ones first; none while the verdict is open.

    For every answer or figure (or two of them) and every verdict there is one turning point at most: the
    smallest change. `parameters` stand for those of the day `on`; NotInForce before the scheme began.
    """
    known = pack.parameters_on(on) if parameters is None else parameters
    search = _Search(household(pack, facts, known))
    return search.points() if search.verdict is not None else ()


@dataclass(frozen=True, slots=True)
class _Try:
    """A lever at another value, and the facts that thereby turn."""

    lever: Lever
    value: Any
    turned: Mapping[str, Truth]
    cost: Cost


_Way: TypeAlias = tuple[Cost, tuple[_Try, ...]]


@dataclass(slots=True)
class _Search:
    found: Household
    pack: Pack = field(init=False)
    truths: Truths = field(init=False)
    given: Truths = field(init=False)
    verdict: int | None = field(init=False)

    def __post_init__(self) -> None:
        self.pack = self.found.pack
        self.given = {}
        self.truths = self.leaves(self.found.reading({}), self.found.grounds.of)
        whole = self.whole(self.truths)
        self.given = {name: whole.truth(name) for name in self.pack.deciding if self.pack.facts[name].given}
        self.verdict = self.outcome(self.truths)

    def points(self) -> tuple[TurningPoint, ...]:
        fixed = frozenset(_below(self.pack, self.given))
        found = levers(self.found, fixed)
        ways: dict[tuple[int, tuple[str, ...]], _Way] = {}
        tries = {lever.name: tuple(self.tries(lever)) for lever in found}
        for each in tries.values():
            for one in each:
                self.keep(ways, (one,), self.outcome({**self.truths, **one.turned}))
        reached = {verdict for verdict, _ in ways}
        left = self.possible() - reached
        if left:
            for first, second in combinations(found, 2):
                for way, verdict in self.pairs(first, second, tries):
                    if verdict in left:
                        self.keep(ways, way, verdict)
        order = {lever.name: self.place(lever) for lever in found}
        made = [(self.told(verdict, way), verdict, names) for (verdict, names), (_, way) in ways.items()]
        ranks = [outcome.rank for outcome in self.pack.outcomes]
        here = ranks[self.verdict or 0]

        def nearness(each: tuple[TurningPoint, int, tuple[str, ...]]) -> tuple[Any, ...]:
            point, verdict, names = each
            away = abs(ranks[verdict] - here)
            return (not point.better, len(names), away, [order[name] for name in names])

        return tuple(point for point, _, _ in sorted(made, key=nearness))

    def place(self, lever: Lever) -> int:
        """Where the rows first state something that rests on the lever."""
        moves = set(lever.moves)
        return next(
            index
            for index, fact in enumerate(self.pack.row_facts)
            if not moves.isdisjoint(_below(self.pack, [fact]))
        )

    def keep(
        self, ways: dict[tuple[int, tuple[str, ...]], _Way], way: tuple[_Try, ...], verdict: int | None
    ) -> None:
        """Remember the way if it leads elsewhere, and nearer than what these levers have shown so far."""
        if verdict is None or verdict == self.verdict:
            return
        key = (verdict, tuple(one.lever.name for one in way))
        flips, gaps, places = zip(*(one.cost for one in way), strict=True)
        cost = (sum(flips), sum(gaps), sum(places))
        if key not in ways or cost < ways[key][0]:
            ways[key] = (cost, way)

    def tries(self, lever: Lever) -> Iterator[_Try]:
        """The nearest value of a lever for each way in which it turns facts."""
        nearest: dict[tuple[tuple[str, Truth], ...], _Try] = {}
        for one in self.every(lever, self.found):
            key = tuple(one.turned.items())
            if key and (key not in nearest or one.cost < nearest[key].cost):
                nearest[key] = one
        yield from nearest.values()

    def every(self, lever: Lever, found: Household) -> Iterator[_Try]:
        """Each value of a lever worth trying, with the facts that are then other than the real ones."""
        for place, value in enumerate(values(lever, found)):
            yield self.tried(lever, value, found, place)

    def tried(self, lever: Lever, value: Any, found: Household, place: int) -> _Try:
        truths = self.leaves(found.reading({lever.name: value}), lever.moves)
        turned = {fact: truth for fact, truth in truths.items() if truth is not self.truths[fact]}
        cost: Cost = (0, abs(value - lever.now), 0) if lever.scale else (len(turned), 0.0, place)
        return _Try(lever, value, turned, cost)

    def pairs(
        self, first: Lever, second: Lever, tries: Mapping[str, tuple[_Try, ...]]
    ) -> Iterator[tuple[tuple[_Try, ...], int | None]]:
        """Both levers moved. Where a fact rests on both, the lines of one move with the other."""
        if not set(first.moves).intersection(second.moves):
            for a in tries[first.name]:
                for b in tries[second.name]:
                    yield (a, b), self.outcome({**self.truths, **a.turned, **b.turned})
            return
        for one, other in ((first, second), (second, first)):
            for a in self.every(one, self.found):
                changed = self.found.with_changes({one.name: a.value})
                for b in self.every(other, changed):
                    together = self.leaves(
                        changed.reading({other.name: b.value}), dict.fromkeys((*one.moves, *other.moves))
                    )
                    pair = (a, b) if one is first else (b, a)
                    yield pair, self.outcome({**self.truths, **together})

    def leaves(self, reading: Reading, facts: Iterable[str]) -> Truths:
        return {fact: reading.truth(fact) for fact in facts}

    def whole(self, truths: Truths) -> Reading:
        """The facts that are made of others, on the truths of those that are not."""
        reading = Reading(self.pack.facts, {}, {}, {})
        reading.truths.update(truths)
        return reading

    def outcome(self, truths: Truths) -> int | None:
        """The verdict for these truths; None when there is none, or when the household would be another."""
        reading = self.whole(truths)
        if any(reading.truth(name) is not truth for name, truth in self.given.items()):
            return None
        cell = self.pack.table.cell(state_of(map(reading.truth, self.pack.row_facts)))
        return None if cell.verdict == TO_VERIFY else cell.verdict

    def possible(self) -> set[int]:
        """The verdicts of the rows that such a household, as it is given, can come to."""
        places = {outcome.id: index for index, outcome in enumerate(self.pack.outcomes)}
        rows = (
            row
            for row in self.pack.rows
            if all(term.holds(self.given.get(term.fact)) is not False for term in row.when)
        )
        return {places[row.verdict] for row in rows} - {self.verdict or 0}

    def told(self, verdict: int, way: tuple[_Try, ...]) -> TurningPoint:
        """The way in words."""
        outcome, here = self.pack.outcomes[verdict], self.pack.outcomes[self.verdict or 0]
        then = self.found.with_changes({one.lever.name: one.value for one in way})
        reading = then.reading({})
        after = self.whole(self.leaves(reading, self.found.grounds.of))
        before = self.whole(self.truths)
        steps = []
        for one in way:
            fact = self.fact_told(one, then, before, after)
            said = self.pack.facts[fact].say(after.truth(fact))
            teller = Teller(
                {name: reading.get(name) for name in said.names}, self.pack.registry, self.pack.words
            )
            gap = round(one.value - one.lever.now, 2) if one.lever.scale else None
            steps.append(
                Step(fact, said.fill(teller), one.lever.name, one.lever.now, one.value, gap, one.lever.unit)
            )
        return TurningPoint(outcome.id, outcome.name, outcome.rank > here.rank, tuple(steps))

    def fact_told(self, one: _Try, then: Household, before: Reading, after: Reading) -> str:
        """The fact by which a step is told.

        Of a figure it is the last that it turns on its way; of a choice the one fact that it turns, or the
        smallest that is made of all of them.
        """
        moves = one.lever.moves
        turned = [fact for fact in moves if after.truth(fact) is not before.truth(fact)] or list(moves)
        if len(turned) == 1:
            return turned[0]
        if one.lever.scale:
            back = -1 if one.value > one.lever.now else 1
            short = floor(one.value * one.lever.scale + 0.5) + back
            reading = then.reading({one.lever.name: short / one.lever.scale})
            return next((fact for fact in turned if reading.truth(fact) is before.truth(fact)), turned[0])
        for name in self.pack.deciding:  # parts stand first, so the smallest comes first
            if name in self.given or before.truth(name) is after.truth(name):
                continue
            if self.pack.facts[name].terms and set(turned) <= set(_below(self.pack, [name])):
                return name
        return turned[0]


def _below(pack: Pack, names: Iterable[str]) -> Iterator[str]:
    """These facts and all that they are made of."""
    for name in names:
        yield name
        yield from _below(pack, (term.fact for term in pack.facts[name].terms))
