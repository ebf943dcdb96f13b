"""The first page of a paper as a picture: A4 in the layout of GB/T 9704, without an office suite.

It shows what stands where, for a quick look on a phone; the Word file is the paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.render.pictures import Canvas, broken

MM: Final = 1240 / 210
"""Units to a millimetre: a sheet of A4 at 150 to the inch."""
LEFT: Final = 28 * MM
TOP: Final = 37 * MM
RIGHT: Final = 26 * MM
BOTTOM: Final = 35 * MM
WIDTH: Final = 210 * MM
HEIGHT: Final = 297 * MM
ROOM: Final = WIDTH - LEFT - RIGHT
LINES: Final = 22
PITCH: Final = (HEIGHT - TOP - BOTTOM) / LINES
SIZE: Final = ROOM / 28
"""28 characters to a line."""
INK: Final = "#111111"
INDENTED: Final = frozenset({"body", "heading1", "heading2", "heading3", "heading4"})
WEIGHTS: Final = {"title": 700, "heading1": 700, "heading2": 500}
SIZES: Final = {"title": SIZE * 22 / 16, "note": SIZE * 14 / 16}


class BlockLike(Protocol):
    """A paragraph and the style that it is set in."""

    @property
    def style(self) -> str:
        """Its style: title, heading1 to heading4, body, cover, note, signature; any other is as body."""

    @property
    def text(self) -> str:
        """Its words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its words, style, how far in it begins, and whether it is the last of its paragraph."""

    text: str
    style: str
    indent: float = 0


def first_page(title: str, blocks: Sequence[BlockLike], *, footer: str) -> str:
    """The page as SVG: title and as many lines as it has room for, with its number at the outer side."""
    canvas = Canvas(WIDTH)
    y = TOP
    for line in _within(_lines(title, blocks)):
        size = SIZES.get(line.style, SIZE)
        y += PITCH
        middle = line.style == "title"
        canvas.text(
            WIDTH / 2 if middle else LEFT + line.indent,
            y - PITCH * 0.3,
            line.text,
            size,
            fill=INK,
            weight=WEIGHTS.get(line.style, 400),
            anchor="middle" if middle else "start",
        )
    # Of an odd page the outer side is the right one; one character's room stays free there.
    canvas.text(WIDTH - RIGHT - SIZE, HEIGHT - BOTTOM + PITCH, footer, SIZE * 14 / 16, fill=INK, anchor="end")
    return canvas.svg(HEIGHT, title)


def _lines(title: str, blocks: Sequence[BlockLike]) -> Iterator[Line]:
    for text in broken(title, SIZES["title"], ROOM):
        yield Line(text, "title")
    if title:
        yield Line("", "body")
    for block in blocks:
        size = SIZES.get(block.style, SIZE)
        indent = 2 * size if block.style in INDENTED else 0.0
        for at, text in enumerate(broken(block.text, size, ROOM, indent=indent)):
            yield Line(text, block.style, 0.0 if at else indent)


def _within(lines: Iterator[Line]) -> list[Line]:
    """The lines that fit the page; a heading with nothing under it goes over to the next one."""
    page = [line for _, line in zip(range(LINES), lines, strict=False)]
    if next(lines, None) is not None:
        while page and page[-1].style.startswith("heading"):
            page.pop()
    return page
