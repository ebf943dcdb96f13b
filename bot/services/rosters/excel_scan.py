"""A workbook before it is read: how large it unpacks, how far its cells reach, and what its values hide.

Whoever reads a workbook for its values sees none of it: a small file may unpack to any size, one far cell
makes the table enormous, a formula shows the value that somebody's program once worked out, an error shows as
nothing, and of cells that were merged only the first has what all of them seem to say.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final
from xml.etree import ElementTree

from bot.errors import HubangError

UNPACKED: Final = 1 << 30
"""Bytes that all parts of a workbook may have together when unpacked."""
SMALL_PART: Final = 4 << 20
"""Bytes of the list of sheets: no honest one is longer."""
FORMULAS: Final = 1000
"""So many formulas of a sheet are told one by one, and so many errors and merged cells."""
WIDTH: Final = 26
"""Columns that are read, A to Z."""
_BLOCK: Final = 1 << 20
_OVERLAP: Final = 512
_RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_FORMULA: Final = re.compile(
    rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>]*>\s*<(?:\w+:)?f[\s>/]'
)
_ANY_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR: Final = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\bt="e"[^<>]*>')
_PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_MERGED: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([A-Z]{1,3})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"'
)
_FAR: Final = re.compile(
    rb'\br="(?:[A-Z]{2,3}([0-9]{1,7})"(?:[^<>]*[^/<>])?>\s*<(?!/)|[A-Z]{0,3}(1[0-9]{6,})")'
)


class Unpackable(HubangError):
    """The workbook cannot be opened: {why}."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found in a sheet: formulas as (column, row), how many, and the row of a cell too far away.

    `errors` are cells such as #N/A as (column, row), `merged` are (column, first row, last row).
    """

    formulas: tuple[tuple[str, int], ...]
    count: int
    far: int | None
    errors: tuple[tuple[str, int], ...] = ()
    merged: tuple[tuple[str, int, int], ...] = ()


def scan(file: IO[bytes]) -> dict[str, Scan]:
    """Every sheet by its name. Unpackable with why = damaged, locked or too_large."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = {each.filename: each for each in archive.infolist()}
            sheets = {part: name for name, part in _sheets(archive, parts)}
            found: dict[str, Scan] = {}
            left = UNPACKED
            for part, info in parts.items():
                pieces = _Pieces(archive, info, left)
                if part in sheets:
                    found[sheets[part]] = _scanned(iter(pieces))
                else:
                    for _ in pieces:
                        pass
                left -= pieces.size
            return found
    except zipfile.BadZipFile as error:
        file.seek(0)
        # Office keeps an encrypted workbook in an OLE container.
        locked = file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        raise Unpackable(why="locked" if locked else "damaged") from error
    except (KeyError, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unpackable(why="damaged") from error
    except ElementTree.ParseError as error:
        raise Unpackable(why="damaged") from error


class _Pieces:
    """The unpacked bytes of a part, as far as they go and not as far as its entry says they do."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> None:
        self._archive, self._info, self._left, self.size = archive, info, left, 0

    def __iter__(self) -> Iterator[bytes]:
        # The reader stops where the entry says that the part ends; a crafted one says too little.
        self._info.file_size = UNPACKED + 1
        with self._archive.open(self._info) as part:
            while piece := part.read(_BLOCK):
                self.size += len(piece)
                if self.size > self._left:
                    raise Unpackable(why="too_large")
                yield piece


def _sheets(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """Names of the sheets with the parts in which they stand."""
    book = "xl/workbook.xml"
    targets = {
        each.attrib["Id"]: each.attrib["Target"]
        for each in _tree(archive, parts["xl/_rels/workbook.xml.rels"])
    }
    for each in _tree(archive, parts[book]).iter():
        if each.tag.rpartition("}")[2] != "sheet":
            continue
        target = targets.get(each.attrib.get(_RELATIONSHIP) or each.attrib.get(_STRICT, ""), "")
        yield each.attrib["name"], posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _tree(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> ElementTree.Element:
    return ElementTree.fromstring(b"".join(_Pieces(archive, info, SMALL_PART)))


def _scanned(pieces: Iterator[bytes]) -> Scan:
    formulas: list[tuple[str, int]] = []
    errors: list[tuple[str, int]] = []
    merged: list[tuple[str, int, int]] = []
    count, far, rest = 0, None, b""
    for piece in pieces:
        data = rest + piece
        if b"f>" in data or b"<f " in data or b"f/>" in data or b":f " in data:
            # Some programs do not say in which cell they are: such formulas are counted all the same.
            count += sum(match.end() > len(rest) for match in _ANY_FORMULA.finditer(data))
            for match in _FORMULA.finditer(data):
                if match.end() > len(rest) and len(formulas) < FORMULAS:
                    formulas.append((match[1].decode(), int(match[2])))
        if b't="e"' in data and len(errors) < FORMULAS:
            cells = [_PLACE.search(match[0]) for match in _ERROR.finditer(data) if match.end() > len(rest)]
            errors += [("", 0) if cell is None else (cell[1].decode(), int(cell[2])) for cell in cells]
        if b"mergeCell" in data and len(merged) < FORMULAS:
            areas = [match for match in _MERGED.finditer(data) if match.end() > len(rest)]
            merged += [(area[1].decode(), int(area[2]), int(area[3])) for area in areas]
        if far is None and (found := _FAR.search(data)) is not None:
            far = int(found[1] or found[2])
        rest = data[-_OVERLAP:]
    return Scan(tuple(formulas), count, far, tuple(errors), tuple(merged))
