"""Signatures on a plan paper: at each line who signed and on which day, and the name as it was drawn."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Final

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_LINE_SPACING
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.image.image import Image
from docx.shared import Cm
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from bot.errors import HubangError
from bot.render.narrative_words import shipped

HEIGHT: Final = Cm(0.9)
"""So high a drawn name stands in its line."""
SIGNED_AT: Final = 1
DATED_AT: Final = 2
"""The cells of a row in which one signs and dates, counted from 0, where the row has them."""


class LineMissing(HubangError):
    """The paper has no line where {line} could sign."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A signature as it is printed at its `line`; `picture` is a PNG of the drawn name.

    `box` are the words behind the box that is ticked with it, where the paper has one that is still empty.
    """

    line: str
    name: str
    day: str
    picture: bytes | None = None
    box: str = ""


def signed(content: bytes, marks: Sequence[Mark], on: date) -> bytes:
    """The .docx file with these signatures, the same for the same marks; LineMissing for no such line."""
    if not marks:
        return content
    paper = Document(io.BytesIO(content))
    cells = dict(_lines(paper))
    for mark in marks:
        if mark.line not in cells:
            raise LineMissing(line=mark.line)
        _put(cells[mark.line], mark)
        if mark.box:
            _tick(paper, mark.box)
    loose = io.BytesIO()
    paper.save(loose)
    return _packed(loose, on)


def lines(content: bytes) -> frozenset[str]:
    """Where one could sign on a .docx file."""
    return frozenset(line for line, _ in _lines(Document(io.BytesIO(content))))


def drawable(picture: bytes) -> bool:
    """Whether a picture can be put into a paper."""
    try:
        image = Image.from_blob(picture)
    except (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError):
        return False
    return bool(image.px_width and image.px_height)


def _lines(paper: Paper) -> Iterator[tuple[str, Sequence[_Cell]]]:
    """What each cell says, with the cells of its row from there on."""
    for table in paper.tables:
        for row in table.rows:
            for at, cell in enumerate(row.cells):
                if text := cell.text.strip():
                    yield text, row.cells[at:]


def _tick(paper: Paper, box: str) -> None:
    words = shipped()
    for run in (run for paragraph in paper.paragraphs for run in paragraph.runs):
        if words.box + box in run.text:
            run.text = run.text.replace(words.box + box, words.ticked + box)


def _put(cells: Sequence[_Cell], mark: Mark) -> None:
    """In a row of cells for name and day, or behind the words of the line."""
    if len(cells) > DATED_AT:
        name, day = cells[SIGNED_AT].paragraphs[0], cells[DATED_AT].paragraphs[0]
        _name(name, mark)
        for run in day.runs[1:]:
            run.text = ""
        _run(day, day.runs[0] if day.runs else None).text = mark.day
        return
    paragraph = cells[0].paragraphs[-1]
    _name(paragraph, mark)
    day = _run(paragraph)
    day.add_break()
    day.add_text(mark.day)


def _name(paragraph: Paragraph, mark: Mark) -> None:
    run = _run(paragraph)
    if mark.picture is None:
        run.text = mark.name
    else:
        run.add_picture(io.BytesIO(mark.picture), height=HEIGHT)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE  # a fixed line would cut it off


def _run(paragraph: Paragraph, run: Run | None = None) -> Run:
    """A run that looks like the first one of the paragraph."""
    if run is not None:
        return run
    first = paragraph.runs[0] if paragraph.runs else None
    new = paragraph.add_run()
    if first is not None and first._r.rPr is not None:
        new._r.insert(0, deepcopy(first._r.rPr))
    return new


def _packed(loose: io.BytesIO, day: date) -> bytes:
    """The file without a trace of the clock."""
    packed = io.BytesIO()
    with zipfile.ZipFile(loose) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            target.writestr(entry, source.read(name))
    return packed.getvalue()
