"""A hundred thousand random households of every scheme: many at once and one by one are told the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from bot.rules.batch import ColumnVerdicts, classify_columns, missing_names, reason_codes
from bot.rules.decide import Verdict, decide
from bot.rules.explain import explain
from bot.rules.pack import Pack
from tests.rules.households import as_case
from tests.rules.policy import ON, SIGNS
from tests.rules.population import population
from tests.rules.schemes import SET, other_readings, pack_for, settings
from tests.rules.thresholds import edges_of, near
from tests.shipped import shipped

BLOCK = 25_000
SILENCES = (0.0, 0.01, 0.1, 0.3)
"""The share of answers missing in each block: four blocks are the hundred thousand of a scheme."""


def blocks() -> list[tuple[str, int]]:
    """The blocks of each scheme, half of them with its county's figures, and one of each other reading."""
    found = [(scheme, block) for scheme in shipped().packs for block in range(len(SILENCES))]
    own = [(f"{scheme} {SET}" if block % 2 else scheme, block) for scheme, block in found]
    chosen = [each if each[0] in settings() else plain for each, plain in zip(own, found, strict=True)]
    return chosen + [(reading, 2) for reading in other_readings()]


def told_alone(pack: Pack, verdict: Verdict) -> tuple[Any, ...]:
    """Verdict, row, possible rows, missing answers, and the facts that the reasons state."""
    reasons = explain(pack, verdict).reasons
    return (
        verdict.verdict,
        verdict.row,
        verdict.rows,
        verdict.missing,
        tuple(SIGNS[reason.truth] + reason.fact for reason in reasons),
    )


class Told:
    """What each household of a batch is told, in the same words as `told_alone`."""

    def __init__(self, pack: Pack, found: ColumnVerdicts) -> None:
        self.pack = pack
        self.reasons: dict[int, tuple[Any, ...]] = {}
        self.each = zip(
            *(column.tolist() for column in (found.verdicts, found.rows, found.possible)),
            *(column.tolist() for column in (found.missing, found.states)),
            strict=True,
        )

    def __iter__(self) -> Any:
        for verdict, row, possible, missing, state in self.each:
            if state not in self.reasons:
                self.reasons[state] = reason_codes(self.pack, state)
            yield (
                self.pack.outcomes[verdict].id if verdict >= 0 else None,
                self.pack.rows[row].id if row >= 0 else None,
                tuple(r.id for place, r in enumerate(self.pack.rows) if possible >> place & 1),
                missing_names(self.pack, missing),
                self.reasons[state],
            )


@pytest.mark.parametrize(("setting", "block"), blocks())
def test_many_at_once_and_one_by_one_agree_in_everything(setting: str, block: int) -> None:
    pack = pack_for(setting)
    households = population(pack, BLOCK, block, SILENCES[block], ON)
    together = Told(pack, classify_columns(pack, households.columns(pack.parameters_on(ON)), ON))
    for facts, told in zip(households.facts(), together, strict=True):
        verdict = decide(pack, facts, ON)
        alone = told_alone(pack, verdict)
        assert told == alone, f"together {told}\nalone {alone}\n{as_case(pack, facts, verdict)}"


@pytest.mark.parametrize("setting", settings())
def test_a_tenth_of_the_households_lie_on_a_threshold_or_one_step_beside_it(setting: str) -> None:
    pack = pack_for(setting)
    parameters = pack.parameters_on(ON)
    edges = edges_of(pack, parameters)
    households = list(population(pack, 4_000, 1, 0.0, ON).facts())
    if edges:
        assert sum(near(pack, edges, parameters, facts) for facts in households) >= 0.1 * len(households)
    # No threshold of the scheme goes untried.
    met = {edge: sum(near(pack, [edge], parameters, facts) for facts in households) for edge in edges}
    assert [(edge.left.source, edge.right.source) for edge in edges if not met[edge]] == []


def test_the_schemes_without_thresholds_judge_by_no_figure() -> None:
    for setting in settings():
        pack = pack_for(setting)
        if not edges_of(pack, dict.fromkeys(pack.parameter_by_id, 1.0)):
            figures = [name for name in pack.reads if not pack.registry[name].options]
            assert figures == [], setting


@pytest.mark.parametrize("scheme", sorted(shipped().packs))
def test_every_row_and_every_verdict_of_a_scheme_is_met(scheme: str) -> None:
    rows: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    pack = pack_for(scheme)
    for setting in (*settings(), *other_readings()):
        if setting.partition(" ")[0] == scheme:
            pack = pack_for(setting)
            for facts in population(pack, 6_000, 1, 0.0, ON).facts():
                verdict = decide(pack, facts, ON)
                rows[verdict.row or ""] += 1
                verdicts[verdict.verdict or ""] += 1
    assert [row.id for row in pack.rows if rows[row.id] < 20] == []
    assert [each.id for each in pack.outcomes if verdicts[each.id] < 20] == []


def test_a_household_reads_the_same_as_columns_and_as_facts() -> None:
    households = population(pack_for("hr"), 2_000, 3, 0.2, ON)
    for index, facts in enumerate(households.facts()):
        for name, column in households.answers.items():
            if column.dtype.kind == "i":
                mask = -1 if name not in facts else sum(1 << code for code in facts[name])
                assert column[index] == mask
            else:
                assert np.array_equal(column[index], facts.get(name, np.nan), equal_nan=True)


def test_the_same_seed_makes_the_same_households() -> None:
    first, second = (population(pack_for("hr"), 500, 5, 0.1, ON) for _ in range(2))
    assert list(first.facts()) == list(second.facts())
    assert list(first.facts()) != list(population(pack_for("hr"), 500, 6, 0.1, ON).facts())


def test_a_share_of_the_answers_is_missing() -> None:
    households = population(pack_for("hr"), 5_000, 2, 0.0, ON)
    kept = sum(map(len, households.with_gaps(0.1, 2).facts()))
    assert 0.08 < 1 - kept / sum(map(len, households.facts())) < 0.12
