"""The jump table of questionnaire 3 (questionnaires.md 5), and how a village is asked section by section."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Hidden, Restored, Sections
from bot.dialogs.reply import Enter
from tests.dialogs.building import Interview, Told, asked_next, context, fill, items_on_path

TEAM = ["32", "33", "34", "35"]
MOVED = ["30-5-1", "30-5-2", "30-5-3", "30-5-4"]
# (answers on the way, question, reply, asked next, left out); "menu": the section has nothing more to ask
JUMPS: list[tuple[Told, str, str, str, list[str]]] = [
    ({}, "23", "0", "25", ["24", "24-1"]),
    ({}, "30-4", "0", "30-5", ["30-4-1", "30-4-2"]),
    ({}, "30-5", "0", "menu", MOVED),
    ({}, "31", "2", "menu", TEAM),
    ({}, "23", "不清楚", "25", ["24", "24-1"]),
]
# The same questions where nothing is left out.
OPENINGS: list[tuple[Told, str, str, str]] = [
    ({}, "23", "1", "24"),
    ({}, "24", "20", "24-1"),
    ({}, "30-4", "10", "30-4-1"),
    ({}, "30-5", "8", "30-5-1"),
    ({}, "30-5-2", "3", "30-5-3"),
    ({}, "31", "1", "32"),
    ({}, "34", "3", "35"),
]


@pytest.mark.parametrize(("before", "question", "reply", "following", "left_out"), JUMPS)
def test_the_form_jumps_as_its_notes_say(
    before: Told, question: str, reply: str, following: str, left_out: list[str]
) -> None:
    interview = Interview("ve")
    fill(interview, before, question)
    interview.say(reply)
    assert asked_next(interview) == following
    fill(interview, before)
    assert not items_on_path(interview) & set(left_out)
    assert {"s1", "s2", "s3"} <= items_on_path(interview), "it is signed whatever was jumped over"


@pytest.mark.parametrize(("before", "question", "reply", "following"), OPENINGS)
def test_the_other_answer_opens_the_branch(before: Told, question: str, reply: str, following: str) -> None:
    interview = Interview("ve")
    fill(interview, before, question)
    interview.say(reply)
    assert asked_next(interview) == following


def test_changing_23_puts_the_workshop_figures_away_and_back() -> None:
    interview = Interview("ve")
    fill(interview, {})
    interview.answer("23", "0")
    assert interview.happened(Hidden) == [Hidden(("24", "24-1"))]
    assert "village_workshop_registered" not in interview.facts
    interview.answer("23", "2")
    assert interview.happened(Restored) == [Restored(("24", "24-1"))]
    assert interview.facts["village_workshop_registered"] == 10


def test_a_village_is_asked_section_by_section_in_any_order() -> None:
    interview = Interview("ve", context(known={"county": "华容县", "town": "插旗镇", "village": "毛家村"}))
    assert interview.form.subjects == ("village",)
    assert isinstance(interview.open, Sections)
    interview.do(Enter("team"))
    assert interview.key == "31"
    interview.say("2")
    assert isinstance(interview.open, Sections)
    done = {state.section.id for state in interview.open.states if not state.left}
    assert "team" in done
    assert "basic" not in done


def test_three_answers_for_the_water_of_the_village() -> None:
    for question in ("16", "17"):
        interview = Interview("ve")
        fill(interview, {}, question)
        assert [option.code for option in interview.form.by_id[question].options] == [1, 2, 3]
        interview.say("部分")
        assert interview.session.answers[question] == 2


def test_the_village_may_have_lost_money_and_it_is_counted_in_ten_thousands() -> None:
    for said, stored in (("5", 5), ("3500元", 0.35), ("2万", 2), ("-0.5", -0.5), ("负1.2万元", -1.2)):
        interview = Interview("ve")
        fill(interview, {}, "20")
        interview.say(said)
        assert interview.session.answers["20"] == stored


def test_the_numbers_are_those_of_the_paper_and_either_way_of_writing_them_is_found() -> None:
    form = Interview("ve").form
    printed = {"18-1": "18-l", "24-1": "24- l", "27-1": "27- l", "27-4": "27- 4", "30-1": "30-l"}
    assert {id: form.by_id[id].no for id in printed} == printed
    for said in ("18-1", "18-l"):
        interview = Interview("ve")
        fill(interview, {})
        interview.edit(said)
        assert interview.key == "18-1"
