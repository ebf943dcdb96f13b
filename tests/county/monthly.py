"""How answers fall in the questionnaires that come again or come later at a household: cs, mc, vc, gs, ap."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.expressions import Value
from tests.county.chances import (
    BOTH,
    age,
    children,
    counted,
    disabled,
    later,
    name,
    seldom,
    severely,
    some,
    students,
    today,
    workers,
    yes,
)
from tests.county.drawing import Chance, Draw, fixed, several, weighted, whole


def members(draw: Draw) -> Value:
    """How many live in the household."""
    return len(draw.nature.members)


def labor(draw: Draw) -> Value:
    """Whether the row's person can work."""
    return draw.nature.members[draw.row - 1].labor


def schooling(draw: Draw) -> Value:
    """Whether all children go to school (1), some do not (2), or there are none (3)."""
    if not children(draw.nature, draw.at.date()):
        return 3
    return 1 if draw.random.random() < 0.97 else 2


def out_of_school(draw: Draw) -> Value:
    """Of those listed at least the first does not go to school, as was said before (MC-4)."""
    return 2 if draw.row == 1 or draw.one_in(0.2) else 1


def ago(days: int) -> Chance:
    """The day so long before the visit."""
    return lambda draw: (draw.at.date() - timedelta(days=days)).isoformat()


def days_after(fact: str, days: int) -> Chance:
    """So many days before the visit, where something else began earlier than that."""
    return lambda draw: (draw.at.date() - timedelta(days=days)).isoformat() if draw.get(fact) else None


CS: Final[Mapping[str, Chance]] = {
    "handbook_income_per_capita": whole(3000, 16000), "estimated_income_per_capita": whole(3500, 16000),
    "return_risk": yes(0.08), "return_risk_causes": several({1: 0.5, 2: 0.2, 3: 0.3, 4: 0.1, 7: 0.1}),
    "poverty_risk_causes": several({1: 0.1, 2: 0.02, 3: 0.06, 4: 0.02}, none=0),
    "stable_exit": yes(0.93), "consumer_car": yes(0.04), "luxury_decoration": yes(0.02),
    "commercial_housing": yes(0.03), "population": counted,
    "head_age": lambda draw: age(draw.nature.head, draw.at.date()),
    "has_disability": some(disabled), "has_serious_illness": yes(0.12),
    "parents_live_apart": yes(0.2), "has_adult_children": yes(0.8), "children_can_support": yes(0.7),
    "person_labor_count": members, "person_labor.name": name(lambda nature, on: nature.members),
    "person_labor.labor": labor,
    "illness_disability_expense": whole(300, 20000, zero=0.6),
    "education_expense": whole(500, 12000, zero=0.6),
    "has_dividend": yes(0.4), "dividend_principal": whole(1000, 50000), "dividend_amount": whole(80, 5000),
    "has_surplus": yes(0.15), "surplus.product": fixed("土鸡"), "surplus.quantity": fixed("20只"),
    "has_severe_disability": some(severely), "receives_two_subsidies": yes(0.9),
}  # fmt: skip

MC: Final[Mapping[str, Chance]] = {
    **BOTH,
    "checked_on": today,
    "monitoring_method": weighted({1: 80, 2: 14, 3: 4, 4: 2}), "changed_since_last": yes(0.2),
    "house_safe_now": weighted({1: 95, 2: 2, 3: 3}),
    "new_house_hazards": several({1: 0.04, 2: 0.01, 3: 0.01, 4: 0.01, 5: 0.01}, none=0),
    "has_renovation_task": yes(0.06), "renovation_progress": weighted({1: 1, 2: 3, 3: 2, 4: 2, 5: 2}),
    "school_age_schooling": schooling, "child.in_school": out_of_school,
    "education_aid_received": lambda draw: 3 if not students(draw.nature, draw.at.date()) else 1,
    "illness_this_month": yes(0.15), "self_paid_this_month": whole(50, 3000, zero=0.2),
    "water_shortage_days_month": whole(1, 6, zero=0.92), "water_quality_now": yes(0.97),
    "forecast_income_per_capita": whole(3600, 16000), "income_trend": weighted({1: 50, 2: 40, 3: 10}),
    "income_drop_reasons": several({1: 0.6, 2: 0.2, 4: 0.3, 5: 0.3, 8: 0.1}),
    "has_large_expense": yes(0.08), "large_expense_reasons": several({1: 0.6, 2: 0.3, 3: 0.1}),
    "has_labor": some(workers), "worker.work_status": weighted({1: 80, 2: 12, 3: 4, 4: 4}),
    "food_enough": yes(0.99), "seasonal_clothes": yes(0.99), "has_living_difficulty": yes(0.05),
    "living_difficulty": fixed("缺人照料"),
    "has_population_change": yes(0.04), "population_change.name": fixed("刘宝"),
    "population_change_count": fixed(1),
    "monthly_risks": several({1: 0.03, 2: 0.04, 3: 0.04, 4: 0.02, 5: 0.01, 6: 0.04, 7: 0.01}, none=0),
    "has_open_measure": yes(0.3), "open_measure.measure_name": fixed("公益岗位"),
    "monitoring_advice": weighted({1: 90, 2: 6, 3: 2, 4: 2}),
}  # fmt: skip

VC: Final[Mapping[str, Chance]] = {
    "visit_method": weighted({1: 70, 2: 20, 3: 6, 4: 3, 5: 1}),
    "visit_respondent": lambda draw: draw.nature.head.name,
    "visit_notes": fixed("看了房子和水，问了收入，都正常"),
    "risk_found": yes(0.06), "visit_risk_description": fixed("工地停工，收入少了"),
    "made_promise": yes(0.2), "promise_count": fixed(1), "promise.promise_what": fixed("联系技能培训"),
    "promise.promise_due": later(40),
    "new_problem": fixed(None), "visit_attachment": fixed(None), "next_visit_on": seldom(later(60), 0.5),
}  # fmt: skip

GS: Final[Mapping[str, Chance]] = {
    "monitor_kind": lambda draw: 1 if draw.nature.registered else 2,
    "exit_year": lambda draw: draw.nature.exit_year or 2019,
    "resident_population": members, "head_phone": fixed(None),
    "household_attributes": several({1: 0.3, 2: 0.05, 3: 0.2}, none=0),
    "net_wage_income": whole(0, 40000), "net_business_income": whole(0, 9000),
    "net_property_income": whole(0, 2000, zero=0.6), "net_transfer_income": whole(500, 12000),
    "real_estate_kinds": several({1: 0.4, 2: 0.2, 3: 0.2}, none=0),
    "movable_kinds": several({1: 0.3, 2: 0.2, 4: 0.4}, none=0),
    "vehicle.vehicle_kind": fixed("摩托车"), "livestock.species": fixed("猪"),
    "risk_categories": several({1: 0.6, 2: 0.4, 3: 0.2}),
    "main_risks": several({1: 0.5, 3: 0.2, 4: 0.2, 5: 0.1, 6: 0.2}, most=3),
    "received_measure_count": whole(0, 3), "planned_measure_count": whole(1, 3),
    "signed_in_person": fixed(1), "plan_signed_on": today,
}  # fmt: skip

AP: Final[Mapping[str, Chance]] = {
    "applied_on": today, "appraised_on": today, "review_visit_on": today, "filed_on": today,
    "proposed_card": weighted({1: 1, 2: 2, 3: 6, 4: 1}), "appraised_card": weighted({1: 1, 2: 2, 3: 6, 4: 1}),
    "filed_card": weighted({1: 1, 2: 2, 3: 6, 4: 1}),
    "appraisal_party_members": whole(3, 9), "appraisal_group_leaders": whole(2, 6),
    "appraisal_poor_household_delegates": whole(2, 8), "appraisal_villager_delegates": whole(5, 20),
    "review_outcome": yes(0.93), "spot_checked": yes(0.4), "spot_check_outcome": yes(0.95),
    "publicity_began_on": ago(10), "publicity_ended_on": ago(2), "has_objection": weighted({1: 4, 2: 96}),
    "objection_outcome": fixed(1),
}  # fmt: skip
