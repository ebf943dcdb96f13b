"""A missing answer never makes a wrong verdict: it leaves the right one, or none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot import content
from bot.rules.batch import classify_columns
from bot.rules.decide import Verdict, decide
from bot.rules.pack import Pack
from bot.rules.table import TO_VERIFY
from tests.rules.households import Households, as_case, consistent, relevant, without_contradictions
from tests.rules.policy import ON
from tests.rules.population import population
from tests.rules.schemes import with_figures

SIZE = 50_000
"""Complete households of each scheme; each is tried with two sets of gaps."""
UNPROVED = {"ind_education", "ind_house"}
"""What no answer settles: a house that nobody appraised, a reason for missing school that needs a proof."""


@pytest.fixture(scope="module", params=sorted(content.load().packs))
def complete(request: pytest.FixtureRequest) -> Households:
    """Households of one scheme that answered everything that they are asked."""
    pack = with_figures(request.param)
    parameters = pack.parameters_on(ON)
    found = relevant(consistent(population(pack, SIZE, 11, 0.0, ON), parameters))
    return without_contradictions(found, parameters)


def verdicts_of(households: Households) -> NDArray[np.int8]:
    pack = households.pack
    return classify_columns(pack, households.columns(pack.parameters_on(ON)), ON).verdicts


def household(households: Households, index: int) -> dict[str, Any]:
    return next(households.some([index]).facts())


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.parametrize("silence", [0.01, 0.1])
def test_no_household_gets_another_verdict_for_want_of_an_answer(
    complete: Households, silence: float, seed: int
) -> None:
    pack = complete.pack
    gaps = complete.with_gaps(silence, seed)
    whole, found = verdicts_of(complete), verdicts_of(gaps)
    wrong = np.flatnonzero((found != TO_VERIFY) & (whole != TO_VERIFY) & (found != whole))
    if len(wrong):
        facts, known = household(complete, int(wrong[0])), household(gaps, int(wrong[0]))
        right = decide(pack, facts, ON)
        pytest.fail(
            f"{len(wrong)} households; unanswered: {sorted(set(facts) - set(known))}, "
            f"but already {decide(pack, known, ON).verdict}\n{as_case(pack, facts, right)}"
        )
    # The test would be empty if nobody were settled, or nobody open.
    assert np.mean(found != TO_VERIFY) > 0.5
    assert np.any(found == TO_VERIFY)


def test_who_answered_everything_has_a_verdict(complete: Households) -> None:
    """Unless a document has to be seen first."""
    pack = complete.pack
    for index in np.flatnonzero(verdicts_of(complete) == TO_VERIFY).tolist():
        facts = household(complete, index)
        verdict = decide(pack, facts, ON)
        open_ = {name for fact in verdict.pending for name in unknown_leaves(pack, verdict, fact)}
        assert open_ & UNPROVED, f"open: {open_}\n{as_case(pack, facts, verdict)}"


def unknown_leaves(pack: Pack, verdict: Verdict, fact: str) -> Iterator[str]:
    """The unknown facts behind an unknown one that rest on answers."""
    if verdict.truths[fact] is None:
        terms = pack.facts[fact].terms
        if not terms:
            yield fact
        for term in terms:
            yield from unknown_leaves(pack, verdict, term.fact)
