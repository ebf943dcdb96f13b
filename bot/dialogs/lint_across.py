"""What an author may have got wrong between a form and all others: where its rows come from, its problems."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bot.dialogs.form import Form, Item, Roster
from bot.dialogs.ledger import Ledger
from bot.dialogs.lint_conditions import Surroundings
from bot.problems import Problem, near_miss


def unknown_problems(forms: Iterable[tuple[str, Form]], ledger: Ledger) -> list[Problem]:
    """Candidates for problems that the ledger does not have; `forms` each with its file."""
    return [
        Problem(
            file,
            candidate.problem,
            f"the ledger has no problem {candidate.problem}",
            near_miss(candidate.problem, ledger.problems),
        )
        for file, form in forms
        for candidate in form.candidates
        if candidate.problem not in ledger.problems
    ]


def lint_rows(forms: Collection[tuple[str, Form]], around: Surroundings) -> list[Problem]:
    """Rosters whose rows come from a roster that there is not, or are chosen by what its rows do not say."""
    sources = _Sources([form for _, form in forms], around)
    return [
        Problem(file, roster.id, what, hint)
        for file, form in forms
        for roster in form.rosters
        if roster.source != roster.id
        for what, hint in sources.judge(roster)
    ]


class _Sources:
    """Every roster that rows may come from, with what its rows say."""

    def __init__(self, forms: Iterable[Form], around: Surroundings) -> None:
        self.rows: dict[str, dict[str, list[Item]]] = {
            roster: {fact: [] for fact in facts} for roster, facts in around.file.items()
        }
        self.facts: dict[str, list[Item]] = {name: [] for name in around.parameters}
        for form in forms:
            for roster in form.rosters:
                self.rows.setdefault(roster.id, {})
            for item in form.items:
                found = self.facts if item.repeat is None else self.rows.setdefault(item.repeat, {})
                found.setdefault(item.fact, []).append(item)
                if item.fold is not None:
                    self.facts.setdefault(item.fold.fact, [])

    def judge(self, roster: Roster) -> Iterator[tuple[str, str]]:
        """What is wrong with `from` and `from_if` of a roster, each with a hint."""
        if roster.source not in self.rows:
            yield (
                f"its rows come from {roster.source}, which is no roster",
                near_miss(roster.source, self.rows),
            )
            return
        if (test := roster.source_if) is None:
            return
        rows = self.rows[roster.source]
        known: Mapping[str, list[Item]] = {**self.facts, **rows}
        for name in sorted(test.names - known.keys()):
            yield f"from_if reads {name}, which no row of {roster.source} says", near_miss(name, rows)
        for name, constant in test.constants:
            chosen = [item for item in known.get(name, ()) if item.options]
            if chosen and all(item.option(constant) is None for item in chosen):
                codes = ", ".join(str(option.code) for option in chosen[0].options)
                yield (
                    f"from_if compares {name} with {constant}, which is no option of it",
                    f"options: {codes}",
                )
