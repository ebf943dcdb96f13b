"""The households on which the two are compared, each with what the tables written by hand say of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tests.zen.engine import Tables
from tests.zen.households import Household, households

SIZE = 5000
SEED = 20200317


@cache
def judged(scheme: str) -> Sequence[tuple[Household, str]]:
    """The population of a scheme, judged once for all tests."""
    tables = Tables(scheme)
    found = households(scheme, SEED, SIZE)
    return [(household, tables.verdict(household.answers, household.county)) for household in found]
