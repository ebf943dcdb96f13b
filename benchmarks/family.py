"""What is true of one invented household of three, under the facts' own names, month by month.

A name has one meaning in all questionnaires: whoever knows this can fill in any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from bot.expressions import Value
from bot.services.household_file import Dossier
from bot.services.sample import invented_number
from bot.storage.households import Household, Member
from bot.storage.people import Person
from bot.storage.regions import Region

CADRE: Final = Person(1, "周明", "县水利局", "active")
BORN: Final = date(1984, 5, 12)
PLACES: Final = (
    Region(1, None, "county", "华容县", "1/"),
    Region(2, 1, "town", "东山镇", "1/2/"),
    Region(3, 2, "village", "松树村", "1/2/3/"),
)
MEMBERS: Final = (
    Member(1, 1, "王建新", "户主", BORN, 1, 1, 1),
    Member(1, 2, "赵秀英", "妻子", date(1986, 9, 3), 2, 1, 1),
    Member(1, 3, "王小雨", "女儿", date(2011, 3, 8), 2, 1, 3),
)
"""Two grown-ups and a child at school, all insured."""
LIFTED, UNREGISTERED = 2, 3
"""Codes of `reg_status`: before, and after the household's status has changed."""

TRUTH: Final[Mapping[str, Any]] = {
    "county": "华容县", "town": "东山镇", "village": "松树村", "village_group": "一组",
    "head_name": "王建新", "head_id_number": invented_number(BORN, 1, 1), "population": 3,
    "reg_status": LIFTED, "exit_year": 2018, "survey_method": 1, "visitor": "周明",
    # income of 2019-10/2020-09
    "gross_income": 30000, "net_income_per_capita": 8000, "wage_income": 20000, "business_income": 8000,
    "property_income": 0, "transfer_income": 2000, "business_cost": 6000,
    "tekun_income": 0, "income_besides_tekun": 30000,
    # food, school, insurance, house, water
    "food_enough": 1, "seasonal_clothes": 1, "has_school_age_child": 1, "school_age_child_count": 1,
    "child": [{"name": "王小雨", "in_school": 1, "school": "松树小学", "home_teaching": 2}],
    "all_insured": 1, "house_safety": 1, "is_relocated": 2, "house_renovation": 3, "water_source": 1,
    # what was done for it, and what it lives on
    "has_student": 1, "student_count": 1,
    "student": [{"name": "王小雨", "stage": 2, "education_aid": [2]}],
    "had_health_policy": 1, "health_policies": [1, 6], "had_job_policy": 2,
    "has_worker": 1, "worker_count": 1,
    "worker": [{"name": "王建新", "work_place": [3], "work_status": 1}],
    "has_disability": 2, "ever_dibao": 2, "ever_tekun": 2, "ever_pension_insured": 1, "pension_now": 2,
    "had_microloan": 2, "joined_ecological_program": 2, "joined_asset_income_program": 2,
    "led_by_business": 2, "joined_industry_project": 1, "industry_projects": [1], "life_change": 1,
    # asked of the unregistered only
    "nonreg_kind": 1, "marked_marginal": 2, "has_chronic_disease": 1, "chronic_self_paid_2019": 1200,
    "hospitalized_2019": 2, "has_industry_project": 1, "industry_project_kinds": [1],
    "industry_project_led": 2, "has_severe_disability": 2,
    # the month
    "visit_household": "王建新", "monitoring_scheme": 1, "monitoring_method": 1, "changed_since_last": 2,
    "house_safe_now": 1, "new_house_hazards": [0], "has_renovation_task": 2, "school_age_schooling": 1,
    "education_aid_received": 1, "illness_this_month": 2, "water_shortage_days_month": 0,
    "water_quality_now": 1, "forecast_income_per_capita": 8000, "income_trend": 2, "has_large_expense": 2,
    "has_labor": 1, "has_living_difficulty": 2, "has_population_change": 2, "monthly_risks": [0],
    "has_open_measure": 2, "monitoring_advice": 1,
    # signatures
    "respondent_signature": "王建新", "reviewer_unit": "县水利局", "reviewer_signature": "周明",
}  # fmt: skip
"""What is not here nobody knows, or it may be left out."""

CAME_HOME: Final[Mapping[str, Any]] = {
    "changed_since_last": 1,
    "worker": [{"name": "王建新", "work_place": [3], "work_status": 2}],
    "job_unstable_factors": "厂里停工，年后再去",
}
"""One thing changes: the man who worked in another province is back."""


def truth(on: date, **otherwise: Value) -> dict[str, Any]:
    """What is true on that day; whatever is signed or checked is so on the day itself."""
    day = on.isoformat()
    return {**TRUTH, "signed_on": day, "checked_on": day, **otherwise}


def registered(on: date, status: int) -> Dossier:
    """The household's file on that day with nothing but its register."""
    household = Household(
        *(1, 3, "一组", "王建新", "wjx", str(TRUTH["head_id_number"]), "", 3, status),
        *(2018 if status == LIFTED else None, None, {}, datetime(2020, 1, 6, tzinfo=UTC)),
    )
    return Dossier(household, MEMBERS, PLACES, CADRE, (), on)
