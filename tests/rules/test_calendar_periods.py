"""Weeks, parts of a year, and how the sets of the library fall due."""

from __future__ import annotations

from datetime import date, timedelta

from bot import content as contents
from bot.rules.calendar import Period, part_of, parts, period_of, periods
from bot.rules.duties import duties, region_duties


def test_a_week_runs_from_monday_to_sunday_across_years() -> None:
    week = Period(date(2020, 12, 28), date(2021, 1, 3))
    assert {period_of(week.first + timedelta(days=n), "week") for n in range(7)} == {week}
    assert len(list(periods(date(2021, 1, 1), date(2021, 12, 31), "week"))) == 53


def test_a_week_is_cut_by_days() -> None:
    week = period_of(date(2021, 3, 3), "week")
    assert parts(week, 1) == (week,)
    first, second = parts(week, 2)
    assert (first.first, second.last) == (week.first, week.last)
    assert second.first == first.last + timedelta(days=1)


def test_a_part_of_a_year_ends_with_its_month_when_that_is_shorter() -> None:
    assert part_of(2021, (2, 1), (2, 29)) == Period(date(2021, 2, 1), date(2021, 2, 28))
    assert part_of(2020, (2, 1), (2, 29)).last == date(2020, 2, 29)


def test_the_seasons_of_the_field_are_visited_in_their_months() -> None:
    pack = contents.load(contents.in_county("jishishan")).packs["gp"]
    due = [d for d in duties(pack, "sound", date(2021, 1, 1), date(2021, 12, 31)) if d.frequency == "F-24"]
    assert [(d.window_start, d.due) for d in due] == [
        (date(2021, 3, 1), date(2021, 4, 30)),
        (date(2021, 6, 1), date(2021, 7, 15)),
        (date(2021, 9, 15), date(2021, 10, 31)),
    ]
    assert [(d.turn, d.turns) for d in due] == [(1, 3), (2, 3), (3, 3)]
    surveys = [d for d in duties(pack, "sound", date(2021, 3, 1), date(2021, 3, 31)) if d.frequency == "F-25"]
    assert [d.due.day for d in surveys] == [15, 31]


def test_only_the_sets_that_a_county_enables_are_owed() -> None:
    first, last = date(2021, 1, 1), date(2021, 12, 31)
    with_sets = contents.load(contents.in_county("jishishan")).packs["gp"]
    without = contents.load(contents.in_county("yibin")).packs["yb"]
    owed = {duty.frequency for duty in region_duties(with_sets, first, last)}
    assert {"F-26", "F-27", "F-28-month", "F-28-quarter", "F-28-year"} <= owed
    assert {duty.frequency for duty in region_duties(without, first, last)} == {"F-13", "F-14"}
    stays = [duty for duty in region_duties(with_sets, first, last) if duty.frequency == "F-26"]
    assert len(stays) == 52
    assert all(duty.held and duty.due.weekday() == 6 for duty in stays)
