"""Policy sentences of tests/cases: what a pack must say for given answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.rules.decide import decide
from bot.rules.explain import Reason, explain
from bot.rules.pack import Pack
from bot.rules.updates import current

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


def known(pack: Pack, facts: dict[str, Any]) -> dict[str, Any]:
    """What rules read of answers that were all given together."""
    return current(pack.updates, facts, {}, {"param_water_shortage_days": 36}, ON)


def differences(pack: Pack, case: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What the pack says otherwise than the case: expected and found, by field."""
    verdict = decide(pack, known(pack, case["facts"]), ON)
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
