"""Classify households from a file: the same rules as in chat, every bad cell named by row and column."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from bot.problems import near_miss, nearest
from bot.rules.pack import Pack
from bot.services.batch_bad import BadCells, TableInvalid
from bot.services.batch_cells import Column, columns_of, facts_of_tables, wanted
from bot.services.batch_chunks import Source, numbered
from bot.services.batch_csv import ENCODINGS, EncodingMismatch, open_csv
from bot.services.batch_judging import Judge, Judged
from bot.services.batch_parquet import open_parquet
from bot.services.batch_summary import Summary
from bot.services.batch_words import RESULTS, result_names
from bot.services.batch_workbooks import open_workbook
from bot.services.batch_writing import writer
from bot.services.tables import LARGE, FileUnreadable, beside, check_ending

__all__ = ["RESULTS", "Column", "FileUnreadable", "Summary", "TableInvalid", "classify_file", "columns_of"]

THREADS: Final = 2
"""Chunks that are worked on at the same time; as many again wait for being written."""

Progress = Callable[[int, int | None], None]
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def nobody(done: int, total: int | None) -> None:
    """Progress that nobody looks at."""


def classify_file(
    pack: Pack,
    source: Path,
    target: Path,
    on: date,
    *,
    by: str | None = None,
    places: Sequence[str] = (),
    explained: bool = False,
    progress: Progress = nobody,
) -> Summary:
    """Classify the households of `source` into `target`; the counts by place and verdict.

    Places are those of the column `by`, or else of the first of the columns `places` that the file has.
    Columns that are no fact of the scheme are carried over. When a cell cannot be read, nothing is written
    but the list of all bad cells, and TableInvalid shows the first of them.
    """
    check_ending(target, LARGE)
    for table in readings(source, facts_of_tables(pack)):
        try:
            return _classify(pack, table, target, on, _place(table, by, places), explained, progress)
        except EncodingMismatch:
            continue
        finally:
            table.close()
    raise _in_no_encoding(source)


def readings(path: Path, facts: Collection[str]) -> Iterator[Source]:
    """The table in each way in which it may have to be read; FileUnreadable says why it cannot be.

    `facts` are names of columns whose texts repeat.
    """
    match path.suffix.lower():
        case ".csv":
            found = 0
            for encoding in ENCODINGS:
                try:
                    table = open_csv(path, encoding)
                except EncodingMismatch:
                    continue
                found += 1
                yield table
            if not found:
                raise _in_no_encoding(path)
        case ".xlsx":
            yield open_workbook(path)
        case ".parquet":
            yield open_parquet(path, facts)
        case other:
            why = f"{other or 'no'} ending; use .csv, .xlsx or .parquet"
            raise FileUnreadable(file=path.name, why=why)


def _in_no_encoding(path: Path) -> FileUnreadable:
    why = "its encoding is neither UTF-8 nor GB 18030; save it as UTF-8"
    return FileUnreadable(file=path.name, why=why)


def _place(table: Source, by: str | None, places: Sequence[str]) -> str:
    """The column that tells households apart by place; "" for none."""
    if by is not None and by not in table.header:
        hint = near_miss(by, [name for name in table.header if name])
        raise FileUnreadable(file=table.name, why=f"it has no column {by}{f' ({hint})' if hint else ''}")
    return by or next((name for name in places if name in table.header), "")


def fact_places(pack: Pack, table: Source) -> dict[str, int]:
    """Where the facts of the scheme stand; TableInvalid when there are none, or one stands twice."""
    known, header = facts_of_tables(pack), table.header
    found = numbered(header, known)
    if not found:
        first = f"no column is a fact of {pack.scheme.id}; see --columns"
        raise TableInvalid(table.name, [first, *misspelt(pack, header)], 1)
    twice = [name for name in found if header.count(name) > 1]
    if twice:
        cells = [f"row 1, column {name}: it stands twice" for name in twice]
        raise TableInvalid(table.name, cells, len(cells))
    taken = set(result_names(pack.scheme.id, header)) & set(header)
    if taken:
        cells = [f"row 1, column {name}: the result has a column of that name" for name in sorted(taken)]
        raise TableInvalid(table.name, cells, len(cells))
    return found


def misspelt(pack: Pack, header: Sequence[str]) -> tuple[str, ...]:
    """Columns that are probably meant as a fact of the scheme that the table lacks."""
    lacking = [name for name in facts_of_tables(pack) if name not in header]
    strange = [name for name in header if name not in pack.registry]
    close = [(name, nearest(name, lacking)) for name in strange]
    return tuple(f"column {name} is no fact (did you mean {fact}?)" for name, fact in close if fact)


def _classify(
    pack: Pack, table: Source, target: Path, on: date, place: str, explained: bool, progress: Progress
) -> Summary:
    facts = fact_places(pack, table)
    at = table.header.index(place) if place else None
    summary = Summary(pack, place, misspelt(pack, table.header))
    header = [*table.header, *result_names(pack.scheme.id, table.header)]
    # Lines of a CSV file can be carried over as they are, unless what is written is something else.
    plain = target.suffix.lower() == ".csv" and not explained
    want = wanted(pack, facts, [] if at is None else [at], as_lines=plain)
    with BadCells(target, table.name) as bad, beside(target) as part:
        out = writer(target, part, header)
        judge = Judge(pack, on, facts, at, summary, out, explained)
        try:
            taking = Taking(judge, bad, progress, table.total)
            for piece in ordered(lambda job: judge.judge(table.chunk(job, want)), table.jobs()):
                taking.take(piece)
            if not bad.count:
                out.finish()
        finally:
            out.close()
            table.close()
        bad.refuse()
    return summary


@dataclass(slots=True)
class Taking:
    """Writes what was judged, in order; after the first bad cell it only lists the bad ones."""

    judge: Judge
    bad: BadCells
    progress: Progress
    total: int | None
    done: int = 0

    def take(self, piece: Judged) -> None:
        """The next piece."""
        self.bad.add(piece.bad, self.done)
        if self.bad.count:
            self.judge.reads_only = True
        else:
            self.judge.summary.add(piece.counts)
            self.judge.out.write(piece.content)
        self.done += piece.rows
        self.progress(self.done, self.total)


def ordered(make: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
    """`make` of each item, in order, some at the same time in several threads."""
    pool = ThreadPoolExecutor(THREADS)
    waiting: deque[Future[_Made]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(make, item))
            if len(waiting) > 2 * THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
