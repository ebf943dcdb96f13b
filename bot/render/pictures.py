"""Pictures: SVG with words in any script, and the same as PNG on a machine without a Chinese font."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape, quoteattr

import resvg_py

from bot.errors import HubangError

Anchor = Literal["start", "middle", "end"]

PNG: Final = "image/png"
"""The media type of what `png` draws."""
PACKAGE: Final = "justmytype_intl_cjk"
FONT: Final = ("fonts", "ofl", "notosanssc", "NotoSansSC[wght].ttf")
FAMILY: Final = "Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
"""A browser that has not got the first one takes the next; a PNG is always drawn with the first."""
DOTS: Final = "\u2026"
DASH: Final = "\u2014"
"""The one wide mark that is narrower than an ideograph."""
WIDEST: Final = 10_000
"""So many pixels may a picture be wide: a mistake in the width would otherwise take all memory."""

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WIDE: Final = frozenset("MWmw%@")
_NARROW: Final = frozenset(" !'(),-./:;I[\\]ijlfrt|{}`")
_WORD: Final = re.compile(r"[0-9A-Za-z]+(?:[.,:/_+-][0-9A-Za-z]+)*|.", re.DOTALL)
_EITHER_SIDE: Final = frozenset("\"'#&*/@\\")


class FontMissing(HubangError):
    """The font {font} of the package {package} is not installed: without it no Chinese can be drawn."""


class PictureInvalid(HubangError):
    """The picture cannot be drawn: {why}."""


@lru_cache(maxsize=1)
def font_file() -> str:
    """The path of the packaged font; it is looked for once. Raises FontMissing."""
    missing = FontMissing(font=FONT[-1], package=PACKAGE.replace("_", "-"))
    try:
        path = Path(str(files(PACKAGE).joinpath(*FONT)))
    except ModuleNotFoundError as error:
        raise missing from error
    if not path.is_file():
        raise missing
    return str(path)


def png(svg: str, *, width: int) -> bytes:
    """The picture as a PNG file `width` pixels wide, its height in proportion; same text, same bytes.

    Only the packaged font is used, whatever the machine has. Raises FontMissing, and PictureInvalid for a
    text that is no SVG or a width out of 1 to WIDEST.
    """
    if not 1 <= width <= WIDEST:
        raise PictureInvalid(why=f"{width} is no width in pixels")
    font = font_file()
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg, width=width, font_files=[font], skip_system_fonts=True, languages=["zh-Hans"]
        )
    except ValueError as error:
        raise PictureInvalid(why=str(error)) from error
    return bytes(drawn)


def text_width(text: str, size: float) -> float:
    """How wide the text is at most, in the units of `size`: an ideograph is as wide as it is high."""
    return size * sum(map(_ems, text))


@lru_cache(maxsize=4096)
def _ems(char: str) -> float:
    """The advance of one character in the packaged font at its boldest in use, rounded up."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    if char == DASH:
        return 0.92
    if unicodedata.east_asian_width(char) in ("W", "F", "A") or char in _WIDE:
        return 1.0
    if char in _NARROW:
        return 0.45
    return 0.6 if char.isdigit() or not char.isascii() else 0.65 if char.islower() else 0.78


def shortened(text: str, size: float, width: float) -> str:
    """The text, or as much of its beginning as fits, with dots behind."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + DOTS, size) > width:
        kept = kept[:-1]
    return kept.rstrip() + DOTS


def wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """The text in at most so many lines; what does not fit is left out, with dots."""
    lines = broken(text, size, width)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), size, width)]


def broken(text: str, size: float, width: float, *, indent: float = 0) -> list[str]:
    """The text in lines as Chinese is set: no mark that closes begins a line, none that opens ends one.

    A Latin word or a number stays whole. The first line is shorter by `indent`. No text gives no line.
    """
    lines: list[str] = []
    line, room = "", width - indent
    for piece in _pieces(" ".join(printable(text).split())):
        if line and text_width((line + piece).rstrip(), size) > room:
            lines.append(line.rstrip())
            line, room = "", width
            piece = piece.lstrip()
        while text_width(piece.rstrip(), size) > room and len(piece) > 1:  # one word longer than the line
            head = _fitting(piece, size, room)
            lines.append(head.rstrip())
            piece, room = piece[len(head) :].lstrip(), width
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _fitting(text: str, size: float, room: float) -> str:
    """As much of the text's beginning as fits, one character at least."""
    end = 1
    while end < len(text) and text_width(text[: end + 1], size) <= room:
        end += 1
    return text[:end]


def _pieces(text: str) -> Iterator[str]:
    """What must not be parted: a word, or a character with the marks that belong to it."""
    piece = ""
    for atom in _WORD.findall(text):
        dash = unicodedata.category(atom[0]) == "Pd" and piece.endswith(atom)
        if piece and not dash and not _closes(atom) and not _opens(piece[-1]):
            yield piece
            piece = ""
        piece += atom
    if piece:
        yield piece


def _opens(char: str) -> bool:
    return unicodedata.category(char) in ("Ps", "Pi")


def _closes(atom: str) -> bool:
    return unicodedata.category(atom[0]) in ("Pe", "Pf", "Po", "Zs") and atom not in _EITHER_SIDE


def printable(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)


@dataclass(slots=True)
class Canvas:
    """An SVG under way, `width` units wide on white; what is drawn later lies above."""

    width: float
    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        fill: str,
        weight: int = 400,
        anchor: Anchor = "start",
        halo: bool = False,
        stretch: float | None = None,
    ) -> None:
        """One line of words whose baseline is at `y`; `stretch` spreads its characters over a width."""
        if not words:
            return
        more = f' font-weight="{weight}"' if weight != 400 else ""
        more += f' text-anchor="{anchor}"' if anchor != "start" else ""
        more += ' stroke="#ffffff" stroke-width="6" stroke-linejoin="round" paint-order="stroke"' * halo
        more += f' textLength="{units(stretch)}"' if stretch is not None else ""
        place = f'x="{units(x)}" y="{units(y)}" font-size="{units(size)}" fill="{fill}"'
        self.parts.append(f"<text {place}{more}>{escape(printable(words))}</text>")

    def rect(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        """A filled rectangle."""
        size = f'width="{units(width)}" height="{units(height)}"'
        self.parts.append(f'<rect x="{units(x)}" y="{units(y)}" {size} fill="{fill}"/>')

    def line(self, points: Sequence[tuple[float, float]], colour: str, thick: float) -> None:
        """A line through the points."""
        way = " ".join(f"{units(x)},{units(y)}" for x, y in points)
        style = f'fill="none" stroke="{colour}" stroke-width="{units(thick)}" stroke-linejoin="round"'
        self.parts.append(f'<polyline points="{way}" {style}/>')

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """A filled polygon with a white edge."""
        corners = " ".join(f"{units(x)},{units(y)}" for x, y in points)
        self.parts.append(f'<polygon points="{corners}" fill="{fill}" stroke="#ffffff" stroke-width="2"/>')

    def svg(self, height: float, label: str) -> str:
        """The whole picture, `height` units high; `label` is what a screen reader says."""
        size = f"{units(self.width)} {units(height)}"
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{units(self.width)}" height="{units(height)}" '
            f'viewBox="0 0 {size}" role="img" aria-label={quoteattr(printable(label))} '
            f'font-family="{FAMILY}" style="max-width:100%;height:auto">'
        )
        paper = f'<rect width="{units(self.width)}" height="{units(height)}" fill="#ffffff"/>'
        return "\n".join((head, paper, *self.parts, "</svg>\n"))


def units(value: float) -> str:
    """A coordinate, to a hundredth; the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
