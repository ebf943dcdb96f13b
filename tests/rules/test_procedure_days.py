"""Days of a year hold for the round in which something began; notices say a day only where there is one."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from bot.rules import stepping
from bot.rules.procedures import THE_DAY, Procedure
from bot.rules.stepping import Around, Standing
from bot.rules.working_days import WorkCalendar
from tests.shipped import shipped as content

CALENDAR = WorkCalendar()


def due(id: str, state: str, entered: date, days: dict[str, date]) -> date | None:
    """The day due in a state that is entered on a day, by the procedure as it is shipped."""
    procedure = content().procedures[id]
    then = partial(stepping.figures_on, procedure.parameters.values())
    around = Around(entered, CALENDAR, then(entered), then=then)
    return stepping.due(procedure.states[state], Standing(state, entered, days=days), around)


@pytest.mark.parametrize(
    ("state", "entered", "found", "day"),
    [
        ("prelim", date(2020, 4, 5), date(2020, 3, 27), date(2020, 4, 3)),
        ("v_judged_red", date(2020, 4, 12), date(2020, 3, 27), date(2020, 4, 6)),
        ("t_reviewed_red", date(2020, 4, 20), date(2020, 3, 27), date(2020, 4, 10)),
        ("approved_red", date(2020, 5, 6), date(2020, 3, 27), date(2020, 4, 15)),
        ("approved", date(2020, 5, 6), date(2020, 3, 27), date(2020, 4, 20)),
        ("prelim", date(2020, 5, 8), date(2020, 5, 6), None),
    ],
)
def test_the_first_round_keeps_its_days(state: str, entered: date, found: date, day: date | None) -> None:
    assert due("yb_colours", state, entered, {"found_on": found}) == day


@pytest.mark.parametrize(
    ("warned", "day"),
    [
        (date(2020, 4, 20), date(2020, 6, 30)),
        (date(2020, 7, 2), date(2020, 7, 31)),
        (date(2021, 1, 4), None),
    ],
)
def test_what_is_made_good_late_stays_late(warned: date, day: date | None) -> None:
    for state in ("warn_c", "fixed", "close_req"):
        assert due("yb_colours", state, date(2021, 2, 3), {"warned_on": warned}) == day


@pytest.mark.parametrize(
    ("applied", "day"),
    [
        (date(2020, 4, 10), date(2020, 4, 15)),
        (date(2020, 4, 15), date(2020, 4, 15)),
        (date(2020, 4, 16), None),
        (date(2021, 2, 1), None),
    ],
)
def test_cards_of_the_round_of_2020_alone_are_due_in_april(applied: date, day: date | None) -> None:
    for state in ("init", "appraised", "returned"):
        assert due("hr_card", state, max(applied, date(2020, 5, 6)), {"applied_on": applied}) == day


def test_a_clue_on_a_card_counts_from_the_day_it_came_in() -> None:
    procedure = content().procedures["hr_change"]
    assert {step.marks for step in procedure.openings} == {"received_on"}
    on = {"received_on": date(2020, 4, 20)}
    assert due("hr_change", "found", date(2020, 5, 8), on) == date(2020, 5, 20)


def may_have_none(procedure: Procedure, state: str) -> bool:
    """Whether a case may stand there with no day."""
    span = procedure.states[state].due
    if span is None or span.rule == THE_DAY:
        return True
    named = procedure.parameters.get(span.parameter)
    return named is not None and (
        not named.values or (span.rule == "month_day" and not named.values[-1].value)
    )


@pytest.mark.parametrize("id", sorted(content().procedures))
def test_a_notice_does_not_say_a_day_that_there_may_not_be(id: str) -> None:
    procedure = content().procedures[id]
    for step in procedure.steps:
        for notice in step.tell:
            if "due" in notice.text.names and may_have_none(procedure, step.after):
                assert notice.undated is not None, step.id
                assert "due" not in notice.undated.names, step.id
