"""The jump table of questionnaire 5 (questionnaires.md 4.2), its calculated items and its folds (3.3)."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Finished, Hidden, Recalled, Restored
from bot.dialogs.reply import Submit
from tests.dialogs.building import Interview, Told, asked_next, context, fill, items_on_path

CHILDREN = ["2.n", "child.name", "2-1", "2-2"]
SEVERE = ["8.n", "disabled.name", "8-1", "8-1.x1", "8-1.x2", "8-2"]
# (answers on the way, question, reply, asked next, left out)
JUMPS: list[tuple[Told, str, str, str, list[str]]] = [
    ({}, "2", "2", "3", CHILDREN),
    ({"2": "1"}, "2-1#1", "1", "3", ["2-2"]),
    ({}, "3", "1", "3-1", ["3.n", "uninsured.name", "3.x"]),
    ({}, "3-1", "2", "3-3", ["3-2"]),
    ({}, "3-3", "2", "4", ["3-4.a", "3-4.b"]),
    ({}, "5", "1", "6", ["5-1.x", "5-1.a", "5-1.b", "5-1.c"]),
    ({}, "6", "2", "7", ["6-1", "6-2"]),
    ({}, "7", "2", "8", ["7.n", "worker.name", "7-1"]),
    ({}, "8", "2", "s1", SEVERE),
]
# The same questions where nothing is left out.
OPENINGS: list[tuple[Told, str, str, str]] = [
    ({}, "h8", "1", "h8.x"),
    ({"h8": "1"}, "h8.x", "没有", "x3"),
    ({"h8": "2"}, "h8.x", "4", "x1"),
    ({}, "2", "1", "2.n"),
    ({"2": "1"}, "2-1#1", "2", "2-2#1"),
    ({}, "3", "2", "3.n"),
    ({"3": "2"}, "uninsured.name#1", "小明", "3.x#1"),
    ({"3": "2"}, "3.x#1", "4", "3-1"),
    ({}, "3-1", "1", "3-2"),
    ({}, "3-3", "1", "3-4.a"),
    ({}, "4", "1", "4-1"),
    ({}, "4", "2", "4.x"),
    ({}, "4", "3", "5"),
    ({}, "5", "2", "5-1.x"),
    ({}, "5", "3", "5-1.x"),
    ({}, "5", "4", "5-1.x"),
    ({"5": "2"}, "5-1.x", "40", "5-1.b"),
    ({}, "6", "1", "6-1"),
    ({"6": "1"}, "6-1", "1 3", "6-2"),
    ({}, "7", "1", "7.n"),
    ({}, "8", "1", "8.n"),
    ({"8": "1"}, "8-1#1", "2", "8-1.x1#1"),
    ({"8": "1", "8-1": "2"}, "8-1.x1#1", "4", "8-2#1"),
    ({"8": "1"}, "8-1.x1#1", "4", "8-1.x2#1"),
    ({"x1": "2"}, "s1", "李四", "s1.x1"),
    ({"x1": "2"}, "s1.x1", "1", "s1.x2"),
    ({"x1": "2"}, "s1.x1", "2", "s2"),
    ({"x1": "1"}, "s1", "张三", "s2"),
]


@pytest.mark.parametrize(("before", "question", "reply", "following", "left_out"), JUMPS)
def test_the_form_jumps_as_its_notes_say(
    before: Told, question: str, reply: str, following: str, left_out: list[str]
) -> None:
    interview = Interview("nj")
    fill(interview, before, question)
    interview.say(reply)
    assert asked_next(interview) == following
    assert not items_on_path(interview) & set(left_out)
    fill(interview, before)
    assert not items_on_path(interview) & set(left_out)


@pytest.mark.parametrize(("before", "question", "reply", "following"), OPENINGS)
def test_the_other_answer_opens_the_branch(before: Told, question: str, reply: str, following: str) -> None:
    interview = Interview("nj")
    fill(interview, before, question)
    interview.say(reply)
    assert asked_next(interview) == following


def test_chronic_illness_and_hospital_are_asked_whoever_is_insured() -> None:
    for insured in ("1", "2", "不清楚"):
        interview = Interview("nj")
        fill(interview, {"3": insured})
        assert {"3-1", "3-3"} <= items_on_path(interview)


def test_changing_3_3_puts_the_costs_away_and_back() -> None:
    interview = Interview("nj")
    fill(interview, {"3-3": "1"})
    interview.answer("3-3", "2")
    assert interview.happened(Hidden) == [Hidden(("3-4.a", "3-4.b"))]
    assert "inpatient_cost_2019" not in interview.facts
    interview.answer("3-3", "1")
    assert interview.happened(Restored) == [Restored(("3-4.a", "3-4.b"))]
    assert interview.facts["inpatient_self_paid_2019"] == 1000


@pytest.mark.parametrize(
    ("gross", "cost", "people", "per_head"),
    [("30000", "6000", "3", 8000), ("20000", "0", "3", 6666.67), ("30000", "不清楚", "3", None)],
)
def test_the_income_a_head_is_what_is_left_of_the_costs(
    gross: str, cost: str, people: str, per_head: float | None
) -> None:
    interview = Interview("nj")
    fill(interview, {"1.a": gross, "1.x1": cost, "h7": people})
    assert interview.facts["net_income_per_capita"] == per_head


def test_the_days_of_water_shortage_become_the_official_answer() -> None:
    for days, official in (("0", 1), ("35", 1), ("36", 2), ("365", 2), ("不清楚", None)):
        interview = Interview("nj")
        fill(interview, {"5": "2"}, "5-1.x")
        interview.say(days)
        assert interview.facts["water_shortage"] == official
    interview = Interview("nj")
    fill(interview, {"5": "2"}, "5-1.x")
    interview.say("366")
    assert interview.why == "out_of_range"


def test_the_rows_fold_into_the_answers_of_the_paper() -> None:
    rows = {
        "2": "1", "2.n": "2", "2-1#1": "1", "2-1#2": "2", "2-2#2": "4",
        "3": "2", "3.n": "2", "3.x#1": "2", "3.x#2": "4",
        "7": "1", "7.n": "2", "7-1#1": "1", "7-1#2": "3",
        "8": "1", "8.n": "2", "8-1#1": "1", "8-1#2": "2", "8-2#1": "0", "8-2#2": "5",
    }  # fmt: skip
    interview = Interview("nj")
    fill(interview, rows)
    interview.do(Submit())
    assert isinstance(interview.open, Finished)
    paper = interview.open.answers
    folded = {"2-1": 2, "2-2": 4, "3.x": 4, "7-1": [1, 3], "8-1": 2, "8-2": [5]}
    assert {id: paper[id] for id in folded} == folded


def test_only_the_first_two_grades_are_severe() -> None:
    interview = Interview("nj")
    fill(interview, {"8": "1"}, "8-1.x2#1")
    interview.say("3")
    assert interview.why == "not_an_option"


def test_the_household_kind_already_given_is_no_other_kind() -> None:
    interview = Interview("nj")
    fill(interview, {"h8": "2"}, "h8.x")
    interview.say("2 4")
    assert interview.why == "constraint"
    interview.say("4 5")
    assert interview.facts["nonreg_other_kinds"] == [4, 5]


def test_the_policies_of_questionnaire_5_have_six_codes() -> None:
    interview = Interview("nj")
    fill(interview, {"8": "1"}, "8-2#1")
    interview.say("7")
    assert interview.why == "not_an_option"
    interview.say("0 1")
    assert interview.why == "excludes_others"


def test_what_questionnaire_4_found_out_is_kept_with_one_tap() -> None:
    known = {"water_source": 2, "water_shortage_days": 40, "water_quality_good": 1, "water_access": 1}
    interview = Interview("nj", context(known=known))
    fill(interview, {}, "4-1")
    interview.say("没有")
    assert isinstance(interview.open, Recalled)
    assert [entry.step.key for entry in interview.open.card.entries] == ["5", "5-1.x", "5-1.b", "5-1.c"]
    interview.say("1")
    assert interview.key == "6"
    assert interview.facts["water_shortage"] == 2


def test_nobody_signs_with_an_earlier_signature() -> None:
    known = {"respondent_signature": "张三", "reviewer_signature": "李四", "signed_on": "2020-03-20"}
    interview = Interview("nj", context(known=known))
    for question in ("s1", "s3", "s4"):
        fill(interview, {}, question)
        assert interview.asked.known is None
