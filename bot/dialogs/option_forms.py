"""An option of a list, its label in the forms that replies are compared with, and the ways to choose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.dialogs.vocabulary import Vocabulary, plain

_REMARK = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CLAUSES = re.compile(r"[()\[\],;:/]+")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its official code, the form's own label, and the label's pinyin initials ("" if none)."""

    code: int
    label: str
    initials: str


@dataclass(frozen=True, slots=True)
class OptionForms:
    """A label folded whole, without its bracketed remarks, and by clauses; initials in lower case.

    `compound` holds the label's names whose own words would be taken for separators between choices.
    """

    label: str
    core: str
    clauses: tuple[str, ...]
    initials: str
    compound: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoicePatterns:
    """Compiled patterns of one vocabulary; `numerals` gives the digits of a code in Chinese."""

    code: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    negation: re.Pattern[str]
    separator: re.Pattern[str]
    conjunction: re.Pattern[str]
    range: re.Pattern[str]
    spaced_range: re.Pattern[str]
    numerals: dict[str, int]

    def value(self, code: str) -> str:
        """A code in digits without leading zeros, whether written in digits or as a Chinese digit."""
        return str(self.numerals[code] if code in self.numerals else int(code))


def fold(text: str, vocabulary: Vocabulary) -> str:
    """Plain text without spaces and quotation marks."""
    for sign in vocabulary.choices.ignored:
        text = text.replace(sign, "")
    return "".join(text.split())


def forms_of(option: Option, vocabulary: Vocabulary) -> OptionForms:
    """The forms of an option's label, made once per label."""
    return _forms(option.label, option.initials, vocabulary)


@lru_cache(maxsize=8192)
def _forms(label: str, initials: str, vocabulary: Vocabulary) -> OptionForms:
    whole = fold(plain(label), vocabulary)
    core = _REMARK.sub("", whole) or whole
    marks = "".join(vocabulary.choices.separators)
    clauses = re.split(f"[{re.escape(marks)}]+", " ".join(_CLAUSES.split(whole)))
    pieces = tuple(piece for clause in clauses for piece in clause.split() if piece)
    patterns = choice_patterns(vocabulary)
    compound = tuple(
        name
        for name in sorted({plain(label), core})
        if patterns.separator.search(name) or patterns.conjunction.search(name)
    )
    return OptionForms(whole, core, pieces, initials.strip().lower(), compound)


@lru_cache(maxsize=8)
def choice_patterns(vocabulary: Vocabulary) -> ChoicePatterns:
    """The patterns of one vocabulary, compiled once."""
    words = vocabulary.choices
    numerals = {sign: digit for sign, digit in vocabulary.numerals.digits.items() if digit}
    for sign in vocabulary.numerals.spoken_only:
        numerals.pop(sign, None)
    number = f"(?:[0-9]{{1,4}}|{_any(numerals)})"
    marks = _any(words.code_marks)
    between = _any(words.ranges)
    return ChoicePatterns(
        code=re.compile(
            rf"(?:{_any(words.ordinal_prefixes)}|[(\[])?\s*(?P<code>{number})(?![0-9])"
            rf"(?:{_any(words.ordinal_suffixes)}(?=$|\s|{marks}))?(?:\s|{marks})*"
        ),
        before=re.compile(f"^{_any(words.before)}+"),
        after=re.compile(f"{_any(words.after)}+$"),
        negation=re.compile(_any(words.negations)),
        separator=re.compile(rf"(?:\s|{_any(words.separators)})+|(?<=[0-9])\.+(?=[0-9])"),
        conjunction=re.compile(_any(words.conjunctions)),
        range=re.compile(f"({number}){between}({number})"),
        spaced_range=re.compile(rf"\s*({between})\s*"),
        numerals=numerals,
    )


def _any(words: Iterable[str]) -> str:
    """A pattern of any of the words, longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
