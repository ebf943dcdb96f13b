"""How many households of each place got each verdict, in the order in which the places come."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.rules.pack import Pack
from bot.services.batch_chunks import places_of
from bot.services.batch_workbooks import text
from bot.services.tables import write_table

SHOWN: Final = 200
"""Places that fit on a screen."""
NOWHERE: Final = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What the headings of a summary and its last row are called."""

    place: str
    households: str
    to_verify: str
    total: str
    more: str


@dataclass(slots=True)
class Summary:
    """Counts by place. A row of `counts` holds those to verify first, then one figure for each verdict."""

    pack: Pack
    heading: str = ""
    """What places are called: the name of their column; empty when households are not told apart by place."""
    doubts: tuple[str, ...] = ()
    """What is odd about the table, though nothing in it is wrong."""
    counts: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """How many figures a row has: one for each verdict and one for those to verify."""
        return len(self.pack.outcomes) + 1

    def count(self, verdicts: NDArray[np.int8], place: Any) -> dict[str, NDArray[np.int64]]:
        """The counts of some households whose places are in the array `place` (None: not told apart)."""
        kinds = verdicts.astype(np.int64) + 1
        if place is None:
            return {NOWHERE: np.bincount(kinds, minlength=self.width)} if len(kinds) else {}
        # A dictionary that a file brings along need not be in the order of its rows.
        plain = place.cast(place.type.value_type) if pa.types.is_dictionary(place.type) else place
        array = plain.dictionary_encode()
        names = [text(value) for value in array.dictionary.to_pylist()] + [NOWHERE]
        found: dict[str, NDArray[np.int64]] = {}
        flat = np.bincount(places_of(array) * self.width + kinds, minlength=len(names) * self.width)
        for name, row in zip(names, flat.reshape(-1, self.width), strict=True):
            if row.any():
                found[name] = found[name] + row if name in found else row
        return found

    def add(self, counts: dict[str, NDArray[np.int64]]) -> None:
        """Add what `count` found; places stay in the order of their first household."""
        for name, row in counts.items():
            self.counts[name] = self.counts[name] + row if name in self.counts else row

    @property
    def total(self) -> NDArray[np.int64]:
        """The figures of all places together."""
        return sum(self.counts.values(), np.zeros(self.width, np.int64))

    def verdicts(self) -> dict[str, int]:
        """How many households got each verdict, by id; "" for those to verify."""
        ids = ["", *(outcome.id for outcome in self.pack.outcomes)]
        return {id: int(count) for id, count in zip(ids, self.total, strict=True) if count}

    def header(self, words: Words) -> list[str]:
        """The headings of the table."""
        names = [outcome.name for outcome in self.pack.outcomes]
        return [self.heading or words.place, words.households, *names, words.to_verify]

    def rows(self, words: Words) -> Iterator[list[Any]]:
        """A row for each place, and the total."""
        if self.heading:
            for name, row in self.counts.items():
                yield [name or "-", *_figures(row)]
        yield [words.total, *_figures(self.total)]

    def lines(self, words: Words, shown: int = SHOWN) -> list[str]:
        """The table as aligned lines; of very many places only the first."""
        rows = list(self.rows(words))
        left = len(rows) - 1 - shown
        if left > 0:
            rows = [*rows[:shown], [f"… {left} {words.more}"], rows[-1]]
        return aligned([self.header(words), *rows])

    def write(self, path: Path, words: Words) -> None:
        """Write the table to a .csv or .xlsx file."""
        write_table(path, self.header(words), self.rows(words))


def _figures(row: NDArray[np.int64]) -> list[int]:
    return [int(row.sum()), *(int(each) for each in row[1:]), int(row[0])]


def aligned(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows as lines whose columns stand below each other: text at the left, figures at the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*[r for r in cells if len(r) > 1], strict=True)]
    widths[0] = max(widths[0], *(_width(row[0]) for row in cells))
    return ["  ".join(_padded(cell, widths[at], at) for at, cell in enumerate(row)).rstrip() for row in cells]


def _padded(cell: str, width: int, at: int) -> str:
    gap = " " * (width - _width(cell))
    return gap + cell if at else cell + gap


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
