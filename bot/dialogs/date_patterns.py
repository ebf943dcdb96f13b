"""The patterns of days, months and years that a vocabulary allows, and the folding before they are tried."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.dialogs.numeral_reading import TwoReadings, Unreadable, read_numeral
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.vocabulary import Vocabulary, plain

_LONGEST = 60
_AROUND_MARK = re.compile(r"\s*([-./:])\s*")
_LOOSE_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
_COMPACT = re.compile(r"([0-9]{4})(0[1-9]|1[0-2])((?:[0-9]{2})?)")


@dataclass(frozen=True, slots=True)
class DayPatterns:
    """Compiled patterns over folded text; `clock` and `part` end a text that also names a time of day."""

    numeral: re.Pattern[str]
    lead: re.Pattern[str]
    tail: re.Pattern[str]
    full_day: re.Pattern[str]
    worded_day: re.Pattern[str]
    day_alone: re.Pattern[str]
    days_off: re.Pattern[str]
    weekday: re.Pattern[str]
    month: re.Pattern[str]
    months_off: re.Pattern[str]
    year: re.Pattern[str]
    years_off: re.Pattern[str]
    clock: re.Pattern[str]
    part: re.Pattern[str]


def fold_day(text: str, vocabulary: Vocabulary) -> str | Rejected:
    """Plain text with Chinese numerals as digits and the words around the day dropped."""
    text = plain(text)
    if not text:
        return reject("empty")
    if len(text) > _LONGEST:
        return reject("not_a_date")
    patterns = day_patterns(vocabulary)
    if not text.isascii():
        if any(word in text for word in vocabulary.dates.lunar):
            return reject("lunar_date")
        text = _LOOSE_SPACE.sub("", text)
        text = patterns.tail.sub("", patterns.lead.sub("", text))
        text = patterns.numeral.sub(lambda found: _digits(found.group(), vocabulary), text)
        for point in _dots(vocabulary):
            text = text.replace(point, ".")
    text = _AROUND_MARK.sub(r"\1", text)
    compact = _COMPACT.fullmatch(text)
    return text if compact is None else "-".join(filter(None, compact.groups()))


def _digits(numeral: str, vocabulary: Vocabulary) -> str:
    words = vocabulary.numerals
    if all(sign in words.digits for sign in numeral):
        return "".join(str(words.digits[sign]) for sign in numeral)
    try:
        return str(read_numeral(numeral, vocabulary))
    except (Unreadable, TwoReadings):
        return numeral


def _dots(vocabulary: Vocabulary) -> list[str]:
    """Points that may part year, month and day: those that do not name an hour."""
    return [point for point in vocabulary.numerals.points if point not in vocabulary.dates.hour_marks]


@lru_cache(maxsize=8)
def day_patterns(vocabulary: Vocabulary) -> DayPatterns:
    """The patterns of one vocabulary, compiled once."""
    words, numerals = vocabulary.dates, vocabulary.numerals
    tens = [word for word, power in numerals.powers.items() if power == 10]
    year, month, day = _any(words.year_marks), _any(words.month_marks), _any(words.day_marks)
    counter = f"(?:{_any(numerals.classifiers)})?"
    off = f"(?:(?P<ago>{_any(words.ago)})|{_any(words.ahead)})"
    hour, minute = _any(words.hour_marks), _any(words.minute_marks)
    part = _part_of_day(vocabulary)
    return DayPatterns(
        numeral=re.compile(f"{_any([*numerals.digits, *tens])}+"),
        lead=re.compile(f"^{_any(words.before)}+"),
        tail=re.compile(f"{_any(words.after)}+$"),
        full_day=re.compile(
            rf"(?P<year>[0-9]{{4}}|[0-9]{{2}})(?:[-./ ]|{year})"
            rf"(?P<month>[0-9]{{1,2}})(?:[-./ ]|{month})(?P<day>[0-9]{{1,2}}){day}?"
        ),
        worded_day=re.compile(
            rf"(?:(?P<year_word>{_any(words.years)})?(?P<month>[0-9]{{1,2}})(?:[-./]|{month})"
            rf"|(?P<month_word>{_any(words.months)}))(?P<day>[0-9]{{1,2}}){day}?"
        ),
        day_alone=re.compile(rf"(?P<day>[0-9]{{1,2}}){day}"),
        days_off=re.compile(rf"(?P<count>[0-9]{{1,4}}){_any(words.day_counts)}{off}"),
        weekday=re.compile(
            rf"(?P<week>{_any(words.weeks)})?{_any(words.week_marks)}(?P<weekday>[1-7]|{_any(words.weekdays)})"
        ),
        month=re.compile(
            rf"(?:(?P<year>[0-9]{{4}}(?=[-./]|{year})|[0-9]{{2}}(?={year}))(?:[-./]|{year})"
            rf"|(?P<year_word>{_any(words.years)}))?(?P<month>[0-9]{{1,2}}){month}?"
        ),
        months_off=re.compile(rf"(?P<count>[0-9]{{1,3}}){counter}{_any(words.month_counts)}{off}"),
        year=re.compile(rf"(?P<year>[0-9]{{4}}|[0-9]{{2}}){year}?|(?P<year_word>{_any(words.years)})"),
        years_off=re.compile(rf"(?P<count>[0-9]{{1,2}}){year}{off}"),
        clock=re.compile(
            rf"(?P<part>{part})?\s*(?P<hour>[0-9]{{1,2}})(?::(?P<minutes>[0-9]{{2}})(?::[0-9]{{2}})?"
            rf"|{hour}(?:(?P<half>{_any(words.half_hours)})|(?P<quarter>[13]){_any(words.quarters)}"
            rf"|(?P<said>[0-9]{{1,2}}){minute}?)?)$"
        ),
        part=re.compile(rf"(?P<part>{part})$"),
    )


def _part_of_day(vocabulary: Vocabulary) -> str:
    words = vocabulary.dates
    return _any([*words.night, *words.morning, *words.noon, *words.afternoon, *words.evening])


def _any(words: Iterable[str]) -> str:
    """A pattern of any of the words, longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
