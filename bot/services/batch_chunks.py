"""A piece of a table of households, as every kind of file is read: Arrow columns named by their places."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bot.rules.columns import Columns
from bot.rules.facts import Facts

_HOLLOW: Final = '\n\r\t ,"'
"""What a line of a CSV file may hold and still say nothing."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be read: its row in the chunk, its column, what it says and what is accepted."""

    row: int
    column: str
    value: str
    accepted: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Places of the columns that are read: `options` hold codes or labels, `numbers` figures.

    `as_lines`: the other columns are only carried over, so whole lines will do. `columns` are those that must
    be read even so.
    """

    options: frozenset[int]
    numbers: frozenset[int]
    columns: tuple[int, ...]
    as_lines: bool


@dataclass(frozen=True, slots=True)
class Job:
    """What a file was read into, in order; making a chunk of it may take place in any thread."""

    content: Any


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some households in the order of the file.

    `count` rows were read; `places` are those of the households among them (None: all). `lines` holds whole
    lines, each after its line break, when the table lacks columns that are carried over. `facts` are columns
    as the rules read them and `households` the same one by one, when the source knows them already.
    """

    table: pa.Table
    count: int
    places: NDArray[np.int64] | None = None
    lines: Any = None
    bad: tuple[Bad, ...] = ()
    facts: Columns | None = None
    households: Sequence[Facts] | None = None

    @property
    def size(self) -> int:
        """How many households there are."""
        return int(self.table.num_rows)


class Source(Protocol):
    """Households that come chunk by chunk; `total` is how many rows there are, when that is known."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of its columns."""

    @property
    def total(self) -> int | None:
        """How many rows it has."""

    def jobs(self) -> Iterator[Job]:
        """Its pieces, in order; FileUnreadable when it is damaged."""

    def chunk(self, job: Job, wanted: Wanted) -> Chunk:
        """A piece by columns."""

    def close(self) -> None:
        """Let go of it."""


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> pa.Table:
    """Rows of text, each as long as the header, by columns."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    arrays = [pa.array(column, pa.string()) for column in columns]
    return pa.table(arrays, [str(place) for place in range(len(header))])


def chunk_of_rows(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Chunk:
    """Trimmed rows by columns: short ones filled up, blank ones left out, cells beyond the header bad."""
    width, count = len(header), 0
    kept: list[Sequence[str]] = []
    places: list[int] = []
    bad: list[Bad] = []
    for row in rows:
        count += 1
        beyond = next((cell for cell in row[width:] if cell), "")
        if beyond:
            bad.append(Bad(count - 1, "", beyond, f"stands beyond the {width} columns of the header"))
        if any(row):
            kept.append([*row[:width], *[""] * (width - len(row))])
            places.append(count - 1)
    return Chunk(text_table(header, kept), count, np.array(places, np.int64), bad=tuple(bad))


def without_blank_rows(table: pa.Table, lines: Any = None) -> Chunk:
    """The chunk of a table without the rows that say nothing at all."""
    count = int(table.num_rows)
    blank = np.ones(count, bool)
    for column in table.columns:
        blank &= _empty(column)
        if not blank.any():
            return Chunk(table, count, None, lines)
    if lines is not None:
        for place in np.flatnonzero(blank).tolist():
            blank[place] = not lines[place].as_py().strip(_HOLLOW)
    stays = pa.array(~blank)
    kept = None if lines is None else lines.filter(stays)
    return Chunk(table.filter(stays), count, np.flatnonzero(~blank), kept)


def _empty(column: Any) -> NDArray[np.bool_]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        array = single(column)
        empty = np.array([not str(text).strip() for text in array.dictionary.to_pylist()] + [True])
        found: NDArray[np.bool_] = empty[places_of(array)]
        return found
    if pa.types.is_string(kind):
        column = pc.equal(pc.utf8_trim_whitespace(column), "")
        return np.asarray(pc.fill_null(column, True))
    return np.asarray(pc.is_null(column))


def single(column: Any) -> Any:
    """A column of a table as one array."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    return array


def places_of(array: Any) -> NDArray[np.int64]:
    """For each entry of a dictionary array the place of its text in the dictionary; one beyond for null."""
    return np.asarray(pc.fill_null(array.indices.cast(pa.int64()), len(array.dictionary)))


def numbered(names: Sequence[str], of: Collection[str]) -> dict[str, int]:
    """The place of each of these names among the columns; of one that stands twice the first."""
    return {name: place for place, name in reversed(list(enumerate(names))) if name in of}
