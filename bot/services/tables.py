"""Tables of households in CSV and XLSX files: read whole or refused, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from bot.errors import HubangError

ENCODINGS: Final = ("utf-8-sig", "gb18030")
"""Chinese offices save CSV in either."""


class FileUnreadable(HubangError):
    """{file} cannot be read: {why}."""


class FileUnwritable(HubangError):
    """{file} cannot be written: {why}."""


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a .csv or .xlsx file, every cell as trimmed text; FileUnreadable says why not."""
    match path.suffix.lower():
        case ".csv":
            rows = _read_csv(path)
        case ".xlsx":
            rows = _read_xlsx(path)
        case other:
            raise FileUnreadable(file=path.name, why=f"{other or 'no'} ending; use .csv or .xlsx")
    if not rows:
        raise FileUnreadable(file=path.name, why="it is empty; the first row names the columns")
    header = rows[0]
    return header, [row + [""] * (len(header) - len(row)) for row in rows[1:] if any(row)]


def _read_csv(path: Path) -> list[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=path.name, why=error.strerror or "no access") from error
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
        except csv.Error as error:
            raise FileUnreadable(file=path.name, why=str(error)) from error
    raise FileUnreadable(file=path.name, why="its encoding is neither UTF-8 nor GB 18030; save it as UTF-8")


def _read_xlsx(path: Path) -> list[list[str]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise FileUnreadable(file=path.name, why=error.strerror or "no access") from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise FileUnreadable(file=path.name, why="it is not an Excel workbook") from error
    try:
        sheet = book.worksheets[0]
        return [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a .csv (UTF-8 marked for Excel) or .xlsx file beside its place, then put it there."""
    part = path.with_name(f".{path.name}.part")
    try:
        match path.suffix.lower():
            case ".csv":
                with part.open("w", encoding="utf-8-sig", newline="") as out:
                    writer = csv.writer(out)
                    writer.writerow(header)
                    writer.writerows(rows)
            case ".xlsx":
                book = openpyxl.Workbook(write_only=True)
                sheet = book.create_sheet()
                sheet.freeze_panes = "A2"
                sheet.append(list(header))
                for row in rows:
                    sheet.append(list(row))
                book.save(part)
            case other:
                raise FileUnwritable(file=path.name, why=f"{other or 'no'} ending; use .csv or .xlsx")
        os.replace(part, path)
    except OSError as error:
        raise FileUnwritable(file=path.name, why=error.strerror or "no access") from error
    finally:
        part.unlink(missing_ok=True)
