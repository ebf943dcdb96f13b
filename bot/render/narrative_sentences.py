"""The small language of sentences with gaps and clauses: read once, filled for every household.

`{…}` is a gap, `[…]` a clause that vanishes whole, `[a|b]` the first of them that can be printed,
`[?EXPR: …]` a clause with a condition; a backslash before one of the marks prints it. What a gap means is not
known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from bot.dialogs.form import Item
from bot.errors import HubangError
from bot.expressions import Expression, ExpressionError, parse


class SentenceError(HubangError):
    """The sentence cannot be read: {why}."""


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """A gap for the answer to `item`; a required one is never left out while the item is relevant.

    With `boxes` all its options are printed, those chosen ticked.
    """

    item: Item
    required: bool
    boxes: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A gap for the departments of a measure (`kind` units) or for a dated parameter (`param`)."""

    kind: str
    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Counter:
    """A gap for the next number; `form` is its place among the counters of the words."""

    form: int


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Text with gaps and clauses; printed only when `when` is True.

    `label` says that it has no gap of its own and only introduces its clauses: without them it vanishes.
    """

    parts: tuple[Part, ...]
    when: Expression | None = None
    label: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """What stands in brackets: the first phrase that can be printed."""

    phrases: tuple[Phrase, ...]


Gap: TypeAlias = Slot | Named | Counter
Part: TypeAlias = "str | Gap | Clause"

MARKS: Final = "\\[]{}|?"
_BREAK: Final = re.compile(r"\s*\n\s*")
_CONTROLS: Final = dict.fromkeys(range(32))


def read_sentence(source: str, gap: Callable[[str], Gap | None]) -> Phrase:
    """Read a sentence; `gap` says what stands in braces. Raises SentenceError.

    A line break in the source is no break of the sentence: it joins without a space.
    """
    return _Reader(_BREAK.sub("", source.strip()).translate(_CONTROLS), gap).whole()


def parts_of(phrase: Phrase) -> Iterator[Part | Expression]:
    """Every gap, text, clause and condition of a phrase, outermost first."""
    if phrase.when is not None:
        yield phrase.when
    for part in phrase.parts:
        yield part
        if isinstance(part, Clause):
            for inner in part.phrases:
                yield from parts_of(inner)


def end_of(phrase: Phrase, stops: str) -> str:
    """The stop with which a phrase ends when nothing in it vanishes; "" for another end."""
    last = phrase.parts[-1] if phrase.parts else ""
    if isinstance(last, Clause):
        return end_of(last.phrases[0], stops)
    return last[-1] if isinstance(last, str) and last.endswith(tuple(stops)) else ""


@dataclass(slots=True)
class _Reader:
    source: str
    gap: Callable[[str], Gap | None]
    at: int = 0

    def whole(self) -> Phrase:
        phrase = self.phrase(None, inside=False)
        if self.at < len(self.source):
            mark = self.source[self.at]
            if mark == "|":
                raise self.fail("| stands outside of brackets")
            raise self.fail("] closes what was never opened")
        return phrase

    def fail(self, why: str) -> SentenceError:
        return SentenceError(why=f"{why}, at {self.source[max(self.at - 6, 0) : self.at + 10]!r}")

    def phrase(self, when: Expression | None, *, inside: bool) -> Phrase:
        parts: list[Part] = []
        literal = ""
        while self.at < len(self.source) and (sign := self.source[self.at]) not in "]|":
            if sign in "{[":
                if literal:
                    parts.append(literal)
                literal = ""
                part = self.braces() if sign == "{" else self.clause()
                parts += () if part is None else (part,)
            else:
                literal += self.plain(sign)
        if literal:
            parts.append(literal)
        kinds = {type(part) for part in parts}
        label = inside and when is None and Clause in kinds and kinds <= {str, Clause}
        return Phrase(tuple(parts), when, label)

    def plain(self, sign: str) -> str:
        """The next sign of the text itself, a backslash undone."""
        if sign == "}":
            raise self.fail("} closes what was never opened")
        if sign == "\\":
            self.at += 1
            if self.source[self.at : self.at + 1] not in (*MARKS, ":"):
                raise self.fail(f"a backslash stands before one of {MARKS} only")
            sign = self.source[self.at]
        self.at += 1
        return sign

    def braces(self) -> Gap | None:
        end = self.source.find("}", self.at)
        inner = self.source[self.at + 1 : end]
        if end < 0 or "{" in inner:
            raise self.fail("a { is never closed")
        self.at = end + 1
        return self.gap(inner.strip())

    def clause(self) -> Clause:
        opened = self.at
        phrases: list[Phrase] = []
        while not phrases or self.source[self.at] == "|":
            self.at += 1
            asked = self.source[self.at : self.at + 1] == "?"
            phrases.append(self.phrase(self.condition() if asked else None, inside=True))
            if self.at >= len(self.source):
                self.at = opened
                raise self.fail("a [ is never closed")
        self.at += 1
        if len(phrases) > 1 and any(isinstance(part, str) for part in phrases[-1].parts):
            phrases[-1] = replace(phrases[-1], label=False)  # what is said when nothing else can be
        return Clause(tuple(phrases))

    def condition(self) -> Expression:
        """What stands between [? and the colon that is in no brackets or quotation marks."""
        start, depth, quote = self.at + 1, 0, ""
        for at in range(start, len(self.source)):
            sign = self.source[at]
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "\"'":
                quote = sign
            elif sign in "([":
                depth += 1
            elif sign == ":" and depth == 0:
                return self.expression(start, at)
            elif sign in ")]":
                depth -= 1
                if depth < 0:
                    break
        raise self.fail("a condition ends with a colon: [?fact == 1: text]")

    def expression(self, start: int, end: int) -> Expression:
        try:
            found = parse(self.source[start:end])
        except ExpressionError as error:
            raise self.fail(f"the condition cannot be used: {error.facts['why']}") from None
        self.at = end + 1
        while self.source[self.at : self.at + 1] == " ":
            self.at += 1
        return found
