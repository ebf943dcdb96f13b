"""Tells whom a household's answers call for (workflow.md 4, AL-01 to AL-06 and AL-20 to AL-22)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.rules.consequences import AlertRule, Department
from bot.rules.facts import Facts
from bot.rules.following import REASON
from bot.rules.pack import Pack
from bot.rules.reading import Reading, read
from bot.rules.sentences import Teller
from bot.rules.terms import Term


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """Something that `to` (roles) and `departments` must be told.

    `code` is the catalogue's number; `rule` with `fact` says which alert it is, so that it is raised once.
    `within_days` is the time given, 0 for at once. What `stays` is an event, and `held` what the earlier
    facts had called for as well.
    """

    rule: str
    code: str
    fact: str
    level: str
    to: tuple[str, ...]
    departments: tuple[Department, ...]
    within_days: int
    facts: tuple[str, ...]
    text: str
    clause: str
    derived: bool
    stays: bool = False
    held: bool = False

    @property
    def key(self) -> str:
        """By which the alert is known, whichever questionnaire raised it."""
        return key(self.rule, self.fact)


def key(rule: str, fact: str) -> str:
    """By which an alert of a rule about a fact is known."""
    return f"{rule}:{fact}"


def alerts(
    pack: Pack,
    facts: Facts,
    on: date,
    *,
    verdict_id: str | None = None,
    before: Facts | None = None,
    earlier: str | None = None,
    submitted: bool = True,
) -> tuple[AlertRaised, ...]:
    """The alerts that a household's facts raise and that `before`, its earlier facts, did not.

    While an interview is open (`submitted` false) only what must be told at once is raised. Alerts for
    certain verdicts need `verdict_id`, those for a change of verdicts also the `earlier` one.
    """
    told = set() if before is None else set(_holding(pack, read(pack, before, on)))
    reading = read(pack, facts, on)
    teller = Teller(reading, pack.registry, pack.words)
    raised = []
    for rule, each in _holding(pack, reading):
        for_all = len(rule.verdicts) == len(pack.outcomes)
        # The earlier verdict is not known here, so an alert for certain verdicts is never held back.
        if (for_all and (rule, each) in told) or not (for_all or verdict_id in rule.verdicts):
            continue
        if rule.earlier and earlier not in rule.earlier:
            continue
        if submitted or rule.at == "answer":
            raised.append(_raised(pack, rule, each, reading, teller, (rule, each) in told))
    return tuple(raised)


def over(pack: Pack, facts: Facts, on: date, verdict_id: str | None) -> dict[str, bool]:
    """The alerts, by key, for which these facts give no reason; each with whether it stays all the same.

    What is not known is no reason to forget an alert. One for certain verdicts is over with another one.
    """
    reading = read(pack, facts, on)
    found: dict[str, bool] = {}
    for rule in pack.alerts:
        elsewhere = verdict_id is not None and verdict_id not in rule.verdicts
        for each in rule.each or (None,):
            terms = (*rule.when, *([each] if each else []))
            if elsewhere or reading.all(terms) is False:
                found[key(rule.id, each.fact if each else "")] = rule.stays
    return found


def _holding(pack: Pack, reading: Reading) -> Iterator[tuple[AlertRule, Term | None]]:
    for rule in pack.alerts:
        if reading.all(rule.when):
            if not rule.each:
                yield rule, None
            for each in rule.each:
                if reading.holds(each):
                    yield rule, each


def _raised(
    pack: Pack, rule: AlertRule, each: Term | None, reading: Reading, teller: Teller, held: bool
) -> AlertRaised:
    fact = each.fact if each else ""
    terms = [*rule.when, *([each] if each else [])]
    about = dict.fromkeys(name for term in terms for name in pack.answers_of(term.fact))

    def say(name: str) -> str:
        return pack.facts[fact].say(reading.truth(fact)).fill(teller) if name == REASON else teller(name)

    return AlertRaised(
        rule.id,
        rule.code,
        fact,
        rule.level,
        rule.to,
        (*rule.departments.get("all", ()), *rule.departments.get(fact, ())),
        rule.within_days,
        tuple(about),
        rule.text.fill(say),
        rule.clause,
        rule.derived,
        rule.stays,
        held,
    )
