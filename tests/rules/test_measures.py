"""What is lacking comes first, then what the card brings, each with an office and a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.rules.alerts import alerts
from bot.rules.changes import change
from bot.rules.decide import decide
from bot.rules.measures import match_measures, refused_measures
from bot.rules.pack import Pack
from tests.rules.policy import known

ON = date(2020, 4, 20)


def ids(pack: Pack, verdict: str | None, facts: dict[str, Any], on: date = ON) -> list[str]:
    return [measure.id for measure in match_measures(pack, known(pack, facts), verdict, on)]


def test_failing_indicators_come_first(hr: Pack) -> None:
    found = ids(
        hr, "red", {"house_safety": 2, "labor_total": 2, "all_insured": 2, "main_uninsured_reason": 4}
    )
    assert found[:2] == ["M-003-07", "M-003-IND-house"]
    assert set(found[2:]) == {"M-003-R2", "M-003-01", "M-003-02", "M-003-08"}


def test_what_mends_a_gap_says_which(hr: Pack) -> None:
    first = match_measures(hr, {"water_source": 2, "water_shortage": 2}, "green", ON)[0]
    assert (first.id, first.mends) == ("M-003-IND-water", ("ind_water",))
    assert [department.name for department in first.departments] == ["水利局", "乡镇"]


def test_a_red_household_that_cannot_work_gets_the_safety_net_and_no_post(hr: Pack) -> None:
    found = ids(hr, "red", {"labor_total": 0})
    assert "M-003-R" in found
    assert "M-003-06" in found
    assert not {"M-003-R2", "M-003-01"} & set(found)


def test_the_dividend_floor_of_the_card_is_said(hr: Pack) -> None:
    floors = {
        verdict: next(m.terms for m in match_measures(hr, {}, verdict, ON) if m.id.startswith("M-003-02"))
        for verdict in ("red", "yellow")
    }
    assert "10%" in floors["red"]
    assert "8%" in floors["yellow"]
    assert not any(id.startswith("M-003-02") for id in ids(hr, "green", {}))


def test_a_wish_that_was_not_asked_matches_nothing(hr: Pack) -> None:
    assert "M-003-03" not in ids(hr, "yellow", {"develop_will": 1})
    assert "M-003-03" in ids(hr, "yellow", {"develop_will": 1, "develop_ability": 1})
    assert "M-003-05" not in ids(hr, "green", {"labor_total": 1})
    assert "M-003-05" in ids(hr, "green", {"labor_total": 1, "training_will": 1})


def test_each_card_brings_its_own(hr: Pack) -> None:
    assert ids(hr, "green", {"has_surplus": 1}) == ["M-003-G", "M-003-04"]
    assert ids(hr, "blue", {"poverty_risk_causes": [3]}) == [
        "M-003-B",
        "M-003-06-relief-blue",
        "M-003-08-blue",
    ]
    assert ids(hr, "yellow", {}) == ["M-003-Y", "M-003-02-yellow", "M-003-08"]


def test_without_a_card_there_are_no_measures(hr: Pack) -> None:
    assert ids(hr, "none", {"house_safety": 2}) == []
    assert ids(hr, None, {"house_safety": 2}) == []


def test_deadlines_that_the_document_does_not_give_are_marked(hr: Pack) -> None:
    found = {m.id: m for m in match_measures(hr, {"house_safety": 2, "food_enough": 2}, "red", ON)}
    assert found["M-003-IND-house"].deadline == date(2020, 6, 30)
    assert found["M-003-IND-food"].deadline == date(2020, 5, 20)
    assert all(measure.deadline_derived for measure in found.values())


def test_a_deadline_is_never_a_few_days_off(hr: Pack) -> None:
    found = match_measures(hr, {"house_safety": 2}, "red", date(2020, 6, 10))
    assert found[0].deadline == date(2020, 12, 31)


def test_an_office_is_found_under_any_of_its_names(hr: Pack) -> None:
    office = hr.department("县水电局")
    assert office is not None
    assert office.name == "水利局"
    assert hr.department("气象局") is None


def test_every_measure_names_an_office_and_a_clause(hr: Pack) -> None:
    assert all(rule.departments and rule.clause for rule in hr.measures)


def test_a_place_in_a_workshop_is_for_yellow_first(hr: Pack) -> None:
    wish = {"labor_total": 1, "training_will": 1}
    for card in ("red", "yellow", "green", "blue"):
        [found] = [m for m in match_measures(hr, known(hr, wish), card, ON) if m.id == "M-003-05"]
        assert "优先安排黄卡户" in found.terms


@pytest.mark.parametrize(("card", "measure"), [("red", "M-003-02"), ("yellow", "M-003-02-yellow")])
def test_a_dividend_contract_still_running_is_kept_to(hr: Pack, card: str, measure: str) -> None:
    running = {"has_dividend": 1, "dividend_contract_running": 1}
    assert measure not in ids(hr, card, running)
    [refused] = refused_measures(hr, running, card, ON)
    assert (refused.id, refused.refusal, refused.clause) == (measure, "contract_running", "003:2002")
    assert "没到期" in refused.reason
    for ended in ({"dividend_contract_running": 2}, {}):
        assert measure in ids(hr, card, ended)
        assert refused_measures(hr, ended, card, ON) == ()


DIVIDENDS = [
    *(("red", 9.99, True), ("red", 10, False), ("red", 10.01, False)),
    *(("yellow", 7.99, True), ("yellow", 8, False), ("yellow", 8.01, False)),
    *(("green", 1, False), ("blue", 1, False)),
]


@pytest.mark.parametrize(("card", "rate", "told"), DIVIDENDS)
def test_a_dividend_on_its_floor_is_enough(hr: Pack, card: str, rate: float, told: bool) -> None:
    facts = {"dividend_rate": rate, "dividend_contract_running": 2}
    codes = [alert.code for alert in alerts(hr, facts, ON, verdict_id=card)]
    assert ("AL-20" in codes) is told


def test_a_blue_household_whose_life_is_hard_gets_relief_at_once(hr: Pack) -> None:
    assert "M-003-06-relief-blue" in ids(hr, "blue", {"has_living_difficulty": 1})
    assert "M-003-06-relief-blue" not in ids(hr, "blue", {"has_living_difficulty": 2})
    assert "M-003-06-relief" not in ids(hr, "yellow", {"has_living_difficulty": 1})


def test_kind_people_are_asked_only_for_a_blue_household_in_real_need(hr: Pack) -> None:
    assert "M-003-08-blue" in ids(hr, "blue", {"has_living_difficulty": 1})
    assert "M-003-08-blue" not in ids(hr, "blue", {"has_living_difficulty": 2})


@pytest.mark.parametrize(
    "burden",
    [
        {"has_serious_illness": 1},
        {"visit_risks": [5]},
        {"accidents": [6]},
        {"return_risk_causes": [2]},
        {"return_risk_causes": [3]},
        {"illness_disability_expense": 9000, "education_expense": 0, "gross_income": 9000},
    ],
)
def test_a_heavy_burden_calls_for_relief_on_three_cards_and_not_on_green(
    hr: Pack, burden: dict[str, Any]
) -> None:
    assert "M-003-06-relief" in ids(hr, "red", burden)
    assert "M-003-06-relief" in ids(hr, "yellow", burden)
    assert "M-003-06-relief-blue" in ids(hr, "blue", burden)
    assert not any("relief" in id for id in ids(hr, "green", burden))


def test_every_measure_of_the_catalogue_is_there(hr: Pack) -> None:
    numbers = {f"M-003-0{number}" for number in range(1, 9)} | {
        f"M-003-{card}" for card in ("R", "R2", "Y", "G", "B")
    }
    assert numbers <= {rule.id for rule in hr.measures}


MOVES = [
    (1, 2, {"half_year_window", "lifted_within_the_year", "posted_again"}),
    (2, 1, {"half_year_window", "back_to_red"}),
    (3, 1, {"back_to_red", "first_card"}),
]


@pytest.mark.parametrize(("was", "becomes", "moves"), MOVES)
def test_a_card_changes_in_the_window_of_the_half_year(
    hr: Pack, was: int, becomes: int, moves: set[str]
) -> None:
    low = {
        "handbook_income_per_capita": 4000.0,
        "return_risk": 2,
        "estimated_income_per_capita": 9000.0,
        "poverty_risk_causes": [0],
    }
    before, after = (decide(hr, {**low, "reg_status": status}, ON) for status in (was, becomes))
    found = change(hr, before, after)
    assert {each.move for each in found.moves} == moves
    assert not any(each.forbidden for each in found.moves)
    assert all("{" not in each.text for each in found.moves)
