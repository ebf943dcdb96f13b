"""Numbers as cadres write them: digits, Chinese numerals, and both mixed, without units.

`numerals` adds the units, the words around the number and the refusals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.dialogs.vocabulary import NumeralWords, Vocabulary

_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_LITERAL = re.compile(r"\d{1,15}(?:\.\d{1,8})?")
_TOKEN = re.compile(r"\d+(?:\.\d+)?|.", re.DOTALL)
_LARGE = 10_000


class Unreadable(Exception):
    """The text is no numeral."""


class TwoReadings(Exception):
    """The numeral can be read in two ways, which are the arguments."""


@dataclass(slots=True)
class _Section:
    """What has been read since the last large power (ten thousand, hundred million)."""

    value: Decimal
    power: int | None = None
    pending: str | None = None
    zero: bool = False


def read_numeral(text: str, vocabulary: Vocabulary) -> Decimal:
    """The exact value of a numeral in plain text; raises Unreadable or TwoReadings."""
    if "," in text:
        text = _GROUPED.sub(lambda found: found.group().replace(",", ""), text)
    if _LITERAL.fullmatch(text):
        return Decimal(text)
    words = vocabulary.numerals
    for point in words.points:
        if point in text:
            return _with_point(text, point, vocabulary)
    if text and all(sign in words.digits for sign in text):
        return _digit_string(text, words)
    return _with_powers(text, words)


def _digit_string(text: str, words: NumeralWords) -> Decimal:
    """Digits named one after the other, as in a year; neighbours such as "three four" are an estimate."""
    digits = [words.digits[sign] for sign in text]
    if len(text) > 1 and any(sign in words.spoken_only for sign in text):
        raise Unreadable
    if len(text) == 2 and 0 < digits[0] < digits[1] <= digits[0] + 2:
        raise Unreadable
    if len(text) > 15:
        raise Unreadable
    return Decimal("".join(map(str, digits)))


def _with_point(text: str, point: str, vocabulary: Vocabulary) -> Decimal:
    """A numeral with a spoken decimal point, perhaps of ten thousands."""
    words = vocabulary.numerals
    whole, _, rest = text.partition(point)
    scale = Decimal(1)
    while rest and rest[-1] in words.powers:
        scale *= words.powers[rest[-1]]
        rest = rest[:-1]
    if not whole or not rest or len(rest) > 8:
        raise Unreadable
    places = "".join(sign if sign in "0123456789" else str(words.digits.get(sign, "?")) for sign in rest)
    if not places.isdecimal():
        raise Unreadable
    return (read_numeral(whole, vocabulary) + Decimal("0." + places)) * scale


def _with_powers(text: str, words: NumeralWords) -> Decimal:
    """A numeral with tens, hundreds, thousands, ten thousands; the last power may be left unsaid."""
    total = Decimal(0)
    large: int | None = None
    section = _Section(Decimal(0))
    for token in _TOKEN.findall(text):
        power = words.powers.get(token)
        if power is None:
            _take_digit(section, token, words)
        elif power < _LARGE:
            _take_small_power(section, power, large, words)
        else:
            _close(section, words)
            if not section.value or (large is not None and power >= large):
                raise Unreadable
            total += section.value * power
            large = power
            section = _Section(Decimal(0))
    if section.pending is None:
        if section.zero:
            raise Unreadable
        return total + section.value
    if "." in text:
        raise Unreadable
    return _with_tail(total, large, section, words)


def _take_digit(section: _Section, token: str, words: NumeralWords) -> None:
    if section.pending is not None:
        raise Unreadable
    if words.digits.get(token) == 0:
        if section.zero:
            raise Unreadable
        section.zero = True
    elif token in words.digits or token[0] in "0123456789":
        if len(token) > 16:
            raise Unreadable
        section.pending = token
    else:
        raise Unreadable


def _number(token: str, words: NumeralWords) -> Decimal:
    digit = words.digits.get(token)
    return Decimal(token) if digit is None else Decimal(digit)


def _take_small_power(section: _Section, power: int, large: int | None, words: NumeralWords) -> None:
    if section.power is not None and power >= section.power:
        raise Unreadable
    if section.zero and (section.power == power * 10 or (section.power is None and large is None)):
        raise Unreadable
    if section.pending is None:
        if power != 10:
            raise Unreadable
        amount = Decimal(1)
    else:
        amount = _number(section.pending, words)
        continues = section.power is not None or large is not None
        if continues and (amount >= 10 or amount != amount.to_integral_value()):
            raise Unreadable
    section.value += amount * power
    section.power, section.pending, section.zero = power, None, False


def _close(section: _Section, words: NumeralWords) -> None:
    """Adds the units of a section that a large power follows: nothing may be left unsaid there."""
    if section.pending is None:
        if section.zero:
            raise Unreadable
        return
    amount = _number(section.pending, words)
    if section.power is not None and (amount >= 10 or amount != amount.to_integral_value()):
        raise Unreadable
    if section.power is not None and section.power > 10 and not section.zero:
        raise Unreadable
    section.value += amount


def _with_tail(total: Decimal, large: int | None, section: _Section, words: NumeralWords) -> Decimal:
    """The last digits: after a zero they are units, else one digit counts the next lower power."""
    assert section.pending is not None
    token = section.pending
    amount = _number(token, words)
    value = total + section.value
    power = section.power or large
    if power is None:
        if section.zero:
            raise Unreadable
        return amount
    if section.zero:
        if section.power == 10 or amount >= power:
            raise Unreadable
        return value + amount
    if token in words.digits or len(token) == 1:
        return value + amount * power / 10
    width, full = len(token), len(str(power)) - 1
    if width > full:
        raise Unreadable
    if width == full:
        return value + amount
    raise TwoReadings(value + amount, value + amount * power / 10**width)


@lru_cache(maxsize=8)
def numeral_pattern(vocabulary: Vocabulary) -> str:
    """A pattern of the run of signs that may be a numeral; a Latin power is none before another letter."""
    words = vocabulary.numerals
    latin = "".join(re.escape(word) for word in words.powers if word.isascii())
    signs = {*words.digits, *(word for word in words.powers if not word.isascii()), *words.points}
    return f"(?:[0-9.,{''.join(re.escape(sign) for sign in sorted(signs))}]|[{latin}](?![a-z]))*"
