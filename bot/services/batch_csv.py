"""CSV files of any size, block by block: a block is read at once by columns, only irregular ones by rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from bot.services.batch_chunks import Chunk, Job, Wanted, chunk_of_rows, text_table, without_blank_rows
from bot.services.tables import FileUnreadable

ENCODINGS: Final = ("utf-8", "gb18030")
"""Chinese offices save CSV in either."""
BLOCK: Final = 4 << 20
"""Bytes that are read at a time: what stays in the processor's cache is read three times as fast."""
LARGEST: Final = 64 << 20
"""Bytes that a single row may have, its line breaks within quotation marks included."""
_MARK: Final = b"\xef\xbb\xbf"


class EncodingMismatch(FileUnreadable):
    """{file} is not in the encoding {encoding}."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An open CSV file; `start` is where its header ends, at the line break before the first household."""

    name: str
    file: BinaryIO
    encoding: str
    header: tuple[str, ...]
    start: int
    newline: bytes
    total: int | None = None

    def jobs(self) -> Iterator[Job]:
        """Blocks of whole rows, each beginning with the line break before its first row."""
        rest = b""
        for piece in self._pieces():
            data = rest + (piece if self.newline == b"\n" else piece.replace(b"\r", b"\n"))
            cut = _last_break(data)
            if cut > 0:
                yield Job(data[:cut])
            elif len(data) > LARGEST:
                raise FileUnreadable(file=self.name, why="a quotation mark in it is never closed")
            rest = data[max(cut, 0) :]
        if rest.strip():
            yield Job(rest)

    def _pieces(self) -> Iterator[bytes]:
        try:
            self.file.seek(self.start)
            while piece := self.file.read(BLOCK):
                yield piece
        except OSError as error:
            raise FileUnreadable(file=self.name, why=error.strerror or "no access") from error

    def chunk(self, job: Job, wanted: Wanted) -> Chunk:
        """The rows of a block by columns. Raises EncodingMismatch."""
        block: bytes = job.content
        try:
            if self.encoding != "utf-8":
                block = block.decode(self.encoding).encode()
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n")
            block = block.rstrip(b"\r\n")
            if not block:
                return Chunk(text_table(self.header, []), 0)
            return self._by_columns(block, wanted) or self._by_rows(block)
        except UnicodeDecodeError as error:
            raise EncodingMismatch(file=self.name, encoding=self.encoding) from error

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def _by_columns(self, block: bytes, wanted: Wanted) -> Chunk | None:
        """None when some row has more or fewer cells than the header."""
        last = block.rfind(b"\n")
        # An open quotation mark at the very end would swallow what is appended.
        if wanted.as_lines and block.count(b'"', last) % 2 == 0:
            lines = _lines(block)
            for numbers in (wanted.numbers, frozenset[int]()):
                table = self._parsed(block, wanted.options, numbers, wanted.columns)
                if table is not None and table.num_rows == len(lines):
                    return without_blank_rows(table, lines)
        for numbers in (wanted.numbers, frozenset[int]()):
            table = self._parsed(block, wanted.options, numbers, range(len(self.header)))
            if table is not None:
                return without_blank_rows(table)
        return None

    def _parsed(
        self, block: bytes, options: Collection[int], numbers: Collection[int], columns: Sequence[int]
    ) -> pa.Table | None:
        kinds = {str(each): pa.string() for each in columns}
        kinds |= {str(each): pa.dictionary(pa.int32(), pa.string()) for each in options}
        kinds |= {str(each): pa.float64() for each in numbers}
        names = [str(place) for place in range(len(self.header))]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(pa.py_buffer(memoryview(block)[1:])),
                # The header's names may stand twice, so columns go by their places.
                arrow_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
                # An empty line is a row all the same: rows are told to people by their number.
                arrow_csv.ParseOptions(ignore_empty_lines=False),
                arrow_csv.ConvertOptions(
                    column_types=kinds,
                    include_columns=[str(place) for place in columns],
                    null_values=[""],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        # "nan" and "inf" are no figures, but whoever reads columns takes them for some; a sum shows them.
        return table if all(isfinite(pc.sum(table[str(each)]).as_py() or 0) for each in numbers) else None

    def _by_rows(self, block: bytes) -> Chunk:
        """As `csv` reads it."""
        try:
            rows = csv.reader(io.StringIO(block[1:].decode(), newline=""))
            return chunk_of_rows(self.header, ([cell.strip() for cell in row] for row in rows))
        except csv.Error as error:
            raise FileUnreadable(file=self.name, why=str(error)) from error


def open_csv(path: Path, encoding: str) -> CsvFile:
    """Read the header; FileUnreadable, and EncodingMismatch when it is not in that encoding."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileUnreadable(file=path.name, why=error.strerror or "no access") from error
    try:
        return _opened(path.name, file, encoding)
    except BaseException:
        file.close()
        raise


def _opened(name: str, file: BinaryIO, encoding: str) -> CsvFile:
    head = file.read(BLOCK)
    start = len(_MARK) if head.startswith(_MARK) else 0
    if start and encoding != "utf-8":
        raise EncodingMismatch(file=name, encoding=encoding)
    newline = b"\r" if b"\n" not in head and b"\r" in head else b"\n"
    end = _first_break(head, start, newline)
    if end == BLOCK:
        raise FileUnreadable(file=name, why="its first row never ends")
    try:
        text = head[start:end].decode(encoding)
        first: list[str] = next(csv.reader(io.StringIO(text, newline="")), [])
    except UnicodeDecodeError as error:
        raise EncodingMismatch(file=name, encoding=encoding) from error
    except csv.Error as error:
        raise FileUnreadable(file=name, why=str(error)) from error
    header = tuple(cell.strip() for cell in first)
    if not any(header):
        raise FileUnreadable(file=name, why="it is empty; the first row names the columns")
    return CsvFile(name, file, encoding, header, end, newline)


def _first_break(data: bytes, start: int, newline: bytes) -> int:
    """Where the first row ends."""
    at = data.find(newline, start)
    while at >= 0 and data.count(b'"', start, at) % 2:
        at = data.find(newline, at + 1)
    return len(data) if at < 0 else at


def _last_break(data: bytes) -> int:
    """The last line break that stands outside of quotation marks; -1 when there is none but the first."""
    end = data.rfind(b"\n", 1)
    quotes = data.count(b'"', 0, max(end, 0))
    while end > 0 and quotes % 2:
        earlier = data.rfind(b"\n", 1, end)
        quotes -= data.count(b'"', max(earlier, 0), end)
        end = earlier
    return end


def _lines(block: bytes) -> Any:
    """The lines of a block as text, each with the break before it; UnicodeDecodeError if they are none."""
    raw = np.frombuffer(block, np.uint8)
    starts = np.flatnonzero(raw == ord("\n")).astype(np.int32)
    offsets = pa.py_buffer(np.append(starts, np.int32(len(raw))))
    lines = pa.Array.from_buffers(pa.string(), len(starts), [None, offsets, pa.py_buffer(block)])
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        block.decode()
        raise
    return lines
