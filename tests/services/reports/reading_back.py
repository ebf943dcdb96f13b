"""A written workbook read by itself: what every cell shows, and what its formula comes to.

Nothing of the writer is used here: the parts of the file are read as XML, and formulas by a little grammar
of figures, references, IF, COUNT, SUM, SUBTOTAL, OR, N, comparisons and the four operations. What a
spreadsheet would call an error raises `Broken`.
"""

from __future__ import annotations

import io
import operator
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

from lxml import etree

MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
TOKEN: Final = re.compile(
    r"\s*(?:(?P<name>[A-Z]+)(?=\()|(?P<ref>\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)"
    r'|(?P<number>\d+(?:\.\d+)?)|(?P<text>"[^"]*")|(?P<sign><=|>=|<>|[-+*/=<>(),]))'
)
PLACE: Final = re.compile(r"\$?([A-Z]+)\$?(\d+)")
Place: TypeAlias = tuple[int, int]
"""Line and column of a cell, from 0."""
Value: TypeAlias = int | float | str | bool | None


class Broken(Exception):
    """A formula that no spreadsheet could work out."""


@dataclass(frozen=True, slots=True)
class Area:
    """The cells that a reference names."""

    cells: tuple[Place, ...]


@dataclass
class Page:
    """A sheet: what its cells show, and the formulas behind some of them."""

    name: str
    shown: dict[Place, Value] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _found: dict[Place, Value] = field(default_factory=dict)

    def comes_to(self, at: Place) -> Value:
        """What a cell comes to when everything in it is worked out anew."""
        if at not in self.formulas:
            return self.shown.get(at)
        if at not in self._found:
            self._found[at] = _Reader(self, self.formulas[at]).read()
        return self._found[at]

    def words(self) -> Iterator[str]:
        """Every text that a cell shows."""
        return (value for value in self.shown.values() if isinstance(value, str))


class Back:
    """A workbook that was written."""

    def __init__(self, data: bytes) -> None:
        """Read its pages; formulas are worked out when somebody asks."""
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            self.parts: Final = {name: file.read(name) for name in file.namelist()}
        shared = self.parts.get("xl/sharedStrings.xml")
        texts = [] if shared is None else [_text(each) for each in etree.fromstring(shared)]
        related = {
            each.get("Id"): each.get("Target")
            for each in etree.fromstring(self.parts["xl/_rels/workbook.xml.rels"])
        }
        book = etree.fromstring(self.parts["xl/workbook.xml"])
        self.pages: Final[dict[str, Page]] = {}
        for sheet in book.iter(f"{MAIN}sheet"):
            part = self.parts[f"xl/{related[sheet.get(RELATED)]}"]
            self.pages[sheet.get("name")] = _page(sheet.get("name"), part, texts)

    @cached_property
    def notes(self) -> list[str]:
        """The notes on cells."""
        parts = (part for name, part in self.parts.items() if name.startswith("xl/comments"))
        return [_text(each) for part in parts for each in etree.fromstring(part).iter(f"{MAIN}comment")]

    @cached_property
    def everything(self) -> str:
        """The file in one text: cells, notes, names of sheets, properties and whatever else it holds."""
        return "\n".join(part.decode() for part in self.parts.values())

    def words(self) -> Iterator[str]:
        """Every text that somebody reads: names of sheets, cells, notes."""
        yield from self.pages
        yield from self.notes
        for page in self.pages.values():
            yield from page.words()


def _text(element: Any) -> str:
    return "".join(each.text or "" for each in element.iter(f"{MAIN}t"))


def _page(name: str, part: bytes, texts: Sequence[str]) -> Page:
    page = Page(name)
    for cell in etree.fromstring(part).iter(f"{MAIN}c"):
        at = place_of(cell.get("r"))
        formula, value = cell.find(f"{MAIN}f"), cell.findtext(f"{MAIN}v")
        if formula is not None:
            page.formulas[at] = formula.text
        match cell.get("t", "n"):
            case "e":
                page.errors.append(f"{cell.get('r')}: {value}")
            case "s":
                page.shown[at] = texts[int(value)]
            case "str":
                page.shown[at] = value or ""
            case "n" if formula is not None and not value:
                page.shown[at] = ""
            case "b":
                page.shown[at] = value == "1"
            case "n" if value:
                page.shown[at] = float(value) if re.search(r"[.eE]", value) else int(value)
    return page


def place_of(reference: str) -> Place:
    """Line and column of "B7"."""
    found = PLACE.fullmatch(reference)
    assert found, reference
    column = 0
    for sign in found[1]:
        column = column * 26 + ord(sign) - ord("A") + 1
    return int(found[2]) - 1, column - 1


class _Reader:
    """One formula, read and worked out from left to right."""

    def __init__(self, page: Page, formula: str) -> None:
        self.page, self.formula = page, formula
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(formula):
            found = TOKEN.match(formula, at)
            if found is None:
                raise Broken(f"{formula}: cannot read {formula[at:]!r}")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.next = 0

    def read(self) -> Value:
        value = self.compared()
        if self.next != len(self.tokens):
            raise Broken(f"{self.formula}: something stands behind its end")
        return self.one(value)

    def peek(self) -> str:
        return self.tokens[self.next][1] if self.next < len(self.tokens) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if self.next == len(self.tokens) or (wanted and self.peek() != wanted):
            raise Broken(f"{self.formula}: {wanted or 'more'} is missing")
        self.next += 1
        return self.tokens[self.next - 1]

    def compared(self) -> Any:
        left = self.sum()
        while self.peek() in COMPARING:
            left = self.worked_out(self.take()[1], left, self.sum())
        return left

    def sum(self) -> Any:
        left = self.product()
        while self.peek() in ("+", "-"):
            left = self.worked_out(self.take()[1], left, self.product())
        return left

    def product(self) -> Any:
        left = self.single()
        while self.peek() in ("*", "/"):
            left = self.worked_out(self.take()[1], left, self.single())
        return left

    def worked_out(self, sign: str, left: Any, right: Any) -> Any:
        """What a sign makes of two figures; an error is a value too, which an IF may pass over."""
        try:
            return SIGNS[sign](self.figure(left), self.figure(right))
        except (Broken, ZeroDivisionError) as error:
            return Broken(f"{self.formula}: {error}")

    def single(self) -> Any:
        kind, word = self.take()
        match kind:
            case "number":
                return float(word) if "." in word else int(word)
            case "text":
                return word[1:-1]
            case "ref":
                return _area(word)
            case "name":
                return self.call(word)
        if word == "-":
            return -self.figure(self.single())
        if word != "(":
            raise Broken(f"{self.formula}: {word} stands at the wrong place")
        inside = self.compared()
        self.take(")")
        return inside

    def call(self, name: str) -> Any:
        self.take("(")
        given = [self.compared()]
        while self.peek() == ",":
            self.take()
            given.append(self.compared())
        self.take(")")
        match name, given:
            case "IF", [when, then, otherwise]:
                return then if self.figure(when) else otherwise
            case "OR", _:
                return any(self.figure(each) for each in given)
            case "COUNT", _:
                return len(self.figures(given))
            case "SUM", _:
                return sum(self.figures(given))
            case "SUBTOTAL", [9, *areas]:
                return sum(self.figures(areas, nested=False))
            case "N", [each]:
                value = self.one(each)
                return value if isinstance(value, int | float) else 0
        raise Broken(f"{self.formula}: nobody knows {name} of {len(given)}")

    def figures(self, given: Sequence[Any], *, nested: bool = True) -> list[int | float]:
        """The figures among cells and values; words and empty cells are none."""
        found: list[Value] = []
        for each in given:
            if not isinstance(each, Area):
                found.append(self.one(each))
                continue
            own = (at for at in each.cells if nested or "SUBTOTAL(" not in self.page.formulas.get(at, ""))
            found += [self.page.comes_to(at) for at in own]
        return [value for value in found if isinstance(value, int | float) and not isinstance(value, bool)]

    def one(self, value: Any) -> Value:
        """The value of a single cell, or the value itself; an error only matters once it is looked at."""
        if isinstance(value, Broken):
            raise value
        if not isinstance(value, Area):
            return value  # type: ignore[no-any-return]
        if len(value.cells) != 1:
            raise Broken(f"{self.formula}: one cell is needed")
        return self.page.comes_to(value.cells[0])

    def figure(self, value: Any) -> int | float:
        found = self.one(value)
        if isinstance(found, str):
            raise Broken(f"{self.formula}: {found!r} is no figure")
        return found or 0


SIGNS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le,
    ">=": operator.ge, "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
COMPARING: Final = ("=", "<>", "<", ">", "<=", ">=")


def _area(reference: str) -> Area:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = place_of(first), place_of(last or first)
    lines, places = range(top, bottom + 1), range(left, right + 1)
    return Area(tuple((line, place) for line in lines for place in places))
