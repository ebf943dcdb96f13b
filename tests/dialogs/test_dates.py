"""How days, months, years and moments are understood, seen from 10 April 2020, a Friday."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.dates import parse_date, parse_moment, parse_month, parse_year
from bot.dialogs.rejection import Rejected
from bot.dialogs.vocabulary import Vocabulary

WORDS = Vocabulary.from_dict(
    tomllib.loads(
        (Path(__file__).parents[2] / "bot" / "dialogs" / "vocabulary.toml").read_text(encoding="utf-8"),
    )
)
TODAY = date(2020, 4, 10)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def why(found: object) -> str:
    assert isinstance(found, Rejected), found
    return found.reason


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-10-05", "2019-10-05"), ("2019.10.5", "2019-10-05"), ("2019/10/5", "2019-10-05"),
        ("20191005", "2019-10-05"), ("2019年10月5日", "2019-10-05"), ("2019年10月5号", "2019-10-05"),
        ("２０１９－１０－０５", "2019-10-05"), ("2019 10 5", "2019-10-05"),
        ("2019 - 10 - 5", "2019-10-05"), ("2019。10。5", "2019-10-05"), ("19年10月5日", "2019-10-05"),
        ("68年3月1日", "1968-03-01"), ("二〇一九年十月五号", "2019-10-05"),
        ("二零一九年十二月二十一日", "2019-12-21"), ("去年10月5日", "2019-10-05"),
        ("今年3月1号", "2020-03-01"), ("10月5日", "2019-10-05"), ("10-5", "2019-10-05"),
        ("10.5", "2019-10-05"), ("3月5日", "2020-03-05"), ("十一月二十三", "2019-11-23"),
        ("4月10日", "2020-04-10"), ("4月11日", "2019-04-11"), ("2-29", "2020-02-29"),
        ("大概3月5号吧", "2020-03-05"), ("上个月5号", "2020-03-05"), ("5号", "2020-04-05"),
        ("15号", "2020-03-15"), ("今天", "2020-04-10"), ("昨天", "2020-04-09"), ("前天", "2020-04-08"),
        ("大前天", "2020-04-07"), ("3天前", "2020-04-07"), ("三天前", "2020-04-07"),
        ("十天以前", "2020-03-31"), ("明天", "2020-04-11"), ("5天后", "2020-04-15"),
        ("上周五", "2020-04-03"), ("上个星期天", "2020-04-05"), ("周五", "2020-04-10"),
        ("周六", "2020-04-04"), ("本周一", "2020-04-06"), ("下周三", "2020-04-15"),
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text: str, day: str) -> None:
    assert parse_date(text, WORDS, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), ("abc", "not_a_date"), ("2019", "not_a_date"), ("10月", "not_a_date"),
        ("12345", "not_a_date"), ("2019-02-29", "no_such_date"), ("2月30日", "no_such_date"),
        ("2019.13.1", "no_such_date"), ("32号", "no_such_date"), ("0000-01-01", "not_a_date"),
        ("1899-12-31", "not_a_date"), ("农历五月初三", "lunar_date"), ("腊月初八", "lunar_date"),
        ("99999天前", "not_a_date"), ("不是昨天", "not_a_date"), ("昨天或者前天", "not_a_date"),
        ("2019-10-05-1", "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_day_of_the_calendar_is_rejected(text: str, reason: str) -> None:
    assert why(parse_date(text, WORDS, TODAY)) == reason


def test_a_day_without_year_may_lie_ahead() -> None:
    for text, day in [
        ("10月5日", "2020-10-05"),
        ("3月5日", "2021-03-05"),
        ("5号", "2020-05-05"),
        ("周一", "2020-04-13"),
    ]:
        assert parse_date(text, WORDS, TODAY, ahead=True) == date.fromisoformat(day)
    assert parse_month("3月", WORDS, TODAY, ahead=True) == "2021-03"
    assert parse_date("2月29日", WORDS, TODAY, ahead=True) == date(2024, 2, 29)


def test_the_leap_day_without_year_is_the_last_one_there_was() -> None:
    assert parse_date("2月29日", WORDS, date(2023, 5, 1)) == date(2020, 2, 29)


def test_a_day_after_the_latest_is_in_the_future() -> None:
    found = parse_date("明天", WORDS, TODAY, latest=TODAY)
    assert found == Rejected("in_future", {"latest": "2020-04-10"})
    assert parse_date("今天", WORDS, TODAY, latest=TODAY) == TODAY
    assert why(parse_month("下个月", WORDS, TODAY, latest=TODAY)) == "in_future"
    assert why(parse_year("明年", WORDS, TODAY, latest=TODAY)) == "in_future"
    assert why(parse_moment("明天9:00", WORDS, TODAY, latest=TODAY)) == "in_future"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2019.10", "2019-10"), ("2019-1", "2019-01"), ("201910", "2019-10"), ("2019年10月", "2019-10"),
        ("19年3月", "2019-03"), ("二〇一九年十月份", "2019-10"), ("去年3月", "2019-03"),
        ("去年三月份", "2019-03"), ("上个月", "2020-03"), ("本月", "2020-04"), ("3月", "2020-03"),
        ("4月", "2020-04"), ("5月", "2019-05"), ("十二月", "2019-12"), ("10", "2019-10"),
        ("三个月前", "2020-01"), ("4个月前", "2019-12"), ("2019-10-05", "2019-10"),
    ],
)  # fmt: skip
def test_a_month_is_read_however_it_is_written(text: str, month: str) -> None:
    assert parse_month(text, WORDS, TODAY) == month


@pytest.mark.parametrize("text", ["13", "0月", "10.5", "2019年", "2019.13", "x", "去年", "3-4月"])
def test_what_is_no_month_is_rejected(text: str) -> None:
    assert why(parse_month(text, WORDS, TODAY)) == "not_a_month"


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2019", 2019), ("２０１９年", 2019), ("19年", 2019), ("19", 2019), ("98年", 1998),
        ("二〇一九年", 2019), ("二零一九", 2019), ("今年", 2020), ("去年", 2019), ("前年", 2018),
        ("大前年", 2017), ("三年前", 2017), ("大概2015年", 2015),
    ],
)  # fmt: skip
def test_a_year_is_read_however_it_is_written(text: str, year: int) -> None:
    assert parse_year(text, WORDS, TODAY) == year


@pytest.mark.parametrize("text", ["201", "1899", "2101", "x", "十几年前", "20195", "2019-2020"])
def test_what_is_no_year_is_rejected(text: str) -> None:
    assert why(parse_year(text, WORDS, TODAY)) == "not_a_year"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("今天下午3点", "2020-04-10T15:00"), ("昨天 15:30", "2020-04-09T15:30"),
        ("2020-04-10 9:05", "2020-04-10T09:05"), ("2020-04-10T09:05", "2020-04-10T09:05"),
        ("2020年4月3日上午九点半", "2020-04-03T09:30"), ("下午三点一刻", "2020-04-10T15:15"),
        ("昨晚8点", "2020-04-09T20:00"), ("今早8点20分", "2020-04-10T08:20"),
        ("中午1点", "2020-04-10T13:00"), ("中午12点", "2020-04-10T12:00"), ("9点半", "2020-04-10T09:30"),
        ("15:30", "2020-04-10T15:30"), ("下午15点", "2020-04-10T15:00"), ("凌晨12点半", "2020-04-10T00:30"),
        ("4.3 9:05", "2020-04-03T09:05"), ("5号下午4点左右", "2020-04-05T16:00"),
        ("20200403 9:05", "2020-04-03T09:05"), ("2020-04-03", "2020-04-03"), ("昨天", "2020-04-09"),
        ("4月3日上午", "2020-04-03"), ("１５：３０", "2020-04-10T15:30"),
    ],
)  # fmt: skip
def test_a_visit_is_read_to_the_minute_if_one_is_said(text: str, moment: str) -> None:
    assert parse_moment(text, WORDS, TODAY) == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("25:00", "not_a_time"), ("9:75", "not_a_time"), ("晚上12点", "not_a_time"),
        ("上午15点", "not_a_time"), ("3点", "ambiguous"), ("", "empty"), ("忘了", "not_a_date"),
        ("2月30日 9:00", "no_such_date"),
    ],
)  # fmt: skip
def test_what_is_no_moment_is_rejected(text: str, reason: str) -> None:
    assert why(parse_moment(text, WORDS, TODAY)) == reason


def test_a_small_hour_alone_offers_both_readings() -> None:
    found = parse_moment("三点二十", WORDS, TODAY)
    assert found == Rejected("ambiguous", {"candidates": ["03:20", "15:20"]})


@given(DAYS)
def test_every_day_of_two_centuries_is_read_back(day: date) -> None:
    signs = "〇一二三四五六七八九"
    year = "".join(signs[int(digit)] for digit in str(day.year))
    for text in (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{tens(day.month)}月{tens(day.day)}号",
    ):
        assert parse_date(text, WORDS, TODAY) == day
    assert parse_month(f"{day.year}年{day.month}月", WORDS, TODAY) == f"{day:%Y-%m}"
    assert parse_year(f"{day.year}年", WORDS, TODAY) == day.year


def tens(number: int) -> str:
    signs = " 一二三四五六七八九"
    ten, one = divmod(number, 10)
    return ((signs[ten] if ten > 1 else "") + "十" if ten else "") + (signs[one] if one else "")


@given(DAYS, st.integers(0, 364))
def test_a_day_without_year_lies_within_the_last_year(today: date, back: int) -> None:
    day = today - timedelta(days=back)
    if day.year >= 1900 and (day.month, day.day) != (2, 29):
        assert parse_date(f"{day.month}月{day.day}日", WORDS, today) == day


ALPHABET = "0123456789.-/:：。年月日号天周前后上下个去今昨本明点半刻分早晚午十一二三零〇两农历初 大概在Tt"


@given(st.one_of(st.text(alphabet=ALPHABET, max_size=16), st.text(max_size=80)), DAYS)
def test_no_reply_raises(text: str, today: date) -> None:
    assert isinstance(parse_date(text, WORDS, today), (date, Rejected))
    assert isinstance(parse_date(text, WORDS, today, ahead=True), (date, Rejected))
    assert isinstance(parse_month(text, WORDS, today), (str, Rejected))
    assert isinstance(parse_year(text, WORDS, today), (int, Rejected))
    assert isinstance(parse_moment(text, WORDS, today), (str, Rejected))
