"""What a household answered for a year, a period or now, as a line of the yearly comparison asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from bot.content import Content
from bot.services.reports.yearly_lines import YEAR, Line, Source
from bot.storage.report_counts import Answer, Spot

Known: TypeAlias = Mapping[Spot, Answer]
IS_YEAR: Final = re.compile(r"\d{4}")
NOW: Final = ""
"""Stands for the time of what is told of no year: as things were when somebody asked last."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a source. `rows` are the rows of a roster, each with what tells it apart.

    `out` says that the question was not asked because another answer excluded it.
    """

    name: str = ""
    value: Any = None
    on: date | None = None
    rows: tuple[tuple[str, Any], ...] | None = None
    out: bool = False


@dataclass(frozen=True, slots=True)
class Years:
    """Which years the questionnaires know: those of targets by fact, and those of rosters by their id."""

    names: frozenset[str]
    """Every fact that some line reads, in every year."""
    targets: tuple[str, ...]
    rosters: Mapping[str, str]
    options: Mapping[str, Mapping[int, str]]
    """What codes mean, by fact."""


def years_of(content: Content, lines: Iterable[Line]) -> Years:
    """The years that stand in the questionnaires: in the names of facts, or as the period of a question."""
    periods: dict[str, set[str]] = {}
    rosters: dict[str, str] = {}
    for form in content.forms.values():
        for item in form.items:
            if item.period and item.repeat is not None:
                rosters[item.repeat] = item.period
            elif item.period:
                periods.setdefault(item.fact, set()).add(item.period)
    named, targets = set(), set()
    for line in lines:
        for source in (*line.targets, *line.actuals):
            named |= {name for pattern in source.names for name, _ in _named(pattern, content)}
        for source in line.targets:
            targets |= {year for _, year in _named(source.name, content) if year}
            targets |= {period for period in periods.get(source.name, ()) if IS_YEAR.fullmatch(period)}
    options = {name: content.registry[name].options for name in named if name in content.registry}
    return Years(frozenset(named), tuple(sorted(targets)), rosters, options)


def _named(pattern: str, content: Content) -> list[tuple[str, str]]:
    """The facts of a name, each with its year; "" where the name has none."""
    if YEAR not in pattern:
        return [(pattern, "")] if pattern else []
    shape = re.compile(re.escape(pattern).replace(re.escape(YEAR), r"(\d{4})"))
    return [(name, found[1]) for name in content.registry if (found := shape.fullmatch(name))]


class Answers:
    """The answers of one household."""

    def __init__(self, known: Known, years: Years) -> None:
        """A roster whose questions are about a year belongs to that year."""
        self.known = {
            (name, period or years.rosters.get(name, "")): answer for (name, period), answer in known.items()
        }

    @property
    def periods(self) -> set[str]:
        """Every period of which something is known; "" for what belongs to none."""
        return {period for (_, period), answer in self.known.items() if answer.value is not None}

    def look(self, source: Source, period: str) -> Found | None:
        """What stands in a source for a year, a period, or now (""); None when it is not known."""
        if not source.name or (not IS_YEAR.fullmatch(period) and (YEAR in source.name or source.within)):
            return None
        own = "" if YEAR in source.name or source.within else period
        name = source.name.replace(YEAR, period)
        answer = self.known.get((name, own))
        if self.excluded(source, period, own):
            return Found(out=True)
        if answer is None or answer.value is None:
            return None
        if source.only is not None:
            chosen = source.only in _codes(answer.value)
            return Found(name, source.only, answer.on) if chosen else Found(out=True)
        if source.field:
            rows = _rows(source, answer.value, period)
            return None if source.within and not rows else Found(name, None, answer.on, rows)
        return Found(name, answer.value, answer.on)

    def excluded(self, source: Source, period: str, own: str) -> bool:
        """Whether an answer says that this was not asked."""
        for gate, codes in source.gates:
            held = self.known.get((gate.replace(YEAR, period), own))
            if held is not None and held.value is not None and not codes & _codes(held.value):
                return True
        return False


def _codes(value: Any) -> frozenset[Any]:
    return frozenset(value if isinstance(value, list) else [value])


def _rows(source: Source, rows: Sequence[Mapping[str, Any]], year: str) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (str(row.get(source.by) or ""), row.get(source.field))
        for row in rows
        if not source.within or str(row.get(source.within) or "")[: len(year)] == year
    )
