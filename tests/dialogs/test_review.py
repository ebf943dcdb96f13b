"""The review before handing in, and how turns read in the chat."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Asked, Choose, Doubted, Refused, Reviewed
from bot.dialogs.rejection import Rejected
from bot.render.messages import Messages
from bot.services.keyboards import to_mend
from bot.services.presenting import Presenter
from tests.dialogs.building import Interview, context, id_number

MESSAGES = Messages()
TROUBLED = {
    "1.a": "40000", "4": "1", "4.n": "1", "4-1.a": "1", "8": "不清楚", "10": "2", "20": "4", "x2": "2",
    "13": "1", "13-1.a": "2", "2": "不知道",
}  # fmt: skip


def presented(interview: Interview) -> tuple[str, list[tuple[str, str]]]:
    """Text of the last turn and its buttons as (label, data)."""
    message = Presenter(MESSAGES, interview.form, 7).message(interview.turn)
    return message.text, [(button.label, button.data) for row in message.buttons for button in row]


def test_the_review_lists_what_is_missing_blocked_warned_noted_and_changed() -> None:
    review = Interview("jd", context(known={"population": 5})).review({**TROUBLED, "h6": "3"}).reviewed
    assert [step.key for step in review.missing] == ["2", "8"]
    assert review.required == ()
    assert [check.id for check in review.blocked] == ["XC-1"]
    assert {check.id for check in review.warned} == {"XC-3", "XC-4", "XC-17"}
    assert [check.id for check in review.noted] == ["XC-12"]
    assert [(step.key, before, now) for step, before, now in review.changed] == [("h6", 5, 3)]
    assert not review.complete


def test_the_review_is_said_with_a_way_to_everything_that_hinders() -> None:
    interview = Interview("jd").review(TROUBLED)
    text, buttons = presented(interview)
    for part in (
        "第4题说有孩子在上学",
        "是否享受过危房改造政策",
        "四项收入加起来",
        "残疾证",
    ):
        assert part in text
    data = [data for _, data in buttons]
    at = f"7:{interview.session.revision}"
    assert data == [f"e:{at}:4-1.a#1", f"e:{at}:10", f"e:{at}:2", f"e:{at}:8", f"b:{at}"]
    assert not any(each.startswith("s:") for each in data), "nothing to hand in with while a block holds"
    interview.answer("10", "1")
    interview.review()
    assert f"s:7:{interview.session.revision}" in [data for _, data in presented(interview)[1]]


def test_an_interview_without_a_flaw_may_be_handed_in_at_once() -> None:
    interview = Interview("jd").review()
    assert interview.reviewed == Reviewed((), (), (), (), (), (), interview.session.revision)
    text, buttons = presented(interview)
    assert "都齐了" in text
    at = f"7:{interview.session.revision}"
    assert [data for _, data in buttons] == [f"s:{at}", f"b:{at}"]


def test_the_review_offers_only_so_many_questions_and_required_ones_first() -> None:
    interview = Interview("jd").review(
        {f"1-{n}": "不清楚" for n in range(1, 5)} | {"1.a": "不清楚", "2": "不清楚"}
    )
    steps = to_mend(interview.reviewed, interview.turn.path)
    assert len(steps) <= 6


def test_changing_an_answer_at_the_review_leads_back_to_the_review() -> None:
    interview = Interview("jd").review()
    interview.edit("9")
    interview.say("1")
    assert interview.key == "review"


def test_a_question_is_put_with_its_number_hint_options_and_place() -> None:
    text, buttons = presented(Interview("jd").until("9"))
    assert "【9】家里平常喝的是什么水？" in text
    assert "井水" not in text, "what stands on the buttons is not said twice"
    assert [label for label, _ in buttons] == ["1 自来水", "2 井水", "3 山泉水", "4 其他", "不清楚", "上一题"]
    assert buttons[1][1].startswith("i:7:")
    assert buttons[1][1].endswith(":9:p2")


def test_ticks_show_on_the_buttons() -> None:
    interview = Interview("jd").until("12-1", {"12": "1"})
    interview.tap("on", 4)
    _, buttons = presented(interview)
    assert ("☑ 在公益岗位工作过", f"i:7:{interview.session.revision}:12-1:-4") in buttons
    assert ("☐ 交通补贴", f"i:7:{interview.session.revision}:12-1:+6") in buttons
    assert buttons[-3][0] == "选好了"


def test_a_doubt_offers_to_accept_or_to_change_each_answer() -> None:
    interview = Interview("jd").until(
        "XC-1", {"4": "1", "4.n": "1", "4-1.a": "1", "10": "2", "child.name": "小明"}
    )
    text, buttons = presented(interview)
    assert "对不上" in text
    assert [data.rpartition(":")[2] for _, data in buttons] == ["p1", "p2", "p3"]
    assert "小明" in buttons[2][0]


def test_a_soft_limit_says_its_figures_also_inside_a_roster() -> None:
    interview = Interview("jd").until("12-3.c.range", {"12-2": "1", "12-3.x": "1", "12-3.c": "60000"})
    text, _ = presented(interview)
    assert "60000元" in text
    assert "50000" in text
    interview = Interview("jd").until("h7.range", {"h7": "2020"})
    text, _ = presented(interview)
    assert "2020" in text
    assert "2,020" not in text


def test_a_refusal_says_what_was_wrong_and_what_is_accepted() -> None:
    interview = Interview("jd").until("h7")
    interview.say("2013")
    text, _ = presented(interview)
    assert "不能小于 2014" in text
    assert "四位年份（不小于 2014）" in text
    interview = Interview("jd").until("9")
    interview.say("海水")
    text, buttons = presented(interview)
    assert "没有“海水”这个选项" in text
    assert "3 山泉水" in [label for label, _ in buttons]


def test_a_refusal_about_the_conversation_does_not_explain_the_question() -> None:
    interview = Interview("jd")
    interview.back()
    text, _ = presented(interview)
    assert text.startswith("已经是第一题了，前面没有了。")
    assert "请打" not in text


@pytest.mark.parametrize(
    "kind", sorted({item.kind for id in ("jd", "cs", "vc") for item in Interview(id).form.items})
)
def test_every_kind_of_question_says_what_it_accepts(kind: str) -> None:
    for id in ("jd", "cs", "vc"):
        form = Interview(id).form
        for item in form.items:
            if item.kind == kind and kind != "calculate":
                assert Presenter(MESSAGES, form, 1).accepts(item)


REFUSALS = [
    Rejected("empty"), Rejected("too_long", {"limit": 40}), Rejected("needs_answer"),
    Rejected("constraint", {"text": "不会比贷款还多"}), Rejected("no_such_choice", {"last": 3}),
    Rejected("no_such_item", {"what": "99", "near": "9"}), Rejected("not_asked", {"what": "8-1"}),
    Rejected("at_start"), Rejected("at_review"), Rejected("not_complete", {"left": 12}),
    Rejected("not_ready", {"blocked": 1, "required": 2}), Rejected("not_a_number"), Rejected("not_exact"),
    Rejected("not_whole"), Rejected("wrong_unit", {"said": "斤", "unit": "元"}),
    Rejected("out_of_range", {"low": 1, "high": None, "unit": "人"}),
    Rejected("amount_suspicious", {"value": 50000, "unit": "元"}),
    Rejected("in_future", {"latest": "2020-04-10"}),
    Rejected("not_an_option", {"options": [[1, "是"], [2, "否"]], "said": "也许"}),
    Rejected("ambiguous", {"candidates": [[1, "县内"], [2, "省内县外"]]}),
    Rejected("ambiguous", {"candidates": [3, 5]}), Rejected("too_many", {"maximum": 3, "chosen": 4}),
    Rejected("too_few", {"minimum": 1, "chosen": 0}),
    Rejected("excludes_others", {"label": "均未享受", "code": 0}),
    Rejected("id_length", {"length": 17, "expected": 18}), Rejected("phone_length", {"length": 10}),
]  # fmt: skip


@pytest.mark.parametrize("rejection", REFUSALS, ids=lambda rejection: rejection.reason)
def test_every_refusal_has_its_sentence(rejection: Rejected) -> None:
    interview = Interview("jd").until("9")
    step = interview.asked.step
    text = Presenter(MESSAGES, interview.form, 1).refused(step, rejection)
    assert text
    assert "None" not in text
    assert "{" not in text
    for value in rejection.params.values():
        if isinstance(value, str):
            assert value in text


def test_a_choice_of_questions_has_a_button_for_each_above_the_open_one() -> None:
    interview = Interview("jd").until("5", {"4": "1", "4.n": "2"})
    interview.edit("4-1")
    assert interview.happened(Choose)
    text, buttons = presented(interview)
    assert "4-1.a#2" in text
    assert f"e:7:{interview.session.revision}:4-1.a#2" in [data for _, data in buttons]
    assert buttons[-1][1] == f"b:7:{interview.session.revision}"
    assert isinstance(interview.open, Asked)


def test_buttons_stay_within_what_a_message_can_carry() -> None:
    long = {"10": "1", "10.n": "1", "10.a": "答应办的事" * 300}
    interview = Interview("vc").until("VC-2", {**long, "10.b": "2020-04-01"})
    message = Presenter(MESSAGES, interview.form, 12345678901).message(interview.turn)
    assert isinstance(interview.open, Doubted)
    for row in message.buttons:
        for button in row:
            assert len(button.data.encode()) <= 64
            assert len(button.label) <= 60


def test_a_silent_double_tap_makes_no_message() -> None:
    interview = Interview("jd").until("3")
    revision = interview.session.revision
    interview.tap("pick", 1)
    interview.tap("pick", 1, key="3", revision=revision)
    assert presented(interview) == ("", [])


def test_an_identity_number_is_never_shown_whole() -> None:
    interview = Interview("jd").until("h5")
    number = id_number("43062319700101123")
    interview.say(number)
    text, _ = presented(interview)
    assert number not in text
    interview.edit("h5")
    text, _ = presented(interview)
    assert number not in text
    interview.say(number[:-1])
    assert isinstance(interview.turn.effects[0], Refused)
    text, _ = presented(interview)
    assert number[:-1] not in text
