"""A long form opens at a menu of its sections: entered in any order, left, come back to, handed in."""

from __future__ import annotations

import tomllib

import pytest

from bot.dialogs.effects import Choose, Finished, Refused, Sections
from bot.dialogs.form import Form
from tests.dialogs.building import Interview, build

YES_NO = 'options = [{ code = 1, label = "是" }, { code = 2, label = "否" }]'
SOURCE = f"""
[form]
id = "t"
version = 1
name = "长卷"
short = "长"
source = "test"
menu = true
[[section]]
id = "house"
name = "住房情况"
[[section]]
id = "school"
name = "上学情况"
[[section]]
id = "tent"
name = "帐篷"
[[item]]
id = "1"
fact = "house"
section = "house"
kind = "select_one"
label = "有房"
{YES_NO}
[[item]]
id = "2"
fact = "rooms"
section = "house"
kind = "integer"
label = "几间"
soft_max = 9
[[item]]
id = "3"
fact = "pupils"
section = "school"
kind = "integer"
label = "几个学生"
[[item]]
id = "4"
fact = "tents"
section = "tent"
kind = "integer"
label = "几顶"
ask_if = "house == 2"
[[check]]
id = "XR"
level = "block"
when = "pupils > rooms"
items = ["2", "3"]
text = "学生比房间多。"
[[candidate]]
problem = "1.1"
when = "rooms == 0"
items = ["2"]
"""


@pytest.fixture
def form() -> Form:
    return build(tomllib.loads(SOURCE))


def menu(interview: Interview) -> dict[str, tuple[int, int]]:
    """The sections of the menu that is open: what is answered, and what is left."""
    assert isinstance(interview.open, Sections), interview.open
    return {state.section.id: (state.answered, len(state.left)) for state in interview.open.states}


# ---------------------------------------------------------------------------------------------- entering


def test_it_opens_at_its_menu_with_what_is_left_of_every_section_that_applies(form: Form) -> None:
    interview = Interview(form)
    assert menu(interview) == {"house": (0, 2), "school": (0, 1)}
    assert isinstance(interview.open, Sections)
    assert interview.open.states[0].left == ("select_one", "integer")


@pytest.mark.parametrize(
    ("said", "key"), [("1", "1"), ("2", "3"), ("住房情况", "1"), ("上学", "3"), (" 学 ", "3")]
)
def test_a_section_is_entered_by_its_number_or_by_a_part_of_its_name(form: Form, said: str, key: str) -> None:
    interview = Interview(form)
    interview.say(said)
    assert interview.key == key


@pytest.mark.parametrize("said", ["9", "0", "情况", "看病", "", "   "])
def test_what_names_no_section_or_several_leaves_the_menu_open(form: Form, said: str) -> None:
    interview = Interview(form)
    interview.say(said)
    assert interview.why == "no_such_section"
    assert interview.key == "menu"


def test_an_old_button_of_a_section_that_is_no_more_is_refused(form: Form) -> None:
    interview = Interview(form)
    interview.enter("garden")
    assert interview.why == "no_such_section"
    assert interview.key == "menu"


def test_a_section_in_which_nothing_applies_has_nothing_to_enter(form: Form) -> None:
    interview = Interview(form)
    interview.say("3")
    assert interview.key == "menu"
    assert not interview.happened(Choose)
    interview.enter("house")
    interview.say("2", "3")
    assert menu(interview)["tent"] == (0, 1), "the answers of another section make it apply"
    interview.enter("tent")
    assert interview.key == "4"


def test_the_questions_are_counted_within_their_section(form: Form) -> None:
    interview = Interview(form)
    interview.enter("school")
    assert (interview.asked.position, interview.asked.total) == (1, 1)
    interview.enter("house")
    interview.say("1")
    assert (interview.asked.position, interview.asked.total) == (2, 2)


# ---------------------------------------------------------------------------------------------- going on


def test_the_last_answer_of_a_section_leads_back_to_the_menu(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "3")
    assert menu(interview) == {"house": (2, 0), "school": (0, 1)}
    assert interview.session.section is None


def test_who_leaves_a_section_finds_it_as_it_was(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1")
    interview.enter(None)
    assert menu(interview) == {"house": (1, 1), "school": (0, 1)}
    interview.enter("house")
    assert interview.key == "2"


def test_sections_may_be_filled_in_any_order(form: Form) -> None:
    for order in (["house", "school"], ["school", "house"]):
        interview = Interview(form)
        for section in order:
            interview.enter(section)
            interview.say(*(["1", "3"] if section == "house" else ["2"]))
        assert interview.key == "review"
        interview.submit()
        assert isinstance(interview.open, Finished)
        assert interview.open.facts == {"house": 1, "rooms": 3, "pupils": 2}


def test_back_within_a_section_does_not_leave_it(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "3")
    interview.enter("school")
    interview.back()
    assert interview.why == "at_start"
    assert interview.key == "3", "the question before it belongs to another section"
    interview.enter("house")
    interview.edit("2")
    interview.back()
    assert interview.key == "1"
    interview.back(7)
    assert interview.why == "at_start"


def test_a_doubt_is_asked_in_the_section_of_its_last_question(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "10")
    assert interview.key == "2.range", "the section is not done before"
    interview.enter(None)
    assert menu(interview)["house"] == (2, 1)
    interview.enter("house")
    interview.say("1")
    assert interview.key == "menu"
    interview.enter("school")
    interview.say("11")
    assert interview.key == "XR"
    interview.tap("pick", 3)
    assert interview.key == "2", "the answer to change may stand in another section"
    interview.say("12")
    assert interview.key == "menu", "the changed answer is in doubt itself"
    interview.enter("house")
    interview.say("1")
    assert interview.key == "review"


# ----------------------------------------------------------------------------------------- changing answers


def test_a_finished_section_offers_its_answers_for_change(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "3")
    interview.say("1")
    (choose,) = interview.happened(Choose)
    assert choose.what == "住房情况"
    assert [step.key for step in choose.steps] == ["1", "2"]
    assert interview.key == "menu", "until one is chosen the menu stays"
    interview.edit("2")
    assert interview.asked.current == (3,)
    interview.say("4")
    assert interview.key == "menu"
    assert interview.facts["rooms"] == 4


def test_entering_a_section_ends_the_change_of_an_answer(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1")
    interview.edit("1")
    interview.enter("school")
    assert interview.key == "3"
    interview.say("2")
    assert menu(interview)["house"] == (1, 1)


# ---------------------------------------------------------------------------------------------- handing in


def test_a_form_with_open_sections_is_not_handed_in_and_says_how_much_is_left(form: Form) -> None:
    interview = Interview(form)
    for filled, left in (((), 3), (("1",), 2), (("3",), 1)):
        if filled:
            interview.enter("house")
            interview.say(*filled)
        before = interview.key
        interview.submit()
        assert interview.why == "not_complete"
        (refused,) = interview.happened(Refused)
        assert refused.rejection.params == {"left": left}
        assert interview.key == before


def test_a_blocking_check_is_mended_from_the_review(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "3")
    interview.enter("school")
    interview.say("5", "1")
    assert interview.key == "review"
    assert not interview.reviewed.complete
    interview.submit()
    assert interview.why == "not_ready"
    interview.answer("3", "2")
    assert interview.reviewed.complete


def test_probable_problems_are_asked_about_when_all_sections_are_done(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    interview.say("1", "0")
    assert interview.key == "menu", "other sections are still open"
    assert menu(interview) == {"house": (2, 0), "school": (0, 1)}
    interview.enter("school")
    interview.say("0")
    assert interview.key == "?1.1"
    interview.say("1")
    assert interview.key == "review"


def test_an_old_keyboard_of_a_section_changes_nothing(form: Form) -> None:
    interview = Interview(form)
    interview.enter("house")
    revision = interview.session.revision
    interview.enter("school")
    before = interview.session
    interview.tap("pick", 1, key="1", revision=revision)
    assert interview.session == before
    assert interview.key == "3"
