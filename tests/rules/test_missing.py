"""A missing answer never makes a wrong verdict: it leaves the right one, or none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.rules.batch import classify_columns
from bot.rules.decide import decide
from bot.rules.pack import Pack
from bot.rules.table import TO_VERIFY
from tests.rules.households import Households, as_case, columns_of, consistent, relevant
from tests.rules.policy import ON
from tests.rules.population import population
from tests.rules.schemes import pack_for, settings

SIZE = 100_000


@pytest.fixture(scope="module", params=settings())
def complete(request: pytest.FixtureRequest) -> Households:
    """Households of one scheme that answered everything that they are asked."""
    pack = pack_for(request.param)
    return relevant(consistent(population(pack, SIZE, 11, 0.0, ON), pack.parameters_on(ON)))


def verdicts_of(households: Households) -> NDArray[np.int8]:
    pack = households.pack
    return classify_columns(pack, households.columns(pack.parameters_on(ON)), ON).verdicts


def household(households: Households, index: int) -> dict[str, Any]:
    return next(households.some([index]).facts())


@pytest.mark.parametrize("silence", [0.01, 0.1])
def test_no_household_gets_another_verdict_for_want_of_an_answer(
    complete: Households, silence: float
) -> None:
    pack = complete.pack
    gaps = complete.with_gaps(silence, 11)
    whole, found = verdicts_of(complete), verdicts_of(gaps)
    wrong = np.flatnonzero((found != TO_VERIFY) & (found != whole))
    if len(wrong):
        facts, known = household(complete, int(wrong[0])), household(gaps, int(wrong[0]))
        right = decide(pack, facts, ON)
        pytest.fail(
            f"{len(wrong)} households; unanswered: {sorted(set(facts) - set(known))}, "
            f"but already {decide(pack, known, ON).verdict}\n{as_case(pack, facts, right)}"
        )
    # The test would be empty if nobody were settled, or nobody open.
    assert np.mean(found != TO_VERIFY) > 0.1
    assert silence < 0.1 or np.any(found == TO_VERIFY)


def test_who_answered_everything_has_a_verdict(complete: Households) -> None:
    pack = complete.pack
    open_ = np.flatnonzero(verdicts_of(complete) == TO_VERIFY)
    unheld = unheld_answers(pack)
    if len(open_) and not unheld:
        facts = household(complete, int(open_[0]))
        verdict = decide(pack, facts, ON)
        pytest.fail(f"{len(open_)} open for {verdict.pending}\n{as_case(pack, facts, verdict)}")


def unheld_answers(pack: Pack) -> list[str]:
    """The answers that no column can hold: dates, rows of a roster."""
    return sorted(set(pack.reads) - set(columns_of(pack)))
