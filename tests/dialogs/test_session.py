"""What is kept between two turns: answers only, as JSON, and enough to go on days later at the same place."""

from __future__ import annotations

import json

import pytest

from bot.dialogs import engine
from bot.dialogs.effects import Asked
from bot.dialogs.reply import Back, Edit, Reply, Resume, Said, Submit, Tapped
from bot.dialogs.session import Session
from tests.dialogs.building import Interview, context, vocabulary

REPLIES: list[Reply] = [
    Said("1"), Said("不清楚"), Said("那个"), Back(), Back(3), Edit("4"), Edit("1"), Submit(), Resume(),
    Tapped("12-1", 29, "on", 3), Tapped("12-1", 30, "done"), Tapped("nonsense", 1, "pick", 1),
]  # fmt: skip


def read_back(session: Session) -> Session:
    return Session.from_json(json.loads(json.dumps(session.to_json())))


@pytest.mark.parametrize("reply", REPLIES, ids=repr)
@pytest.mark.parametrize("goal", ["h1", "4-1.a#2", "XC-2", "12-1", "review"])
def test_a_session_read_back_goes_on_in_the_same_way(goal: str, reply: Reply) -> None:
    interview = Interview("jd").until(goal, {"4": "1", "4.n": "2", "10": "1", "11": "2", "12": "1"})
    if goal == "12-1":
        interview.tap("on", 2)
    given, words = interview.context, vocabulary()
    once = engine.advance(interview.form, interview.session, reply, given, words)
    again = engine.advance(interview.form, read_back(interview.session), reply, given, words)
    assert again.session == once.session
    assert repr(again.effects) == repr(once.effects)
    assert again.changes == once.changes
    assert read_back(once.session) == once.session


def test_an_interview_resumes_days_later_at_the_same_question() -> None:
    interview = Interview("jd").until("12-1", {"12": "1"})
    interview.tap("on", 2)
    saved = json.dumps(interview.session.to_json())
    later = context(today="2020-04-20", now="2020-04-20T08:00")
    session = Session.from_json(json.loads(saved))
    turn = engine.advance(interview.form, session, Resume(), later, vocabulary())
    (asked,) = turn.effects
    assert isinstance(asked, Asked)
    assert asked.step.key == "12-1"
    assert asked.draft == (2,)
    assert turn.session == session


def test_resuming_while_an_earlier_answer_is_changed_asks_that_one() -> None:
    interview = Interview("jd").until("9")
    interview.edit("4")
    interview.do(Resume())
    assert interview.key == "4"
    assert interview.asked.current == (2,)


def test_the_revision_counts_what_changed_and_nothing_else() -> None:
    interview = Interview("jd").until("9")
    revision = interview.session.revision
    interview.say("海水")
    interview.do(Resume())
    interview.submit()
    interview.edit("99")
    interview.tap("pick", 1, key="3", revision=1)
    assert interview.session.revision == revision
    interview.say("1")
    assert interview.session.revision == revision + 1


def test_handing_in_closes_the_session() -> None:
    interview = Interview("jd").review()
    assert not interview.session.finished
    interview.submit()
    assert interview.session.finished
    assert read_back(interview.session).finished


def test_a_turn_never_changes_the_session_that_it_was_given() -> None:
    interview = Interview("jd").until("4")
    before = interview.session
    held = json.dumps(before.to_json())
    for text in ("1", "2", "3"):
        engine.advance(interview.form, before, Said(text), interview.context, vocabulary())
    assert json.dumps(before.to_json()) == held
