"""Classify households from a file: the same rules as in chat, every bad cell named by row and column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.errors import HubangError
from bot.problems import near_miss
from bot.rules.batch import classify_columns, missing_names
from bot.rules.decide import decide
from bot.rules.explain import Reason, explain, row_sentences
from bot.rules.facts import MANY, FactInfo
from bot.rules.pack import Pack
from bot.services.tables import read_table, write_table

RESULTS: Final = ("verdict", "verdict_name", "row", "clause", "reasons", "to_verify")
SHOWN: Final = 50
CHUNK: Final = 5000


class TableInvalid(HubangError):
    """{file} has {count} bad cell(s); nothing was written.
    {cells}"""

    def __init__(self, file: str, cells: Sequence[str]) -> None:
        """Show the first cells; all of them stay in `.cells`."""
        self.cells = tuple(cells)
        more = [f"… and {len(cells) - SHOWN} more"] if len(cells) > SHOWN else []
        text = "\n".join([*cells[:SHOWN], *more])
        Exception.__init__(self, f"{file} has {len(cells)} bad cell(s); nothing was written.\n{text}")


@dataclass(frozen=True, slots=True)
class Column:
    """A fact that a scheme reads, as a table names it."""

    fact: str
    kind: str
    options: str
    unit: str


def columns_of(pack: Pack) -> list[Column]:
    """The facts that the scheme reads, with kind, options and unit."""
    found: list[Column] = []
    for name in pack.keeps:
        info = pack.registry[name]
        options = "; ".join(f"{code}={label}" for code, label in info.options.items())
        found.append(Column(name, info.kind, options, info.unit))
    return found


def classify_file(
    pack: Pack,
    source: Path,
    target: Path,
    on: date,
    *,
    explained: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, int]:
    """Classify the households of `source` into `target`; how many got each verdict ("" to verify).

    Columns that are no fact of the scheme are carried over. TableInvalid lists every bad cell.
    """
    header, rows = read_table(source)
    facts = read_cells(pack, header, rows, source.name)
    verdicts = classify_columns(pack, columns(pack, facts, len(rows)), on)
    told = _Telling(pack, facts, on, row_sentences(pack, on), explained)
    counts: dict[str, int] = {}

    def results() -> Iterator[list[Any]]:
        for number, row in enumerate(rows):
            verdict, found = int(verdicts.verdicts[number]), int(verdicts.rows[number])
            missing = missing_names(pack, int(verdicts.missing[number]))
            id = "" if verdict < 0 else pack.outcomes[verdict].id
            counts[id] = counts.get(id, 0) + 1
            yield [*row, id, *told.of(number, verdict, found), " ".join(missing)]
            if number % CHUNK == 0:
                progress(number, len(rows))

    write_table(target, [*header, *RESULTS], results())
    progress(len(rows), len(rows))
    return counts


@dataclass(frozen=True, slots=True)
class _Telling:
    """What stands beside a verdict: its row's sentence, or every reason when `explained`."""

    pack: Pack
    facts: dict[str, list[Any]]
    on: date
    sentences: tuple[str, ...]
    explained: bool

    def of(self, number: int, verdict: int, row: int) -> list[str]:
        """Name, row, clause and reasons of one household."""
        name = "" if verdict < 0 else self.pack.outcomes[verdict].name
        rule = None if row < 0 else self.pack.rows[row]
        id, clause = ("", "") if rule is None else (rule.id, rule.clause)
        if not self.explained:
            return [name, id, clause, "" if rule is None else self.sentences[row]]
        one = {fact: values[number] for fact, values in self.facts.items()}
        told = explain(self.pack, decide(self.pack, one, self.on))
        lines = [told.sentence, *(line for reason in told.reasons for line in _lines(reason))]
        return [name, id, told.clause, "\n".join(lines)]


def _lines(reason: Reason) -> Iterator[str]:
    yield f"{reason.sentence} [{reason.clause}]" if reason.clause else reason.sentence
    for child in reason.children:
        yield from _lines(child)


def read_cells(
    pack: Pack, header: Sequence[str], rows: Sequence[Sequence[str]], file: str
) -> dict[str, list[Any]]:
    """Values by fact, None for an empty cell; TableInvalid lists every cell that cannot be read."""
    known = set(pack.keeps)
    if not known & set(header):
        hints = [f"column {name!r}: {near_miss(name, known)}" for name in header if near_miss(name, known)]
        raise TableInvalid(file, [f"no column is a fact of {pack.scheme.id}; see --columns", *hints])
    bad: list[str] = []
    facts: dict[str, list[Any]] = {}
    for place, name in enumerate(header):
        if name not in known:
            continue
        if name in facts:
            bad.append(f"row 1, column {name}: it stands twice")
            continue
        facts[name] = values = []
        info = pack.registry[name]
        for line, row in enumerate(rows, 2):
            value, why = read_cell(row[place], info)
            values.append(value)
            if why:
                bad.append(f"row {line}, column {name}: {row[place]!r} {why}")
    if bad:
        raise TableInvalid(file, bad)
    return facts


def read_cell(text: str, info: FactInfo) -> tuple[Any, str]:
    """The value of a cell and "", or None and why it cannot be read."""
    if not text:
        return None, ""
    if info.options:
        parts = text.replace(",", " ").replace(";", " ").split() if info.kind == MANY else [text]
        labels = {label: code for code, label in info.options.items()}
        codes: list[int] = []
        for part in parts:
            code = int(part) if part.isdecimal() else labels.get(part)
            if code not in info.options or code is None:
                return (
                    None,
                    f"is no option; use {', '.join(f'{c} {label}' for c, label in info.options.items())}",
                )
            codes.append(code)
        return (sorted(set(codes)) if info.kind == MANY else codes[0]), ""
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None, f"is no number{f' ({info.unit})' if info.unit else ''}"
    return (number, "") if np.isfinite(number) else (None, "is no number")


def columns(pack: Pack, facts: dict[str, list[Any]], size: int) -> dict[str, NDArray[Any]]:
    """The values as the batch reads them (`bot.rules.columns`)."""
    found: dict[str, NDArray[Any]] = {}
    for name, values in facts.items():
        if pack.registry[name].kind == MANY:
            masks = (-1 if value is None else sum(1 << code for code in value) for value in values)
            found[name] = np.fromiter(masks, np.int64, size)
        else:
            numbers = (np.nan if value is None else value for value in values)
            found[name] = np.fromiter(numbers, np.float64, size)
    if not found:
        found[pack.reads[0]] = np.full(size, np.nan)
    return found
