"""Answers typed from paper by number: what is recognised, taken, refused and left out."""

from __future__ import annotations

import json

import pytest

from bot.dialogs.effects import Answered, Asked, Doubted, Hidden, Noted, Refused, Restored, TakenFromPaper
from bot.dialogs.engine import Turn
from bot.dialogs.paper_answers import apply
from bot.dialogs.paper_pairs import read_pairs
from bot.render.messages import Messages
from bot.services.paper_words import from_paper
from tests.dialogs.building import Interview, context, form, id_number, vocabulary, written


def typed(interview: Interview, text: str) -> Turn:
    """A message that must be paper answers, applied; the interview stands where it left off."""
    turn = apply(interview.form, interview.session, text, interview.context, vocabulary())
    assert turn is not None, text
    interview.turn = turn
    interview.saved = json.dumps(turn.session.to_json())
    return turn


def told(turn: Turn) -> TakenFromPaper:
    """What the turn says of the message; it always comes first."""
    first = turn.effects[0]
    assert isinstance(first, TakenFromPaper)
    return first


def taken(turn: Turn) -> dict[str, object]:
    return {each.step.key: each.value for each in told(turn).taken}


def refused(turn: Turn) -> dict[str, str]:
    return {each.said: each.rejection.reason for each in told(turn).refused}


def left_out(turn: Turn) -> dict[str, str | None]:
    return {each.said: each.waits_for and each.waits_for.id for each in told(turn).left_out}


# ------------------------------------------------------------------------------- what is recognised


@pytest.mark.parametrize(
    "text",
    [
        "2=1 3=2 h4=王建新",
        "2＝1，3＝2，h4＝王建新",
        "2 = 1\n3 = 2\nh4 = 王建新",
        "2=1;3=2；h4=王建新",
        "2=1、3=2、h4=王建新",
        "2：1 3：2 h4：王建新",
        "2:1, 3:2, h4:王建新",
        "  2=是 3=否 H4=王建新  ",
        "２＝１ ３＝２ ｈ４＝王建新",
    ],
)
def test_numbers_and_answers_may_be_set_apart_in_any_usual_way(text: str) -> None:
    interview = Interview("jd").until("2")
    assert taken(typed(interview, text)) == {"2": 1, "3": 2, "h4": "王建新"}


@pytest.mark.parametrize(
    "text", ["1", "是", "", "改 4-1", "王=五", "77=1", "a=1 2=1", "今天 2=1", "1200元", "=1", "4-1.a"]
)
def test_a_message_that_does_not_begin_with_a_number_of_the_form_is_an_ordinary_answer(text: str) -> None:
    interview = Interview("jd").until("2")
    assert apply(interview.form, interview.session, text, interview.context, vocabulary()) is None


def test_a_clock_or_a_list_with_colons_stays_the_answer_to_an_open_question_that_takes_words() -> None:
    interview = Interview("jd")
    assert interview.key == "h1"
    for text in ("4:30", "1：修路。2：修渠", "10：00"):
        assert apply(interview.form, interview.session, text, interview.context, vocabulary()) is None
    assert taken(typed(interview, "1=30000")) == {"1.a": 30000}


def test_an_option_behind_its_code_and_a_colon_stays_an_answer() -> None:
    interview = Interview("jd").until("6")
    text = "1:安全（A级或B级）"
    assert apply(interview.form, interview.session, text, interview.context, vocabulary()) is None
    interview.say(text)
    assert interview.session.answers["6"] == 1


def test_a_wrong_number_in_front_does_not_spoil_the_rest() -> None:
    turn = typed(Interview("jd").until("2"), "77=1 2=1 3=2")
    assert taken(turn) == {"2": 1, "3": 2}
    assert refused(turn) == {"77": "no_such_item"}


def test_an_answer_goes_on_up_to_the_next_number() -> None:
    pairs = read_pairs(
        form("jd"), "h4=欧阳 小明 s3=全家外出。12-3#2=1 3，s4=县 局，99=x s5=赵 六。", vocabulary()
    )
    assert [(pair.said, pair.answer) for pair in pairs] == [
        ("h4", "欧阳 小明"),
        ("s3", "全家外出"),
        ("12-3#2", "1 3"),
        ("s4", "县 局"),
        ("99", "x"),
        ("s5", "赵 六。"),
    ]


def test_a_number_in_words_is_typed_as_it_is_printed() -> None:
    assert [pair.said for pair in read_pairs(form("gs"), "一3=4 一4=2018", vocabulary())] == ["一3", "一4"]


# ----------------------------------------------------------------------------- which blank is meant


def test_several_blanks_under_one_number_are_filled_in_the_order_of_the_form() -> None:
    interview = Interview("jd")
    turn = typed(interview, "1=30000 1=8000 1-1=20000 1-1=10000 7=1 7-1=1 7-1=2 7-1=1 7-1=2")
    assert taken(turn) == {
        "1.a": 30000, "1.b": 8000, "1-1.a": 20000, "1-1.b": 10000,
        "7": 1, "7-1.a": 1, "7-1.b": 2, "7-1.c": 1, "7-1.d": 2,
    }  # fmt: skip
    assert refused(turn) == left_out(turn) == {}


def test_the_box_of_a_figure_that_is_worked_out_keeps_its_place() -> None:
    turn = typed(Interview("jd"), "9=2 9-1=1 9-1=1 9-1=2 9-1.x=20")
    assert taken(turn) == {"9": 2, "9-1.b": 1, "9-1.c": 2, "9-1.x": 20}
    assert left_out(turn) == {"9-1": None}


def test_rows_are_named_by_number_or_filled_one_after_the_other() -> None:
    children = {"4": 1, "4.n": 2, "4-1.a#1": 1, "4-1.a#2": 2, "4-2#2": 3}
    assert taken(typed(Interview("jd"), "4=1 4.n=2 4-1.a#1=1 4-1.a#2=2 4-2#2=3")) == children
    assert taken(typed(Interview("jd"), "4=1 4.n=2 4-1.a=1 4-1.a=2 4-2=3")) == children
    by_number = typed(Interview("jd"), "4=1 4.n=1 4-1=1 4-1=县一小 child.name#1=小明")
    assert taken(by_number) == {"4": 1, "4.n": 1, "4-1.a#1": 1, "4-1.b#1": "县一小", "child.name#1": "小明"}


def test_the_later_of_two_answers_to_one_blank_stands() -> None:
    interview = Interview("jd")
    assert taken(typed(interview, "2=1 2=2")) == {"2": 2}
    assert interview.session.answers["2"] == 2


def test_the_order_in_the_message_does_not_matter() -> None:
    turn = typed(Interview("jd"), "15-1.b=2000 15-1.a=50000 4-2#1=3 4-1.a#1=2 4.n=1 4=1 15=1")
    assert refused(turn) == left_out(turn) == {}
    assert taken(turn)["4-2#1"] == 3
    assert taken(turn)["15-1.b"] == 2000


# --------------------------------------------------------------------- what is taken and what is not


def test_a_refused_answer_changes_nothing_and_the_others_stand() -> None:
    interview = Interview("jd")
    turn = typed(interview, "2=1 3=9 15=1 15-1.a=100 15-1.b=200 s6=2020-05-01 99=1 20=1")
    assert taken(turn) == {"2": 1, "15": 1, "15-1.a": 100, "20": 1}
    assert refused(turn) == {
        "3": "not_an_option", "15-1.b": "constraint", "s6": "in_future", "99": "no_such_item"
    }  # fmt: skip
    assert set(interview.session.answers) == {"2", "15", "15-1.a", "20"}
    assert interview.key == "h1"


def test_a_refused_change_leaves_the_earlier_answer() -> None:
    interview = Interview("jd").until("4")
    before = interview.session
    turn = typed(interview, "2=7")
    assert refused(turn) == {"2": "not_an_option"}
    assert turn.session == before
    assert turn.changes == ()
    assert interview.key == "4"


def test_what_does_not_apply_is_left_out() -> None:
    interview = Interview("jd")
    turn = typed(interview, "4=2 4-1.a#1=1 15=2 15-1.a=5000 8=1 8-1=1 8-2=1")
    assert left_out(turn) == {"4-1.a#1": None, "15-1.a": None, "8-1": None}
    assert set(interview.session.answers) == {"4", "15", "8", "8-2"}


def test_what_waits_for_another_answer_says_for_which() -> None:
    turn = typed(Interview("jd"), "4=1 4-1.a#1=1 11-1=1 8-4=1 2=1")
    assert left_out(turn) == {"4-1.a#1": "4.n", "11-1": "11", "8-4": "8"}


def test_a_warning_is_asked_about_afterwards_in_the_normal_way() -> None:
    interview = Interview("jd").until("11")
    turn = typed(interview, "11=2")
    assert taken(turn) == {"11": 2}
    assert isinstance(turn.effects[-1], Doubted)
    assert interview.key == "XC-2"
    interview.say("1")
    assert interview.key == "12"


def test_a_contradiction_does_not_hold_back_the_rest() -> None:
    interview = Interview("jd").until("XC-1", {"4": "1", "4-1.a": "1", "10": "2"})
    turn = typed(interview, "20=1 19=2")
    assert taken(turn) == {"20": 1, "19": 2}
    assert interview.key == "XC-1"


def test_what_a_message_puts_away_and_brings_back_is_told_once() -> None:
    interview = Interview("jd").review({"15": "1", "15-1.a": "50000", "15-1.b": "2000"})
    turn = typed(interview, "15=2")
    assert [each for each in turn.effects if isinstance(each, Hidden)] == [Hidden(("15-1.a", "15-1.b"))]
    turn = typed(interview, "15=1 2=1")
    assert [each for each in turn.effects if isinstance(each, Restored)] == [Restored(("15-1.a", "15-1.b"))]
    assert not [each for each in typed(interview, "15=2 15=1").effects if isinstance(each, Hidden | Restored)]


def test_a_remark_that_begins_to_hold_is_noted_once() -> None:
    interview = Interview("jd").review({"9": "2"})
    turn = typed(interview, "9-1.x=20 20=1")
    assert [each.check.id for each in turn.effects if isinstance(each, Noted)] == ["XD-9-1"]


def test_every_answer_is_logged_with_what_stood_before() -> None:
    interview = Interview("jd").until("4")
    turn = typed(interview, "2=2 4=2")
    assert [(c.key, c.before, c.after, c.was_there) for c in turn.changes] == [
        ("2", 1, 2, True),
        ("4", None, 2, False),
    ]


def test_a_kept_answer_of_the_file_can_be_typed_over() -> None:
    interview = Interview("jd", context(known={"town": "插旗镇", "head_name": "张三"}))
    turn = typed(interview, "h4=李四")
    assert taken(turn) == {"h4": "李四"}
    assert turn.path.results()["head_name"] == "李四"
    assert turn.path.results()["town"] == "插旗镇"


def test_a_question_that_was_being_changed_gives_way_to_the_message() -> None:
    interview = Interview("jd").review()
    interview.edit("20")
    typed(interview, "2=2")
    assert interview.key == "review"


def test_a_whole_paper_in_one_message_reaches_the_review_as_the_chat_does() -> None:
    chat = Interview("jd").review()
    values = " ".join(
        f"{key}={'、'.join(map(str, value)) or '没有' if isinstance(value, list) else value}"
        for key, value in chat.session.answers.items()
    )
    paper = Interview("jd")
    turn = typed(paper, values)
    assert refused(turn) == left_out(turn) == {}
    assert not isinstance(paper.open, Asked)
    paper.review()
    assert paper.session.answers == chat.session.answers
    assert paper.facts == chat.facts


def test_a_long_form_goes_back_to_where_it_stood() -> None:
    interview = Interview("gp")
    before = interview.key
    item = next(i for i in interview.form.items if i.kind == "select_one" and not i.repeat and not i.ask_if)
    turn = typed(interview, f"{item.id}={item.options[0].code}")
    assert taken(turn) == {item.id: item.options[0].code}
    assert interview.key == before


def test_every_kind_of_answer_can_be_typed() -> None:
    kinds = {
        "integer": "12", "money": "1.5万", "decimal": "2.5", "percent": "30", "text": "两 句话",
        "date": "2020-04-01", "datetime": "2020-04-01 10:30", "month": "2020-03", "year": "2018",
        "phone": "13800000000", "person": "王五", "signature": "王五",
        "id_number": id_number("43062319700101123"),
    }  # fmt: skip
    items = "".join(
        f'[[item]]\nid = "{at}"\nno = "{at}"\nsection = "s"\nfact = "f{at}"\nkind = "{kind}"\n'
        f'label = "L{at}"\ntext = "L{at}"\n'
        for at, kind in enumerate(kinds, 1)
    )
    interview = Interview(written(items))
    turn = typed(interview, " ".join(f"{at}={answer}" for at, answer in enumerate(kinds.values(), 1)))
    assert refused(turn) == left_out(turn) == {}
    assert len(taken(turn)) == len(kinds)
    assert interview.key == "review"


# ------------------------------------------------------------------------------------- what is said


def test_the_message_says_what_was_taken_refused_and_left_out() -> None:
    interview = Interview("jd")
    number = id_number("43062319700101123")
    turn = typed(interview, f"2=1 1=30000 h5={number} 3=9 98=1 4=2 4-1.a#1=1 9=2 9-1=1 11-1=2")
    said = from_paper(told(turn), interview.form, Messages(), lambda step, why: why.reason)
    assert number not in said
    assert said.splitlines() == [
        f"📝 收下 5 个：2 是；1.a 30000元；h5 尾号 {number[-2:]}；4 否；9 井水",
        "",
        "没收下，别的不受影响：",
        "· 3：not_an_option",
        "· 98：这张表上没有这个题号",
        "",
        "没有记：",
        "· 4-1.a#1：按前面的答案，不用填",
        "· 9-1：由户帮算出，不用录",
        "· 11-1：先填 11，才知道用不用填",
    ]


def test_a_message_of_which_nothing_was_taken_says_so() -> None:
    interview = Interview("jd").until("2")
    said = from_paper(told(typed(interview, "2=5")), interview.form, Messages(), lambda step, why: why.reason)
    assert said.startswith("📝 这条里的答案一个都没收下。")
    assert isinstance(interview.open, Asked)
    assert not interview.happened(Refused)
    assert not interview.happened(Answered)
