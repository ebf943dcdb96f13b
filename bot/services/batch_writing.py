"""Results of a batch as .csv, .parquet or .xlsx: made ready in any thread, written in order."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from bot.services.batch_chunks import Chunk, single
from bot.services.tables import Sheet

LINES: Final = 1 << 13
"""Rows that are put into words at a time."""
GROUP: Final = 1 << 17
"""Rows that are kept together in a Parquet file."""


class Writer(Protocol):
    """Writes a table of households beside its place."""

    def ready(self, chunk: Chunk, results: Sequence[Any]) -> Any:
        """A chunk with the columns of its results as it will be written; in any thread."""

    def write(self, piece: Any) -> None:
        """Add what `ready` gave; OSError as the system says."""

    def finish(self) -> None:
        """Complete the file."""

    def close(self) -> None:
        """Let go of the file, complete or not."""


def writer(target: Path, part: Path, header: Sequence[str]) -> Writer:
    """The writer for the ending of `target`, writing to `part`."""
    match target.suffix.lower():
        case ".csv":
            return CsvWriter(part, header)
        case ".parquet":
            return ParquetWriter(part, header)
        case _:
            return WorkbookWriter(target.name, part, header)


class CsvWriter:
    """UTF-8, marked for Excel. Every row begins with the line break after the row before it."""

    def __init__(self, part: Path, header: Sequence[str]) -> None:
        """Begin the file with its header."""
        self._file: BinaryIO = part.open("wb", buffering=0)
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(header)
        self._file.write(out.getvalue().encode("utf-8-sig"))

    def ready(self, chunk: Chunk, results: Sequence[Any]) -> Any:
        """The bytes of the rows: whole lines with what is appended to them, or all cells."""
        if chunk.lines is not None:
            return (pc.binary_join_element_wise(chunk.lines, *results, "").buffers()[2],)
        arrays = [_writable(single(column)) for column in (*chunk.table.columns, *results)]
        table = pa.table(arrays, [str(place) for place in range(len(arrays))])
        for quoting in ("none", "needed"):
            out = pa.BufferOutputStream()
            try:
                arrow_csv.write_csv(
                    table,
                    out,
                    arrow_csv.WriteOptions(include_header=False, batch_size=LINES, quoting_style=quoting),
                )
            except pa.ArrowInvalid:
                continue
            text = out.getvalue()
            return (b"\n", text.slice(0, text.size - 1)) if text.size else ()
        raise AssertionError("cells in quotation marks can always be written")

    def write(self, piece: Any) -> None:
        """Add rows."""
        for part in piece:
            left = memoryview(part)
            while left:
                left = left[self._file.write(left) :]

    def finish(self) -> None:
        """End the last row."""
        self._file.write(b"\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetWriter:
    """Columns keep their types; the first chunk says them."""

    def __init__(self, part: Path, header: Sequence[str]) -> None:
        """Begin the file."""
        self._header = list(header)
        self._file = pa.OSFile(str(part), "wb")
        self._writer: Any = None
        self._waiting: list[Any] = []
        self._rows = 0

    def ready(self, chunk: Chunk, results: Sequence[Any]) -> Any:
        """The table under the names of its header."""
        return pa.table([*chunk.table.columns, *results], self._header)

    def write(self, piece: Any) -> None:
        """Add rows once there are enough of them."""
        self._waiting.append(piece)
        self._rows += piece.num_rows
        if self._rows >= GROUP:
            self._flush()

    def finish(self) -> None:
        """Write what waits and the index of the file."""
        if self._waiting:
            self._flush()
        if self._writer is None:
            pq.write_table(
                pa.table([pa.array([], pa.string())] * len(self._header), self._header), self._file
            )
        else:
            self._writer.close()
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if not self._file.closed:
            self._file.close()

    def _flush(self) -> None:
        first = self._waiting[0].schema if self._writer is None else self._writer.schema
        table = pa.concat_tables(each.cast(first) for each in self._waiting)
        if self._writer is None:
            # Codes repeat; looking for repetitions in figures, names and numbers costs more than it saves.
            repeating = [
                field.name
                for field in first
                if pa.types.is_dictionary(field.type) or pa.types.is_integer(field.type)
            ]
            self._writer = pq.ParquetWriter(self._file, first, use_dictionary=repeating, compression="lz4")
        self._writer.write_table(table)
        self._waiting, self._rows = [], 0


class WorkbookWriter:
    """A sheet of Excel."""

    def __init__(self, name: str, part: Path, header: Sequence[str]) -> None:
        """Begin the sheet with its header."""
        self._sheet, self._part = Sheet(name), part
        self._sheet.append(list(header))

    def ready(self, chunk: Chunk, results: Sequence[Any]) -> Any:
        """The rows, cell by cell."""
        columns = [_writable(single(column)).to_pylist() for column in (*chunk.table.columns, *results)]
        return list(zip(*columns, strict=True))

    def write(self, piece: Any) -> None:
        """Add rows."""
        for row in piece:
            self._sheet.append(row)

    def finish(self) -> None:
        """Write the workbook."""
        self._sheet.save(self._part)

    def close(self) -> None:
        """Let go of the rows that were not saved."""
        self._sheet.discard()


def _writable(array: Any) -> Any:
    """Of types that a text file has no form for, the text."""
    kind = array.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if each is None else _listed(each) for each in array.to_pylist()], pa.string())
    return array


def _listed(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
