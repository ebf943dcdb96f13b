"""What opens in the plan of the "two classes": by type, risk, field of a measure, and verdict."""

from __future__ import annotations

import pytest

from bot.dialogs.effects import Sections
from tests.dialogs.building import Interview, context
from tests.dialogs.two_class_household import TODAY, asked, household, plan

M = {"type": "2"}
EXPECTED = {"7.1.a", "7.1.b", "7.1.c", "7.1.d", "7.2"}
PLANNED = {"6.n", "6.a", "6.b", "6.c", "6.d", "6.e"}


# --- section 1 and 3: type U or M (001:5, 001:38)


@pytest.mark.parametrize(("kind", "count"), [("1", 7), ("2", 6)])
def test_section_1_has_seven_items_for_u_and_six_for_m(kind: str, count: int) -> None:
    interview = household({"type": kind})
    basic = {item.no for item in plan().items if item.section == "basic" and item.id in asked(interview)}
    assert len(basic - {""}) == count
    assert ("一4" in basic) is (kind == "1"), "the year of lifting makes the difference"


def test_only_m_is_asked_about_property() -> None:
    assets = {item.id for item in plan().items if item.section == "assets"}
    assert not asked(household({})) & assets
    assert asked(household(M)) & assets == {"3.1.e", "3.1.x", "3.2.x", "3.0", "3.0.x"}


PROPERTY = [
    ("3.1.x", "1", {"3.1.a", "3.1.a.x"}),
    ("3.1.x", "2", {"3.1.b"}),
    ("3.1.x", "3", {"3.1.c", "3.1.c.x"}),
    ("3.1.x", "4", {"3.1.d"}),
    ("3.1.x", "1 4", {"3.1.a", "3.1.a.x", "3.1.d"}),
    ("3.2.x", "1", {"3.2.a.n", "3.2.a", "3.2.a.x1", "3.2.a.x2"}),
    ("3.2.x", "2", {"3.2.b.n", "3.2.b", "3.2.b.x"}),
    ("3.2.x", "3", {"3.2.c.n", "3.2.c", "3.2.c.x"}),
    ("3.2.x", "4", {"3.2.d.n", "3.2.d", "3.2.d.x"}),
    ("3.2.x", "5", {"3.2.e"}),
]


@pytest.mark.parametrize(("question", "reply", "opened"), PROPERTY)
def test_only_the_property_that_is_there_is_asked_about(question: str, reply: str, opened: set[str]) -> None:
    there = asked(household({**M, question: reply}))
    assert there - asked(household(M)) == opened


def test_one_car_for_comfort_among_the_vehicles_is_a_consumer_car() -> None:
    cars = {**M, "3.2.x": "1", "3.2.a.n": "2", "3.2.a.x2#1": "2", "3.2.a#1": "三轮车", "3.2.a#2": "轿车"}
    assert household({**cars, "3.2.a.x2#2": "1"}).facts["consumer_car"] == 1
    assert household({**cars, "3.2.a.x2#2": "2"}).facts["consumer_car"] == 2
    assert household({**cars, "3.2.a.x2#2": "不清楚"}).facts["consumer_car"] is None


# --- section 4: the slots of every risk (001:49-61)

RISKS = [
    ("1", {"4.3.1.a", "4.3.1.b", "4.3.1.c", "4.3.1.d", "4.3.1.e", "4.3.1.f", "4.3.1.h"}),
    ("2", {"4.3.2.a", "4.3.2.b", "4.3.2.c", "4.3.2.d"}),
    ("3", {"4.3.3.a", "4.3.3.b", "4.3.3.c"}),
    (
        "4",
        {f"4.3.4.{letter}" for letter in "abcdefghikl"},
    ),
    ("6", {"4.3.6.a", "4.3.6.b", "4.3.6.c", "4.3.6.d", "4.3.6.e"}),
    ("7", {"4.3.7.a", "4.3.7.b", "4.3.7.c", "4.3.7.d", "4.3.7.e"}),
    ("8", {"4.3.8.a"}),
    ("9", {"4.3.9.a", "4.3.9.b", "4.3.9.c"}),
    ("10", {"4.3.10.a", "4.3.10.b"}),
    ("11", {"4.3.11.a"}),
]


@pytest.mark.parametrize(("risk", "slots"), RISKS)
def test_a_risk_opens_its_own_slots_and_no_others(risk: str, slots: set[str]) -> None:
    told = asked(household({"4.2": risk}))
    assert {id for id in told if id.startswith("4.3.")} == slots
    assert "4.3" in told, "the whole story is always told"


def test_a_failed_industry_opens_its_slots_and_is_a_candidate_for_the_ledger() -> None:
    interview = household({"4.1": "1", "4.2": "5"}, "5.1.n")
    slots = {"4.3.5.a", "4.3.5.b", "4.3.5.c", "4.3.5.d"}
    assert {id for id in asked(interview) if id.startswith("4.3.")} == slots
    assert [found.candidate.problem for found in interview.turn.path.suspected] == ["9.5"]
    assert household({"4.1": "1", "4.2": "6"}, "5.1.n").turn.path.suspected == ()


def test_three_risks_open_the_slots_of_all_three() -> None:
    told = asked(household({"4.2": "1 3 8"}))
    assert {"4.3.1.a", "4.3.3.a", "4.3.8.a"} <= told
    assert "4.3.2.a" not in told


SLOTS = [
    ({"4.3.1.f": "0"}, "4.3.1.g", {"4.3.1.f": "1"}),
    ({"4.3.1.h": "1"}, "4.3.1.i", {"4.3.1.h": "2"}),
    ({"4.3.1.d": "3"}, "4.3.1.j", {"4.3.1.d": "2"}),
    ({"4.3.1.d": "3"}, "4.3.1.j", {"4.3.1.d": "1"}),
    ({"4.2": "4", "4.3.4.h": "500", "4.3.4.i": "0"}, "4.3.4.j", {"4.2": "4", "4.3.4.i": "1"}),
    (
        {"4.2": "4", "4.3.4.h": "500", "4.3.4.i": "0"},
        "4.3.4.j",
        {"4.2": "4", "4.3.4.h": "0", "4.3.4.i": "0"},
    ),
    ({"4.2": "4", "4.3.4.k": "1"}, "4.3.4.l", {"4.2": "4", "4.3.4.k": "2"}),
    ({"4.2": "4", "4.3.4.g": "3"}, "4.3.4.m", {"4.2": "4", "4.3.4.g": "2"}),
    ({"4.1": "3"}, "4.1.x", {"4.1": "1 2"}),
    ({"2.3.o": "1"}, "2.3.o.x", {"2.3.o": "0"}),
]


@pytest.mark.parametrize(("opening", "slot", "shut"), SLOTS)
def test_a_slot_is_asked_only_where_it_applies(
    opening: dict[str, str], slot: str, shut: dict[str, str]
) -> None:
    assert slot in asked(household(opening))
    assert slot not in asked(household(shut))


# --- section 5: the slots of a measure by its field (001:66-80)

RECEIVED = [
    ({"5.1.a": "1", "5.1.1.a": "1"}, {"5.1.1.a", "5.1.1.b", "5.1.1.c", "5.1.1.j"}),
    ({"5.1.a": "1", "5.1.1.a": "2"}, {"5.1.1.a", "5.1.1.c", "5.1.1.d", "5.1.1.e", "5.1.1.j"}),
    ({"5.1.a": "1", "5.1.1.a": "3"}, {"5.1.1.a", "5.1.1.c", "5.1.1.f", "5.1.1.g", "5.1.1.j"}),
    ({"5.1.a": "1", "5.1.1.a": "4"}, {"5.1.1.a", "5.1.1.c", "5.1.1.h", "5.1.1.i", "5.1.1.j"}),
    ({"5.1.a": "2", "5.1.2.b": "1"}, {f"5.1.2.{slot}" for slot in "abcde"}),
    ({"5.1.a": "2", "5.1.2.b": "2"}, {"5.1.2.a", "5.1.2.b"}),
    ({"5.1.a": "2", "5.1.2.b": "3"}, {"5.1.2.a", "5.1.2.b", "5.1.2.f", "5.1.2.g"}),
    ({"5.1.a": "2", "5.1.2.b": "4"}, {"5.1.2.a", "5.1.2.b", "5.1.2.h", "5.1.2.i"}),
    ({"5.1.a": "2", "5.1.2.b": "5"}, {f"5.1.2.{slot}" for slot in "abjklmn"}),
    ({"5.1.a": "3"}, {"5.1.3.a", "5.1.3.b", "5.1.3.c"}),
    ({"5.1.a": "4", "5.1.4.c": "1"}, {f"5.1.4.{slot}" for slot in "abcde"}),
    ({"5.1.a": "4", "5.1.4.c": "2"}, {"5.1.4.a", "5.1.4.b", "5.1.4.c"}),
    ({"5.1.a": "5"}, {"5.1.5.a", "5.1.5.b", "5.1.5.c"}),
    ({"5.1.a": "6"}, {"5.1.6.a", "5.1.6.b"}),
    ({"5.1.a": "7"}, {"5.1.7.a", "5.1.7.b"}),
    ({"5.1.a": "8"}, {"5.1.8.a"}),
]


@pytest.mark.parametrize(("told", "slots"), RECEIVED)
def test_a_measure_received_opens_the_slots_of_its_field(told: dict[str, str], slots: set[str]) -> None:
    rows = {id for id in asked(household(told)) if id.startswith("5.1.")}
    assert rows - {"5.1.n"} == {"5.1.a", "5.1.b", "5.1.c"} | slots


def test_a_household_may_have_received_nothing_yet() -> None:
    rows = {id for id in asked(household({"5.1.n": "0"})) if id.startswith("5.1.")}
    assert rows == {"5.1.n"}


# --- sections 6 and 7: the table of questionnaires.md 11.6 (001:82)

# verdict, "is there support all the same" (None: not asked), sections 6 and 7 open, "explain" asked
VERDICTS: list[tuple[str, str | None, bool, bool]] = [
    ("1", "2", False, False),
    ("1", "1", True, True),
    ("2", None, True, False),
    ("3", "2", False, False),
    ("3", "1", True, False),
]


@pytest.mark.parametrize(("verdict", "support", "opens", "explains"), VERDICTS)
def test_the_verdict_of_2020_opens_or_closes_sections_6_and_7(
    verdict: str, support: str | None, opens: bool, explains: bool
) -> None:
    interview = household({"5.2": verdict, **({} if support is None else {"5.2.x1": support})})
    told = asked(interview)
    assert ("5.2.x1" in told) is (support is not None)
    assert ("5.2.x3" in told) is explains
    assert "5.2.x2" in told, "what the verdict rests on is always said"
    assert ("5.2.x4" in told) is (verdict in ("1", "3"))
    assert told & (PLANNED | EXPECTED) == ((PLANNED | EXPECTED) if opens else set())
    assert ("expected_net_income_per_capita" in interview.facts) is opens
    interview.submit()
    assert interview.key == "finished"


@pytest.mark.parametrize("question", ["6.n", "6.a", "6.b", "6.c", "6.d", "7.1.a", "7.1.d", "7.2"])
def test_where_sections_6_and_7_are_open_they_are_filled_in(question: str) -> None:
    key = f"{question}#1" if question in PLANNED - {"6.n"} else question
    interview = household({"5.2": "2"}, key)
    interview.say("不清楚")
    assert interview.why == "needs_answer"


def test_at_least_one_measure_is_planned() -> None:
    interview = household({"5.2": "2"}, "6.n")
    interview.say("0")
    assert interview.why == "out_of_range"


def test_changing_the_verdict_puts_the_plan_away_and_brings_it_back() -> None:
    interview = household({"5.2": "2"})
    assert interview.facts["planned_measure_count"] == 1
    interview.answer("5.2", "3")
    interview.review({"5.2.x1": "2"})
    assert not {"planned_measure", "planned_measure_count", "expected_risk_elimination"} & set(
        interview.facts
    )
    interview.answer("5.2", "2")
    assert interview.key == "review"
    assert interview.facts["planned_measure_count"] == 1
    assert interview.facts["expected_risk_elimination"] == 1


# --- the form as it is released: a menu of sections


@pytest.mark.parametrize(("way", "last"), [(1, []), (2, ["signature"])])
def test_the_menu_shows_only_sections_that_apply(way: int, last: list[str]) -> None:
    known = {"plan_signing_way": way}
    interview = Interview("gs", context(today=TODAY, now=f"{TODAY}T10:00", known=known))
    assert isinstance(interview.open, Sections)
    shown = [state.section.id for state in interview.open.states]
    assert shown == ["basic", "income", "risk", "received", *last]
