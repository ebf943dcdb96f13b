"""The words of a printed Word paper, paragraph by paragraph with their styles, for showing it elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from bot.render.narrative import Block

TITLE: Final = "title"
BODY: Final = "body"
GAP: Final = "\u2003"
_STYLES: Final = {
    **{f"H{level}": f"heading{level}" for level in (1, 2, 3, 4)},
    **dict.fromkeys(("DocTitle", "CoverTitle"), TITLE),
    **dict.fromkeys(("CoverYears", "CoverLabel", "CoverText"), "cover"),
    **dict.fromkeys(("Note", "AfterTable"), "note"),
    **dict.fromkeys(("Sign", "SignDay", "SignLead", "SignWho"), "signature"),
}
"""What the styles of our frames are called here, by their ids; any other one is plain text."""


def read(content: bytes) -> tuple[str, list[Block]]:
    """The title of a .docx file and its paragraphs in order; the row of a table is a paragraph."""
    paper = Document(io.BytesIO(content))
    blocks = [block for each in paper.iter_inner_content() for block in _blocks(each) if block.text.strip()]
    title = "\n".join(block.text for block in _leading(blocks))
    return title, blocks[len(list(_leading(blocks))) :]


def _leading(blocks: list[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.style != TITLE:
            return
        yield block


def _blocks(part: Paragraph | Table) -> Iterator[Block]:
    if isinstance(part, Paragraph):
        style = part.style.style_id if part.style is not None else ""
        for line in part.text.split("\n"):
            yield Block(_STYLES.get(style, BODY), line)
        return
    for row in part._tbl.tr_lst:
        # The elements themselves: a merged cell is one of them, whatever columns it reaches over.
        texts = [" ".join(filter(None, map(str.strip, _texts(cell)))) for cell in row.tc_lst]
        yield Block(BODY, GAP.join(filter(None, texts)))


def _texts(cell: Any) -> Iterator[str]:
    for paragraph in cell.xpath(".//w:p"):
        yield "".join(paragraph.xpath(".//w:t/text()"))
