"""The blank paper of a form as a .docx, for villages without a signal: A4, in the official order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from docx import Document
from docx.document import Document as Paper
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from bot.dialogs.form import Form
from bot.render.blank_lines import BlankForm, Block, Column, Grid, Line, Pairs, blank_form
from bot.render.messages import Messages

EMPTY_ROWS: Final = 5
"""So many empty rows has a table; a larger family takes another sheet."""
MOST_COLUMNS: Final = 7
"""A table with more columns goes on below, with the name once more."""
WIDTH: Final = Mm(170)
PLACES: Final = 6
"""A printed number that takes more room is set smaller."""
EXPLAINED: Final = Mm(22)
MARGIN: Final = Mm(2)
GAP: Final = "\u2003"
GREY: Final = RGBColor(0x80, 0x80, 0x80)
DATED: Final = (1980, 1, 1, 0, 0, 0)
"""A blank form bears no day; the zip format asks for one."""


@dataclass(frozen=True, slots=True)
class Face:
    """How a run looks; `font` is its East Asian font."""

    font: str
    size: float
    bold: bool = False
    grey: bool = False


TITLE: Final = Face("FZXiaoBiaoSong-B05S", 20)
HEADING: Final = Face("SimHei", 13)
BODY: Final = Face("FangSong", 11.5)
STRONG: Final = Face("FangSong", 11.5, bold=True)
COLUMN: Final = Face("FangSong", 9, bold=True)
NOTE: Final = Face("KaiTi", 10.5)
CODE: Final = Face("FangSong", 9, grey=True)
HEAD: Final = Face("SimHei", 9)
LATIN: Final = "Times New Roman"


def render_blank(form: Form, messages: Messages) -> bytes:
    """The blank form as a .docx file; the same form gives the same bytes."""
    view = blank_form(form, messages)
    paper: Paper = Document()
    _page(paper, messages)
    paper.core_properties.title, paper.core_properties.author = view.title, ""
    title = paper.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spaced(title, after=4)
    _write(title, view.title, TITLE)
    for text in filter(None, (view.source, view.how)):
        _write(_spaced(paper.add_paragraph(), after=3), text, NOTE)
    number = _number_width(view)
    for part in view.parts:
        heading = _spaced(paper.add_paragraph(), before=8, after=3)
        heading.paragraph_format.keep_with_next = True
        _write(heading, part.title, HEADING)
        for block in part.blocks:
            _block(paper, block, number)
    # A file ends with a paragraph: a small one does not begin a page of its own.
    _spaced(paper.add_paragraph()).paragraph_format.line_spacing = Pt(1)
    return _packed(paper)


# --------------------------------------------------------------------------------------------- blocks


def _places(number: str) -> int:
    """How much room a printed number takes; Chinese signs take two places."""
    return sum(1 + (not sign.isascii()) for sign in number)


def _number_width(view: BlankForm) -> Length:
    """Room for the longest printed number of the form."""
    lines = [block for part in view.parts for block in part.blocks if isinstance(block, Line)]
    return Mm(max(15, *(3 + 1.8 * _places(line.number) for line in lines)))


def _block(paper: Paper, block: Block, number: Length) -> None:
    match block:
        case Line():
            _line(paper.add_paragraph(), block, MARGIN if block.flush else number)
        case Pairs(lines):
            _pairs(paper, lines)
        case Grid():
            _grid(paper, block)


def _line(
    paragraph: Paragraph, line: Line, indent: Length, width: Length = WIDTH, face: Face = STRONG
) -> None:
    """Number, label, blank or options, remarks, and in grey what to type where the number says too little."""
    form = _spaced(paragraph, after=3).paragraph_format
    form.left_indent, form.first_line_indent = indent, Length(-indent)
    form.tab_stops.add_tab_stop(indent)
    _write(paragraph, line.number, face if _places(line.number) <= PLACES else COLUMN)
    _write(paragraph, "\t" + line.label, BODY)
    if line.wide:
        # The rule reaches the margin, whatever stands before it.
        form.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.LINES)
    elif line.blank:
        _write(paragraph, line.blank, BODY)
    _write(paragraph, line.after + line.unit, BODY)
    for option in line.options:
        _write(paragraph, GAP, BODY)
        _write(paragraph, option.replace(" ", "\u00a0"), BODY)
    _write(paragraph, line.notes, NOTE)
    if line.code:
        _write(paragraph, f" {line.code}", CODE)
    if line.wide:
        _write(paragraph, "\t", BODY)


def _pairs(paper: Paper, lines: Sequence[Line]) -> None:
    """Short blanks side by side, in a table without rules."""
    table = paper.add_table(rows=(len(lines) + 1) // 2, cols=2)
    table.autofit = False
    half = Length(WIDTH // 2)
    for place, line in enumerate(lines):
        cell = table.cell(place // 2, place % 2)
        cell.width = half
        _line(cell.paragraphs[0], line, MARGIN, half)


def _grid(paper: Paper, grid: Grid) -> None:
    """A roster: its title, the explanations, and the table with empty rows, in as many parts as it takes."""
    title = _spaced(paper.add_paragraph(), before=2, after=2)
    title.paragraph_format.keep_with_next = True
    _write(title, grid.title, STRONG)
    for line in grid.legend:
        _line(paper.add_paragraph(), line, EXPLAINED, face=COLUMN)
    for columns in _tables(grid):
        table = paper.add_table(rows=1 + EMPTY_ROWS, cols=1 + len(columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        _head(table, grid.row, columns)
        for number, row in enumerate(table.rows[1:], 1):
            row.height = Mm(9)
            _centred(row.cells[0], str(number), BODY)
        _kept_together(table)
        _spaced(paper.add_paragraph(), after=0)


def _tables(grid: Grid) -> Iterator[tuple[Column, ...]]:
    """The columns of each part of a table, the name leading every part."""
    columns = list(grid.columns)
    title = None if grid.title_column is None else columns[grid.title_column]
    yield tuple(columns[:MOST_COLUMNS])
    rest = columns[MOST_COLUMNS:]
    room = MOST_COLUMNS - (title is not None)
    for place in range(0, len(rest), room):
        yield (*([] if title is None else [title]), *rest[place : place + room])


def _head(table: Table, row: str, columns: Sequence[Column]) -> None:
    narrow = Mm(10)
    unit = (WIDTH - narrow) // sum(column.width for column in columns)
    widths = [narrow, *(Length(unit * column.width) for column in columns)]
    for cell, text in zip(table.rows[0].cells, [row, *(column.head for column in columns)], strict=True):
        _centred(cell, text, HEAD)
    # Word goes by the cells, its like by the columns.
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for line in table.rows:
        for cell, width in zip(line.cells, widths, strict=True):
            cell.width = width
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _kept_together(table: Table) -> None:
    """A table that fits a page is not torn over two."""
    for row in table.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


# ----------------------------------------------------------------------------------------------- signs


def _page(paper: Paper, messages: Messages) -> None:
    """A4 with margins to file it by, and page numbers at the foot."""
    section = paper.sections[0]
    plain = paper.styles["Normal"]
    plain.font.size, plain.paragraph_format.space_after = Pt(BODY.size), Pt(0)
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    text = messages.say("paper.page", page="\x00", pages="\x01")
    for piece in text.replace("\x00", "\n\x00\n").replace("\x01", "\n\x01\n").split("\n"):
        match piece:
            case "\x00":
                _field(foot, "PAGE")
            case "\x01":
                _field(foot, "NUMPAGES")
            case _:
                _write(foot, piece, NOTE)


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word and its like work out when they lay the page out."""
    run = _write(paragraph, "1", NOTE)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run._r.addprevious(field)
    field.append(run._r)


def _write(paragraph: Paragraph, text: str, face: Face) -> Run:
    """Add a run with its fonts written out: the East Asian one too, which no style may be trusted with."""
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.bold = LATIN, Pt(face.size), face.bold
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), face.font)
    fonts.set(qn("w:hint"), "eastAsia")  # circled numbers and boxes are drawn in the same font
    if face.grey:
        run.font.color.rgb = GREY
    return run


def _spaced(paragraph: Paragraph, before: float = 0, after: float = 0) -> Paragraph:
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.15
    return paragraph


def _centred(cell: _Cell, text: str, face: Face) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = _spaced(cell.paragraphs[0])
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, text, face)


def _packed(paper: Paper) -> bytes:
    """The file without a trace of the clock."""
    loose, packed = io.BytesIO(), io.BytesIO()
    paper.save(loose)
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, DATED)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            target.writestr(entry, source.read(name))
    return packed.getvalue()
