"""One turn at a time: taps, typed replies, going back, editing, rosters, limits."""

from __future__ import annotations

import pytest

from bot.dialogs import answering
from bot.dialogs.effects import Answered, Asked, Choose, Doubted, Hidden, Ignored, Refused, Restored
from bot.dialogs.reply import Resume
from tests.dialogs.building import Interview, context, form, vocabulary, written

YES_NO = 'kind = "select_one"\noptions = "yes_no"'


def item(id: str, kind: str, more: str = "") -> str:
    """A minimal item in TOML; its fact is f and the id."""
    names = f'id = "{id}"\nno = "{id}"\nsection = "s"\nfact = "f{id}"\nkind = "{kind}"'
    return f'[[item]]\n{names}\nlabel = "题{id}"\ntext = "问{id}"\n{more}\n'


# ---------------------------------------------------------------- taps


def test_a_tap_on_an_old_keyboard_changes_nothing_and_shows_the_open_question_again() -> None:
    interview = Interview("jd").until("3")
    old = interview.session.revision
    interview.say("1", "2")
    before = interview.session
    interview.tap("pick", 2, key="3", revision=old)
    assert interview.happened(Ignored) == [Ignored("3", False)]
    assert interview.key == "5"
    assert interview.session == before


def test_a_double_tap_counts_once_and_says_nothing() -> None:
    interview = Interview("jd").until("3")
    revision = interview.session.revision
    interview.tap("pick", 1)
    assert interview.key == "4"
    after = interview.session
    interview.tap("pick", 1, key="3", revision=revision)
    assert interview.turn.effects == (Ignored("3", True),)
    assert interview.turn.changes == ()
    assert interview.session == after


def test_the_other_option_tapped_a_moment_later_is_said_to_be_too_late() -> None:
    interview = Interview("jd").until("3")
    revision = interview.session.revision
    interview.tap("pick", 1)
    interview.tap("pick", 2, key="3", revision=revision)
    assert interview.happened(Ignored) == [Ignored("3", False)]
    assert interview.key == "4"
    assert interview.session.answers["3"] == 1


def test_a_tap_after_a_typed_answer_is_an_old_tap() -> None:
    interview = Interview("jd").until("3")
    revision = interview.session.revision
    interview.say("是")
    interview.tap("pick", 2, key="3", revision=revision)
    assert interview.happened(Ignored)
    assert interview.session.answers["3"] == 1


def test_a_tap_with_a_code_the_question_does_not_have_is_refused() -> None:
    interview = Interview("jd").until("3")
    interview.tap("pick", 7)
    assert interview.why == "not_an_option"
    assert interview.key == "3"


@pytest.mark.parametrize("action", ["on", "off", "done"])
def test_a_toggle_on_a_question_without_toggles_is_an_old_button(action: str) -> None:
    interview = Interview("jd").until("h6")
    interview.tap(action, 1)
    assert interview.happened(Ignored)
    assert interview.key == "h6"
    assert interview.session.draft is None


def test_toggles_say_what_they_mean_so_a_repeated_one_changes_nothing() -> None:
    interview = Interview("jd").until("12-1", {"12": "1"})
    for _ in range(3):
        interview.tap("on", 4)
    assert interview.asked.draft == (4,)
    interview.tap("on", 2)
    assert interview.asked.draft == (2, 4), "in the order of the form"
    for _ in range(2):
        interview.tap("off", 4)
    assert interview.asked.draft == (2,)
    interview.tap("on", 99)
    assert interview.asked.draft == (2,)
    interview.tap("done")
    assert interview.session.answers["12-1"] == [2]
    assert interview.key == "12-2"


def test_ticks_bound_what_done_takes() -> None:
    interview = Interview("jd").until("12-1", {"12": "1"})
    interview.tap("done")
    assert interview.why == "too_few"
    few = written(item("1", "select_multiple", 'options = "industry"\nmax_choices = 2'))
    interview = Interview(few)
    for code in (1, 2, 3):
        interview.tap("on", code)
    interview.tap("done")
    assert interview.why == "too_many"
    assert interview.asked.draft == (1, 2, 3), "nothing that was ticked is lost"
    interview.tap("off", 2)
    interview.tap("done")
    assert interview.session.answers["1"] == [1, 3]


def test_none_of_them_stands_alone() -> None:
    interview = Interview("jd").until("10-1#1", {"10": "1"})
    interview.tap("on", 5)
    interview.tap("on", 0)
    assert interview.asked.draft == (0,)
    interview.tap("on", 7)
    assert interview.asked.draft == (7,)
    interview.say("5 0")
    assert interview.why == "excludes_others"
    interview.say("没有")
    assert interview.session.answers["10-1#1"] == [0]


def test_a_typed_reply_replaces_what_was_ticked() -> None:
    interview = Interview("jd").until("12-1", {"12": "1"})
    interview.tap("on", 4)
    interview.say("1 3")
    assert interview.session.answers["12-1"] == [1, 3]
    assert interview.session.draft is None


def test_an_earlier_choice_is_shown_ticked_when_it_is_asked_again() -> None:
    interview = Interview("jd").review({"12": "1", "12-1": "1 4"})
    interview.edit("12-1")
    assert interview.asked.draft == (1, 4)
    interview.tap("off", 1)
    interview.tap("done")
    assert interview.session.answers["12-1"] == [4]


def test_an_optional_choice_may_be_none_of_them() -> None:
    interview = Interview("jd").until("6-1")
    interview.say("没有")
    assert interview.session.answers["6-1"] == []
    interview.edit("6-1")
    interview.tap("done")
    assert interview.session.answers["6-1"] == []


# ---------------------------------------------------------------- what is accepted


def test_a_refused_reply_leaves_the_question_open_and_nothing_lost() -> None:
    interview = Interview("jd").until("h6")
    before = interview.session
    for reply, why in (
        ("", "empty"),
        ("很好", "not_a_number"),
        ("0", "out_of_range"),
        ("3到5", "not_exact"),
        ("2.5", "not_whole"),
    ):
        interview.say(reply)
        assert interview.why == why
        assert interview.key == "h6"
        assert interview.session == before
    interview.say("三口人")
    assert interview.session.answers["h6"] == 3


def test_figures_alone_are_nobodys_name() -> None:
    interview = Interview("jd").until("s1")
    interview.say("2")
    assert interview.why == "not_a_name"
    interview.say("王建新")
    assert interview.session.answers["s1"] == "王建新"


@pytest.mark.parametrize("id", ["cs", "gp", "jd", "nj", "sp"])
def test_a_telephone_number_is_no_number_of_people(id: str) -> None:
    """The register keeps the population in a column that takes no such number."""
    (item,) = [each for each in form(id).items if each.fact == "population"]
    assert answering.read(item, "13", context(), vocabulary()) == 13
    assert (item.min, item.max) == (1, 99)


def test_an_answer_that_must_be_given_is_not_skipped() -> None:
    interview = Interview("jd").until("x1")
    interview.say("不清楚")
    assert interview.why == "needs_answer"
    interview.tap("unknown")
    assert interview.why == "needs_answer"
    assert interview.key == "x1"


def test_not_known_is_an_answer_and_is_missing_unless_optional() -> None:
    interview = Interview("vc").review({"5": "不知道", "9": "跳过", "11": "没有", "12": "没有"})
    assert [step.key for step in interview.reviewed.missing] == ["5"]
    assert interview.facts["visit_respondent"] is None
    assert interview.facts["new_problem"] is None
    assert interview.facts["visit_attachment"] is None, "nothing to attach is no text"
    assert interview.facts["next_visit_on"] is None
    assert interview.reviewed.complete


def test_a_constraint_tells_its_own_sentence() -> None:
    interview = Interview("jd").until("15-1.b", {"15": "1", "15-1.a": "5万"})
    interview.say("50001")
    (refused,) = interview.happened(Refused)
    assert refused.rejection.reason == "constraint"
    assert refused.rejection.params["text"] == "贴息不会比贷款还多，请再看看这个数。"
    interview.say("50000")
    assert interview.key == "16"


def test_an_answer_that_breaks_a_constraint_later_is_asked_again_and_left_out_of_the_facts() -> None:
    interview = Interview("jd").review({"15": "1", "15-1.a": "50000", "15-1.b": "2000"})
    interview.answer("15-1.a", "1000")
    assert interview.key == "15-1.b"
    assert interview.asked.current == (2000,)
    assert "microloan_interest_subsidy" not in interview.facts
    interview.tap("keep")
    assert interview.why == "constraint", "what no longer holds cannot be kept"
    interview.say("不改")
    assert interview.why == "constraint"
    interview.submit()
    assert interview.why == "not_complete"
    interview.answer("15-1.a", "50000")
    assert interview.key == "review"
    assert interview.facts["microloan_interest_subsidy"] == 2000


def test_a_day_is_bounded_by_the_day_that_is_passed_in() -> None:
    for today, why in (("2020-04-10", None), ("2020-04-09", "in_future")):
        interview = Interview("jd", context(today=today)).until("s6", {"s6": "x"})
        interview.say("2020-04-10")
        assert bool(interview.happened(Refused)) is (why is not None)
        if why is not None:
            assert interview.why == why
    for now, refused in (("2020-04-10T09:30", False), ("2020-04-10T09:29", True)):
        interview = Interview("vc", context(now=now)).until("2")
        interview.say("2020-04-10 9:30")
        assert bool(interview.happened(Refused)) is refused


def test_a_value_outside_of_soft_limits_may_be_confirmed() -> None:
    interview = Interview("jd").until("h6.range", {"h6": "21"})
    assert isinstance(interview.open, Doubted)
    interview.say("1")
    assert interview.key == "x2"
    interview.answer("h6", "20")
    assert interview.key == "x2"


def test_text_keeps_only_signs_that_can_be_written_down() -> None:
    interview = Interview("jd").until("h1")
    interview.say(" 插旗\x00镇\u200b ")
    assert interview.session.answers["h1"] == "插旗 镇"
    interview.say("\x00\u200b")
    assert interview.why == "empty"
    interview.say("字" * 2001)
    assert interview.why == "too_long"


def test_what_the_file_knows_is_offered_and_kept_with_one_word() -> None:
    interview = Interview("jd", context(known={"population": 4, "town": "插旗镇"}))
    assert interview.key == "h2", "a silent fact is not asked"
    assert interview.facts["town"] == "插旗镇"
    interview.until("h6")
    assert interview.asked.known is not None
    assert interview.asked.known.value == 4
    interview.say("沿用")
    assert interview.session.answers["h6"] == 4
    assert interview.key == "x2"
    interview.edit("h6")
    interview.say("5")
    interview.review({"1.b": "4800"})
    assert [(step.key, before, now) for step, before, now in interview.reviewed.changed] == [("h6", 4, 5)]


def test_what_the_file_knows_is_judged_like_any_answer() -> None:
    interview = Interview("jd", context(known={"population": 0})).until("h6")
    interview.tap("keep")
    assert interview.why == "out_of_range"
    assert interview.key == "h6"


def test_a_fact_of_the_file_does_not_leak_through_a_question_that_does_not_apply() -> None:
    given = context(known={"exit_year": 2018, "reg_status": 1})
    interview = Interview("jd", given).review()
    assert "h7" not in interview.steps()
    assert "exit_year" not in interview.facts


# ---------------------------------------------------------------- back and edit


def test_back_goes_any_number_of_steps() -> None:
    interview = Interview("jd").until("4")
    for steps, key in ((1, "3"), (2, "2"), (5, "1-2")):
        interview.do(Resume())
        interview.back(steps)
        assert interview.key == key
        assert interview.asked.current is not None
        interview.say("不改")
        assert interview.key == "4", "after the change it goes on where it stood"
    interview.back(10**9)
    assert interview.key == "h1"
    interview.back()
    assert interview.why == "at_start"
    assert interview.key == "h1"


def test_back_again_and_again_reaches_the_first_question() -> None:
    interview = Interview("jd").review({"4": "1", "4.n": "2", "10": "1"})
    asked = interview.steps()
    seen = []
    while not (interview.turn.effects and isinstance(interview.turn.effects[0], Refused)):
        if isinstance(interview.open, Asked):
            seen.append(interview.key)
        interview.back()
    assert seen == asked[::-1]
    assert interview.why == "at_start"


def test_back_from_the_very_first_question_is_refused_kindly() -> None:
    interview = Interview("vc")
    interview.back()
    assert interview.why == "at_start"
    assert interview.key == "1"


def test_back_from_a_doubt_asks_the_answer_before_it() -> None:
    interview = Interview("jd").until("XC-2", {"11": "2"})
    interview.back()
    assert interview.key == "11"


def test_nothing_is_lost_by_going_back() -> None:
    interview = Interview("jd").until("5")
    before = interview.session.answers
    interview.back(7)
    assert interview.session.answers == before
    interview.do(Resume())
    assert interview.key == "1-1.b"


def test_edit_takes_the_printed_number_the_id_the_key_or_a_part_of_the_wording() -> None:
    interview = Interview("jd").review({"4": "1", "4.n": "2", "10": "1"})
    for what, key in (
        ("9", "9"), ("1-4", "1-4"), ("４", "4"), ("1.a", "1.a"), ("4-1.a#2", "4-1.a#2"),
        ("送教上门视同", None), ("脱贫年度", "h7"), (" 1-1 . A ", "1-1.a"), ("4.N", "4.n"),
    ):  # fmt: skip
        interview.edit(what)
        if key is None:
            (choose,) = interview.happened(Choose)
            assert [step.key for step in choose.steps] == ["4-1.a#1", "4-1.a#2"]
        else:
            assert interview.key == key
        interview.say("不改")


def test_several_questions_under_one_number_are_offered_for_choice() -> None:
    interview = Interview("jd").until("2")
    interview.edit("1")
    (choose,) = interview.happened(Choose)
    assert [step.key for step in choose.steps] == ["1.a", "1.b"]
    assert interview.key == "2", "the open question stays open"
    interview.edit("1.b")
    assert interview.key == "1.b"


def test_an_edit_of_nothing_known_says_so() -> None:
    interview = Interview("jd").until("5")
    for what, why in (
        ("99", "no_such_item"),
        ("", "no_such_item"),
        ("  ", "no_such_item"),
        ("4-1.a", "not_asked"),
        ("8-1", "not_asked"),
    ):
        interview.edit(what)
        assert interview.why == why
        assert interview.key == "5"
    for what, near in (("1-9", "1-1"), ("8-7", "8-1"), ("收入情况", ""), ("9" * 5000, "9")):
        interview.edit(what)
        (refused,) = interview.happened(Refused)
        assert refused.rejection.params["near"] == near


def test_an_edit_that_closes_a_branch_hides_its_answers_and_they_come_back() -> None:
    interview = Interview("jd").review({"4": "1", "4.n": "2", "10": "1"})
    facts = dict(interview.facts)
    interview.answer("4", "2")
    (hidden,) = interview.happened(Hidden)
    assert set(hidden.keys) == {
        key for key in interview.session.answers if key.startswith(("4.n", "4-", "child"))
    }
    assert not {"child", "children_in_school", "school_age_child_count"} & set(interview.facts)
    assert interview.key == "review"
    interview.answer("4", "1")
    (restored,) = interview.happened(Restored)
    assert set(restored.keys) == set(hidden.keys)
    assert interview.key == "review", "nothing has to be said again"
    assert dict(interview.facts) == facts


def test_an_answer_that_brings_others_back_says_so_even_when_it_is_new() -> None:
    form = written(
        item("1", "select_one", 'options = "yes_no"')
        + item("2", "select_one", 'options = "yes_no"\nask_if = "f1 == 2"')
        + item("3", "text", 'ask_if = "f1 == 1 or f2 == 1"')
    )
    interview = Interview(form)
    interview.say("1", "话")
    interview.answer("1", "2")
    assert interview.happened(Hidden) == [Hidden(("3",))]
    assert interview.key == "2"
    interview.say("1")
    assert interview.happened(Restored) == [Restored(("3",))]
    assert interview.facts["f3"] == "话"


def test_the_change_says_what_stood_there_before() -> None:
    interview = Interview("jd").until("4")
    turn = interview.answer("3", "2")
    (change,) = turn.changes
    assert (change.key, change.before, change.after, change.was_there) == ("3", 1, 2, True)
    assert interview.happened(Answered)[0].before == 1


# ---------------------------------------------------------------- rosters


def test_every_person_of_a_roster_is_asked_in_turn() -> None:
    interview = Interview("jd").until("4.n", {"4": "1"})
    interview.say("2")
    asked = []
    for reply in ("小明", "1", "插旗小学", "2", "小红", "2", "3"):
        asked.append((interview.key, interview.asked.who))
        interview.say(reply)
    assert asked == [
        ("child.name#1", None), ("4-1.a#1", "小明"), ("4-1.b#1", "小明"), ("4-1.x#1", "小明"),
        ("child.name#2", None), ("4-1.a#2", "小红"), ("4-2#2", "小红"),
    ]  # fmt: skip
    assert interview.key == "5"
    assert interview.facts["child"] == [
        {"name": "小明", "in_school": 1, "school": "插旗小学", "home_teaching": 2},
        {"name": "小红", "in_school": 2, "not_in_school_reason": 3},
    ]
    assert interview.facts["children_in_school"] == 2
    assert interview.facts["main_not_in_school_reason"] == 3


def test_more_rows_fewer_rows_and_back_again_lose_nothing() -> None:
    interview = Interview("jd").review({"4": "1", "4.n": "2", "10": "1", "child.name#2": "小红"})
    interview.answer("4.n", "3")
    assert interview.key == "child.name#3", "only the new row is asked"
    interview.review()
    assert len(interview.facts["child"]) == 3
    interview.answer("4.n", "1")
    assert len(interview.facts["child"]) == 1
    assert interview.key == "review"
    (hidden,) = interview.happened(Hidden)
    assert {key.partition("#")[2] for key in hidden.keys} == {"2", "3"}
    interview.answer("4.n", "2")
    assert [row["name"] for row in interview.facts["child"]] == ["王五", "小红"]
    assert interview.key == "review"


def test_an_unknown_number_of_rows_opens_none() -> None:
    interview = Interview("jd").until("4.n", {"4": "1"})
    interview.say("不清楚")
    assert interview.key == "5"
    assert "child" not in interview.facts


def test_a_slip_in_the_number_of_rows_is_doubted_and_never_opens_thousands() -> None:
    interview = Interview("jd").until("4.n", {"4": "1"})
    interview.say("100000")
    assert interview.key == "4.n.range"
    assert len(interview.steps()) < 500
    interview.say("2")
    assert interview.key == "4.n"


# ---------------------------------------------------------------- the end


def test_what_is_said_at_the_review_is_no_answer() -> None:
    interview = Interview("jd").review()
    interview.say("好的")
    assert interview.why == "at_review"
    assert interview.key == "review"


def test_handing_in_too_early_is_refused_with_what_is_left() -> None:
    interview = Interview("jd").until("5")
    interview.submit()
    assert interview.why == "not_complete"
    (refused,) = interview.happened(Refused)
    assert refused.rejection.params["left"] == interview.turn.path.total - interview.turn.path.answered
    assert interview.key == "5"


def test_required_answers_that_are_missing_hold_the_form_back() -> None:
    # A required question refuses "not known", so only what the file does not know can be missing.
    interview = Interview("jd", context(known={"survey_method": None})).until("x1")
    interview.tap("keep")
    interview.review()
    assert [step.key for step in interview.reviewed.required] == ["x1"]
    assert not interview.reviewed.complete
    interview.submit()
    assert interview.why == "not_ready"
    assert interview.key == "review"
    interview.answer("x1", "1")
    interview.submit()
    assert interview.key == "finished"


def test_handed_in_answers_are_those_of_the_paper() -> None:
    told = {"4": "1", "4.n": "2", "4-1.a#2": "2", "4-2": "3", "10": "1", "9": "2", "9-1.x": "40", "19": "1"}
    interview = Interview("jd", context(known={"town": "插旗镇"})).review({**told, "19-1": "1 6"})
    interview.submit()
    (finished,) = interview.turn.effects
    answers = finished.answers
    assert answers["h1"] == "插旗镇"
    assert answers["4-1.a"] == 2, "one child out of school decides the box of the household"
    assert answers["4-1.a#1"] == 1
    assert answers["4-2"] == 3
    assert answers["9-1.a"] == 2
    assert answers["19-1"] == [1, 6]
    assert "8-1" not in answers
    assert finished.facts["industry_projects"] == [1, 6]
    assert "today" not in finished.facts
    assert not [name for name in finished.facts if name.startswith("param_")]
