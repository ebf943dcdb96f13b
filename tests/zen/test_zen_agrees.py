"""An independent rules engine, with tables written by hand from the documents, judges households alike."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from bot.content import Content
from tests.zen.engine import SCHEMES, TO_VERIFY, Tables
from tests.zen.households import Household, completion, households, per_head, silenced
from tests.zen.ours import Facts, OurRules
from tests.zen.population import SEED, SIZE, judged

FEWEST = 50
"""How many households every verdict is given to at least."""
PARTIAL = 1200
COMPLETIONS = 5
BESIDE = 0.0101
"""As near to a line as counts as beside it: a cent, and what floats add to it."""


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ours(scheme: str, shipped: Content, facts: Facts) -> OurRules:
    return OurRules(shipped.packs[scheme], facts)


def told(household: Household, ours: str, zen: str) -> str:
    """A disagreement for whoever reads the failure."""
    return f"\n{household.answers}\n{household.county}\n  we say {ours}, the tables say {zen}"


def test_every_complete_household_is_judged_alike(scheme: str, ours: OurRules) -> None:
    differing = []
    for household, zen in judged(scheme):
        our = ours.verdict(household.answers, household.county).verdict or TO_VERIFY
        if our != zen:
            differing.append(told(household, our, zen))
    assert not differing, f"{len(differing)} of {SIZE} differ:{''.join(differing[:5])}"


def test_every_verdict_is_among_them_often_enough(scheme: str, ours: OurRules) -> None:
    given = Counter(zen for _, zen in judged(scheme))
    assert set(given) - {TO_VERIFY} == {outcome.id for outcome in ours.pack.outcomes}
    assert min(given.values()) >= FEWEST, given


def test_a_definite_verdict_on_part_of_the_answers_holds_whatever_the_rest(
    scheme: str, ours: OurRules
) -> None:
    tables, rng = Tables(scheme), Random(SEED)
    definite = 0
    differing = []
    for household in households(scheme, SEED + 1, PARTIAL):
        known = silenced(scheme, household, rng)
        our = ours.verdict(known, household.county).verdict
        if our is None:
            continue
        definite += 1
        for _ in range(COMPLETIONS):
            answers = completion(scheme, known, household.county, rng)
            if answers is None:
                continue
            if (zen := tables.verdict(answers, household.county)) != our:
                differing.append(f"\nknown: {known}" + told(Household(answers, household.county), our, zen))
    assert not differing, f"{len(differing)} differ:{''.join(differing[:5])}"
    assert definite >= PARTIAL // 10, "there is little to compare"


def decisive(scheme: str, household: Household) -> tuple[float | None, list[float]]:
    """The figure of a household that its verdict turns on, and the lines that it is compared with."""
    answers: dict[str, Any] = household.answers
    match scheme:
        case "hr":
            income = answers.get("handbook_income_per_capita")
            return (income if income is not None else answers.get("estimated_income_per_capita")), [5000]
        case "yb":
            return answers["forecast_income_per_capita"], [5000, 10000]
        case "n9":
            return answers["disposable_income_per_capita"], [1.5 * (household.county["poverty_line"] or 0)]
        case _:
            if "resident_population" not in answers:
                return None, []
            kinds = ("wage", "business", "property", "transfer")
            total = round(sum(answers[f"net_{kind}_income"] for kind in kinds), 2)
            return per_head(total, answers["resident_population"]), [household.county["gs_line"] or 0]


def test_one_figure_in_ten_lies_on_a_line_or_a_cent_beside_it(scheme: str) -> None:
    figures = on_a_line = 0
    for household, _ in judged(scheme):
        figure, lines = decisive(scheme, household)
        figures += figure is not None
        on_a_line += figure is not None and any(abs(figure - line) <= BESIDE for line in lines)
    assert on_a_line >= 0.1 * figures, (on_a_line, figures)
