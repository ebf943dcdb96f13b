"""The short plan: what opens, what adds up, and what it asks back about."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.dialogs.building import Interview, context

Told = dict[str, str]
QUIET: Mapping[str, str] = {
    "1.a": "4", "1.b": "90", "1.d": "2.5", "1.e": "2", "1.f": "2", "1.g": "2019", "1.h": "9000",
    "1.i": "1300", "3.n": "1", "5.b": "0", "5.d": "4", "5.e": "2", "6.a": "2020", "6.b": "4000", "6.c": "30",
    "6.d": "8", "7.x": "2", "8.x": "2", "8.a": "396", "8.b": "1575", "8.c": "1379", "8.d": "1174",
    "8.e": "205", "8.i": "119",
}  # fmt: skip
VILLAGE: Told = {"8.x": "1"}


def plan(told: Mapping[str, str], goal: str = "review") -> Interview:
    """The quiet plan with other answers where told."""
    return Interview("sp", context()).until(goal, {**QUIET, **told})


def asked(told: Told) -> set[str]:
    return {key.partition("#")[0] for key in plan(told).steps()}


def fired(told: Told) -> dict[str, str]:
    return {check.id: check.level for check in plan(told).turn.path.fired}


OPENINGS = [
    ({"2": "4"}, {"2.x"}, {"2": "1 2 3"}),
    ({"4": "1"}, {"4.a"}, {"4": "2"}),
    ({"4": "2"}, {"4.b"}, {"4": "1"}),
    ({"4": "3"}, {"4.c"}, {"4": "1 2"}),
    ({"7.x": "1"}, {"7.x1", "7.a", "7.b"}, {"7.x": "2"}),
    (VILLAGE, {f"8.{letter}" for letter in "abcdefghij"}, {"8.x": "2"}),
]


@pytest.mark.parametrize(("opening", "items", "shut"), OPENINGS)
def test_a_part_is_asked_only_where_it_applies(opening: Told, items: set[str], shut: Told) -> None:
    assert items <= asked(opening)
    assert not items & asked(shut)


CASES: list[tuple[str, Told, Told]] = [
    ("SC-1", {"1.e": "5"}, {"1.e": "4"}),
    ("SC-2", {"1.i": "2250.5"}, {"1.i": "2250"}),
    ("SC-3", {"1.b": "19.9"}, {"1.b": "20"}),
    ("SC-3", {"1.b": "801"}, {"1.b": "800"}),
    ("SC-4", {"5.b": "5"}, {"5.b": "4"}),
    ("SC-4", {"5.d": "5"}, {"5.d": "4"}),
    ("SC-4", {"5.e": "5"}, {"5.e": "4"}),
    ("SC-5", {"6.a": "2018"}, {"6.a": "2019"}),
    ("SC-6", {"6.b": "1299"}, {"6.b": "1300"}),
    ("SC-7", {**VILLAGE, "8.e": "207"}, {**VILLAGE, "8.e": "206"}),
    ("SC-8", {**VILLAGE, "8.b": "395"}, {**VILLAGE, "8.b": "396"}),
    ("SC-8", {**VILLAGE, "8.i": "397"}, {**VILLAGE, "8.i": "396"}),
]


@pytest.mark.parametrize(("check", "fires", "quiet"), CASES)
def test_a_check_fires_on_one_side_of_its_border(check: str, fires: Told, quiet: Told) -> None:
    assert fired(fires).get(check) == "warn"
    assert check not in fired(quiet)


def test_every_check_is_shown_here_and_a_quiet_plan_meets_none() -> None:
    checks = {check.id for check in plan({}).form.checks if not check.id.endswith(".range")}
    assert {case[0] for case in CASES} == checks
    assert fired({}) == {}


def test_happiness_is_a_whole_number_from_0_to_10() -> None:
    interview = plan({}, "6.d")
    interview.say("11")
    assert interview.why == "out_of_range"
    interview.say("10")
    assert interview.session.answers["6.d"] == 10


def test_the_house_is_divided_by_the_people() -> None:
    assert plan({}).facts["house_area_per_capita"] == 22.5


@pytest.mark.parametrize("question", ["3.n", "3#1", "6.a", "6.b"])
def test_a_plan_needs_a_deed_and_a_goal(question: str) -> None:
    interview = plan({}, question)
    interview.say("不清楚")
    assert interview.why == "needs_answer"


def test_a_finished_plan_can_be_handed_in_with_the_assessments_still_to_come() -> None:
    interview = plan({}, "9.b")
    interview.say("没有", "没有")
    assert interview.key == "review"
    assert interview.reviewed.missing == ()
    interview.submit()
    assert interview.key == "finished"
