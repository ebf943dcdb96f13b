"""Tables written once, meant several times: `each = [2018, 2019]`, with `{Y}` for the value in every text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.problems import Problem

PLACE: Final = "{Y}"
"""Stands for the value in the texts of a repeated table."""
BEFORE: Final = "{Y-1}"
"""Stands for the value before it in `each`; what names it is left out for the first value."""


def repeated(tables: Sequence[Mapping[str, Any]], file: str) -> tuple[list[Mapping[str, Any]], list[Problem]]:
    """The tables with every repeated one spread out; tables of one run of the same `each` go round together.

    Neighbours with equal `each` are repeated as a block, so that the questions of a year stay together.
    """
    spread: list[Mapping[str, Any]] = []
    problems: list[Problem] = []
    at = 0
    while at < len(tables):
        values = tables[at].get("each")
        if values is None:
            spread.append(tables[at])
            at += 1
            continue
        end = at
        while end < len(tables) and tables[end].get("each") == values:
            end += 1
        block = tables[at:end]
        if not isinstance(values, list) or not values or not all(isinstance(v, int | str) for v in values):
            id = str(block[0].get("id") or block[0].get("problem") or "?")
            problems.append(
                Problem(file, id, "each must be a list of numbers or words", "each = [2018, 2019]")
            )
            values = []
        for number, value in enumerate(values):
            before = str(values[number - 1]) if number else None
            spread += [_for(table, str(value), before) for table in block]
        at = end
    return spread, problems


def _for(table: Mapping[str, Any], value: str, before: str | None) -> Mapping[str, Any]:
    return {
        key: _filled(entry, value, before)
        for key, entry in table.items()
        if key != "each" and not (before is None and isinstance(entry, str) and BEFORE in entry)
    }


def _filled(entry: Any, value: str, before: str | None) -> Any:
    match entry:
        case str():
            return entry.replace(PLACE, value).replace(BEFORE, before or "")
        case list():
            return [_filled(each, value, before) for each in entry]
        case dict():
            return {key: _filled(each, value, before) for key, each in entry.items()}
    return entry
