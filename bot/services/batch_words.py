"""What stands beside the verdicts of a batch: by state of the decision table, so each text is made once."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.rules.batch import ColumnVerdicts, missing_names, reason_codes
from bot.rules.explain import row_sentences
from bot.rules.pack import Pack
from bot.rules.sentences import Teller
from bot.rules.table import TO_VERIFY

RESULTS: Final = ("verdict", "verdict_name", "row", "clause", "reasons", "reason_codes", "to_verify")
"""The columns of a result, in order."""
BY_STATE: Final = len(RESULTS) - 1
REASONS: Final = RESULTS.index("reasons")
CLAUSE: Final = RESULTS.index("clause")


def result_names(scheme: str, header: Sequence[str]) -> tuple[str, ...]:
    """What the columns of the result are called: the scheme goes before when the file has such columns."""
    taken = bool(set(RESULTS) & set(header))
    return tuple(f"{scheme}_{name}" for name in RESULTS) if taken else RESULTS


@dataclass(slots=True)
class Wording:
    """The texts of the states and of the missing answers that occurred, by the rules of the day `on`."""

    pack: Pack
    on: date
    states: dict[int, tuple[str, ...]] = field(default_factory=dict)
    masks: dict[int, str] = field(default_factory=dict)
    sentences: tuple[str, ...] = field(init=False)
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        """Say each row once."""
        self.sentences = row_sentences(self.pack, self.on)
        self.teller = Teller(self.pack.parameters_on(self.on), self.pack.registry, self.pack.words)

    def of_state(self, state: int) -> tuple[str, ...]:
        """Verdict, its name, row, clause, sentence and codes of reasons in a state of the table."""
        found = self.states.get(state)
        if found is None:
            found = self.states[state] = self._of_state(state)
        return found

    def of_mask(self, mask: int) -> str:
        """The names of the answers that are still missing."""
        found = self.masks.get(mask)
        if found is None:
            found = self.masks[mask] = " ".join(missing_names(self.pack, mask))
        return found

    def _of_state(self, state: int) -> tuple[str, ...]:
        pack = self.pack
        cell, codes = pack.table.cell(state), " ".join(reason_codes(pack, state))
        if cell.verdict == TO_VERIFY:
            scheme = pack.scheme
            return "", "", "", scheme.to_verify_clause, scheme.to_verify.fill(self.teller), codes
        outcome = pack.outcomes[cell.verdict]
        if len(cell.rows) == 1:
            row = pack.rows[cell.rows[0]]
            return outcome.id, outcome.name, row.id, row.clause, self.sentences[cell.rows[0]], codes
        return outcome.id, outcome.name, "", outcome.clause, outcome.settled.fill(self.teller), codes

    def columns(self, found: ColumnVerdicts) -> list[Any]:
        """The columns of the result as dictionary arrays."""
        states, places = distinct(found.states)
        rows = [self.of_state(state) for state in states]
        texts = zip(*rows, strict=True) if rows else ([] for _ in range(BY_STATE))
        columns = [_dictionary(column, places) for column in texts]
        masks, places = distinct(found.missing)
        return [*columns, _dictionary([self.of_mask(mask) for mask in masks], places)]

    def tails(self, found: ColumnVerdicts) -> tuple[Any, Any]:
        """What follows a line of a CSV file, in two parts: by state, and the missing answers."""
        states, places = distinct(found.states)
        by_state = pa.array([_line(self.of_state(state)) for state in states], pa.string())
        masks, gaps = distinct(found.missing)
        by_mask = pa.array([self.of_mask(mask) for mask in masks], pa.string())
        return by_state.take(pa.array(places)), by_mask.take(pa.array(gaps))


def distinct(values: NDArray[Any]) -> tuple[list[int], NDArray[np.int32]]:
    """The distinct values in the order of their first, and for each value its place among them."""
    encoded = pa.array(values).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def _dictionary(texts: Sequence[str], places: NDArray[np.int32]) -> Any:
    """A column of texts that repeat; different states may have the same text."""
    once = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    again = np.array([once[text] for text in texts], np.int32)
    indices = again[places] if len(again) else places
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(once), pa.string()))


def _line(texts: Sequence[str]) -> str:
    """Cells as they follow others in a line of a CSV file, up to the last comma."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["", *texts, ""])
    return out.getvalue()
