"""Of what several questionnaires ask in different words, the answer of the latest day counts."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot import loading
from bot.problems import Problem
from bot.rules.alerts import alerts
from bot.rules.decide import decide
from bot.rules.facts import Registry
from bot.rules.loading import load_pack
from bot.rules.pack import Pack
from bot.rules.reading import read
from bot.rules.updates import Moment, current, told_by
from tests.rules.conftest import Data, surroundings
from tests.rules.policy import CASES, ON, known

FORMS = {"param_water_shortage_days": 36}
TRUTHS = {"ok": True, "fail": False, "open": None}
READ = tomllib.loads((CASES / "updates.toml").read_text(encoding="utf-8"))["case"]


def filed(said: list[tuple[str, dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Moment]]:
    """The file after these questionnaires: of one name the answer of the latest day, as storage keeps it."""
    facts: dict[str, Any] = {}
    moments: dict[str, Moment] = {}
    for place, (day, answers) in enumerate(said):
        moment = date.fromisoformat(day), datetime(2020, 4, 20, 8, tzinfo=UTC) + timedelta(minutes=place)
        for name, value in answers.items():
            if name not in moments or moment[0] >= moments[name][0]:
                facts[name], moments[name] = None if value == "unknown" else value, moment
    return facts, moments


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in READ])
def test_the_latest_answer_counts(hr: Pack, case: dict[str, Any]) -> None:
    facts, moments = filed(case["said"])
    now = current(hr.updates, facts, moments, FORMS, ON)
    if "answer" in case:
        assert as_stored(now[case["answer"]]) == case["becomes"]
    else:
        assert read(hr, now, ON).truth(case["fact"]) is TRUTHS[case["comes"]]


def as_stored(value: Any) -> Any:
    """Several codes as the questionnaires keep them."""
    return list(value) if isinstance(value, tuple) else value


def test_every_update_has_a_case(hr: Pack) -> None:
    asked = [filed(case["said"])[0].keys() for case in READ]
    assert [u.source for u in hr.updates if not any(u.source in names for names in asked)] == []


def test_what_the_register_says_is_older_than_any_answer(hr: Pack) -> None:
    now = current(hr.updates, {"has_labor": 1, "household_labor": 3}, {"household_labor": MARCH}, FORMS, ON)
    assert now["has_labor"] == 2


MARCH: Moment = date(2020, 3, 2), datetime(2020, 3, 2, tzinfo=UTC)


def test_nothing_is_changed_where_nothing_else_was_answered(hr: Pack) -> None:
    facts = {"reg_status": 1, "consumer_car": 2, "child": [{"in_school": 1}], "return_risk": None}
    assert current(hr.updates, facts, {}, FORMS, ON) == facts


def test_a_month_of_risk_makes_a_poor_lifted_household_yellow(hr: Pack) -> None:
    low = {"reg_status": 2, "handbook_income_per_capita": 4800, "return_risk": 2}
    free = dict.fromkeys(
        ("consumer_car", "luxury_decoration", "commercial_housing", "single_under60_fit"), 2
    ) | {"parents_live_apart": 2}
    assert decide(hr, known(hr, low | free), ON).verdict == "green"
    facts, moments = filed([("2020-01-10", low | free), ("2020-04-02", {"monthly_risks": [2]})])
    assert decide(hr, current(hr.updates, facts, moments, FORMS, ON), ON).verdict == "yellow"


def test_an_unsafe_house_of_the_month_is_told_at_once(hr: Pack) -> None:
    found = alerts(hr, known(hr, {"house_safe_now": 2, "water_quality_now": 2}), ON, submitted=False)
    assert [(alert.code, alert.fact) for alert in found] == [("AL-01", "ind_house"), ("AL-01", "ind_water")]


def test_a_misfortune_of_the_month_is_told_at_once(hr: Pack) -> None:
    found = alerts(hr, known(hr, {"monthly_risks": [5, 7]}), ON, submitted=False)
    assert [alert.fact for alert in found] == ["sudden_change", "disaster_struck"]
    assert all("county" in alert.to for alert in found)


def test_a_large_expense_of_the_month_is_told_to_the_township_with_the_amount(hr: Pack) -> None:
    spent = {"has_large_expense": 1, "large_expense_unaffordable": 1, "large_expense_hardship": 2}
    [alert] = alerts(hr, known(hr, spent | {"large_expense_amount": 60000.0}), ON)
    assert (alert.code, alert.level, alert.to) == ("AL-04", "red", ("township",))
    assert "60000元" in alert.text
    assert [each.code for each in alerts(hr, known(hr, spent), ON)] == ["AL-04"]
    borne = spent | {"large_expense_unaffordable": 2}
    assert alerts(hr, known(hr, borne), ON) == ()


def test_what_an_update_reads_can_raise_what_it_serves(hr: Pack) -> None:
    assert {"house_safe_now", "house_grade"} <= told_by(hr.updates, frozenset({"house_safety"}))
    assert told_by(hr.updates, frozenset({"food_enough"})) == {"food_enough", "food_state"}
    assert told_by(hr.updates, frozenset({"consumer_car"})) == {"consumer_car"}


def test_a_month_of_illness_makes_a_poor_household_outside_the_register_blue(hr: Pack) -> None:
    low = {"reg_status": 3, "estimated_income_per_capita": 4500, "poverty_risk_causes": [0]}
    free = dict.fromkeys(
        ("consumer_car", "luxury_decoration", "commercial_housing", "single_under60_fit"), 2
    ) | {"parents_live_apart": 2}
    assert decide(hr, known(hr, low | free), ON).verdict == "none"
    facts, moments = filed([("2020-01-10", low | free), ("2020-04-02", {"monthly_risks": [3]})])
    assert decide(hr, current(hr.updates, facts, moments, FORMS, ON), ON).verdict == "blue"


def test_a_risk_found_at_a_blue_household_is_told_to_the_township(hr: Pack) -> None:
    facts = known(hr, {"reg_status": 3, "monthly_risks": [1, 3]})
    [alert] = alerts(hr, facts, ON, verdict_id="blue")
    assert (alert.code, alert.level, alert.to) == ("AL-08", "yellow", ("township",))
    assert "产业、就医" in alert.text
    assert alerts(hr, facts, ON, verdict_id="yellow") == ()
    assert alerts(hr, known(hr, {"reg_status": 3, "monthly_risks": [0]}), ON, verdict_id="blue") == ()


@pytest.mark.parametrize(
    ("facts", "fact"), [({"main_labor_lost": 1}, "main_worker_lost"), ({"accidents": [6]}, "accident_struck")]
)
def test_a_lost_worker_and_an_accident_are_told_at_once(hr: Pack, facts: dict[str, Any], fact: str) -> None:
    [alert] = alerts(hr, known(hr, facts), ON, submitted=False)
    assert (alert.code, alert.fact, alert.level) == ("AL-05", fact, "red")
    assert alert.to == ("township", "county")


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"from": "house_safe_noww"}, "nothing provides house_safe_noww", "did you mean house_safe_now?"),
    ({"facts": ["house_safty"]}, "nothing provides house_safty", "did you mean house_safety?"),
    ({"facts": []}, "facts is missing", 'facts = ["house_safety"]'),
    ({"map": {"7": 1}}, "house_safe_now has no option 7", "its options are 1, 2, 3"),
    ({"map": {"1": 9}}, "house_safety has no option 9", "its options are 1, 2, 3"),
    ({"map": {"one": 1}}, "map must lead from codes to codes", "map = { 1 = 2, 2 = 1 }"),
    ({"clears": [1]}, "give exactly one of map, is and clears", "a later answer says something in one way"),
    ({"is": "param_nothing + 1"}, "nothing provides param_nothing", ""),
    ({"from": "monthly_risks", "map": {"1": 1}}, "no code of monthly_risks can stand for house_safety", ""),
    ({"facts": ["child"]}, "no code of house_safe_now can stand for child", ""),
    ({"days": "92"}, "days must be a whole number", "it is str"),
    ({"fact": "x"}, "unknown key fact", "did you mean facts?"),
]


@pytest.mark.parametrize(("change", "what", "hint"), MISTAKES)
def test_a_mistake_in_an_update_is_named(
    hr_data: Data, registry: Registry, change: dict[str, Any], what: str, hint: str
) -> None:
    problems = spoilt_updates(hr_data, registry, "house_this_month", change)
    found = [each for each in problems if each.what.startswith(what)]
    assert [each.id for each in found] == ["update house_this_month"], problems
    assert hint in found[0].hint


def spoilt_updates(hr_data: Data, registry: Registry, id: str, change: dict[str, Any]) -> list[Problem]:
    """What is wrong with the schemes once one of the shared updates says something else."""
    around = surroundings()
    shared = copy.deepcopy(dict(around.shared))
    holder = next(tables for tables in shared.values() if "update" in tables)
    next(each for each in holder["update"] if each["id"] == id).update(change)
    _, problems = load_pack(hr_data, replace(around, shared=shared), {**registry, **loading.REGISTER})
    return problems


def test_clears_takes_codes_only(hr_data: Data, registry: Registry) -> None:
    problems = spoilt_updates(hr_data, registry, "insured_by_now", {"clears": 1})
    assert [each.what for each in problems] == ["clears must be a list of codes"]
