"""Chunks of households judged by columns: verdicts, what stands beside them, and what counts by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.rules.batch import classify_columns
from bot.rules.columns import Columns
from bot.rules.decide import decide
from bot.rules.explain import Reason, explain
from bot.rules.facts import MANY
from bot.rules.pack import Pack
from bot.services.batch_cells import WORDS, read_facts
from bot.services.batch_chunks import Bad, Chunk, single
from bot.services.batch_summary import Summary
from bot.services.batch_words import CLAUSE, REASONS, Wording
from bot.services.batch_writing import Writer


@dataclass(frozen=True, slots=True)
class Judged:
    """A chunk of so many rows as it will be written, its counts by place, and its bad cells if it has any."""

    rows: int
    content: Any
    counts: dict[str, NDArray[np.int64]]
    bad: tuple[Bad, ...] = ()


@dataclass(slots=True)
class Judge:
    """Judges chunks whose facts stand at the places `facts`, in any thread."""

    pack: Pack
    on: date
    facts: dict[str, int]
    place: int | None
    summary: Summary
    out: Writer
    explained: bool = False
    reads_only: bool = False
    """Whether a bad cell was found, so that only the other bad ones are still looked for."""
    wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the words."""
        self.wording = Wording(self.pack, self.on)

    def judge(self, chunk: Chunk) -> Judged:
        """The chunk with its verdicts, ready to be written."""
        bad: tuple[Bad, ...] = ()
        columns: Columns
        if chunk.facts is None:
            columns, bad = read_facts(self.pack, self.facts, chunk)
        else:
            columns = chunk.facts
        if bad or self.reads_only:
            return Judged(chunk.count, None, {}, bad)
        found = classify_columns(self.pack, columns, self.on)
        place = None if self.place is None else single(chunk.table.column(str(self.place)))
        counts = self.summary.count(found.verdicts, place)
        if chunk.lines is not None:
            return Judged(chunk.count, self.out.ready(chunk, self.wording.tails(found)), counts)
        results = self.wording.columns(found)
        if self.explained:
            results = self._explained(chunk, columns, results)
        return Judged(chunk.count, self.out.ready(self._typed(chunk, columns), results), counts)

    def _typed(self, chunk: Chunk, columns: Columns) -> Chunk:
        """The chunk with figures as figures: a file of text holds them as text where they are not plain."""
        table = chunk.table
        for name, place in self.facts.items():
            field = table.schema.field(str(place))
            if self.pack.registry[name].options:
                if pa.types.is_string(field.type):
                    array = single(table.column(str(place))).dictionary_encode()
                    table = table.set_column(place, str(place), array)
            elif self.pack.registry[name].kind in WORDS:
                continue
            elif name in columns and (pa.types.is_string(field.type) or pa.types.is_dictionary(field.type)):
                array = pa.array(columns[name], from_pandas=True)
                table = table.set_column(place, str(place), array)
        return Chunk(table, chunk.count, chunk.places)

    def _explained(self, chunk: Chunk, columns: Columns, results: list[Any]) -> list[Any]:
        """The results with every reason as a sentence: household by household."""
        clauses: list[str] = []
        reasons: list[str] = []
        for at in range(chunk.size):
            one = household(self.pack, columns, at) if chunk.households is None else chunk.households[at]
            told = explain(self.pack, decide(self.pack, one, self.on))
            clauses.append(told.clause)
            reasons.append(
                "\n".join([told.sentence, *(line for each in told.reasons for line in _lines(each))])
            )
        results[CLAUSE], results[REASONS] = pa.array(clauses, pa.string()), pa.array(reasons, pa.string())
        return results


def household(pack: Pack, columns: Columns, at: int) -> Mapping[str, Any]:
    """One row of the columns as the facts of a household."""
    facts: dict[str, Any] = {}
    for name, column in columns.items():
        value, info = column[at].item(), pack.registry.get(name)
        if info is None or value != value or (info.kind == MANY and value < 0):
            continue
        if info.kind == MANY:
            facts[name] = [code for code in info.options if value >> code & 1]
        else:
            facts[name] = int(value) if info.options else value
    return facts


def _lines(reason: Reason) -> Iterator[str]:
    yield f"{reason.sentence} [{reason.clause}]" if reason.clause else reason.sentence
    for child in reason.children:
        yield from _lines(child)
