"""What an author of a questionnaire may have got wrong, all of it, each with a hint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from bot.dialogs.form import EVIDENCE, NUMBERS, Check, Form, Item, Roster
from bot.dialogs.lint_candidates import lint_candidates
from bot.dialogs.lint_conditions import Conditions, Finding, Surroundings
from bot.dialogs.lint_proposals import lint_proposals
from bot.dialogs.lint_sections import lint_sections
from bot.dialogs.lint_texts import FITS, KEY_BYTES, fits_button, lint_texts
from bot.problems import Problem, near_miss

CHOICES: Final = frozenset({"select_one", "select_multiple"})
LIMITED: Final = NUMBERS | {"date", "datetime", "month", "text"}
KEEPS: Final = ("ask", "silent", "never")
EVERY: Final = ("", "month")
"""How often a form may be due again."""


def lint_form(form: Form, around: Surroundings, file: str, *, whole: bool = True) -> list[Problem]:
    """Every problem of `form`; what its sections lack only when it could be read as a `whole`."""
    lint = _Lint(form, around)
    found = [*lint.run(), *lint_candidates(lint), *lint_proposals(lint), *lint_texts(form)]
    if whole:
        found += lint_sections(form)
    return [Problem(file, id, what, hint) for id, what, hint in found]


class _Lint(Conditions):
    def run(self) -> Iterator[Finding]:
        """Every problem, in the order of the form."""
        yield from self.head()
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

    def head(self) -> Iterator[Finding]:
        form = self.form
        if form.every not in EVERY:
            yield "form", f"unknown every {form.every}", near_miss(form.every, EVERY[1:])
        if not form.subjects:
            yield "form", "the form is about nobody", 'subject = "household"'
        for subject, times in Counter(map(str, form.subjects)).items():
            if times > 1:
                yield "form", f"subject names {subject} {times} times", "name each once"

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
        if not fits_button(item.id):
            yield item.id, "the id does not fit a button", FITS
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
        yield from self.evidence(item)

    def evidence(self, item: Item) -> Iterator[Finding]:
        """A picture or a place is sent along at any moment: nobody waits for it."""
        if item.kind not in EVIDENCE:
            return
        for key, there in (("required", item.required), ("optional", item.optional)):
            if there:
                yield (
                    item.id,
                    f"{key} on an item of kind {item.kind}",
                    "drop it: nobody is asked for evidence",
                )
        if item.repeat is not None:
            hint = "drop repeat: evidence belongs to the whole form"
            yield item.id, f"an item of kind {item.kind} inside a roster", hint

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
