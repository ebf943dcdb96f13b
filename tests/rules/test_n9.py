"""What the cases of chapter nine cannot say: help with its amounts and conditions, duties, alerts, levels."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.rules.alerts import AlertRaised, alerts
from bot.rules.decide import decide
from bot.rules.duties import duties, region_duties
from bot.rules.measures import Measure, match_measures
from bot.rules.pack import Pack
from tests.rules.policy import ON, known, pack_with

WATCHED = ("key", "scope")


@pytest.fixture(scope="module")
def n9() -> Pack:
    return pack_with("n9")


OWN = {"F-20"}
"""The frequencies of the document itself, without those that a county adds from the library."""


def help_for(pack: Pack, verdict: str, facts: dict[str, Any]) -> dict[str, Measure]:
    return {measure.id: measure for measure in match_measures(pack, known(pack, facts), verdict, ON)}


def test_people_may_apply_and_nothing_is_said_of_publishing(n9: Pack) -> None:
    assert (n9.scheme.secret, n9.scheme.publicity, n9.scheme.self_apply) == (False, "", True)


def test_only_the_line_is_left_to_the_county(n9: Pack) -> None:
    unset = [parameter.id for parameter in n9.parameters if parameter.value(ON) is None]
    assert unset.count("poverty_line") == 1
    assert {"n9_times", "n9_tolerance", "n9_expense_over", "n9_drop", "n9_scale"}.isdisjoint(unset)


def test_the_share_of_five_in_a_hundred_turns_nobody_away(n9: Pack) -> None:
    facts = {
        "reg_status": 2,
        "system_mark_2019": 3,
        "marked_marginal": 2,
        "disposable_income_per_capita": 5000,
        "accidents": [0],
    }
    line = {**n9.parameters_on(ON), "poverty_line": 4000}
    for scale in (0, 5, 100):
        verdict = decide(n9, facts, ON, {**line, "n9_scale": scale})
        assert verdict.verdict == "scope"
    (cap,) = [hint for hint in decide(n9, facts, ON, {**line, "n9_scale": 5}).hints if hint.flag == "no_cap"]
    assert "5%" in cap.text


# ------------------------------------------------------------------ help


def test_everybody_watched_gets_company_and_insurance(n9: Pack) -> None:
    for verdict in WATCHED:
        assert list(help_for(n9, verdict, {})) == ["M-N9-04", "M-N9-06"]
    assert help_for(n9, "clue", {}) == help_for(n9, "none", {}) == {}


def test_what_is_lacking_comes_first_with_its_office_and_the_day_of_the_answer(n9: Pack) -> None:
    facts = {
        "main_not_in_school_reason": 3,
        "all_insured": 2,
        "main_uninsured_reason": 4,
        "house_safety": 2,
        "water_source": 2,
        "water_shortage": 2,
        "has_labor": 1,
    }
    found = help_for(n9, "key", facts)
    mending = [measure for measure in found.values() if measure.mends]
    assert [(each.id, each.departments[0].name) for each in mending] == [
        ("M-N9-03a", "教体局"),
        ("M-N9-03c", "医保局"),
        ("M-N9-03d", "住建局"),
        ("M-N9-03e", "水利局"),
    ]
    assert list(found)[:4] == [each.id for each in mending]
    assert all("15个工作日" in each.terms for each in mending)


def test_who_has_no_labour_is_helped_to_fetch_water_and_gets_the_safety_net(n9: Pack) -> None:
    dry = {"water_source": 2, "water_shortage": 2}
    assert "M-N9-03e-fetch" in help_for(n9, "scope", {**dry, "has_labor": 2})
    assert "M-N9-03e-fetch" not in help_for(n9, "scope", {**dry, "has_labor": 1})
    assert "M-N9-05a" in help_for(n9, "scope", {"has_labor": 2})
    assert {"M-N9-05a", "M-N9-02"} & help_for(n9, "scope", {"has_labor": 1}).keys() == {"M-N9-02"}


def test_who_goes_to_college_this_year_gets_the_grant_of_the_document(n9: Pack) -> None:
    college = help_for(n9, "key", {"college_admission": [1]})
    assert "3000元" in college["M-N9-03b"].terms
    assert "M-N9-03b-university" not in college
    both = help_for(n9, "key", {"college_admission": [1, 2]})
    assert "5000元" in both["M-N9-03b-university"].terms
    assert "3000元" in both["M-N9-03b"].terms
    nobody = help_for(n9, "key", {"college_admission": [0]})
    assert {"M-N9-03b", "M-N9-03b-university", "M-N9-03b-study"}.isdisjoint(nobody)


def test_a_student_at_college_keeps_studying(n9: Pack) -> None:
    def at(stage: int) -> bool:
        facts = {"has_student": 1, "student": [{"name": "学生", "stage": stage}]}
        return "M-N9-03b-study" in help_for(n9, "scope", facts)

    assert [at(stage) for stage in range(1, 8)] == [False] * 5 + [True] * 2


def test_school_subsidies_are_for_the_registered_alone(n9: Pack) -> None:
    pupil = {"has_student": 1}
    assert "M-N9-03a-aid" in help_for(n9, "key", {**pupil, "reg_status": 1})
    assert "M-N9-03a-aid" not in help_for(n9, "key", {**pupil, "reg_status": 3})
    assert "M-N9-03a-aid" not in help_for(n9, "key", pupil)


def test_industry_is_for_those_who_are_fit_for_it(n9: Pack) -> None:
    assert {"M-N9-01a", "M-N9-01b"} <= help_for(n9, "scope", {"develop_ability": 1}).keys()
    assert {"M-N9-01a", "M-N9-01b"} <= help_for(n9, "scope", {"has_industry_project": 1}).keys()
    assert {"M-N9-01a", "M-N9-01b", "M-N9-01c"}.isdisjoint(help_for(n9, "scope", {"develop_ability": 2}))
    assert "M-N9-01c" in help_for(n9, "scope", {"has_surplus": 1})
    assert "M-N9-01c" in help_for(n9, "scope", {"has_industry_project": 1, "industry_project_kinds": [2]})


def test_misfortune_brings_relief_and_the_policy_of_its_kind(n9: Pack) -> None:
    ill = help_for(n9, "key", {"special_groups": [3]})
    assert {"M-N9-05b", "M-N9-05b-illness", "M-N9-03c-cost"} <= ill.keys()
    disabled = help_for(n9, "key", {"special_groups": [4]})
    assert {"M-N9-05b", "M-N9-05b-disabled"} <= disabled.keys()
    flooded = help_for(n9, "key", {"accidents": [5]})
    assert {"M-N9-05b", "M-N9-05b-disaster"} <= flooded.keys()
    assert flooded["M-N9-05b-disaster"].departments[0].name == "应急管理局"
    assert "M-N9-05b" not in help_for(n9, "key", {"accidents": [0], "special_groups": [0]})


@pytest.mark.parametrize("verdict", ["key", "scope", "clue", "none"])
def test_the_old_who_live_apart_are_helped_step_by_step_whoever_is_watched(n9: Pack, verdict: str) -> None:
    def steps(facts: dict[str, Any]) -> list[str]:
        return [id for id in help_for(n9, verdict, facts) if id.startswith("M-N9-05c")]

    apart = {"parents_live_apart": 1}
    assert steps({**apart, "support_duty": 2}) == ["M-N9-05c"]
    assert steps({**apart, "support_duty": 3}) == ["M-N9-05c", "M-N9-05c-suit"]
    unable = {**apart, "support_duty": 3, "cannot_sue": 1}
    assert steps(unable) == ["M-N9-05c", "M-N9-05c-suit", "M-N9-05c-court"]
    assert steps({"parents_live_apart": 2, "support_duty": 3}) == []
    assert steps({**apart, "support_duty": 4, "cannot_sue": 1}) == ["M-N9-05c"]


# ------------------------------------------------------------------ duties and alerts


def test_groups_look_every_month_and_the_town_reports_before_its_end(n9: Pack) -> None:
    found = duties(n9, "scope", date(2020, 5, 1), date(2020, 5, 31))
    assert {(duty.kind, duty.due, duty.role) for duty in found} == {
        ("monitor", date(2020, 5, 31), "village"),
    }
    of_regions = region_duties(n9, date(2020, 5, 1), date(2020, 5, 31))
    assert [(duty.kind, duty.due, duty.role) for duty in of_regions if duty.frequency in OWN] == [
        ("report", date(2020, 5, 31), "township")
    ]
    assert [duty.kind for duty in duties(n9, "clue", date(2020, 5, 1), date(2020, 5, 31))] == ["monitor"]
    assert duties(n9, "none", date(2020, 5, 1), date(2020, 5, 31)) == ()


def only(pack: Pack, facts: dict[str, Any], code: str, **more: Any) -> AlertRaised:
    (alert,) = [alert for alert in alerts(pack, facts, ON, **more) if alert.code == code]
    return alert


def test_a_lost_main_worker_is_told_at_once_to_town_and_county(n9: Pack) -> None:
    alert = only(n9, {"main_labor_lost": 1}, "AL-05", submitted=False)
    assert (alert.level, alert.to) == ("red", ("township", "county"))


def test_an_expense_above_last_years_income_is_told_to_the_town(n9: Pack) -> None:
    assert only(n9, {"accident_expense": 20000.01, "last_year_income": 20000}, "AL-04").level == "red"
    assert alerts(n9, {"accident_expense": 20000, "last_year_income": 20000}, ON) == ()


def test_children_who_refuse_are_told_to_the_town_with_its_offices(n9: Pack) -> None:
    alert = only(n9, {"parents_live_apart": 1, "support_duty": 3}, "AL-support")
    assert [office.name for office in alert.departments] == ["民政局", "司法局"]
    assert alerts(n9, {"parents_live_apart": 1, "support_duty": 2}, ON) == ()
