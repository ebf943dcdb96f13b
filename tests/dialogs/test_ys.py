"""The range of monitoring (questionnaires.md 15): each scheme is asked its own questions only."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogs.path import Path
from bot.dialogs.walking import walk
from tests.dialogs.building import TODAY, Interview, context, form

QUIET: dict[str, Any] = {
    "x1": 2, "1": 3, "2": 2, "3": 9000.0, "4": [0], "5.a": 1, "5.b": 1, "5.c": 1, "5.d": 1, "5.e": 1,
    "5.f": 1, "6": 2, "7": 8000.0, "8": [0], "9": [0], "10": 2, "11.a": 20000.0, "11.b": 5000.0,
    "11.c": 3000.0, "12.a": 2, "12.b": "张小", "12.c": 1, "13": 2, "14": TODAY,
}  # fmt: skip
COLOURS_ONLY = {"3", "4"}
COUNTY_ONLY = {"7", "8", "9", "12.a"}
ALWAYS = {"1", "5.a", "5.b", "5.c", "5.d", "5.e", "5.f", "13", "14"}


def after(answers: dict[str, Any]) -> Path:
    return walk(form("ys"), {**QUIET, **answers}, {}, context())


def asked(path: Path) -> set[str]:
    return {step.key for step in path.steps if step.item is not None}


HIT = {"x1": 3, "9": [4]}
# what was answered, what is asked because of it, what is not
RELEVANCE: list[tuple[dict[str, Any], set[str], set[str]]] = [
    ({"x1": 2}, ALWAYS | COLOURS_ONLY, COUNTY_ONLY | {"10", "11.a", "12.b"}),
    ({"x1": 3}, ALWAYS | COUNTY_ONLY, COLOURS_ONLY | {"4.x"}),
    ({"x1": 1}, ALWAYS | COLOURS_ONLY | COUNTY_ONLY, set()),
    ({"x1": 4}, ALWAYS | COLOURS_ONLY | COUNTY_ONLY, set()),
    ({"4": [1, 4]}, {"4.x"}, set()),
    ({"4": [1]}, {"4"}, {"4.x"}),
    ({"2": 3}, {"6"}, set()),
    ({"2": 2}, set(), {"6"}),
    ({"2": 1}, set(), {"6"}),
    (HIT, {"10", "11.a", "11.b", "11.c"}, {"9.x"}),
    ({**HIT, "9": [7]}, {"9.x", "10"}, set()),
    ({**HIT, "9": [0]}, {"9"}, {"9.x", "10", "11.a", "11.b", "11.c"}),
    ({"x1": 3, "12.a": 1}, {"12.b", "12.c"}, set()),
    ({"x1": 3, "12.a": 2}, {"12.a"}, {"12.b", "12.c"}),
]


@pytest.mark.parametrize(("answers", "opened", "left_out"), RELEVANCE)
def test_each_question_is_asked_when_it_matters(
    answers: dict[str, Any], opened: set[str], left_out: set[str]
) -> None:
    keys = asked(after(answers))
    assert opened <= keys
    assert not keys & left_out


# check, level, answers with which it fires and just does not
CHECKS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("YS-1", "warn", {"2": 1}, {"2": 2}),
    ("YS-1", "warn", {"2": 1}, {"2": 1, "x1": 3}),
    ("YS-2", "warn", {"1": 1, "2": 3}, {"1": 1, "2": 2}),
    ("YS-2", "warn", {"1": 2, "2": 2}, {"1": 2, "2": 3}),
    ("YS-3", "warn", {"2": 3, "5.f": 2, "6": 2}, {"2": 3, "5.f": 2, "6": 1}),
    ("YS-3", "warn", {"2": 3, "5.c": 3, "6": 2}, {"2": 3, "6": 2}),
    ("YS-4", "warn", {**HIT, "11.c": 20000.01}, {**HIT, "11.c": 20000.0}),
    ("YS-5", "info", {**HIT, "10": 1}, {**HIT, "10": 2}),
    ("YS-6", "info", {"x1": 3, "12.a": 1, "12.c": 3}, {"x1": 3, "12.a": 1, "12.c": 4}),
]


@pytest.mark.parametrize(("check", "level", "fires", "quiet"), CHECKS)
def test_a_check_fires_on_one_side_of_its_border_only(
    check: str, level: str, fires: dict[str, Any], quiet: dict[str, Any]
) -> None:
    assert (check, level) in [(fired.id, fired.level) for fired in after(fires).fired]
    assert check not in [fired.id for fired in after(quiet).fired]


def test_every_check_is_shown_here_and_none_in_a_quiet_household() -> None:
    written = {check.id for check in form("ys").checks if not check.id.endswith(".range")}
    assert {case[0] for case in CHECKS} == written
    assert after({}).fired == ()
    assert after({}).open is None


@pytest.mark.parametrize(
    ("states", "short"),
    [({}, 0), ({"5.a": 2}, 1), ({"5.a": 2, "5.f": 3}, 2), ({"5.a": None}, None)],
)
def test_what_may_fall_short_counts_as_short(states: dict[str, Any], short: int | None) -> None:
    assert after(states).facts["guarantees_short"] == short


def test_three_colours_take_no_application_from_the_household() -> None:
    assert after({"13": 1}).open_step is not None
    assert after({"13": 1, "x1": 3}).open is None
    known = {"monitoring_scheme": 2, "reg_status": 2}
    interview = Interview("ys", context(known=known)).until("13", {"1": "3", "4": "0"})
    interview.say("1")
    assert interview.key == "13"
    interview.say("2")
    assert interview.key == "14"


def test_the_register_answers_what_it_knows_in_silence() -> None:
    interview = Interview("ys", context(known={"monitoring_scheme": 3, "reg_status": 3}))
    assert interview.key == "1"
    assert "x1" in interview.turn.path.kept
