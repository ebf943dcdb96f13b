"""Tables of random households in every kind of file, and results read back."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from bot.rules.decide import Verdict, decide
from bot.rules.explain import explain
from bot.rules.facts import MANY
from bot.rules.pack import Pack
from bot.rules.terms import Truth
from bot.services.batch_cells import facts_of_tables

ENDINGS = (".csv", ".xlsx", ".parquet")
SIGNS: dict[Truth, str] = {True: "", False: "-", None: "?"}
FIGURES = (0, 1, 2, 3, 4999.99, 5000, 5000.01, 9999.99, 10000, 20000)

Row = dict[str, Any]


def households(pack: Pack, size: int, seed: int = 1, silence: float = 0.1) -> list[Row]:
    """Random facts by name; an unanswered one is None."""
    chance = random.Random(seed)
    return [
        {name: _value(pack, name, chance, silence) for name in facts_of_tables(pack)} for _ in range(size)
    ]


def _value(pack: Pack, name: str, chance: random.Random, silence: float) -> Any:
    info = pack.registry[name]
    if chance.random() < silence:
        return None
    if info.kind == MANY:
        return sorted(chance.sample(list(info.options), chance.randint(1, min(3, len(info.options)))))
    return chance.choice(list(info.options)) if info.options else float(chance.choice(FIGURES))


def cells(pack: Pack, row: Row, chance: random.Random) -> list[str]:
    """A household as people write it: codes or labels, figures as they are."""
    return [_cell(pack, name, value, chance) for name, value in row.items()]


def _cell(pack: Pack, name: str, value: Any, chance: random.Random) -> str:
    options = pack.registry[name].options
    if value is None:
        return ""
    if not options:
        return f"{value:g}" if chance.random() < 0.9 else f" {value:,.2f}"
    said = [options[code] if chance.random() < 0.3 else str(code) for code in _listed(value)]
    if any(sign in label for label in said for sign in " ,;"):
        said = [str(code) for code in _listed(value)]
    return " ".join(said)


def _listed(value: Any) -> list[int]:
    return value if isinstance(value, list) else [value]


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    """A table of text as any kind of file."""
    match path.suffix:
        case ".csv":
            with path.open("w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([header, *rows])
        case ".xlsx":
            book = openpyxl.Workbook()
            for row in (header, *rows):
                book.active.append(list(row))
            book.save(path)
        case _:
            pq.write_table(pa.table([pa.array(c) for c in zip(*rows, strict=True)], list(header)), path)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """Every cell of a result as text, by column."""
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                table = list(csv.reader(file))
        case ".xlsx":
            book = openpyxl.load_workbook(path)
            table = [[_text(cell) for cell in row] for row in book.worksheets[0].values]
        case _:
            found = pq.read_table(path)
            rows = zip(*(found.column(at).to_pylist() for at in range(found.num_columns)), strict=True)
            table = [found.column_names, *([_text(cell) for cell in row] for row in rows)]
    header, *rows_ = table
    return [dict(zip(header, row, strict=True)) for row in rows_]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def expected(pack: Pack, facts: Row, on: Any) -> dict[str, str]:
    """What stands beside a household when it is judged alone."""
    verdict = decide(pack, facts, on)
    told = explain(pack, verdict)
    return {
        "verdict": verdict.verdict or "",
        "verdict_name": told.name or "",
        "row": verdict.row or "",
        "clause": told.clause,
        "reason_codes": " ".join(codes(pack, verdict)),
        "to_verify": " ".join(verdict.missing),
    }


def codes(pack: Pack, verdict: Verdict) -> list[str]:
    """The reasons of an explanation as codes."""
    return [SIGNS[reason.truth] + reason.fact for reason in explain(pack, verdict).reasons]
