"""The figures of a sheet: where each cell stands, the formula that is written, and what it comes to."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

from xlsxwriter.utility import xl_rowcol_to_cell

from bot.errors import HubangError
from bot.render.table_view import Blank, Cell, Column, Less, Mark, Noted, Plain, Row, Share, Sheet, Sum

Figure: TypeAlias = int | float | None
PLACES: Final = 10
"""Digits behind the point up to which sums are trusted: a sum of money in binary is never quite exact."""


class CellUnknown(HubangError):
    """The table {sheet} names {name} in row {row}: it has no such column or row."""


class Figures:
    """The cells of a sheet by place: row numbers count from 0 at the first row of the body."""

    def __init__(self, sheet: Sheet, first: int) -> None:
        """`first` is the line of the file, counted from 0, at which the body begins."""
        self.sheet, self.first = sheet, first
        self.place: Final = {column.id: at for at, column in enumerate(sheet.columns)}
        self.row_of: Final = {row.id: at for at, row in enumerate(sheet.rows) if row.id}
        self._found: dict[tuple[int, str], Figure] = {}
        for at, row in enumerate(sheet.rows):
            for name in row.cells:
                self._known(name, self.place, at)

    def _known(self, name: str, names: Container[str], at: int) -> None:
        if name not in names:
            raise CellUnknown(sheet=self.sheet.name, name=name, row=at + 1)

    def cell(self, at: int, column: Column) -> Cell:
        """What the row says in the column; a subtotal's own cells stay, the others add up."""
        row = self.sheet.rows[at]
        return row.cells.get(column.id)

    @cached_property
    def spans(self) -> dict[int, tuple[int, int]]:
        """For each subtotal, by its row, the rows that it adds up: from the first to the last."""
        found: dict[int, tuple[int, int]] = {}
        since = 0
        for at, row in enumerate(self.sheet.rows):
            if row.standing == "heading" and since == at:
                since = at + 1
            elif row.standing == "subtotal":
                found[at] = (since, at - 1)
                since = at + 1
        return found

    # ------------------------------------------------------------------------------------- what it comes to

    def figure(self, at: int, id: str) -> Figure:
        """The figure in a cell; None when there is none."""
        key = (at, id)
        if key not in self._found:
            self._found[key] = None  # a formula that names itself has no figure
            self._found[key] = self._figure(at, id)
        return self._found[key]

    def _figure(self, at: int, id: str) -> Figure:
        row = self.sheet.rows[at]
        if row.standing == "subtotal" and id not in row.cells:
            column = self.sheet.columns[self.place[id]]
            return self.added(id, *self.spans[at]) if column.total else None
        match row.cells.get(id):
            case Sum() as wanted:
                parts = [self.figure(*each) for each in self._parts(at, id, wanted.parts, wanted.of_rows)]
                known = [part for part in parts if part is not None]
                return _sum(known) if known and (len(known) == len(parts) or not wanted.whole) else None
            case Less(whole, part):
                a, b = self.figure(at, whole), self.figure(at, part)
                return None if a is None or b is None else _tidy(a - b)
            case Share(part, whole, of_rows):
                (a, b) = (self.figure(*each) for each in self._parts(at, id, (part, whole), of_rows))
                return None if a is None or not b else a / b
            case bool() | None:
                return None
            case int() | float() as value:
                return value
            case Noted(value) if isinstance(value, int | float):
                return value
        return None

    def _parts(self, at: int, id: str, names: Sequence[str], of_rows: bool) -> Iterator[tuple[int, str]]:
        for name in names:
            self._known(name, self.row_of if of_rows else self.place, at)
            yield (self.row_of[name], id) if of_rows else (at, name)

    def added(self, id: str, first: int, last: int) -> Figure:
        """The sum of a column over rows, without their subtotals; None when no figure stands there."""
        found = [
            figure
            for at in range(first, last + 1)
            if self.sheet.rows[at].standing == "plain" and (figure := self.figure(at, id)) is not None
        ]
        return _sum(found) if found else None

    def total(self, column: Column) -> Figure:
        """What the last row says of a column."""
        return self.added(column.id, 0, len(self.sheet.rows) - 1) if column.total else None

    # ------------------------------------------------------------------------------------- what is written

    def formula(self, at: int, column: Column) -> str | None:
        """The formula of a cell; None for one that has its value by itself."""
        row = self.sheet.rows[at]
        if row.standing == "subtotal" and column.id not in row.cells:
            return self.adding(column.id, *self.spans[at]) if column.total else None
        match row.cells.get(column.id):
            case Sum() as wanted:
                cells = [self._at(*each) for each in self._parts(at, column.id, wanted.parts, wanted.of_rows)]
                named = ",".join(cells)
                needed = f"<{len(cells)}" if wanted.whole else "=0"
                return f'=IF(COUNT({named}){needed},"",SUM({named}))'
            case Less(whole, part):
                a, b = self._at(at, whole), self._at(at, part)
                return f'=IF(COUNT({a},{b})<2,"",{a}-{b})'
            case Share(part, whole, of_rows):
                a, b = (self._at(*each) for each in self._parts(at, column.id, (part, whole), of_rows))
                return f'=IF(OR(COUNT({a},{b})<2,N({b})=0),"",{a}/{b})'
        return None

    def adding(self, id: str, first: int, last: int) -> str | None:
        """The formula that adds up a column; SUBTOTAL passes over the subtotals in between."""
        if last < first:
            return None
        area = f"{self._at(first, id)}:{self._at(last, id)}"
        added = f"SUBTOTAL(9,{area})" if self.spans else f"SUM({area})"
        return f'=IF(COUNT({area})=0,"",{added})'

    def _at(self, at: int, id: str) -> str:
        return str(xl_rowcol_to_cell(self.first + at, self.place[id]))


def plain(cell: Cell) -> Plain:
    """What a cell without a formula shows."""
    match cell:
        case Mark():
            return str(cell.value)
        case Noted(value):
            return value
        case str() | int() | float() | date():
            return cell
    return None


def note(cell: Cell) -> str:
    """The note on a cell; "" for none."""
    match cell:
        case Blank(why):
            return why
        case Noted(_, text):
            return text
    return ""


def _sum(figures: Sequence[int | float]) -> int | float:
    return _tidy(sum(figures))


def _tidy(value: int | float) -> int | float:
    return value if isinstance(value, int) else round(value, PLACES)


def body(rows: Sequence[Row]) -> int:
    """How many lines the body takes: one at least, for the word that there is nothing."""
    return max(1, len(rows))
