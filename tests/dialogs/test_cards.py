"""What the file knows: shown on one card of its section, kept with one tap, never more than was shown."""

from __future__ import annotations

import tomllib
from typing import Any

from bot.dialogs.cards import Card
from bot.dialogs.effects import Affirmed, Answered, Asked, Finished, Recalled, Refused
from bot.dialogs.form import Form
from tests.dialogs.building import TODAY, Interview, build, context

HEAD = '[form]\nid = "t"\nversion = 1\nname = "试卷"\nshort = "试"\nsource = "test"\n'
YES_NO = 'options = [{ code = 1, label = "是" }, { code = 2, label = "否" }]'
HOME = f"""
[[section]]
id = "home"
name = "住房"
recall = true
[[item]]
id = "1"
fact = "house"
section = "home"
kind = "select_one"
label = "有房"
{YES_NO}
[[item]]
id = "2"
fact = "water"
section = "home"
kind = "select_one"
label = "有水"
{YES_NO}
[[item]]
id = "3"
fact = "rooms"
section = "home"
kind = "integer"
label = "几间"
min = 1
[[item]]
id = "4"
fact = "attic"
section = "home"
kind = "select_one"
label = "有阁楼"
ask_if = "rooms == 2"
{YES_NO}
"""
GATE = f"""
[[section]]
id = "work"
name = "务工"
recall = true
[[item]]
id = "1"
fact = "has_work"
section = "work"
kind = "select_one"
label = "务工"
{YES_NO}
[[item]]
id = "2"
fact = "place"
section = "work"
kind = "text"
label = "地方"
ask_if = "has_work == 1"
[[item]]
id = "3"
fact = "wage"
section = "work"
kind = "money"
label = "工资"
ask_if = "has_work == 1"
[[item]]
id = "4"
fact = "months"
section = "work"
kind = "integer"
label = "几个月"
"""
CHILDREN = """
[[section]]
id = "school"
name = "上学"
recall = true
[[roster]]
id = "child"
name = "孩子"
count = "1"
title = "name"
[[item]]
id = "1"
fact = "child_count"
section = "school"
kind = "integer"
label = "几个孩子"
[[item]]
id = "2"
fact = "name"
section = "school"
repeat = "child"
kind = "person"
label = "名字"
[[item]]
id = "3"
fact = "age"
section = "school"
repeat = "child"
kind = "integer"
label = "几岁"
keep = "never"
"""
KNOWN = {"house": 1, "water": 2}
KNOWN_BY_KEY = {"1": 1, "2": 2}
TWO = [{"name": "张大", "age": 9}, {"name": "张小", "age": 7}]


def form(source: str) -> Form:
    return build(tomllib.loads(HEAD + source))


def home(known: dict[str, Any], **more: Any) -> Interview:
    return Interview(form(HOME), context(known=known, **more))


def card(interview: Interview) -> Card:
    assert isinstance(interview.open, Recalled), interview.open
    return interview.open.card


def shown(interview: Interview) -> dict[str, Any]:
    """What the open card shows, by key."""
    return {entry.step.key: entry.value for entry in card(interview).entries}


# ------------------------------------------------------------------------------------- when a card is shown


def test_two_known_answers_of_a_section_stand_on_one_card_with_their_day() -> None:
    interview = home(KNOWN)
    assert interview.key == "=home"
    assert shown(interview) == {"1": 1, "2": 2}
    assert {entry.on for entry in card(interview).entries} == {"2020-01-05"}
    assert "house" not in interview.facts, "nothing holds before somebody said so"


def test_one_known_answer_makes_no_card_and_is_offered_beside_its_question() -> None:
    interview = home({"house": 1})
    assert interview.key == "1"
    assert interview.asked.known is not None
    assert interview.asked.known.value == 1


def test_a_section_without_recall_has_no_card() -> None:
    interview = Interview(form(HOME.replace("recall = true", "recall = false")), context(known=KNOWN))
    assert interview.key == "1"


def test_what_does_not_apply_is_not_on_the_card() -> None:
    assert shown(home({**KNOWN, "rooms": 3, "attic": 1})) == {"1": 1, "2": 2, "3": 3}
    assert shown(home({**KNOWN, "rooms": 2, "attic": 1})) == {"1": 1, "2": 2, "3": 2, "4": 1}


def test_a_known_value_that_an_answer_may_not_have_is_not_on_the_card() -> None:
    checked = HOME.replace("min = 1", 'check = [{ test = "value <= 9", text = "太多" }]')
    for rooms, keys in ((9, ["1", "3"]), (10, None)):
        interview = Interview(form(checked), context(known={"house": 1, "rooms": rooms}))
        assert (list(shown(interview)) if interview.key == "=home" else None) == keys


def test_an_answer_that_opens_known_questions_brings_their_card() -> None:
    file = context(known={"place": "广东", "wage": 3000.0})
    interview = Interview(form(GATE), file)
    assert interview.key == "1"
    interview.say("1")
    assert interview.key == "=work", "the card comes before the first of the questions that it answers"
    assert shown(interview) == {"2": "广东", "3": 3000.0}
    interview.say("1")
    assert interview.key == "4"
    refused = Interview(form(GATE), file)
    refused.say("2")
    assert refused.key == "4", "nothing known applies"


# ------------------------------------------------------------------------------------------ what it settles


def test_one_tap_keeps_what_the_card_shows_and_goes_on_with_what_is_not_known() -> None:
    interview = home(KNOWN)
    interview.tap("pick", 1)
    assert [type(effect) for effect in interview.turn.effects] == [Affirmed, Asked]
    assert interview.key == "3"
    path = interview.turn.path
    assert path.kept == path.affirmed == ("1", "2")
    assert interview.facts == KNOWN
    assert interview.session.answers == {}, "nobody answered a question"
    assert [(change.key, change.after) for change in interview.turn.changes] == [
        ("=home", [["1", 1], ["2", 2]])
    ]


def test_a_card_keeps_only_what_it_shows() -> None:
    interview = home({**KNOWN, "attic": 1})
    assert shown(interview) == KNOWN_BY_KEY
    interview.say("1", "2")
    assert interview.key == "4", "a question that came to apply later was on no card"
    assert interview.asked.known is not None
    assert "attic" not in interview.facts
    interview.answer("3", "3")
    assert interview.key == "review"


def test_with_changes_every_question_is_asked_with_what_is_known_beside_it() -> None:
    interview = home(KNOWN)
    interview.say("2")
    assert list(interview.turn.path.kept) == []
    assert not interview.happened(Affirmed)
    for key, value in KNOWN_BY_KEY.items():
        assert interview.key == key
        assert interview.asked.known is not None
        assert interview.asked.known.value == value
        interview.tap("keep")
    assert interview.session.answers == KNOWN_BY_KEY


def test_a_card_may_be_answered_in_words() -> None:
    for word, after in (("不变", "3"), ("是", "3"), ("没变化", "3"), ("1", "3"), ("2", "1"), ("不是", "1")):
        interview = home(KNOWN)
        interview.say(word)
        assert interview.key == after, word


def test_a_reply_that_no_card_takes_leaves_it_open() -> None:
    interview = home(KNOWN)
    for reply in ("3", "0", "住房", ""):
        interview.say(reply)
        assert interview.why == "no_such_choice"
        assert interview.key == "=home"
    interview.tap("pick", 3)
    assert interview.why == "no_such_choice"
    assert interview.session.confirmed == {}


def test_a_second_tap_on_a_card_does_not_answer_the_question_after_it() -> None:
    interview = home(KNOWN)
    revision = interview.session.revision
    interview.tap("pick", 1)
    before = interview.session
    interview.tap("pick", 1, key="=home", revision=revision)
    assert interview.key == "ignored"
    assert interview.session == before


# ------------------------------------------------------------------------------- changing what was kept


def test_an_answer_given_later_wins_over_a_kept_one() -> None:
    interview = home(KNOWN)
    interview.say("1")
    interview.edit("2")
    assert interview.asked.current is None
    assert interview.asked.known is not None
    assert interview.asked.position <= interview.asked.total
    interview.say("1")
    (answered,) = interview.happened(Answered)
    assert answered.known is not None
    assert answered.known.value == 2
    assert interview.facts == {"house": 1, "water": 1}
    assert list(interview.turn.path.kept) == ["1"]
    assert interview.key == "3"


def test_a_kept_answer_that_is_asked_again_can_be_kept_again() -> None:
    interview = home(KNOWN)
    interview.say("1", "3")
    assert interview.key == "review"
    interview.edit("1")
    assert interview.key == "1"
    interview.tap("keep")
    assert interview.key == "review"
    assert interview.session.answers == {"1": 1, "3": 3}


def test_kept_answers_are_handed_in_like_given_ones() -> None:
    interview = home(KNOWN)
    interview.say("1", "3")
    interview.submit()
    assert isinstance(interview.open, Finished)
    assert interview.open.answers == {"1": 1, "2": 2, "3": 3}
    assert interview.open.facts == {**KNOWN, "rooms": 3}


# --------------------------------------------------------------------------------- what is not kept so easily


def test_what_is_no_longer_fresh_is_asked_by_itself_and_kept_with_a_tap_of_its_own() -> None:
    interview = home({**KNOWN, "rooms": 3}, ways={"water": "ask"})
    assert shown(interview) == {"1": 1, "3": 3}
    interview.say("1")
    assert interview.key == "2"
    interview.tap("keep")
    assert interview.facts == {**KNOWN, "rooms": 3}
    assert interview.key == "review"


def test_a_hint_is_shown_and_never_kept() -> None:
    interview = home(KNOWN, ways={"house": "hint"})
    assert interview.key == "1", "a hint and one known answer are no card"
    assert interview.asked.known is not None
    assert interview.asked.known.way == "hint"
    interview.tap("keep")
    assert interview.key == "1"
    interview.say("不变")
    assert interview.happened(Refused)
    assert interview.session.answers == {}


def test_a_silent_fact_is_taken_without_a_word_and_stands_on_no_card() -> None:
    silent = form(HOME.replace('label = "有房"', 'label = "有房"\nkeep = "silent"'))
    interview = Interview(silent, context(known={**KNOWN, "rooms": 3}))
    assert shown(interview) == {"2": 2, "3": 3}
    assert list(interview.turn.path.kept) == ["1"]
    assert list(interview.turn.path.affirmed) == []
    assert Interview(silent, context(known=KNOWN)).key == "2", "besides it there is one known thing"


def test_a_fact_that_must_be_asked_anew_is_not_even_shown() -> None:
    never = form(HOME.replace('label = "有房"', 'label = "有房"\nkeep = "never"'))
    interview = Interview(never, context(known=KNOWN))
    assert interview.key == "1"
    assert interview.asked.known is None


def test_only_the_one_value_may_be_kept() -> None:
    only = form(HOME.replace("min = 1", "keep_only = 1"))
    assert shown(Interview(only, context(known={**KNOWN, "rooms": 1}))) == {"1": 1, "2": 2, "3": 1}
    interview = Interview(only, context(known={**KNOWN, "rooms": 5}))
    assert shown(interview) == KNOWN_BY_KEY
    interview.say("1")
    assert interview.key == "3"
    assert interview.asked.known is None


LIKE = """
[[section]]
id = "plan"
name = "计划"
[[item]]
id = "1"
fact = "first_year"
section = "plan"
kind = "integer"
label = "头一年"
[[item]]
id = "2"
fact = "second_year"
section = "plan"
kind = "integer"
label = "第二年"
like = "first_year"
"""


def test_the_answer_before_is_proposed_for_its_like() -> None:
    interview = Interview(form(LIKE))
    interview.say("5")
    assert interview.asked.known is not None
    assert (interview.asked.known.value, interview.asked.known.source) == (5, "first_year")
    interview.tap("keep")
    assert interview.facts == {"first_year": 5, "second_year": 5}
    interview.answer("1", "6")
    assert interview.facts["second_year"] == 5, "what was answered stays"


def test_nothing_is_proposed_for_the_like_of_what_is_unknown_and_the_file_goes_first() -> None:
    interview = Interview(form(LIKE))
    interview.say("不清楚")
    assert interview.asked.known is None
    interview = Interview(form(LIKE), context(known={"second_year": 7}))
    interview.say("5")
    assert interview.asked.known is not None
    assert interview.asked.known.value == 7


def test_the_day_of_the_visit_is_filled_in_without_a_question_and_can_be_changed() -> None:
    dated = LIKE + '[[item]]\nid = "3"\nfact = "seen_on"\nsection = "plan"\nkind = "date"\nlabel = "日期"\n'
    interview = Interview(form(dated + 'default = "today"\n'))
    assert Interview(form(dated)).review({"1": "1", "2": "1", "3": TODAY}).turn.path.affirmed == ()
    interview.say("1", "1")
    assert interview.key == "review"
    assert list(interview.turn.path.affirmed) == ["3"]
    assert interview.facts["seen_on"] == TODAY
    interview.edit("3")
    interview.say("2020-04-09")
    assert interview.facts["seen_on"] == "2020-04-09"
    assert list(interview.turn.path.affirmed) == []


# ------------------------------------------------------------------------------------------- rows of a roster


def test_known_rows_are_kept_with_their_card_when_there_are_as_many() -> None:
    interview = Interview(form(CHILDREN), context(known={"child_count": 2, "child": TWO}))
    assert shown(interview) == {"1": 2, "2#1": "张大", "2#2": "张小"}
    interview.say("1")
    assert interview.key == "3#1", "what must be asked anew is asked"
    interview.say("10", "8")
    assert interview.facts["child"] == [{"name": "张大", "age": 10}, {"name": "张小", "age": 8}]


def test_with_another_number_of_rows_nobody_is_taken_for_somebody_else() -> None:
    interview = Interview(form(CHILDREN), context(known={"child_count": 2, "child": TWO}))
    interview.say("2", "3")
    assert interview.key == "2#1"
    assert list(interview.turn.path.kept) == []
    interview = Interview(form(CHILDREN), context(known={"child_count": 3, "child": TWO}))
    assert interview.key == "1", "without the rows one known thing is left"
    same = Interview(form(CHILDREN), context(known={"child": TWO}))
    same.say("2")
    assert shown(same) == {"2#1": "张大", "2#2": "张小"}


def test_a_kept_row_goes_when_the_number_changes_and_comes_back_with_it() -> None:
    interview = Interview(form(CHILDREN), context(known={"child_count": 2, "child": TWO}))
    interview.say("1", "10", "8")
    interview.answer("1", "1")
    assert list(interview.turn.path.kept) == []
    assert interview.key == "2#1"
    interview.answer("1", "2")
    assert list(interview.turn.path.kept) == ["2#1", "2#2"]
    assert interview.key == "review"


def test_stale_rows_are_asked_one_by_one() -> None:
    file = context(known={"child_count": 2, "child": TWO}, ways={"child": "ask", "child_count": "ask"})
    interview = Interview(form(CHILDREN), file)
    assert interview.key == "1"
    interview.tap("keep")
    assert interview.key == "2#1"
    assert interview.asked.known is not None
    assert interview.asked.known.value == "张大"


YEARS = """
[[section]]
id = "income"
name = "收入"
recall = true
[[item]]
id = "1"
fact = "wage_2018"
section = "income"
kind = "money"
label = "2018年工资"
[[item]]
id = "2"
fact = "wage_2019"
section = "income"
kind = "money"
label = "2019年工资"
like = "wage_2018"
"""


def test_what_was_kept_as_shown_stays_when_the_answer_it_was_shown_from_is_mended() -> None:
    interview = Interview(form(YEARS), context(known={"wage_2018": 30000.0}))
    assert shown(interview) == {"1": 30000.0, "2": 30000.0}
    interview.tap("pick", 1)
    assert interview.facts["wage_2019"] == 30000.0
    interview.edit("1")
    interview.say("12000")
    assert interview.facts == {"wage_2018": 12000.0, "wage_2019": 30000.0}


def test_an_answer_that_differs_from_a_hint_changes_nothing_that_was_known() -> None:
    for way, before in (("hint", []), ("ask", [(1, 2)])):
        interview = home({"house": 1}, ways={"house": way})
        interview.say("2")
        (answered,) = interview.happened(Answered)
        assert (answered.known is None) is (way == "hint")
        interview.review()
        assert [(known, value) for _, known, value in interview.reviewed.changed] == before
