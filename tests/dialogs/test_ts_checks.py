"""Questionnaire 2 of a township (questionnaires.md 6): its numbers, its sums and what may not exceed what."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Sections
from tests.dialogs.building import Interview, Told, context, fill

PARTS: list[tuple[str, str]] = [
    ("2-1", "2"), ("2-2", "2-1"), ("5-1", "5"), ("12-1", "12"), ("17-1", "17"), ("17-3-1", "17-3"),
    ("18-2", "18"), ("18-3", "18"), ("18-4", "18"), ("20-1", "20"), ("26-1", "26"), ("26-1-1", "26-1"),
    *((f"4-{each}", "4") for each in range(1, 9)),
    *((f"5-{each}", "5") for each in range(3, 11)),
    *((f"5-{each}", f"4-{each - 2}") for each in range(3, 11)),
]  # fmt: skip
# check, level, answers that make it fire, answers that just do not; every other figure is 1
CASES: list[tuple[str, str, Told, Told]] = [
    *((f"TS-{part}.{whole}", "warn", {part: "2"}, {part: "2", whole: "2"}) for part, whole in PARTS),
    ("TS-9", "block", {"9": "800.01"}, {"9": "800"}),
    ("TS-9", "block", {"9-8": "99.99"}, {"9-8": "99.99", "9": "799.99"}),
    ("TS-5-2", "info", {"4": "1000", "5": "100", "5-1": "90", "5-2": "1.6"},
     {"4": "1000", "5": "100", "5-1": "90", "5-2": "1.5"}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "level", "fires", "quiet"), CASES)
def test_a_check_fires_at_its_level_and_not_beside_its_border(
    check: str, level: str, fires: Told, quiet: Told
) -> None:
    interview = Interview("ts")
    shown = fill(interview, fires)
    assert shown.checks.count((check, level)) == 1
    review = interview.reviewed
    held = {"block": review.blocked, "warn": review.warned, "info": review.noted}
    assert check in [fired.id for fired in held[level]]
    assert review.complete is (level != "block")
    calm = Interview("ts")
    fill(calm, quiet)
    assert check not in [fired.id for fired in calm.turn.path.fired]


def test_every_check_of_the_form_is_shown_here() -> None:
    checks = {check.id for check in Interview("ts").form.checks if not check.id.endswith(".range")}
    assert {case[0] for case in CASES} == checks


def test_figures_that_agree_raise_no_question() -> None:
    interview = Interview("ts")
    assert fill(interview, {}) == ([], [])
    assert interview.reviewed.complete


def test_the_funds_cannot_be_handed_in_while_their_sum_is_wrong() -> None:
    interview = Interview("ts")
    fill(interview, {"9": "900"})
    interview.submit()
    assert interview.why == "not_ready"
    interview.answer("9", "800")
    fill(interview, {})
    interview.submit()
    assert interview.key == "finished"


def test_a_sum_of_cents_is_not_wrong_by_binary_dust() -> None:
    cents = {f"9-{each}": "0.1" for each in range(1, 9)}
    interview = Interview("ts")
    assert fill(interview, {**cents, "9": "0.8"}) == ([], [])


def test_an_unknown_part_leaves_the_sum_open() -> None:
    interview = Interview("ts")
    assert fill(interview, {"9-3": "不清楚", "9": "1"}) == ([], [])


def test_two_lines_of_the_paper_bear_a_number_that_is_used_twice() -> None:
    form = Interview("ts").form
    assert {item.id for item in form.items if item.no == "22"} == {"2-2", "22"}
    assert {item.id for item in form.items if item.no == "25"} == {"25-1", "25"}
    others = [item for item in form.items if item.no and item.id not in ("2-2", "25-1")]
    assert [(item.id, item.no) for item in others if item.id != item.no] == []


def test_money_is_in_ten_thousands_and_shares_are_percent() -> None:
    form = Interview("ts").form
    assert {item.unit for item in form.items if item.kind == "money"} == {"万元"}
    shares = [item for item in form.items if item.kind == "percent"]
    assert {(item.id, item.min, item.max) for item in shares} == {
        ("5-2", 0, 100), ("6", 0, 100), ("7", 0, 100), ("8", 0, 100),
    }  # fmt: skip
    for said, stored in (("50万", 50), ("1.5亿", 15000), ("80000元", 8)):
        interview = Interview("ts")
        fill(interview, {}, "24-1")
        interview.say(said)
        assert interview.session.answers["24-1"] == stored


def test_a_township_is_filled_in_by_sections_and_counts_as_one() -> None:
    interview = Interview("ts", context(known={"county": "华容县", "town": "插旗镇"}))
    assert interview.form.subjects == ("township",)
    assert isinstance(interview.open, Sections)
    assert len([state for state in interview.open.states if state.left]) == 14
    assert interview.facts["town_count"] == 1
