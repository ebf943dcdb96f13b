"""The record of a problem entered by hand (questionnaires.md 8.1): what each stage asks, and its checks."""

from __future__ import annotations

from functools import cache

import pytest

from bot.dialogs.effects import Finished, Noted
from bot.dialogs.form import Form
from bot.dialogs.ledger import Ledger, read_ledger
from bot.dialogs.reading import read_form
from tests.dialogs.building import TODAY, Interview, initials, lists, tables

MENDING = {"f8", "f9", "f10", "f11"}
RESULT = {"f13", "f16"}
STRUCK_OFF = {"f14.a", "f14.b"}
CLOSED = {"f12": "6", "f16": "1", "f14.a": "今天"}


@cache
def ledger() -> Ledger:
    return read_ledger(tables("ledger.toml"), "ledger.toml")[0]


@cache
def pl() -> Form:
    options = {**lists(), **ledger().options(initials)}
    form, problems = read_form(tables("forms/pl.toml"), options, initials, "pl.toml")
    assert problems == []
    assert form is not None
    return form


def filled(**answers: str) -> Interview:
    """The form up to its review; nobody is concerned unless it is said."""
    return Interview(pl()).review({"f7.n": "0", **answers})


@pytest.mark.parametrize("category", range(1, 19))
def test_a_category_is_followed_by_its_own_sub_problems(category: int) -> None:
    interview = Interview(pl()).until("f2")
    interview.say(str(category))
    assert interview.key == f"f2s.{category}"
    item = interview.asked.step.item
    assert item is not None
    named = {f"{category}.{option.code}": option.label for option in item.options}
    assert named == {each.id: each.name for each in ledger().by_id[str(category)].problems}
    interview.say("1")
    assert interview.key == "f3"
    assert [key for key in interview.steps() if key.startswith("f2s")] == [f"f2s.{category}"]


@pytest.mark.parametrize(
    ("stage", "asked"),
    [
        ("1", set()),
        ("2", MENDING),
        ("3", MENDING),
        ("4", MENDING),
        ("5", MENDING | RESULT),
        ("6", MENDING | RESULT | STRUCK_OFF),
    ],
)
def test_what_is_asked_grows_with_the_stage(stage: str, asked: set[str]) -> None:
    interview = filled(**{**CLOSED, "f12": stage})
    assert set(interview.steps()) & (MENDING | RESULT | STRUCK_OFF) == asked


def test_the_people_concerned_are_named_one_by_one() -> None:
    interview = filled(**{"f7.n": "2", "f7#1": "王小妹", "f7#2": "王小弟"})
    assert interview.facts["involved"] == [{"name": "王小妹"}, {"name": "王小弟"}]
    assert not any(key.startswith("f7#") for key in filled().steps())


def test_a_problem_that_was_just_found_needs_no_measure_and_can_be_handed_in() -> None:
    interview = filled(f12="1")
    assert interview.reviewed.complete
    interview.submit()
    assert isinstance(interview.open, Finished)
    assert interview.facts["problem_category"] == 1
    assert interview.facts["sub_problem_1"] == 1


@pytest.mark.parametrize("item", ["f2", "f2s.1", "f3", "f12", "f15"])
def test_the_core_of_a_problem_cannot_be_left_unknown(item: str) -> None:
    interview = Interview(pl()).until(item, {"f7.n": "0"})
    interview.say("不知道")
    assert interview.why


# ---------------------------------------------------------------- checks


@pytest.mark.parametrize("satisfied", ["2", "不知道"])
def test_nothing_is_struck_off_unless_the_people_are_content(satisfied: str) -> None:
    interview = filled(**{**CLOSED, "f16": satisfied})
    assert [check.id for check in interview.reviewed.blocked] == ["PL-1"]
    assert not interview.reviewed.complete
    interview.answer("f16", "1")
    interview.review()
    assert interview.reviewed.blocked == ()
    assert interview.reviewed.complete


def test_before_it_is_struck_off_the_people_may_still_be_discontent() -> None:
    assert filled(f12="5", f16="2").reviewed.complete


@pytest.mark.parametrize(
    ("deadline", "stage", "noted"),
    [("2020-04-09", "4", True), (TODAY, "4", False), ("2020-04-09", "6", False), ("跳过", "4", False)],
)
def test_a_passed_deadline_is_noted_as_long_as_the_problem_is_open(
    deadline: str, stage: str, noted: bool
) -> None:
    interview = filled(**{**CLOSED, "f12": stage, "f11": deadline})
    assert ("PL-2" in [check.id for check in interview.reviewed.noted]) == noted


def test_the_passed_deadline_is_said_at_once() -> None:
    interview = Interview(pl()).until("f11", {"f7.n": "0", "f12": "2"})
    interview.say("2020-04-09")
    assert [noted.check.id for noted in interview.happened(Noted)] == ["PL-2"]
