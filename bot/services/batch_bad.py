"""Cells of a table that cannot be read: the first on the screen, all of them in a file of their own."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from bot.errors import HubangError
from bot.services.batch_chunks import Bad
from bot.services.office import veiled
from bot.services.tables import FileUnwritable

SHOWN: Final = 50
FIRST_ROW: Final = 2
"""Of the households, as people count: the header is row 1."""


class TableInvalid(HubangError):
    """{file} has {count} bad cell(s); nothing was written.
    {cells}"""

    def __init__(self, file: str, cells: Sequence[str], count: int, listed: str = "") -> None:
        """`cells` are the first of `count`; the file `listed` holds all of them, if there is one."""
        self.file, self.cells, self.count, self.listed = file, tuple(cells), count, listed
        more = [f"… and {count - len(cells)} more"] if count > len(cells) else []
        place = [f"All of them: {listed}"] if listed else []
        text = "\n".join([*cells, *more, *place])
        Exception.__init__(self, f"{file} has {count} bad cell(s); nothing was written.\n{text}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross between processes with what it was made of."""
        return type(self), (self.file, self.cells, self.count, self.listed)


class BadCells:
    """Lists bad cells beside the result that they prevent; without any, a list of an earlier time goes."""

    def __init__(self, target: Path, file: str) -> None:
        """The list will be `target` + `.bad.csv`; `file` is what they are cells of."""
        self.path = target.with_name(f"{target.name}.bad.csv")
        self.file, self.count = file, 0
        self.first: list[str] = []
        self._part = self.path.with_name(f".{self.path.name}.part")
        self._out: Any = None

    def __enter__(self) -> BadCells:
        """Nothing is written before there is a bad cell."""
        return self

    def add(self, cells: Iterable[Bad], before: int) -> None:
        """List cells of a chunk that stands after `before` rows; FileUnwritable if that is not possible."""
        try:
            for cell in cells:
                if self._out is None:
                    self._out = self._part.open("w", encoding="utf-8-sig", newline="")
                    csv.writer(self._out).writerow(["row", "column", "value", "accepted"])
                row = cell.row + before + FIRST_ROW
                value = veiled(str(cell.value))  # a cell beyond the header may hold an identity number
                csv.writer(self._out).writerow([row, cell.column, value, cell.accepted])
                self.count += 1
                if len(self.first) < SHOWN:
                    column = f", column {cell.column}" if cell.column else ""
                    self.first.append(f"row {row}{column}: {value!r} {cell.accepted}")
        except OSError as error:
            raise FileUnwritable(file=self.path.name, why=error.strerror or "no access") from error

    def refuse(self) -> None:
        """Put the list in its place and raise TableInvalid, if there is any bad cell."""
        if self._out is None:
            self.path.unlink(missing_ok=True)
            return
        try:
            self._out.close()
            os.replace(self._part, self.path)
        except OSError as error:
            raise FileUnwritable(file=self.path.name, why=error.strerror or "no access") from error
        raise TableInvalid(self.file, self.first, self.count, self.path.name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave no half of a list behind."""
        if self._out is not None:
            self._out.close()
            self._part.unlink(missing_ok=True)
