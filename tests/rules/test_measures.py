"""What is lacking comes first, then what the card brings, each with an office and a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.rules.measures import match_measures
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
