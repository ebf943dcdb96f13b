"""A million households with a reason each, beside hand-written NumPy and the way for one household."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure, alternating
from benchmarks.script import ON, SCHEME
from bot import content as contents
from bot.rules.batch import classify_columns
from bot.rules.decide import decide
from bot.rules.facts import MANY
from bot.rules.pack import Pack
from bot.rules.parameters import values_at

Table = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Size:
    """So many households; `silence` is the share of answers that are missing in the second batch."""

    households: int = 1_000_000
    singles: int = 2_000
    silence: float = 0.05
    rounds: int = 5


def population(pack: Pack, size: int, silence: float, seed: int = 1) -> Table:
    """Random households that answered everything but a share of `silence`."""
    chance = np.random.default_rng(seed)
    columns: Table = {}
    for name in pack.reads:
        info = pack.registry[name]
        if info.kind == MANY:
            columns[name] = chance.integers(0, 1 << 7, size)
        elif info.options:
            columns[name] = chance.choice(np.array(list(info.options), float), size)
        elif name == "population":
            columns[name] = chance.integers(1, 7, size).astype(float)
        else:
            columns[name] = np.round(chance.uniform(0, 12_000, size), 2)
        columns[name][chance.random(size) < silence] = -1 if info.kind == MANY else np.nan
    columns["gross_income"] = np.round(columns["gross_income"] * 3, 2)
    return columns


def household(pack: Pack, columns: Table, index: int) -> dict[str, Any]:
    """One row of the columns as the facts of a household."""
    facts: dict[str, Any] = {}
    for name, column in columns.items():
        value = column[index]
        if pack.registry[name].kind == MANY:
            if value >= 0:
                facts[name] = [code for code in range(7) if int(value) >> code & 1]
        elif not np.isnan(value):
            facts[name] = int(value) if value.is_integer() else float(value)
    return facts


def by_hand(columns: Table, line: float) -> NDArray[np.int8]:
    """The verdicts of complete answers, written for these rules alone: no reason, no unknown."""
    c = columns
    outside, lifted = c["reg_status"] == 3, c["reg_status"] == 2
    apart = (c["parents_live_apart"] == 1) & (c["has_adult_children"] == 1) & (c["children_can_support"] == 1)
    luxury = (c["luxury_decoration"] == 1) | (c["commercial_housing"] == 1)
    excluded = (c["consumer_car"] == 1) | luxury | (c["single_under60_fit"] == 1) | apart
    yellow = lifted & (c["handbook_income_per_capita"] < line) & (c["return_risk"] == 1) & ~excluded
    cause = (c["poverty_risk_causes"] & 0b1110) != 0
    blue = outside & (c["estimated_income_per_capita"] < line) & cause & ~excluded
    verdicts = np.where(lifted, np.where(yellow, 1, 2), np.where(outside, np.where(blue, 3, 4), 0))
    return verdicts.astype(np.int8)


def run(size: Size | None = None) -> list[Figure]:
    """Seconds for a million households, by each way."""
    size = size or Size()
    pack = contents.load().packs[SCHEME]
    whole = population(pack, size.households, 0.0)
    gaps = population(pack, size.households, size.silence)
    singles = [household(pack, gaps, index) for index in range(min(size.singles, size.households))]
    line = values_at(pack.parameters, ON)["card_line"]
    assert [outcome.id for outcome in pack.outcomes] == ["red", "yellow", "green", "blue", "none"]
    assert np.array_equal(classify_columns(pack, whole, ON).verdicts, by_hand(whole, line))
    found = alternating(
        {
            "whole": lambda: classify_columns(pack, whole, ON),
            "by hand": lambda: by_hand(whole, line),
            "gaps": lambda: classify_columns(pack, gaps, ON),
        },
        times=1,
        rounds=size.rounds,
    )
    alone = alternating(
        {"alone": lambda: [decide(pack, facts, ON) for facts in singles]}, times=1, rounds=size.rounds
    )["alone"]
    each = alone / len(singles) * size.households
    missing = f"{size.silence:.0%} of the answers missing"
    return [
        Figure("a million, verdict and row each", found["whole"], "s", ("at most", 0.3)),
        Figure(f"a million, {missing}: what matters named", found["gaps"], "s", ("at most", 0.3)),
        Figure("hand-written NumPy of these rules, verdict only", found["by hand"], "s"),
        Figure("ours to hand-written", found["whole"] / found["by hand"], "times"),
        Figure("one household after the other (extrapolated)", each, "s"),
        Figure("one by one to ours", each / found["gaps"], "times"),
    ]
