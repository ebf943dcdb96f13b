"""Reads one entry of a pack field by field and notes what is missing, misspelt or of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.expressions import Expression, ExpressionError, parse
from bot.problems import Problem, near_miss, unknown_keys
from bot.rules.sentences import Sentence, sentence
from bot.rules.terms import Term, term


@dataclass(slots=True)
class Problems:
    """Collects defects instead of stopping at the first."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, id: str, what: str, hint: str = "") -> None:
        """Note a defect, once."""
        problem = Problem(file, id, what, hint)
        if problem not in self.found:
            self.found.append(problem)


@dataclass(frozen=True, slots=True)
class Source:
    """The tables of one file, and what replaces gaps such as `{line_op}` in its sentences."""

    file: str
    data: Mapping[str, Any]
    problems: Problems
    said: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    """What replaces gaps such as `{red_logic}` in conditions."""

    def entries(self, section: str) -> list[Entry]:
        """The entries `[[section]]`, each with an id of its own; what is not a list of tables is noted."""
        tables = self.data.get(section, [])
        if not isinstance(tables, list) or any(not isinstance(table, Mapping) for table in tables):
            self.problems.add(self.file, section, f"write [[{section}]], one table for each entry")
            return []
        found = [Entry(self, section, table) for table in tables]
        seen: set[str] = set()
        for entry in found:
            if "id" not in entry.data:
                entry.note("id is missing", "name it, as others refer to it")
            elif entry.id in seen:
                entry.note("this id stands twice", "give each an id of its own")
            seen.add(entry.id)
        return found

    def single(self, section: str) -> Entry:
        """The one table `[section]`."""
        table = self.data.get(section, {})
        if isinstance(table, Mapping):
            return Entry(self, section, table)
        self.problems.add(self.file, section, f"write [{section}], one table")
        return Entry(self, section, {})


class Entry:
    """One table of a pack; ask for its fields, then call `done` to have the others noted as unknown."""

    def __init__(self, source: Source, section: str, data: Mapping[str, Any]) -> None:
        self.source = source
        self.section = section
        self.data = data
        self.asked: list[str] = ["id"]
        self.id = str(data.get("id", ""))

    @property
    def place(self) -> str:
        """The section and the id, as problems name it."""
        return f"{self.section} {self.id}".strip()

    def note(self, what: str, hint: str = "") -> None:
        """Note a defect of this entry."""
        self.source.problems.add(self.source.file, self.place, what, hint)

    def unknown(self, what: str, name: str, known: Iterable[str]) -> None:
        """Note that `name` does not exist, with the nearest name that does."""
        self.note(what, near_miss(name, known))

    def part(self, data: Mapping[str, Any]) -> Entry:
        """A table inside this entry, under the entry's id."""
        return Entry(self.source, self.section, {**data, "id": self.id})

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be given."""
        value: str = self._typed(key, str, "a text", default, "")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number; without a default it must be given."""
        value: int = self._typed(key, int, "a whole number", default, 0)
        return value

    def yes(self, key: str) -> bool:
        """true or false; false when absent."""
        value: bool = self._typed(key, bool, "true or false", False, False)
        return value

    def day(self, key: str) -> date:
        """A day, which must be given."""
        value: date = self._typed(key, date, "a day such as 2020-03-17", None, date.max)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        values = self._typed(key, list, "a list of texts", [], [])
        if any(not isinstance(value, str) for value in values):
            self.note(f"{key} must hold texts only", 'write ["a", "b"]')
            return ()
        return tuple(values)

    def days(self, key: str) -> frozenset[date]:
        """A list of days; empty when absent."""
        return frozenset(self._all(key, date, "days such as 2027-01-01"))

    def wholes(self, key: str) -> frozenset[int]:
        """A list of whole numbers; empty when absent."""
        return frozenset(self._all(key, int, "whole numbers"))

    def _all(self, key: str, kind: type, called: str) -> list[Any]:
        values: list[Any] = self._typed(key, list, f"a list of {called}", [], [])
        if any(type(value) is not kind for value in values):
            self.note(f"{key} must hold {called} only", "write [a, b]")
            return []
        return values

    def table(self, key: str) -> Mapping[str, Any]:
        """A table of its own, such as `{ rule = "…" }`; empty when absent."""
        table: Mapping[str, Any] = self._typed(key, Mapping, "a table", {}, {})
        return table

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        """A list of tables, which must be given."""
        tables: list[Mapping[str, Any]] = self._typed(key, list, "a list of tables", None, [])
        if any(not isinstance(table, Mapping) for table in tables):
            self.note(f"{key} must be a list of tables", "write [{ … }, { … }]")
            return []
        return tables

    def one_of(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """One of some words."""
        value, known = self.text(key, default), list(choices)
        if value not in known and value != default and key in self.data:
            self.note(f'{key} = "{value}" is none of {", ".join(known)}', near_miss(value, known))
        return value

    def sentence(self, key: str, default: str | None = None) -> Sentence:
        """A sentence with named gaps."""
        source = self.text(key, default)
        for gap, words in self.source.said.items():
            source = source.replace(gap, words)
        try:
            return sentence(source)
        except ValueError as error:
            self.note(f"{key} cannot be read: {error}", "a gap is {name}, with both braces")
            return Sentence((), "")

    def terms(self, key: str) -> tuple[Term, ...]:
        """Conditions such as `x`, `-x`; a fact may be stated once only."""
        terms = tuple(term(self._chosen(each)) for each in self.texts(key))
        names = [each.fact for each in terms]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            self.note(f"{key} states {name} twice", "state it once")
        return terms

    def expression(self, key: str) -> Expression | None:
        """A condition or formula, with the options of the scheme in it; None if absent or unreadable."""
        source = self._chosen(self.text(key, ""))
        if not source:
            return None
        try:
            return parse(source)
        except ExpressionError as error:
            self.note(str(error), "the language has comparisons, and, or, not, in, + - * / and its functions")
            return None

    def done(self) -> None:
        """Note every field that nobody asked for."""
        for problem in unknown_keys(self.source.file, self.place, self.data, self.asked):
            self.note(problem.what, problem.hint)

    def _chosen(self, source: str) -> str:
        for gap, choice in self.source.chosen.items():
            source = source.replace(gap, choice)
        return source

    def _typed(self, key: str, kind: type, called: str, default: Any, instead: Any) -> Any:
        self.asked.append(key)
        if key not in self.data:
            if default is None:
                self.note(f"{key} is missing", f"write {key} = …")
                return instead
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.note(f"{key} must be {called}", f"it is {type(self.data.get(key)).__name__}")
            return instead
        return value
