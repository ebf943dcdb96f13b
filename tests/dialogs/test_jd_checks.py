"""The cross-checks of questionnaire 4 (questionnaires.md 3.2): when each fires, when not, and how hard."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogs.effects import Asked, Doubted, Noted, Suspected
from bot.dialogs.reply import Resume
from tests.dialogs.building import Interview, context, sensible

Told = dict[str, str]
CHILD: Told = {"4": "1", "4.n": "2", "10": "2"}
WORKER: Told = {"12-2": "1"}
LOW: Told = {"1-3": "3000", "1.a": "33000", "1.b": "9000"}
"""A transfer income that agrees with the other figures."""
UNINSURED = [{"name": "张三", "age": 40, "insured": 1}, {"name": "张四", "age": 30, "insured": 2}]
INSURED = [{"name": "张三", "age": 40, "insured": 1}]
PUPIL = [{"name": "张三", "age": 40, "insured": 1}, {"name": "小张", "age": 15, "insured": 1}]
TOO_OLD = [{"name": "张三", "age": 16, "insured": 1}]

# check, level, answers that make it fire, answers that just do not, what the household's file holds
CASES: list[tuple[str, str, Told, Told, dict[str, Any]]] = [
    ("XC-1", "block", {**CHILD, "4-1.a#2": "1", "4-1.a": "2"}, {**CHILD, "4-1.a": "2"}, {}),
    ("XC-2", "warn", {"11": "2"}, {"11": "1"}, {}),
    ("XC-3", "warn", {"1.a": "30001.5"}, {"1.a": "30001"}, {}),
    ("XC-4", "warn", {"1.b": "8001.5"}, {"1.b": "8001"}, {}),
    ("XC-5", "warn", {"14": "1", "14-1": "1"}, {"14": "1", "14-1": "1", **LOW}, {}),
    ("XC-6", "warn", {"14-3": "1", "14-4": "1"}, {"14-3": "1", "14-4": "1", **LOW}, {}),
    ("XC-7", "warn", {**WORKER, "1-1.a": "0", "1.a": "10000"}, WORKER, {}),
    ("XC-8", "warn", {"17": "1"}, {"17": "1", "1-2": "300"}, {}),
    ("XC-9", "info", {"19": "1", "19-1": "1 6", "17": "2"}, {"19": "1", "19-1": "1 5", "17": "2"}, {}),
    ("XC-10", "warn", {"8": "1", "6": "2"}, {"8": "3", "6": "2"}, {}),
    ("XC-11", "warn", {"7": "1", "8": "2"}, {"7": "1", "8": "3"}, {}),
    ("XC-12", "info", {"13": "1", "13.n": "2", "13-1.a#2": "2"}, {"13": "1", "13-1.a": "1"}, {}),
    ("XC-13", "block", {"5": "1"}, {"5": "2"}, {"members": UNINSURED}),
    ("XC-14", "warn", {"4": "2"}, {"4": "1"}, {"members": PUPIL}),
    ("XC-14b", "warn", {"4": "1", "10": "1"}, {"4": "2"}, {"members": TOO_OLD}),
    ("XC-15", "warn", {"14": "1", "14-1": "1", "14-2": "1"}, {"14": "1", "14-1": "2", "14-2": "1"}, {}),
    ("XC-16", "info", {"h6": "1", **WORKER, "x1": "1"}, {"h6": "1", **WORKER, "x1": "2"}, {}),
    ("XC-17", "warn", {"20": "4", "x2": "2"}, {"20": "3", "x2": "2"}, {}),
    (
        "XC-18",
        "info",
        {"1-3": "3000", "1-3.x": "1", "1-3.e": "0", "16": "1"},
        {"1-3": "3000", "1-3.x": "1", "1-3.e": "200", "16": "1"},
        {},
    ),
]  # fmt: skip


def met(interview: Interview, told: Told) -> list[tuple[str, str]]:
    """Every check that shows on the way to the review, with how it shows."""
    seen: list[tuple[str, str]] = []
    for _ in range(300):
        seen += [(noted.check.id, noted.check.level) for noted in interview.happened(Noted)]
        match interview.open:
            case Doubted(check):
                seen.append((check.id, check.level))
                interview.say("1")
            case Suspected():
                interview.say("1")
            case Asked(step) if step.item is not None:
                interview.say(told.get(step.key) or told.get(step.item.id) or sensible("jd", step.item))
            case _:
                return seen
    raise AssertionError("the interview did not end")


@pytest.mark.parametrize(("check", "level", "fires", "quiet", "file"), CASES, ids=[case[0] for case in CASES])
def test_a_cross_check_fires_at_its_level_and_not_beside_its_border(
    check: str, level: str, fires: Told, quiet: Told, file: dict[str, Any]
) -> None:
    interview = Interview("jd", context(**file))
    seen = met(interview, fires)
    assert seen.count((check, level)) == 1, "it shows once, and only as what it is"
    review = interview.reviewed
    held = {"block": review.blocked, "warn": review.warned, "info": review.noted}
    assert check in [fired.id for fired in held[level]]
    assert review.complete is (level != "block")
    calm = Interview("jd", context(**file)).review(quiet)
    assert check not in [fired.id for fired in calm.turn.path.fired]


def test_every_cross_check_of_the_catalogue_is_shown_here() -> None:
    catalogue = {f"XC-{number}" for number in range(1, 19)} | {"XC-14b"}
    assert {case[0] for case in CASES} == catalogue
    assert {check.id for check in Interview("jd").form.checks if check.id.startswith("XC-")} == catalogue


def test_a_check_with_an_unknown_answer_does_not_fire() -> None:
    interview = Interview("jd").review({"11": "不清楚", "1.a": "不清楚", "5": "不清楚"})
    assert interview.turn.path.fired == ()


def test_what_is_blocked_can_be_put_off_but_not_handed_in() -> None:
    interview = Interview("jd").until("XC-1", {**CHILD, "4-1.a": "1"})
    interview.say("1")
    assert interview.key == "11"
    interview.review()
    interview.submit()
    assert interview.why == "not_ready"
    assert interview.key == "review"
    interview.answer("10", "1")
    interview.review()
    interview.submit()
    assert interview.key == "finished"


def test_a_doubt_leads_straight_to_the_answer_to_change() -> None:
    interview = Interview("jd").until("XC-1", {**CHILD, "4-1.a": "1"})
    assert isinstance(interview.open, Doubted)
    assert interview.open.edits == ("10", "4-1.a#2", "4-1.a#1")
    interview.say("3")
    assert interview.key == "4-1.a#2"
    interview.say("2")
    assert interview.key == "4-2#2", "the newly opened question comes first"
    interview.say("1")
    assert interview.key == "XC-1", "the other child still goes to school"
    interview.say("否")
    assert interview.key == "10"


def test_a_doubt_understands_yes_no_and_numbers_and_nothing_else() -> None:
    interview = Interview("jd").until("XC-2", {"11": "2"})
    for reply in ("3", "0", "", "９", "张三", "፩", "²²", "9" * 5000):
        interview.say(reply)
        assert interview.why == "no_such_choice"
        assert interview.key == "XC-2"
    interview.say("否")
    assert interview.key == "11"
    interview.say("2")
    assert interview.key == "XC-2"
    interview.say("对")
    assert interview.key == "12"


def test_a_confirmed_warning_is_asked_again_only_when_an_answer_involved_changes() -> None:
    interview = Interview("jd").until("1-1.a", {"1.a": "40000"})
    interview.until("XC-3")
    interview.say("1")
    interview.until("2")
    interview.answer("h6", "4")
    assert interview.key != "XC-3", "the number of people is not part of it"
    interview.say("1")
    interview.answer("1-1.a", "21000")
    assert interview.key == "XC-3"
    interview.say("1")
    interview.answer("1-1.a", "30000")
    assert interview.key == "2", "the sum agrees now"
    interview.answer("1-1.a", "21000")
    assert interview.key == "2", "this very answer has been confirmed before"


def test_confirming_stands_in_the_log_of_changes() -> None:
    interview = Interview("jd").until("XC-2", {"11": "2"})
    turn = interview.say("1")
    (change,) = turn.changes
    assert (change.key, change.after, change.was_there) == ("!XC-2", [["11", 2]], False)


def test_a_soft_limit_of_one_row_is_asked_again_when_that_row_changes() -> None:
    told = {**WORKER, "12-2.n": "2", "12-3.x#1": "2", "12-3.x#2": "1", "12-3.c#2": "60000"}
    interview = Interview("jd").until("12-3.c.range", told)
    interview.say("1")
    interview.until("13")
    interview.answer("12-3.c#2", "70000")
    assert interview.key == "12-3.c.range"


def test_a_block_about_what_the_file_says_offers_to_change_it() -> None:
    interview = Interview("jd", context(known={"reg_status": 3})).until("XD-x2")
    assert isinstance(interview.open, Doubted)
    assert interview.open.edits == ("x2",)
    interview.say("2")
    assert interview.key == "x2"
    interview.back()
    assert interview.key == "h6"
    interview.answer("x2", "1")
    interview.do(Resume())
    assert interview.key == "x1"
