"""Food, clothes, schooling, medical insurance, house, water and income: ok, fail, or not yet known."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.pack import Pack
from bot.rules.reading import read
from tests.rules.policy import ON, known

CASES: list[tuple[str, bool | None, dict[str, Any]]] = [
    ("ind_food", True, {"food_enough": 1}),
    ("ind_food", False, {"food_enough": 2}),
    ("ind_food", None, {}),
    ("ind_food", True, {"food_state": 1}),
    ("ind_food", None, {"food_state": 2}),
    ("ind_food", False, {"food_state": 3}),
    ("ind_clothes", True, {"clothes_state": 1}),
    ("ind_clothes", None, {"clothes_state": 2}),
    ("ind_clothes", False, {"clothes_state": 3}),
    ("ind_clothes", False, {"seasonal_clothes": 2}),
    ("ind_education", True, {"has_school_age_child": 2}),
    ("ind_education", True, {"has_school_age_child": 1, "children_in_school": 1}),
    ("ind_education", None, {"children_in_school": 2, "main_not_in_school_reason": 1}),
    ("ind_education", None, {"children_in_school": 2, "main_not_in_school_reason": 2}),
    ("ind_education", False, {"children_in_school": 2, "main_not_in_school_reason": 3}),
    ("ind_education", False, {"children_in_school": 2, "main_not_in_school_reason": 4}),
    ("ind_education", False, {"child": [{"in_school": 2, "not_in_school_reason": 3}, {"in_school": None}]}),
    ("ind_education", None, {"has_school_age_child": 1, "children_in_school": 2}),
    ("ind_education", True, {"schooling_state": 1}),
    ("ind_education", None, {"schooling_state": 2}),
    ("ind_education", False, {"schooling_state": 3}),
    ("ind_medical", True, {"all_insured": 1}),
    ("ind_medical", True, {"all_insured": 2, "main_uninsured_reason": 2}),
    ("ind_medical", False, {"all_insured": 2, "main_uninsured_reason": 4}),
    ("ind_medical", False, {"all_insured": 2, "uninsured": [{"uninsured_reason": 4}, {}]}),
    ("ind_medical", None, {"all_insured": 2}),
    (
        "ind_medical",
        True,
        {"all_insured": 2, "uninsured": [{"uninsured_reason": 3}], "main_uninsured_reason": 3},
    ),
    (
        "ind_medical",
        False,
        {"all_insured": 2, "uninsured": [{"uninsured_reason": 1}, {"uninsured_reason": 4}]},
    ),
    ("ind_medical", True, {"medical_state": 1}),
    ("ind_medical", False, {"medical_state": 3}),
    ("ind_medical", None, {"medical_state": 2}),
    ("ind_house", True, {"house_safety": 1, "house_renovation": 3, "house_hazards": [1, 2]}),
    ("ind_house", True, {"house_safety": 1, "house_renovation": 2, "renovation_livable": 1}),
    ("ind_house", None, {"house_safety": 1, "house_renovation": 2}),
    ("ind_house", True, {"reg_status": 3, "house_safety": 1}),
    ("ind_house", True, {"house_safe_now": 1}),
    ("ind_house", False, {"house_safe_now": 2}),
    ("ind_house", True, {"house_state": 1}),
    ("ind_house", False, {"house_state": 3}),
    ("ind_house", None, {"house_state": 2}),
    ("ind_house", False, {"house_grade": 3}),
    ("ind_house", False, {"house_safety": 2}),
    ("ind_house", None, {"house_safety": 3}),
    ("ind_house", False, {"house_safety": 1, "house_renovation": 1, "renovation_livable": 2}),
    ("ind_water", True, {"water_source": 1}),
    ("ind_water", True, {"water_source": 2, "water_shortage": 1, "water_quality_good": 1, "water_access": 1}),
    ("ind_water", False, {"water_source": 3, "water_shortage": 2}),
    ("ind_water", False, {"water_source": 3, "water_shortage": 1, "water_quality_good": 2}),
    ("ind_water", None, {"water_source": 3, "water_shortage": 1}),
    (
        "ind_water",
        False,
        {"water_source": 3, "water_shortage": 1, "water_quality_good": 1, "water_access": 2},
    ),
    ("ind_water", False, {"water_source": 1, "water_quality_now": 2}),
    ("ind_water", False, {"water_source": 1, "water_shortage_days_month": 3}),
    ("ind_water", True, {"water_source": 1, "water_shortage_days_month": 2}),
    ("ind_water", True, {"water_state": 1}),
    ("ind_water", None, {"water_state": 2}),
    ("ind_water", False, {"water_state": 3}),
    ("ind_income", True, {"net_income_per_capita": 4000}),
    ("ind_income", False, {"net_income_per_capita": 3999.99}),
    ("ind_income", False, {"gross_income": 20000, "business_cost": 8000.03, "population": 3}),
    ("ind_income", True, {"gross_income": 20000, "business_cost": 8000, "population": 3}),
    ("ind_income", None, {"gross_income": 20000, "population": 3}),
    ("can_work", True, {"labor_total": 1}),
    ("can_work", False, {"labor_total": 0}),
    ("can_work", None, {}),
    (
        "expense_beyond_means",
        True,
        {"illness_disability_expense": 9, "education_expense": 1, "gross_income": 10},
    ),
    (
        "expense_beyond_means",
        False,
        {"illness_disability_expense": 0, "education_expense": 0, "gross_income": 0},
    ),
]


@pytest.mark.parametrize(("fact", "truth", "facts"), CASES)
def test_an_indicator_has_three_values(
    hr: Pack, fact: str, truth: bool | None, facts: dict[str, Any]
) -> None:
    assert read(hr, known(hr, facts), ON).truth(fact) is truth


def test_one_failing_indicator_fails_all_and_one_unknown_leaves_them_open(hr: Pack) -> None:
    fine = {
        "food_enough": 1,
        "seasonal_clothes": 1,
        "has_school_age_child": 2,
        "all_insured": 1,
        "house_safety": 1,
        "house_renovation": 3,
        "water_source": 1,
    }
    assert read(hr, fine, ON).truth("ind_all") is True
    assert read(hr, {**fine, "house_safety": 3}, ON).truth("ind_all") is None
    assert read(hr, {**fine, "house_safety": 3, "food_enough": 2}, ON).truth("ind_all") is False
