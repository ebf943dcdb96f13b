"""Random households for each scheme: every answer that its documents ask for, and only those asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from tests.zen.sheet import Sheet

Answers = Mapping[str, Any]
County = Mapping[str, float | None]
TRIES = 200


@dataclass(frozen=True, slots=True)
class Household:
    """The answers of a household, and the values that its county has set."""

    answers: dict[str, Any]
    county: dict[str, float | None]


def four_cards(sheet: Sheet, county: County) -> None:
    """What the cards of Huarong rest on (003:1978-1987)."""
    status = sheet.choice("reg_status", (1, 2, 3), (1, 4, 5))
    people = sheet.choice("population", (1, 2, 3, 4, 5, 6), (6, 3, 3, 2, 1, 1))
    sheet.money("handbook_income_per_capita", 0, 12000, [5000])
    sheet.yes_no("return_risk", 0.7)
    sheet.several("poverty_risk_causes", (1, 2, 3, 4, 5, 6), nothing=0.15)
    incomes(sheet, people)
    for name in ("consumer_car", "luxury_decoration", "commercial_housing"):
        sheet.yes_no(name, 0.06)
    sheet.number("head_age", 20, 90, [60])
    sheet.yes_no("has_disability", 0.3)
    sheet.yes_no("has_serious_illness", 0.3)
    if sheet.yes_no("parents_live_apart", 0.4) == 2:
        sheet.without("has_adult_children", "children_can_support")
    elif sheet.yes_no("has_adult_children", 0.7) == 2:
        sheet.without("children_can_support")
    else:
        sheet.yes_no("children_can_support", 0.5)
    if status != 2:
        sheet.without("handbook_income_per_capita", "return_risk")
    if status != 3:
        sheet.without("poverty_risk_causes", "estimated_income_per_capita")
    if people > 1:
        sheet.without("head_age")


def incomes(sheet: Sheet, people: int) -> None:
    """Gross income, expenses of production, and what is left for each person: two of them say the third."""
    cost = sheet.setdefault("business_cost", sheet.rng.choice((0.0, round(sheet.rng.uniform(0, 9000), 2))))
    if "gross_income" in sheet:
        sheet.setdefault("estimated_income_per_capita", per_head(sheet["gross_income"] - cost, people))
    else:
        net = sheet.money("estimated_income_per_capita", 0, 9000, [5000])
        sheet["gross_income"] = round(net * people + cost, 2)


def without_stated_income(sheet: Sheet) -> None:
    """Leave out the net income of which the gross income says already on which side of the line it lies."""
    if sheet["gross_income"] / sheet["population"] < 4999.995:
        sheet.without("estimated_income_per_capita", "business_cost")


def per_head(total: float, people: int) -> float:
    """A sum of the household for each person, in yuan and cents."""
    return float((Decimal(str(total)) / people).quantize(Decimal("0.01"), ROUND_HALF_UP))


def three_colours(sheet: Sheet, county: County) -> None:
    """What the three colours rest on (004:315-327)."""
    sheet.choice("system_mark_2019", (1, 2, 3), (1, 1, 12))
    status = sheet.choice("reg_status", (1, 2, 3), (1, 6, 4))
    sheet.money("forecast_income_per_capita", 2000, 14000, [5000, 10000])
    sheet.several("hardship_causes", (1, 2, 3, 4), nothing=0.6)
    sound = sheet.rng.random() < 0.6
    for name in ("food", "clothes", "schooling", "medical", "house", "water"):
        sheet.choice(f"{name}_state", (1, 2, 3), (1, 0, 0) if sound else (8, 1, 1))
    if status == 3:
        sheet.yes_no("poverty_risk", 0.6)
    else:
        sheet.without("poverty_risk")


def fifteen_tenths(sheet: Sheet, county: County) -> None:
    """What monitoring below one and a half of the poverty line rests on (004:693-701)."""
    status = sheet.choice("reg_status", (1, 2, 3), (1, 7, 9))
    register(sheet, status)
    line = 1.5 * (county["poverty_line"] or 4000)
    sheet.money("disposable_income_per_capita", 1000, 11000, [line])
    sheet.several("special_groups", (1, 2, 3, 4), nothing=0.6)
    happened = sheet.several("accidents", (1, 2, 3, 4, 5, 6, 7), nothing=0.4)
    before = sheet.money("last_year_income", 1000, 40000, [20000, 33333.33])
    sheet.yes_no("main_labor_lost", 0.4)
    sheet.money("accident_expense", 0, 1.5 * before, [before])
    sheet.money("income_loss", 0, 0.8 * before, [round(0.3 * before, 2)])
    if 0 in happened:
        sheet.without("last_year_income", "main_labor_lost", "accident_expense", "income_loss")


def register(sheet: Sheet, status: int) -> None:
    """How the system has marked a household; some were entered as marginal after 2019."""
    if status == 3:
        if sheet.get("marked_marginal") == 2:
            sheet.setdefault("system_mark_2019", 3)
        marked = sheet.choice("system_mark_2019", (2, 3), (1, 9)) == 2
        sheet.setdefault("marked_marginal", 1 if marked or sheet.rng.random() < 0.06 else 2)
    else:
        sheet.choice("system_mark_2019", (1, 3), (0, 1) if status == 1 else (1, 9))
        sheet.without("marked_marginal")


def two_classes(sheet: Sheet, county: County) -> None:
    """What the elimination of risks rests on (001), with the six indicators of attachment 4."""
    if sheet.rng.random() < 0.6:
        sheet.choice("monitor_kind", (1, 2))
    sheet.choice("system_mark_2019", (1, 2, 3), (3, 3, 1))
    sheet.choice("risk_elimination", (1, 2, 3), (5, 1, 3))
    people = sheet.choice("resident_population", (1, 2, 3, 4, 5, 6))
    total = sheet.rng.uniform(2500, 9000) * people
    line = county["gs_line"] or 4000
    if sheet.rng.random() < 0.4:
        total = line * people + sheet.rng.choice((-0.03, -0.02, -0.01, 0, 0.01))
    wage = sheet.money("net_wage_income", 0, 15000)
    business = sheet.money("net_business_income", -6000, 9000)
    property_income = sheet.money("net_property_income", 0, 2000)
    sheet.setdefault("net_transfer_income", round(total - wage - business - property_income, 2))
    sheet.yes_no("food_enough", 0.96)
    sheet.yes_no("seasonal_clothes", 0.96)
    schooling(sheet)
    insurance(sheet)
    housing(sheet)
    water(sheet)
    sheet.yes_no("has_serious_illness", 0.2)
    sheet.choice("household_labor", (1, 2, 3), (5, 3, 1))
    sheet.several("household_attributes", (1, 2, 3), nothing=0.6)
    if "monitor_kind" not in sheet and sheet["system_mark_2019"] == 3:
        sheet.without(*PLAN)  # a household of neither class has no plan


PLAN = (
    *("resident_population", "risk_elimination", "household_labor", "household_attributes"),
    *("net_wage_income", "net_business_income", "net_property_income", "net_transfer_income"),
)
"""What only the plan of 001 asks."""
SETTLED = {"gs": ("monitor_kind",), "n9": ("marked_marginal",)}
"""Who the household is, never open: without the one there is no plan, without the other the mark stands."""


def schooling(sheet: Sheet) -> None:
    """Questions 4 to 4-2 of attachment 4."""
    if sheet.yes_no("has_school_age_child", 0.5) == 2:
        sheet.without("children_in_school", "main_not_in_school_reason")
    elif sheet.yes_no("children_in_school", 0.85) == 1:
        sheet.without("main_not_in_school_reason")
    else:
        sheet.choice("main_not_in_school_reason", (1, 2, 3, 4))


def insurance(sheet: Sheet) -> None:
    """Questions 5 and 5-1 of attachment 4."""
    if sheet.yes_no("all_insured", 0.7) == 1:
        sheet.without("main_uninsured_reason")
    else:
        sheet.choice("main_uninsured_reason", (1, 2, 3, 4), (3, 3, 3, 1))


def housing(sheet: Sheet) -> None:
    """Questions 6, 8 and 8-3 of attachment 4."""
    sheet.choice("house_safety", (1, 2, 3), (18, 1, 1))
    if sheet.choice("house_renovation", (1, 2, 3), (1, 1, 3)) == 3:
        sheet.without("renovation_livable")
    else:
        sheet.yes_no("renovation_livable", 0.9)


def water(sheet: Sheet) -> None:
    """Questions 9 and 9-1 of attachment 4."""
    if sheet.choice("water_source", (1, 2, 3, 4), (6, 1, 1, 1)) == 1:
        sheet.without("water_shortage_days", "water_quality_good", "water_access")
    else:
        sheet.number("water_shortage_days", 0, 30, [36])
        sheet.yes_no("water_quality_good", 0.9)
        sheet.choice("water_access", (1, 2), (9, 1))


FILLERS: dict[str, Callable[[Sheet, County], None]] = {
    "hr": four_cards,
    "yb": three_colours,
    "n9": fifteen_tenths,
    "gs": two_classes,
}
COUNTIES: dict[str, list[dict[str, float | None]]] = {
    "hr": [{}],
    "yb": [{}],
    "n9": [{"poverty_line": None}, {"poverty_line": 4000}, {"poverty_line": 4000}],
    "gs": [{"gs_line": None}, {"gs_line": 4000}, {"gs_line": 4000}],
}


def households(scheme: str, seed: int, size: int) -> Iterator[Household]:
    """As many random households as asked for, all of them complete."""
    rng = Random(f"{scheme} {seed}")
    for _ in range(size):
        county = rng.choice(COUNTIES[scheme])
        sheet = Sheet(rng, {})
        FILLERS[scheme](sheet, county)
        if scheme == "hr" and rng.random() < 0.2:
            without_stated_income(sheet)
        yield Household(dict(sheet), dict(county))


def silenced(scheme: str, household: Household, rng: Random) -> dict[str, Any]:
    """Its answers without some of them: most often one or two are missing, sometimes many."""
    share = rng.choice((0.05, 0.1, 0.2, 0.5))
    open_to = [name for name in household.answers if name not in SETTLED.get(scheme, ())]
    gone = {name for name in open_to if rng.random() < share} or {rng.choice(open_to)}
    return {name: value for name, value in household.answers.items() if name not in gone}


def completion(scheme: str, known: Answers, county: County, rng: Random) -> dict[str, Any] | None:
    """Random answers to all that is open; None when no sheet was found on which it was all asked."""
    for _ in range(TRIES):
        sheet = Sheet(rng, known)
        FILLERS[scheme](sheet, county)
        added = [name for name in SETTLED.get(scheme, ()) if name in sheet and name not in known]
        if all(name in sheet for name in known) and not added:
            return dict(sheet)
    return None
