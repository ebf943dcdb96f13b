"""The workbook of a roster: the blank template, and the same shape with rows in it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Final

import xlsxwriter

from bot.rules.offices import Offices
from bot.services.rosters.layout import Column, RosterLayout, SheetLayout

BLANK_ROWS: Final = 5000
"""Rows of the template that offer a choice and keep numbers as text."""
HEAD: Final = {"font_name": "SimHei", "font_size": 11, "align": "center", "valign": "vcenter", "border": 1}
NEEDED: Final = {**HEAD, "bg_color": "#FFF2CC"}
CELL: Final = {"font_name": "SimSun", "font_size": 11, "valign": "vcenter", "num_format": "@"}
DAY: Final = {**CELL, "num_format": "yyyy-mm-dd"}
WHOLE: Final = {**CELL, "num_format": "0"}
EXAMPLE: Final = {**CELL, "font_color": "#7F7F7F", "bg_color": "#EDEDED", "italic": True}
HELP: Final = {"font_name": "SimSun", "font_size": 12, "text_wrap": True, "valign": "vcenter"}
MADE: Final = datetime(2020, 1, 1)
"""The same roster gives the same bytes."""
LONGEST_LIST: Final = 255
"""Signs that Excel takes in the list of a drop-down."""

Rows = Mapping[str, Iterable[Sequence[Any]]]
"""Rows by the ids of their sheets, each a value for every column; None leaves a cell empty."""


def write(
    layout: RosterLayout,
    target: Path | IO[bytes],
    rows: Rows | None = None,
    choices: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> None:
    """Write a workbook; without `rows` it is the template, with an example in every sheet.

    `choices` are further drop-downs by (sheet, column), such as the names of posts.
    """
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": rows is not None,
    }
    path = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": layout.name, "author": "", "created": MADE})
        _Writer(book, layout, choices or {}).write(rows)


def write_template(layout: RosterLayout, offices: Offices, target: Path | IO[bytes]) -> None:
    """Write the blank workbook; posts are chosen from those of the county."""
    posts = list(dict.fromkeys(each.name for each in offices.posts.values()))
    write(layout, target, choices={("people", "post"): posts})


class _Writer:
    """One workbook on its way into the file."""

    def __init__(
        self, book: Any, layout: RosterLayout, choices: Mapping[tuple[str, str], Sequence[str]]
    ) -> None:
        self.book, self.layout, self.choices = book, layout, choices
        made = {"head": HEAD, "needed": NEEDED, "cell": CELL, "day": DAY, "whole": WHOLE, "example": EXAMPLE}
        self.formats = {name: book.add_format(each) for name, each in made.items()}

    def write(self, rows: Rows | None) -> None:
        self.help()
        lists = self.lists() if rows is None else {}
        for sheet in self.layout.sheets:
            page = self.book.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for place, column in enumerate(sheet.columns):
                page.set_column(place, place, column.width, self.format(column))
                star = "*" if column.required else ""
                head = self.formats["needed" if column.required else "head"]
                page.write_string(0, place, f"{column.name}{star}", head)
            if rows is None:
                self.blank(page, sheet, lists)
            else:
                self.fill(page, sheet, rows.get(sheet.id, ()))

    def format(self, column: Column) -> Any:
        whole = column.kind in ("integer", "year")
        return self.formats["day" if column.kind == "date" else "whole" if whole else "cell"]

    def help(self) -> None:
        page = self.book.add_worksheet(self.layout.help_name)
        text = self.book.add_format(HELP)
        page.set_column(0, 0, 100, text)
        lines = [
            *self.layout.help_lines,
            *(f"{each.name}{self.layout.colon}{each.about}" for each in self.layout.sheets),
        ]
        for at, line in enumerate(lines):
            page.write_string(at, 0, line, text)

    def lists(self) -> dict[tuple[str, str], str]:
        """Drop-downs that are too long for a cell of their own stand in columns beside the help."""
        page = self.book.get_worksheet_by_name(self.layout.help_name)
        found: dict[tuple[str, str], str] = {}
        for at, (key, labels) in enumerate(self.choices.items(), 25):
            for row, label in enumerate(labels):
                page.write_string(row, at, label)
            page.set_column(at, at, 12, None, {"hidden": True})
            last = xlsxwriter.utility.xl_rowcol_to_cell(len(labels) - 1, at, row_abs=True, col_abs=True)
            first = xlsxwriter.utility.xl_rowcol_to_cell(0, at, row_abs=True, col_abs=True)
            found[key] = f"='{self.layout.help_name}'!{first}:{last}"
        return found

    def blank(self, page: Any, sheet: SheetLayout, lists: Mapping[tuple[str, str], str]) -> None:
        """Notes, drop-downs and a row that shows how it is meant and is not read."""
        for place, column in enumerate(sheet.columns):
            if column.note:
                page.write_comment(0, place, column.note, {"x_scale": 1.6})
            labels = list(column.options.values())
            source: Any = lists.get((sheet.id, column.id)) or labels
            if labels and len(",".join(labels)) > LONGEST_LIST:
                source = None
            if source:
                rule = {"validate": "list", "source": source, "ignore_blank": True}
                page.data_validation(1, place, BLANK_ROWS, place, rule)
            text = (
                f"{self.layout.example_mark}{self.layout.colon}{column.example}"
                if place == 0
                else column.example
            )
            page.write_string(1, place, text, self.formats["example"])

    def fill(self, page: Any, sheet: SheetLayout, rows: Iterable[Sequence[Any]]) -> None:
        formats = [self.format(column) for column in sheet.columns]
        for at, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, date):
                    page.write_datetime(at, place, value, formats[place])
                elif isinstance(value, int):
                    page.write_number(at, place, value, formats[place])
                else:
                    page.write_string(at, place, value, formats[place])


def write_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook of one sheet: a list of troubles, or of invitations."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet()
        head = book.add_format(HEAD)
        cell = book.add_format({**CELL, "text_wrap": True})
        page.freeze_panes(1, 0)
        page.set_column(0, len(heading) - 1, 24, cell)
        for place, text in enumerate(heading):
            page.write_string(0, place, text, head)
        for at, row in enumerate(rows, 1):
            for place, text in enumerate(row):
                page.write_string(at, place, text, cell)
    return out.getvalue()
