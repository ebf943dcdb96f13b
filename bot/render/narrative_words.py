"""What papers in sentences write beside the sentences: `narrative_words.toml` as a frozen value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from bot.dialogs.shapes import Shape, TableReader
from bot.errors import HubangError
from bot.problems import Problem

SHIPPED: Final = Path(__file__).with_suffix(".toml")

TENS: Final = 10
HEADINGS: Final = 4
_NAMES: Final = ("who", "label", "section")


@dataclass(frozen=True, slots=True)
class Words:
    """The words and marks; `date` and `month` are patterns of `bot.render.papers.day`.

    `pauses` run from weak to strong; each of `pairs` is an opening and a closing mark; `counters` are how a
    number of a heading is written, with the first of `numerals` or 1 in the place of the number.
    """

    blank: str
    joined: str
    yes: str
    no: str
    date: str
    month: str
    box: str
    ticked: str
    boxes: str
    of_row: str
    of_section: str
    gap: str
    numerals: str
    counters: tuple[str, ...]
    numbered: tuple[str, ...]
    pauses: str
    stops: str
    pairs: tuple[str, ...]

    def numeral(self, number: int) -> str:
        """A number from 1 to 99 in Chinese numerals; greater ones in digits."""
        tens, ones = divmod(number, TENS)
        if not 0 < number < TENS * TENS:
            return str(number)
        many = self.numerals[tens - 1] if tens > 1 else ""
        ten = self.numerals[TENS - 1] if tens else ""
        return many + ten + (self.numerals[ones - 1] if ones else "")

    def count(self, counter: int, number: int) -> str:
        """That number as the counter at that place of `counters` writes it."""
        pattern, first = self.counters[counter], self.numerals[0]
        if first in pattern:
            return pattern.replace(first, self.numeral(number))
        return pattern.replace("1", str(number))


_LISTS: Final = ("counters", "numbered", "pairs")
_SHAPE: Final[Shape] = {field.name: (list,) if field.name in _LISTS else (str,) for field in fields(Words)}


def read_words(data: Mapping[str, Any], file: str) -> tuple[Words | None, list[Problem]]:
    """The words in the tables of the file, or what is wrong with them."""
    reader = TableReader(file)
    if not reader.sound("words", "the file", data, _SHAPE, _SHAPE):
        return None, reader.problems
    for key in _LISTS:
        if not all(isinstance(each, str) and each for each in data[key]):
            reader.problem("words", f"{key} must hold texts only", "write each in quotation marks")
    _judge(data, reader)
    if reader.problems:
        return None, reader.problems
    plain: dict[str, Any] = {key: tuple(value) if key in _LISTS else value for key, value in data.items()}
    return Words(**plain), []


def _judge(data: Mapping[str, Any], reader: TableReader) -> None:
    """Note what cannot be used although it is of the right type."""
    if len(data["numerals"]) != TENS:
        reader.problem("words", "numerals must be the ten from one to ten", "write them without spaces")
    if any(len(str(pair)) != 2 for pair in data["pairs"]):
        reader.problem("words", "each of pairs is one opening and one closing mark", 'pairs = ["()"]')
    if len(data["counters"]) > TENS - 1 or not all(
        {data["numerals"][:1], "1"} & {*str(counter)} for counter in data["counters"]
    ):
        reader.problem("words", "counters must be up to nine, each with one or 1 in it", 'counters = ["(1)"]')
    if len(data["numbered"]) != HEADINGS:
        reader.problem("words", "numbered must be one for each level of headings", "write four of them")
    for key in ("of_row", "of_section"):
        try:
            data[key].format(**dict.fromkeys(_NAMES, ""))
        except (KeyError, IndexError, ValueError):
            reader.problem("words", f"{key} has a gap that nothing fills", f"there are {', '.join(_NAMES)}")


class WordsInvalid(HubangError):
    """The words of papers in sentences cannot be used: {what}."""


@lru_cache(maxsize=1)
def shipped() -> Words:
    """The words that stand beside this module. Raises WordsInvalid."""
    words, problems = read_words(tomllib.loads(SHIPPED.read_text(encoding="utf-8")), SHIPPED.name)
    if words is None:
        raise WordsInvalid(what="; ".join(map(str, problems)))
    return words
