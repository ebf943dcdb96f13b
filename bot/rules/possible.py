"""Finds what can never be: facts that always come out the same, and conditions that exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.rules.completeness import connected, is_tried, joint_truths, shown_together
from bot.rules.definitions import Definitions
from bot.rules.entries import Entry
from bot.rules.facts import Facts
from bot.rules.terms import Term

Days = Sequence[Facts]
"""The parameters of every day on which some value changes."""


def check_facts(entries: Iterable[Entry], known: Definitions, days: Days) -> None:
    """Note every fact that no answer at all can make true, or none untrue."""
    for entry in entries:
        rule = known.facts[entry.id]
        # A fact that rests on parameters alone says how the county has decided, whoever the household is.
        if not rule.reads or not rule.expressions or not is_tried(rule, known.registry, days):
            continue
        shown = shown_together([entry.id], known.facts, known.numbers, known.registry, days)
        found: set[bool] = set()
        for ((_, truth),) in shown or ():
            found.add(truth)
            if len(found) > 1:
                break
        if len(found) == 1:
            said = "holds whatever is answered" if True in found else "never holds, whatever is answered"
            entry.note(said, "look at its options and figures")


def check_conditions(entries: Iterable[Entry], known: Definitions, days: Days) -> None:
    """Note every entry whose `when` no household can meet."""
    for entry in entries:
        terms = entry.terms("when")
        if all(term.fact in known.facts for term in terms) and not can_hold(terms, known, days):
            entry.note("no household can meet this condition", "two parts of its when exclude each other")


def can_hold(terms: Sequence[Term], known: Definitions, days: Days) -> bool:
    """Whether all terms may hold at once, as far as single answers tell."""
    wanted: dict[str, bool] = {}
    for leaf, wants in _needed(terms, known):
        if wanted.setdefault(leaf, wants) is not wants:
            return False
    groups = connected({leaf: set(known.facts[leaf].reads) for leaf in wanted})
    return all(_together(group, wanted, known, days) for group in groups)


def _together(group: tuple[str, ...], wanted: Mapping[str, bool], known: Definitions, days: Days) -> bool:
    joint = joint_truths(group, known.facts, known.numbers, known.registry, days)
    return any(all(wanted[leaf] is truth for leaf, truth in truths) for truths in joint)


def _needed(terms: Iterable[Term], known: Definitions) -> Iterator[tuple[str, bool]]:
    """The facts resting on answers that must hold or fail for certain; choices are left aside."""
    for term in terms:
        rule = known.facts[term.fact]
        if not rule.terms:
            yield term.fact, term.wants
        elif term.wants and rule.all_of:
            yield from _needed(rule.all_of, known)
        elif not term.wants and rule.any_of:
            yield from _needed((Term(part.fact, not part.wants) for part in rule.any_of), known)
