"""Amounts that cadres type: a numeral with its unit and the words around it, read as one number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import pairwise

from bot.dialogs.numeral_reading import TwoReadings, Unreadable, numeral_pattern, read_numeral
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.vocabulary import Dimension, Vocabulary, plain

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?", re.ASCII)
_LOOSE_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_LONGEST = 60
_LARGE = 10_000


def parse_number(text: str, vocabulary: Vocabulary, *, unit: str | None) -> float | Rejected:
    """The number in a reply, counted in `unit`; money is rounded to two decimals.

    Without `unit` any one unit of size 1 may follow the number. Estimates, ranges, units of another kind and
    numbers with two readings are rejected.
    """
    bare = text.strip()
    if _PLAIN.fullmatch(bare):
        return float(bare) + 0.0
    value = _exact(plain(bare), vocabulary, unit)
    return value if isinstance(value, Rejected) else float(value) + 0.0


def parse_integer(text: str, vocabulary: Vocabulary, *, unit: str | None) -> int | Rejected:
    """Like `parse_number`, for whole numbers: a fraction is rejected as not_whole."""
    value = parse_number(text, vocabulary, unit=unit)
    if isinstance(value, Rejected):
        return value
    return int(value) if value.is_integer() else reject("not_whole")


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What one vocabulary and one unit allow in a reply, compiled."""

    unit: str | None
    dimension: Dimension | None
    lead: re.Pattern[str]
    tail: re.Pattern[str]
    negative: re.Pattern[str]
    number: re.Pattern[str]
    piece: re.Pattern[str]
    any_unit: re.Pattern[str]
    range: re.Pattern[str]
    period: str


def _exact(text: str, vocabulary: Vocabulary, unit: str | None) -> Decimal | Rejected:
    """The value of a reply in plain text, in `unit`."""
    if not text:
        return reject("empty")
    if len(text) > _LONGEST:
        return reject("not_a_number")
    grammar = _grammar(vocabulary, unit)
    if text in vocabulary.numerals.none and (grammar.dimension is None or grammar.dimension.none_is_zero):
        return Decimal(0)
    text = _LOOSE_SPACE.sub("", text)
    core = grammar.lead.sub("", text)
    core = grammar.tail.sub("", core).removesuffix(grammar.period)
    sign = 1
    if (found := grammar.negative.match(core)) is not None:
        sign, core = -1, core[found.end() :]
    try:
        value = _amount(core, vocabulary, grammar)
    except TwoReadings as two:
        return reject("ambiguous", candidates=[float(sign * reading) for reading in two.args])
    except Unreadable:
        return _refusal(core, vocabulary, grammar)
    if grammar.dimension is not None and grammar.dimension.decimals is not None:
        value = value.quantize(Decimal(1).scaleb(-grammar.dimension.decimals), ROUND_HALF_UP)
    return sign * value


def _amount(core: str, vocabulary: Vocabulary, grammar: _Grammar) -> Decimal:
    """The value of number and units, in the item's unit; raises Unreadable or TwoReadings."""
    dimension = grammar.dimension
    per_unit = _size(grammar)
    whole = grammar.number.fullmatch(core)
    if whole is not None:
        value = read_numeral(core, vocabulary)
        in_base = per_unit >= _LARGE and any(
            power >= _LARGE and word in core for word, power in vocabulary.numerals.powers.items()
        )
        return value / per_unit if in_base else value
    total, position, last = Decimal(0), 0, None
    while position < len(core):
        found = grammar.piece.match(core, position)
        if found is None or found.end() == position:
            raise Unreadable
        position = found.end()
        if last is not None and found["unit"] is None:
            if position < len(core) or dimension is None or not dimension.tenths or total >= _LARGE:
                raise Unreadable
            total += _unsaid_fraction(found, vocabulary) * last
            continue
        size = _piece_size(found, grammar)
        if last is not None and size >= last:
            raise Unreadable
        total += _piece_value(found, vocabulary) * size
        last = size
    return total / per_unit


def _size(grammar: _Grammar) -> Decimal:
    """How much one of the item's units is in the base unit of its dimension."""
    if grammar.unit is None or grammar.dimension is None:
        return Decimal(1)
    return grammar.dimension.words.get(grammar.unit, Decimal(1))


def _piece_size(found: re.Match[str], grammar: _Grammar) -> Decimal:
    """The size of the unit that was said; the classifier alone stands for the unit of what is counted."""
    dimension, said = grammar.dimension, found["unit"]
    if said is None:
        counted = dimension is None or dimension.counted
        if not counted or found["classifier"] is None:
            raise Unreadable
        return _size(grammar)
    if dimension is not None:
        return dimension.words.get(said, Decimal(1))
    return Decimal(1)


def _piece_value(found: re.Match[str], vocabulary: Vocabulary) -> Decimal:
    """A number with its half: "half a unit", "two units and a half", "two and a half units"."""
    halves = [name for name in ("alone", "between", "behind") if found[name]]
    if len(halves) > 1:
        raise Unreadable
    half = Decimal("0.5") if halves else Decimal(0)
    if found["alone"]:
        return half
    if not found["number"]:
        raise Unreadable
    number = found["number"]
    zero_led = len(number) > 1 and vocabulary.numerals.digits.get(number[0]) == 0 and found.start() > 0
    value = read_numeral(number[1:] if zero_led else number, vocabulary)
    if halves and value != value.to_integral_value():
        raise Unreadable
    return value + half


def _unsaid_fraction(found: re.Match[str], vocabulary: Vocabulary) -> Decimal:
    """Digits after the last unit are its tenths and hundredths, as in "twelve yuan five"."""
    if found["alone"] or found["between"] or found["behind"] or found["classifier"]:
        raise Unreadable
    digits = vocabulary.numerals.digits
    places = "".join(sign if sign in "0123456789" else str(digits.get(sign, "?")) for sign in found["number"])
    if not places.isdecimal() or len(places) > 2:
        raise Unreadable
    return Decimal("0." + places)


def _refusal(core: str, vocabulary: Vocabulary, grammar: _Grammar) -> Rejected:
    """Why a reply is no amount: the wrong unit, an estimate, or no number at all."""
    words = vocabulary.numerals
    if grammar.range.search(core) or any(word in core for word in words.inexact):
        return reject("not_exact")
    found = grammar.any_unit.fullmatch(core)
    if found is not None and found["number"] + (found["half"] or ""):
        own = grammar.dimension.words if grammar.dimension is not None else {}
        if found["unit"] not in own:
            return reject("wrong_unit", said=found["unit"], unit=grammar.unit)
    return reject("not_exact" if _estimate(core, vocabulary) else "not_a_number")


def _estimate(core: str, vocabulary: Vocabulary) -> bool:
    """Whether two neighbouring digits are named before a power or unit: "three four hundred"."""
    digits = vocabulary.numerals.digits
    pairs = ((digits.get(a, 0), digits.get(b, 0)) for a, b in pairwise(core))
    return any(0 < low < high <= low + 2 for low, high in pairs)


@lru_cache(maxsize=256)
def _grammar(vocabulary: Vocabulary, unit: str | None) -> _Grammar:
    words = vocabulary.numerals
    said, _, per = plain(unit).partition("/") if unit else ("", "", "")
    name = said or None
    dimension = vocabulary.dimension_of(said) if name else None
    if name and dimension is None:
        dimension = Dimension(said, {said: Decimal(1)}, True, False, False, None)
    every = {word for kind in vocabulary.units.values() for word in kind.words}
    if dimension is not None:
        own = set(dimension.words)
    else:
        own = {w for kind in vocabulary.units.values() for w, size in kind.words.items() if size == 1}
    number = numeral_pattern(vocabulary)
    half, classifier = _any(words.halves), _any(words.classifiers)
    percent = f"(?:{_any(words.percent_prefixes)})?" if dimension and "%" in dimension.words else ""
    return _Grammar(
        unit=name,
        dimension=dimension,
        lead=re.compile(f"^(?:{_any(words.before)})+{percent}|^{percent}"),
        tail=re.compile(f"(?:{_any(words.after)})+$"),
        negative=re.compile(_any(words.negatives)),
        number=re.compile(number),
        piece=re.compile(
            f"(?P<number>{number}?)"
            f"(?:(?<=^)(?P<alone>{half})(?:{classifier})?|(?P<between>{classifier}{half})|(?P<classifier>{classifier}))?"
            f"(?:(?P<unit>{_any(own)})(?P<behind>{half})?|$)"
        ),
        any_unit=re.compile(
            f"(?P<number>{number}?)(?P<half>{half})?(?:{classifier})?(?P<unit>{_any(every)})"
        ),
        range=re.compile(f"[^\\s](?:{_any(words.ranges)})[^\\s]"),
        period="/" + per,
    )


def _any(words: object) -> str:
    """A pattern of any of the words, longest first."""
    assert isinstance(words, (tuple, set))
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
