"""A real office program for the tests: papers turned to pages, and their words read back with places."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

PATIENCE: Final = 300
WORD: Final = "{http://www.w3.org/1999/xhtml}word"
PAGE: Final = "{http://www.w3.org/1999/xhtml}page"
SAME_LINE: Final = 10.0
"""Words whose middles are no further apart (in points) stand in one line."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page; places in points from the upper left corner."""

    text: str
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a printed file, and its words in reading order."""

    width: float
    height: float
    words: tuple[Word, ...]

    def above(self, place: float) -> Page:
        """What stands above a place, the foot of the page left out."""
        return Page(self.width, self.height, tuple(word for word in self.words if word.top < place))

    def below(self, place: float) -> Page:
        """What stands below a place."""
        return Page(self.width, self.height, tuple(word for word in self.words if word.top >= place))

    @property
    def text(self) -> str:
        """All words without any space."""
        return squeezed("".join(word.text for word in self.words))

    @property
    def lines(self) -> list[str]:
        """The words of each line, without spaces, from the top."""
        found: list[tuple[float, list[Word]]] = []
        for word in sorted(self.words, key=lambda word: word.top + word.bottom):
            middle = (word.top + word.bottom) / 2
            if not found or middle - found[-1][0] > SAME_LINE:
                found.append((middle, []))
            found[-1][1].append(word)
        return [
            squeezed("".join(word.text for word in sorted(words, key=lambda word: word.left)))
            for _, words in found
        ]


def squeezed(text: str) -> str:
    """The text without any space: where lines break is the printer's affair."""
    return re.sub(r"\s", "", text)


def installed(*names: str) -> str:
    """Where a program is; without it the test is skipped, or fails where HUBANG_REQUIRE_OFFICE is set."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None and os.environ.get("HUBANG_REQUIRE_OFFICE"):
        pytest.fail(f"{names[0]} is not installed, and HUBANG_REQUIRE_OFFICE asks for it")
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found


def printed(folder: Path, files: Mapping[str, bytes]) -> dict[str, list[Page]]:
    """The pages of each file (by its name with its ending), opened and printed by LibreOffice in one go."""
    office, reader = installed("soffice", "libreoffice"), installed("pdftotext")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [
            office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
            "--convert-to", "pdf", "--outdir", str(folder), *(str(folder / name) for name in files),
        ],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "error" not in said.lower(), said
    return {name: _pages(reader, (folder / name).with_suffix(".pdf")) for name in files}


def _pages(reader: str, file: Path) -> list[Page]:
    read = subprocess.run(
        [reader, "-bbox", str(file), "-"], capture_output=True, timeout=PATIENCE, check=True
    )
    return [
        Page(
            float(page.attrib["width"]),
            float(page.attrib["height"]),
            tuple(
                Word(
                    word.text or "",
                    *(float(word.attrib[side]) for side in ("xMin", "xMax", "yMin", "yMax")),
                )
                for word in page.iter(WORD)
            ),
        )
        for page in ElementTree.fromstring(read.stdout).iter(PAGE)
    ]
