"""What a table of an office says: sheets of rows, with formulas where a total is a total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "code", "integer", "decimal", "money", "percent", "date"]
"""How the cells of a column look; a code is text even when it is all digits, a percent is a share of 1."""
Paper: TypeAlias = Literal["A3", "A4"]
Standing: TypeAlias = Literal["plain", "subtotal", "heading"]


class Mark(Enum):
    """What stands in a cell where the printed form allows no figure."""

    DASH = "—"


DASH: Final = Mark.DASH


@dataclass(frozen=True, slots=True)
class Blank:
    """A figure that cannot be computed: the cell stays empty, and a note on it says why."""

    why: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with a note on its cell."""

    value: str | int | float | date | None
    note: str


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of other columns of the same row; of rows, by their ids, with `of_rows`.

    It is blank when none of the parts is known, and with `whole` when any of them is not.
    """

    parts: tuple[str, ...]
    of_rows: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Less:
    """One column of the same row less another one; blank unless both are known."""

    whole: str
    part: str


@dataclass(frozen=True, slots=True)
class Share:
    """One column of the same row divided by another one; rows with `of_rows`. Blank unless it can be."""

    part: str
    whole: str
    of_rows: bool = False


Plain: TypeAlias = str | int | float | date | None
Formula: TypeAlias = Sum | Less | Share
Cell: TypeAlias = Plain | Mark | Blank | Noted | Formula


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, from the top level down (neighbours of the same words share a cell)."""

    id: str
    head: tuple[str, ...]
    kind: Kind = "text"
    width: float = 10
    total: bool = False
    """Whether subtotals and the total add it up."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: cells by column, absent ones blank. A subtotal adds up the rows since the last one."""

    cells: Mapping[str, Cell]
    standing: Standing = "plain"
    id: str = ""
    """By which formulas of other rows name it."""
    kind: Kind | None = None
    """How figures of this row look, when each row has its own measure."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with everything that is printed on it."""

    name: str
    title: str
    about: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    total: str = ""
    """What the last row is called, which adds everything up; "" for none."""
    notes: tuple[str, ...] = ()
    landscape: bool = False
    paper: Paper = "A4"
    frozen: int = 0
    """So many columns stay in view."""
    empty: str = ""
    """What stands in the place of the rows when there is none."""
    merged: tuple[str, ...] = ()
    """Columns in which equal cells below one another are one."""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook, dated the day for which it was made."""

    title: str
    on: date
    sheets: tuple[Sheet, ...]
    foot: str = ""
    """The line under every printed page, with {page} and {pages} for the numbers."""
