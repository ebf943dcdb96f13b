"""A file as sheets of a roster: which sheet is which, where its columns stand, and its rows cell by cell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

import python_calamine

from bot.problems import nearest
from bot.services.rosters import csv_text, excel_scan
from bot.services.rosters.cells import plain
from bot.services.rosters.csv_text import NotText
from bot.services.rosters.excel_scan import Scan, Unpackable
from bot.services.rosters.layout import RosterLayout, SheetLayout, folded
from bot.services.rosters.troubles import Troubles

ENDINGS: Final = (".xlsx", ".csv")
HEAD: Final = 10
"""Among so many rows the header is looked for: a title may stand above it."""
KNOWN: Final = 2
"""So many known names make a row a header."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet as the file has it, before anybody knows what it is; `scan` is what its values do not show."""

    title: str
    rows: Iterable[Sequence[Any]]
    scan: Scan | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cells:
    """A sheet as the file has it; `places` says where each column stands, by the column's id.

    `rows` are the rows below the header with their numbers as people see them, `width` is how far it goes.
    """

    layout: SheetLayout
    name: str
    places: dict[str, int]
    rows: Iterator[tuple[int, Sequence[Any]]]
    width: int

    @property
    def unnamed(self) -> list[int]:
        """The places within the header that have no name."""
        return sorted(set(range(self.width)) - set(self.places.values()))


def sheets_of(
    content: bytes, ending: str, layout: RosterLayout, troubles: Troubles, name: str = ""
) -> list[Cells]:
    """The sheets of a file that hold a roster, each once, in the order in which they rest on each other.

    What keeps the file or a sheet from being read is noted as a trouble; `name` is what a CSV file is called
    in them.
    """
    if ending not in ENDINGS:
        troubles.add(name, None, "", "ending")
        return []
    found: dict[str, Cells] = {}
    tables = _workbook(content, layout, troubles) if ending == ".xlsx" else _csv(content, troubles, name)
    for table in tables:
        cells = _sheet(table, layout, troubles)
        if cells is None:
            continue
        if cells.layout.id in found:
            troubles.add(table.title, None, "", "sheet_twice", other=found[cells.layout.id].name)
        else:
            found[cells.layout.id] = cells
    if not found and not troubles:
        troubles.add("", None, "", "no_sheet", sheets=[each.name for each in layout.sheets])
    return [found[each.id] for each in layout.sheets if each.id in found]


def _csv(content: bytes, troubles: Troubles, name: str) -> Iterator[Table]:
    try:
        text = csv_text.decoded(content)
        # Read once over to its end: a quotation mark that is open there swallows everything after it.
        rows = list(csv_text.rows(text))
    except NotText as error:
        troubles.add(name, None, "", str(error.facts["why"]))
        return
    yield Table(name, rows)


def _workbook(content: bytes, layout: RosterLayout, troubles: Troubles) -> Iterator[Table]:
    try:
        scans = excel_scan.scan(io.BytesIO(content))
    except Unpackable as error:
        troubles.add("", None, "", str(error.facts["why"]))
        return
    far = [(name, found.far) for name, found in scans.items() if found.far is not None]
    for name, row in far:
        troubles.add(name, row, "", "far", width=excel_scan.WIDTH)
    if far:
        return
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        kinds, shown = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum.Visible
        for each in book.sheets_metadata:
            if each.typ != kinds.WorkSheet or folded(each.name) == folded(layout.help_name):
                continue
            sheet = book.get_sheet_by_name(each.name)
            if sheet.start is None:
                continue
            # Rows are counted from the first of the sheet, cells from the first column that holds anything.
            yield Table(each.name, sheet.iter_rows(), scans.get(each.name), hidden=each.visible != shown)
    except (python_calamine.CalamineError, OSError, ValueError):
        troubles.add("", None, "", "damaged")


def _sheet(table: Table, layout: RosterLayout, troubles: Troubles) -> Cells | None:
    """The sheet, when its header can be found, every column of it is known, and nothing in it is hidden."""
    title, numbered = table.title, enumerate(table.rows, 1)
    head = list(islice(numbered, HEAD))
    if not any(any(map(plain, row)) for _, row in head):
        return None
    wanted = layout.called(title)
    candidates = [wanted] if wanted is not None else list(layout.sheets)
    # A sheet without a name of ours is the one of whose columns it has most.
    best = max(
        ((_known(each, row), -number, each, list(row)) for each in candidates for number, row in head),
        key=lambda found: found[:2],
    )
    known, number, sheet, header = best[0], -best[1], best[2], best[3]
    if table.hidden:
        # What nobody sees is not read; lists for drop-downs often stand there.
        if wanted is not None or known >= KNOWN:
            troubles.add(title, None, "", "hidden_sheet")
        return None
    _unseen(table, number, troubles)
    title = title or (sheet.name if known >= KNOWN else "")
    if known < KNOWN:
        names = [each.name for each in layout.sheets]
        troubles.add(title, None, "", "no_header" if wanted else "unknown_sheet", sheets=names)
        return None
    places = _places(title, number, header, sheet, troubles)
    if places is None:
        return None
    rows = chain((each for each in head if each[0] > number), numbered)
    return Cells(sheet, title, places, rows, len(header))


def _unseen(table: Table, header: int, troubles: Troubles) -> None:
    """Note what the values of the cells do not show: formulas, errors, and cells merged below the header."""
    if (found := table.scan) is None:
        return
    for column, row in found.formulas:
        troubles.add(table.title, row, column, "formula")
    if found.count > len(found.formulas):
        troubles.add(table.title, None, "", "more_formulas", count=found.count - len(found.formulas))
    formulas = set(found.formulas)
    for column, row in found.errors:
        if (column, row) not in formulas:
            troubles.add(table.title, row or None, column, "error_value")
    for column, first, last in found.merged:
        if last > header:
            troubles.add(table.title, first, column, "merged", last=last if last > first else 0)


def _known(sheet: SheetLayout, row: Sequence[Any]) -> int:
    names = {found.id for cell in row if (found := sheet.named.get(folded(plain(cell)))) is not None}
    lacking = sum(each.required and each.id not in names for each in sheet.columns)
    return 2 * len(names) - lacking


def _places(
    title: str, number: int, header: Sequence[Any], sheet: SheetLayout, troubles: Troubles
) -> dict[str, int] | None:
    """Where each column stands; None when the header is not in order."""
    places: dict[str, int] = {}
    before = troubles.count
    for place, cell in enumerate(header):
        text = plain(cell)
        if not text:
            continue
        column = sheet.named.get(folded(text))
        if column is None:
            near = sheet.named.get(nearest(folded(text), sheet.named))
            troubles.add(title, number, text[:20], "unknown_column", near=near.name if near else "")
        elif places.setdefault(column.id, place) != place:
            troubles.add(title, number, text[:20], "column_twice")
    for column in sheet.columns:
        if column.required and column.id not in places:
            troubles.add(title, number, column.name, "column_missing")
    return places if troubles.count == before else None
