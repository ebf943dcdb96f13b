"""The jump table of questionnaire 4 (questionnaires.md 3.4), and what changing an answer puts away (20.4)."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Hidden, Restored, Skipped
from tests.dialogs.building import Interview

# (answers on the way, question, reply, asked next, left out)
JUMPS = [
    ({}, "4", "2", "5", ["4.n", "child.name", "4-1.a", "4-1.b", "4-1.x", "4-2"]),
    ({}, "5", "1", "6", ["5.n", "uninsured.name", "5-1"]),
    ({}, "7", "2", "8", ["7-1.a", "7-1.b", "7-1.c", "7-1.d"]),
    ({}, "8", "3", "9", ["8-1", "8-2", "8-3", "8-4", "8-5"]),
    ({}, "8", "1", "8-2", ["8-1"]),
    ({"8": "1"}, "8-3", "1", "8-5", ["8-4"]),
    ({}, "9", "1", "10", ["9-1.x", "9-1.a", "9-1.b", "9-1.c"]),
    ({}, "10", "2", "11", ["10.n", "student.name", "10-1.x", "10-1"]),
    ({}, "11", "2", "12", ["11-1"]),
    ({}, "12", "2", "12-2", ["12-1"]),
    ({}, "12-2", "2", "13", ["12-2.n", "worker.name", "12-3", "12-3.x"]),
    ({}, "13", "2", "14", ["13.n", "disabled.name", "13-1.a", "13-1.x1", "13-1.x2", "13-1.b"]),
    ({}, "14", "2", "14-2", ["14-1"]),
    ({}, "14-3", "2", "15", ["14-4"]),
    ({}, "15", "2", "16", ["15-1.a", "15-1.b"]),
    ({}, "19", "2", "20", ["19-1"]),
]
# The same questions where nothing is left out.
OPENINGS = [
    ({}, "4", "1", "4.n"),
    ({"4": "1"}, "child.name#1", "小明", "4-1.a#1"),
    ({"4": "1"}, "4-1.a#1", "1", "4-1.b#1"),
    ({"4": "1"}, "4-1.a#1", "2", "4-2#1"),
    ({}, "5", "2", "5.n"),
    ({}, "6", "1", "6-1"),
    ({}, "6", "2", "6.x"),
    ({}, "6", "3", "7"),
    ({}, "7", "1", "7-1.a"),
    ({}, "8", "2", "8-1"),
    ({"8": "2"}, "8-3", "2", "8-4"),
    ({}, "9", "2", "9-1.x"),
    ({}, "9", "4", "9-1.x"),
    ({}, "10", "1", "10.n"),
    ({}, "11", "1", "11-1"),
    ({}, "12", "1", "12-1"),
    ({"12": "1"}, "12-1", "1 6", "12-2"),
    ({}, "12-2", "1", "12-2.n"),
    ({}, "13", "1", "13.n"),
    ({}, "14", "1", "14-1"),
    ({}, "14-3", "1", "14-4"),
    ({}, "15", "1", "15-1.a"),
    ({}, "19", "1", "19-1"),
]


@pytest.mark.parametrize(("before", "question", "reply", "following", "left_out"), JUMPS)
def test_the_form_jumps_as_its_notes_say(
    before: dict[str, str], question: str, reply: str, following: str, left_out: list[str]
) -> None:
    interview = Interview("jd").until(question, before)
    interview.say(reply)
    if interview.key.startswith("XC-"):
        assert interview.key == "XC-2"
        interview.say("1")
    assert interview.key == following
    applying = {key.partition("#")[0] for key in interview.steps()}
    assert not applying & set(left_out)
    interview.review()
    assert not {key.partition("#")[0] for key in interview.steps()} & set(left_out)


@pytest.mark.parametrize(("before", "question", "reply", "following"), OPENINGS)
def test_the_other_answer_opens_the_branch(
    before: dict[str, str], question: str, reply: str, following: str
) -> None:
    interview = Interview("jd").until(question, before)
    interview.say(reply)
    if interview.key.startswith("X"):
        interview.say("1")
    assert interview.key == following


def test_a_jump_is_told_with_where_it_goes() -> None:
    interview = Interview("jd").until("8")
    interview.say("3")
    (skipped,) = interview.happened(Skipped)
    assert (skipped.after.key, skipped.to.key) == ("8", "9")
    interview.say("2")
    assert interview.happened(Skipped) == []


def test_nothing_is_told_as_skipped_when_the_questions_between_stand_answered() -> None:
    interview = Interview("jd").review({"15": "1", "15-1.a": "50000", "15-1.b": "2000"})
    interview.answer("15", "2")
    interview.answer("15", "1")
    assert interview.key == "review"
    assert interview.happened(Skipped) == []


def test_an_unknown_answer_opens_no_branch_and_is_listed_as_missing() -> None:
    interview = Interview("jd").until("8")
    interview.say("不清楚")
    assert interview.key == "9"
    interview.review()
    assert [step.key for step in interview.reviewed.missing] == ["8"]


def test_changing_8_from_2_to_1_voids_8_1_only() -> None:
    interview = Interview("jd").review({"8": "2"})
    assert interview.facts["renovation_old_house_removed"] == 1
    interview.answer("8", "1")
    assert interview.happened(Hidden) == [Hidden(("8-1",))]
    assert "renovation_old_house_removed" not in interview.facts
    assert interview.facts["renovation_accepted"] == 1
    assert interview.session.answers["8-1"] == 1
    interview.answer("8", "2")
    assert interview.happened(Restored) == [Restored(("8-1",))]
    assert interview.facts["renovation_old_house_removed"] == 1


def test_changing_12_from_1_to_2_voids_12_1_and_keeps_12_2_and_12_3() -> None:
    told = {"12": "1", "12-1": "1 4", "12-2": "1", "12-2.n": "1", "12-3": "3"}
    interview = Interview("jd").review(told)
    interview.answer("12", "2")
    assert interview.happened(Hidden) == [Hidden(("12-1",))]
    assert "job_policies" not in interview.facts
    assert interview.facts["has_worker"] == 1
    assert interview.facts["work_places"] == [3]
    assert interview.key == "?10.3", "without a policy it may be a problem that somebody works away"
    interview.answer("12", "1")
    assert interview.facts["job_policies"] == [1, 4]


def test_the_days_of_water_shortage_become_the_official_answer() -> None:
    for days, official in (("0", 1), ("35", 1), ("36", 2), ("365", 2), ("不清楚", None)):
        interview = Interview("jd").until("9-1.x", {"9": "2"})
        interview.say(days)
        assert interview.facts["water_shortage"] == official
    interview = Interview("jd").until("9-1.x", {"9": "2"})
    interview.say("366")
    assert interview.why == "out_of_range"
    assert interview.key == "9-1.x"


def test_only_1_and_2_answer_yes_or_no_by_number() -> None:
    interview = Interview("jd").until("2")
    for reply in ("0", "3", "12", "01x"):
        interview.say(reply)
        assert interview.why == "not_an_option"
        assert interview.key == "2"
    interview.say("2")
    assert interview.session.answers["2"] == 2
