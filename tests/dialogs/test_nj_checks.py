"""The checks of questionnaire 5 (questionnaires.md 4.3) and its probable problems (8.2), on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialogs.building import Interview, Told, context, fill

HOME = {"name": "张三", "age": 40, "insured": 1}
ADULT = {"members": [HOME, {"name": "张四", "age": 16, "insured": 1}]}
PUPIL = {"members": [HOME, {"name": "小张", "age": 15, "insured": 1}]}
UNINSURED = {"members": [HOME, {"name": "张四", "age": 30, "insured": 2}]}
TWO: Told = {"h7": "2"}
FED: Told = {"1.b": "8000", "1.c": "22000"}
"""A support grant that agrees with the other figures."""
PUPILS: Told = {"2": "1", "2.n": "2", "child.name#1": "小明", "child.name#2": "小红"}

# check, level, answers that make it fire, answers that just do not, what the household's file holds
CASES: list[tuple[str, str, Told, Told, dict[str, Any]]] = [
    ("NX-1", "warn", {"1.a": "30001.5"}, {"1.a": "30001"}, {}),
    ("NX-2", "warn", {"h8": "5"}, {"h8": "5", "3-1": "1"}, {}),
    ("NX-2", "warn", {"h8": "5"}, {"h8": "5", "3-3": "1"}, {}),
    ("NX-2", "warn", {"h8": "5"}, {"h8": "4"}, {}),
    ("NX-3", "warn", {"h8": "4"}, {"h8": "4", "8": "1"}, {}),
    ("NX-4", "block", {"3-3": "1", "3-4.b": "5000.01"}, {"3-3": "1", "3-4.b": "5000"}, {}),
    ("NX-5", "info", {"h8": "1", "x3": "2"}, {"h8": "1", "x3": "1"}, {}),
    ("NX-6", "warn", {"7": "1", "1.b": "30000", "1.c": "0"}, {"7": "1", "1.b": "29999", "1.c": "1"}, {}),
    ("NXD-x2", "block", {"x2": "1"}, {"x2": "3"}, {}),
    ("NXD-x2", "block", {"x2": "2"}, {"x2": "不清楚"}, {}),
    ("NXD-h7", "warn", {"h7": "3"}, TWO, ADULT),
    ("NXD-h8", "warn", {"h8": "2", "h8.x": "1"}, {"h8": "1", "h8.x": "2"}, {}),
    ("NXD-h8", "warn", {"h8": "2", "h8.x": "3"}, {"h8": "3", "h8.x": "2"}, {}),
    ("NXD-h8", "warn", {"h8": "5", "h8.x": "2"}, {"h8": "2", "h8.x": "5"}, {}),
    ("NXD-1.b", "warn", {"h8": "3"}, {"h8": "3", **FED}, {}),
    ("NXD-1.b", "warn", {"h8": "1", "h8.x": "3"}, {"h8": "1", "h8.x": "4"}, {}),
    ("NXD-1.b2", "warn", FED, {"h8": "3", **FED}, {}),
    ("NXD-1.b2", "warn", {"h8.x": "4", **FED}, {"h8.x": "3", **FED}, {}),
    ("NXD-1.x1", "warn", {"1.x1": "30000.01"}, {"1.x1": "30000"}, {}),
    ("NXD-2", "warn", {**TWO, "2": "2"}, {**TWO, "2": "1"}, PUPIL),
    ("NXD-2b", "warn", {**TWO, "2": "1"}, {**TWO, "2": "2"}, ADULT),
    ("NXD-2-2", "info", {"2": "1", "2-1": "2", "2-2": "2"}, {"2": "1", "2-1": "2", "2-2": "3"}, {}),
    ("NXD-3", "block", {**TWO, "3": "1"}, {**TWO, "3": "2"}, UNINSURED),
    ("NXD-5-1", "info", {"5": "2", "5-1.x": "35"}, {"5": "2", "5-1.x": "36"}, {}),
    ("NXD-s4", "warn", {"s4": "2020-03-17"}, {"s4": "2020-03-18"}, {}),
]  # fmt: skip

# problem, answers that make it probable, whom it concerns, answers that just do not
PROBLEMS: list[tuple[str, Told, tuple[str, ...], Told]] = [
    ("4.1", {"4": "3"}, (), {"4": "1"}),
    ("4.2", {"4": "2"}, (), {"4": "1"}),
    ("6.1", {**PUPILS, "2-1": "2", "2-2#1": "1", "2-2#2": "3"}, ("小红",), {**PUPILS, "2-1": "2"}),
    ("6.1", {**PUPILS, "2-1#1": "2", "2-2#1": "4", "2-1#2": "1"}, ("小明",), {**PUPILS, "2-1": "1"}),
    ("7.1", {"3": "2", "uninsured.name": "张四", "3.x": "4"}, ("张四",), {"3": "2", "3.x": "3"}),
    ("7.1", {"3": "2", "3.n": "不清楚"}, (), {"3": "1"}),
    ("8.1", {"5": "2", "5-1.b": "2"}, (), {"5": "2", "5-1.b": "1"}),
    ("8.3", {"5": "3", "5-1.c": "2"}, (), {"5": "3", "5-1.c": "1"}),
    ("8.4", {"5": "4", "5-1.x": "36"}, (), {"5": "4", "5-1.x": "35"}),
    ("13.5", {"8": "1", "disabled.name": "张六", "8-2": "3 5"}, ("张六",), {"8": "1", "8-2": "2 5"}),
    ("13.5", {"8": "1", "disabled.name": "张六", "8-2": "0"}, ("张六",), {"8": "1", "8-2": "1"}),
    ("14.1", {"1.x1": "18000.01"}, (), {"1.x1": "18000"}),
    ("14.1", {"1.a": "11999", "1.c": "11999", "1.x1": "不清楚"}, (), {"1.x1": "不清楚"}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "level", "fires", "quiet", "file"), CASES)
def test_a_check_fires_at_its_level_and_not_beside_its_border(
    check: str, level: str, fires: Told, quiet: Told, file: dict[str, Any]
) -> None:
    interview = Interview("nj", context(**file))
    shown = fill(interview, fires)
    assert shown.checks.count((check, level)) == 1, "it shows once, and only as what it is"
    review = interview.reviewed
    held = {"block": review.blocked, "warn": review.warned, "info": review.noted}
    assert check in [fired.id for fired in held[level]]
    assert review.complete is (level != "block")
    calm = Interview("nj", context(**file))
    fill(calm, quiet)
    assert check not in [fired.id for fired in calm.turn.path.fired]


def test_every_check_of_the_form_is_shown_here() -> None:
    written = {check.id for check in Interview("nj").form.checks if not check.id.endswith(".range")}
    assert {case[0] for case in CASES} == written
    assert {f"NX-{number}" for number in range(1, 7)} <= written


def test_a_quiet_household_raises_no_question() -> None:
    interview = Interview("nj")
    assert fill(interview, {}) == ([], [])
    assert interview.reviewed.complete


def test_a_check_with_an_unknown_answer_does_not_fire() -> None:
    interview = Interview("nj")
    unknown = dict.fromkeys(["h8", "1.a", "1.b", "3-1", "3-3", "3", "8"], "不清楚")
    assert fill(interview, unknown) == ([], [])


def test_one_yuan_for_the_hospital_is_the_least_that_is_not_doubted() -> None:
    for cost, doubted in (("0", True), ("0.5", True), ("1", False)):
        interview = Interview("nj")
        shown = fill(interview, {"3-3": "1", "3-4.a": cost, "3-4.b": "0"})
        assert (("3-4.a.range", "warn") in shown.checks) is doubted


@pytest.mark.parametrize(("problem", "fires", "persons", "quiet"), PROBLEMS)
def test_a_probable_problem_is_put_to_the_cadre_with_whom_it_concerns(
    problem: str, fires: Told, persons: tuple[str, ...], quiet: Told
) -> None:
    interview = Interview("nj")
    assert (problem, persons) in fill(interview, fires).problems
    calm = Interview("nj")
    assert problem not in [found for found, _ in fill(calm, quiet).problems]


def test_every_probable_problem_of_the_form_is_shown_here() -> None:
    assert {case[0] for case in PROBLEMS} == {each.problem for each in Interview("nj").form.candidates}
