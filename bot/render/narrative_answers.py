"""The answers of one household as a paper in sentences prints them, and what it asks of conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from bot.dialogs.form import EVIDENCE, Form, Item
from bot.expressions import Compiled, Expression, Getter, Value
from bot.render.messages import number
from bot.render.narrative_words import Words
from bot.render.papers import day

UNPRINTED: Final = EVIDENCE | {"id_number", "signature"}
"""Kinds that no sentence prints: files, signatures, and numbers that identify a person."""
NOT_RELEVANT: Final = ""
"""What is said of an item that this household is not asked."""
_CONTROLS: Final = dict.fromkeys((*range(32), 0x7F))

_day = lru_cache(maxsize=4096)(day)


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """What a form works out itself: figures and folds by fact, and those of the rows by roster and fact."""

    facts: Mapping[str, Compiled]
    rows: Mapping[str, Mapping[str, Compiled]]
    counts: Mapping[str, Item]
    """The item that says how many rows there are, by roster."""


def derived_of(form: Form) -> Derived:
    """What `form` works out."""
    rows: dict[str, dict[str, Compiled]] = {roster.id: {} for roster in form.rosters}
    facts: dict[str, Compiled] = {}
    for item in form.items:
        if item.calc is not None:
            (facts if item.repeat is None else rows.setdefault(item.repeat, {}))[item.fact] = item.calc.run
        if item.fold is not None:
            facts[item.fold.fact] = item.fold.calc.run
    counts = {roster.id: form.by_id[roster.count] for roster in form.rosters if roster.count in form.by_id}
    return Derived(facts, rows, counts)


class Scope:
    """What conditions and gaps of one paragraph read: the household, or a row and behind it the household."""

    def __init__(
        self, known: Mapping[str, Value], derived: Mapping[str, Compiled], words: Words, outer: Scope | None
    ) -> None:
        self.words, self.outer = words, outer
        self._known, self._derived = known, derived
        self._worked_out: dict[str, Value] = {}
        self._said: dict[str, str | None] = {}
        self.get: Getter = self._household if outer is None else self._row

    def _household(self, name: str) -> Value:
        value = self._known.get(name)
        return self._work_out(name) if value is None and name in self._derived else value

    def _row(self, name: str) -> Value:
        if name in self._known and self._known[name] is not None:
            return self._known[name]
        if name in self._derived:
            return self._work_out(name)
        return None if name in self._known or self.outer is None else self.outer.get(name)

    def _work_out(self, name: str) -> Value:
        if name not in self._worked_out:
            self._worked_out[name] = None  # a figure that rests on itself stays unknown
            self._worked_out[name] = self._derived[name](self.get)
        return self._worked_out[name]

    def worked_out(self) -> dict[str, Value]:
        """What the form works out here, and is not known otherwise, by fact."""
        return {name: self._work_out(name) for name in self._derived if self._known.get(name) is None}

    def holds(self, condition: Expression | None) -> bool:
        """Whether there is no condition, or it is True: what is unknown does not hold."""
        return condition is None or condition.run(self.get) is True

    def said(self, item: Item) -> str | None:
        """The answer in words; None when it is not known, NOT_RELEVANT when it is not asked."""
        scope = self if item.repeat is not None or self.outer is None else self.outer
        try:
            return scope._said[item.id]
        except KeyError:
            said = scope._said[item.id] = scope._say(item)
            return said

    def ticked(self, item: Item) -> str:
        """All options of an item that is asked, those chosen ticked."""
        value = (self if item.repeat is not None or self.outer is None else self.outer)._value(item)
        chosen = value if isinstance(value, list) else [value]
        boxes = {True: self.words.ticked, False: self.words.box}
        return self.words.boxes.join(boxes[each.code in chosen] + each.label for each in item.options)

    def _say(self, item: Item) -> str | None:
        relevant = True if item.ask_if is None else item.ask_if.run(self.get)
        if relevant is None:
            return None
        if not relevant:
            return NOT_RELEVANT
        value = self._value(item)
        return None if value is None else in_words(item, value, self.words)

    def _value(self, item: Item) -> Value:
        value = self._known.get(item.fact)
        return self._work_out(item.fact) if value is None and item.fact in self._derived else value


class Household(Scope):
    """All that is known of one household on the day `on`."""

    def __init__(
        self,
        derived: Derived,
        facts: Mapping[str, Value],
        parameters: Mapping[str, float | None],
        on: date,
        words: Words,
    ) -> None:
        known = {f"param_{id}": value for id, value in parameters.items()}
        super().__init__({**known, "today": on.isoformat(), **facts}, derived.facts, words, None)
        self._all = derived
        self._rows: dict[str, tuple[Scope, ...]] = {}
        self._whole: dict[str, list[dict[str, Value]]] = {}

    def _household(self, name: str) -> Value:
        value = super()._household(name)
        derived = self._all.rows.get(name)
        if not derived or not isinstance(value, list):
            return value
        # What counts rows reads of them also what the form works out for each.
        if name not in self._whole:
            self._whole[name] = [
                {**dict.fromkeys(derived), **row, **scope.worked_out()}
                for row, scope in zip(value, self.rows(name), strict=False)
            ]
        return self._whole[name]

    def rows(self, roster: str) -> tuple[Scope, ...]:
        """The rows of a roster; none when this household is not asked how many there are."""
        if roster not in self._rows:
            count = self._all.counts.get(roster)
            asked = count is None or count.ask_if is None or count.ask_if.run(self.get) is not False
            rows = (self._known.get(roster) or []) if asked else []
            derived = self._all.rows.get(roster, {})
            self._rows[roster] = tuple(Scope(row, derived, self.words, self) for row in rows)
        return self._rows[roster]


def in_words(item: Item, value: Value, words: Words) -> str | None:
    """A value as the paper prints it, without its unit; None when there is nothing to print.

    Labels for codes, figures with at most two decimals, days and months as people write them.
    """
    if isinstance(value, bool):
        return words.yes if value else words.no
    if isinstance(value, list):
        return words.joined.join(filter(None, (in_words(item, each, words) for each in value))) or None
    if item.options:
        option = item.option(value)
        return str(value) if option is None else option.label
    if isinstance(value, int | float):
        return str(value) if item.kind == "year" else number(value)
    text = str(value).translate(_CONTROLS).strip()
    if item.kind in ("date", "datetime"):
        return _day(text, words.date)
    if item.kind == "month":
        first = f"{text}-01"
        said = _day(first, words.month)
        return text if said == first else said  # what is no month stays as it was written
    return text or None
