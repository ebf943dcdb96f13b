"""What an author may have got wrong in `reuse.toml`: rules that never propose anything, or no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.dialogs.form import NUMBERS, Form, Item
from bot.dialogs.lint_conditions import Surroundings
from bot.dialogs.reuse import Reuse, ReuseRules
from bot.expressions import Expression
from bot.problems import Problem, near_miss

_Said: TypeAlias = tuple[str, str]
"""What is wrong, and how to mend it."""
_FIGURES: Final = NUMBERS | {"calculate"}
_WORDS: Final = frozenset({"text", "person"})


def lint_reuse(
    rules: ReuseRules, forms: Iterable[Form], around: Surroundings, file: str
) -> Iterator[Problem]:
    """Every problem of the rules, under the fact that they serve."""
    asked = _asked(list(forms), around)
    for fact in rules.fresh:
        if fact not in asked.items and fact not in asked.provided:
            yield Problem(
                file, fact or "?", "it is fresh for some days, but no form asks it", asked.near(fact)
            )
    for fact, served in rules.rows.items():
        if fact not in asked.items:
            yield Problem(file, fact or "?", "no form asks the fact", asked.near(fact))
            continue
        for rule in served:
            for what, hint in (*_reads(rule, asked), *_leads(rule, asked)):
                yield Problem(file, fact or "?", what, hint)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What forms ask, rows as "roster.fact", and everything that a rule may read."""

    items: dict[str, list[Item]]
    provided: frozenset[str]
    row_facts: frozenset[str]
    sources: dict[str, set[str]]
    """For each roster those that its rows are proposed from."""

    def near(self, fact: str) -> str:
        return near_miss(fact, self.items)

    def asking(self, name: str) -> list[Item]:
        """The questions for a fact, of the household or of a row."""
        rows = (item for each in self.items.values() for item in each if item.fact == name)
        return self.items.get(name) or list(rows)


def _asked(forms: list[Form], around: Surroundings) -> _Asked:
    items: dict[str, list[Item]] = {}
    sources: dict[str, set[str]] = {}
    provided = {*around.parameters, *around.file}
    provided |= {f"{roster}.{fact}" for roster, facts in around.file.items() for fact in facts}
    for form in forms:
        for roster in form.rosters:
            provided.add(roster.id)
            sources.setdefault(roster.id, set()).add(roster.source)
        for item in form.items:
            items.setdefault(f"{item.repeat}.{item.fact}" if item.repeat else item.fact, []).append(item)
            if item.fold is not None:
                provided.add(item.fold.fact)
    rows = {fact for facts in around.file.values() for fact in facts}
    rows |= {item.fact for each in items.values() for item in each}
    return _Asked(items, frozenset(provided | items.keys()), frozenset(rows | provided), sources)


def _reads(rule: Reuse, asked: _Asked) -> Iterator[_Said]:
    """What the rule reads that nothing provides."""
    names = [rule.source or ""] if rule.formula is None else sorted(rule.formula.names)
    for name in names:
        if name not in asked.provided:
            yield f"it reads {name}, which nothing provides", near_miss(name, asked.provided)
    if rule.formula is not None:
        yield from _formula(rule.formula, asked)
    elif rule.source == rule.fact and not rule.period:
        yield "it reads the fact itself", "drop the rule: the same fact needs none"


def _formula(formula: Expression, asked: _Asked) -> Iterator[_Said]:
    for name in sorted(formula.row_names - asked.row_facts):
        yield f"it reads {name}, which no row provides", near_miss(name, asked.row_facts)
    for name, constant in formula.constants:
        if wrong := _no_option(constant, asked.asking(name)):
            yield f"it compares {name} with {constant}, which is no option of it", wrong


def _leads(rule: Reuse, asked: _Asked) -> Iterator[_Said]:
    """What the rule makes of it, and whether that could be an answer."""
    targets, sources = asked.items[rule.fact], asked.items.get(rule.source or "", [])
    of_rows = ("." in rule.fact, "." in (rule.source or ""))
    if of_rows[0]:
        yield from _row(rule, asked)
    elif of_rows[1]:
        yield "an answer of the household cannot come from one of rows", 'is = "any(roster, …)"'
    for key, there in (("map", rule.codes is not None), ("scale", rule.scale is not None)):
        if there and rule.formula is not None:
            yield f"{key} beside is", "let the formula say it"
    if rule.codes is not None and rule.scale is not None:
        yield "map and scale", "keep one of them: codes are no amounts"
    for code, to in (rule.codes or {}).items():
        if known := _no_option(code, sources):
            yield f"map leads from {code}, which is no option of {rule.source}", known
        if known := _no_option(to, targets):
            yield f"map leads to {to}, which is no option", known
    if rule.scale is not None and not any(item.kind in NUMBERS for item in targets):
        yield "scale on a fact that is no number", "drop scale"
    alike = of_rows[0] is not of_rows[1] or not sources or _same(sources, targets)
    if rule.formula is None and rule.codes is None and not alike:
        what = f"its kind is {targets[0].kind}, that of {rule.source} is {sources[0].kind}"
        yield what, "write a map, or a formula with is"


def _row(rule: Reuse, asked: _Asked) -> Iterator[_Said]:
    """Rows are translated one by one from those of the roster that they come from."""
    roster = rule.fact.partition(".")[0]
    source = (rule.source or "").partition(".")
    if rule.formula is not None or not source[1]:
        yield "an answer of rows can only come from one of rows", 'from = "another_roster.fact"'
    elif rule.source in asked.provided and source[0] not in asked.sources.get(roster, ()):
        come = ", ".join(sorted(asked.sources.get(roster, ())))
        yield f"the rows of {roster} do not come from {source[0]}", f"they come from {come}"


def _no_option(code: object, items: list[Item]) -> str:
    """The options, where there are some and the code is none of them; else ""."""
    chosen = [item for item in items if item.options]
    if not chosen or any(item.option(code) is not None for item in chosen):
        return ""
    return f"options: {', '.join(str(option.code) for option in chosen[0].options)}"


def _same(sources: list[Item], targets: list[Item]) -> bool:
    """Whether an answer to one of `sources` can be one to one of `targets`."""
    pairs = {(source.kind, target.kind) for source in sources for target in targets}
    return any(
        source == target
        or {source, target} <= _FIGURES
        or {source, target} <= _WORDS
        or (source, target) == ("select_one", "select_multiple")
        for source, target in pairs
    )
