"""The derived checks of questionnaire 3 (questionnaires.md 5) and its probable problems (8.2)."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Reviewed
from tests.dialogs.building import Interview, Told, fill

# part, whole, the figure of the whole: one more fires, as many does not
PARTS: list[tuple[str, str, int]] = [
    ("4", "2", 300), ("5", "3", 1000), ("6", "3", 1000), ("7", "3", 1000), ("8", "2", 300), ("9", "3", 1000),
    ("10", "3", 1000), ("11", "3", 1000), ("12", "3", 1000), ("13", "3", 1000), ("18-1", "18", 12),
    ("18-2", "18", 12), ("18-3", "18", 12), ("18-4", "18", 12), ("18-5", "18", 12), ("22", "4", 60),
    ("24-1", "24", 20), ("29", "2", 300), ("30-1", "2", 300), ("30-2", "2", 300), ("30-3", "2", 300),
    ("30-4", "2", 300), ("30-5", "2", 300),
]  # fmt: skip
# check, answers that make it fire, answers that just do not
CASES: list[tuple[str, Told, Told]] = [
    *((f"VE-{part}.{whole}", {part: str(most + 1)}, {part: str(most)}) for part, whole, most in PARTS),
    ("VE-24-1.5", {"24": "300", "24-1": "201"}, {"24": "300", "24-1": "200"}),
    ("VE-3", {"3": "299"}, {"3": "300"}),
    ("VE-9", {"9": "19"}, {"9": "20"}),
    ("VE-22", {"21": "0", "22": "1"}, {"21": "0", "22": "0"}),
    ("VE-27-5", {"26": "2", "27-5": "1"}, {"26": "2", "27-5": "0"}),
    ("VE-30-4", {"30-4": "11"}, {"30-4": "10"}),
    ("VE-30-5", {"30-5": "9"}, {"30-5": "8"}),
    ("VE-30-5-3", {"30-5-3": "7"}, {"30-5-3": "6"}),
    ("VE-33", {"33": "2"}, {"33": "3"}),
    ("VE-33", {"32": "10"}, {"32": "9"}),
    ("VE-s3", {"s3": "2020-03-17"}, {"s3": "2020-03-18"}),
]
# range check, answer that is doubted, answer that is not
RANGES: list[tuple[str, str, str]] = [
    ("1", "2013", "2014"), ("1", "2021", "2020"), ("2", "0", "1"), ("18", "0", "1"), ("20", "101", "100"),
    ("32", "0", "1"), ("34", "0", "1"),
]  # fmt: skip
# problem, answers that make it probable, answers that just do not
PROBLEMS: list[tuple[str, Told, Told]] = [
    ("3.1", {"31": "2"}, {"31": "1"}),
    ("3.1", {"31": "2", "x1": "2", "5": "100"}, {"31": "2", "x1": "2", "5": "99"}),
    ("3.4", {"20": "0"}, {"20": "0.01"}),
    ("3.4", {"20": "-3"}, {"20": "不清楚"}),
    ("7.6", {"14": "2"}, {"14": "1"}),
    ("7.6", {"15": "2"}, {"15": "1"}),
    ("9.2", {"22": "30"}, {"22": "31"}),
    ("9.2", {"22": "0"}, {"4": "0", "22": "0"}),
    ("10.5", {"24-1": "0"}, {"24-1": "1"}),
    ("10.5", {"24-1": "0"}, {"23": "0"}),
]


@pytest.mark.parametrize(("check", "fires", "quiet"), CASES)
def test_a_check_warns_and_can_be_confirmed_and_keeps_still_beside_its_border(
    check: str, fires: Told, quiet: Told
) -> None:
    interview = Interview("ve")
    shown = fill(interview, fires)
    assert shown.checks.count((check, "warn")) == 1
    assert interview.reviewed.complete
    calm = Interview("ve")
    fill(calm, quiet)
    assert check not in [fired.id for fired in calm.turn.path.fired]


def test_every_check_of_the_form_is_shown_here() -> None:
    checks = [check for check in Interview("ve").form.checks if not check.id.endswith(".range")]
    assert {case[0] for case in CASES} == {check.id for check in checks}
    assert {check.level for check in checks} == {"warn"}


@pytest.mark.parametrize(("question", "doubted", "taken"), RANGES)
def test_a_figure_beyond_its_range_is_doubted_not_refused(question: str, doubted: str, taken: str) -> None:
    for said, fires in ((doubted, True), (taken, False)):
        interview = Interview("ve")
        shown = fill(interview, {question: said})
        assert ((f"{question}.range", "warn") in shown.checks) is fires
        assert isinstance(interview.open, Reviewed)


def test_no_count_is_below_zero() -> None:
    form = Interview("ve").form
    assert [item.id for item in form.items if item.kind == "integer" and item.min != 0] == []
    interview = Interview("ve")
    fill(interview, {}, "8")
    interview.say("-1")
    assert interview.why == "out_of_range"


def test_a_sound_village_raises_no_question() -> None:
    interview = Interview("ve")
    assert fill(interview, {}) == ([], [])
    assert interview.reviewed.complete


def test_a_check_with_an_unknown_figure_does_not_fire() -> None:
    interview = Interview("ve")
    unknown = dict.fromkeys(["2", "3", "4", "18", "20", "24", "30-4", "30-5", "33"], "不清楚")
    assert fill(interview, unknown) == ([], [])


@pytest.mark.parametrize(("problem", "fires", "quiet"), PROBLEMS)
def test_a_probable_problem_is_put_to_whoever_fills_in_the_form(
    problem: str, fires: Told, quiet: Told
) -> None:
    interview = Interview("ve")
    assert (problem, ()) in fill(interview, fires).problems
    calm = Interview("ve")
    assert problem not in [found for found, _ in fill(calm, quiet).problems]


def test_every_probable_problem_of_the_form_is_shown_here() -> None:
    assert {case[0] for case in PROBLEMS} == {each.problem for each in Interview("ve").form.candidates}
