"""Days, months, years and moments as cadres write them; `today` is always an argument."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from bot.dialogs.date_patterns import day_patterns, fold_day
from bot.dialogs.rejection import Rejected, reject
from bot.dialogs.times import read_time, split_time
from bot.dialogs.vocabulary import Vocabulary

_ISO_DAY = re.compile(r"([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})")
EARLIEST: Final = 1900
LATEST: Final = 2100
"""Years that are read."""


def parse_date(
    text: str, vocabulary: Vocabulary, today: date, *, latest: date | None = None, ahead: bool = False
) -> date | Rejected:
    """The day in a reply. Without a year it is the last such day, or the next when `ahead`.

    A day after `latest` is rejected as in_future.
    """
    found = _day(text, vocabulary, today, ahead)
    if isinstance(found, date) and latest is not None and found > latest:
        return reject("in_future", latest=latest.isoformat())
    return found


def parse_month(
    text: str, vocabulary: Vocabulary, today: date, *, latest: date | None = None, ahead: bool = False
) -> str | Rejected:
    """The month in a reply as "YYYY-MM"; a month alone is the last one (this month included) or the next."""
    folded = fold_day(text, vocabulary)
    if isinstance(folded, Rejected):
        return folded
    found = _month(folded, vocabulary, today, ahead)
    if isinstance(found, Rejected):
        return found
    if latest is not None and found > (latest.year, latest.month):
        return reject("in_future", latest=latest.isoformat())
    return f"{found[0]:04}-{found[1]:02}"


def parse_year(
    text: str, vocabulary: Vocabulary, today: date, *, latest: date | None = None
) -> int | Rejected:
    """The year in a reply, four digits; two digits are of this century up to now, else of the last."""
    folded = fold_day(text, vocabulary)
    if isinstance(folded, Rejected):
        return folded
    patterns = day_patterns(vocabulary)
    if (found := patterns.year.fullmatch(folded)) is not None:
        year = _said_year(found, vocabulary, today)
    elif (found := patterns.years_off.fullmatch(folded)) is not None:
        year = today.year + _sign(found) * int(found["count"])
    else:
        return reject("not_a_year")
    if not EARLIEST <= year <= LATEST:
        return reject("not_a_year")
    if latest is not None and year > latest.year:
        return reject("in_future", latest=latest.isoformat())
    return year


def parse_moment(
    text: str, vocabulary: Vocabulary, today: date, *, latest: date | None = None
) -> str | Rejected:
    """The day of a reply with its time if one was said: "2020-04-10" or "2020-04-10T09:05".

    A time alone is today's. The small hours said without part of the day are ambiguous.
    """
    folded = fold_day(text, vocabulary)
    if isinstance(folded, Rejected):
        return folded
    day_text, said = split_time(folded, vocabulary)
    day = parse_date(day_text, vocabulary, today, latest=latest) if day_text else today
    if isinstance(day, Rejected):
        return day
    if said is None:
        return day.isoformat()
    time = read_time(said, vocabulary)
    if isinstance(time, Rejected):
        return time
    return day.isoformat() if time == "" else f"{day.isoformat()}T{time}"


def _day(text: str, vocabulary: Vocabulary, today: date, ahead: bool) -> date | Rejected:
    if (found := _ISO_DAY.fullmatch(text)) is not None:
        return _calendar_day(int(found[1]), int(found[2]), int(found[3]))
    folded = fold_day(text, vocabulary)
    if isinstance(folded, Rejected):
        return folded
    words, patterns = vocabulary.dates, day_patterns(vocabulary)
    if folded in words.days:
        return _shifted(today, words.days[folded])
    if (found := patterns.full_day.fullmatch(folded)) is not None:
        return _calendar_day(_century(found["year"], today), int(found["month"]), int(found["day"]))
    if (found := patterns.worded_day.fullmatch(folded)) is not None:
        return _worded_day(found, vocabulary, today, ahead)
    if (found := patterns.day_alone.fullmatch(folded)) is not None:
        return _day_of_near_month(int(found["day"]), today, ahead)
    if (found := patterns.days_off.fullmatch(folded)) is not None:
        return _shifted(today, _sign(found) * int(found["count"]))
    if (found := patterns.weekday.fullmatch(folded)) is not None:
        return _weekday(found, vocabulary, today, ahead)
    return reject("not_a_date")


def _calendar_day(year: int, month: int, day: int) -> date | Rejected:
    if not EARLIEST <= year <= LATEST:
        return reject("not_a_date")
    try:
        return date(year, month, day)
    except ValueError:
        return reject("no_such_date")


def _century(digits: str, today: date) -> int:
    """The year that two or four digits mean: two digits never lie more than ten years ahead."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return 2000 + year if 2000 + year <= today.year + 10 else 1900 + year


def _said_year(found: re.Match[str], vocabulary: Vocabulary, today: date) -> int:
    if found["year"]:
        return _century(found["year"], today)
    return today.year + vocabulary.dates.years[found["year_word"]]


def _worded_day(found: re.Match[str], vocabulary: Vocabulary, today: date, ahead: bool) -> date | Rejected:
    """A day whose year or month is a word, or whose year is left unsaid."""
    day = int(found["day"])
    if found["month_word"]:
        year, month = _month_off(today, vocabulary.dates.months[found["month_word"]])
        return _calendar_day(year, month, day)
    if found["year_word"]:
        return _calendar_day(
            today.year + vocabulary.dates.years[found["year_word"]], int(found["month"]), day
        )
    return _nearest_day(int(found["month"]), day, today, ahead)


def _nearest_day(month: int, day: int, today: date, ahead: bool) -> date | Rejected:
    """The last such day of a year up to today, or the next from today; 29 February may be years away."""
    step = 1 if ahead else -1
    for year in range(today.year, today.year + 9 * step, step):
        found = _calendar_day(year, month, day)
        if isinstance(found, date) and (found >= today if ahead else found <= today):
            return found
    return reject("no_such_date")


def _day_of_near_month(day: int, today: date, ahead: bool) -> date | Rejected:
    """A day of the month alone: of this month if it has come, else of the month before (after, if ahead)."""
    if not 1 <= day <= 31:
        return reject("no_such_date")
    come = day >= today.day if ahead else day <= today.day
    year, month = _month_off(today, 0 if come else (1 if ahead else -1))
    return _calendar_day(year, month, day)


def _weekday(found: re.Match[str], vocabulary: Vocabulary, today: date, ahead: bool) -> date | Rejected:
    said = found["weekday"]
    weekday = int(said) if said.isdecimal() else vocabulary.dates.weekdays[said]
    monday = today - timedelta(days=today.weekday())
    if found["week"]:
        return _shifted(monday, 7 * vocabulary.dates.weeks[found["week"]] + weekday - 1)
    day = monday + timedelta(days=weekday - 1)
    if ahead:
        return day if day >= today else day + timedelta(days=7)
    return day if day <= today else day - timedelta(days=7)


def _shifted(day: date, days: int) -> date | Rejected:
    return day + timedelta(days=days) if abs(days) < 40_000 else reject("not_a_date")


def _sign(found: re.Match[str]) -> int:
    return -1 if found["ago"] else 1


def _month_off(today: date, months: int) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + months
    return index // 12, index % 12 + 1


def _month(folded: str, vocabulary: Vocabulary, today: date, ahead: bool) -> tuple[int, int] | Rejected:
    words, patterns = vocabulary.dates, day_patterns(vocabulary)
    if folded in words.months:
        return _month_off(today, words.months[folded])
    if (found := patterns.months_off.fullmatch(folded)) is not None:
        return _month_off(today, _sign(found) * int(found["count"]))
    if (found := patterns.month.fullmatch(folded)) is not None:
        month = int(found["month"])
        if found["year"] or found["year_word"]:
            return _checked_month(_said_year(found, vocabulary, today), month)
        passed = month < today.month
        coming = month > today.month
        return _checked_month(today.year + (passed if ahead else -coming), month)
    if (found := patterns.full_day.fullmatch(folded)) is not None:
        day = _calendar_day(_century(found["year"], today), int(found["month"]), int(found["day"]))
        return day if isinstance(day, Rejected) else (day.year, day.month)
    return reject("not_a_month")


def _checked_month(year: int, month: int) -> tuple[int, int] | Rejected:
    if 1 <= month <= 12 and EARLIEST <= year <= LATEST:
        return year, month
    return reject("not_a_month")
