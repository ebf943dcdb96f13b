"""Working days: weekends, days off, weekends worked instead, and years of which nothing is known yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot import national_days
from bot.rules.county import County, OwnDays
from bot.rules.working_days import WEEKENDS, WorkCalendar

CHINA = national_days.calendar()


def test_the_first_working_day_is_the_one_after_the_day_itself() -> None:
    monday = date(2021, 3, 1)
    assert CHINA.add(monday, 0) == monday
    assert CHINA.add(monday, 1) == date(2021, 3, 2)
    assert CHINA.add(monday, 5) == date(2021, 3, 8)
    assert CHINA.add(date(2021, 3, 6), 1) == date(2021, 3, 8)  # a Saturday


def test_days_off_are_passed_over_and_worked_weekends_count() -> None:
    # Spring Festival 2021: 11 to 17 February off; Sunday the 7th and Saturday the 20th are worked.
    assert CHINA.add(date(2021, 2, 5), 1) == date(2021, 2, 7)
    assert CHINA.add(date(2021, 2, 10), 1) == date(2021, 2, 18)
    assert CHINA.add(date(2021, 2, 19), 1) == date(2021, 2, 20)
    assert CHINA.add(date(2020, 9, 30), 15) == date(2020, 10, 28)  # with Saturday 10 October, worked


@pytest.mark.parametrize("days", [1, 3, 5, 15])
def test_so_many_working_days_lie_between_and_the_last_one_is_one(days: int) -> None:
    for n in range(366):
        start = date(2020, 1, 1) + timedelta(days=n)
        end = CHINA.add(start, days)
        assert CHINA.is_working_day(end)
        assert CHINA.left(start, end) == days
        assert CHINA.left(end, end) == CHINA.left(end, start) == 0


def test_it_agrees_with_the_library_that_it_is_read_from() -> None:
    import chinese_calendar

    for n in range(365 * 7):
        day = date(2019, 1, 1) + timedelta(days=n)
        assert CHINA.is_working_day(day) == chinese_calendar.is_workday(day)


def test_of_an_unknown_year_only_the_weekends_are_known() -> None:
    assert not WEEKENDS.knows(2021)
    assert WEEKENDS.is_working_day(date(2021, 10, 1))
    assert not WEEKENDS.is_working_day(date(2021, 10, 2))
    assert CHINA.knows(2021)
    assert not CHINA.knows(2003)
    assert CHINA.is_working_day(date(2003, 10, 1))


def test_the_next_year_is_needed_from_october_on() -> None:
    only = WorkCalendar(years=frozenset({2020}))
    assert only.unknown(date(2020, 9, 30)) == ()
    assert only.unknown(date(2020, 10, 1)) == (2021,)
    assert only.unknown(date(2021, 1, 1)) == (2021,)
    assert WEEKENDS.unknown(date(2020, 12, 1)) == (2020, 2021)


def test_a_countys_own_days_win() -> None:
    own = OwnDays(frozenset({date(2021, 3, 3)}), frozenset({date(2021, 10, 1)}), frozenset({2099}))
    calendar = national_days.calendar(County(calendar=own))
    assert not calendar.is_working_day(date(2021, 3, 3))
    assert calendar.is_working_day(date(2021, 10, 1))
    assert not calendar.is_working_day(date(2021, 10, 4))
    assert calendar.knows(2099)
    assert calendar.with_own(off=[date(2021, 10, 1)]).add(date(2021, 9, 30), 1) == date(2021, 10, 8)
