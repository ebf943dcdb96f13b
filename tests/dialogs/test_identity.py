"""Identity numbers by GB 11643-1999 and telephone numbers; every person here is invented."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.identity import IdNumber, check_digit, mask, parse_id_number, parse_phone
from bot.dialogs.rejection import Rejected

TODAY = date(2020, 4, 10)


@st.composite
def id_numbers(draw: st.DrawFn) -> str:
    region = draw(st.integers(110000, 659999))
    birth = draw(st.dates(date(1900, 1, 1), TODAY))
    first = f"{region}{birth:%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + check_digit(first)


def made(first17: str) -> str:
    return first17 + check_digit(first17)


def why(found: object) -> str:
    assert isinstance(found, Rejected), found
    return found.reason


def test_the_example_of_the_standard_is_accepted() -> None:
    assert parse_id_number("11010519491231002X", TODAY) == IdNumber(
        "11010519491231002X", date(1949, 12, 31), 2, "110105"
    )
    assert parse_id_number("440524188001010014", TODAY) == Rejected("id_date")


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002×",
    ],
)
def test_spaces_width_and_the_small_x_do_not_matter(text: str) -> None:
    found = parse_id_number(text, TODAY)
    assert isinstance(found, IdNumber)
    assert found.number == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), ("  ", "empty"), ("不知道", "id_characters"),
        ("1101051949123100AX", "id_characters"), ("X1010519491231002X", "id_characters"),
        ("X", "id_characters"), ("110105194912310", "id_old"), ("11010519491231002", "id_length"),
        ("11010519491231002X1", "id_characters"), ("1101051949123100212", "id_length"),
        ("110105194912310021", "id_check_digit"), (made("11010519490231002"), "id_date"),
        (made("11010518991231002"), "id_date"), (made("11010520200411002"), "id_date"),
        (made("01010519491231002"), "id_characters"), ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢١", "id_characters"),
    ],
)  # fmt: skip
def test_a_bad_number_is_rejected_for_its_reason(text: str, reason: str) -> None:
    assert why(parse_id_number(text, TODAY)) == reason


def test_a_child_born_today_has_a_number() -> None:
    assert isinstance(parse_id_number(made("43062320200410001"), TODAY), IdNumber)


def test_no_rejection_repeats_the_number_or_gives_the_check_digit_away() -> None:
    for text in ("110105194912310021", "110105194912310", "11010519491331002X"):
        found = parse_id_number(text, TODAY)
        assert isinstance(found, Rejected)
        assert set(found.params) <= {"length", "expected"}


@given(id_numbers())
def test_every_valid_number_is_accepted_and_tells_birth_and_sex(number: str) -> None:
    found = parse_id_number(number, TODAY)
    assert isinstance(found, IdNumber)
    assert found.birth.strftime("%Y%m%d") == number[6:14]
    assert found.sex == (1 if number[16] in "13579" else 2)
    assert found.region == number[:6]


@given(id_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_sign_never_passes(number: str, place: int, sign: str) -> None:
    changed = number[:place] + sign + number[place + 1 :]
    if changed != number:
        assert isinstance(parse_id_number(changed, TODAY), Rejected)


@given(id_numbers(), st.integers(0, 16))
def test_two_swapped_neighbours_never_pass(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert isinstance(parse_id_number(swapped, TODAY), Rejected)


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse_id_number(text, TODAY), (IdNumber, Rejected))
    assert isinstance(parse_phone(text), (str, Rejected))


def test_a_masked_number_shows_its_ends_only() -> None:
    assert mask("11010519491231002X") == "110*************2X"
    assert mask("13900000001") == "139******01"
    assert mask("1234567") == "*******"
    assert mask("") == ""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13900000001", "13900000001"), ("139 0000 0001", "13900000001"), ("139-0000-0001", "13900000001"),
        ("+86 139 0000 0001", "13900000001"), ("8613900000001", "13900000001"),
        ("００８６13900000001", "13900000001"), ("１３９00000001", "13900000001"),
        ("0730-4200000", "0730-4200000"), ("07304200000", "0730-4200000"),
        ("(0930) 7720000", "0930-7720000"), ("010-60000000", "010-60000000"),
        ("02160000000", "021-60000000"), ("0731-80000000", "0731-80000000"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_kept_in_one_form(text: str, number: str) -> None:
    assert parse_phone(text) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), ("没有", "phone_characters"), ("1390000000a", "phone_characters"),
        ("1390000000", "phone_length"), ("139000000011", "phone_length"), ("12900000001", "phone_prefix"),
        ("4200000", "phone_area_code"), ("60000000", "phone_area_code"), ("0730-1200000", "phone_prefix"),
        ("110", "phone_length"),
    ],
)  # fmt: skip
def test_a_bad_telephone_number_is_rejected_for_its_reason(text: str, reason: str) -> None:
    assert why(parse_phone(text)) == reason
