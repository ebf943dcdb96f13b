"""A million households by each scheme, beside hand-written NumPy, the way for one, and an engine of PyPI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.by_hand import HANDS
from benchmarks.figures import Figure, alternating
from benchmarks.other_engine import WRITTEN, seconds_each
from benchmarks.script import ON
from bot import content as contents
from bot.rules.batch import classify_columns
from bot.rules.decide import decide
from bot.rules.pack import Pack
from bot.rules.table import TO_VERIFY
from tests.rules.households import Columns, consistent
from tests.rules.population import population
from tests.rules.schemes import with_figures


@dataclass(frozen=True, slots=True)
class Size:
    """So many households; `silence` is the share of answers that are missing in the second batch.

    `drawn` different ones are repeated until there are so many; `singles` are judged one by one, and
    `by_engine` by the engine of PyPI.
    """

    households: int = 1_000_000
    drawn: int = 20_000
    singles: int = 2_000
    by_engine: int = 2_000
    silence: float = 0.05
    rounds: int = 5
    schemes: tuple[str, ...] = field(default_factory=lambda: tuple(contents.load().packs))


def run(size: Size | None = None) -> list[Figure]:
    """Seconds for a million households of each scheme, by each way."""
    size = size or Size()
    return [figure for scheme in size.schemes for figure in of_scheme(scheme, size)]


def of_scheme(scheme: str, size: Size) -> list[Figure]:
    """The figures of one scheme."""
    pack = with_figures(scheme)
    parameters = pack.parameters_on(ON)
    drawn = consistent(population(pack, min(size.drawn, size.households), 1, 0.0, ON), parameters)
    columns = drawn.columns(parameters)
    # Some answer everything and still wait, for a document that has to be seen.
    drawn = drawn.some(np.flatnonzero(classify_columns(pack, columns, ON).verdicts != TO_VERIFY))
    whole = repeated(drawn.columns(parameters), size.households)
    gaps = repeated(drawn.with_gaps(size.silence, 1).columns(parameters), size.households)
    ways: dict[str, Callable[[], object]] = {
        "whole": lambda: classify_columns(pack, whole, ON),
        "gaps": lambda: classify_columns(pack, gaps, ON),
    }
    if scheme in HANDS:
        by_hand = HANDS[scheme]
        assert_equal(pack, whole, by_hand(whole, parameters))
        ways["hand"] = lambda: by_hand(whole, parameters)
    found = alternating(ways, times=1, rounds=size.rounds)
    singles = [facts for facts, _ in zip(drawn.facts(), range(size.singles), strict=False)]
    alone: dict[str, Callable[[], object]] = {"alone": lambda: [decide(pack, facts, ON) for facts in singles]}
    each = alternating(alone, times=1, rounds=1)["alone"] / len(singles) * size.households
    figures = [
        Figure(f"{scheme}: verdict, row and reasons each", found["whole"], "s", ("at most", 0.3)),
        Figure(
            f"{scheme}: the same, {size.silence:.0%} of answers missing", found["gaps"], "s", ("at most", 0.3)
        ),
        Figure(f"{scheme}: one by one (extrapolated) to ours", each / found["whole"], "times"),
    ]
    if "hand" in found:
        figures += [
            Figure(f"{scheme}: hand-written NumPy, verdict only", found["hand"], "s"),
            Figure(f"{scheme}: ours to hand-written", found["whole"] / found["hand"], "times"),
        ]
    if scheme in WRITTEN:
        zen = seconds_each(scheme, size.by_engine) * size.households
        figures.append(Figure(f"{scheme}: zen-engine (extrapolated) to ours", zen / found["whole"], "times"))
    return figures


def repeated(columns: Columns, size: int) -> Columns:
    """The columns of so many households, those given over and over."""
    return {name: np.resize(column, size) for name, column in columns.items()}


def assert_equal(pack: Pack, columns: Columns, by_hand: Any) -> None:
    """Both ways give every household the same verdict, or there is nothing to compare."""
    ours = classify_columns(pack, columns, ON).verdicts
    wrong = np.flatnonzero(ours != by_hand)
    if len(wrong):
        names = dict(enumerate(outcome.id for outcome in pack.outcomes))
        first = int(wrong[0])
        answers = {name: column[first].item() for name, column in columns.items()}
        raise AssertionError(
            f"{pack.scheme.id}: {len(wrong)} of {len(ours)} differ: ours {names.get(int(ours[first]))}, "
            f"by hand {names[int(by_hand[first])]} for {answers}"
        )
