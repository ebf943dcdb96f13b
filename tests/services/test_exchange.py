"""Households from a file get the same verdicts as in chat, or the file is refused cell by cell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from bot.services.exchange import TableInvalid, classify_file, columns_of
from bot.services.tables import FileUnreadable, FileUnwritable, read_table, write_table
from tests.services.village import loaded

HR = loaded().packs["hr"]
ON = date(2020, 4, 10)
HEADER = ["户主", "reg_status", "handbook_income_per_capita", "return_risk", "consumer_car"]
REST = ["luxury_decoration", "commercial_housing", "single_under60_fit", "parents_live_apart"]
ROWS = [
    ["甲", "1", "", "", "", "", "", "", ""],
    ["乙", "2", "4800", "1", "2", "2", "2", "2", "2"],
    ["丙", "已脱贫", "4999.99", "是", "1", "2", "2", "2", "2"],
    ["丁", "2", "5000", "1", "2", "2", "2", "2", "2"],
    ["戊", "2", "4800", "", "2", "2", "2", "2", "2"],
]
VERDICTS = ["red", "yellow", "green", "green", ""]


def classified(target: Path) -> list[dict[str, str]]:
    header, rows = read_table(target)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("explained", [False, True])
def test_every_household_gets_its_verdict_row_reasons_and_open_questions(
    tmp_path: Path, ending: str, explained: bool
) -> None:
    source, target = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    write_table(source, [*HEADER, *REST], ROWS)
    counts = classify_file(HR, source, target, ON, explained=explained)
    found = classified(target)
    assert [one["verdict"] for one in found] == VERDICTS
    assert [one["户主"] for one in found] == ["甲", "乙", "丙", "丁", "戊"]
    assert counts == {"red": 1, "yellow": 1, "green": 2, "": 1}
    assert found[1]["verdict_name"] == "黄卡"
    assert "003:1982" in found[1]["clause"]
    assert found[4]["to_verify"] == "return_risk"
    assert all(one["reasons"] for one in found[:4])
    assert ("消费型汽车" in found[2]["reasons"]) is explained


def test_bad_cells_are_named_by_row_and_column_and_nothing_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    write_table(source, HEADER, [["甲", "9", "", "", ""], ["乙", "2", "四千八", "1", "2"]])
    with pytest.raises(TableInvalid) as refused:
        classify_file(HR, source, target, ON)
    assert [cell.partition(":")[0] for cell in refused.value.cells] == [
        "row 2, column reg_status",
        "row 3, column handbook_income_per_capita",
    ]
    assert "四千八" in str(refused.value)
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_without_a_known_column_says_which_was_probably_meant(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_table(source, ["reg_statu"], [["1"]])
    with pytest.raises(TableInvalid, match="did you mean reg_status"):
        classify_file(HR, source, tmp_path / "out.csv", ON)


def test_a_csv_saved_by_a_chinese_excel_is_read_too(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("户主,reg_status\n甲,未脱贫\n".encode("gb18030"))
    classify_file(HR, source, tmp_path / "out.csv", ON)
    assert classified(tmp_path / "out.csv")[0]["verdict"] == "red"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv", b""),
        ("in.xlsx", b"no workbook"),
        ("in.txt", b"reg_status\n1\n"),
        ("in.csv", b"\xff\xff\xff"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable, match=name):
        read_table(tmp_path / name)


def test_a_table_that_cannot_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(FileUnwritable):
        write_table(tmp_path / "out.csv", ["a"], [["1"]])
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_whole_numbers_of_excel_stay_whole(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["reg_status", "handbook_income_per_capita"])
    book.active.append([2.0, 4800.5])
    book.save(tmp_path / "in.xlsx")
    assert read_table(tmp_path / "in.xlsx")[1] == [["2", "4800.5"]]


def test_the_columns_say_kind_options_and_unit() -> None:
    found = {column.fact: column for column in columns_of(HR)}
    assert found["reg_status"].options == "1=未脱贫; 2=已脱贫; 3=非建档立卡"
    assert found["handbook_income_per_capita"].unit == "元"
    assert set(HR.reads) <= set(found)
