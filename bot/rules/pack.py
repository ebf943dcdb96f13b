"""A scheme of the law as frozen values: what `packs/*.toml` says, read and checked by `bot.rules.loading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from bot.expressions import Expression
from bot.rules.consequences import AlertRule, Department, Flag, Frequency, MeasureRule, Move, Refusal
from bot.rules.facts import Registry
from bot.rules.parameters import NotInForce, Parameter, values_at
from bot.rules.sentences import Sentence, Words
from bot.rules.table import DecisionTable
from bot.rules.terms import Term, Truth
from bot.rules.updates import Update

PENDING: Final = "to_verify"
"""Stands for the verdict that cannot be given yet."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Whose rules these are and since when; `to_verify` is said while answers are missing."""

    id: str
    name: str
    county: str
    start: date
    source: str
    to_verify: Sentence
    to_verify_clause: str
    code: int
    """Its number among the schemes that questionnaires name (`monitoring_scheme`); 0 when they do not."""
    forms: tuple[str, ...]
    """The questionnaires that ask for it, in the order in which open questions are asked."""
    subject: str
    """What it classifies: `household` or `region`."""
    secret: bool
    """Never shown to the household, published or announced (R-YB-08)."""
    publicity: str
    """The parameter with the days of publicity, `forbidden`, or nothing while the document is silent."""
    self_apply: bool
    """Whether a household may apply itself (Q-01)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict that the scheme can give; `settled` is said when open answers cannot change it any more.

    Why a `silent` one was not given is nothing that people ask. `rank` 1 is worst off. `ledgers` are the
    levels that keep a ledger of these households, `guarantors` those paired with them, `closes` what the
    verdict switches off.
    """

    id: str
    name: str
    settled: Sentence
    clause: str
    silent: bool
    rank: int
    ledgers: tuple[str, ...] = ()
    guarantors: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A figure calculated from facts and parameters."""

    id: str
    formula: Expression
    unit: str
    clause: str


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """A yes-or-no of the law: one comparison, or `any_of` / `all_of` of others, or `ok` and `fail`.

    `reads` are the answers that it rests on directly; `asks` those worth asking for while it is unknown.
    A `given` one says who the household is: nothing that could be changed by help.
    """

    id: str
    test: Expression | None
    ok: Expression | None
    fail: Expression | None
    any_of: tuple[Term, ...]
    all_of: tuple[Term, ...]
    yes: Sentence
    no: Sentence
    unknown: Sentence
    clause: str
    reads: tuple[str, ...]
    asks: tuple[str, ...]
    given: bool = False

    def say(self, truth: Truth) -> Sentence:
        """The sentence for a truth."""
        return self.unknown if truth is None else self.yes if truth else self.no

    @property
    def terms(self) -> tuple[Term, ...]:
        """The facts that it is made of; none for a fact that rests on answers."""
        return self.any_of or self.all_of

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What it evaluates on answers; none for a fact that is made of others."""
        return tuple(each for each in (self.test, self.ok, self.fail) if each is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the decision table: all its conditions, and what follows.

    A `spare` one can only be met when an option of the scheme is chosen otherwise.
    """

    id: str
    verdict: str
    when: tuple[Term, ...]
    reason: Sentence
    clause: str
    spare: bool = False


@dataclass(frozen=True, eq=False)
class Pack:
    """One scheme, whole. A fact stands after those that it is made of; the table is over `row_facts`."""

    scheme: Scheme
    words: Words
    options: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    """What each option could have been."""
    parameters: tuple[Parameter, ...]
    outcomes: tuple[Outcome, ...]
    numbers: Mapping[str, Number]
    facts: Mapping[str, Fact]
    rows: tuple[Row, ...]
    flags: tuple[Flag, ...]
    frequencies: tuple[Frequency, ...]
    departments: tuple[Department, ...]
    measures: tuple[MeasureRule, ...]
    refusals: tuple[Refusal, ...]
    moves: tuple[Move, ...]
    alerts: tuple[AlertRule, ...]
    updates: tuple[Update, ...]
    registry: Registry
    row_facts: tuple[str, ...]
    deciding: tuple[str, ...]
    """Facts that rows and flags rest on, parts first."""
    reads: tuple[str, ...]
    """Answers that rows rest on, in the order of the pack: the columns of a batch."""
    keeps: tuple[str, ...]
    """Answers that rows and flags rest on: what a verdict keeps."""
    table: DecisionTable
    library: frozenset[str]
    """The sets of further measures that the county offers."""

    @cached_property
    def outcome_by_id(self) -> Mapping[str, Outcome]:
        """The verdicts that the scheme gives, by id."""
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def row_by_id(self) -> Mapping[str, Row]:
        """The rows by id."""
        return {row.id: row for row in self.rows}

    @cached_property
    def parameter_by_id(self) -> Mapping[str, Parameter]:
        """The parameters by id."""
        return {parameter.id: parameter for parameter in self.parameters}

    def parameters_on(self, on: date) -> Mapping[str, float | None]:
        """Every parameter's value on the day `on`, None where there is none; NotInForce before the scheme."""
        found = self._days.get(on)
        if found is None:
            if on < self.scheme.start:
                raise NotInForce(name=self.scheme.id, on=on, first=self.scheme.start)
            found = self._days[on] = values_at(self.parameters, on)
        return found

    @cached_property
    def _days(self) -> dict[date, Mapping[str, float | None]]:
        return {}

    def answers_of(self, fact: str) -> tuple[str, ...]:
        """The answers that a fact rests on, directly or through the facts that it is made of."""
        rule = self.facts[fact]
        parts = (name for term in rule.terms for name in self.answers_of(term.fact))
        return tuple(dict.fromkeys((*rule.reads, *parts)))

    def department(self, name: str) -> Department | None:
        """The office with that id, name or other name."""
        return next((d for d in self.departments if name in (d.id, d.name, *d.aliases)), None)
