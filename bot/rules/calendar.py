"""Days and periods (rules.md P): month ends, quarters, half-years, and even spreading inside a period."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS: Final = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
"""How many months each period of a frequency has."""
WEEK: Final = "week"
"""The period from a Monday to a Sunday."""
WEEK_DAYS: Final = 7
PERIODS: Final = (WEEK, *MONTHS)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day when it has no such day."""
    first = _first_of(day.year, day.month - 1 + months)
    return first.replace(day=min(day.day, month_end(first).day))


def next_half_year_end(day: date, days_ahead: int = 0) -> date:
    """The first 30 June or 31 December that lies at least `days_ahead` days after `day`."""
    earliest = day + timedelta(days=days_ahead)
    return date(earliest.year, 6, 30) if earliest.month <= 6 else date(earliest.year, 12, 31)


def period_of(day: date, per: str) -> Period:
    """The week, month, quarter, half_year or year (natural ones) that `day` lies in."""
    if per == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    months = MONTHS[per]
    first = (day.month - 1) // months * months
    return Period(_first_of(day.year, first), _first_of(day.year, first + months) - timedelta(days=1))


def periods(first: date, last: date, per: str) -> Iterator[Period]:
    """Every period that has a day between `first` and `last`, in order."""
    period = period_of(first, per)
    while period.first <= last:
        yield period
        period = period_of(period.last + timedelta(days=1), per)


def parts(period: Period, times: int) -> tuple[Period, ...]:
    """A period of whole months cut into `times` even parts; a week is cut by days.

    Part k ends with the k-th n-th of the months: four parts of a year are its quarters, eight end in turn at
    mid-month and month end, two parts of a month at mid-month and month end.
    """
    if times == 1:
        return (period,)
    if (period.last - period.first).days < WEEK_DAYS:
        return _by_days(period, times)
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    first, found = period.first, []
    for k in range(1, times + 1):
        last = _after_months(period.first, k * months, times)
        found.append(Period(min(first, last), last))
        first = last + timedelta(days=1)
    return tuple(found)


def _by_days(period: Period, times: int) -> tuple[Period, ...]:
    ends = [period.first + timedelta(days=WEEK_DAYS * k // times - 1) for k in range(1, times + 1)]
    starts = [period.first, *(end + timedelta(days=1) for end in ends[:-1])]
    return tuple(Period(min(first, last), last) for first, last in zip(starts, ends, strict=True))


def part_of(year: int, first: tuple[int, int], last: tuple[int, int]) -> Period:
    """The part of a year between two days of it, given as (month, day); 29 February is 28 in most years."""
    return Period(*(until_day(period_of(date(year, m, 1), "month"), d).last for m, d in (first, last)))


def until_day(month: Period, day: int) -> Period:
    """A month up to that day of it, which counts; the month's end when it has no such day (Q-52)."""
    return Period(month.first, month.first.replace(day=min(day, month.last.day)))


def _after_months(first: date, numerator: int, denominator: int) -> date:
    """The last day of so many (a fraction of) months from the first day of a month."""
    whole, rest = divmod(numerator, denominator)
    start = _first_of(first.year, first.month - 1 + whole)
    if rest == 0:
        return start - timedelta(days=1)
    length = month_end(start).day
    return start.replace(day=max(1, length * rest // denominator))


def _first_of(year: int, month_from_zero: int) -> date:
    return date(year + month_from_zero // 12, month_from_zero % 12 + 1, 1)
