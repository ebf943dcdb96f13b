"""What an author may have got wrong in the candidates of a form: the probable problems of the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.dialogs.form import Candidate
from bot.dialogs.lint_conditions import Conditions, Finding
from bot.problems import near_miss


def lint_candidates(conditions: Conditions) -> Iterator[Finding]:
    """Candidates that name what the form does not have; the ledger itself is looked at elsewhere."""
    form = conditions.form
    for problem, times in Counter(candidate.problem for candidate in form.candidates).items():
        if times > 1:
            hint = "make one of them: join their conditions with or"
            yield problem, f"the form has {times} candidates for this problem", hint
    for candidate in form.candidates:
        yield from _names(candidate, conditions)
        yield from _persons(candidate, conditions)
        yield from conditions.reads(candidate.problem, "when", candidate.when, len(form.items), {})


def _names(candidate: Candidate, conditions: Conditions) -> Iterator[Finding]:
    by_id = conditions.form.by_id
    for name in candidate.items:
        if name not in by_id:
            yield candidate.problem, f"it names {name}, which is no item", near_miss(name, by_id)
    if not candidate.items:
        yield candidate.problem, "it names no items", "name the items it rests on"


def _persons(candidate: Candidate, conditions: Conditions) -> Iterator[Finding]:
    """`roster` and `who` go together: they tell whom of the household it concerns."""
    problem, roster, form = candidate.problem, candidate.roster, conditions.form
    if roster is not None and roster not in form.roster_by_id:
        yield problem, f"there is no roster {roster}", near_miss(roster, form.roster_by_id)
        return
    if roster is None and candidate.who is not None:
        yield problem, "who without roster", 'say in which roster the persons stand: roster = "…"'
    elif roster is not None and candidate.who is None:
        yield problem, "roster without who", "say which of its rows it concerns, or drop roster"
    elif roster is not None and candidate.who is not None:
        rows = conditions.rows.get(roster, {})
        yield from conditions.reads(problem, "who", candidate.who, len(form.items), rows)
