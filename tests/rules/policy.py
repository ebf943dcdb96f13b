"""Policy sentences of tests/cases: what a pack must say for given answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot import loading
from bot.rules.county import County
from bot.rules.decide import decide
from bot.rules.explain import Reason, explain
from bot.rules.pack import Pack
from bot.rules.updates import current
from tests.shipped import shipped

CASES = Path(__file__).parents[1] / "cases"
SIGNS = {True: "", False: "-", None: "?"}
ON = date(2020, 4, 20)


def read_cases(scheme: str) -> list[dict[str, Any]]:
    """The cases of a scheme with their `facts` put together."""
    read = tomllib.loads((CASES / f"{scheme}.toml").read_text(encoding="utf-8"))
    for case in read["case"]:
        facts = {**read["base"].get(case.get("like", ""), {}), **case.get("but", {})}
        case["facts"] = {name: value for name, value in facts.items() if name not in case.get("without", [])}
    cases: list[dict[str, Any]] = read["case"]
    return cases


@cache
def pack_with(scheme: str, options: tuple[tuple[str, str], ...] = ()) -> Pack:
    """A shipped scheme in a county that has chosen these options."""
    if not options:
        return shipped().packs[scheme]
    county = County(options={(scheme, id): value for id, value in options})
    chosen = loading.read(loading.SHIPPED, county)
    assert chosen.problems == []
    return chosen.packs[scheme]


def known(pack: Pack, facts: dict[str, Any], on: date = ON) -> dict[str, Any]:
    """What rules read of answers that were all given together."""
    return current(pack.updates, facts, {}, shipped().form_parameters(on), on)


def differences(pack: Pack, case: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What the pack says otherwise than the case: expected and found, by field."""
    on = case.get("on", ON)
    parameters = {**pack.parameters_on(on), **case.get("parameters", {})}
    verdict = decide(pack, known(pack, case["facts"], on), on, parameters)
    explanation = explain(pack, verdict)
    said = {SIGNS[reason.truth] + reason.fact for reason in every_reason(explanation.reasons)}
    found = {
        "verdict": verdict.verdict or "",
        "row": verdict.row or "",
        "clause": explanation.clause,
        "flags": list(verdict.flags),
        "missing": list(verdict.missing),
        "reasons": [reason for reason in case.get("reasons", []) if reason in said],
    }
    return {key: (case[key], found[key]) for key in found if key in case and case[key] != found[key]}


def every_reason(reasons: tuple[Reason, ...]) -> Iterator[Reason]:
    """Reasons with all that they are made of."""
    for reason in reasons:
        yield reason
        yield from every_reason(reason.children)
