"""Tables as .xlsx files, ready to print and to file: the same book gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import xlsxwriter

from bot.render.table_figures import Figures, body, note, plain
from bot.render.table_tabs import tabs
from bot.render.table_view import Book, Column, Kind, Row, Sheet

SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of what is written here."""
TITLE: Final = {"font_name": "FZXiaoBiaoSong-B05S", "font_size": 18, "align": "center", "valign": "vcenter"}
ABOUT: Final = {"font_name": "KaiTi", "font_size": 11, "valign": "vcenter"}
HEAD: Final = {
    "font_name": "SimHei",
    "font_size": 10.5,
    "align": "center",
    "valign": "vcenter",
    "border": 1,
    "text_wrap": True,
}
PLAIN: Final = {"font_name": "FangSong", "font_size": 10.5, "valign": "vcenter", "border": 1}
STANDING: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": {},
    "subtotal": {"bold": True, "bg_color": "#F2F2F2"},
    "heading": {"bold": True, "bg_color": "#F2F2F2"},
    "total": {"bold": True},
}
KINDS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    "text": {"text_wrap": True},
    "code": {"num_format": "@", "align": "center"},
    "integer": {"num_format": "0", "align": "center"},
    "decimal": {"num_format": "0.##", "align": "center"},
    "money": {"num_format": "0.00", "align": "right"},
    "percent": {"num_format": "0.00%", "align": "center"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
}
WORDS: Final = ("text", "code")
"""Kinds of columns that hold words, whatever a row measures."""
PAPERS: Final = {"A3": 8, "A4": 9}
MARGINS: Final = {"left": 0.6, "right": 0.6, "top": 0.7, "bottom": 0.7}  # inches
LONGEST: Final = 16_000
"""So many signs of a text are written: Excel holds twice as many, and drops a longer note altogether."""
FIRST_YEAR: Final = 1900
"""Excel knows no day before it."""
LINE: Final = 15
"""Points for a line of text."""
LOWEST: Final = 20
"""Points for a row that a finger or a ruler can follow."""


def write(book: Book) -> bytes:
    """The workbook as an .xlsx file; CellUnknown when a row names what the sheet does not have."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as made:
        day = datetime(book.on.year, book.on.month, book.on.day)
        made.set_properties({"title": book.title, "author": "", "created": day})
        formats = _Formats(made)
        for sheet, tab in zip(book.sheets, tabs(each.name for each in book.sheets), strict=True):
            _Page(made.add_worksheet(tab), formats, sheet).fill(book.foot)
    return file.getvalue()


def shortened(text: str) -> str:
    """The text, or as much of it as a cell holds, with dots where it breaks off."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}……"


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a cell; a Chinese sign is about two units wide, any other one."""
    room = max(width - 1, 2)
    return sum(
        1 + int(max(0.0, sum(1 if sign.isascii() else 2 for sign in part) - 0.1) / room)
        for part in text.split("\n")
    )


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, *parts: Mapping[str, Any]) -> Any:
        wanted = {name: value for part in parts for name, value in part.items()}
        key = tuple(wanted.items())
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def cell(self, kind: Kind, standing: str, value: object = None) -> Any:
        """The format of a cell; a word in a column of figures stands in the middle."""
        word = {"align": "center", "text_wrap": True} if kind != "text" and isinstance(value, str) else {}
        return self(PLAIN, KINDS[kind], STANDING[standing], word)


class _Page:
    """One sheet on its way into the file."""

    def __init__(self, page: Any, formats: _Formats, sheet: Sheet) -> None:
        self.page, self.formats, self.sheet = page, formats, sheet
        self.levels = max(len(column.head) for column in sheet.columns)
        self.head = 1 + len(sheet.about)
        self.first = self.head + self.levels
        self.figures = Figures(sheet, self.first)

    def fill(self, foot: str) -> None:
        """Title, lines about it, head, body, total, notes, and how it is printed."""
        sheet = self.sheet
        self.across(0, sheet.title, self.formats(TITLE), 30)
        for at, text in enumerate(sheet.about, 1):
            self.across(at, text, self.formats(ABOUT), LINE)
        self.heads()
        for at, row in enumerate(sheet.rows):
            self.page.set_row(self.first + at, self.height(row))
            for place, column in enumerate(sheet.columns):
                own = row.kind if row.kind is not None and column.kind not in WORDS else column.kind
                self.cell(at, place, column, own, row.standing)
        if not sheet.rows:
            self.across(self.first, sheet.empty, self.formats(PLAIN, {"align": "center"}), 24)
        self.merge()
        line = self.first + body(sheet.rows)
        if sheet.total and sheet.rows:
            self.totals(line)
            line += 1
        for text in sheet.notes:
            self.across(line, text, self.formats(ABOUT, {"text_wrap": True}), self.lines(text) * LINE)
            line += 1
        self.print_setup(foot, line - 1, len(sheet.columns) - 1)

    def across(self, line: int, text: str, form: Any, height: float) -> None:
        """A line over the whole width."""
        last = len(self.sheet.columns) - 1
        self.page.set_row(line, height)
        if last:
            self.page.merge_range(line, 0, line, last, text, form)
        else:
            self.page.write_string(line, 0, text, form)

    def lines(self, text: str) -> int:
        """How many lines a text takes over the whole width."""
        return _lines(text, sum(column.width for column in self.sheet.columns))

    def height(self, row: Row) -> float:
        """Points for a row with everything that is written in it: not every reader works that out."""
        own = [column for column in self.sheet.columns if column.id not in self.sheet.merged]
        words = [(plain(row.cells.get(column.id)), column.width) for column in own]
        lines = [_lines(word, width) for word, width in words if isinstance(word, str)]
        return max(LOWEST, LINE * max(lines, default=1))

    def heads(self) -> None:
        """The head in its levels: neighbours of the same words are one cell, what ends early reaches down."""
        for place, column in enumerate(self.sheet.columns):
            self.page.set_column(place, place, column.width)
        heights: list[float] = [*[LOWEST] * (self.levels - 1), 2 * LINE]
        self.head_level(0, range(len(self.sheet.columns)), heights)
        for level, height in enumerate(heights):
            self.page.set_row(self.head + level, height)

    def head_level(self, level: int, places: Sequence[int], heights: list[float]) -> None:
        """The cells of one level over these columns, what stands under each, and the room that they need."""
        heads = [column.head for column in self.sheet.columns]
        for text, group in groupby(places, lambda at: heads[at][level]):
            found = list(group)
            longer = [at for at in found if len(heads[at]) > level + 1]
            down = 0 if longer else self.levels - level - 1
            self.block(self.head + level, found[0], down, len(found) - 1, text, self.formats(HEAD))
            wanted = LINE * _lines(text, sum(self.sheet.columns[at].width for at in found))
            lacking = wanted - sum(heights[level : level + down + 1])
            heights[level + down] += max(0, lacking)
            if longer:
                self.head_level(level + 1, longer, heights)

    def block(self, line: int, place: int, down: int, right: int, text: str, form: Any) -> None:
        """A cell, merged when it is more than one."""
        if down or right:
            self.page.merge_range(line, place, line + down, place + right, text, form)
        else:
            self.page.write_string(line, place, text, form)

    def cell(self, at: int, place: int, column: Column, kind: Kind, standing: str) -> None:
        """One cell of the body with its note."""
        line, formula = self.first + at, self.figures.formula(at, column)
        cell = self.figures.cell(at, column)
        if formula is not None:
            figure = self.figures.figure(at, column.id)
            form = self.formats.cell(kind, standing)
            self.page.write_formula(line, place, formula, form, "" if figure is None else figure)
            return
        value = plain(cell)
        form = self.formats.cell(kind, standing, value)
        self.write(line, place, value, form)
        if remark := note(cell):
            self.page.write_comment(line, place, shortened(remark), {"x_scale": 1.5})

    def write(self, line: int, place: int, value: object, form: Any) -> None:
        """A value as what it is: text that looks like a figure or a formula stays text."""
        match value:
            case None | "":
                self.page.write_blank(line, place, None, form)
            case str():
                self.page.write_string(line, place, shortened(value), form)
            case date() if value.year < FIRST_YEAR:
                self.page.write_string(line, place, value.isoformat(), form)
            case datetime():
                self.page.write_datetime(line, place, value, form)
            case date():
                self.page.write_datetime(line, place, datetime(value.year, value.month, value.day), form)
            case _:
                self.page.write_number(line, place, value, form)

    def merge(self) -> None:
        """Equal words below one another become one cell."""
        for id in self.sheet.merged:
            place = self.figures.place[id]
            kind = self.sheet.columns[place].kind
            words = [plain(row.cells.get(id)) for row in self.sheet.rows]
            for word, group in groupby(enumerate(words), lambda each: each[1]):
                found = [at for at, _ in group]
                if word is not None and len(found) > 1:
                    form = self.formats.cell(kind, "plain", word)
                    self.block(self.first + found[0], place, len(found) - 1, 0, str(word), form)

    def totals(self, line: int) -> None:
        """The last row."""
        self.page.set_row(line, LOWEST)
        for place, column in enumerate(self.sheet.columns):
            form = self.formats.cell(column.kind, "total")
            formula = self.figures.adding(column.id, 0, len(self.sheet.rows) - 1) if column.total else None
            if formula is not None:
                figure = self.figures.total(column)
                self.page.write_formula(line, place, formula, form, "" if figure is None else figure)
            elif place == 0:
                self.page.write_string(line, place, self.sheet.total, form)
            else:
                self.page.write_blank(line, place, None, form)

    def print_setup(self, foot: str, line: int, last: int) -> None:
        """Paper, margins, what repeats on every page, and what stays in view on the screen."""
        page, sheet = self.page, self.sheet
        page.set_paper(PAPERS[sheet.paper])
        if sheet.landscape:
            page.set_landscape()
        page.set_margins(**MARGINS)
        page.center_horizontally()
        page.fit_to_pages(1, 0)
        page.repeat_rows(self.head, self.first - 1)
        page.print_area(0, 0, line, last)
        page.freeze_panes(self.first, sheet.frozen)
        if foot:
            page.set_footer("&C" + foot.format(page="&P", pages="&N"))
