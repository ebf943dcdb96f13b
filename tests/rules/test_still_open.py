"""What still matters: every question that is asked can turn the verdict, and no other one can."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from bot.rules.decide import decide
from bot.rules.pack import Pack
from bot.rules.still_open import still_open
from tests.rules.policy import ON
from tests.rules.population import population
from tests.rules.schemes import pack_for, settings
from tests.rules.small import DAY, HOUSED, RECKONED, SUMS, THREE_WAYS, fact, row, small

LINES = [0, 2, 4, 5, 9, 10, 11, 22]
VALUES: dict[str, list[Any]] = {
    "status": [1, 2],
    "car": [1, 2],
    "house": [1, 2, 3],
    "causes": [[0], [1], [2], [3], [1, 2]],
    "income": LINES,
    "spent": [*LINES, 47, 101, 121],
    "earned": [0, 3, 10, 23, 50, 60],
    "people": [1, 2, 3, 8, 9],
}


def ends_of(pack: Pack, facts: dict[str, Any], open_: list[str]) -> dict[tuple[int, ...], str | None]:
    """The verdict for every way of answering what is open, by the places of the answers."""
    ways = product(*(range(len(VALUES[name])) for name in open_))
    return {
        way: decide(
            pack, {**facts, **{n: VALUES[n][place] for n, place in zip(open_, way, strict=True)}}, DAY
        ).verdict
        for way in ways
    }


def turning(ends: dict[tuple[int, ...], str | None], place: int) -> bool:
    """Whether the answer at that place alone can turn the verdict, for some way of answering the others."""
    reached: dict[tuple[int, ...], set[str | None]] = {}
    for way, end in ends.items():
        reached.setdefault((*way[:place], *way[place + 1 :]), set()).add(end)
    return any(len(found) > 1 for found in reached.values())


@pytest.mark.parametrize("pack", [THREE_WAYS, RECKONED, HOUSED], ids=["three ways", "reckoned", "housed"])
def test_every_question_listed_can_turn_the_verdict_and_no_other_can(pack: Pack) -> None:
    chance = random.Random(5)
    seen = 0
    for _ in range(50):
        silent = chance.sample(pack.reads, k=min(len(pack.reads), chance.randint(1, 4)))
        facts = {name: chance.choice(VALUES[name]) for name in pack.reads if name not in silent}
        verdict = decide(pack, facts, DAY)
        if verdict.verdict is not None:
            assert still_open(pack, verdict) == ()
            continue
        ends = ends_of(pack, facts, silent)
        expected = {name for place, name in enumerate(silent) if turning(ends, place)}
        assert set(still_open(pack, verdict)) == (expected or set(verdict.missing)), facts
        seen += 1
    assert seen > 10


def test_what_an_answer_beside_it_has_settled_is_not_asked() -> None:
    """A household without a car has no roof by the number of its people, so only the house is left to ask."""
    open_roof = {"income": 5, "causes": [3], "spent": 0, "earned": 5}
    assert set(still_open(HOUSED, decide(HOUSED, {**open_roof, "people": 5}, DAY))) == {"house", "car"}
    safe = decide(HOUSED, {**open_roof, "people": 5, "house": 3}, DAY)
    assert still_open(HOUSED, safe) == ("car",)
    few = decide(HOUSED, {**open_roof, "people": 2}, DAY)
    assert few.missing == ("house", "car")
    assert still_open(HOUSED, few) == ("house",)


def test_where_no_answer_could_turn_it_but_the_rules_need_one_it_is_asked() -> None:
    """Nothing can be spent that brings the rest above what was earned; the rule still subtracts it."""
    facts = {"earned": 4, "people": 1, "income": 20}
    assert still_open(RECKONED, decide(RECKONED, facts, DAY)) == ("spent",)
    short = small(
        SUMS,
        fact("short", 'test = "left < line"'),
        row("one", "bad", "short"),
        row("other", "good", "-short"),
    )
    verdict = decide(short, {"earned": 4}, DAY)
    assert verdict.verdict is None
    assert still_open(short, verdict) == ("spent",)


@pytest.mark.parametrize("setting", settings())
def test_of_every_scheme_only_what_is_missing_is_asked_and_something_always_is(setting: str) -> None:
    pack = pack_for(setting)
    for facts in population(pack, 200, 9, 0.3, ON).facts():
        verdict = decide(pack, facts, ON)
        asked = still_open(pack, verdict)
        assert set(asked) <= set(verdict.missing)
        assert list(asked) == [name for name in pack.reads if name in asked]
        assert bool(asked) == bool(verdict.missing), facts
