"""What would change it: the steps that are named lead exactly where it says, and none nearer does."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from bot.rules.decide import decide
from bot.rules.pack import Pack
from bot.rules.turning_points import TurningPoint, turning_points
from tests.rules.policy import ON, read_cases
from tests.rules.population import population
from tests.rules.schemes import pack_for, settings
from tests.rules.small import DAY, HOUSED, RECKONED, THREE_WAYS

HOUSEHOLDS = 150
"""So many random households of every scheme."""
LISTED = {"status": 1, "income": 4, "car": 2, "causes": [1]}


def household(name: str) -> dict[str, Any]:
    """The household of a policy case."""
    found: dict[str, Any] = next(case["facts"] for case in read_cases("hr") if case["name"].startswith(name))
    return found


def reached(pack: Pack, facts: dict[str, Any], point: TurningPoint, on: date) -> str | None:
    """The verdict once the steps were taken; a calculated figure counts then as it was changed."""
    figures = replace(pack, keeps=(*pack.keeps, *pack.numbers))
    return decide(figures, point.applied(facts), on).verdict


def steps(points: tuple[TurningPoint, ...]) -> list[tuple[str, list[tuple[str, Any]]]]:
    return [(point.verdict, [(step.name, step.then) for step in point.steps]) for point in points]


# ------------------------------------------------------------------------------------------ what is said


def test_the_figure_that_is_lacking_is_named_to_the_fen(hr: Pack) -> None:
    points = turning_points(hr, {**household("L2"), "handbook_income_per_capita": 4588.0}, ON)
    step = points[0].steps[0]
    assert (points[0].verdict, points[0].name, points[0].better) == ("green", "绿卡", True)
    assert (step.fact, step.name, step.now, step.then) == (
        "handbook_low",
        "handbook_income_per_capita",
        4588.0,
        5000.0,
    )
    assert (step.gap, step.unit) == (412.0, "元")
    assert step.sentence == "手册2019年度人均纯收入5000元，不低于5000元"


def test_the_other_side_of_a_line_is_one_fen_away(hr: Pack) -> None:
    stable = {**household("L2"), "handbook_income_per_capita": 5000.0}
    step = turning_points(hr, stable, ON)[0].steps[0]
    assert (step.then, step.gap) == (4999.99, -0.01)


def test_who_the_household_is_is_never_proposed(hr: Pack) -> None:
    for name in ("L1", "L2", "L3", "L4", "L7"):
        for point in turning_points(hr, household(name), ON):
            assert "reg_status" not in {step.name for step in point.steps}
    assert turning_points(hr, {"reg_status": 1}, ON) == ()


def test_two_changes_are_named_where_no_single_one_is_enough(hr: Pack) -> None:
    excluded = {**household("L2"), "consumer_car": 1, "commercial_housing": 1}
    assert steps(turning_points(hr, excluded, ON)) == [
        ("yellow", [("consumer_car", 2), ("commercial_housing", 2)])
    ]


def test_of_several_choices_a_code_is_added_or_removed_and_none_stands_alone() -> None:
    assert ("middling", [("causes", [0])]) in steps(turning_points(THREE_WAYS, {**LISTED, "income": 7}, DAY))
    both = {**LISTED, "income": 7, "causes": [1, 2]}
    point = next(p for p in turning_points(THREE_WAYS, both, DAY) if p.steps[0].name == "causes")
    assert (point.verdict, point.steps[0].then, point.steps[0].fact) == ("middling", [0], "cause")
    none = {**LISTED, "income": 7, "causes": [0]}
    assert ("bad", [("causes", [1])]) in steps(turning_points(THREE_WAYS, none, DAY))


def test_of_two_lines_the_step_is_told_by_the_last_that_it_crosses() -> None:
    point = turning_points(THREE_WAYS, {**LISTED, "income": 4}, DAY)
    assert steps(point)[0] == ("good", [("income", 10)])
    assert (point[0].steps[0].fact, point[0].steps[0].gap) == ("poor", 6)


def test_better_verdicts_stand_first() -> None:
    middling = {"status": 1, "income": 7, "car": 1, "causes": [1]}
    points = turning_points(THREE_WAYS, middling, DAY)
    assert [point.better for point in points] == sorted((point.better for point in points), reverse=True)
    assert {point.verdict for point in points} == {"good", "bad"}


def test_a_calculated_figure_is_varied_as_one_of_its_own() -> None:
    facts = {"earned": 20, "spent": 4, "people": 2}
    points = turning_points(RECKONED, facts, DAY)
    step = next(point.steps[0] for point in points if point.verdict == "good")
    assert (step.name, step.now, step.then, step.gap) == ("a_head", 8.0, 10.0, 2.0)


def test_a_figure_that_was_told_is_that_answer_and_no_formula() -> None:
    points = turning_points(RECKONED, {"earned": 20, "spent": 4, "people": 2, "income": 7}, DAY)
    assert ("good", [("income", 10)]) in steps(points)


def test_what_is_unknown_is_not_proposed(hr: Pack) -> None:
    settled = {"reg_status": 2, "return_risk": 2, "handbook_income_per_capita": 4000.0}
    assert decide(hr, settled, ON).verdict == "green"
    names = {step.name for point in turning_points(hr, settled, ON) for step in point.steps}
    assert names <= {"return_risk", "handbook_income_per_capita"}


def test_while_the_verdict_is_open_there_is_nothing_to_change(hr: Pack) -> None:
    assert turning_points(hr, {"reg_status": 2, "return_risk": 1}, ON) == ()


def test_the_parameters_that_are_given_are_the_line(hr: Pack) -> None:
    lifted = {**household("L2"), "handbook_income_per_capita": 4588.0}
    parameters = {**hr.parameters_on(ON), "card_line": 6000.0}
    assert turning_points(hr, lifted, ON, parameters)[0].steps[0].then == 6000.0


# ------------------------------------------------------------------------------------------ exactly so


@pytest.mark.parametrize("setting", settings())
def test_whoever_takes_the_steps_gets_that_verdict(setting: str) -> None:
    pack = pack_for(setting)
    turned = 0
    for facts in population(pack, HOUSEHOLDS, 7, 0.05, ON).facts():
        here = decide(pack, facts, ON)
        for point in turning_points(pack, facts, ON):
            turned += 1
            assert point.verdict != here.verdict
            assert reached(pack, facts, point, ON) == point.verdict, (facts, point)
            for step in point.steps:
                assert not pack.facts[step.fact].given
                assert "{" not in step.sentence
    if setting != "village":  # without figures of the county it has one verdict only
        assert turned > HOUSEHOLDS // 10


@pytest.mark.parametrize("name", ["L1", "L2", "L3", "L4", "L7"])
def test_the_steps_of_the_policy_cases_lead_where_they_say(hr: Pack, name: str) -> None:
    facts = household(name)
    for point in turning_points(hr, facts, ON):
        assert reached(hr, facts, point, ON) == point.verdict


FIGURES = range(26)
LISTS: list[list[int]] = [[0], [1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3]]
EVERY: dict[str, list[Any]] = {
    "car": [1, 2],
    "house": [1, 2, 3],
    "causes": LISTS,
    "income": list(FIGURES),
    "spent": list(FIGURES),
    "earned": list(FIGURES),
    "people": list(range(1, 12)),
}


def one_step(name: str, now: Any) -> Iterator[Any]:
    """Every other value that one change of an answer can bring."""
    for value in EVERY.get(name, []):
        if value == now:
            continue
        if isinstance(now, list):
            mine, other = set(now) - {0}, set(value) - {0}
            if other and len(mine ^ other) > 1:
                continue
        yield value


def distance(now: Any, then: Any) -> float:
    return abs(then - now) if not isinstance(now, list) else 0


def draw(pack: Pack, chance: random.Random) -> dict[str, Any]:
    facts = {name: chance.choice(EVERY[name]) for name in pack.reads if name in EVERY}
    facts["status"] = 1
    return {name: value for name, value in facts.items() if name == "status" or chance.random() < 0.9}


@pytest.mark.parametrize("pack", [THREE_WAYS, HOUSED], ids=["three ways", "housed"])
def test_nothing_nearer_brings_another_verdict(pack: Pack) -> None:
    chance = random.Random(3)
    for _ in range(60):
        facts = draw(pack, chance)
        here = decide(pack, facts, DAY).verdict
        if here is None:
            assert turning_points(pack, facts, DAY) == ()
            continue
        single: dict[tuple[str, str], float] = {}
        for name, now in facts.items():
            for then in one_step(name, now):
                verdict = decide(pack, {**facts, name: then}, DAY).verdict
                if verdict not in (None, here):
                    away = (
                        distance(now, then)
                        if isinstance(now, int) and name in ("income", "spent", "earned", "people")
                        else 0
                    )
                    key = (str(verdict), name)
                    single[key] = min(single.get(key, away), away)
        found = turning_points(pack, facts, DAY)
        named = {(p.verdict, p.steps[0].name): abs(p.steps[0].gap or 0) for p in found if len(p.steps) == 1}
        assert named == single, facts
        alone = {verdict for verdict, _ in single}
        pairs = {(p.verdict, frozenset(s.name for s in p.steps)) for p in found if len(p.steps) == 2}
        assert pairs == set(by_two(pack, facts, here, alone)), facts


def by_two(
    pack: Pack, facts: dict[str, Any], here: str, alone: set[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """The verdicts that two changes bring and none alone, with the answers that change."""
    names = sorted(facts)
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            ways = product(one_step(first, facts[first]), one_step(second, facts[second]))
            ends = {decide(pack, {**facts, first: a, second: b}, DAY).verdict for a, b in ways}
            yield from (
                (end, frozenset((first, second)))
                for end in ends
                if end is not None and end != here and end not in alone
            )
