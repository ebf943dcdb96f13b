"""Tables as files of an office: written beside their place and put there whole, or not at all."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import openpyxl
from lxml.etree import LxmlError
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from bot.errors import HubangError

SMALL: Final = (".csv", ".xlsx")
"""Endings of tables that people read."""
LARGE: Final = (".csv", ".xlsx", ".parquet")
"""Endings of tables of households."""
EXCEL_ROWS: Final = 1_048_576
"""No sheet holds more."""
EXCEL_TEXT: Final = 32_767
"""No cell holds more characters."""


class FileUnreadable(HubangError):
    """{file} cannot be read: {why}."""


class FileUnwritable(HubangError):
    """{file} cannot be written: {why}."""


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; at the end it takes the place of `path`, after an error it goes.

    Whatever the system refuses meanwhile (no access, a full disk) is raised as FileUnwritable.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            yield part
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritable(file=path.name, why=error.strerror or str(error) or "no access") from error


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """FileUnwritable when the ending of the file says of no format that is written."""
    if path.suffix.lower() not in endings:
        known = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
        raise FileUnwritable(file=path.name, why=f"{path.suffix or 'no'} ending; use {known}")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a small table as .csv (UTF-8 marked for Excel) or .xlsx; FileUnwritable says why not."""
    check_ending(path, SMALL)
    match path.suffix.lower():
        case ".csv":
            with beside(path) as part, part.open("w", encoding="utf-8-sig", newline="") as out:
                writer = csv.writer(out)
                writer.writerow(header)
                writer.writerows(rows)
        case _:
            with beside(path) as part:
                sheet = Sheet(path.name)
                try:
                    for row in (header, *rows):
                        sheet.append(row)
                    sheet.save(part)
                finally:
                    sheet.discard()


class Sheet:
    """A workbook of one sheet that is filled row by row; the first row stays in view."""

    def __init__(self, name: str) -> None:
        """`name` is what errors call the file."""
        self.name, self.rows = name, 0
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet = self._book.create_sheet()
        self._sheet.freeze_panes = "A2"

    def append(self, row: Sequence[Any]) -> None:
        """Add a row; FileUnwritable when the sheet is full."""
        self.rows += 1
        if self.rows > EXCEL_ROWS:
            why = f"a sheet of Excel holds {EXCEL_ROWS} rows; write .csv or .parquet"
            raise FileUnwritable(file=self.name, why=why)
        try:
            self._sheet.append([self._cell(value) for value in row])
        except LxmlError as error:
            raise FileUnwritable(file=self.name, why=str(error)) from error

    def save(self, path: Path) -> None:
        """Write the workbook to `path`."""
        try:
            self._book.save(path)
        except LxmlError as error:
            raise FileUnwritable(file=self.name, why=str(error)) from error

    def discard(self) -> None:
        """Let go of what was not saved, and of the file in which the rows waited for it."""
        if self._sheet.closed:
            return
        # On a full disk its end cannot be written either.
        with suppress(LxmlError, OSError):
            self._sheet.close()
        self._sheet._writer.cleanup()

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.isprintable():
            value = ILLEGAL_CHARACTERS_RE.sub("", value)
        if not value.startswith("="):
            return value[:EXCEL_TEXT]
        # What a file says is text, never a formula that Excel would carry out.
        cell = WriteOnlyCell(self._sheet, value[:EXCEL_TEXT])
        cell.data_type = "s"
        return cell
