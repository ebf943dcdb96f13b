"""What the cases of the three colours cannot say: secrecy, ledgers, ways, help, duties and alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest

from bot.rules.alerts import AlertRaised, alerts
from bot.rules.decide import decide
from bot.rules.duties import duties, region_duties, required
from bot.rules.measures import match_measures
from bot.rules.pack import Pack
from tests.rules.policy import ON, known, pack_with

STATES = ("food_state", "clothes_state", "schooling_state", "medical_state", "house_state", "water_state")
ALL_MET = dict.fromkeys(STATES, 1)
OFFICES = {
    "food_state": "民政局",
    "clothes_state": "民政局",
    "schooling_state": "教体局",
    "medical_state": "卫健局",
    "house_state": "住建局",
    "water_state": "水利局",
}


@pytest.fixture(scope="module")
def yb() -> Pack:
    return pack_with("yb")


OWN = {"F-13", "F-14"}
"""The frequencies of the document itself, without those that a county adds from the library."""


def by_the_table(facts: dict[str, Any], comma: str) -> str:
    """The truth table R-YB-05 once more, by hand."""
    low, good = facts["forecast_income_per_capita"] < 5000, facts["forecast_income_per_capita"] >= 10000
    hard = bool({1, 2, 3, 4} & set(facts["hardship_causes"]))
    short = any(facts[state] in (2, 3) for state in STATES)
    red = (low or hard) and short if comma == "needy_and_short" else low or (hard and short)
    match facts["system_mark_2019"], facts["reg_status"]:
        case ((1 | 2), _):
            return "red"
        case _, 1:
            return "outside"
        case _ if red:
            return "red"
        case _, 2 if low or short:
            return "review"
        case _, 2:
            return "green" if good else "yellow"
    return "watch" if low and facts["poverty_risk"] == 1 else "outside"


def households() -> Iterator[dict[str, Any]]:
    """Every line of the table, with each figure below, on and above the lines."""
    incomes = (4999.99, 5000, 5000.01, 9999.99, 10000, 10000.01)
    hardships = ([0], [1], [2], [3], [4])
    shortages = [{}, *({state: truth} for state in STATES for truth in (2, 3))]
    for mark, status, income, hardship, shortage, risk in product(
        (1, 2, 3), (1, 2, 3), incomes, hardships, shortages, (1, 2)
    ):
        yield {
            "system_mark_2019": mark,
            "reg_status": status,
            "forecast_income_per_capita": income,
            "hardship_causes": hardship,
            "poverty_risk": risk,
            **ALL_MET,
            **shortage,
        }


@pytest.mark.parametrize("comma", ["needy_and_short", "low_or_hard_and_short"])
def test_every_household_gets_the_colour_of_the_truth_table(comma: str) -> None:
    pack = pack_with("yb", (("red_logic", comma),))
    wrong = [facts for facts in households() if decide(pack, facts, ON).verdict != by_the_table(facts, comma)]
    assert wrong == []


def test_nobody_applies_nothing_is_published_and_no_household_is_told(yb: Pack) -> None:
    assert (yb.scheme.secret, yb.scheme.publicity, yb.scheme.self_apply) == (True, "forbidden", False)
    assert all(set(rule.to) <= {"cadre", "village", "township", "county"} for rule in yb.alerts)


def test_each_colour_has_those_who_keep_its_ledger(yb: Pack) -> None:
    assert {outcome.id: outcome.ledgers for outcome in yb.outcomes} == {
        "red": ("national", "county", "township", "village"),
        "review": ("township", "village"),
        "watch": ("village",),
        "yellow": ("township", "village"),
        "green": ("village",),
        "outside": (),
    }


# ------------------------------------------------------------------ from one colour to another


def ways(pack: Pack, before: str, after: str) -> dict[str, bool]:
    """The moves from one verdict to another, and whether each is forbidden."""
    return {move.id: move.forbidden for move in pack.moves if before in move.before and after in move.after}


@pytest.mark.parametrize("colour", ["yellow", "green"])
def test_yellow_and_green_are_marked_red_first_and_warned_of_afterwards(yb: Pack, colour: str) -> None:
    assert ways(yb, colour, "red") == {"red_first": False, f"{colour}_to_red": False}
    first = next(move for move in yb.moves if move.id == "red_first")
    assert first.text.end.index("标注为脱贫监测户") < first.text.end.index("标注预警")


def test_green_becomes_yellow_with_a_ledger_of_the_town(yb: Pack) -> None:
    assert ways(yb, "green", "yellow") == {"green_to_yellow": False}


@pytest.mark.parametrize("colour", ["yellow", "green", "review", "watch", "outside"])
def test_the_document_gives_no_way_down_from_red(yb: Pack, colour: str) -> None:
    assert ways(yb, "red", colour) == {"no_way_down": True}


def test_who_is_newly_red_is_entered_by_what_he_was(yb: Pack) -> None:
    assert ways(yb, "review", "red") == {"review_to_red": False}
    assert ways(yb, "watch", "red") == ways(yb, "outside", "red") == {"outside_to_red": False}


# ------------------------------------------------------------------ help


def ids(pack: Pack, verdict: str | None, facts: dict[str, Any], on: date = ON) -> list[str]:
    return [measure.id for measure in match_measures(pack, facts, verdict, on)]


def test_income_is_raised_by_work_or_by_the_safety_net(yb: Pack) -> None:
    poor = {**ALL_MET, "forecast_income_per_capita": 4999.99}
    assert ids(yb, "red", {**poor, "has_labor": 1}) == ["M-YB-R1"]
    assert ids(yb, "red", {**poor, "has_labor": 2}) == ["M-YB-R2"]
    assert ids(yb, "red", poor) == []
    assert ids(yb, "red", {**poor, "forecast_income_per_capita": 5000, "has_labor": 2}) == []


@pytest.mark.parametrize(
    ("state", "measure"),
    [
        ("food_state", "M-YB-R-food"),
        ("clothes_state", "M-YB-R-clothes"),
        ("water_state", "M-YB-R3"),
        ("schooling_state", "M-YB-R4"),
        ("medical_state", "M-YB-R5"),
        ("house_state", "M-YB-R6"),
    ],
)
@pytest.mark.parametrize("short", [2, 3])
def test_what_is_short_is_mended_by_its_own_office(yb: Pack, state: str, measure: str, short: int) -> None:
    (found,) = match_measures(yb, {**ALL_MET, state: short}, "red", ON)
    assert found.id == measure
    assert [office.name for office in found.departments] == [OFFICES[state]]
    assert found.mends == (state.replace("state", "met"),)


def test_a_shortage_is_mended_before_the_middle_or_the_end_of_the_year(yb: Pack) -> None:
    facts = {**ALL_MET, "water_state": 3}
    (spring,) = match_measures(yb, facts, "red", ON)
    (autumn,) = match_measures(yb, facts, "red", date(2020, 9, 1))
    assert (spring.deadline, autumn.deadline) == (date(2020, 6, 30), date(2020, 12, 31))
    assert not spring.deadline_derived


def test_only_red_is_mended_and_each_other_colour_has_its_own(yb: Pack) -> None:
    short = {**ALL_MET, "water_state": 3, "forecast_income_per_capita": 3000, "has_labor": 1}
    assert ids(yb, "red", short) == ["M-YB-R1", "M-YB-R3"]
    assert ids(yb, "yellow", short) == ["M-YB-Y"]
    assert ids(yb, "green", short) == ["M-YB-G"]
    assert [ids(yb, verdict, short) for verdict in ("review", "watch", "outside", None)] == [[], [], [], []]


def test_no_measure_tells_the_colour(yb: Pack) -> None:
    words = (*(outcome.name for outcome in yb.outcomes), "三色", "“补”", "“扶”", "“引”", "预警", "销号")
    own = [rule for rule in yb.measures if rule.id.startswith("M-YB")]
    said = [text for rule in own for text in (rule.name, str(rule.text), str(rule.terms))]
    assert not [text for text in said for word in words if word in text]


# ------------------------------------------------------------------ duties


def test_everybody_in_the_range_is_looked_at_every_month(yb: Pack) -> None:
    for verdict in ("red", "yellow", "green", "review", "watch"):
        assert required(yb, verdict, "monitor", ON) is not None
        assert required(yb, verdict, "compare", ON) is not None
    assert duties(yb, "outside", ON, date(2020, 12, 31)) == ()


def test_the_village_reports_by_the_eighth_and_the_county_compares_each_quarter(yb: Pack) -> None:
    of_households = duties(yb, "green", date(2020, 5, 1), date(2020, 6, 30))
    assert [(duty.kind, duty.due, duty.role) for duty in of_households] == [
        ("monitor", date(2020, 5, 31), "village"),
        ("monitor", date(2020, 6, 30), "village"),
    ]
    of_regions = region_duties(yb, date(2020, 4, 1), date(2020, 6, 30))  # reports begin in May (004:375)
    assert [(duty.kind, duty.due, duty.role) for duty in of_regions if duty.frequency in OWN] == [
        ("report", date(2020, 5, 8), "village"),
        ("report", date(2020, 6, 8), "village"),
        ("compare", date(2020, 6, 30), "county"),
    ]


# ------------------------------------------------------------------ alerts


def only(pack: Pack, facts: dict[str, Any], code: str, **more: Any) -> AlertRaised:
    (alert,) = [alert for alert in alerts(pack, facts, ON, **more) if alert.code == code]
    return alert


@pytest.mark.parametrize("state", STATES)
def test_what_is_not_met_is_told_at_once_to_its_office(yb: Pack, state: str) -> None:
    alert = only(yb, {**ALL_MET, state: 3}, "AL-01", submitted=False)
    assert (alert.level, [office.name for office in alert.departments]) == ("red", [OFFICES[state]])
    assert "标注预警" in alert.text
    assert "还没有标注、录入的，先标注、录入" in alert.text  # no warning straight upon yellow or green
    assert not any(outcome.name in alert.text for outcome in yb.outcomes)


@pytest.mark.parametrize("state", STATES)
def test_what_is_perhaps_short_is_verified_within_a_week(yb: Pack, state: str) -> None:
    alert = only(yb, {**ALL_MET, state: 2}, "AL-02")
    assert (alert.level, alert.within_days, alert.departments) == ("yellow", 7, ())


def test_a_low_income_is_told_of_whoever_the_scheme_is_for(yb: Pack) -> None:
    low = {"forecast_income_per_capita": 4999.99}
    assert only(yb, {**low, "reg_status": 2}, "AL-03").level == "yellow"
    assert only(yb, {**low, "reg_status": 3}, "AL-03").level == "yellow"
    assert [a for a in alerts(yb, {**low, "reg_status": 1}, ON) if a.code == "AL-03"] == []
    assert alerts(yb, {"forecast_income_per_capita": 5000, "reg_status": 2}, ON) == ()


def test_a_sudden_hardship_is_told_at_once(yb: Pack) -> None:
    alert = only(yb, {"hardship_causes": [3]}, "AL-05", submitted=False)
    assert (alert.level, alert.to) == ("red", ("township", "county"))


def test_a_household_that_turns_red_is_told_to_the_offices_alone(yb: Pack) -> None:
    facts = {
        **ALL_MET,
        "reg_status": 2,
        "system_mark_2019": 3,
        "hardship_causes": [0],
        "house_state": 2,
        "forecast_income_per_capita": 4000,
    }
    assert only(yb, facts, "AL-07", verdict_id="red").to == ("township", "county")
    marked = alerts(yb, {**facts, "system_mark_2019": 1}, ON, verdict_id="red")
    green = alerts(yb, {**facts, "house_state": 1}, ON, verdict_id="green")
    assert [alert.code for alert in (*marked, *green) if alert.code == "AL-07"] == []


# ------------------------------------------------------------------ answers of other questionnaires


def test_what_the_survey_found_short_counts_for_the_colour(yb: Pack) -> None:
    facts = {
        "reg_status": 2,
        "system_mark_2019": 3,
        "hardship_causes": [0],
        "forecast_income_per_capita": 4000,
        "food_enough": 1,
        "seasonal_clothes": 1,
        "has_school_age_child": 2,
        "all_insured": 1,
        "house_renovation": 3,
        "water_source": 1,
    }
    unsafe = known(yb, {**facts, "house_safety": 2})
    safe = known(yb, {**facts, "house_safety": 1})
    assert (decide(yb, unsafe, ON).verdict, decide(yb, safe, ON).verdict) == ("red", "review")
