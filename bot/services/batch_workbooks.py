"""Workbooks of Excel, row by row: the first sheet, its first row naming the columns."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from bot.services.batch_chunks import Chunk, Job, Wanted, chunk_of_rows
from bot.services.tables import FileUnreadable

ROWS: Final = 5000
_BLOCK: Final = 1 << 20
_NO_VALUE: Final = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:</c>|<v\s*/>|<v></v>)'
)
_BROKEN: Final = (zipfile.BadZipFile, KeyError, ValueError, EOFError, ParseError, OSError)


@dataclass(frozen=True, slots=True)
class Workbook:
    """An open workbook."""

    name: str
    book: Any
    rows: Iterator[Sequence[Any]]
    header: tuple[str, ...]
    total: int | None = None

    def jobs(self) -> Iterator[Job]:
        """Some thousand rows at a time; FileUnreadable when the workbook is damaged."""
        try:
            while rows := list(islice(self.rows, ROWS)):
                yield Job(rows)
        except _BROKEN as error:
            raise FileUnreadable(file=self.name, why="it is a damaged Excel workbook") from error

    def chunk(self, job: Job, wanted: Wanted) -> Chunk:
        """The rows as text by columns."""
        return chunk_of_rows(self.header, ([text(cell) for cell in row] for row in job.content))

    def close(self) -> None:
        """Close the file."""
        self.book.close()


def open_workbook(path: Path) -> Workbook:
    """Read the header of the first sheet; FileUnreadable also for formulas that were never calculated."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise FileUnreadable(file=path.name, why=error.strerror or "no access") from error
    except (InvalidFileException, *_BROKEN) as error:
        raise FileUnreadable(file=path.name, why="it is not an Excel workbook") from error
    try:
        sheet = book.worksheets[0]
        cell = _uncalculated(path, sheet._worksheet_path)
        if cell:
            why = f"cell {cell} holds a formula without a value; open it in Excel and save it"
            raise FileUnreadable(file=path.name, why=why)
        # Some programs write the extent of the sheet wrongly.
        sheet.reset_dimensions()
        rows = iter(sheet.iter_rows(values_only=True))
        header = tuple(text(cell) for cell in next(rows, ()))
    except (IndexError, *_BROKEN) as error:
        book.close()
        raise FileUnreadable(file=path.name, why="it is a damaged Excel workbook") from error
    except FileUnreadable:
        book.close()
        raise
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        book.close()
        raise FileUnreadable(file=path.name, why="it is empty; the first row names the columns")
    return Workbook(path.name, book, rows, header)


def text(cell: Any) -> str:
    """A cell of a table as trimmed text; whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _uncalculated(path: Path, sheet: str) -> str:
    """The first cell with a formula whose value nobody worked out: it would read as an empty one."""
    with zipfile.ZipFile(path) as archive, archive.open(sheet) as file:
        rest = b""
        while piece := file.read(_BLOCK):
            data = rest + piece
            if b"<f" in data and (found := _NO_VALUE.search(data)):
                return found[1].decode()
            rest = data[-4096:]
    return ""
