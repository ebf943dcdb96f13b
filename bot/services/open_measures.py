"""Which measures are under way at a household: those of its plan, as far as the last check left them."""

from __future__ import annotations

from typing import Final

from bot.dialogs.context import Known
from bot.dialogs.reuse import Held
from bot.expressions import Value
from bot.storage.plans import Plan

ROWS: Final = "open_measure"
DONE: Final = 3
RECEIVED: Final = 1
"""Codes of a measure that is through, and of help that has arrived (mc.10)."""


def planned(plan: Plan, on: str) -> Known:
    """The names of the measures in a plan, which was drawn up on that day."""
    measures = plan.snapshot["view"]["measures"]
    return Known(list(dict.fromkeys(each["short"] or each["what"] for each in measures)), on)


def with_measures(held: Held, measures: Known) -> Held:
    """`held` with what the plan says of measures under way instead of what an earlier check did.

    How far a measure had come by then stays with it; what was done and has arrived is no longer under way.
    """
    last = held.get((ROWS, ""))
    before = {row.get("measure_name"): row for row in (last.value if last is not None else None) or ()}
    rows: list[dict[str, Value]] = [
        {**before.get(name, {}), "measure_name": name}
        for name in measures.value
        if not _through(before.get(name, {}))
    ]
    found = {key: known for key, known in held.items() if key[0] != "open_measure_count"}
    found[ROWS, ""] = Known(rows, measures.on)
    found["has_open_measure", ""] = Known(1 if rows else 2, measures.on)
    return found


def _through(row: dict[str, Value]) -> bool:
    return row.get("measure_progress") == DONE and row.get("measure_delivered") == RECEIVED
