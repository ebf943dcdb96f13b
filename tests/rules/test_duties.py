"""Visits, contacts, monitoring and reviews fall due evenly, at the end of their part of the period."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.calendar import MONTHS, Period, add_months, next_half_year_end, parts, period_of, periods
from bot.rules.duties import Duty, duties, region_duties, required
from bot.rules.pack import Pack

YEAR = (date(2021, 1, 1), date(2021, 12, 31))
days = st.dates(date(2019, 1, 1), date(2032, 12, 31))


def due(pack: Pack, verdict: str, kind: str) -> list[date]:
    return [duty.due for duty in duties(pack, verdict, *YEAR) if duty.kind == kind]


def test_red_households_are_visited_eight_times_a_year(hr: Pack) -> None:
    assert [f"{day:%m-%d}" for day in due(hr, "red", "visit")] == [
        *("02-14", "03-31", "05-15", "06-30", "08-15", "09-30", "11-15", "12-31")
    ]


@pytest.mark.parametrize("verdict", ["yellow", "green"])
def test_lifted_households_are_visited_each_quarter(hr: Pack, verdict: str) -> None:
    assert [f"{day:%m-%d}" for day in due(hr, verdict, "visit")] == ["03-31", "06-30", "09-30", "12-31"]


def test_contacts_are_spread_in_the_month(hr: Pack) -> None:
    assert due(hr, "red", "contact")[:4] == [
        *(date(2021, 1, 15), date(2021, 1, 31), date(2021, 2, 14), date(2021, 2, 28))
    ]
    assert len(due(hr, "yellow", "contact")) == len(due(hr, "green", "contact")) == 12


def test_blue_households_are_contacted_by_the_township_and_nobody_must_visit(hr: Pack) -> None:
    contacts = [duty for duty in duties(hr, "blue", *YEAR) if duty.kind == "contact"]
    assert [(d.role, d.frequency, d.derived) for d in contacts] == [("township", "F-05", True)] * 12
    assert due(hr, "blue", "visit") == []


def test_red_is_reviewed_each_half_year_and_the_others_each_quarter(hr: Pack) -> None:
    assert due(hr, "red", "review") == [date(2021, 6, 30), date(2021, 12, 31)]
    for verdict in ("yellow", "green", "blue"):
        assert len(due(hr, verdict, "review")) == 4


def test_every_card_is_monitored_each_month(hr: Pack) -> None:
    for verdict in ("red", "yellow", "green", "blue"):
        assert len(due(hr, verdict, "monitor")) == 12


def test_cards_are_adjusted_in_one_round_each_half_year_by_towns_and_the_county(hr: Pack) -> None:
    rounds = [duty for duty in region_duties(hr, *YEAR) if duty.kind == "adjust"]
    last = date(2021, 6, 30), date(2021, 12, 31)
    assert [(duty.due, duty.role) for duty in rounds] == [
        (day, role) for day in last for role in ("township", "county")
    ]


def test_without_a_card_nothing_is_due(hr: Pack) -> None:
    assert duties(hr, "none", *YEAR) == ()
    assert duties(hr, None, *YEAR) == ()


def test_nothing_was_due_before_the_scheme_began(hr: Pack) -> None:
    found = duties(hr, "red", date(2020, 1, 1), date(2020, 4, 15))
    assert [(d.kind, d.due) for d in found if d.kind in ("visit", "contact")] == [
        *(("visit", date(2020, 3, 31)), ("contact", date(2020, 3, 31)), ("contact", date(2020, 4, 15)))
    ]


def test_a_duty_says_when_it_may_be_done_and_by_which_clause(hr: Pack) -> None:
    visit = next(duty for duty in duties(hr, "green", *YEAR) if duty.kind == "visit")
    assert visit == Duty(
        *("visit", date(2021, 3, 31), date(2021, 1, 1), "F-02", 1, 4, "cadre", "上户走访", "003:2014", False)
    )


@given(first=days, split=st.integers(0, 400), length=st.integers(0, 400))
def test_two_stretches_of_time_have_the_duties_of_the_whole(
    hr: Pack, first: date, split: int, length: int
) -> None:
    middle, last = first + timedelta(split), first + timedelta(split + length)
    after = middle + timedelta(1)
    both = duties(hr, "red", first, middle) + duties(hr, "red", after, last)
    assert both == duties(hr, "red", first, last)


def test_the_number_required_is_the_parameter_of_the_day(hr: Pack) -> None:
    found = required(hr, "red", "visit", date(2021, 5, 1))
    assert found is not None
    assert (found[0].id, found[1]) == ("F-01", 8)
    assert required(hr, "blue", "visit", date(2021, 5, 1)) is None


@given(day=days, per=st.sampled_from(sorted(MONTHS)), times=st.integers(1, 12))
def test_the_parts_of_a_period_fill_it_without_gap_or_overlap(day: date, per: str, times: int) -> None:
    period = period_of(day, per)
    cut = parts(period, times)
    assert (cut[0].first, cut[-1].last) == (period.first, period.last)
    assert len(cut) == times
    for before, after in itertools.pairwise(cut):
        assert after.first == before.last + timedelta(1)


@given(first=days, length=st.integers(0, 900), per=st.sampled_from(sorted(MONTHS)))
def test_periods_follow_each_other(first: date, length: int, per: str) -> None:
    found = list(periods(first, first + timedelta(length), per))
    assert found[0].first <= first <= found[0].last
    assert found[-1].first <= first + timedelta(length) <= found[-1].last
    for before, after in itertools.pairwise(found):
        assert after.first == before.last + timedelta(1)


def test_a_half_year_is_january_to_june_or_july_to_december() -> None:
    assert period_of(date(2020, 6, 30), "half_year") == Period(date(2020, 1, 1), date(2020, 6, 30))
    assert period_of(date(2020, 7, 1), "half_year") == Period(date(2020, 7, 1), date(2020, 12, 31))


def test_months_added_end_with_the_month() -> None:
    assert add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert add_months(date(2020, 11, 30), 3) == date(2021, 2, 28)


def test_the_next_half_year_end_leaves_enough_days() -> None:
    assert next_half_year_end(date(2020, 5, 31), 30) == date(2020, 6, 30)
    assert next_half_year_end(date(2020, 6, 1), 30) == date(2020, 12, 31)
    assert next_half_year_end(date(2020, 12, 31), 0) == date(2020, 12, 31)
    assert next_half_year_end(date(2020, 12, 31), 1) == date(2021, 6, 30)
