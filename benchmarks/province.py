"""A province from file to file: a million households read, classified and written with reason codes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from benchmarks.figures import Figure
from bot import content as contents
from bot.rules.facts import MANY
from bot.rules.pack import Pack
from bot.services.batch_cells import WORDS, facts_of_tables
from bot.services.exchange import classify_file

WAYS: Final = ((".csv", ".csv"), (".parquet", ".parquet"))
PLACE: Final = "village"
VILLAGES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """So many households in each file; `silence` is the share of answers that are missing."""

    households: int = 1_000_000
    silence: float = 0.01
    rounds: int = 3
    schemes: Sequence[str] = ()
    """All of them when empty."""


def province(pack: Pack, size: Size, seed: int = 1) -> Any:
    """A table of households: number, village, head, and every fact that the scheme reads of a file."""
    chance, count = np.random.default_rng(seed), size.households
    villages = np.sort(chance.integers(0, VILLAGES, count))
    columns: dict[str, Any] = {
        "number": pa.array(np.arange(count)).cast(pa.string()),
        PLACE: pa.array([f"village {place}" for place in range(VILLAGES)]).take(pa.array(villages)),
        "head": pa.array(["somebody"]).take(pa.array(np.zeros(count, np.int64))),
    }
    for name in facts_of_tables(pack):
        info, silent = pack.registry[name], chance.random(count) < size.silence
        if info.options:
            at = pa.array(chance.integers(0, len(info.options), count), mask=silent)
            codes = [str(code) for code in info.options] if info.kind == MANY else list(info.options)
            columns[name] = pa.array(codes).take(at)
        elif info.kind in WORDS:
            columns[name] = pa.array(["stated"]).take(pa.array(np.zeros(count, np.int64), mask=silent))
        elif info.kind == "integer":
            columns[name] = pa.array(chance.integers(1, 7, count), mask=silent)
        else:
            columns[name] = pa.array(np.round(chance.uniform(0, 12_000, count), 2), mask=silent)
    return pa.table(columns)


def write(table: Any, folder: Path) -> dict[str, Path]:
    """The table as a file of each kind, by ending."""
    paths = {ending: folder / f"in{ending}" for ending in (".csv", ".parquet")}
    text = table.cast(pa.schema([(field.name, pa.string()) for field in table.schema]))
    arrow_csv.write_csv(text, paths[".csv"], arrow_csv.WriteOptions(quoting_style="none"))
    pq.write_table(table, paths[".parquet"])
    return paths


def seconds(pack: Pack, source: Path, target: Path, size: Size) -> float:
    """The best of several rounds; each writes every household or fails."""
    best = float("inf")
    on = max(pack.scheme.start, *(dated.start for each in pack.parameters for dated in each.values))
    for _ in range(size.rounds):
        began = time.perf_counter()
        summary = classify_file(pack, source, target, on, places=[PLACE])
        best = min(best, time.perf_counter() - began)
        assert int(summary.total.sum()) == size.households
        target.unlink()
    return best


def run(size: Size | None = None) -> list[Figure]:
    """Seconds from a file to a written result, by scheme and kind of file."""
    size = size or Size()
    packs = contents.load().packs
    found: list[Figure] = []
    for id in size.schemes or sorted(packs):
        with tempfile.TemporaryDirectory() as folder:
            paths = write(province(packs[id], size), Path(folder))
            for came, goes in WAYS:
                spent = seconds(packs[id], paths[came], Path(folder) / f"out{goes}", size)
                megabytes = paths[came].stat().st_size / 1e6
                name = f"{id}: {came[1:]} of {megabytes:.0f} MB to {goes[1:]}"
                found.append(Figure(name, spent, "s", ("at most", 3.0)))
    return found
