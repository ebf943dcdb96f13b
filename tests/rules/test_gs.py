"""What the cases of the two classes cannot say: what a verdict ends, help, duties, alerts.

The three classes of lifted households and the four kinds of households stand below.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.rules.alerts import AlertRaised, alerts
from bot.rules.duties import duties
from bot.rules.measures import Measure, match_measures
from bot.rules.pack import Pack
from tests.rules.policy import ON, known, pack_with

GS_PLANNED = {
    1: {"M-GS-4", "M-GS-7"},
    2: {"M-GS-1", "M-GS-2", "M-GS-6-7", "M-GS-6-8", "M-GS-6-9", "M-GS-7"},
    3: {"M-GS-3"},
    4: {"M-GS-4", "M-GS-6-8", "M-GS-7"},
    5: {"M-GS-1", "M-GS-6-7", "M-GS-6-10", "M-GS-6-11", "M-GS-6-12"},
    6: {"M-GS-2", "M-GS-6-8", "M-GS-6-9"},
    7: {"M-GS-2", "M-GS-4", "M-GS-6-8", "M-GS-6-9", "M-GS-7"},
    8: {"M-GS-1", "M-GS-2", "M-GS-6-7", "M-GS-6-8", "M-GS-6-9", "M-GS-6-11", "M-GS-7"},
    9: {"M-GS-1", "M-GS-6-8", "M-GS-6-10", "M-GS-7"},
    10: {"M-GS-2", "M-GS-6-14"},
    11: {"M-GS-8"},
}
"""What each of the eleven risks calls for where somebody can work; the checks of the plan agree (GC-15)."""

F4_KINDS = ("unlifted", "unstable", "marginal", "shock")


def help_for(scheme: str, verdict: str, facts: dict[str, Any]) -> dict[str, Measure]:
    pack = pack_with(scheme)
    return {measure.id: measure for measure in match_measures(pack, known(pack, facts), verdict, ON)}


def raised(scheme: str, facts: dict[str, Any]) -> list[AlertRaised]:
    pack = pack_with(scheme)
    return list(alerts(pack, known(pack, facts), ON))


def offices(measure: Measure) -> list[str]:
    return [department.name for department in measure.departments]


@pytest.fixture(scope="module")
def gs() -> Pack:
    return pack_with("gs")


# ------------------------------------------------------------------ the two classes


def test_a_stable_household_ends_both_parts_of_the_plan_help_and_monitoring(gs: Pack) -> None:
    closes = {outcome.id: set(outcome.closes) for outcome in gs.outcomes}
    assert closes["stable"] == {"gs.6", "gs.7", "help", "monitoring"}
    assert closes["tracked"] == {"gs.6", "gs.7", "help"}
    assert closes["eased"] == closes["none"] == set()


def test_whoever_is_tracked_or_eased_is_monitored_on_and_a_stable_household_is_not(gs: Pack) -> None:
    last = date(2020, 12, 31)
    for verdict in ("eased", "tracked"):
        due = duties(gs, verdict, date(2020, 1, 1), last)
        assert [duty.kind for duty in due].count("monitor") == 12
        assert [(duty.frequency, duty.due) for duty in due if duty.kind == "review"] == [("F-32", last)]
    assert duties(gs, "stable", date(2020, 1, 1), last) == ()
    assert duties(gs, "none", date(2020, 1, 1), last) == ()


def test_the_way_back_from_stable_is_open(gs: Pack) -> None:
    assert all(not move.forbidden for move in gs.moves)
    restart = next(move for move in gs.moves if move.id == "restart")
    assert restart.before == ("stable",)
    assert set(restart.after) == {"tracked", "eased"}


@pytest.mark.parametrize("risk", GS_PLANNED)
def test_each_of_the_eleven_risks_calls_for_help_of_its_own(risk: int) -> None:
    assert set(help_for("gs", "eased", {"main_risks": [risk], "has_labor": 1})) == GS_PLANNED[risk]


def test_work_is_not_offered_to_a_household_that_cannot_work() -> None:
    found = help_for("gs", "eased", {"main_risks": [6, 9], "household_labor": 3})
    assert set(found) == {"M-GS-1", "M-GS-6-10", "M-GS-7"}


def test_a_partly_lost_labour_calls_for_a_welfare_post() -> None:
    assert set(help_for("gs", "eased", {"household_labor": 2})) == {"M-GS-6-8"}


def test_what_is_lacking_is_supplied_first() -> None:
    facts = {"main_risks": [5], "has_labor": 1, "house_safety": 2, "water_source": 2, "water_shortage": 2}
    found = list(help_for("gs", "eased", facts))
    assert found[:2] == ["M-GS-5", "M-GS-6"]
    assert set(found[2:]) == GS_PLANNED[5]


def test_a_gap_that_only_the_plan_names_is_helped_too() -> None:
    found = help_for("gs", "eased", {"guarantee_gaps": [1, 2, 3, 4]})
    assert set(found) == {"M-GS-3", "M-GS-4", "M-GS-5", "M-GS-6"}


def test_an_income_below_the_line_calls_for_social_security_only_where_there_is_a_line() -> None:
    assert help_for("gs", "eased", {"resident_net_income_per_capita": 100}) == {}


def test_social_security_goes_on_for_the_tracked_and_nothing_is_planned_for_the_stable() -> None:
    facts = {"main_risks": [1, 6], "has_labor": 1, "house_safety": 2}
    assert list(help_for("gs", "tracked", facts)) == ["M-GS-6-13"]
    assert help_for("gs", "stable", facts) == {}
    assert help_for("gs", "none", facts) == {}


def test_every_measure_of_the_plan_asks_for_project_office_and_time(gs: Pack) -> None:
    own = [measure for measure in gs.measures if not measure.set]
    assert {measure.id for measure in own} == {
        *(f"M-GS-{number}" for number in range(1, 9)),
        *(f"M-GS-6-{number}" for number in range(7, 15)),
    }
    assert {measure.slots for measure in own} == {("项目", "责任单位", "落实时间")}


def test_a_signature_by_proxy_is_told_at_once() -> None:
    (alert,) = raised("gs", {"signed_in_person": 2, "plan_signed_on": "2020-12-20"})
    assert (alert.code, alert.level, set(alert.to)) == ("AL-30", "red", {"cadre", "township"})
    assert "4方" in alert.text
    assert "4份" in alert.text
    assert raised("gs", {"signed_in_person": 1, "plan_signed_on": "2020-12-20"}) == []


def test_a_household_of_the_two_classes_without_a_signed_plan_has_thirty_days() -> None:
    (alert,) = raised("gs", {"system_mark_2019": 1})
    assert (alert.code, alert.level, alert.within_days, alert.derived) == ("AL-36", "yellow", 30, True)
    assert raised("gs", {"system_mark_2019": 1, "plan_signed_on": "2020-12-20"}) == []
    assert raised("gs", {"system_mark_2019": 3}) == []


def test_the_limits_of_the_plan_are_parameters(gs: Pack) -> None:
    values = gs.parameters_on(ON)
    assert (values["max_risk_categories"], values["max_main_risks"]) == (2, 3)
    assert (values["plan_signers"], values["plan_copies"]) == (4, 4)
    assert values["gs_line"] is None


# ------------------------------------------------------------------ the three classes


def test_each_of_the_three_classes_has_help_of_its_own() -> None:
    able = {"has_labor": 1}
    assert list(help_for("t3", "key", able)) == ["M-T3-1", "M-T3-1-labour"]
    assert list(help_for("t3", "key", {"has_labor": 2})) == ["M-T3-1"]
    assert list(help_for("t3", "general", able)) == ["M-T3-2"]
    assert list(help_for("t3", "calm", able)) == ["M-T3-3"]
    assert help_for("t3", "outside", able) == {}


def test_lifted_households_are_visited_every_quarter_and_the_township_adjusts_every_month() -> None:
    pack = pack_with("t3")
    due = duties(pack, "calm", date(2020, 1, 1), date(2020, 12, 31))
    visits = [duty for duty in due if duty.frequency == "F-31"]
    assert len(visits) == 4
    assert all(duty.derived for duty in visits)
    assert duties(pack, "outside", date(2020, 1, 1), date(2020, 12, 31)) == ()
    adjusting = next(rule for rule in pack.frequencies if rule.id == "F-22")
    assert (adjusting.kind, adjusting.per, adjusting.role) == ("adjust", "month", "township")


def test_the_name_that_does_not_fit_is_not_given_to_the_third_class() -> None:
    calm = pack_with("t3").outcome_by_id["calm"]
    assert "边缘" not in calm.name
    assert "待定" in calm.name


# ------------------------------------------------------------------ the four kinds


def test_each_kind_is_paired_with_those_whom_the_document_names() -> None:
    found = {outcome.id: len(outcome.guarantors) for outcome in pack_with("f4").outcomes}
    assert found == {"unlifted": 4, "unstable": 1, "marginal": 3, "shock": 1, "none": 0}


@pytest.mark.parametrize(
    ("facts", "measure", "office"),
    [
        ({"has_serious_illness": 1}, "M-F4-01", "医保局"),
        ({"hardship_causes": [2]}, "M-F4-02", "民政局"),
        ({"water_source": 2, "water_shortage": 2}, "M-F4-03", "水利局"),
        ({"has_school_age_child": 1}, "M-F4-04", "教体局"),
        ({"preschool_count": 1}, "M-F4-04-preschool", "教体局"),
        ({"main_risks": [3]}, "M-F4-04-senior", "教体局"),
        ({"house_safety": 3}, "M-F4-05", "住建局"),
        ({"has_labor": 1, "training_will": 1}, "M-F4-07", "人社局"),
        ({"has_labor": 2}, "M-F4-08-net", "民政局"),
        ({"two_cancers": 1}, "M-F4-10", "妇联"),
        ({"cataract_disabled": 1}, "M-F4-11", "红十字会"),
        ({"has_serious_illness": 1}, "M-F4-12", "县扶贫办"),
    ],
)
def test_every_kind_is_helped_by_the_office_that_the_document_names(
    facts: dict[str, Any], measure: str, office: str
) -> None:
    for kind in F4_KINDS:
        assert offices(help_for("f4", kind, facts)[measure])[0] == office
    assert help_for("f4", "none", facts) == {}


def test_aid_of_senior_secondary_schools_is_not_for_university() -> None:
    for stage, aided in ((3, False), (4, True), (5, True), (6, False), (7, False)):
        facts = {"has_student": 1, "student": [{"stage": stage}]}
        assert ("M-F4-04-senior" in help_for("f4", "marginal", facts)) is aided


def test_farming_and_posts_are_for_all_but_the_unlifted() -> None:
    facts = {"develop_ability": 1, "has_labor": 1}
    for kind in F4_KINDS:
        found = set(help_for("f4", kind, facts))
        assert found == (set() if kind == "unlifted" else {"M-F4-06", "M-F4-09"})
    assert offices(help_for("f4", "shock", facts)["M-F4-09"]) == ["团县委", "人社局"]


def test_aid_for_the_severely_disabled_is_for_marginal_households() -> None:
    facts = {"has_severe_disability": 1}
    for kind in F4_KINDS:
        assert ("M-F4-08" in help_for("f4", kind, facts)) is (kind == "marginal")


def test_amounts_come_from_the_parameters() -> None:
    facts = {"preschool_count": 2, "two_cancers": 1}
    found = help_for("f4", "marginal", facts)
    assert "500元" in found["M-F4-04-preschool"].text
    assert "10000元" in found["M-F4-10"].text


def test_what_a_household_lacks_comes_before_what_its_kind_brings() -> None:
    facts = {"has_serious_illness": 1, "has_labor": 1, "training_will": 1, "house_safety": 2}
    assert next(iter(help_for("f4", "unstable", facts))) == "M-F4-05"


def test_a_sudden_blow_is_told_to_township_and_county_at_once() -> None:
    (alert,) = raised("f4", {"accidents": [4], "main_labor_lost": 1, "visit_risks": []})
    assert (alert.code, alert.level, set(alert.to)) == ("AL-05", "red", {"township", "county"})
    assert raised("f4", {"accidents": [4], "main_labor_lost": 2, "visit_risks": []}) == []
    (seen,) = raised("f4", {"visit_risks": [7], "accidents": [0]})
    assert seen.fact == "sudden_change"
