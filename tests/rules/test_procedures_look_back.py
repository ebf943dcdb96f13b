"""The tables of the look back, of cards that change, and of what is checked: what no path may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import content
from bot.rules import stepping
from bot.rules.procedures import Procedure
from bot.rules.stepping import Actor, Around, Refused, Standing
from tests.services.village import loaded

MINE = (
    *("hr_change", "problem", "questionnaire", "look_back", "supervision", "important_matter"),
    *("relapse", "identify", "schooling", "unreached"),
)
DAY = date(2020, 4, 20)
GOOD = {"problem_stage": 6, "people_satisfied": 1, "mending_result": "验收单在村委会"}
"""What the questionnaire of a problem says that is put right."""


def procedure(id: str) -> Procedure:
    return loaded().procedures[id]


def around(which: Procedure, on: date = DAY) -> Around:
    figures = stepping.figures_on(which.parameters.values(), on)
    return Around(on, loaded().calendar, figures)


def refused(
    id: str,
    step: str,
    *posts: str,
    on: date = DAY,
    since: date = DAY,
    filed_by: int = 0,
    state: str = "",
    answers: dict[str, object] | None = None,
) -> Refused | None:
    which = procedure(id)
    taken = which.step_by_id[step]
    standing = Standing(state or (taken.before or ("",))[0], since, frozenset({filed_by}))
    return stepping.refusal(
        taken, standing, Actor(1, frozenset(posts)), around(which, on), comment="好", answers=answers
    )


@pytest.mark.parametrize("id", MINE)
def test_every_case_can_come_to_an_end(id: str) -> None:
    which = procedure(id)
    ends = {state.id for state in which.states.values() if state.final}
    while more := {
        state for step in which.steps if step.after in ends for state in step.before if state not in ends
    }:
        ends |= more
    assert ends == set(which.states)


@pytest.mark.parametrize("id", MINE)
def test_nobody_approves_what_they_filed(id: str) -> None:
    for step in procedure(id).steps:
        if step.approves:
            why = refused(id, step.id, *step.by, filed_by=1)
            assert why is not None, step.id
            assert why.why == "own_filing", step.id


@pytest.mark.parametrize("id", MINE)
def test_nobody_else_takes_a_step(id: str) -> None:
    for step in procedure(id).steps:
        others = {*loaded().offices.posts, *loaded().offices.roles} - set(step.by)
        assert refused(id, step.id, *others) == Refused("not_yours"), step.id


@pytest.mark.parametrize("id", MINE)
def test_what_goes_back_says_why(id: str) -> None:
    which = procedure(id)
    for step in which.steps:
        if step.back:
            standing = Standing(step.before[0], DAY)
            actor = Actor(1, frozenset(step.by))
            why = stepping.refusal(step, standing, actor, around(which), comment=" ")
            assert why == Refused("comment"), step.id
            assert step.tell, step.id


@pytest.mark.parametrize("month", range(1, 13))
def test_a_card_changes_in_june_and_december_only(month: int) -> None:
    why = refused("hr_change", "take_effect", "county_office", on=date(2020, month, 15))
    assert why == (None if month in (6, 12) else Refused("season"))


def test_a_county_may_name_other_months_for_its_cards() -> None:
    which = procedure("hr_change")
    step = which.step_by_id["take_effect"]
    figures = {"first_window": 5.0, "second_window": None}
    for month in range(1, 13):
        there = replace(around(which, date(2020, month, 1)), figures=figures)
        why = stepping.refusal(step, Standing("waiting", DAY), Actor(1, frozenset(step.by)), there)
        assert (why is None) is (month == 5)


@pytest.mark.parametrize("days", range(9))
def test_a_change_of_card_is_posted_for_seven_whole_days(days: int) -> None:
    on = DAY + timedelta(days=days)
    answers = {"procedure_step": 6}
    why = refused("hr_change", "report", "township_office", on=on, state="public", answers=dict(answers))
    assert (why is None) is (days >= 7)
    why = refused("identify", "end_notice", "village_head", on=on, state="public")
    assert (why is None) is (days >= 7)
    why = refused("hr_change", "object", "village", on=on, state="public")
    assert (why is None) is (days <= 7)


@pytest.mark.parametrize(
    "missing", [{"people_satisfied": 2}, {"people_satisfied": None}, {"mending_result": None}]
)
def test_nothing_is_struck_off_without_proof_or_against_the_people(missing: dict[str, object]) -> None:
    assert refused("problem", "strike_off", "township_office", answers=dict(GOOD)) is None
    why = refused("problem", "strike_off", "township_office", answers={**GOOD, **missing})
    assert why is not None
    assert why.why == "lacking"


@pytest.mark.parametrize("state", ["found", "assigned", "escalated", "rectifying", "closed"])
def test_only_what_was_mended_is_struck_off(state: str) -> None:
    why = refused("problem", "strike_off", "township_office", state=state, answers=dict(GOOD))
    assert why == Refused("not_here")


def test_each_stage_of_the_ledger_is_a_state_of_its_own() -> None:
    which = procedure("problem")
    known = {step.after: step.known["problem_stage"] for step in which.steps if step.known and not step.given}
    assert sorted(known.values()) == sorted(loaded().registry["problem_stage"].options)
    assert set(known) == set(which.states)


def test_the_ladder_of_a_supervision_has_no_short_cut() -> None:
    which = procedure("supervision")
    before = {step.id: step.before for step in which.steps}
    assert before["remind"] == ("found",)
    assert before["talk"] == ("reminded",)
    assert before["hold_accountable"] == ("talked",)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("planned", date(2020, 3, 31)),
        ("trained", date(2020, 4, 30)),
        ("checked", date(2020, 6, 15)),
        ("reported", date(2020, 6, 30)),
    ],
)
def test_the_phases_of_the_look_back_have_the_days_of_the_year_in_which_it_began(
    state: str, day: date
) -> None:
    which = procedure("look_back")
    late = Standing(state, date(2020, 7, 15), days={"began": date(2020, 3, 20)})
    assert stepping.due(which.states[state], late, around(which, date(2020, 7, 15))) == day


def test_a_problem_without_a_deadline_is_never_late() -> None:
    which = procedure("problem")
    state = which.states["assigned"]
    assert stepping.due(state, Standing("assigned", DAY), around(which)) is None
    given = Standing("assigned", DAY, days={"deadline": date(2020, 6, 30)})
    assert stepping.due(state, given, around(which)) == date(2020, 6, 30)


@pytest.mark.parametrize(
    ("county", "running"),
    [
        ("huarong", {"hr_change", "problem", "look_back", "supervision", "important_matter", "unreached"}),
        ("township", {"relapse"}),
        ("jishishan", {"identify"}),
        ("yibin", set()),
    ],
)
def test_each_county_runs_what_its_papers_ask(county: str, running: set[str]) -> None:
    here = {each.id for each in content.load(content.in_county(county)).running}
    assert here & set(MINE) == running | {"questionnaire", "schooling"}
