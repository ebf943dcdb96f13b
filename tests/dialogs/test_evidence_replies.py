"""Photos and locations are sent along at any moment: kept where they belong, and nothing moves."""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest

from bot.dialogs.effects import Answered, Finished, Hidden
from bot.dialogs.form import Form
from bot.dialogs.reply import Append, Attached
from tests.dialogs.building import Interview, build, context

SOURCE = """
[form]
id = "t"
version = 1
name = "试卷"
short = "试"
source = "test"
[[section]]
id = "house"
name = "住房"
[[section]]
id = "board"
name = "公示"
[[item]]
id = "1"
fact = "house"
section = "house"
kind = "select_one"
label = "有房"
options = [{ code = 1, label = "是" }, { code = 2, label = "否" }]
[[item]]
id = "1.p"
fact = "house_photo"
section = "house"
kind = "image"
label = "住房照片"
text = "拍一张房子。"
ask_if = "house == 1"
[[item]]
id = "1.g"
fact = "house_place"
section = "house"
kind = "geopoint"
label = "住房位置"
[[item]]
id = "2"
fact = "board"
section = "board"
kind = "select_multiple"
label = "公示了什么"
options = [{ code = 1, label = "名单" }, { code = 2, label = "金额" }]
[[item]]
id = "2.p"
fact = "board_photo"
section = "board"
kind = "image"
label = "公示栏照片"
ask_if = "has(board, 1)"
"""
PHOTO = Attached("image", "0a1b")
OTHER = Attached("image", "2c3d")
PLACE = Attached("geopoint", "28.7 112.9")


@pytest.fixture
def form() -> Form:
    return build(tomllib.loads(SOURCE))


def test_evidence_is_never_asked_for_nor_missed(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    assert interview.key == "2"
    interview.say("1")
    assert interview.key == "review"
    assert interview.reviewed.missing == ()
    interview.submit()
    assert isinstance(interview.open, Finished)
    assert set(interview.open.facts) == {"house", "board"}


def test_a_photo_is_kept_and_the_open_question_stays_open(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    interview.do(PHOTO)
    assert interview.key == "2"
    (answered,) = interview.happened(Answered)
    assert (answered.step.key, answered.value) == ("1.p", ["0a1b"])
    assert [(change.key, change.after) for change in interview.turn.changes] == [("1.p", ["0a1b"])]
    assert interview.facts["house_photo"] == ["0a1b"]


def test_photos_add_up_and_the_last_location_counts(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    for reply in (PHOTO, PLACE, OTHER, Attached("geopoint", "28.8 113.0")):
        interview.do(reply)
        assert interview.key == "2"
    assert interview.facts["house_photo"] == ["0a1b", "2c3d"]
    assert interview.facts["house_place"] == "28.8 113.0"


def test_a_photo_goes_where_the_section_at_hand_asks_for_one(form: Form) -> None:
    interview = Interview(form)
    interview.say("1", "1")
    interview.edit("2")
    interview.do(PHOTO)
    assert interview.key == "2", "the answer is still being changed"
    assert interview.facts["board_photo"] == ["0a1b"]
    interview.edit("1")
    interview.do(OTHER)
    assert interview.facts["house_photo"] == ["2c3d"]


def test_a_photo_without_a_place_in_its_section_goes_to_the_first_of_the_form(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    interview.do(PHOTO)
    assert set(interview.session.answers) == {"1", "1.p"}, "nothing of the board applies yet"
    interview.say("1")
    interview.do(OTHER)
    assert interview.session.answers["1.p"] == ["0a1b", "2c3d"], "at the review there is no section at hand"


def test_what_nothing_asks_for_is_refused_and_nothing_is_kept(form: Form) -> None:
    interview = Interview(form)
    for answers in ([], ["2"], ["2"]):
        interview.say(*answers)
        before, key = interview.session, interview.key
        interview.do(PHOTO)
        assert interview.why == "nothing_to_show"
        assert (interview.session, interview.key) == (before, key)
    interview.do(PLACE)
    assert interview.facts["house_place"] == "28.7 112.9", "a location belongs here whatever was answered"


def test_what_is_ticked_stays_ticked(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    interview.tap("on", 2)
    interview.do(PHOTO)
    assert interview.key == "2"
    assert interview.asked.draft == (2,)
    interview.tap("done")
    assert interview.facts["board"] == [2]


def at_review(form: Form) -> Interview:
    interview = Interview(form)
    interview.say("1", "2")
    return interview


def at_doubt(form: Form) -> Interview:
    check = {"id": "X", "level": "warn", "when": "house == 1", "items": ["1"], "text": "？"}
    interview = Interview(build({**tomllib.loads(SOURCE), "check": [check]}))
    interview.say("1")
    return interview


def at_candidate(form: Form) -> Interview:
    candidate = {"problem": "1.1", "when": "house == 1", "items": ["1"]}
    interview = Interview(build({**tomllib.loads(SOURCE), "candidate": [candidate]}))
    interview.say("1", "2", "2")
    return interview


def at_card(form: Form) -> Interview:
    data = tomllib.loads(SOURCE)
    data["item"].insert(4, {**data["item"][0], "id": "1.a", "fact": "second_house", "section": "board"})
    data["section"][1]["recall"] = True
    interview = Interview(build(data), context(known={"second_house": 1, "board": [2]}))
    interview.say("1")
    return interview


def at_menu(form: Form) -> Interview:
    data = tomllib.loads(SOURCE)
    interview = Interview(build({**data, "form": {**data["form"], "menu": True}}))
    interview.enter("house")
    interview.say("1")
    return interview


@pytest.mark.parametrize(
    ("stand", "key"),
    [(at_review, "review"), (at_doubt, "X"), (at_candidate, "?1.1"), (at_card, "=board"), (at_menu, "menu")],
)
def test_wherever_the_interview_stands_it_stays(
    form: Form, stand: Callable[[Form], Interview], key: str
) -> None:
    interview = stand(form)
    assert interview.key == key
    for reply in (PHOTO, PLACE):
        interview.do(reply)
        assert interview.key == key
    assert interview.session.answers["1.p"] == ["0a1b"]
    assert interview.session.answers["1.g"] == "28.7 112.9"


def test_the_reason_that_was_asked_for_is_still_wanted_after_a_photo(form: Form) -> None:
    interview = at_candidate(form)
    interview.do(PHOTO)
    interview.say("新房子已经住进去了")
    assert interview.key == "review"


def test_a_photo_goes_with_its_question_and_comes_back(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    interview.do(PHOTO)
    interview.answer("1", "2")
    assert interview.happened(Hidden)[0].keys == ("1.p",)
    assert "house_photo" not in interview.facts
    interview.answer("1", "1")
    assert interview.facts["house_photo"] == ["0a1b"]


def test_a_photo_can_be_taken_back(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    interview.do(PHOTO)
    interview.edit("1.p")
    interview.tap("unknown")
    assert interview.key == "2"
    assert interview.facts["house_photo"] is None
    interview.do(OTHER)
    assert interview.facts["house_photo"] == ["2c3d"]


def test_words_are_no_photo_and_no_place(form: Form) -> None:
    interview = Interview(form)
    interview.say("1")
    for key, reply in (("1.p", PHOTO), ("1.g", PLACE)):
        interview.do(reply)
        before = interview.session.answers
        interview.edit(key)
        interview.say("房子很好")
        assert interview.why == "not_in_words"
        assert interview.session.answers == before
        interview.do(reply)
        assert interview.key == key, "what was sent is kept, and the question that was opened stays open"
        interview.tap("keep")
        assert interview.key == "2"


def test_a_photo_between_two_parts_of_a_text_does_not_cost_the_first() -> None:
    told = SOURCE + '[[item]]\nid = "3"\nfact = "told"\nsection = "board"\nkind = "text"\nlabel = "情况"\n'
    interview = Interview(build(tomllib.loads(told)))
    interview.say("1", "1", "公示栏在村部门口。")
    interview.do(Append(""))
    interview.do(PHOTO)
    assert interview.asked.appending
    interview.say("昨天刚换过。")
    assert interview.facts["told"] == "公示栏在村部门口。\n昨天刚换过。"
