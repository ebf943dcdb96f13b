"""The rules of each scheme written by hand in NumPy, as one would for a single evaluation.

Complete answers only: no reason, no unknown, no day on which a figure changes. Each gives the indexes of
the verdicts in the order of the pack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Table = Mapping[str, NDArray[Any]]
Figures = Mapping[str, Any]
Verdicts = NDArray[np.int8]


def hr(c: Table, p: Figures) -> Verdicts:
    """red yellow green blue none"""
    line = p["card_line"]
    outside, lifted = c["reg_status"] == 3, c["reg_status"] == 2
    apart = (c["parents_live_apart"] == 1) & (c["has_adult_children"] == 1) & (c["children_can_support"] == 1)
    luxury = (c["luxury_decoration"] == 1) | (c["commercial_housing"] == 1)
    excluded = (c["consumer_car"] == 1) | luxury | (c["single_under60_fit"] == 1) | apart
    yellow = lifted & (c["handbook_income_per_capita"] < line) & (c["return_risk"] == 1) & ~excluded
    cause = (c["poverty_risk_causes"] & 0b1110) != 0
    blue = outside & (c["estimated_income_per_capita"] < line) & cause & ~excluded
    verdicts = np.where(lifted, np.where(yellow, 1, 2), np.where(outside, np.where(blue, 3, 4), 0))
    return verdicts.astype(np.int8)


def yb(c: Table, p: Figures) -> Verdicts:
    """red review watch yellow green outside"""
    states = ("food_state", "clothes_state", "schooling_state", "medical_state", "house_state", "water_state")
    met = c[states[0]] == 1
    for state in states[1:]:
        met &= c[state] == 1
    income = c["forecast_income_per_capita"]
    enough, good = income >= p["monitor_income_yb"], income >= p["green_line"]
    hard = (c["hardship_causes"] & 0b11110) != 0
    case = (~enough | hard) & ~met
    marked = (c["system_mark_2019"] == 1) | (c["system_mark_2019"] == 2)
    lifted, outside = c["reg_status"] == 2, c["reg_status"] == 3
    watched = outside & ~enough & (c["poverty_risk"] == 1)
    coloured = np.where(met & enough, np.where(good, 4, 3), 1)
    free = np.where(lifted, coloured, np.where(watched, 2, 5))
    return np.where(marked | ((lifted | outside) & case), 0, free).astype(np.int8)


def n9(c: Table, p: Figures) -> Verdicts:
    """key scope clue none"""
    mark, accident = c["system_mark_2019"], (c["accidents"] & 0b11111110) != 0
    named = (c["reg_status"] == 1) | (mark == 1) | (mark == 2) | (c["marked_marginal"] == 1)
    low = c["disposable_income_per_capita"] < p["n9_times"] * (1 + p["n9_tolerance"]) * p["poverty_line"]
    special = (c["reg_status"] == 3) & ((c["special_groups"] & 0b11110) != 0)
    worker, before = c["main_labor_lost"] == 1, c["last_year_income"]
    over = c["accident_expense"] > np.round(p["n9_expense_over"] * before, 6)
    drop = c["income_loss"] >= np.maximum(0.01, np.round(p["n9_drop"] * before, 6))
    sure, clue = accident & worker & over & drop, accident & (worker | over | drop)
    key = named | (low & (special | sure))
    return np.where(key, 0, np.where(low, 1, np.where(clue, 2, 3))).astype(np.int8)


def gs(c: Table, p: Figures) -> Verdicts:
    """stable tracked eased none"""
    kind, mark = c["monitor_kind"], c["system_mark_2019"]
    watched = (kind == 1) | (kind == 2) | (mark == 1) | (mark == 2)
    away = c["any(child, in_school == 2 and not_in_school_reason in [3, 4])"] == 1
    away |= c["main_not_in_school_reason"] >= 3
    taught = ((c["has_school_age_child"] == 2) | (c["children_in_school"] == 1)) & ~away
    without = c["main_uninsured_reason"]
    insured = (c["all_insured"] == 1) | (without <= 3)
    insured &= ~((c["any(uninsured, uninsured_reason == 4)"] == 1) | (without == 4))
    housed = (c["house_safety"] == 1) & (c["renovation_livable"] != 2)
    asked = (c["water_shortage"], c["water_quality_good"], c["water_access"])
    dry = (asked[0] == 2) | (asked[1] == 2) | (asked[2] == 2)
    water = ((c["water_source"] == 1) | ((asked[0] == 1) & (asked[1] == 1) & (asked[2] == 1))) & ~dry
    fed = (c["food_enough"] == 1) & (c["seasonal_clothes"] == 1)
    paid = c["resident_net_income_per_capita"] >= p["gs_line"]
    safe = fed & taught & insured & housed & water & paid
    special = (c["has_serious_illness"] == 1) | (c["household_labor"] == 3)
    special |= (c["household_attributes"] & 0b100) != 0
    said = c["risk_elimination"]
    kept = np.where((said == 1) & ~special, 0, 1)
    return np.where(watched, np.where((said == 2) | ~safe, 2, kept), 3).astype(np.int8)


def t3(c: Table, p: Figures) -> Verdicts:
    """key general calm outside"""
    expense = c["illness_disability_expense"] + c["education_expense"]
    big = (expense > 0) & (expense >= p["t3_big_expense_ratio"] * c["gross_income"])
    risk = np.where(c["return_risk"] == 1, np.where(big, 0, 1), 2)
    return np.where(c["reg_status"] == 2, risk, 3).astype(np.int8)


def f4(c: Table, p: Figures) -> Verdicts:
    """unlifted unstable marginal shock none"""
    status, mark, before = c["reg_status"], c["system_mark_2019"], c["last_year_income"]
    unsteady = (mark == 1) | (c["return_risk"] == 1)
    marginal = (mark == 2) | (c["marked_marginal"] == 1) | (c["poverty_risk"] == 1)
    effect = (c["main_labor_lost"] == 1) | (c["accident_expense"] > p["shock_expense_ratio"] * before)
    effect |= (c["income_loss"] > 0) & (c["income_loss"] >= p["shock_income_drop"] * before)
    shock = (((c["accidents"] & 0b11111110) != 0) & effect) | ((c["visit_risks"] & 0b10000000) != 0)
    rest = np.where(shock, 3, 4)
    lifted, outside = np.where(unsteady, 1, rest), np.where(marginal, 2, rest)
    return np.where(status == 1, 0, np.where(status == 2, lifted, outside)).astype(np.int8)


def n6(c: Table, p: Figures) -> Verdicts:
    """ordinary lifted none"""
    status, fell = c["reg_status"], (c["hardship_causes"] & 0b1110) != 0
    return np.where(status == 2, 1, np.where((status == 3) & fell, 0, 2)).astype(np.int8)


def m8(c: Table, p: Figures) -> Verdicts:
    """marked ordinary lifted none"""
    status, mark = c["reg_status"], c["system_mark_2019"]
    marked = (mark == 1) | (mark == 2) | (c["marked_marginal"] == 1)
    risk = (status == 3) & ((c["accidents"] & 0b1010) != 0) & (c["poverty_risk"] == 1)
    return np.where(status == 2, 2, np.where(marked, 0, np.where(risk, 1, 3))).astype(np.int8)


def gp(c: Table, p: Figures) -> Verdicts:
    """contradicted sound"""
    capital = (c["poverty_causes"] & 0b100000) != 0
    return np.where((c["reg_status"] != 3) & capital & (c["had_special_loan"] == 1), 0, 1).astype(np.int8)


def village(c: Table, p: Figures) -> Verdicts:
    """short met unset"""
    groups = c["village_group_count"]
    counted = {
        "road": (c["village_groups_hard_road"], groups),
        "power": (c["village_groups_power"], groups),
        "signal": (c["village_groups_signal"], groups),
        "broadband": (c["village_groups_broadband"], groups),
        "broadcast": (c["village_groups_broadcast"], groups),
        "insured": (c["village_medical_insured"], c["village_population"]),
        "cooperative": (c["village_cooperative_households"], c["village_registered_households"]),
    }
    short = c["village_piped_water"] > p["piped_water_most"]
    short |= c["village_net_income_2019"] < p["collective_income_least"]
    with np.errstate(all="ignore"):
        for name, (part, whole) in counted.items():
            short |= np.round(part / whole * 100, 2) < p[f"{name}_least"]
    return np.where(short, 0, 1).astype(np.int8)


HANDS: Final[Mapping[str, Callable[[Table, Figures], Verdicts]]] = {
    hand.__name__: hand for hand in (hr, yb, n9, gs, t3, f4, n6, m8, gp, village)
}
