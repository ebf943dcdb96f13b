"""Whoever must know is told, once, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.alerts import AlertRaised, alerts
from bot.rules.pack import Pack
from tests.rules.policy import ON
from tests.shipped import shipped


def raised(pack: Pack, facts: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(alert.code, alert.fact) for alert in alerts(pack, facts, ON, **more)]


def only(pack: Pack, facts: dict[str, Any], code: str, **more: Any) -> AlertRaised:
    (alert,) = [alert for alert in alerts(pack, facts, ON, **more) if alert.code == code]
    return alert


def test_every_failing_indicator_is_told_at_once_with_its_office(hr: Pack) -> None:
    facts = {"food_enough": 2, "house_safety": 2, "seasonal_clothes": 1}
    assert raised(hr, facts, submitted=False) == [("AL-01", "ind_food"), ("AL-01", "ind_house")]
    alert = alerts(hr, facts, ON)[1]
    assert alert.level == "red"
    assert alert.to == ("cadre", "village", "township")
    assert [office.name for office in alert.departments] == ["住建局"]
    assert alert.text == "发现缺项：住房不安全"
    assert "house_safety" in alert.facts


def test_a_house_not_yet_assessed_is_told_after_submission(hr: Pack) -> None:
    facts = {"house_safety": 3, "all_insured": 1}
    assert raised(hr, facts, submitted=False) == []
    alert = only(hr, facts, "AL-02")
    assert (alert.fact, alert.within_days, alert.level) == ("house_unassessed", 7, "yellow")


def test_what_was_told_before_is_not_told_again(hr: Pack) -> None:
    before = {"house_safety": 2, "all_insured": 1}
    assert ("AL-01", "ind_house") not in raised(hr, {**before, "food_enough": 2}, before=before)
    assert ("AL-01", "ind_food") in raised(hr, {**before, "food_enough": 2}, before=before)
    assert ("AL-01", "ind_house") in raised(hr, before, before={"house_safety": 1})


def test_income_below_the_line_of_the_card_and_below_the_standard(hr: Pack) -> None:
    lifted = {"reg_status": 2, "handbook_income_per_capita": 4999.99}
    assert only(hr, lifted, "AL-03").level == "yellow"
    outside = {"reg_status": 3, "estimated_income_per_capita": 4999.99}
    assert only(hr, outside, "AL-03").level == "yellow"
    assert "AL-03" not in [code for code, _ in raised(hr, {**outside, "reg_status": 1})]
    assert only(hr, {"net_income_per_capita": 3999.99}, "AL-03").level == "red"
    fine = {"handbook_income_per_capita": 5000, "net_income_per_capita": 4000}
    assert "AL-03" not in [code for code, _ in raised(hr, fine)]


def test_expenses_that_reach_the_income(hr: Pack) -> None:
    spent = {"illness_disability_expense": 30000, "education_expense": 0, "gross_income": 30000}
    assert "30000" in only(hr, spent, "AL-04").text
    assert "AL-04" not in [code for code, _ in raised(hr, {**spent, "gross_income": 30000.01})]


def test_a_sudden_change_and_a_disaster_go_to_the_county_at_once(hr: Pack) -> None:
    found = alerts(hr, {"visit_risks": [5, 7]}, ON, submitted=False)
    assert [(alert.code, alert.fact) for alert in found] == [
        *(("AL-05", "sudden_change"), ("AL-05", "disaster_struck"))
    ]
    assert all("county" in alert.to for alert in found)
    assert raised(hr, {"visit_risks": [1, 6]}, submitted=False) == []


def test_income_that_fell_for_a_listed_reason(hr: Pack) -> None:
    assert (
        "疫情影响、就业收入下降" in only(hr, {"income_trend": 3, "income_drop_reasons": [1, 5]}, "AL-06").text
    )
    assert "AL-06" not in [code for code, _ in raised(hr, {"income_trend": 3, "income_drop_reasons": [8]})]
    assert "AL-06" not in [code for code, _ in raised(hr, {"income_trend": 2, "income_drop_reasons": [1]})]


def test_dividends_are_held_to_the_floor_of_the_card(hr: Pack) -> None:
    paid = {"dividend_rate": 9, "dividend_contract_running": 2}
    assert ("AL-20", "dividend_below_red") in raised(hr, paid, verdict_id="red")
    assert "AL-20" not in [code for code, _ in raised(hr, paid, verdict_id="yellow")]
    assert ("AL-20", "dividend_below_yellow") in raised(
        hr, {**paid, "dividend_rate": 7.99}, verdict_id="yellow"
    )
    running = {**paid, "dividend_contract_running": 1}
    assert "AL-20" not in [code for code, _ in raised(hr, running, verdict_id="red")]


def test_a_red_household_in_difficulty_needs_a_named_helper(hr: Pack) -> None:
    assert ("AL-21", "") in raised(hr, {"daily_difficulty": 1}, verdict_id="red")
    assert ("AL-21", "") not in raised(hr, {"daily_difficulty": 1}, verdict_id="green")


def test_a_severely_disabled_person_without_both_subsidies(hr: Pack) -> None:
    alert = only(hr, {"has_severe_disability": 1, "receives_two_subsidies": 2}, "AL-22")
    assert [office.name for office in alert.departments] == ["残联", "民政局"]


def test_what_was_not_asked_raises_nothing(hr: Pack) -> None:
    assert raised(hr, {}) == []


def test_what_was_answered_but_not_proved_is_to_verify(hr: Pack) -> None:
    facts = {"all_insured": 2, "main_not_in_school_reason": 2}
    assert raised(hr, facts) == [("AL-02", "insurance_unclear"), ("AL-02", "schooling_unproved")]
    assert "延缓入学或已初中毕业" in alerts(hr, facts, ON)[1].text


@pytest.mark.parametrize(
    ("scheme", "facts", "to"),
    [
        ("f4", {"visit_risks": [7]}, ("township", "county")),
        ("gp", {"visit_risks": [7]}, ("township", "county")),
        ("n6", {"hardship_causes": [2]}, ("village", "township")),
    ],
)
def test_a_sudden_blow_is_told_at_once_by_whichever_scheme(
    scheme: str, facts: dict[str, Any], to: tuple[str, ...]
) -> None:
    alert = only(shipped().packs[scheme], facts, "AL-05", submitted=False)
    assert (alert.level, alert.to) == ("red", to)
    assert "请马上核实" in alert.text
