"""What a case may do next: whose turn it is, when, on what ground; every day is reckoned from given ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.expressions import parse
from bot.rules.procedures import Procedure, Span, State, Step
from bot.rules.stepping import Actor, Around, Refused, Standing, due, meant, possible, reckoned, refusal
from bot.rules.terms import Term
from bot.rules.working_days import WorkCalendar

TODAY = date(2020, 4, 10)  # a Friday
CALENDAR = WorkCalendar()
AROUND = Around(TODAY, CALENDAR, {"five": 5, "seventh": 7, "thirtieth": 30, "april": 415, "unset": None})
STEP = Step(
    id="approve",
    name="",
    before=("filed",),
    after="approved",
    by=("township_office", "village"),
    form="",
    known={},
    given=None,
    needs=None,
    lacks="",
    files=False,
    approves=True,
    back=False,
    comment=False,
    department=False,
    wait=None,
    until=None,
    only=(),
    when=(),
    verdicts=(),
    shared=(),
    own={},
    tell=(),
    clause="",
    derived=False,
)
FILED = Standing("filed", date(2020, 4, 3), filed_by=frozenset({7}))
TOWNSHIP = Actor(1, frozenset({"township_office", "township"}))


def why(step: Step, standing: Standing = FILED, actor: Actor = TOWNSHIP, **more: object) -> str | None:
    """The word for what stands against it."""
    found = refusal(step, standing, actor, AROUND, **more)  # type: ignore[arg-type]
    return None if found is None else found.why


def test_only_whoever_holds_the_post_may_take_a_step() -> None:
    assert why(STEP) is None
    assert why(STEP, actor=Actor(1, frozenset({"village_head", "village"}))) is None, "a role means its posts"
    assert why(STEP, actor=Actor(1, frozenset({"county_office", "county"}))) == "not_yours"
    assert why(STEP, actor=Actor(1, frozenset())) == "not_yours"


def test_a_step_is_taken_from_its_own_state_only() -> None:
    assert why(STEP, replace(FILED, state="approved")) == "not_here"


def test_nobody_approves_what_they_filed() -> None:
    assert why(STEP, actor=replace(TOWNSHIP, person=7)) == "own_filing"
    assert why(replace(STEP, approves=False), actor=replace(TOWNSHIP, person=7)) is None


@pytest.mark.parametrize(
    ("rule", "figure", "day"),
    [
        ("days", "seventh", date(2020, 4, 10)),
        ("working_days", "five", date(2020, 4, 10)),
        ("months", "five", date(2020, 9, 3)),
        ("day", "seventh", date(2020, 4, 7)),
        ("day", "thirtieth", date(2020, 4, 30)),
        ("month_end", "", date(2020, 4, 30)),
        ("month_day", "april", date(2020, 4, 15)),
        ("half_year_end", "", date(2020, 6, 30)),
        ("year_end", "", date(2020, 12, 31)),
    ],
)
def test_every_way_to_reckon_a_day(rule: str, figure: str, day: date) -> None:
    assert reckoned(Span(rule, figure), FILED, AROUND) == day


def test_a_month_without_such_a_day_ends_earlier_and_a_day_gone_by_is_next_months_or_years() -> None:
    february = replace(FILED, since=date(2021, 2, 3))
    assert reckoned(Span("day", "thirtieth"), february, AROUND) == date(2021, 2, 28)
    assert reckoned(Span("day", "seventh"), replace(FILED, since=date(2020, 4, 8)), AROUND) == date(
        2020, 5, 7
    )
    assert reckoned(Span("month_day", "april"), replace(FILED, since=date(2020, 4, 16)), AROUND) == date(
        2021, 4, 15
    )


def test_a_day_may_be_reckoned_from_one_that_the_case_remembers() -> None:
    received = replace(FILED, days={"received_on": date(2020, 4, 1)})
    assert reckoned(Span("working_days", "five", "received_on"), received, AROUND) == date(2020, 4, 8)
    assert reckoned(Span("working_days", "five", "received_on"), FILED, AROUND) == date(2020, 4, 10)


def test_without_a_figure_nothing_is_due_and_nothing_may_be_hurried() -> None:
    state = State("filed", "", Span("days", "unset"), settled=False, final=False, clause="")
    assert due(state, FILED, AROUND) is None
    assert why(replace(STEP, wait=Span("days", "unset"))) == "too_early"
    assert why(replace(STEP, until=Span("days", "unset"))) is None


@given(st.integers(-20, 20))
def test_publicity_is_over_on_its_seventh_day_and_not_before(after: int) -> None:
    since = date.fromordinal(TODAY.toordinal() - after)
    standing = replace(FILED, since=since)
    assert (why(replace(STEP, wait=Span("days", "seventh")), standing) is None) is (after >= 7)
    assert (why(replace(STEP, until=Span("days", "seventh")), standing) is None) is (after <= 7)


def test_a_step_may_belong_to_certain_months() -> None:
    assert why(replace(STEP, only=(6, 12))) == "season"
    assert why(replace(STEP, only=(4,))) is None


@pytest.mark.parametrize(("truth", "refused"), [(True, None), (False, "not_met"), (None, "not_met")])
def test_what_is_unknown_does_not_count_as_met(truth: bool | None, refused: str | None) -> None:
    step = replace(STEP, when=(Term("safe", True),))
    found = refusal(step, FILED, TOWNSHIP, replace(AROUND, truth=lambda _: truth))
    assert (found and found.why) == refused
    assert found is None or found.terms == (Term("safe", True),)


def test_only_for_certain_verdicts() -> None:
    assert why(replace(STEP, verdicts=("red",))) == "verdict"
    red = replace(AROUND, verdict="red")
    assert refusal(replace(STEP, verdicts=("red",)), FILED, TOWNSHIP, red) is None


def test_a_return_needs_words_once_it_is_done_and_not_while_one_looks() -> None:
    step = replace(STEP, back=True)
    assert why(step) is None
    assert why(step, comment="  ") == "comment"
    assert why(step, comment="收入没有写清楚") is None


def test_what_the_answers_lack_is_said() -> None:
    step = replace(STEP, form="ap", needs=parse("members >= 1"), lacks="党员没有到场")
    assert why(step) is None
    assert refusal(step, FILED, TOWNSHIP, AROUND, answers={"members": 0}) == Refused(
        "lacking", lacks="党员没有到场"
    )
    assert why(step, answers={}) == "lacking", "an unknown number is not enough either"
    assert why(step, answers={"members": 1}) is None


def test_answers_tell_apart_the_steps_that_one_questionnaire_records() -> None:
    fine = replace(STEP, id="fine", form="ap", known={"step": 4}, given=parse("outcome == 1"))
    differs = replace(fine, id="differs", given=parse("outcome == 2"))
    assert meant([fine, differs], "ap", {"step": 4, "outcome": 2}) is differs
    assert meant([fine, differs], "ap", {"step": 4}) is None
    assert meant([fine, differs], "ap", {"step": 3, "outcome": 1}) is None
    assert meant([fine, differs], "cs", {"step": 4, "outcome": 1}) is None


def test_one_is_shown_what_is_ones_own_with_what_stands_against_it() -> None:
    late = replace(STEP, id="late", until=Span("days", "five"))
    other = replace(STEP, id="other", by=("county_office",))
    procedure = Procedure("p", "", "", "", "", "household", "", (), "", (), {}, (STEP, late, other), (), {})
    assert [
        (step.id, refused and refused.why) for step, refused in possible(procedure, FILED, TOWNSHIP, AROUND)
    ] == [("approve", None), ("late", "too_late")]
    assert procedure.waits_for("filed") == ("township_office", "village", "county_office")
