"""The checks of the plan (questionnaires.md 10, rules.md F and J): when each fires, when not, how hard."""

from __future__ import annotations

import pytest

from tests.dialogs.building import Interview, context
from tests.dialogs.test_gp_opening import YEARS, Told, fill, plan

OTHER: Told = {"1.2": "2", "m.n": "2", "m.1#2": "李四", "m.rel#2": "妻子", "m.2#2": "40"}
ILL: Told = {"k.x1": "1", "m.5": "2", "m.6": "高血压", "k1.3": "张三", "k1.x1": "1"}
BILL: Told = {"k1.6": "10000", "k1.7": "5000", "k1.8": "1000", "k1.9": "500", "k1.10": "3500"}
WAGES: Told = {"b12.x1": "7", "b12.1": "30000"}
GRADED: Told = {"k.x1": "9", "k9.x": "2", "b1.x2": "1"}
BUILT: Told = {"k.x1": "9", "k9.x": "4", "k9.11": "50000"}
WEDDING: Told = {"k.x1": "10", "k10.4": "50000"}
POOR_LABOR: Told = {"k.x1": "7", **OTHER, "m.x6#1": "1", "m.x6#2": "2"}
HERBS: Told = {"b8.x1": "4", "b8.10": "3", "b8.11": "2"}

# check, level, answers that make it fire, answers that just do not
CASES: list[tuple[str, str, Told, Told]] = [
    ("XG-c1", "warn", {"i1": "2019-01-01"}, {"i1": "2018-12-31"}),
    ("XG-c1", "warn", {"i1": "2017-12-31"}, {"i1": "2018-01-01"}),
    ("XG-1.2", "warn", {**OTHER, "1.2": "3"}, OTHER),
    ("XG-1.4", "warn", {"1.4": "2", "b7.1": "0"}, {"1.4": "2", "b7.1": "1"}),
    ("XG-m1", "block", {**OTHER, "m.rel#2": "户主"}, OTHER),
    ("XG-m1", "block", {"m.rel": "妻子"}, {"m.rel": "户主"}),
    ("XG-m2", "warn", {"m.2": "18", "m.9": "3"}, {"m.2": "17", "m.9": "3"}),
    ("XG-m2", "warn", {"m.2": "59", "m.9": "1"}, {"m.2": "60", "m.9": "1"}),
    ("XG-m3", "warn", {"m.2": "15"}, {"m.2": "16"}),
    ("XG-b1.1", "warn", {"b1.1": "4"}, {"b1.1": "3"}),
    ("XG-b1.6", "warn", {"b1.x1": "1 3", "b1.6.a": "2", "b1.8.a": "2"}, {"b1.x1": "1", "b1.6.a": "3"}),
    ("XG-b1.3", "warn", {"1.2": "1", "b1.2": "4.9"}, {"1.2": "1", "b1.2": "5"}),
    ("XG-b1.3", "warn", {"1.2": "1", "b1.2": "200.1"}, {"1.2": "1", "b1.2": "200"}),
    ("XG-b5.3", "warn", {"b5.1": "3", "b5.3": "4"}, {"b5.1": "3", "b5.3": "3"}),
    ("XG-b6", "warn", {"b5.1": "3", "b6.3": "1"}, {"b5.1": "3", "b6.3": "2"}),
    ("XG-b7.2", "warn", {"1.2": "1", "b7.1": "2", "b7.2": "2"}, {"1.2": "1", "b7.1": "2", "b7.2": "1"}),
    ("XG-b8.1", "warn", {"b8.1": "4.5", "b8.2": "4"}, {"b8.1": "4.5", "b8.2": "4", "b8.3": "0.5"}),
    ("XG-b8.4", "warn", {"b8.4": "1"}, {"b8.4": "1", "b8.5": "3"}),
    ("XG-b8.10", "warn", {**HERBS, "b8.12": "1.5"}, {**HERBS, "b8.12": "1"}),
    ("XG-k5", "block", {"k.x1": "5 6", "k.x3": "6", "b11.x": "1"}, {"k.x1": "6", "b11.x": "1"}),
    ("XG-k5", "block", {"k.x1": "5", "b11.x": "1"}, {"k.x1": "5", "b11.x": "2", "b11.2": "20000"}),
    ("XG-k.x1", "info", {"k.x1": "6 7 8 11", "k.x3": "6"}, {"k.x1": "6 8 11", "k.x3": "6"}),
    ("XG-b11.1", "warn", {"b11.x": "1", "b11.1": "0"}, {"b11.x": "1", "b11.1": "5"}),
    ("XG-b12.1", "warn", {"b12.1": "20001.5"}, {"b12.1": "20001"}),
    ("XG-b12.2", "warn", {"1.2": "2", "b12.2": "10001"}, {"1.2": "2", "b12.2": "10000"}),
    ("XG-b12.9", "warn", {**WAGES, "b12.9.g": "33001"}, {**WAGES, "b12.9.g": "33000"}),
    ("XG-b12.9", "warn", {**WAGES, "b12.9.g": "26999"}, {**WAGES, "b12.9.g": "26999", "b12.9.e": "2"}),
    ("XG-b12.10", "warn", {"b7.1": "1", "b7.3": "100"}, {"b7.1": "1", "b7.3": "100", "b12.x1": "1 8"}),
    ("XG-b13.1", "warn", {"b13.1": "498"}, {"b13.1": "499"}),
    ("XR-k1", "warn", {**ILL, "m.5": "1"}, ILL),
    ("XR-k2", "warn", {"k.x1": "2", "m.5": "2"}, {"k.x1": "2", "m.5": "3", "k2.1": "张三"}),
    ("XR-k4", "warn", {"k.x1": "4"}, {"k.x1": "4", "m.4": "7", "m.8": "3", "m.x1": "2"}),
    ("XR-k6", "warn", {"k.x1": "6", "m.x6": "3"}, {"k.x1": "6", "m.x6": "2"}),
    ("XR-k7", "warn", POOR_LABOR, {**POOR_LABOR, "m.x6#2": "3", "m.x7#2": "1"}),
    ("XR-k9", "warn", {**GRADED, "b1.10": "2"}, {**GRADED, "b1.10": "3"}),
    ("XG-k1.3", "warn", {**ILL, "k1.3": "李四"}, ILL),
    ("XG-k2.1", "warn", {"k.x1": "2", "m.5": "3", "k2.1": "李四"}, {"k.x1": "2", "m.5": "3", "k2.1": "张三"}),
    ("XG-k1.6", "warn", {**ILL, **BILL, "k1.10": "3501.5"}, {**ILL, **BILL, "k1.10": "3501"}),
    ("XG-k9.12", "warn", {**BUILT, "k9.12": "50000.01"}, {**BUILT, "k9.12": "50000"}),
    ("XG-k10.5", "warn", {**WEDDING, "k10.5": "50000.01"}, {**WEDDING, "k10.5": "50000"}),
    ("XG-k10.6", "warn", {**WEDDING, "k10.6": "50000.01"}, {**WEDDING, "k10.6": "50000"}),
]  # fmt: skip

POTATO: Told = {"t2018.x": "1", "t2018.1.x": "1", "t2018.1.3": "1500"}
CORN: Told = {"t2018.x": "1", "t2018.1.x": "2", "t2018.1.8": "900"}
# Those of single years.
CASES += [
    ("XG-t2018.1.2", "warn", {**POTATO, "t2018.1.5": "1500"}, {**POTATO, "t2018.1.5": "1501"}),
    ("XG-t2018.1.7", "warn", {**CORN, "t2018.1.10": "900"}, {**CORN, "t2018.1.10": "901"}),
    ("XG-t2019.0", "warn", {"t2019.0.e": "19999.5"}, {"t2019.0.e": "20000"}),
    ("XG-t2020.0", "warn", {"t2020.0.e": "19999.5"}, {"t2020.0.e": "20000"}),
]

SHEEP: Told = {"t{Y}.x": "2", "t{Y}.2.1": "20"}
AWAY: Told = {"t{Y}.x": "3", "t{Y}.3.x": "2", "t{Y}.3.15.x": "1"}
HOUSE: Told = {"t{Y}.x": "7", "t{Y}.7.x": "1", "t{Y}.7.3": "2019"}
PAVED: Told = {"t{Y}.x": "8", "t{Y}.8.1": "20"}
RELIEF: Told = {"t{Y}.x": "10", "t{Y}.10.x": "1", "1.2": "3"}
# The same in every year.
YEARLY: list[tuple[str, Told, Told]] = [
    ("XG-t{Y}.0.e", {"t{Y}.0.a": "19998.5"}, {"t{Y}.0.a": "19999"}),
    ("XG-t{Y}.0.f", {"1.2": "2", "t{Y}.0.f": "10001"}, {"1.2": "2", "t{Y}.0.f": "10000"}),
    ("XG-t{Y}.2.2", {**SHEEP, "t{Y}.2.2": "21"}, {**SHEEP, "t{Y}.2.2": "20"}),
    ("XG-t{Y}.3.16", {**AWAY, "t{Y}.3.16": "33001"}, {**AWAY, "t{Y}.3.16": "33000"}),
    ("XG-t{Y}.3.16", {**AWAY, "t{Y}.3.16": "300"}, {**AWAY, "t{Y}.3.16": "300", "t{Y}.3.15.x": "2"}),
    ("XG-t{Y}.4", {"t{Y}.x": "4", "b11.x": "1"}, {"t{Y}.x": "4", "b11.x": "2"}),
    ("XG-t{Y}.7.4", {**HOUSE, "t{Y}.7.x": "1 2"}, {**HOUSE, "t{Y}.7.x": "1 3 4 5"}),
    ("XG-t{Y}.7.8", {**HOUSE, "t{Y}.7.8": "2018"}, {**HOUSE, "t{Y}.7.8": "2019"}),
    ("XG-t{Y}.8", {**PAVED, "t{Y}.8.2": "10.1"}, {**PAVED, "t{Y}.8.2": "10"}),
    ("XG-t{Y}.10.1", {**RELIEF, "t{Y}.10.1": "4"}, {**RELIEF, "t{Y}.10.1": "3"}),
    ("XG-t{Y}.10.2", {**RELIEF, "t{Y}.10.x": "1 2"}, {**RELIEF, "t{Y}.10.x": "1 3 4 5"}),
]


def of_year(told: Told, year: int) -> Told:
    return {key.replace("{Y}", str(year)): text for key, text in told.items()}


CASES += [
    (check.replace("{Y}", str(year)), "warn", of_year(fires, year), of_year(quiet, year))
    for year in YEARS
    for check, fires, quiet in YEARLY
]


def sections(check: str, told: Told) -> set[str]:
    """The sections of what is told, and of what the check is about."""
    form = Interview("gp", context()).form
    items = next(each.items for each in form.checks if each.id == check)
    return {form.by_id[key.partition("#")[0]].section for key in (*items, *told)}


@pytest.mark.parametrize(("check", "level", "fires", "quiet"), CASES)
def test_a_check_fires_at_its_level_and_not_beside_its_border(
    check: str, level: str, fires: Told, quiet: Told
) -> None:
    loud = Interview("gp", context())
    assert fill(loud, fires, only=sections(check, fires)).count((check, level)) == 1
    calm = plan(quiet, *sections(check, {**fires, **quiet}))
    assert check not in [fired.id for fired in calm.turn.path.fired]
    when = next(each.when for each in calm.form.checks if each.id == check)
    assert when.evaluate(calm.turn.path.facts) in (False, None)
    known = {name for name in when.names if calm.turn.path.facts.get(name) is not None}
    assert known, "it is quiet for a reason"


def test_every_check_of_the_form_is_shown_here() -> None:
    checks = {check.id for check in Interview("gp", context()).form.checks}
    assert {case[0] for case in CASES} | {"XG-x1"} == {id for id in checks if not id.endswith(".range")}


def test_a_household_that_is_not_registered_gets_another_plan() -> None:
    for status, held in ((3, ["XG-x1"]), (2, [])):
        interview = plan({}, "cover", known={"reg_status": status})
        assert [check.id for check in interview.turn.path.fired if check.level == "block"] == held


def test_lack_of_funds_after_a_special_loan_cannot_be_handed_in() -> None:
    interview = plan({"k.x1": "5", "b11.x": "1"})
    assert [check.id for check in interview.reviewed.blocked] == ["XG-k5"]
    interview.submit()
    assert interview.why == "not_ready"
    interview.answer("k.x1", "6")
    fill(interview, {})
    interview.submit()
    assert interview.key == "finished"


# question, answers on the way, what goes beyond the hard limit, what just does not
LIMITS: list[tuple[str, Told, str, str]] = [
    ("m.2#1", {}, "121", "120"),
    ("1.2", {}, "0", "1"),
    ("b12.9.d#1", {"b12.x1": "7"}, "13", "12"),
    ("t2019.3.14", {"t2019.x": "3", "t2019.3.x": "2"}, "13", "12"),
    ("t0", {}, "2021", "2020"),
    ("t0", {}, "2017", "2018"),
    ("b12.1", {}, "-1", "0"),
    ("b8.1", {}, "-0.1", "0"),
    ("b5.1", {}, "-1", "0"),
    ("i1", {}, "2020-04-11", "2020-04-10"),
    ("s7", {"s.x2": "2"}, "2020-05", "2020-04"),
]


@pytest.mark.parametrize(("question", "told", "beyond", "within"), LIMITS)
def test_what_cannot_be_is_refused(question: str, told: Told, beyond: str, within: str) -> None:
    interview = Interview("gp", context())
    where = {interview.form.by_id[key.partition("#")[0]].section for key in (question, *told)}
    fill(interview, told, question, where)
    interview.say(beyond)
    assert interview.why in ("out_of_range", "in_future")
    interview.say(within)
    assert interview.session.answers[question] is not None


# (question, answers on the way): what the paper cannot do without
MUST: list[tuple[str, Told]] = [
    ("k.x1", {}),
    ("k6.2", {}),
    ("k11.1", {"k.x1": "11"}),
    ("t0", {}),
    ("t2018.x", {}),
    ("t2019.7.12", {"t2019.x": "7", "t2019.7.x": "2"}),
    ("t2020.5.20", {"t2020.x": "5", "t2020.5.x": "2"}),
    ("a2018.x", {}),
    ("s6", {"s.x2": "2"}),
]


@pytest.mark.parametrize(("question", "told"), MUST)
def test_what_must_be_told_cannot_be_left_unknown(question: str, told: Told) -> None:
    interview = Interview("gp", context())
    where = {interview.form.by_id[key].section for key in (question, *told)}
    fill(interview, told, question, where)
    interview.say("不清楚")
    assert interview.why == "needs_answer"


def test_a_child_out_of_school_is_a_probable_problem_of_the_ledger() -> None:
    child = {**OTHER, "m.rel#2": "儿子", "m.2#2": "12", "m.4#2": "2", "m.8#2": "4", "b5.1": "2", "b6.3": "1"}
    interview = Interview("gp", context())
    assert ("6.1", "candidate") in fill(interview, {**child, "b4.10": "1"})
    assert interview.facts["dropout_count"] == 1
    calm = Interview("gp", context())
    assert ("6.1", "candidate") not in fill(calm, {**child, "b4.10": "0"})
