"""The words that cadres use, as frozen data: `vocabulary.toml` holds them, the parsers only read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, TypeVar

_Section = TypeVar("_Section")


def plain(text: str) -> str:
    """Text as the parsers compare it: NFKC (full width, circled digits), lower case, no space at the ends."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().lower()


@dataclass(frozen=True, slots=True, eq=False)
class NumeralWords:
    """Words of numbers and what people say around them."""

    digits: Mapping[str, int]
    powers: Mapping[str, int]
    spoken_only: tuple[str, ...]
    points: tuple[str, ...]
    halves: tuple[str, ...]
    negatives: tuple[str, ...]
    classifiers: tuple[str, ...]
    percent_prefixes: tuple[str, ...]
    inexact: tuple[str, ...]
    ranges: tuple[str, ...]
    none: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DateWords:
    """Words of days, months, years and times of day; offsets count from today."""

    year_marks: tuple[str, ...]
    month_marks: tuple[str, ...]
    day_marks: tuple[str, ...]
    years: Mapping[str, int]
    months: Mapping[str, int]
    days: Mapping[str, int]
    weeks: Mapping[str, int]
    week_marks: tuple[str, ...]
    weekdays: Mapping[str, int]
    day_counts: tuple[str, ...]
    month_counts: tuple[str, ...]
    ago: tuple[str, ...]
    ahead: tuple[str, ...]
    lunar: tuple[str, ...]
    hour_marks: tuple[str, ...]
    minute_marks: tuple[str, ...]
    half_hours: tuple[str, ...]
    quarters: tuple[str, ...]
    night: tuple[str, ...]
    morning: tuple[str, ...]
    noon: tuple[str, ...]
    afternoon: tuple[str, ...]
    evening: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceWords:
    """Words with which people pick from a list, agree, refuse, keep what is known, or know nothing."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    yes_labels: tuple[str, ...]
    no_labels: tuple[str, ...]
    negations: tuple[str, ...]
    none: tuple[str, ...]
    unknown: tuple[str, ...]
    keep: tuple[str, ...]
    changed: tuple[str, ...]
    separators: tuple[str, ...]
    conjunctions: tuple[str, ...]
    ranges: tuple[str, ...]
    ordinal_prefixes: tuple[str, ...]
    ordinal_suffixes: tuple[str, ...]
    code_marks: tuple[str, ...]
    ignored: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    """Units that convert into each other.

    `words` gives each unit's size in the dimension's base unit. `counted`: the general classifier may stand
    for the unit. `tenths`: a digit after the unit is a tenth of it. `none_is_zero`: "none" means 0.
    `decimals`: places kept, or None for all.
    """

    name: str
    words: Mapping[str, Decimal]
    counted: bool
    tenths: bool
    none_is_zero: bool
    decimals: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Every word that the parsers know. Compared and hashed by identity: load it once."""

    numerals: NumeralWords
    dates: DateWords
    choices: ChoiceWords
    units: Mapping[str, Dimension]

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Vocabulary:
        """The vocabulary in a decoded `vocabulary.toml`; ValueError names everything missing or misshapen."""
        problems = [f"{name}: not known" for name in raw if name not in {f.name for f in fields(cls)}]
        numerals = _section(NumeralWords, "numerals", raw, problems)
        dates = _section(DateWords, "dates", raw, problems)
        choices = _section(ChoiceWords, "choices", raw, problems)
        units = _units(raw, problems)
        if problems or numerals is None or dates is None or choices is None:
            raise ValueError("vocabulary: " + "; ".join(problems))
        return cls(numerals, dates, choices, units)

    def dimension_of(self, unit: str) -> Dimension | None:
        """The dimension that has this unit; a rate such as yuan per year counts by its first part."""
        wanted = plain(unit).split("/")[0]
        for dimension in self.units.values():
            if wanted in dimension.words:
                return dimension
        return None


def _section(kind: type[_Section], name: str, raw: Mapping[str, Any], problems: list[str]) -> _Section | None:
    """One table of the file as `kind`; None after noting what is wrong with it."""
    table = raw.get(name)
    if not isinstance(table, Mapping):
        problems.append(f"{name}: missing")
        return None
    wanted = {f.name: str(f.type) for f in fields(kind)}  # type: ignore[arg-type]
    before = len(problems)
    problems += [f"{name}.{key}: not known" for key in table if key not in wanted]
    values: dict[str, Any] = {}
    for key, shape in wanted.items():
        if key not in table:
            problems.append(f"{name}.{key}: missing")
        elif shape.startswith("Mapping"):
            values[key] = _numbers(table[key], f"{name}.{key}", problems)
        else:
            values[key] = _words(table[key], f"{name}.{key}", problems)
    return kind(**values) if len(problems) == before else None


def _words(value: Any, where: str, problems: list[str]) -> tuple[str, ...]:
    """A list of words, longest first so that no word hides a longer one."""
    if not isinstance(value, list) or not value or not all(isinstance(w, str) and w.strip() for w in value):
        problems.append(f"{where}: a list of words is wanted")
        return ()
    return tuple(sorted({plain(word) for word in value}, key=lambda word: (-len(word), word)))


def _numbers(value: Any, where: str, problems: list[str]) -> dict[str, int]:
    """A table from word to whole number, longest word first."""
    if (
        not isinstance(value, Mapping)
        or not value
        or not all(isinstance(number, int) and not isinstance(number, bool) for number in value.values())
    ):
        problems.append(f"{where}: a table from word to whole number is wanted")
        return {}
    longest_first = sorted(value, key=lambda word: (-len(word), word))
    return {plain(word): value[word] for word in longest_first}


_FLAGS = ("counted", "tenths", "none_is_zero")


def _units(raw: Mapping[str, Any], problems: list[str]) -> dict[str, Dimension]:
    """The dimensions under `units`, with what is wrong noted."""
    tables = raw.get("units")
    if not isinstance(tables, Mapping) or not tables:
        problems.append("units: missing")
        return {}
    units: dict[str, Dimension] = {}
    for name, table in tables.items():
        dimension = _dimension(name, table, problems)
        if dimension is not None:
            units[name] = dimension
    return units


def _dimension(name: str, table: Any, problems: list[str]) -> Dimension | None:
    where = f"units.{name}"
    if not isinstance(table, Mapping):
        problems.append(f"{where}: a table is wanted")
        return None
    problems += [f"{where}.{key}: not known" for key in table if key not in {*_FLAGS, "words", "decimals"}]
    problems += [
        f"{where}.{flag}: true or false is wanted"
        for flag in _FLAGS
        if not isinstance(table.get(flag, False), bool)
    ]
    words = table.get("words")
    if not isinstance(words, Mapping) or not words:
        problems.append(f"{where}.words: missing")
        return None
    sizes: dict[str, Decimal] = {}
    for word, size in words.items():
        if isinstance(size, (int, float)) and not isinstance(size, bool) and size > 0:
            sizes[plain(word)] = Decimal(str(size))
        else:
            problems.append(f"{where}.words.{word}: a positive number is wanted")
    flags = {flag: bool(table.get(flag, False)) for flag in _FLAGS}
    return Dimension(name=name, words=sizes, decimals=table.get("decimals"), **flags)
