"""The monthly check (questionnaires.md 12): what is asked, what is doubted, and a month without change."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from bot.dialogs import engine
from bot.dialogs.effects import Asked, Finished, Recalled, Reviewed
from bot.dialogs.form import Form
from bot.dialogs.path import Path
from bot.dialogs.reply import Submit, Tapped
from bot.dialogs.walking import walk
from tests.dialogs.building import TODAY, Interview, context, form, vocabulary

FIELDS = ["housing", "education", "medical", "water", "income", "employment", "living"]
REGISTER: dict[str, Any] = {
    "visit_household": "张三", "monitoring_scheme": 1, "reg_status": 2, "visitor": "李四",
}  # fmt: skip
QUIET: dict[str, Any] = {
    "h1": "张三", "h1.a": 1, "h1.b": 2, "h3.a": "李四", "h3": TODAY, "h2": 1, "h4": 2, "1": 1, "1-1": [0],
    "1-2.x": 2, "2": 1, "2-2": 1, "3": 1, "3-2": 2, "4.x": 1, "4": 0, "4-1": 1, "5": 9000.0, "5-1": 2,
    "5-4": 2, "6.x1": 1, "6.x2": 1, "6.n": 1, "worker.name#1": "张四", "6#1": 1, "6.b#1": [3], "7": 1,
    "7-1": 1, "7-2.x": 2, "7-3.x": 2, "8": [0], "10.x": 2, "11": 1,
}  # fmt: skip
"""A household in which nothing is wrong."""
LAST_MONTH: dict[str, Any] = {
    "house_safe_now": 1, "new_house_hazards": [0], "has_renovation_task": 2, "school_age_schooling": 1,
    "education_aid_received": 1, "all_insured": 1, "illness_this_month": 2, "water_source": 2,
    "water_shortage_days_month": 0, "water_quality_now": 1, "water_access": 1,
    "forecast_income_per_capita": 9000.0, "income_trend": 2, "has_large_expense": 2, "has_labor": 1,
    "has_worker": 1, "worker_count": 2,
    "worker": [
        {"name": "张四", "work_status": 1, "work_place": [3]},
        {"name": "张五", "work_status": 1, "work_place": [1]},
    ],
    "food_enough": 1, "seasonal_clothes": 1, "has_living_difficulty": 2, "has_population_change": 2,
    "monthly_risks": [0], "has_open_measure": 1, "open_measure_count": 1,
    "open_measure": [{"measure_name": "公益岗位", "measure_progress": 2, "measure_delivered": 1}],
    "monitoring_advice": 1,
}  # fmt: skip
"""What the file knows of that household a month later."""


def mc() -> Form:
    return form("mc")


def after(answers: dict[str, Any], **file: Any) -> Path:
    """The check of the quiet household with some other answers; None takes an answer away."""
    told = {**QUIET, **answers}
    given = {key: value for key, value in told.items() if value is not None}
    return walk(mc(), given, {}, context(**file))


def asked(path: Path) -> set[str]:
    return {step.key for step in path.steps if step.item is not None}


# what was answered, what is asked because of it, what is not
RELEVANCE = [
    ({}, ["h2", "h4", "1", "2", "3", "4", "5", "6.x1", "7", "8", "11"], ["h2.x1", "h2.x2", "h3.b"]),
    ({"h4": 1}, ["h3.b"], []),
    ({"h1.a": 2, "h2": 2}, ["h2.x1"], ["h2.x2"]),
    ({"h1.a": 2, "h2": 4, "h2.x1": 1}, ["h2.x1", "h2.x2"], []),
    ({"h1.a": 2, "h2": 1}, [], ["h2.x1", "h2.x2"]),
    ({"h1.a": 1, "h2": 2}, [], ["h2.x1", "h2.x2"]),
    ({"1-2.x": 1}, ["1-2"], []),
    ({"1-2.x": 2}, [], ["1-2"]),
    ({"2": 2, "2-1.n": 1, "2-1.x#1": 2}, ["2-1.n", "child.name#1", "2-1.x#1", "2-1#1"], []),
    ({"2": 2, "2-1.n": 1, "2-1.x#1": 1}, ["2-1.x#1"], ["2-1#1"]),
    ({"2": 1}, ["2-2"], ["2-1.n", "2-1.x#1", "2-1#1"]),
    ({"2": 3}, ["2-2"], ["2-1.n"]),
    ({"3": 2, "3-1.n": 1}, ["3-1.n", "uninsured.name#1", "3-1#1"], []),
    ({"3": 1}, ["3-2"], ["3-1.n", "3-1#1"]),
    ({"3-2": 1, "3-3": 500.0}, ["3-3", "3-3.b"], []),
    ({"3-2": 1, "3-3": 0.0}, ["3-3"], ["3-3.b"]),
    ({"3-2": 2}, [], ["3-3", "3-3.b"]),
    ({"4.x": 1}, ["4", "4-1"], ["4-2"]),
    ({"4.x": 2}, ["4", "4-1", "4-2"], []),
    ({"4.x": 4}, ["4-2"], []),
    ({"5-1": 3}, ["5-2"], []),
    ({"5-1": 2}, [], ["5-2"]),
    ({"5-4": 1}, ["5-5.a", "5-5.b", "5-5.c", "5-5.d"], []),
    ({"5-4": 2}, [], ["5-5.a", "5-5.b", "5-5.c", "5-5.d"]),
    ({"6.x1": 2}, [], ["6.x2", "6.n", "6#1", "6-1"]),
    ({"6.x2": 2}, ["6.x2"], ["6.n", "6#1", "6-1"]),
    ({"6#1": 2}, ["6-1"], []),
    ({"6#1": 3}, ["6-1"], []),
    ({"6#1": 4}, ["6#1"], ["6-1"]),
    ({"7-2.x": 1}, ["7-2"], []),
    ({"7-2.x": 2}, [], ["7-2"]),
    ({"7-3.x": 1, "7-3.n": 1, "7-3#1": 3}, ["7-3.n", "change.name#1", "7-3#1", "7-3.b#1"], []),
    ({"7-3.x": 1, "7-3.n": 1, "7-3#1": 1}, ["7-3#1"], ["7-3.b#1"]),
    ({"7-3.x": 2}, [], ["7-3.n", "7-3#1"]),
    ({"8": [1, 7]}, ["8-1"], []),
    ({"8": [0]}, [], ["8-1"]),
    ({"10.x": 1, "10.n": 1}, ["10.n", "10.a#1", "10#1", "10.b#1"], []),
    ({"10.x": 2}, [], ["10.n", "10#1"]),
    ({"11": 2}, ["12.a", "12.b"], []),
    ({"11": 3}, [], ["12.a", "12.b"]),
]


@pytest.mark.parametrize(("answers", "opened", "left_out"), RELEVANCE)
def test_each_question_is_asked_when_the_catalogue_says(
    answers: dict[str, Any], opened: list[str], left_out: list[str]
) -> None:
    keys = asked(after(answers))
    assert set(opened) <= keys
    assert not keys & set(left_out)


AWAY = {"h1.a": 2, "h2": 2}
DROPOUT = {"2": 2, "2-1.n": 1, "child.name#1": "小张", "2-1.x#1": 2, "2-1#1": 3}
EXPENSE = {"5-4": 1, "5-5.a": [1], "5-5.b": 20000.0, "5-5.c": 2, "5-5.d": 2}
PUPIL = [{"name": "小张", "age": 15, "insured": 1}]
GROWN = [{"name": "小张", "age": 16, "insured": 1}]
UNINSURED = [{"name": "张三", "age": 40, "insured": 2}]
INSURED = [{"name": "张三", "age": 40, "insured": 1}]

# check, answers with which it fires and just does not, the members of the file for each
CHECKS: list[tuple[str, dict[str, Any], dict[str, Any], Any, Any]] = [
    ("MC-1", {**AWAY, "h2.x1": 2}, {**AWAY, "h2.x1": 1}, None, None),
    ("MC-1", {**AWAY, "h2.x1": 2}, {"h1.a": 2, "h2": 1}, None, None),
    ("MC-1", {**AWAY, "h2.x1": 2}, {"h1.a": 1, "h2": 2, "h2.x1": 2}, None, None),
    ("MC-2", {**AWAY, "h2.x1": 1, "h2.x2": "全家在外务工"}, {**AWAY, "h2.x1": 2}, None, None),
    ("MC-3", {"8": [3]}, {"8": [3], "h4": 1}, None, None),
    ("MC-3", {"11": 2}, {"11": 1}, None, None),
    ("MC-4", {**DROPOUT, "2-1.x#1": 1}, DROPOUT, None, None),
    ("MC-5", {"2": 3}, {"2": 3}, PUPIL, GROWN),
    ("MC-5", {"2": 3}, {"2": 1}, PUPIL, PUPIL),
    ("MC-6", {"3": 1}, {"3": 1}, UNINSURED, INSURED),
    ("MC-7", {"1": 1, "1-1": [5]}, {"1": 2, "1-1": [5]}, None, None),
    ("MC-7", {"1": 1, "1-1": [1, 5]}, {"1": 1, "1-1": [1]}, None, None),
    ("MC-8", {**EXPENSE, "5-5.b": 0.0}, EXPENSE, None, None),
    ("MC-9", {"5": 3999.99}, {"5": 4000.0}, None, None),
    ("MC-10", {"7": 2}, {"7": 2, "11": 2}, None, None),
    ("MC-10", {"7": 2, "11": 4}, {"7": 1, "11": 4}, None, None),
    ("MC-11", {**EXPENSE, "5-5.c": 1}, {**EXPENSE, "5-5.c": 1, "11": 2}, None, None),
    ("MC-11", {**EXPENSE, "5-5.d": 1}, EXPENSE, None, None),
    ("MC-12", {"8": [1], "11": 4}, {"8": [0], "11": 4}, None, None),
]


@pytest.mark.parametrize(("check", "fires", "quiet", "for_fires", "for_quiet"), CHECKS)
def test_a_check_fires_on_one_side_of_its_border_only(
    check: str, fires: dict[str, Any], quiet: dict[str, Any], for_fires: Any, for_quiet: Any
) -> None:
    assert check in [fired.id for fired in after(fires, members=for_fires).fired]
    assert check not in [fired.id for fired in after(quiet, members=for_quiet).fired]


def test_every_check_is_shown_here_on_both_sides() -> None:
    written = {check.id for check in mc().checks if not check.id.endswith(".range")}
    assert {case[0] for case in CHECKS} == written


def test_nothing_is_doubted_in_a_quiet_household() -> None:
    path = after({}, members=INSURED)
    assert path.fired == ()
    assert path.suspected == ()
    assert path.open is None


def test_what_the_form_must_not_take_is_refused() -> None:
    told = {"1-2.x": "2", "2": "1", "3-2": "2"}
    interview = Interview("mc", context(known=REGISTER)).until("4", told)
    for days in ("32", "-1"):
        interview.say(days)
        assert interview.why == "out_of_range"
        assert interview.key == "4"
    interview.say("31")
    assert interview.key == "4-1"


def test_the_schooling_of_the_month_answers_the_older_questions_too() -> None:
    for schooling, has_child, in_school in ((1, 1, 1), (2, 1, 2), (3, 2, None)):
        facts = after({**DROPOUT, "2": schooling}).facts
        assert facts["has_school_age_child"] == has_child
        assert facts.get("children_in_school") == in_school
    assert after(DROPOUT).facts["main_not_in_school_reason"] == 3


@pytest.mark.parametrize(
    ("scheme", "income", "reached"),
    [(1, 4000.0, 1), (1, 3999.99, 2), (2, 5000.0, 1), (2, 4999.99, 2), (3, 100.0, None), (4, 100.0, None)],
)
def test_each_scheme_compares_with_its_own_line(scheme: int, income: float, reached: int | None) -> None:
    assert after({"h1.a": scheme, "5": income}).facts.get("income_reaches_minimum") == reached


@pytest.mark.parametrize(
    ("answers", "gaps"),
    [
        ({}, 0),
        ({"1": 3}, 0),
        ({"1": 2}, 1),
        ({"7": 2, "7-1": 2}, 2),
        (DROPOUT, 1),
        ({**DROPOUT, "2-1#1": 2}, 0),
        ({"3": 2, "3-1.n": 1, "uninsured.name#1": "张三", "3-1#1": 4}, 1),
        ({"3": 2, "3-1.n": 1, "uninsured.name#1": "张三", "3-1#1": 3}, 0),
        ({"4-1": 2}, 1),
        ({"4.x": 2, "4-2": 2}, 1),
        ({"4.x": 2, "4-2": 2, "4-1": 2}, 1),
    ],
)
def test_the_gaps_are_counted_by_guarantee(answers: dict[str, Any], gaps: int) -> None:
    assert after(answers).facts["guarantee_gap_count"] == gaps


# sub-problem, answers from which it is suspected, and from which it is not
CANDIDATES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("4.1", {"1": 3}, {"1": 1}),
    ("4.2", {"1": 2}, {"1": 2, "h1.b": 1}),
    ("4.3", {"1": 2, "1-2.x": 1, "1-2": 2}, {"1": 2, "1-2.x": 1, "1-2": 3}),
    ("4.6", {"1": 2, "1-2.x": 1, "1-2": 4}, {"1": 1, "1-2.x": 1, "1-2": 4}),
    ("6.1", DROPOUT, {**DROPOUT, "2": 1}),
    ("6.2", {"2-2": 2}, {"2-2": 3}),
    ("7.1", {"3": 2, "3-1.n": 1, "3-1#1": 4}, {"3": 2, "3-1.n": 1, "3-1#1": 2}),
    ("8.1", {"4-1": 2}, {"4-1": 1}),
    ("8.3", {"4.x": 3, "4-2": 2}, {"4.x": 1, "4-2": 2}),
    ("8.4", {"4": 3}, {"4": 2}),
]


@pytest.mark.parametrize(("problem", "suspected", "clear"), CANDIDATES)
def test_a_probable_problem_arises_from_its_answers(
    problem: str, suspected: dict[str, Any], clear: dict[str, Any]
) -> None:
    assert problem in [found.candidate.problem for found in after(suspected).suspected]
    assert problem not in [found.candidate.problem for found in after(clear).suspected]


def test_every_candidate_is_shown_here_and_names_the_persons() -> None:
    assert {case[0] for case in CANDIDATES} == {candidate.problem for candidate in mc().candidates}
    (found,) = after(DROPOUT).suspected
    assert found.persons == ("小张",)


class Month:
    """A check done with taps alone, counting them."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.context = context(known={**REGISTER, **known})
        self.turn = engine.begin(mc(), self.context)
        self.taps = 0
        self.cards: list[str] = []

    @property
    def open(self) -> Any:
        return self.turn.effects[-1]

    def tap(self, code: int, action: Literal["pick", "keep"] = "pick") -> None:
        session = self.turn.session
        match self.open:
            case Asked(step):
                key = step.key
            case Recalled(card):
                self.cards.append(card.section.id)
                key = self.turn.path.steps[self.turn.path.open or 0].key
            case other:
                raise AssertionError(other)
        reply = Tapped(key, session.revision, action, code)
        self.turn = engine.advance(mc(), session, reply, self.context, vocabulary())
        self.taps += 1

    def begin(self) -> Month:
        """Called on at home, and nothing has changed."""
        assert self.open.step.key == "h2"
        self.tap(1)
        assert self.open.step.key == "h4"
        self.tap(2)
        return self

    def unchanged(self) -> Month:
        """Everything that is proposed still holds."""
        while isinstance(self.open, Recalled) or (isinstance(self.open, Asked) and self.open.known):
            self.tap(1, "pick" if isinstance(self.open, Recalled) else "keep")
        return self

    def submit(self) -> None:
        assert isinstance(self.open, Reviewed), self.open
        assert self.open.complete
        self.turn = engine.advance(mc(), self.turn.session, Submit(), self.context, vocabulary())
        self.taps += 1


def test_a_month_without_change_takes_ten_taps_and_no_typing() -> None:
    month = Month(LAST_MONTH).begin().unchanged()
    month.submit()
    assert any(isinstance(effect, Finished) for effect in month.turn.effects)
    assert month.taps == 10
    assert month.cards == FIELDS, "each of the seven fields was confirmed"


def test_a_month_without_change_says_everything_anew() -> None:
    facts = Month(LAST_MONTH).begin().unchanged().turn.path.results()
    assert {name: facts.get(name) for name in LAST_MONTH} == LAST_MONTH
    assert facts["checked_on"] == TODAY
    assert (facts["monitoring_method"], facts["changed_since_last"]) == (1, 2)
    assert facts["guarantee_gap_count"] == 0


def test_the_shortcut_alone_finishes_nothing() -> None:
    month = Month(LAST_MONTH).begin()
    opened = [step.recall.id for step in month.turn.path.steps if step.recall is not None]
    assert opened == FIELDS


@pytest.mark.parametrize(
    ("last_month", "asked_anew"),
    [
        ({"new_house_hazards": [1]}, "1-1"),
        ({"illness_this_month": 1, "self_paid_this_month": 3000.0}, "3-2"),
        ({"water_shortage_days_month": 4}, "4"),
        ({"has_large_expense": 1, "large_expense_amount": 9000.0}, "5-4"),
        ({"has_population_change": 1, "population_change_count": 1}, "7-3.x"),
        ({"monthly_risks": [2], "monthly_risk_description": "没活干"}, "8"),
        ({"monitoring_advice": 2}, "11"),
    ],
)
def test_what_belonged_to_last_month_only_is_asked_anew(last_month: dict[str, Any], asked_anew: str) -> None:
    month = Month({**LAST_MONTH, **last_month}).begin().unchanged()
    assert isinstance(month.open, Asked)
    assert month.open.step.key == asked_anew
    assert month.open.known is None, "last month's answer is not proposed"


def test_who_came_back_last_month_is_asked_about_again() -> None:
    workers = [{**LAST_MONTH["worker"][0], "work_status": 2}, LAST_MONTH["worker"][1]]
    month = Month({**LAST_MONTH, "worker": workers}).begin().unchanged()
    assert month.open.step.key == "6#1"


def test_a_field_that_has_changed_is_gone_through_question_by_question() -> None:
    month = Month(LAST_MONTH).begin()
    month.tap(2)
    assert month.open.step.key == "1"
    month.tap(2)
    assert month.open.step.key == "1-1"


def test_a_household_in_which_nobody_can_work_takes_no_more_taps() -> None:
    idle = {key: value for key, value in LAST_MONTH.items() if not key.startswith(("has_worker", "worker"))}
    month = Month({**idle, "has_labor": 2}).begin().unchanged()
    month.submit()
    assert month.taps == 10
    assert month.cards == [field for field in FIELDS if field != "employment"], "one answer needs no card"


def test_photos_are_never_asked_for() -> None:
    images = {item.id for item in mc().items if item.kind == "image"}
    assert images == {"h3.c", "1.p"}
    assert not images & asked(after({"1": 2, "1-1": [5]}))


def test_the_seven_fields_and_the_risks_are_there() -> None:
    assert [section.id for section in mc().sections if section.recall] == FIELDS
    risks = mc().by_id["8"].options
    assert [option.code for option in risks] == [1, 2, 3, 4, 5, 6, 7, 0]
