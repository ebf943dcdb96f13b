"""Probable problems for the ledger: asked about at the end, confirmed or dismissed with a reason."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bot.dialogs.effects import Decided, Finished, Suspected
from bot.dialogs.form import Form
from bot.dialogs.ledger import grounds
from tests.dialogs.building import Interview, build, context

SOURCE = """
[form]
id = "t"
version = 1
name = "试卷"
short = "试"
source = "test"
[[section]]
id = "s"
name = "节"
[[roster]]
id = "child"
name = "孩子"
count = "1"
title = "name"
[[item]]
id = "1"
fact = "child_count"
section = "s"
kind = "integer"
label = "几个孩子"
[[item]]
id = "2"
fact = "name"
section = "s"
repeat = "child"
kind = "person"
label = "名字"
[[item]]
id = "3"
fact = "in_school"
section = "s"
repeat = "child"
kind = "select_one"
label = "在学"
options = [{ code = 1, label = "是" }, { code = 2, label = "否" }]
[[item]]
id = "4"
fact = "debt"
section = "s"
kind = "money"
label = "欠款"
[[candidate]]
problem = "6.1"
when = "any(child, in_school == 2)"
items = ["3"]
roster = "child"
who = "in_school == 2"
[[candidate]]
problem = "9.2"
when = "debt > 1000"
items = ["4"]
"""
OUT: dict[str, str] = {"1": "2", "2#1": "张大", "2#2": "张小", "3#1": "1", "3#2": "2", "4": "1000"}
OWING: dict[str, str] = {"1": "0", "4": "1001"}


@pytest.fixture
def form() -> Form:
    return build(tomllib.loads(SOURCE))


def suspected(interview: Interview) -> Suspected:
    assert isinstance(interview.open, Suspected), interview.open
    return interview.open


def outcome(interview: Interview) -> list[Decided]:
    """What was decided, once the form is handed in."""
    interview.submit()
    assert isinstance(interview.open, Finished), interview.open
    return list(interview.open.problems)


# ------------------------------------------------------------------------------------------------- asking


def test_a_problem_that_shows_in_the_answers_is_asked_about_before_the_review(form: Form) -> None:
    interview = Interview(form).until("?6.1", OUT)
    assert suspected(interview).persons == ("张小",)
    assert not suspected(interview).reason_wanted
    interview.submit()
    assert interview.why == "not_complete", "nothing is handed in before somebody decided"
    assert interview.key == "?6.1"


def test_nothing_is_asked_when_nothing_shows(form: Form) -> None:
    interview = Interview(form).review({**OUT, "3#2": "1"})
    assert interview.turn.path.suspected == ()
    assert outcome(interview) == []


def test_several_problems_are_asked_about_one_after_the_other(form: Form) -> None:
    interview = Interview(form).until("?6.1", {**OUT, **OWING, "1": "2"})
    interview.say("1")
    assert interview.key == "?9.2"
    assert suspected(interview).persons == (), "it concerns the whole household"
    interview.say("1")
    assert outcome(interview) == [Decided("6.1", True, "", ("张小",)), Decided("9.2", True, "", ())]


# ------------------------------------------------------------------------------------------------ deciding


@pytest.mark.parametrize("said", ["1", "是", "属实"])
def test_who_confirms_puts_it_into_the_ledger(form: Form, said: str) -> None:
    interview = Interview(form).until("?9.2", OWING)
    if said == "属实":
        interview.tap("pick", 1)
    else:
        interview.say(said)
    assert interview.key == "review"
    assert outcome(interview) == [Decided("9.2", True, "", ())]


def test_who_says_no_is_asked_why_and_the_reason_settles_it(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.tap("pick", 2)
    assert suspected(interview).reason_wanted
    assert interview.session.confirmed == {}, "without a reason nothing is decided"
    interview.say("上个月还清了")
    assert interview.key == "review"
    assert outcome(interview) == [Decided("9.2", False, "上个月还清了", ())]


def test_a_reason_may_be_given_at_once(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.say("  亲戚之间的，不算欠款 ")
    assert outcome(interview) == [Decided("9.2", False, "亲戚之间的，不算欠款", ())]


def test_who_was_asked_why_may_still_confirm(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.say("2")
    interview.tap("pick", 1)
    assert outcome(interview) == [Decided("9.2", True, "", ())]


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("", "no_such_choice", "needs_answer"),
        (" 啥 ", "no_such_choice", "needs_answer"),
        ("7", "no_such_choice", "needs_answer"),
        ("1200", "no_such_choice", "needs_answer"),
        ("不清楚", "no_such_choice", "needs_answer"),
        ("字" * 201, "too_long", "too_long"),
    ],
)
def test_a_reason_that_says_nothing_or_too_much_is_refused(
    form: Form, said: str, before: str, after: str
) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.say(said)
    assert interview.why == before
    interview.say("2", said)
    assert interview.why == after
    assert suspected(interview).reason_wanted, "the reason is still wanted"
    interview.say("字" * 200)
    assert interview.key == "review"


def test_a_second_tap_does_not_decide_about_the_next_problem(form: Form) -> None:
    interview = Interview(form).until("?6.1", {**OUT, **OWING, "1": "2"})
    revision = interview.session.revision
    interview.tap("pick", 1)
    before = interview.session
    interview.tap("pick", 1, key="?6.1", revision=revision)
    interview.tap("pick", 1, key="?9.2", revision=revision)
    assert interview.session == before
    assert interview.key == "?9.2"


# ----------------------------------------------------------------------------------- when answers change


def test_a_decision_lapses_when_an_answer_that_it_rests_on_changes(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.say("还清了")
    interview.answer("4", "5000")
    assert interview.key == "?9.2", "what was no problem at 1001 yuan may be one at 5000"
    assert not suspected(interview).reason_wanted
    interview.answer("4", "1001")
    assert interview.key == "review", "the decision about these answers still stands"
    assert outcome(interview) == [Decided("9.2", False, "还清了", ())]


def test_a_decision_about_what_no_longer_shows_is_forgotten(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.say("1")
    interview.answer("4", "1000")
    assert interview.key == "review"
    assert outcome(interview) == []


def test_a_decision_outlives_the_change_of_other_answers(form: Form) -> None:
    interview = Interview(form).until("?6.1", OUT)
    interview.say("1")
    interview.answer("4", "500")
    assert interview.key == "review"
    interview.answer("3#1", "2")
    assert interview.key == "?6.1"
    assert suspected(interview).persons == ("张大", "张小")


def test_an_answer_may_be_changed_instead_of_deciding(form: Form) -> None:
    interview = Interview(form).until("?6.1", OUT)
    interview.say("2")
    interview.answer("3#2", "1")
    assert interview.key == "review"
    interview.answer("3#2", "2")
    assert interview.key == "?6.1"


def test_back_from_a_problem_leads_to_the_last_question(form: Form) -> None:
    interview = Interview(form).until("?9.2", OWING)
    interview.back()
    assert interview.key == "4"


# ------------------------------------------------------------------------------------- what was said before


def again(form: Form, answers: dict[str, str], **file: Any) -> str:
    """What is open after all questions when so much is known of the ledger."""
    interview = Interview(form, context(**file))
    for _ in range(20):
        if interview.key[0] == "?" or interview.key == "review":
            break
        interview.say(answers[interview.key])
    return interview.key


def test_what_stands_in_the_ledger_already_is_not_asked_about_again(form: Form) -> None:
    assert again(form, OWING, settled=["9.2"]) == "review"
    assert again(form, OWING, settled=["6.1"]) == "?9.2"


def test_what_was_dismissed_is_not_asked_about_on_the_same_grounds(form: Form) -> None:
    first = Interview(form).until("?9.2", OWING)
    candidate = suspected(first).candidate
    same = {"9.2": grounds(candidate, form, first.turn.path.facts)}
    assert again(form, OWING, dismissed=same) == "review"
    assert again(form, {**OWING, "4": "1002"}, dismissed=same) == "?9.2"
    assert again(form, OWING, dismissed={"6.1": same["9.2"]}) == "?9.2"


def test_another_person_is_other_grounds(form: Form) -> None:
    first = Interview(form).until("?6.1", OUT)
    same = {"6.1": grounds(suspected(first).candidate, form, first.turn.path.facts)}
    assert again(form, OUT, dismissed=same) == "review"
    assert again(form, {**OUT, "2#2": "张三"}, dismissed=same) == "?6.1"
    assert again(form, {**OUT, "2#1": "张三"}, dismissed=same) == "review", "whom it does not concern"


def test_what_is_settled_or_dismissed_is_no_outcome_of_this_form(form: Form) -> None:
    interview = Interview(form, context(settled=["9.2"])).review(OWING)
    assert outcome(interview) == []
