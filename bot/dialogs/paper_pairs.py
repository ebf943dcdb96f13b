"""Reading `number=answer` pairs: `1=1 2=1 4=2 4-1.a#1=2 11-1=1,3,5 h4=Wang Jianxin`.

A blank is named by its printed number, its id or its key; an answer goes on up to the next number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.dialogs.form import Form
from bot.dialogs.numbering import NAME, numbering
from bot.dialogs.vocabulary import Vocabulary

SIGNS: Final = ("=", ":")
"""What may stand between a number and its answer; one message keeps to one of them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One `number=answer` as typed; `row` when it was written behind a `#`."""

    name: str
    row: int | None
    answer: str
    sign: str

    @property
    def said(self) -> str:
        """The number as typed, with its row."""
        return self.name if self.row is None else f"{self.name}#{self.row}"


def read_pairs(form: Form, text: str, vocabulary: Vocabulary) -> tuple[Pair, ...]:
    """The pairs of a message; () unless it begins with the number of an item of the form.

    A wrong number in front does not spoil the rest: behind "=" it is enough that one of several is known.
    """
    folded = _folded(text)
    for sign in SIGNS:
        found = [each for each in _pattern(form, sign).finditer(folded) if _begins_a_pair(form, each["name"])]
        if not found or folded[: found[0].start()].strip():
            continue
        leading = found if sign == "=" else found[:1]
        if not any(numbering(form).find(each["name"]) for each in leading):
            continue
        ends = [each.start() for each in found[1:]]
        answers = [_trimmed(text[a.end() : end], vocabulary) for a, end in zip(found, ends, strict=False)]
        answers.append(text[found[-1].end() :].strip())
        return tuple(
            Pair(each["name"], int(each["row"]) if each["row"] else None, answer, sign)
            for each, answer in zip(found, answers, strict=True)
        )
    return ()


def _folded(text: str) -> str:
    """The text with full-width signs made plain, sign for sign, so that places stay the same."""
    plain = (unicodedata.normalize("NFKC", sign) for sign in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, plain, strict=True))


@lru_cache(maxsize=128)
def _pattern(form: Form, sign: str) -> re.Pattern[str]:
    """A number and the sign behind it. Numbers in words are told from other words by being the form's own."""
    words = sorted((number for number in numbering(form).groups if not number.isascii()), key=len)
    names = "|".join([*(rf"(?<!\w){re.escape(number)}" for number in reversed(words)), NAME])
    return re.compile(rf"(?<![0-9A-Za-z._#/-])(?P<name>{names})(?:#(?P<row>[0-9]{{1,2}}))?\s*{sign}\s*")


def _begins_a_pair(form: Form, name: str) -> bool:
    """Whether `name=` inside a message begins a new pair: a known number, or what looks like one."""
    return bool(numbering(form).find(name)) or any(sign.isdigit() for sign in name)


def _trimmed(answer: str, vocabulary: Vocabulary) -> str:
    """An answer without the signs that set it apart from the next number."""
    between = "".join(sign for sign in vocabulary.choices.separators if len(sign) == 1)
    plain = _folded(answer)
    end = len(plain.rstrip(between + " \t\r\n"))
    return answer[:end].strip()
