"""How amounts are understood as cadres type them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.numerals import parse_integer, parse_number
from bot.dialogs.rejection import Rejected
from bot.dialogs.vocabulary import Vocabulary

RAW = tomllib.loads(
    (Path(__file__).parents[2] / "bot" / "dialogs" / "vocabulary.toml").read_text(encoding="utf-8")
)
WORDS = Vocabulary.from_dict(RAW)


def written(number: int) -> str:
    """An independent writer of Chinese numerals, from 0 to below 10^12."""
    if number == 0:
        return "零"

    def four(value: int) -> str:
        text, zero = "", False
        for power, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = value // power % 10
            if digit:
                text += ("零" if zero else "") + "一二三四五六七八九"[digit - 1] + sign
                zero = False
            elif text:
                zero = True
        return text

    text, gap = "", False
    for scale, sign in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = number // scale % 10**4
        if group:
            text += ("零" if text and (gap or group < 1000) else "") + four(group) + sign
        gap = bool(text) and not group
    return text.removeprefix("一") if text.startswith("一十") else text


def value(text: str, unit: str | None = "元") -> float:
    found = parse_number(text, WORDS, unit=unit)
    assert not isinstance(found, Rejected), (text, found)
    return found


def reason(text: str, unit: str | None = "元") -> str:
    found = parse_number(text, WORDS, unit=unit)
    assert isinstance(found, Rejected), (text, found)
    return found.reason


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("12", 12.0), ("12.5", 12.5), (" 12 ", 12.0), ("１２００", 1200.0), ("1,200", 1200.0),
        ("1，200元", 1200.0), ("12,000.50", 12000.5), ("1200块", 1200.0), ("1200 元", 1200.0),
        ("1200块钱", 1200.0), ("￥1200", 1200.0), ("1.2万", 12000.0), ("1万2", 12000.0),
        ("1.2万元", 12000.0), ("1.2w", 12000.0), ("3k", 3000.0), ("3千5", 3500.0), ("1万2千3百", 12300.0),
        ("1万2500", 12500.0), ("1万零25", 10025.0), ("1亿2千万", 1.2e8), ("三千五", 3500.0),
        ("三万五", 35000.0), ("二百五", 250.0), ("一亿二", 1.2e8), ("十二", 12.0), ("一百一十", 110.0),
        ("一百十五", 115.0), ("一百零五", 105.0), ("两千零五十", 2050.0), ("一万零五百", 10500.0),
        ("一万二千三百", 12300.0), ("二〇二〇", 2020.0), ("二零二零", 2020.0), ("两千", 2000.0),
        ("伍佰圆整", 500.0), ("三点五万", 35000.0), ("十二点五", 12.5), ("12。5", 12.5), ("十二块五", 12.5),
        ("12块5", 12.5), ("12块50", 12.5), ("三块二毛五", 3.25), ("十二块零五", 12.05), ("五毛", 0.5),
        ("半块", 0.5), ("-50", -50.0), ("负五十", -50.0), ("－50元", -50.0), ("0", 0.0), ("零", 0.0),
        ("没有", 0.0), ("无", 0.0), ("12.345", 12.35), ("0.1万", 1000.0), ("大概1200元", 1200.0),
        ("一共三千五", 3500.0), ("差不多1200左右", 1200.0), ("约三千元吧", 3000.0), ("有500块。", 500.0),
    ],
)  # fmt: skip
def test_money_is_read_however_it_is_written(text: str, yuan: float) -> None:
    assert value(text) == yuan


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("两亩半", "亩", 2.5), ("半亩", "亩", 0.5), ("一亩三分", "亩", 1.3), ("一亩三", "亩", 1.3),
        ("2.5亩", "亩", 2.5), ("3口人", "人", 3.0), ("三个人", "人", 3.0), ("3个", "人", 3.0),
        ("没有", "人", 0.0), ("3头牛", "头", 3.0), ("一年半", "月", 18.0), ("半年", "月", 6.0),
        ("3个半月", "月", 3.5), ("一年零三个月", "月", 15.0), ("6个月", "年", 0.5),
        ("两个半小时", "分钟", 150.0), ("半小时", "分钟", 30.0), ("1小时20分", "分钟", 80.0),
        ("2公里", "米", 2000.0), ("85%", "%", 85.0), ("百分之八十五", "%", 85.0), ("八成五", "%", 85.0),
        ("３公斤", "斤", 6.0), ("三斤二", "斤", 3.2), ("3.5", "万元", 3.5), ("3万", "万元", 3.0),
        ("35000元", "万元", 3.5), ("一万二", "万元", 1.2), ("3000块", "万元", 0.3),
        ("500元/年", "元/年", 500.0), ("5盏", "盏", 5.0), ("3口人", None, 3.0), ("1200元", None, 1200.0),
        ("12岁", "岁", 12.0),
    ],
)  # fmt: skip
def test_an_amount_is_counted_in_the_unit_of_its_question(text: str, unit: str | None, number: float) -> None:
    assert value(text, unit) == number


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("", "元", "empty"), ("  ", "元", "empty"), ("abc", "元", "not_a_number"),
        ("1.2.3", "元", "not_a_number"), ("1,20", "元", "not_a_number"), ("1 200", "元", "not_a_number"),
        ("3 5", "元", "not_a_number"), ("半", "元", "not_a_number"), ("1.2万5", "元", "not_a_number"),
        ("1万元5", "元", "not_a_number"), ("三千零五百", "元", "not_a_number"),
        ("每月500", "元", "not_a_number"), ("500/月", "元", "not_a_number"),
        ("500元/月", "元/年", "not_a_number"), ("不是500", "元", "not_a_number"),
        ("没有500", "元", "not_a_number"), ("1万25", "元", "ambiguous"), ("3千50", "元", "ambiguous"),
        ("两亩", "元", "wrong_unit"), ("500元", "亩", "wrong_unit"), ("3户", "人", "wrong_unit"),
        ("半亩", "元", "wrong_unit"), ("1200多", "元", "not_exact"), ("三四百", "元", "not_exact"),
        ("三五千", "元", "not_exact"), ("三五", "元", "not_exact"), ("好几百", "元", "not_exact"),
        ("1000-1200", "元", "not_exact"), ("一千到两千", "元", "not_exact"), ("没有", "岁", "not_a_number"),
        ("9" * 40, "元", "not_a_number"), ("1" * 100, "元", "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_single_exact_amount_is_rejected(text: str, unit: str, why: str) -> None:
    assert reason(text, unit) == why


def test_two_readings_are_offered_as_candidates() -> None:
    found = parse_number("1万25", WORDS, unit="元")
    assert isinstance(found, Rejected)
    assert found.params["candidates"] == [10025.0, 12500.0]


def test_a_wrong_unit_is_named_with_the_right_one() -> None:
    found = parse_number("两亩", WORDS, unit="元")
    assert isinstance(found, Rejected)
    assert found.params == {"said": "亩", "unit": "元"}


def test_a_whole_number_refuses_a_fraction() -> None:
    assert parse_integer("三口人", WORDS, unit="人") == 3
    assert isinstance(parse_integer("3", WORDS, unit=None), int)
    assert parse_integer("2.5", WORDS, unit="人") == Rejected("not_whole")


def test_zero_has_no_sign() -> None:
    assert str(value("-0")) == "0.0"
    assert str(value("负零")) == "0.0"


@given(st.integers(0, 10**8))
def test_every_written_numeral_is_read_back(number: int) -> None:
    assert value(written(number)) == number
    assert value(f"大概{written(number)}元左右") == number
    assert parse_integer(written(number), WORDS, unit=None) == number


@given(st.integers(0, 10**8), st.integers(0, 99))
def test_every_sum_of_money_in_digits_is_read_exactly(yuan: int, cents: int) -> None:
    expected = float(f"{yuan}.{cents:02}")
    assert value(f"{yuan}.{cents:02}") == expected
    assert value(f"{yuan:,}.{cents:02}元") == expected
    assert value(f"{yuan}块{cents:02}" if yuan < 10_000 else f"{yuan}.{cents:02}块") == expected


@given(st.integers(1, 9), st.sampled_from([("百", 100), ("千", 1000), ("万", 10_000)]), st.integers(1, 9))
def test_an_unsaid_last_power_is_the_next_lower_one(head: int, power: tuple[str, int], tail: int) -> None:
    signs = "零一二三四五六七八九"
    expected = head * power[1] + tail * power[1] // 10
    assert value(f"{signs[head]}{power[0]}{signs[tail]}") == expected
    assert value(f"{head}{power[0]}{tail}") == expected


ALPHABET = (
    "0123456789.,，。-负零〇一二两三五九十百千万亿半多几元块毛分角亩个口人年月天%点wk/ "
    "大概左右到没有不abcé\U0001f600"
)


@given(
    st.text(alphabet=ALPHABET, max_size=14),
    st.sampled_from(["元", "万元", "亩", "人", "月", "%", "盏", None]),
)
def test_no_reply_raises_and_every_number_is_finite(text: str, unit: str | None) -> None:
    found = parse_number(text, WORDS, unit=unit)
    assert isinstance(found, (float, Rejected))
    if isinstance(found, float):
        assert abs(found) < 1e40


@given(st.text(max_size=80))
def test_no_text_at_all_raises(text: str) -> None:
    assert isinstance(parse_number(text, WORDS, unit="元"), (float, Rejected))
    assert isinstance(parse_integer(text, WORDS, unit=None), (int, Rejected))


def test_a_vocabulary_names_everything_that_is_missing() -> None:
    raw = {**RAW, "numerals": {key: table for key, table in RAW["numerals"].items() if key != "halves"}}
    del raw["dates"]
    raw["colours"] = {}
    with pytest.raises(ValueError, match=r"colours: not known; numerals.halves: missing; dates: missing"):
        Vocabulary.from_dict(raw)


def test_a_vocabulary_refuses_words_of_the_wrong_shape() -> None:
    raw = {
        **RAW,
        "numerals": {**RAW["numerals"], "digits": {"一": "1"}, "halves": "半"},
        "units": {"money": {"words": {"元": -1}}, "land": {"words": {}, "tenth": True}},
    }
    with pytest.raises(ValueError, match=r"numerals.digits: a table from word to whole number") as caught:
        Vocabulary.from_dict(raw)
    for where in ("numerals.halves", "units.money.words.元", "units.land.words", "units.land.tenth"):
        assert where in str(caught.value)
