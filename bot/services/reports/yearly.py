"""Targets of households year by year against what happened (O-04; 000:86-206, 001:18-30, 86-88)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import DASH, Blank, Cell, Column, Less, Noted, Row, Sheet, Sum
from bot.services.reports.report import Ask, Report
from bot.services.reports.yearly_answers import NOW, Answers, Found
from bot.services.reports.yearly_lines import BETWEEN, Line, Source
from bot.services.reports.yearly_table import (
    Comparison,
    Side,
    Table,
    columns_of,
    place,
    read_table,
    times_of,
)
from bot.storage.households import Household

CONCEPT: Final = "concept."
"""How the names of the concepts of income begin among the words of the layout."""
ADDED: Final = "+"
"""Before a line of a concept that may be added up over households."""


class Page:
    """The sheet of one household: a line for each thing that was planned or asked."""

    def __init__(self, table: Table, home: Household, answers: Answers) -> None:
        self.table, self.ask = table, table.ask
        self.head = home.head_name
        self.known = Comparison(table, answers)
        self.times = times_of(table, table.lines.values(), [self.known])

    def sheet(self) -> Sheet:
        """What is known of it."""
        layout = self.ask.layout.sheet("one")
        columns = columns_of(self.table, layout, self.times)
        return layout.filled(self.rows(), self.ask.said(head=self.head), columns=columns)

    def rows(self) -> list[Row]:
        """The lines of which anything is known, with those that they add up."""
        lines = self.table.lines.values()
        spoken = {line.id for line in lines if any(self.known.told(line, *spot) for spot in self.times.spots)}
        shown = spoken | {
            id
            for line in lines
            if line.id in spoken
            for source in (*line.targets, *line.actuals)
            for id in source.adds
        }
        return [row for line in lines if line.id in shown for row in self.of_line(line)]

    def of_line(self, line: Line) -> list[Row]:
        """The row of a line, and under it those of the persons or things that it adds up."""
        cells: dict[str, Cell] = {"part": line.part, "name": line.name}
        details: dict[str, dict[str, Cell]] = {}
        for side, period in self.times.spots:
            held = self.known.held(line, side, period)
            at = place(side, period)
            if isinstance(held, Found) and held.rows and line.figures:
                named = _apart(held.rows)
                for name, value in named:
                    details.setdefault(name, {})[at] = value
                cells[at] = Sum(tuple(f"{line.id} {name}" for name, _ in named), of_rows=True, whole=True)
            else:
                cells[at] = self.cell(line, side, period, held)
        if line.figures:
            cells |= {
                place("less", year): Less(place("actual", year), place("target", year))
                for year in self.times.targets
            }
        below = [
            Row(
                {"part": line.part, "name": self.ask.layout.say("of_it", name=name), **own},
                id=f"{line.id} {name}",
                kind=line.kind,
            )
            for name, own in details.items()
        ]
        return [Row(cells, id=line.id, kind=line.kind), *below]

    def cell(self, line: Line, side: Side, period: str, held: Found | Source | None) -> Cell:
        """What stands in a cell; a target without what happened says why there is none."""
        match held:
            case Source(adds=parts):
                return Sum(parts, of_rows=True, whole=True)
            case Found(out=True):
                return DASH if side == "target" else 0 if line.figures else None
            case Found():
                value = self.shown(line, held)
                if period == NOW and held.on is not None:
                    day = self.ask.office.say("reports.day", day=held.on)
                    return Noted(value, self.ask.layout.say("asked_on", day=day))
                return value
        wanted = side == "actual" and period in self.times.targets and self.known.told(line, "target", period)
        if not wanted:
            return None
        return Blank(self.ask.layout.say("not_yet" if line.actuals else "never"))

    def shown(self, line: Line, found: Found) -> str | int | float | None:
        """A value in words, or as the figure that it is."""
        if line.figures:
            figure: int | float = 0 if found.rows is not None else found.value
            return figure
        if found.rows is not None:
            return self.joined(value for _, value in found.rows)
        labels = self.table.years.options.get(found.name, {})
        values = found.value if isinstance(found.value, list) else [found.value]
        return self.joined(labels.get(value, value) for value in values)

    def joined(self, words: Iterable[Any]) -> str | None:
        """Words one after another, each once; None when there is none."""
        told = dict.fromkeys(str(word) for word in words if word not in (None, ""))
        return self.ask.layout.say("joint").join(told) or None


def _apart(rows: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The rows of a roster under names of which each stands for one: namesakes are numbered."""
    found: dict[str, Any] = {}
    for name, value in rows:
        own, turn = name, 1
        while own in found:
            turn += 1
            own = f"{name} {turn}"
        found[own] = value
    return list(found.items())


# ---------------------------------------------------------------------------------------------- a village


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of income with its lines; concepts are never mixed.

    `added` are the lines about whole households: what is per head must not be added up.
    """

    name: str
    lines: tuple[Line, ...]
    added: frozenset[str]

    def adds(self, column: Column) -> bool:
        """Whether a column is about whole households."""
        return column.id.rpartition(" ")[2] in self.added


def concepts_of(table: Table) -> list[Concept]:
    """The concepts that the layout names, their lines under shorter names."""
    found = []
    for text in table.ask.layout.under(CONCEPT).values():
        name, *lines = text.split(BETWEEN)
        said = [line.split() for line in lines]
        chosen = tuple(replace(table.lines[id.lstrip(ADDED)], name=short) for id, short in said)
        added = frozenset(id.lstrip(ADDED) for id, _ in said if id.startswith(ADDED))
        found.append(Concept(name, chosen, added))
    return found


class Village:
    """The households of a village side by side, and how many of them reach what they set out for."""

    def __init__(self, table: Table) -> None:
        self.table, self.ask = table, table.ask
        self.homes = [(home, Comparison(table, answers)) for home, answers in table.homes]

    def sheets(self) -> list[Sheet]:
        """A list for each concept of which somebody has a figure, and the counts, which name the others."""
        concepts = concepts_of(self.table)
        lists = [(concept, self.listed(concept)) for concept in concepts]
        untold = [concept for concept, sheet in lists if not sheet.rows]
        return [*(sheet for _, sheet in lists if sheet.rows), self.counted(concepts, untold)]

    def listed(self, concept: Concept) -> Sheet:
        """The households of which a figure of the concept is known, in the register's order."""
        layout = self.ask.layout.sheet("list")
        times = times_of(self.table, concept.lines, [known for _, known in self.homes])
        rows: list[Row] = []
        for home, known in self.homes:
            cells: dict[str, Cell] = {
                place(side, period, line): figure
                for line in concept.lines
                for side, period in times.spots
                if (figure := known.figure(line, side, period)) is not None
            }
            if not cells:
                continue
            cells |= {"no": len(rows) + 1, "group": home.village_group or None, "head": home.head_name}
            cells |= {
                place("less", year, line): Less(place("actual", year, line), place("target", year, line))
                for line in concept.lines
                for year in times.targets
            }
            rows.append(Row(cells))
        shown = {id for row in rows for id in row.cells}
        shown |= {place("actual", year, line) for line in concept.lines for year in times.targets}
        columns = [
            replace(column, total=concept.adds(column))
            for column in columns_of(self.table, layout, times, concept.lines)
            if column.id in shown or not rows
        ]
        notes = [self.ask.layout.say("unlisted", n=left)] if (left := len(self.homes) - len(rows)) else []
        if not any(column.total for column in columns):
            layout = replace(layout, total="")
        facts = self.ask.said(concept=concept.name)
        return layout.filled(rows, facts, columns=columns, name=concept.name, notes=notes)

    def counted(self, concepts: Sequence[Concept], untold: Sequence[Concept]) -> Sheet:
        """How many households have a target, have a figure of what happened, and have reached the target."""
        rows = []
        for concept in concepts:
            for line in concept.lines:
                times = times_of(self.table, [line], [known for _, known in self.homes])
                rows += [self.count(concept, line, year) for year in times.targets]
        notes = [self.ask.layout.say("untold", concept=concept.name) for concept in untold]
        return self.ask.layout.sheet("counts").filled(rows, self.ask.said(), notes=notes)

    def count(self, concept: Concept, line: Line, year: str) -> Row:
        """The households of a line and a year."""
        found = [
            (known.figure(line, "target", year), known.figure(line, "actual", year))
            for _, known in self.homes
        ]
        both = [(target, actual) for target, actual in found if target is not None and actual is not None]
        cells: dict[str, Cell] = {
            "concept": concept.name,
            "line": line.name,
            "year": year,
            "homes": len(found),
            "target": sum(target is not None for target, _ in found),
            "actual": sum(actual is not None for _, actual in found),
            "both": len(both),
        }
        if both:
            cells |= {
                "reached": sum(actual >= target for target, actual in both),
                "short": Less("both", "reached"),
            }
        return Row(cells)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-04: the sheet of the household that is asked for, or the lists and counts of a village."""
    table = await read_table(conn, ask)
    if ask.household is not None:
        return [Page(table, home, answers).sheet() for home, answers in table.homes]
    return Village(table).sheets()


REPORTS: Final = (Report("O-04", make, levels=("village",), shelf="targets", of_one=True),)
