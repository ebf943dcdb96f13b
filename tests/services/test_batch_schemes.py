"""A batch says of every household what is said when it is judged alone, for every scheme and kind of file."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from bot.services.exchange import classify_file, columns_of
from tests.services.batch_tables import ENDINGS, cells, expected, households, read, write
from tests.services.village import loaded

PACKS = loaded().packs
ON = date(2021, 4, 10)


@pytest.mark.parametrize("scheme", sorted(PACKS))
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_batch_and_a_household_alone_agree(tmp_path: Path, scheme: str, ending: str) -> None:
    pack, chance = PACKS[scheme], random.Random(7)
    rows = households(pack, 300, seed=len(scheme))
    table = [[str(at), *cells(pack, row, chance)] for at, row in enumerate(rows)]
    source = write(tmp_path / f"in{ending}", ["户号", *rows[0]], table)
    target = tmp_path / f"out{ending}"
    summary = classify_file(pack, source, target, ON)
    found = read(target)
    assert [one["户号"] for one in found] == [str(at) for at in range(len(rows))]
    for facts, one in zip(rows, found, strict=True):
        wanted = expected(pack, facts, ON)
        assert {name: one[name] for name in wanted} == wanted, facts
    assert sum(summary.verdicts().values()) == len(rows)


@pytest.mark.parametrize("scheme", sorted(PACKS))
def test_from_any_kind_of_file_to_any_other_the_verdicts_are_the_same(tmp_path: Path, scheme: str) -> None:
    pack, chance = PACKS[scheme], random.Random(8)
    rows = households(pack, 60, seed=3)
    table = [cells(pack, row, chance) for row in rows]
    results = []
    for came in ENDINGS:
        source = write(tmp_path / f"in{came}", list(rows[0]), table)
        for goes in ENDINGS:
            classify_file(pack, source, tmp_path / f"out{goes}", ON)
            found = read(tmp_path / f"out{goes}")
            results.append([(one["verdict"], one["row"], one["reason_codes"]) for one in found])
    assert all(each == results[0] for each in results)


@pytest.mark.parametrize("scheme", sorted(PACKS))
def test_the_reasons_of_a_batch_are_sentences_of_the_row_or_of_the_scheme(
    tmp_path: Path, scheme: str
) -> None:
    pack, chance = PACKS[scheme], random.Random(9)
    rows = households(pack, 80, seed=4)
    source = write(tmp_path / "in.csv", list(rows[0]), [cells(pack, row, chance) for row in rows])
    classify_file(pack, source, tmp_path / "out.csv", ON)
    assert all(one["reasons"] for one in read(tmp_path / "out.csv"))


@pytest.mark.parametrize("scheme", sorted(PACKS))
def test_every_scheme_lists_columns_that_a_table_can_hold(scheme: str) -> None:
    found = columns_of(PACKS[scheme])
    assert found
    assert not [column for column in found if column.kind == "roster"]
