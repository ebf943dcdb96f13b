"""The tables of WF-03, 04, 05, 06, 13, 15 and 20 against the documents: who begins, decides, and ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from bot import content
from bot.content import Content
from bot.rules import stepping
from bot.rules.procedures import Procedure, Step
from bot.rules.stepping import Actor, Around, Standing

MINE = ("yb_colours", "yb_comparison", "n9_watch", "n6_net", "m8_alert", "elder_support")
COLOURS = ("红", "黄", "绿")


@pytest.fixture(scope="module")
def shipped() -> Content:
    return content.load()


def ways(procedure: Procedure, before: str, after: str) -> list[Step]:
    """Every step from one state to another."""
    return [step for step in procedure.steps_from(before) if step.after == after]


def said(procedure: Procedure) -> Iterable[str]:
    """Every word that a procedure shows: its names and notices."""
    yield procedure.name
    for state in procedure.states.values():
        yield state.name
    for step in procedure.steps:
        yield from (step.name, step.lacks)
        for notice in step.tell:
            yield notice.text.fill(lambda gap: gap)


@pytest.mark.parametrize("id", MINE)
def test_returns_and_refusals_need_words(shipped: Content, id: str) -> None:
    for step in shipped.procedures[id].steps:
        if step.before and step.after in ("not_included", "dismissed", "unfounded", "no_risk", "not_helped"):
            assert step.back or step.form, f"{step.id} turns somebody away without a word"


# ------------------------------------------------------------------------------------------ three colours


def test_no_word_of_the_colours_says_a_colour(shipped: Content) -> None:
    for id in ("yb_colours", "yb_comparison"):
        for words in said(shipped.procedures[id]):
            assert not any(colour in words for colour in COLOURS), words


def test_the_colours_have_no_application_and_no_publicity(shipped: Content) -> None:
    procedure = shipped.procedures["yb_colours"]
    assert procedure.forbidden("apply") is not None
    assert procedure.forbidden("publish") is not None
    assert all("application" not in step.takes for step in procedure.steps)
    assert not any("公示" in words for words in said(procedure))


def test_only_a_household_in_the_national_system_can_be_marked_for_warning(shipped: Content) -> None:
    procedure = shipped.procedures["yb_colours"]
    assert procedure.step_by_id["mark"].before == ("registered",)
    # From a ledger to the system every way leads through the county's written word.
    reached, ways_on = {"ledger"}, [s for s in procedure.steps if s.id not in ("approve_red", "approve")]
    for _ in procedure.states:
        reached |= {step.after for step in ways_on if reached & set(step.before)}
    assert "registered" not in reached
    assert "warn_marked" not in reached


def test_only_the_department_asks_to_strike_off_and_only_the_county_agrees(shipped: Content) -> None:
    procedure = shipped.procedures["yb_colours"]
    assert [step.by for step in ways(procedure, "fixed", "close_req")] == [("department",)]
    assert [step.by for step in ways(procedure, "close_req", "closed")] == [("county_office",)]
    assert {step.after for step in procedure.steps_from("close_req")} == {"closed", "warn_c"}


@pytest.mark.parametrize(
    ("state", "on", "due"),
    [
        ("prelim", date(2020, 3, 27), date(2020, 4, 3)),
        ("prelim", date(2020, 4, 3), date(2020, 4, 3)),
        ("prelim", date(2020, 4, 4), None),
        ("v_judged_red", date(2020, 4, 2), date(2020, 4, 6)),
        ("v_judged", date(2020, 4, 2), None),
        ("t_reviewed_red", date(2020, 4, 6), date(2020, 4, 10)),
        ("approved_red", date(2020, 4, 10), date(2020, 4, 15)),
        ("approved", date(2020, 4, 10), date(2020, 4, 20)),
        ("warn_c", date(2020, 4, 10), date(2020, 6, 30)),
        ("warn_c", date(2020, 7, 2), date(2020, 7, 31)),
        ("warn_c", date(2020, 12, 2), date(2020, 12, 31)),
        ("warn_c", date(2021, 1, 2), None),
    ],
)
def test_the_days_of_2020(shipped: Content, state: str, on: date, due: date | None) -> None:
    procedure = shipped.procedures["yb_colours"]
    figures = stepping.figures_on(procedure.parameters.values(), on)
    around = Around(on, shipped.calendar, figures)
    assert stepping.due(procedure.states[state], Standing(state, on), around) == due


# ------------------------------------------------------------------------------------------ chapter nine


def test_five_in_a_hundred_is_said_wherever_somebody_can_be_turned_away(shipped: Content) -> None:
    procedure = shipped.procedures["n9_watch"]
    turning = [step for step in procedure.steps if step.after == "not_included"]
    assert len(turning) == 3
    for step in (*turning, procedure.step_by_id["village_declines"]):
        why = procedure.forbidden(step.id)
        assert why is not None
        assert "5%" in why.text


def test_nobody_leaves_before_the_stable_period_is_over(shipped: Content) -> None:
    procedure = shipped.procedures["n9_watch"]
    step = procedure.step_by_id["exit_village"]
    on = date(2020, 9, 1)
    standing = Standing("risk_cleared", on, days={"risk_cleared_on": date(2020, 6, 4)})
    for day, why in ((date(2020, 9, 1), "too_early"), (date(2020, 9, 2), None)):
        around = Around(day, shipped.calendar, stepping.figures_on(procedure.parameters.values(), day))
        refused = stepping.refusal(step, standing, Actor(1, frozenset({"village_secretary"})), around)
        assert (refused and refused.why) == why
    assert procedure.steps_from("assisting")
    assert ways(procedure, "assisting", "v_exit") == []


def test_a_township_cannot_turn_away_what_its_own_people_filed(shipped: Content) -> None:
    for id in MINE:
        for step in shipped.procedures[id].steps:
            if step.approves:
                assert step.before, f"{step.id} opens a case and cannot approve it"


# ------------------------------------------------------------------------------------------ three levels


def test_nothing_reaches_the_district_without_a_leaders_signature(shipped: Content) -> None:
    procedure = shipped.procedures["n6_net"]
    up = {step.id: step.by for step in procedure.steps if step.after == "at_district"}
    assert up == {
        "inspectors_find": ("inspection_team",),
        "inspectors_join": ("inspection_team",),
        "town_signs": ("township_secretary",),
        "unit_signs": ("unit_leader",),
    }


@pytest.mark.parametrize(
    ("state", "on", "due"),
    [
        ("at_village", date(2018, 5, 10), date(2018, 5, 20)),
        ("at_village", date(2018, 5, 21), date(2018, 6, 20)),
        ("at_town", date(2018, 5, 20), date(2018, 5, 30)),
        ("signing", date(2018, 2, 20), date(2018, 2, 28)),
        ("at_unit", date(2018, 5, 20), date(2018, 5, 25)),
        ("at_district", date(2018, 5, 25), date(2018, 5, 31)),
    ],
)
def test_the_days_of_every_month(shipped: Content, state: str, on: date, due: date) -> None:
    procedure = shipped.procedures["n6_net"]
    figures = stepping.figures_on(procedure.parameters.values(), on)
    around = Around(on, shipped.calendar, figures)
    assert stepping.due(procedure.states[state], Standing(state, on), around) == due


# ---------------------------------------------------------------------------------------- WF-13: how it ends


EXITS = {
    # procedure: who begins, in which state; who decides, to which state; what comes after
    "yb_colours": ("fixed", {"department"}, "close_req", {"county_office"}, "closed", "registered"),
    "n9_watch": ("risk_cleared", {"village_secretary"}, "t_exit", {"county_office"}, "c_exit", "closed"),
    "n6_net": ("handed", {"department"}, "solved", {"county_office"}, "closed", ""),
    "m8_alert": ("dispatched", {"department"}, "done", {"township_office"}, "closed", ""),
}


@pytest.mark.parametrize("id", EXITS)
def test_each_scheme_lets_households_go_in_its_own_way(shipped: Content, id: str) -> None:
    procedure = shipped.procedures[id]
    begins_at, begins, asked, decides, decided, after = EXITS[id]
    first = [s for s in procedure.steps_from(begins_at) if not s.back and not s.aside]
    assert all(begins & set(step.by) for step in first), "who begins"
    last = ways(procedure, asked, decided)
    assert last
    assert all(decides & set(step.by) for step in last), "who decides"
    if after:
        reached = {decided}
        for _ in procedure.states:
            reached |= {s.after for s in procedure.steps if reached & set(s.before) and not s.back}
        assert after in reached


def test_three_ways_to_strike_off_are_three_procedures(shipped: Content) -> None:
    # A problem, a warning, and the watching itself: none of them ends another.
    assert shipped.procedures["yb_colours"].states["closed"].final is False
    assert shipped.procedures["n9_watch"].states["closed"].final is True
    assert shipped.procedures["problem"].scheme not in ("yb", "n9")


# ------------------------------------------------------------------------------------------ old people


def test_the_courts_come_only_after_a_refusal(shipped: Content) -> None:
    procedure = shipped.procedures["elder_support"]
    for id in ("sue", "hold_court"):
        assert procedure.step_by_id[id].before == ("refused",)
