"""What is derived from answers: incomes, expenses, labour, people, attributes and causes, worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from bot import content
from bot.rules.pack import Pack
from bot.rules.reading import Reading, read
from tests.rules.policy import ON, known


def reading(pack: Pack, facts: dict[str, Any]) -> Reading:
    return read(pack, known(pack, facts), ON)


def truth(pack: Pack, fact: str, facts: dict[str, Any]) -> bool | None:
    return reading(pack, facts).truth(fact)


WU = {  # four people, October 2019 to September 2020 (003:1602-1610)
    "wage_income": 18000,
    "business_income": 9600.50,
    "property_income": 800,
    "transfer_income": 3000,
    "business_cost": 4100.30,
    "population": 4,
}
LI = {  # three residents in 2020, each part net already (001:21-29)
    "net_wage_income": 12000,
    "net_business_income": -1500.25,
    "net_property_income": 300,
    "net_transfer_income": 4200.75,
    "resident_population": 3,
}

NUMBERS: list[tuple[str, float | None, dict[str, Any]]] = [
    # R-INC-01: 18000 + 9600.50 + 800 + 3000 = 31400.50; less 4100.30 = 27300.20; by four = 6825.05
    ("survey_gross_income", 31400.50, WU),
    ("survey_net_income", 27300.20, WU),
    ("survey_income", 6825.05, WU),
    ("survey_gross_income", 30000, {**WU, "gross_income": 30000}),
    ("survey_income", 6000, {**WU, "net_income_per_capita": 6000}),
    ("survey_income", None, {**WU, "business_cost": None}),
    ("income_gap", -2825.05, WU),
    ("income_gap", 500, {"net_income_per_capita": 3500}),
    # R-INC-06
    ("gross_income_per_capita", 4999.99, {"gross_income": 14999.97, "population": 3}),
    ("outside_income", 5000, {"gross_income": 15000, "population": 3}),
    ("outside_income", 4200, {"gross_income": 15000, "population": 3, "estimated_income_per_capita": 4200}),
    # R-INC-02: 12000 - 1500.25 + 300 + 4200.75 = 15000.50; by three residents = 5000.17
    ("net_income_2020", 15000.50, LI),
    ("resident_income_2020", 5000.17, LI),
    ("resident_income_2020", 5000.17, {**LI, "population": 5}),
    ("resident_income_2020", 5100, {**LI, "resident_net_income_per_capita": 5100}),
    ("net_income_2020", None, {**LI, "net_transfer_income": None}),
    ("expected_net_2021", 20000, {"expected_household_net_income": 20000}),
    ("expected_income_2021", 6666.67, {"expected_household_net_income": 20000, "resident_population": 3}),
    # R-INC-07: nothing is taken off
    ("gross_pc_2017", 7500, {"base_total_income": 30000, "base_total_expense": 20000, "population": 4}),
    # R-EXP-01: of 003 and of 001 apart
    ("rigid_expense", 28000, {"illness_disability_expense": 20000, "education_expense": 8000}),
    ("rigid_expense", None, {"illness_disability_expense": 20000}),
    (
        "rigid_expense_2020",
        21000.50,
        {
            "illness_rigid_expense": 12000.50,
            "disability_rigid_expense": 0,
            "education_rigid_expense": 9000,
            "other_rigid_expense": 0,
        },
    ),
    (
        "rigid_ratio",
        1.25,
        {"illness_disability_expense": 25000, "education_expense": 0, "gross_income": 20000},
    ),
    (
        "rigid_ratio",
        None,
        {"illness_disability_expense": 25000, "education_expense": 0, "gross_income": 0},
    ),
    # R-EXP-05: 12000.40 / 15000.50
    ("rigid_ratio_2020", 12000.40 / 15000.50, {**LI, "total_rigid_expense": 12000.40}),
    (
        "medical_self_paid_2019_all",
        3800,
        {
            "has_chronic_disease": 1,
            "chronic_self_paid_2019": 1800,
            "hospitalized_2019": 1,
            "inpatient_self_paid_2019": 2000,
        },
    ),
    (
        "medical_self_paid_2019_all",
        2000,
        {"has_chronic_disease": 2, "hospitalized_2019": 1, "inpatient_self_paid_2019": 2000},
    ),
    ("medical_self_paid_2019_all", None, {"has_chronic_disease": 2}),
    # R-EDU-COST: 5000 + 800 x 10 = 13000 for the college; fares 20 x 40 + board 300 x 10 + 150 x 2 = 4100
    (
        "education_cost_year",
        17100,
        {
            "cause_study_kinds": [1, 2],
            "cause_college": [{"tuition_year": 5000, "living_month": 800}],
            "cause_pupil": [{"fare_per": 1, "fare": 20, "board_per": 2, "board": 300, "supplies_term": 150}],
        },
    ),
    (
        "education_cost_year",
        13000,
        {"cause_study_kinds": [1], "cause_college": [{"tuition_year": 5000, "living_month": 800}]},
    ),
    ("education_cost_year", None, {"cause_study_kinds": [1], "cause_college": [{"tuition_year": 5000}]}),
]


@pytest.mark.parametrize(("name", "value", "facts"), NUMBERS)
def test_a_figure_comes_out_as_worked_by_hand(
    hr: Pack, name: str, value: float | None, facts: dict[str, Any]
) -> None:
    assert reading(hr, facts).get(name) == (value if value is None else pytest.approx(value, abs=1e-9))


def test_incomes_of_other_concepts_and_periods_are_never_taken_instead(hr: Pack) -> None:
    others = {
        "handbook_income_per_capita": 4800,
        "disposable_income_per_capita": 5200,
        "base_disposable_income_pc": 3000,
        "forecast_income_per_capita": 6000,
        "estimated_income_per_capita": 5100,
        **LI,
    }
    found = reading(hr, others)
    assert found.get("survey_income") is None
    assert found.truth("ind_income") is None
    assert reading(hr, {**WU, "handbook_income_per_capita": 4800}).get("resident_income_2020") is None


def test_every_number_has_a_unit_and_a_clause(hr: Pack) -> None:
    assert [n.id for n in hr.numbers.values() if not n.clause] == []
    assert [n.id for n in hr.numbers.values() if not n.unit and n.id != "labour_suggested"] == []


def test_an_income_that_rests_on_the_gross_one_is_marked(hr: Pack) -> None:
    gross = {"gross_income": 12000, "population": 3}
    assert truth(hr, "income_approximate", gross) is True
    assert truth(hr, "income_approximate", {**gross, "estimated_income_per_capita": 3800}) is False


EXPENSES: list[tuple[bool | None, dict[str, Any]]] = [
    (True, {"total_rigid_expense": 15000.50, **LI}),
    (False, {"total_rigid_expense": 15000.49, **LI}),
    (False, {"total_rigid_expense": 0, "household_net_income": -200}),
    (True, {"total_rigid_expense": 1, "household_net_income": -200}),
    (None, {"total_rigid_expense": 9000}),
]


@pytest.mark.parametrize(("expected", "facts"), EXPENSES)
def test_expenses_of_2020_reach_the_net_income(
    hr: Pack, expected: bool | None, facts: dict[str, Any]
) -> None:
    assert truth(hr, "rigid_reaches_net_2020", facts) is expected


def person(age: int | None, labor: int | None) -> dict[str, Any]:
    return {"age": age, "labor": labor}


def gp(age: int, force: int) -> dict[str, Any]:
    return {"age": age, "labor_force": force}


LABOUR: list[tuple[int | None, dict[str, Any]]] = [
    # 001:16, everybody from 16 to 60 is able
    (1, {"member": [person(45, 1), person(43, 2), person(12, None)]}),
    # one of two has lost it; a healthy person of 61 is neither in W nor in L
    (2, {"member": [person(45, 1), person(43, 3), person(61, 1)]}),
    # all of them have, even though somebody of 70 still works: 3 by the letter
    (3, {"member": [person(50, 3), person(70, 2)]}),
    # both ends belong to it, one year beside does not
    (3, {"member": [person(16, 3), person(60, 3), person(61, 1), person(15, 1)]}),
    (1, {"member": [person(16, 1), person(61, 3)]}),
    # nobody of that age: 2 if an older one can work, else 3
    (2, {"member": [person(66, 2), person(10, None)]}),
    (3, {"member": [person(81, 3), person(79, 3)]}),
    # an age that is not known leaves it open
    (None, {"member": [person(45, 1), person(None, 3)]}),
    # 000 says why: who is at school or old has not lost it
    (1, {"family_member": [gp(45, 1), gp(17, 2), gp(72, 2)]}),
    (2, {"family_member": [gp(45, 4), gp(40, 3)]}),
    (3, {"family_member": [gp(45, 3), gp(72, 1)]}),
    (2, {"family_member": [gp(72, 4)]}),
    (None, {}),
]


@pytest.mark.parametrize(("expected", "facts"), LABOUR)
def test_the_labour_of_a_household_follows_from_its_people(
    hr: Pack, expected: int | None, facts: dict[str, Any]
) -> None:
    assert reading(hr, facts).get("labour_suggested") == expected


def test_what_people_tick_and_what_the_people_of_the_file_say_may_disagree(hr: Pack) -> None:
    roster = {"member": [person(45, 1), person(43, 3)]}
    assert truth(hr, "labour_type_disagrees", {**roster, "household_labor": 2}) is False
    assert truth(hr, "labour_type_disagrees", {**roster, "household_labor": 3}) is True
    assert truth(hr, "labour_type_disagrees", roster) is None
    # the tick decides, the roster only suggests
    assert truth(hr, "whole_household_unable", {**roster, "household_labor": 3}) is True
    assert truth(hr, "whole_household_unable", {"member": [person(50, 3)]}) is None


def test_an_older_person_who_works_is_seen(hr: Pack) -> None:
    assert truth(hr, "older_people_work", {"member": [person(50, 3), person(70, 2)]}) is True
    assert truth(hr, "older_people_work", {"member": [person(50, 3), person(70, 3)]}) is False


@pytest.mark.parametrize(("able", "few"), [(0, True), (1, True), (2, False)])
def test_one_able_person_is_few(hr: Pack, able: int, few: bool) -> None:
    assert truth(hr, "labor_few_or_weak", {"labor_normal_count": able}) is few


PEOPLE: list[tuple[str, int | None, dict[str, Any]]] = [
    # P-07: 6 and 15 belong to it, 5 and 16 do not
    ("school_age_children", 2, {"member": [{"age": age} for age in (5, 6, 15, 16)]}),
    ("school_age_children", None, {"member": [{"age": 7}, {"age": None}]}),
    (
        "out_of_school_children",
        2,
        {
            "child": [
                {"in_school": 1},
                *({"in_school": 2, "not_in_school_reason": reason} for reason in (1, 2, 3, 4)),
            ]
        },
    ),
    ("uninsured_unexcused", 1, {"uninsured": [{"uninsured_reason": reason} for reason in (1, 2, 3, 4)]}),
    ("left_behind_people", 3, {"family_member": [{"left_behind": code} for code in (0, 1, 2, 3)]}),
    ("senior_students", 4, {"student": [{"stage": stage} for stage in (1, 2, 3, 4, 5, 6, 7)]}),
    ("severely_disabled_people", 2, {"disabled": [{"disability_grade": grade} for grade in (1, 2, 3, 4)]}),
    ("severely_disabled_people", 1, {"severely_disabled": [{"disability_grade": 2}]}),
]


@pytest.mark.parametrize(("name", "count", "facts"), PEOPLE)
def test_people_are_counted(hr: Pack, name: str, count: int | None, facts: dict[str, Any]) -> None:
    assert reading(hr, facts).get(name) == count


def test_one_of_the_four_chronic_illnesses_is_seen_and_another_word_leaves_it_open(hr: Pack) -> None:
    assert truth(hr, "has_chronic_four", {"family_member": [{"disease": "糖尿病"}, {}]}) is True
    assert truth(hr, "has_chronic_four", {"family_member": [{"disease": "腰椎病"}]}) is None
    assert truth(hr, "has_chronic_four", {"has_chronic_disease": 2}) is False


CAUSES: list[tuple[str, list[dict[str, Any]]]] = [
    (
        "illness",
        [
            {"poverty_causes": [1]},
            {"main_risks": [1]},
            {"return_risk_causes": [1]},
            {"poverty_risk_causes": [1]},
            {"visit_risks": [3]},
            {"hardship_causes": [2]},
            {"accidents": [3]},
        ],
    ),
    ("disability", [{"poverty_causes": [2]}, {"main_risks": [4]}]),
    (
        "disaster",
        [
            {"poverty_causes": [3], "cause_disaster_kind": 1},
            {"poverty_causes": [3], "cause_disaster_kind": 2},
            {"poverty_causes": [3]},
            {"main_risks": [2]},
            {"return_risk_causes": [2]},
            {"monthly_risks": [5]},
            {"accidents": [5]},
        ],
    ),
    (
        "accident",
        [
            {"poverty_causes": [3], "cause_disaster_kind": 4},
            {"main_risks": [7]},
            {"visit_risks": [7]},
            {"hardship_causes": [3]},
            {"accidents": [4]},
        ],
    ),
    (
        "education",
        [{"poverty_causes": [4]}, {"main_risks": [3]}, {"return_risk_causes": [3]}, {"visit_risks": [4]}],
    ),
    ("capital", [{"poverty_causes": [5]}]),
    (
        "skill",
        [
            {"poverty_causes": [6]},
            {"main_risks": [10], "risk_motivation_kinds": [2]},
            {"income_drop_reasons": [2]},
        ],
    ),
    ("labor", [{"poverty_causes": [7]}, {"main_risks": [9]}]),
    ("motivation", [{"poverty_causes": [8]}, {"main_risks": [10]}, {"plan_poverty_causes": [1]}]),
    ("housing", [{"poverty_causes": [9]}]),
    ("marriage", [{"poverty_causes": [10]}]),
    (
        "industry",
        [
            {"main_risks": [5]},
            {"return_risk_causes": [4]},
            {"visit_risks": [1]},
            {"income_drop_reasons": [4]},
        ],
    ),
    (
        "job",
        [
            {"main_risks": [6]},
            {"poverty_risk_causes": [5]},
            {"visit_risks": [2]},
            {"income_drop_reasons": [5]},
        ],
    ),
    (
        "epidemic",
        [{"main_risks": [8]}, {"return_risk_causes": [6]}, {"visit_risks": [6]}, {"accidents": [2]}],
    ),
]


@pytest.mark.parametrize(("cause", "facts"), [(cause, facts) for cause, every in CAUSES for facts in every])
def test_a_cause_is_known_under_every_name(hr: Pack, cause: str, facts: dict[str, Any]) -> None:
    assert truth(hr, f"cause_{cause}", facts) is True


@pytest.mark.parametrize("kind", [3, 4])
def test_a_theft_is_no_disaster_and_an_accident_is_one_of_its_own(hr: Pack, kind: int) -> None:
    told = {"poverty_causes": [3], "cause_disaster_kind": kind}
    assert truth(hr, "cause_disaster", told) is not True
    assert (truth(hr, "cause_accident", told) is True) is (kind == 4)


def test_a_list_that_was_not_asked_leaves_a_cause_open(hr: Pack) -> None:
    assert truth(hr, "cause_illness", {"poverty_causes": [5]}) is None
    assert truth(hr, "cause_capital", {"poverty_causes": [1]}) is False
    assert truth(hr, "cause_capital", {"main_risks": [1]}) is None


ATTRIBUTES: list[tuple[str, dict[str, Any]]] = [
    ("on_dibao", {"dibao_now": 1}),
    ("on_dibao", {"nonreg_kind": 2}),
    ("on_dibao", {"nonreg_kind": 1, "nonreg_other_kinds": [2, 5]}),
    ("on_dibao", {"household_attributes": [1]}),
    ("on_dibao", {"special_groups": [2]}),
    ("on_dibao", {"dibao_class": 3}),
    ("on_dibao", {"poor_household_kind": 2}),
    ("tekun_in_any_list", {"household_attributes": [2]}),
    ("tekun_in_any_list", {"nonreg_kind": 3}),
    ("tekun_in_any_list", {"special_groups": [1]}),
    ("tekun_in_any_list", {"poor_household_kind": 3}),
    ("severely_disabled_household", {"nonreg_kind": 4}),
    ("severely_disabled_household", {"special_groups": [4]}),
    ("seriously_ill_household", {"nonreg_kind": 5}),
    ("seriously_ill_household", {"has_serious_illness": 1}),
    ("disabled_household", {"household_attributes": [3]}),
    ("disabled_household", {"has_disability": 1}),
    ("marginal_in_any_list", {"nonreg_kind": 1}),
    ("marginal_in_any_list", {"monitor_kind": 2}),
    ("marginal_in_any_list", {"system_mark_2019": 2}),
    ("special_household", {"special_groups": [3]}),
    ("loan_special", {"special_loan_wan": 5}),
    ("loan_special", {"had_special_loan": 1}),
]


@pytest.mark.parametrize(("fact", "facts"), ATTRIBUTES)
def test_an_attribute_is_known_under_every_name(hr: Pack, fact: str, facts: dict[str, Any]) -> None:
    assert truth(hr, fact, facts) is True
    assert truth(hr, fact, {}) is None


def test_grade_three_is_disabled_in_one_document_and_not_severe_in_the_other(hr: Pack) -> None:
    third = {"has_disability": 1, "has_severe_disability": 2, "nonreg_kind": 1, "special_groups": [0]}
    assert truth(hr, "disabled_household", third) is True
    assert truth(hr, "severely_disabled", third) is False


def test_a_microloan_is_not_the_special_loan(hr: Pack) -> None:
    assert truth(hr, "loan_special", {"had_microloan": 1, "microloan_amount": 30000}) is None
    assert truth(hr, "loan_special", {"had_special_loan": 2}) is False


def test_who_is_marked_is_known_by_either_question(hr: Pack) -> None:
    assert truth(hr, "marked_marginal_household", {"marked_marginal": 1}) is True
    assert truth(hr, "marked_marginal_household", {"system_mark_2019": 3}) is False
    assert truth(hr, "marked_unstable", {"system_mark_2019": 1}) is True
    assert truth(hr, "marked_unstable", {"reg_status": 3, "marked_marginal": 2}) is False
    assert truth(hr, "marked_unstable", {"reg_status": 2, "marked_marginal": 2}) is None


def test_a_stable_household_lacks_nothing_and_runs_no_risk(hr: Pack) -> None:
    stable = {
        "reg_status": 2,
        "return_risk": 2,
        "net_income_per_capita": 4000,
        "food_enough": 1,
        "seasonal_clothes": 1,
        "has_school_age_child": 2,
        "all_insured": 1,
        "house_safety": 1,
        "house_renovation": 3,
        "water_source": 1,
    }
    assert truth(hr, "stable", stable) is True
    assert truth(hr, "stable", {**stable, "net_income_per_capita": 3999.99}) is False
    assert truth(hr, "stable", {**stable, "house_safety": 3}) is None
    assert truth(hr, "stable", {**stable, "return_risk": 1}) is False


SINGLE: list[tuple[int | None, dict[str, Any]]] = [
    (1, {"population": 1, "head_age": 59, "has_disability": 2, "has_serious_illness": 2}),
    (2, {"population": 1, "head_age": 60, "has_disability": 2, "has_serious_illness": 2}),
    (2, {"population": 1, "head_age": 61, "has_disability": 2, "has_serious_illness": 2}),
    (2, {"population": 2, "head_age": 30, "has_disability": 2, "has_serious_illness": 2}),
    (2, {"population": 1, "head_age": 30, "has_disability": 1, "has_serious_illness": 2}),
    (2, {"population": 1, "head_age": 30, "has_disability": 2, "has_serious_illness": 1}),
    (None, {"population": 1, "has_disability": 2, "has_serious_illness": 2}),
]


@pytest.mark.parametrize(("expected", "facts"), SINGLE)
def test_who_has_turned_sixty_is_not_under_sixty(expected: int | None, facts: dict[str, Any]) -> None:
    form = content.load().form("cs")
    calc = next(item.calc for item in form.items if item.fact == "single_under60_fit")
    assert calc is not None
    assert calc.evaluate({**facts, "param_single_age_limit": 60}) == expected
