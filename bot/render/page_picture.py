"""The first page of a paper as a picture, laid out as an official document is (GB/T 9704-2012)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from bot.render.pictures import Anchor, Canvas, broken, shortened, text_width

PIXELS: Final = 1240
"""A good width for the PNG: 150 dots per inch."""

# All lengths are tenths of a millimetre on A4.
WIDTH: Final = 2100
HEIGHT: Final = 2970
TOP: Final = 370
LEFT: Final = 280
RIGHT: Final = 260
BOTTOM: Final = 350
CHARACTERS: Final = 28
LINES: Final = 22
ROOM: Final = WIDTH - LEFT - RIGHT
EM: Final = ROOM / CHARACTERS
"""No. 3 size, 16 pt: 28 characters fill the line (5.2.3)."""
PITCH: Final = (HEIGHT - TOP - BOTTOM) / LINES
POINT: Final = 254 / 72
SMALL: Final = 14 * POINT
NUMBER: Final = "\u2014 1 \u2014"
INK: Final = "#111111"
GREY: Final = "#666666"


@dataclass(frozen=True, slots=True)
class _Style:
    """How a paragraph is set; `indent` and `margin` (kept free at the right) are in characters."""

    size: float = EM
    weight: int = 400
    indent: int = 2
    anchor: Anchor = "start"
    margin: int = 0
    stays: bool = False
    """Whether it must not be the last on the page when more follows."""


BODY: Final = _Style()
STYLES: Final[Mapping[str, _Style]] = MappingProxyType(
    {
        "title": _Style(size=22 * POINT, weight=700, indent=0, anchor="middle", stays=True),
        "cover": _Style(weight=500, indent=0, anchor="middle"),
        "heading1": _Style(weight=700, stays=True),
        "heading2": _Style(weight=500, stays=True),
        "heading3": _Style(weight=600, stays=True),
        "heading4": _Style(stays=True),
        "note": _Style(size=SMALL),
        "signature": _Style(indent=0, anchor="end", margin=2),
    }
)


class Block(Protocol):
    """A paragraph of the paper: its style is a key of STYLES, any other is set as body."""

    @property
    def style(self) -> str:
        """What the paragraph is."""

    @property
    def text(self) -> str:
        """Its words; a line break begins a new paragraph, no words leave a line free."""


@dataclass(frozen=True, slots=True)
class _Line:
    words: str
    style: _Style
    indent: float = 0
    full: bool = False
    """Whether the paragraph goes on: such a line reaches the right margin."""


def first_page(title: str, blocks: Sequence[Block], *, footer: str) -> str:
    """The first page as SVG, A4 in tenths of a millimetre: the title and as much of the blocks as fits.

    `footer` stands at the left of the page number, for example where the whole paper is found. A first block
    that repeats the title is left out; an empty title leaves no room. Same words, same text.
    """
    canvas = Canvas(WIDTH)
    for place, line in enumerate(_fitting(list(_lines(title, blocks)))):
        if line.words:
            _draw(canvas, line, TOP + (place + 0.5) * PITCH)
    below = HEIGHT - BOTTOM + 70 + SMALL * 0.86
    number = text_width(NUMBER, SMALL)
    canvas.text(WIDTH - RIGHT - EM, below, NUMBER, SMALL, fill=INK, anchor="end")
    note = shortened(" ".join(footer.split()), SMALL, ROOM - 3 * EM - number)
    if note:
        canvas.text(LEFT, below, note, SMALL, fill=GREY)
    return canvas.svg(HEIGHT, title or next((block.text for block in blocks), ""))


def _lines(title: str, blocks: Sequence[Block]) -> Iterator[_Line]:
    """The lines of the whole paper; below the title a line is free (7.3.2)."""
    if title.strip():
        for part in title.splitlines():
            yield from _paragraph(part, STYLES["title"])
        yield _Line("", STYLES["title"])
        if blocks and blocks[0].style == "title" and blocks[0].text.split() == title.split():
            blocks = blocks[1:]
    for block in blocks:
        style = STYLES.get(block.style, BODY)
        for paragraph in block.text.splitlines() or [""]:
            yield from _paragraph(paragraph, style)


def _paragraph(text: str, style: _Style) -> Iterator[_Line]:
    """The lines of one paragraph; the first of them is indented."""
    room, indent = ROOM - style.margin * EM, style.indent * style.size
    lines = broken(text, style.size, room, indent=indent) or [""]
    for index, words in enumerate(lines):
        yield _Line(words, style, indent if index == 0 else 0, index < len(lines) - 1)


def _fitting(lines: Sequence[_Line]) -> Sequence[_Line]:
    """The lines of the first page; a heading at its end moves to the next one with what it heads."""
    kept = list(lines[:LINES])
    if len(lines) > LINES:
        end = len(kept)
        while end and kept[end - 1].style.stays:
            end -= 1
        kept = kept[:end] or kept
    return kept


def _draw(canvas: Canvas, line: _Line, middle: float) -> None:
    style, room = line.style, ROOM - line.indent
    x = {
        "start": LEFT + line.indent,
        "middle": LEFT + ROOM / 2,
        "end": WIDTH - RIGHT - style.margin * EM,
    }[style.anchor]
    slack = room - text_width(line.words, style.size)
    stretch = room if line.full and style.anchor == "start" and slack <= 3 * style.size else None
    canvas.text(
        x,
        middle + style.size * 0.36,
        line.words,
        style.size,
        fill=INK,
        weight=style.weight,
        anchor=style.anchor,
        stretch=stretch,
    )
