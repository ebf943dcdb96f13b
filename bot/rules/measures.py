"""Chooses the help that the law names for a household: what is lacking first, then what its card brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.rules.calendar import add_months, next_half_year_end
from bot.rules.consequences import Deadline, Department, MeasureRule, Refusal
from bot.rules.facts import Facts
from bot.rules.pack import Pack
from bot.rules.reading import Reading, read
from bot.rules.sentences import Teller


@dataclass(frozen=True, slots=True)
class Measure:
    """Help for one household. `mends` are the indicators that fail and that it is to set right.

    `deadline_derived` says that the day is ours because the document gives none; `derived` that the whole
    measure is drawn from the aim of the document.
    """

    id: str
    name: str
    text: str
    terms: str
    slots: tuple[str, ...]
    departments: tuple[Department, ...]
    deadline: date
    deadline_derived: bool
    mends: tuple[str, ...]
    clause: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A measure that something calls for and that the law does not give, and why."""

    id: str
    name: str
    refusal: str
    reason: str
    clause: str


def match_measures(pack: Pack, facts: Facts, verdict_id: str | None, on: date) -> tuple[Measure, ...]:
    """The measures for a household with that verdict; none while it is to verify.

    A condition that is unknown is not met. Measures that mend a failing indicator come first, in the order
    of the pack ("what is lacking is supplied first", 001:84); deadlines count from the day `on`. What the
    law refuses is left out: see `refused_measures`.
    """
    reading = read(pack, facts, on)
    teller = Teller(reading, pack.registry, pack.words)
    refused = {id for refusal in _refusals(pack, reading) for id in refusal.measures}
    rules = [rule for rule in _called_for(pack, reading, verdict_id) if rule.id not in refused]
    measures = [_measure(rule, reading, teller, on) for rule in rules]
    return tuple(sorted(measures, key=lambda measure: not measure.mends))


def refused_measures(pack: Pack, facts: Facts, verdict_id: str | None, on: date) -> tuple[Refused, ...]:
    """The measures that the facts call for and that the law refuses, with each reason for it."""
    reading = read(pack, facts, on)
    teller = Teller(reading, pack.registry, pack.words)
    rules = {rule.id: rule for rule in _called_for(pack, reading, verdict_id)}
    return tuple(
        Refused(id, rules[id].name, refusal.id, refusal.text.fill(teller), refusal.clause)
        for refusal in _refusals(pack, reading)
        for id in refusal.measures
        if id in rules
    )


def _called_for(pack: Pack, reading: Reading, verdict_id: str | None) -> list[MeasureRule]:
    """The rules whose conditions are met; of the library only what the county offers."""
    return [
        rule
        for rule in pack.measures
        if (not rule.set or rule.set in pack.library)
        and verdict_id in rule.verdicts
        and reading.all(rule.when)
    ]


def _refusals(pack: Pack, reading: Reading) -> list[Refusal]:
    return [refusal for refusal in pack.refusals if reading.all(refusal.when)]


def _measure(rule: MeasureRule, reading: Reading, teller: Teller, on: date) -> Measure:
    return Measure(
        rule.id,
        rule.name,
        rule.text.fill(teller),
        rule.terms.fill(teller),
        rule.slots,
        rule.departments,
        _deadline(rule.deadline, on),
        rule.deadline.derived,
        tuple(fact for fact in rule.mends if reading.truth(fact) is False),
        rule.clause,
        rule.derived,
    )


def _deadline(deadline: Deadline, on: date) -> date:
    if deadline.rule == "months_after":
        return add_months(on, deadline.months)
    return next_half_year_end(on, deadline.days)
