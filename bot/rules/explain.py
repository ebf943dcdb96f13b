"""Says why: the row of the law, its clause, and one sentence for every fact, down to the answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.rules.decide import Hint, Verdict
from bot.rules.pack import Pack, Row
from bot.rules.sentences import Teller
from bot.rules.table import TO_VERIFY, truths_of
from bot.rules.terms import Truth


@dataclass(frozen=True, slots=True)
class Reason:
    """One fact in words. `children` are the facts that it is made of, as far as they decide it."""

    fact: str
    truth: Truth
    sentence: str
    clause: str
    children: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict in words; `verdict` and `name` are None while it is still to verify."""

    verdict: str | None
    name: str | None
    sentence: str
    clause: str
    reasons: tuple[Reason, ...]
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """A row of the verdict in question, and the first of its conditions that is not met or not known."""

    row: str
    reason: Reason


def explain(pack: Pack, verdict: Verdict) -> Explanation:
    """The reasons of a verdict, from what the verdict itself keeps."""
    teller = _teller(pack, verdict)
    if verdict.verdict is None:
        return Explanation(
            None,
            None,
            pack.scheme.to_verify.fill(teller),
            pack.scheme.to_verify_clause,
            _reasons(pack, verdict, teller, verdict.pending),
            verdict.hints,
        )
    outcome = pack.outcome_by_id[verdict.verdict]
    rows = [pack.row_by_id[row] for row in verdict.rows]
    if verdict.row is None:
        sentence, clause = outcome.settled.fill(teller), outcome.clause
    else:
        sentence, clause = rows[0].reason.fill(teller), rows[0].clause
    facts = _stated(rows, verdict.truths)
    reasons = _reasons(pack, verdict, teller, facts)
    return Explanation(outcome.id, outcome.name, sentence, clause, reasons, verdict.hints)


def _stated(rows: Sequence[Row], truths: Mapping[str, Truth]) -> list[str]:
    """The facts that a verdict rests on: those of its row; of several possible rows, those that are known."""
    stated = dict.fromkeys(term.fact for row in rows for term in row.when)
    return [fact for fact in stated if len(rows) == 1 or truths[fact] is not None]


def named_facts(pack: Pack, state: int) -> list[tuple[str, Truth]]:
    """The facts that `explain` gives as reasons in a state of the table, with their truths."""
    cell = pack.table.cell(state)
    truths = dict(zip(pack.row_facts, truths_of(state, len(pack.row_facts)), strict=True))
    if cell.verdict == TO_VERIFY:
        facts = [pack.row_facts[index] for index in cell.matters]
    else:
        facts = _stated([pack.rows[index] for index in cell.rows], truths)
    return [(fact, truths[fact]) for fact in facts]


def row_sentences(pack: Pack, on: date) -> tuple[str, ...]:
    """What each row of the pack says with the parameters of the day `on`, for a batch; see `explain`."""
    teller = Teller(pack.parameters_on(on), pack.registry, pack.words)
    return tuple(row.reason.fill(teller) for row in pack.rows)


def why_not(pack: Pack, verdict: Verdict, other: str) -> tuple[WhyNot, ...]:
    """For each row of the verdict `other`, the first condition that fails, else the first that is unknown.

    Empty when `other` is the verdict itself. KeyError when the scheme does not give `other`.
    """
    if pack.outcome_by_id[other].id == verdict.verdict:
        return ()
    teller = _teller(pack, verdict)
    found = []
    for row in pack.rows:
        fact = _first_obstacle(row, verdict) if row.verdict == other else None
        if fact is not None:
            found.append(WhyNot(row.id, _reason(pack, verdict, teller, fact)))
    return tuple(found)


def _first_obstacle(row: Row, verdict: Verdict) -> str | None:
    for obstacle in (False, None):
        for term in row.when:
            if term.holds(verdict.truths[term.fact]) is obstacle:
                return term.fact
    return None


def _teller(pack: Pack, verdict: Verdict) -> Teller:
    return Teller(verdict.values, pack.registry, pack.words)


def _reasons(pack: Pack, verdict: Verdict, teller: Teller, facts: Iterable[str]) -> tuple[Reason, ...]:
    return tuple(_reason(pack, verdict, teller, fact) for fact in facts)


def _reason(pack: Pack, verdict: Verdict, teller: Teller, fact: str) -> Reason:
    rule, truth = pack.facts[fact], verdict.truths[fact]
    # Parts that point the other way did not decide it: one car is enough, whatever the house looks like.
    parts = (term.fact for term in rule.terms if term.holds(verdict.truths[term.fact]) is truth)
    return Reason(
        fact, truth, rule.say(truth).fill(teller), rule.clause, _reasons(pack, verdict, teller, parts)
    )
