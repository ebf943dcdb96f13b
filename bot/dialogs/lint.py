"""What an author of a questionnaire may have got wrong, all of it, each with a hint."""

from __future__ import annotations

import ast
import string
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.dialogs.form import NUMBERS, Check, Form, Item, Roster
from bot.expressions import Expression
from bot.problems import Problem, near_miss

CHOICES: Final = frozenset({"select_one", "select_multiple"})
LIMITED: Final = NUMBERS | {"date", "datetime", "month", "text"}
KEY_BYTES: Final = 24
"""Item and check ids go into the 64 bytes of a button; this leaves room for interview and revision."""
KEEPS: Final = ("ask", "silent", "never")
_ITSELF: Final = {"check": "the answer itself is called value"}
ALWAYS: Final = frozenset({"today", "now"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form may read besides its own questions."""

    parameters: Collection[str]
    """Names of dated parameters, with their `param_` prefix."""
    file: Mapping[str, Collection[str]]
    """Rosters of the household's file and the facts of their rows."""


def lint_form(form: Form, around: Surroundings, file: str) -> list[Problem]:
    """Every problem of `form`, in the order of the form."""
    return [Problem(file, id, what, hint) for id, what, hint in _Lint(form, around).run()]


Finding = tuple[str, str, str]


class _Lint:
    def __init__(self, form: Form, around: Surroundings) -> None:
        self.form = form
        self.around = around
        self.order = {item.id: at for at, item in enumerate(form.items)}
        self.rows: dict[str, dict[str, int]] = {
            name: dict.fromkeys(facts, -1) for name, facts in around.file.items()
        }
        self.facts: dict[str, int] = dict.fromkeys((*ALWAYS, *around.parameters, *around.file), -1)
        for at, item in enumerate(form.items):
            if item.repeat is None:
                self.facts.setdefault(item.fact, at)
            else:
                self.rows.setdefault(item.repeat, {}).setdefault(item.fact, at)
                self.facts.setdefault(item.repeat, at)
            if item.fold is not None:
                self.facts.setdefault(item.fold.fact, at)

    def run(self) -> Iterator[Finding]:
        yield from self.twice()
        yield from self.facts_twice()
        for item in self.form.items:
            yield from self.shape(item)
            yield from self.choices(item)
            yield from self.limits(item)
            yield from self.conditions(item)
        for roster in self.form.rosters:
            yield from self.roster(roster)
        for check in self.form.checks:
            yield from self.check(check)

    def twice(self) -> Iterator[Finding]:
        form = self.form
        for what, names in {
            "item id": [item.id for item in form.items],
            "check id": [check.id for check in form.checks],
            "section id": [section.id for section in form.sections],
            "roster id": [roster.id for roster in form.rosters],
        }.items():
            for name, times in Counter(names).items():
                if times > 1:
                    yield (
                        name,
                        f"the {what} is used {times} times",
                        "each may be used once: rename the others",
                    )

    def facts_twice(self) -> Iterator[Finding]:
        asked: dict[str, str] = {}
        for item in self.form.items:
            name = f"{item.repeat}.{item.fact}" if item.repeat else item.fact
            if asked.setdefault(name, item.id) != item.id:
                yield item.id, f"the fact {name} is asked by {asked[name]} already", "use another fact name"

    def shape(self, item: Item) -> Iterator[Finding]:
        sections = [section.id for section in self.form.sections]
        if item.section not in sections:
            yield item.id, f"there is no section {item.section}", near_miss(item.section, sections)
        if len(item.id.encode()) > KEY_BYTES or not item.id.isascii() or set(item.id) & set("#!:"):
            yield (
                item.id,
                "the id does not fit a button",
                f"at most {KEY_BYTES} ASCII characters without # ! :",
            )
        if item.kind == "calculate":
            if item.calc is None:
                yield item.id, "a calculate item needs calc", "write the formula"
        elif item.calc is not None:
            yield item.id, f"calc on an item of kind {item.kind}", 'use kind = "calculate"'
        elif not item.text:
            yield item.id, "the item has no text to ask with", "write the prompt as one would say it"
        if item.optional and item.required:
            yield item.id, "the item is both optional and required", "choose one"
        if item.keep not in KEEPS:
            yield item.id, f"unknown keep {item.keep}", near_miss(item.keep, KEEPS)
        if item.fold is not None and item.repeat is None:
            yield item.id, "fold on an item outside a roster", "fold sums up rows; set repeat"
        yield from self.placeholders(item)

    def placeholders(self, item: Item) -> Iterator[Finding]:
        allowed = ("who",) if item.repeat else ()
        for text in (item.text, item.hint):
            try:
                names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
            except ValueError:
                yield (
                    item.id,
                    "a brace in the text is not closed",
                    "use {who} inside a roster, no other braces",
                )
                continue
            for name in names:
                if name not in allowed:
                    yield item.id, f"the text uses {{{name}}}", "only {who} inside a roster is filled in"

    def choices(self, item: Item) -> Iterator[Finding]:
        codes = [option.code for option in item.options]
        if item.kind in CHOICES and not codes:
            return  # noted where the options were to be read
        if item.kind not in CHOICES | {"calculate"} and codes:
            yield item.id, f"options on an item of kind {item.kind}", "use select_one or select_multiple"
        if item.none is not None and item.none not in codes:
            yield item.id, f"none = {item.none} is not an option", near_miss(str(item.none), map(str, codes))
        if item.max_choices is not None and item.kind != "select_multiple":
            yield item.id, f"max_choices on an item of kind {item.kind}", 'use kind = "select_multiple"'
        elif item.max_choices is not None and not 1 <= item.max_choices <= len(codes):
            hint = f"1 to {len(codes)}"
            yield item.id, f"max_choices = {item.max_choices} does not fit {len(codes)} options", hint
        elif item.min_choices > (item.max_choices or len(codes) or 1):
            yield item.id, f"min_choices = {item.min_choices} can never be reached", "lower it"

    def limits(self, item: Item) -> Iterator[Finding]:
        bounds = [item.min, item.soft_min, item.soft_max, item.max]
        if any(bound is not None for bound in bounds) and item.kind not in LIMITED:
            yield (
                item.id,
                f"limits on an item of kind {item.kind}",
                f"they belong to {', '.join(sorted(LIMITED))}",
            )
        numbers = [bound for bound in bounds if isinstance(bound, int | float)]
        if numbers != sorted(numbers):
            yield item.id, "the limits are out of order", "min <= soft_min <= soft_max <= max"
        texts = [bound for bound in (item.min, item.max) if isinstance(bound, str) and bound != "today"]
        if texts and item.kind in NUMBERS:
            yield item.id, f"the limit {texts[0]!r} of the {item.kind} is text", "write a number"

    def conditions(self, item: Item) -> Iterator[Finding]:
        at, extra = self.order[item.id], self.rows.get(item.repeat or "", {})
        for key, expression in (("ask_if", item.ask_if), ("calc", item.calc)):
            if expression is not None:
                yield from self.reads(item.id, key, expression, at, extra)
        for constraint in item.check:
            yield from self.reads(item.id, "check", constraint.test, at, {**extra, "value": -1})
        if item.fold is not None:
            last = max(self.order[other.id] for other in self.form.items if other.repeat == item.repeat) + 1
            yield from self.reads(item.id, "fold", item.fold.calc, last, {})

    def reads(
        self, id: str, key: str, expression: Expression, before: int, extra: Mapping[str, int]
    ) -> Iterator[Finding]:
        for name in sorted(expression.names):
            asked = extra.get(name, self.facts.get(name))
            if asked is None:
                yield (
                    id,
                    f"{key} reads {name}, which nothing provides",
                    near_miss(name, {**self.facts, **extra}),
                )
            elif asked == before and key != "fold":
                yield (
                    id,
                    f"{key} reads {name}, which is the item itself",
                    _ITSELF.get(key, "name another fact"),
                )
            elif asked >= before:
                yield (
                    id,
                    f"{key} reads {name}, which is asked later",
                    f"move this item behind {self.form.items[asked].id}",
                )
        rows = {name for facts in self.rows.values() for name in facts}
        for name in sorted(expression.row_names - rows - self.facts.keys()):
            yield id, f"{key} reads {name}, which no roster row provides", near_miss(name, rows)
        for name, constant in expression.constants:
            item = self.asking(name)
            if item is not None and item.options and item.option(constant) is None:
                codes = ", ".join(str(option.code) for option in item.options)
                yield (
                    id,
                    f"{key} compares {name} with {constant}, which is no option of it",
                    f"options: {codes}",
                )
        yield from self.misuse(id, key, expression)

    def asking(self, name: str) -> Item | None:
        """The question that finds out a fact, of the household or of a row."""
        rows = (item for item in self.form.items if item.fact == name and item.repeat is not None)
        return self.form.by_fact.get(name) or next(rows, None)

    def misuse(self, id: str, key: str, expression: Expression) -> Iterator[Finding]:
        """Several choices compared like one answer, or one answer searched like several."""
        for node in ast.walk(expression.tree):
            match node:
                case ast.Call(func=ast.Name(id="has"), args=[ast.Name(id=name), _]):
                    item = self.asking(name)
                    if item is not None and item.kind not in ("select_multiple", "calculate"):
                        yield id, f"{key} looks into {name}, which has one answer only", f"write {name} == …"
                case ast.Compare(left=ast.Name(id=name)):
                    item = self.asking(name)
                    if item is not None and item.kind == "select_multiple":
                        yield id, f"{key} compares {name}, which has several answers", f"write has({name}, …)"

    def roster(self, roster: Roster) -> Iterator[Finding]:
        items = [item for item in self.form.items if item.repeat == roster.id]
        if not items:
            yield roster.id, "the roster has no questions", f'give items repeat = "{roster.id}"'
            return
        count = self.form.by_id.get(roster.count)
        if count is None:
            yield roster.id, f"its count {roster.count} is no item", near_miss(roster.count, self.form.by_id)
        elif count.kind != "integer":
            yield roster.id, f"its count {roster.count} is not an integer item", 'use kind = "integer"'
        elif self.order[count.id] > self.order[items[0].id]:
            hint = f"move {count.id} before {items[0].id}"
            yield roster.id, f"its count {roster.count} is asked after its rows", hint
        if roster.title not in (item.fact for item in items):
            yield (
                roster.id,
                f"its title {roster.title} is no row fact",
                near_miss(roster.title, self.rows[roster.id]),
            )
        places = [self.order[item.id] for item in items]
        if places[-1] - places[0] != len(places) - 1:
            yield roster.id, "its questions do not stand together", "keep the rows of a roster in one block"

    def check(self, check: Check) -> Iterator[Finding]:
        if len(check.id.encode()) > KEY_BYTES or not check.id.isascii() or ":" in check.id:
            yield check.id, "the id does not fit a button", f"at most {KEY_BYTES} ASCII characters without :"
        for name in check.items:
            if name not in self.form.by_id:
                yield check.id, f"it names {name}, which is no item", near_miss(name, self.form.by_id)
        if not check.items:
            yield check.id, "it names no items", "name the items a person would change"
        if not check.text and not check.id.endswith(".range"):
            yield check.id, "it has no text", "say what is wrong and what to change"
        yield from self.reads(check.id, "when", check.when, len(self.form.items), {})


def unknown_repeats(form: Form, file: str) -> list[Problem]:
    """Row items of rosters that the form does not declare."""
    known = [roster.id for roster in form.rosters]
    return [
        Problem(file, item.id, f"there is no roster {item.repeat}", near_miss(item.repeat, known))
        for item in form.items
        if item.repeat is not None and item.repeat not in known
    ]
