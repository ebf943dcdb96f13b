"""The rules engine ZEN on decision tables written by hand, household after household."""

from __future__ import annotations

from typing import Final

from benchmarks.figures import alternating
from bot import content as contents
from tests.zen.engine import SCHEMES, TO_VERIFY, Tables
from tests.zen.households import households
from tests.zen.ours import Facts, OurRules

WRITTEN: Final = frozenset(SCHEMES)
"""The schemes for which there are tables."""


def seconds_each(scheme: str, size: int) -> float:
    """Seconds for one of so many households, after the engine and our rules have said the same of each."""
    content, tables = contents.load(), Tables(scheme)
    ours = OurRules(content.packs[scheme], Facts(content))
    drawn = list(households(scheme, 1, size))
    for household in drawn:
        verdict = ours.verdict(household.answers, household.county).verdict or TO_VERIFY
        assert verdict == tables.verdict(household.answers, household.county), household
    taken = alternating(
        {"zen": lambda: [tables.verdict(each.answers, each.county) for each in drawn]}, times=1, rounds=3
    )
    return taken["zen"] / size
