"""A scheme of the law as frozen values: what `packs/*.toml` says, read and checked by `bot.rules.loading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.expressions import Expression
from bot.rules.facts import Registry
from bot.rules.parameters import Parameter
from bot.rules.sentences import Sentence, Words
from bot.rules.table import DecisionTable
from bot.rules.terms import Term, Truth
from bot.rules.updates import Update


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict that the scheme can give; `settled` is said when open answers cannot change it any more.

    Why a `silent` one was not given is nothing that people ask.
    """

    id: str
    name: str
    settled: Sentence
    clause: str
    silent: bool


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
    """One line of the decision table: all its conditions, and what follows."""

    id: str
    verdict: str
    when: tuple[Term, ...]
    reason: Sentence
    clause: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to note beside a verdict; it never changes the verdict."""

    id: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    text: Sentence
    clause: str


@dataclass(frozen=True, slots=True)
class Department:
    """An office in charge, under its own name and the others that documents call it by."""

    id: str
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """`rule` is months_after (`months` from the day) or half_year_end (one at least `days` ahead)."""

    rule: str
    months: int
    days: int
    derived: bool


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """Help that the law names, when it applies, and the indicators that it mends."""

    id: str
    name: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    mends: tuple[str, ...]
    text: Sentence
    terms: Sentence
    slots: tuple[str, ...]
    departments: tuple[Department, ...]
    deadline: Deadline
    clause: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a duty falls due: `times` (a parameter) in each period, or once at the end of each."""

    id: str
    kind: str
    verdicts: tuple[str, ...]
    times: str
    per: str
    role: str
    text: str
    clause: str
    derived: bool


@dataclass(frozen=True, slots=True, eq=False)
class AlertRule:
    """When somebody must be told: all of `when` hold; with `each`, once for every one of those that holds."""

    id: str
    code: str
    level: str
    at: str
    verdicts: tuple[str, ...]
    when: tuple[Term, ...]
    each: tuple[Term, ...]
    to: tuple[str, ...]
    departments: Mapping[str, tuple[Department, ...]]
    within_days: int
    text: Sentence
    clause: str
    derived: bool


@dataclass(frozen=True, eq=False)
class Pack:
    """One scheme, whole. A fact stands after those that it is made of; the table is over `row_facts`."""

    scheme: Scheme
    words: Words
    options: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    outcomes: tuple[Outcome, ...]
    numbers: Mapping[str, Number]
    facts: Mapping[str, Fact]
    rows: tuple[Row, ...]
    flags: tuple[Flag, ...]
    frequencies: tuple[Frequency, ...]
    departments: tuple[Department, ...]
    measures: tuple[MeasureRule, ...]
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

    def answers_of(self, fact: str) -> tuple[str, ...]:
        """The answers that a fact rests on, directly or through the facts that it is made of."""
        rule = self.facts[fact]
        parts = (name for term in rule.terms for name in self.answers_of(term.fact))
        return tuple(dict.fromkeys((*rule.reads, *parts)))

    def department(self, name: str) -> Department | None:
        """The office with that id, name or other name."""
        return next((d for d in self.departments if name in (d.id, d.name, *d.aliases)), None)
