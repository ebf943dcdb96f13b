"""The plan of three years asks only what applies (causes, aspects, measures), and counts what can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from bot.dialogs.effects import Answered, Asked, Doubted, Noted, Recalled, Reviewed, Sections, Suspected
from tests.dialogs.building import Interview, context, sensible

Told = Mapping[str, str]
YEARS = (2018, 2019, 2020)

# One farmer of 45, in good health, who lacks a skill; each year only safe water is planned, with advice.
QUIET: Told = {
    "i1": "2018-05-10", "x1": "1", "1.2": "1", "1.3": "2015", "1.4": "1", "m.n": "1", "m.1": "张三",
    "m.rel": "户主", "m.2": "45", "m.4": "2", "m.8": "1", "m.5": "1", "m.x6": "1", "m.9": "0",
    "b1.1": "3", "b1.4": "2", "b1.5": "1", "b1.2": "100", "b1.x1": "1", "b1.6.a": "3", "b1.6.b": "2010",
    "b1.7.b": "2000", "b1.8.b": "1990", "b1.x2": "2", "b1.9": "2017", "b1.11": "0", "b2.1": "1",
    "b3.1.y": "1990", "b3.2.y": "2005", "b4.12": "2", "b5.1": "1", "b5.2": "2017", "b5.3": "1",
    "b5.7": "2010", "b5.7.d": "2012", "b5.13": "2", "b6.2": "1", "b6.3": "0", "b7.1": "0", "b8.1": "4",
    "b8.2": "4", "b8.3": "0", "b8.4": "0", "b8.5": "4", "b8.x1": "0", "b8.x2": "0", "b9.n": "0",
    "b11.x": "2", "b11.2": "0", "b12.x1": "1", "b12.3": "20000", "b12.1": "20000", "b12.2": "15000",
    "b12.9.a": "2017", "b12.9.d": "10", "b12.9.f": "3000", "b12.9.g": "30000", "b13.1": "500",
    "k.x1": "6", "t0": "2018", "s7": "2018-05",
    **{
        f"{id}": said
        for year in YEARS
        for id, said in {
            f"t{year}.0.a": "20000", f"t{year}.0.b": "0", f"t{year}.0.c": "0", f"t{year}.0.d": "0",
            f"t{year}.0.e": "20000", f"t{year}.0.f": "18000", f"t{year}.x": "9", f"a{year}.x": "1",
            f"t{year}.3.14": "10", f"t{year}.3.15": "3000", f"t{year}.3.16": "30000",
            f"t{year}.5.18": "12", f"t{year}.7.3": "2018", f"t{year}.7.8": "2019", f"t{year}.7.9": "2018",
            f"t{year}.8.1": "10", f"t{year}.8.2": "10", f"t{year}.2.1": "20", f"t{year}.2.2": "10",
        }.items()
    },
}  # fmt: skip


def fill(
    interview: Interview, told: Told, goal: str = "review", only: Collection[str] = ()
) -> list[tuple[str, str]]:
    """Answer as told, else quietly, up to a question, a check or the review; what showed, with its level.

    With `only` no other sections are entered, and it is done at the menu when nothing is left in them.
    """
    answers = {**QUIET, **told}
    shown: list[tuple[str, str]] = []
    for _ in range(600):
        shown.extend((noted.check.id, noted.check.level) for noted in interview.happened(Noted))
        if interview.key == goal:
            return shown
        match interview.open:
            case Asked(step) if step.item is not None:
                said = answers.get(step.key) or answers.get(step.item.id) or sensible("gp", step.item)
                interview.say(said)
                assert interview.happened(Answered), (step.key, said, interview.turn.effects)
            case Doubted(check):
                shown.append((check.id, check.level))
                interview.say("1")
            case Suspected(candidate):
                shown.append((candidate.problem, "candidate"))
                interview.say("1")
            case Recalled():
                interview.say("1")
            case Sections(states):
                left = [state.section.id for state in states if state.left]
                entered = [section for section in left if not only or section in only]
                if not entered:
                    return shown
                interview.enter(entered[0])
            case Reviewed():
                break
    raise AssertionError(f"{goal} was not reached")


def plan(told: Told | None = None, *only: str, **file: Any) -> Interview:
    """A plan filled in as told, standing at its review, or at its menu with `only` some sections done."""
    interview = Interview("gp", context(**file))
    fill(interview, told or {}, only=only)
    return interview


def parts(year: int) -> list[str]:
    """The sections of a year."""
    return [f"y{year}_{part}" for part in ("income", "earn", "care", "help")]


def asked(interview: Interview, head: str) -> list[str]:
    """Ids of the questions that were asked and whose id begins with `head`, without it, once each."""
    ids = dict.fromkeys(key.partition("#")[0] for key in interview.steps())
    return [id.removeprefix(head) for id in ids if id.startswith(head)]


CAUSES = [
    ("1", {"k1.x1": "1"}, "k1.", ["x1", "3", "5", "1", "4", "6", "7", "8", "9", "10", "11"]),
    ("1", {"k1.x1": "2"}, "k1.", ["x1", "3", "5"]),
    ("2", {}, "k2.", ["1", "2", "4", "3", "5"]),
    ("3", {}, "k3.", ["1", "3", "3.x", "4", "5", "6", "7"]),
    ("3", {"k3.3": "3"}, "k3.", ["1", "3", "4", "5", "6", "7"]),
    ("4", {"k4.x": "1"}, "k4.", ["x", "n1", "1", "2", "4", "5", "6", "7"]),
    ("4", {"k4.x": "2"}, "k4.", ["x", "n2", "8", "9", "10", "11.x", "11", "12.x", "12", "13"]),
    ("5", {}, "k5.", ["1", "2"]),
    ("6", {}, "k6.", ["2", "3"]),
    ("7", {}, "k7.", ["x"]),
    ("8", {}, "k8.", ["1"]),
    ("9", {"k9.x": "1"}, "k9.", ["x", "2"]),
    ("9", {"k9.x": "2"}, "k9.", ["x"]),
    ("9", {"k9.x": "3"}, "k9.", ["x", "6"]),
    ("9", {"k9.x": "4"}, "k9.", ["x", "7", "9", "10", "11", "12"]),
    ("10", {}, "k10.", ["1", "3", "4", "5", "6"]),
    ("11", {}, "k11.", ["1"]),
]


@pytest.mark.parametrize(("cause", "told", "head", "slots"), CAUSES)
def test_a_cause_opens_its_own_slots_and_no_others(
    cause: str, told: Told, head: str, slots: list[str]
) -> None:
    interview = plan({**told, "k.x1": cause}, "causes")
    assert asked(interview, head) == slots
    assert len(asked(interview, "k")) == 1 + len(slots), "besides them only the choice of causes"


def test_every_cause_of_the_paper_is_shown_here() -> None:
    assert {int(case[0]) for case in CAUSES} == set(range(1, 12))


def test_several_causes_open_together_and_one_of_them_is_named_the_main_one() -> None:
    interview = plan({"k.x1": "8 10", "k.x3": "10"}, "causes")
    assert asked(interview, "k") == [".x1", ".x3", "8.1", "10.1", "10.3", "10.4", "10.5", "10.6"]
    assert interview.facts["main_poverty_cause"] == 10
    interview.answer("k.x3", "6")
    assert interview.why == "constraint", "what was not chosen is not the main cause"


def test_a_plan_names_at_least_one_cause() -> None:
    interview = Interview("gp", context())
    interview.enter("causes")
    interview.say("不清楚")
    assert interview.why == "needs_answer"
    interview.say("没有")
    assert interview.key == "k.x1"


STAGES = {"t{Y}.5.x": "1", "t{Y}.5.n": "1"}
# aspect, what is told, the slots of 2018, those of 2019 and 2020 where they differ
ASPECTS: list[tuple[str, Told, list[str], list[str] | None]] = [
    ("1", {"t{Y}.1.x": "1"}, ["1.x", "1.2", "1.3", "1.4", "1.5", "1.6"], ["1.x", "1.2", "1.4"]),
    ("1", {"t{Y}.1.x": "2"}, ["1.x", "1.7", "1.8", "1.9", "1.10", "1.11"], ["1.x", "1.1", "1.4"]),
    ("1", {"t{Y}.1.x": "3"}, ["1.x", "1.12", "1.13"], ["1.x", "1.3", "1.4"]),
    ("2", {}, ["2.1", "2.2", "2.3"], ["2.1", "2.2", "2.3", "2.5"]),
    (
        "3",
        {"t{Y}.3.x": "1"},
        ["3.x", "3.1", "3.2", "3.3", "3.5", "3.6", "3.7", "3.8"],
        ["3.x", "3.3", "3.5", "3.6", "3.7", "3.8"],
    ),
    (
        "3",
        {"t{Y}.3.x": "2"},
        ["3.x", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15.x", "3.15", "3.16"],
        ["3.x", "3.9", "3.11", "3.12", "3.13", "3.14", "3.15.x", "3.15", "3.16"],
    ),
    ("4", {}, ["4.1", "4.2"], None),
    ("5", {**STAGES, "t{Y}.5.1.x": "1"}, ["5.x", "5.n", "5.1", "5.1.x", "5.2", "5.3", "5.4"], None),
    (
        "5",
        {**STAGES, "t{Y}.5.1.x": "2", "t{Y}.5.8.x": "1 3"},
        ["5.x", "5.n", "5.1", "5.1.x", "5.2", "5.4", "5.8.x", "5.8"],
        None,
    ),
    (
        "5",
        {**STAGES, "t{Y}.5.1.x": "4", "t{Y}.5.8.x": "0"},
        ["5.x", "5.n", "5.1", "5.1.x", "5.2", "5.4", "5.8.x"],
        None,
    ),
    ("5", {"t{Y}.5.x": "2"}, ["5.x", "5.17", "5.18", "5.19", "5.20"], None),
    ("6", {"t{Y}.6.x": "1"}, ["6.x", "6.1"], None),
    ("6", {"t{Y}.6.x": "2"}, ["6.x", "6.2", "6.3"], None),
    ("6", {"t{Y}.6.x": "0"}, ["6.x"], None),
    ("7", {"t{Y}.7.x": "1"}, ["7.x", "7.3", "7.5", "7.6", "7.7", "7.8"], None),
    ("7", {"t{Y}.7.x": "2"}, ["7.x", "7.3", "7.12", "7.5", "7.6", "7.7", "7.8"], None),
    ("7", {"t{Y}.7.x": "3"}, ["7.x", "7.9", "7.11"], None),
    ("7", {"t{Y}.7.x": "5"}, ["7.x", "7.9", "7.11"], None),
    ("8", {}, ["8.1", "8.2"], None),
    ("9", {}, [], None),
    ("10", {"t{Y}.10.x": "1"}, ["10.x", "10.1"], None),
    ("10", {"t{Y}.10.x": "2"}, ["10.x", "10.1"], None),
    ("10", {"t{Y}.10.x": "3 5"}, ["10.x"], None),
    ("10", {"t{Y}.10.x": "4"}, ["10.x", "10.3", "10.4", "10.5"], None),
    ("10", {"t{Y}.10.x": "4", "t{Y}.10.4": "7"}, ["10.x", "10.3", "10.4", "10.4.x", "10.5"], None),
]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(("aspect", "told", "first", "later"), ASPECTS)
def test_an_aspect_opens_its_own_slots_in_its_own_year_only(
    year: int, aspect: str, told: Told, first: list[str], later: list[str] | None
) -> None:
    said = {key.replace("{Y}", str(year)): text for key, text in told.items()}
    interview = plan({**said, f"t{year}.x": aspect}, *parts(year))
    goals = ["0.a", "0.b", "0.c", "0.d", "0.e", "0.f", "x"]
    wanted = first if year == 2018 or later is None else later
    assert asked(interview, f"t{year}.") == [*goals, *wanted]
    for other in {*YEARS} - {year}:
        assert asked(interview, f"t{other}.") == goals


def test_every_aspect_of_the_paper_is_shown_here() -> None:
    assert {int(case[0]) for case in ASPECTS} == set(range(1, 11))


MEASURES = [
    ("1 4 5 7 8 10 11 12", {}, []),
    ("2", {}, ["2.1", "2.2", "2.3"]),
    ("3", {}, ["3.1", "3.2", "3.3", "3.4", "3.5"]),
    ("6", {"a2019.6.1": "2", "a2019.6.3": "0"}, ["6.1", "6.2", "6.3"]),
    ("6", {"a2019.6.1": "0", "a2019.6.3": "1"}, ["6.1", "6.3", "6.4"]),
    ("9", {}, ["9.1"]),
]


@pytest.mark.parametrize(("measures", "told", "slots"), MEASURES)
def test_only_a_measure_with_blanks_asks_further(measures: str, told: Told, slots: list[str]) -> None:
    interview = plan({**told, "a2019.x": measures}, "y2019_help")
    assert asked(interview, "a2019.") == ["x", *slots]
    assert asked(interview, "a2018.") == ["x"]


def test_the_menu_leads_only_into_parts_where_something_is_to_be_said() -> None:
    interview = plan({}, "y2018_income")
    assert isinstance(interview.open, Sections)
    ids = [state.section.id for state in interview.open.states]
    assert "y2018_help" in ids
    assert "y2018_earn" not in ids
    assert "y2018_care" not in ids
    interview.answer("t2018.x", "1 7")
    interview.enter()
    assert isinstance(interview.open, Sections)
    assert {"y2018_earn", "y2018_care"} <= {state.section.id for state in interview.open.states}


def test_sections_stay_together_and_are_short_enough_to_be_filled_in_at_one_go() -> None:
    items = Interview("gp").form.items
    order = [item.section for item in items]
    runs = [section for at, section in enumerate(order) if at == 0 or order[at - 1] != section]
    assert len(runs) == len(set(runs))
    quiet = plan()
    by_id = quiet.form.by_id
    asked_in = [by_id[key.partition("#")[0]].section for key in quiet.steps()]
    assert max(asked_in.count(section) for section in set(asked_in)) <= 25


# ------------------------------------------------------------------ what is counted

HOME = ("members", "school", "health")
FAMILY: Told = {
    "1.2": "5", "m.n": "5",
    "m.1#1": "张三", "m.rel#1": "户主", "m.2#1": "45", "m.x6#1": "1",
    "m.1#2": "李四", "m.rel#2": "妻子", "m.2#2": "44", "m.5#2": "2 3", "m.6#2": "高血压", "m.x6#2": "2",
    "m.1#3": "张老", "m.rel#3": "父亲", "m.2#3": "80", "m.x6#3": "3", "m.x7#3": "1", "m.8#3": "4",
    "m.1#4": "张大", "m.rel#4": "儿子", "m.2#4": "17", "m.4#4": "7", "m.8#4": "3", "m.x1#4": "4",
    "m.1#5": "张小", "m.rel#5": "女儿", "m.2#5": "2", "m.4#5": "6",
    "b5.1": "5", "b5.3": "4", "b6.2": "2", "b6.3": "3",
}  # fmt: skip


def test_pupils_ill_and_disabled_people_are_counted_from_the_members() -> None:
    facts = plan(FAMILY, *HOME).facts
    assert (facts["student_total"], facts["middle_school_count"]) == (1, 1)
    for name in ("preschool_count", "primary_count", "vocational_count", "college_count"):
        assert facts[name] == 0
    assert (facts["ill_count"], facts["disabled_person_count"]) == (1, 1)
    assert facts["ncms_uninsured_count"] == 1


def test_labor_is_named_as_on_the_paper_and_counted() -> None:
    interview = plan(FAMILY, *HOME)
    rows = interview.facts["family_member"]
    assert [row["labor_force"] for row in rows] == [1, 4, 2, 1, 2]
    assert interview.facts["labor_count"] == 3
    assert "m.x6#5" not in interview.steps(), "a child is not asked whether it can work"
    assert "m.8#5" not in interview.steps()
    lost = plan({**FAMILY, "m.x7#3": "2"}, "members")
    assert lost.facts["family_member"][2]["labor_force"] == 3
    lacking = plan({**FAMILY, "k.x1": "7"}, "members", "causes")
    assert lacking.facts["cause_labor_count"] == 3


def test_an_unknown_stage_makes_the_numbers_of_pupils_unknown_and_no_zero() -> None:
    facts = plan({**FAMILY, "m.x1#4": "不清楚"}, "members").facts
    assert facts["student_total"] is None


def test_each_stage_of_school_counts_in_its_own_column() -> None:
    columns = {1: "preschool", 2: "primary", 3: "middle_school", 4: "middle_school", 5: "vocational"}
    for stage, column in {**columns, 6: "college", 7: "college"}.items():
        facts = plan({"m.4": "7", "m.8": "3", "m.x1": str(stage)}, "members").facts
        assert (facts["student_total"], facts[f"{column}_count"]) == (1, 1)


def test_what_follows_from_numbers_is_worked_out() -> None:
    told = {"1.2": "4", "t2019.x": "2", "t2019.2.3": "6000", "b8.1": "6"}
    facts = plan(told, "cover", "house", "land", *parts(2018), *parts(2019)).facts
    assert facts["house_area_per_capita"] == 25
    assert facts["land_per_capita"] == 1.5
    assert facts["plan_2019_breeding_income_pc"] == 1500
    assert facts["plan_2018_income_sum"] == 20000
    assert "plan_2018_breeding_income_pc" not in facts


def test_paving_is_subsidised_up_to_the_standard_of_a_household() -> None:
    for road, yard, subsidy in (("10", "10", 1000), ("20", "10", 1500), ("20", "10.5", 1500), ("0", "0", 0)):
        told = {"t2020.x": "8", "t2020.8.1": road, "t2020.8.2": yard}
        assert plan(told, *parts(2020)).facts["plan_2020_hardening_subsidy"] == subsidy


def test_consolidation_is_from_the_year_of_the_exit_on() -> None:
    facts = plan({"t0": "2019", "a2020.x": "12"}, *parts(2018), *parts(2020)).facts
    assert facts["plan_2020_after_exit_year"] == 2019
    assert "plan_2018_after_exit_year" not in facts


def test_incomes_that_are_not_had_count_as_nothing_in_the_sum() -> None:
    told = {
        "b12.x1": "1 4 7", "b12.3": "1000", "b12.6.n": "2", "b12.6.d#1": "200", "b12.6.d#2": "300",
        "b12.9.d": "1", "b12.9.f": "4000", "b12.9.g": "4000", "b12.1": "5500", "b12.2": "5000",
    }  # fmt: skip
    assert plan(told, "income").facts["base_income_sum"] == 5500
    none = {"b12.x1": "0", "b12.1": "0", "b12.2": "0"}
    assert plan(none, "income").facts["base_income_sum"] == 0


# ------------------------------------------------------------------ what is known is not asked again


def test_the_sums_and_the_sheep_of_the_base_year_are_proposed() -> None:
    told = {"b8.x2": "1", "b8.17": "30", "t2018.x": "2"}
    for question, value in (("b12.1", 20000), ("t2018.0.e", 20000), ("t2018.2.1", 30)):
        interview = Interview("gp", context())
        fill(interview, told, question, ["land", "income", *parts(2018)])
        known = interview.asked.known
        assert known is not None
        assert known.value == value


MEMBERS = [
    {"name": "张三", "relation": "户主", "age": 45, "labor": 1},
    {"name": "张小", "relation": "女儿", "age": 9, "labor": 3},
]


def test_members_of_the_file_are_kept_with_one_tap() -> None:
    interview = Interview("gp", context(known={"family_member": MEMBERS, "family_member_count": 2}))
    interview.enter("members")
    assert isinstance(interview.open, Recalled)
    interview.say("1")
    assert interview.key == "m.3#1"
    rest = {key.partition("#")[0] for key in interview.steps() if key.startswith("m.")}
    assert not rest & {"m.n", "m.1", "m.rel", "m.2"}
    fill(interview, {"1.2": "2", "m.4#2": "7", "m.8#2": "3", "m.x1#2": "2"}, only=["members"])
    assert interview.facts["primary_count"] == 1


REGISTER = {
    "head_name": "张三",
    "head_phone": "13800000000",
    "household_address": "某村三组",
    "helper_name": "李四",
    "helper_phone": "13900000000",
    "helper_unit": "县农业局",
    "village": "某村",
    "reg_status": 2,
    "reg_year": 2015,
}


def test_what_the_register_holds_is_not_asked_at_all() -> None:
    interview = plan({}, "cover", known=REGISTER)
    assert asked(interview, "c") == []
    assert not {"i2", "x1", "1.3"} & set(interview.steps())
    assert interview.facts["helper_name"] == "李四"


def test_a_quiet_plan_can_be_handed_in() -> None:
    interview = plan(known=REGISTER)
    assert interview.turn.path.fired == ()
    assert len(interview.steps()) < 120
    interview.submit()
    assert interview.key == "finished"
