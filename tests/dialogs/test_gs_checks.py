"""The figures, limits and checks of the plan of the "two classes", each on both sides of its border."""

from __future__ import annotations

import pytest

from tests.dialogs.two_class_household import asked, fired, household, plan

Told = dict[str, str]
PLAN: Told = {"5.2": "2"}
"""A household whose measures of 2021 are asked."""
LIVESTOCK: Told = {"type": "2", "3.2.x": "4", "3.2.d.n": "1"}
FIELDS = [
    "产业", "就业", "教育", "医疗", "住房", "饮水", "小额信贷", "公益性岗位", "扶贫车间", "光伏", "电商",
    "旅游", "综合性保障", "扶志扶智", "其他",
]  # fmt: skip


def planned(risk: str, field: str) -> Told:
    """One risk and one measure of 2021."""
    return {**PLAN, "4.2": risk, "6.a": field}


# check, level, answers that make it fire, answers that just do not
CASES: list[tuple[str, str, Told, Told]] = [
    ("GC-1", "warn", {"1.4": "2020", "1.5": "2019"}, {"1.4": "2019", "1.5": "2019"}),
    ("GC-2", "warn", {"1.6": "1 2"}, {"1.6": "1 3"}),
    ("GC-3a", "warn", {"2.2.a": "0"}, {"2.2.a": "1"}),
    ("GC-3b", "warn", {"2.1": "1 2", "2.2.b": "0"}, {"2.1": "1", "2.2.b": "0"}),
    ("GC-3b", "warn", {"2.1": "1 5", "2.2.b": "0"}, {"2.1": "1 5", "2.2.b": "-1"}),
    ("GC-3c", "warn", {"2.1": "1 3"}, {"2.1": "1 3", "2.2.c": "5"}),
    ("GC-3c", "warn", {"2.1": "1 6"}, {"2.1": "1 4"}),
    ("GC-3d", "warn", {"2.1": "1 4", "2.2.d": "0"}, {"2.1": "1 4", "2.2.d": "-300"}),
    ("GC-3e", "warn", {"2.1": "2", "2.2.a": "4001"}, {"2.1": "2", "2.2.a": "4000"}),
    ("GC-3e", "warn", {"2.2.a": "4000", "2.2.b": "5001"}, {"2.2.a": "4000", "2.2.b": "5000"}),
    ("GC-3e", "warn", {"2.2.c": "24001"}, {"2.2.c": "24000"}),
    ("GC-3e", "warn", {"2.2.d": "23001"}, {"2.1": "1 4", "2.2.d": "23001"}),
    ("GC-4", "warn", {"1.3": "1", "2.2.a": "196000.01"}, {"1.3": "1", "2.2.a": "196000"}),
    ("GC-5", "warn", {**LIVESTOCK, "3.2.d": "牛", "3.2.d.x": "501"},
     {**LIVESTOCK, "3.2.d": "牛", "3.2.d.x": "500"}),
    ("GC-5", "warn", {**LIVESTOCK, "3.2.d": "牛", "3.2.d.x": "501"},
     {**LIVESTOCK, "3.2.d": "羊", "3.2.d.x": "501"}),
    ("GC-6a", "warn", {"4.2": "2"}, {"4.2": "3"}),
    ("GC-6a", "warn", {"4.1": "1 2", "4.2": "5 6 7"}, {"4.2": "4"}),
    ("GC-6b", "warn", {"4.1": "3", "4.2": "1"}, {"4.1": "2 3", "4.2": "1"}),
    ("GC-6b", "warn", {"4.1": "1", "4.2": "3 6"}, {"4.1": "1", "4.2": "6"}),
    ("GC-6b", "warn", {"4.1": "3", "4.2": "4"}, {"4.1": "3", "4.2": "11"}),
    ("GC-7a", "warn", {"4.1": "1 2", "4.2": "1"}, {"4.1": "1 2", "4.2": "1 8"}),
    ("GC-7b", "warn", {"4.2": "1 5"}, {"4.1": "1 2", "4.2": "1 5"}),
    ("GC-7b", "warn", {"4.2": "1 6"}, {"4.2": "1 7"}),
    ("GC-7b", "warn", {"4.2": "1 8"}, {"4.2": "1 10"}),
    ("GC-7b", "warn", {"4.2": "1 9", "1.7": "2"}, {"4.2": "1 2"}),
    ("GC-8", "warn", {"4.2": "9"}, {"4.2": "9", "1.7": "2"}),
    ("GC-8", "warn", {"4.2": "9"}, {"4.2": "1"}),
    ("GC-9", "warn", {"4.2": "4", "1.6": "1"}, {"4.2": "4", "1.6": "1 3"}),
    ("GC-10", "warn", {"4.1": "3", "4.1.x": "0"}, {"4.1": "3", "4.1.x": "4"}),
    ("GC-11", "warn", {"5.1.c": "2019"}, {"5.1.c": "2019", "1.5": "2019"}),
    ("GC-12", "warn", {"5.2": "3", "5.2.x4": "2"}, {"5.2": "3", "5.2.x4": "1"}),
    ("GC-12", "warn", {"5.2": "3", "5.2.x4": "2", "1.7": "2"}, {"5.2": "3", "5.2.x4": "2", "1.6": "2"}),
    ("GC-12", "warn", {"5.2": "3", "5.2.x4": "2"}, {"5.2": "3", "5.2.x4": "2", "1.6": "1", "1.7": "3"}),
    ("GC-13", "info", {"5.2": "3"}, {"5.2": "3", "5.2.x1": "1"}),
    ("GC-14", "warn", {"4.1": "3"}, {"4.1": "3", "4.1.x": "0"}),
    ("GC-14", "warn", {"4.1": "3"}, {"4.1": "3", "5.2": "2"}),
    ("GC-16", "warn", {**PLAN, "4.1": "3", "4.1.x": "1", "6.a": "4"},
     {**PLAN, "4.1": "3", "4.1.x": "1", "6.a": "3"}),
    ("GC-16", "warn", {**PLAN, "4.1": "3", "4.1.x": "2", "6.a": "3"},
     {**PLAN, "4.1": "3", "4.1.x": "2", "6.a": "4"}),
    ("GC-16", "warn", {**PLAN, "4.1": "3", "4.1.x": "3", "6.a": "6"},
     {**PLAN, "4.1": "3", "4.1.x": "3", "6.a": "5"}),
    ("GC-16", "warn", {**PLAN, "4.1": "3", "4.1.x": "3 4", "6.a": "5"},
     {**PLAN, "4.1": "3", "4.1.x": "3 4", "6.n": "2", "6.a#1": "5", "6.a#2": "6"}),
    ("GC-17", "warn", {**PLAN, "6.d": "2020-12"}, {**PLAN, "6.d": "2021-01"}),
    ("GC-17", "warn", {**PLAN, "6.d": "2022-01"}, {**PLAN, "6.d": "2021-12"}),
    ("GC-18", "warn", {**PLAN, "7.1.a": "30000.01"}, {**PLAN, "7.1.a": "30000"}),
    ("GC-18", "warn", {**PLAN, "7.1.a": "40000"}, {**PLAN, "7.1.a": "40000", "2.2.a": "0"}),
    ("GC-19", "warn", {**PLAN, "1.3": "1", "7.1.a": "199700.01"}, {**PLAN, "1.3": "1", "7.1.a": "199700"}),
    ("GC-20", "block", {"8.x1": "2"}, {"8.x1": "1"}),
    ("GC-21", "warn", {"8.2": "张三"}, {}),
    ("GC-21", "warn", {"8.4": "王五"}, {}),
    ("GC-22", "info", {"8.x": "1 2 3"}, {"8.x": "1 2 3 4"}),
    ("GC-22", "info", {"8.x": "1 2 3"}, {"8.x4": "1"}),
]  # fmt: skip

# risk -> the fields of section 6 that answer it; "other" answers any
ANSWERED = {
    "1": "医疗 综合性保障",
    "2": "产业 就业 住房 小额信贷 公益性岗位 扶贫车间 综合性保障",
    "3": "教育",
    "4": "医疗 公益性岗位 综合性保障",
    "6": "就业 公益性岗位 扶贫车间",
    "7": "就业 医疗 公益性岗位 扶贫车间 综合性保障",
    "8": "产业 就业 小额信贷 公益性岗位 扶贫车间 电商 综合性保障",
    "9": "产业 公益性岗位 光伏 综合性保障",
    "10": "就业 扶志扶智",
}


@pytest.mark.parametrize(("check", "level", "fires", "quiet"), CASES)
def test_a_check_fires_at_its_level_and_not_beside_its_border(
    check: str, level: str, fires: Told, quiet: Told
) -> None:
    interview = household(fires)
    assert fired(interview).get(check) == level
    assert interview.reviewed.complete is (level != "block")
    assert check not in fired(household(quiet))


@pytest.mark.parametrize("risk", ANSWERED)
def test_every_risk_wants_a_measure_that_answers_it(risk: str) -> None:
    answering = {*ANSWERED[risk].split(), "其他"}
    for field, name in enumerate(FIELDS, 1):
        held = fired(household(planned(risk, str(field))))
        assert (held.get(f"GC-15.{risk}") == "warn") is (name not in answering), name


def test_a_failed_industry_wants_a_measure_that_answers_it() -> None:
    # The candidate for the ledger stands at the end of the interview: the check is seen before.
    for field, name in enumerate(FIELDS, 1):
        held = fired(household({**planned("5", str(field)), "4.1": "1"}, "8.1"))
        answering = {"产业", "小额信贷", "光伏", "电商", "旅游", "其他"}
        assert (held.get("GC-15.5") == "warn") is (name not in answering), name


def test_every_check_of_the_form_is_shown_here() -> None:
    shown = {case[0] for case in CASES} | {f"GC-15.{risk}" for risk in (*ANSWERED, "5")}
    assert shown == {check.id for check in plan().checks if not check.id.endswith(".range")}


def test_a_quiet_household_is_told_nothing() -> None:
    assert fired(household({})) == {}
    assert fired(household({"5.2": "2", "7.1.b": "0", "7.1.c": "0", "7.1.d": "0"})) == {}
    assert fired(household({"type": "2"})) == {}


def test_an_unknown_answer_fires_nothing() -> None:
    told = dict.fromkeys(("1.4", "1.5", "1.6", "1.7", "2.1", "2.2.a", "2.2.d", "5.1.n"), "不清楚")
    interview = household(told)
    assert fired(interview) == {}
    assert interview.facts["household_net_income"] is None


def test_a_proxy_signature_cannot_be_handed_in() -> None:
    interview = household({"8.x1": "2"})
    interview.submit()
    assert interview.why == "not_ready"
    interview.answer("8.x1", "1")
    interview.review()
    interview.submit()
    assert interview.key == "finished"


@pytest.mark.parametrize("question", ["8.1", "8.2", "8.3", "8.4"])
def test_all_four_sign(question: str) -> None:
    interview = household({}, question)
    interview.say("不清楚")
    assert interview.why == "needs_answer"


def test_who_signs_in_the_chat_is_not_asked_for_signatures_before() -> None:
    assert {each for each in asked(household({"8.x4": "1"})) if each.startswith("8.")} == {"8.x4"}


# --- limits


@pytest.mark.parametrize(
    ("question", "fits", "too_many"),
    [("4.1", "1 2", "1 2 3"), ("4.2", "1 3 11", "1 2 3 4")],
)
def test_two_categories_and_three_causes_at_most(question: str, fits: str, too_many: str) -> None:
    interview = household({}, question)
    interview.say(too_many)
    assert interview.why == "too_many"
    interview.say(fits)
    assert interview.session.answers[question] == [int(code) for code in fits.split()]


# question, before, a reply within the hard limit, one beyond it
LIMITS = [
    ("1.3", {}, "1", "0"),
    ("1.4", {}, "2014", "2013"),
    ("1.5", {}, "2014", "2013"),
    ("2.2.a", {}, "0", "-1"),
    ("2.3.a", {}, "0", "-1"),
    ("2.3.b", {}, "0", "-1"),
    ("2.3.c", {}, "0", "-1"),
    ("2.3.o", {}, "0", "-1"),
    ("4.3.1.e", {}, "0", "-1"),
    ("5.1.n", {}, "0", "-1"),
    ("7.1.a", PLAN, "0", "-1"),
    ("3.1.d", {"type": "2", "3.1.x": "4"}, "0", "-1"),
    ("3.2.d.x#1", LIVESTOCK, "0", "-1"),
]


@pytest.mark.parametrize(("question", "before", "within", "beyond"), LIMITS)
def test_a_hard_limit_holds(question: str, before: Told, within: str, beyond: str) -> None:
    interview = household(before, question)
    interview.say(beyond)
    assert interview.why == "out_of_range"
    interview.say(within)
    assert question in interview.session.answers


SOFT = [
    ("1.3", {}, "20", "21"),
    ("1.5", {}, "2019", "2018"),
    ("1.4", {}, "2020", "2021"),
    ("2.2.b", {}, "-500000", "-500001"),
    ("2.2.b", {}, "1000000", "1000001"),
    ("2.2.c", {}, "0", "-1"),
    ("2.2.d", {}, "-500000", "-500001"),
    ("2.3.a", {}, "2000000", "2000001"),
    ("4.3.1.i", {"4.3.1.h": "1"}, "500000", "500001"),
    ("5.1.n", {}, "1", "0"),
    ("5.1.c", {}, "2020", "2021"),
    ("3.2.d.x", LIVESTOCK, "5000", "5001"),
    ("7.1.b", PLAN, "-500000", "-500001"),
]


@pytest.mark.parametrize(("question", "before", "within", "beyond"), SOFT)
def test_a_soft_limit_only_asks_back(question: str, before: Told, within: str, beyond: str) -> None:
    check = f"{question}.range"
    assert fired(household({**before, question: beyond})).get(check) == "warn"
    assert check not in fired(household({**before, question: within}))


# --- sums


def test_the_incomes_of_2020_add_up_losses_included() -> None:
    facts = household({"2.2.a": "20000.5", "2.2.b": "-3000.25", "2.2.c": "200", "2.2.d": "-500"}).facts
    assert facts["household_net_income"] == 16700.25
    assert facts["resident_net_income_per_capita"] == 5566.75


def test_the_rigid_expenses_add_up() -> None:
    facts = household({"2.3.a": "6000.1", "2.3.b": "200.2", "2.3.c": "8000", "2.3.o": "1"}).facts
    assert facts["total_rigid_expense"] == 14201.3


def test_the_expected_incomes_add_up() -> None:
    told = {**PLAN, "7.1.a": "24000", "7.1.b": "-1000", "7.1.c": "0", "7.1.d": "1000.5"}
    facts = household(told).facts
    assert facts["expected_household_net_income"] == 24000.5
    assert facts["expected_net_income_per_capita"] == 8000.17


def test_a_household_without_labor_and_support_is_a_candidate_for_the_ledger() -> None:
    def problems(told: Told) -> list[str]:
        return [found.candidate.problem for found in household(told, "2.1").turn.path.suspected]

    assert problems({"1.7": "3"}) == ["13.1"]
    assert problems({"1.7": "3", "1.6": "3"}) == ["13.1"]
    assert problems({"1.7": "3", "1.6": "1"}) == []
    assert problems({"1.7": "3", "1.6": "2"}) == []
    assert problems({"1.7": "2"}) == []
    assert problems({"1.7": "3", "1.6": "不清楚"}) == []
