"""One household judged and explained, beside the same facts judged by Python's `eval`, source by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Figure, alternating
from benchmarks.script import ON, SCHEME
from bot import content as contents
from bot.rules.decide import decide
from bot.rules.explain import explain
from bot.rules.pack import Pack
from bot.rules.parameters import values_at

LIFTED = {
    "reg_status": 2,
    "handbook_income_per_capita": 4800.5,
    "return_risk": 1,
    "consumer_car": 2,
    "luxury_decoration": 2,
    "commercial_housing": 2,
    "single_under60_fit": 2,
    "parents_live_apart": 1,
    "has_adult_children": 1,
    "children_can_support": 2,
}
OUTSIDE = LIFTED | {
    "reg_status": 3,
    "gross_income": 18_000,
    "population": 4,
    "estimated_income_per_capita": 4200,
    "poverty_risk_causes": [1, 3],
}
FUNCTIONS = {
    "has": lambda codes, code: code in codes,
    "blank": lambda value: value is None,
    "round": round,
}


@dataclass(frozen=True, slots=True)
class Size:
    """So many calls in a round."""

    times: int = 500
    rounds: int = 9


class _Values(dict[str, Any]):
    """Answers, parameters and figures by name, for `eval`."""

    def __init__(self, pack: Pack, facts: Mapping[str, Any]) -> None:
        super().__init__({**facts, **values_at(pack.parameters, ON), "true": True})
        self.pack = pack

    def __missing__(self, name: str) -> Any:
        if name in FUNCTIONS:
            raise KeyError(name)
        number = self.pack.numbers.get(name)
        return None if number is None else eval(number.formula.source, FUNCTIONS, self)


def by_eval(pack: Pack, facts: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    """Verdict and sentences, with every expression read again; what is unknown counts as no."""
    values = _Values(pack, facts)
    truths: dict[str, bool] = {}
    for name in pack.deciding:
        rule = pack.facts[name]
        if rule.terms:
            gather = any if rule.any_of else all
            truths[name] = gather(truths[term.fact] is term.wants for term in rule.terms)
            continue
        source = (rule.test or rule.ok or rule.expressions[0]).source
        try:
            truths[name] = bool(eval(source, FUNCTIONS, values))
        except TypeError:  # a comparison with what is unknown
            truths[name] = False
    for row in pack.rows:
        if all(truths[term.fact] is term.wants for term in row.when):
            said = [row.reason, *(pack.facts[term.fact].say(truths[term.fact]) for term in row.when)]
            return row.verdict, [sentence.fill(lambda name: str(values[name])) for sentence in said]
    return None, []


def run(size: Size | None = None) -> list[Figure]:
    """Microseconds to judge and to explain one household; the middle of a lifted one and one outside."""
    size = size or Size()
    pack = contents.load().packs[SCHEME]
    found: dict[str, float] = {}
    for facts in (LIFTED, OUTSIDE):
        assert decide(pack, facts, ON).verdict == by_eval(pack, facts)[0]
        taken = alternating(
            {
                "ours": lambda facts=facts: explain(pack, decide(pack, facts, ON)),  # type: ignore[misc]
                "eval": lambda facts=facts: by_eval(pack, facts),  # type: ignore[misc]
            },
            times=size.times,
            rounds=size.rounds,
        )
        found = {name: found.get(name, 0.0) + seconds / 2 for name, seconds in taken.items()}
    return [
        Figure("one household judged and explained", found["ours"] * 1e6, "us", ("at most", 100)),
        Figure("the same by eval of every expression", found["eval"] * 1e6, "us"),
        Figure("eval to ours", found["eval"] / found["ours"], "times"),
    ]
