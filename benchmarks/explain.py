"""One household judged and explained, beside the same facts judged by Python's `eval`, source by source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Figure, alternating
from benchmarks.script import ON
from bot import content as contents
from bot.rules.batch import aggregates
from bot.rules.decide import decide
from bot.rules.explain import explain
from bot.rules.pack import Pack
from tests.rules.households import consistent
from tests.rules.population import population
from tests.rules.schemes import with_figures

FUNCTIONS = {
    "has": lambda codes, code: code in codes,
    "blank": lambda value: value in (None, []),
    "round": lambda value, digits=0: round(value + 1e-9, digits),
    "min": min,
    "max": max,
    "abs": abs,
}


@dataclass(frozen=True, slots=True)
class Size:
    """So many different households of each scheme, all of them explained so many times in a round."""

    households: int = 100
    times: int = 5
    rounds: int = 5


class _Values(dict[str, Any]):
    """Answers, parameters and figures by name, for `eval`."""

    def __init__(self, pack: Pack, facts: Mapping[str, Any]) -> None:
        super().__init__({**facts, **pack.parameters_on(ON)})
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
        try:
            if rule.test is not None:
                truths[name] = bool(eval(rule.test.source, FUNCTIONS, values))
            else:  # what is seen to be lacking outweighs whatever looks well
                ok, fail = (eval(each.source, FUNCTIONS, values) for each in rule.expressions)
                truths[name] = bool(ok) and not fail
        except TypeError:  # a comparison with what is unknown
            truths[name] = False
    for row in pack.rows:
        if all(truths[term.fact] is term.wants for term in row.when):
            said = [row.reason, *(pack.facts[term.fact].say(truths[term.fact]) for term in row.when)]
            return row.verdict, [sentence.fill(lambda name: str(values[name])) for sentence in said]
    return None, []


def run(size: Size | None = None) -> list[Figure]:
    """Microseconds to judge and to explain one household of each scheme."""
    size = size or Size()
    return [figure for scheme in contents.load().packs for figure in of_scheme(scheme, size)]


def of_scheme(scheme: str, size: Size) -> list[Figure]:
    """The mean of random households that answered everything; `eval` cannot read the rows of rosters."""
    pack = with_figures(scheme)
    drawn = consistent(population(pack, size.households, 1, 0.0, ON), pack.parameters_on(ON))
    households = list(drawn.facts())
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: [explain(pack, decide(pack, facts, ON)) for facts in households]
    }
    if not aggregates(pack):
        for facts in households:
            assert decide(pack, facts, ON).verdict == by_eval(pack, facts)[0], (scheme, facts)
        ways["eval"] = lambda: [by_eval(pack, facts) for facts in households]
    found = alternating(ways, times=size.times, rounds=size.rounds)
    each = found["ours"] / len(households) * 1e6
    figures = [Figure(f"{scheme}: one household judged and explained", each, "us", ("at most", 100))]
    if "eval" in found:
        times = found["eval"] / found["ours"]
        figures.append(Figure(f"{scheme}: eval of every expression to ours", times, "times"))
    return figures
