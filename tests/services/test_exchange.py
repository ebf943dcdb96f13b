"""Households from a file get the same verdicts as in chat, or the file is refused cell by cell."""

from __future__ import annotations

import random
import resource
from datetime import date
from pathlib import Path

import pytest

from bot.services.exchange import TableInvalid, classify_file, columns_of
from bot.services.tables import FileUnreadable, FileUnwritable, write_table
from tests.services.batch_tables import ENDINGS, read
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


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("explained", [False, True])
def test_every_household_gets_its_verdict_row_reasons_and_open_questions(
    tmp_path: Path, ending: str, explained: bool
) -> None:
    source, target = tmp_path / f"in{ending}", tmp_path / f"out{ending}"
    write_table(source, [*HEADER, *REST], ROWS)
    summary = classify_file(HR, source, target, ON, explained=explained)
    found = read(target)
    assert [one["verdict"] for one in found] == VERDICTS
    assert [one["户主"] for one in found] == ["甲", "乙", "丙", "丁", "戊"]
    assert summary.verdicts() == {"red": 1, "yellow": 1, "green": 2, "": 1}
    assert found[1]["verdict_name"] == "黄卡"
    assert "003:1982" in found[1]["clause"]
    assert found[4]["to_verify"] == "return_risk"
    assert all(one["reasons"] for one in found)
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
    listed = tmp_path / "out.csv.bad.csv"
    assert set(tmp_path.iterdir()) == {source, listed}
    assert read(listed)[1] == {
        "row": "3",
        "column": "handbook_income_per_capita",
        "value": "四千八",
        "accepted": "is no number (元)",
    }


def test_a_list_of_bad_cells_goes_once_the_file_is_mended(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    write_table(source, ["reg_status"], [["9"]])
    with pytest.raises(TableInvalid):
        classify_file(HR, source, target, ON)
    write_table(source, ["reg_status"], [["1"]])
    classify_file(HR, source, target, ON)
    assert set(tmp_path.iterdir()) == {source, target}


def test_of_very_many_bad_cells_the_first_are_shown_and_all_are_listed(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    # So many rows that several pieces of the file hold bad cells.
    rows = [["1" if at % 1000 else "x", f"{at}"] for at in range(700_000)]
    write_table(source, ["reg_status", "户号"], rows)
    with pytest.raises(TableInvalid) as refused:
        classify_file(HR, source, target, ON)
    assert refused.value.count == 700
    assert len(refused.value.cells) == 50
    assert "and 650 more" in str(refused.value)
    listed = read(tmp_path / "out.csv.bad.csv")
    assert [int(one["row"]) for one in listed] == list(range(2, 700_002, 1000))
    assert not target.exists()


def test_a_file_without_a_known_column_says_which_was_probably_meant(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_table(source, ["reg_statu"], [["1"]])
    with pytest.raises(TableInvalid, match="did you mean reg_status"):
        classify_file(HR, source, tmp_path / "out.csv", ON)


def test_columns_that_are_like_no_fact_are_not_guessed_at(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_table(source, ["编号", "户主", "reg_statu"], [["1", "甲", "1"]])
    with pytest.raises(TableInvalid) as error:
        classify_file(loaded().packs["n6"], source, tmp_path / "out.csv", ON)
    assert error.value.cells[1:] == ("column reg_statu is no fact (did you mean reg_status?)",)


def test_a_csv_saved_by_a_chinese_excel_is_read_too(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("户主,reg_status\n甲,未脱贫\n".encode("gb18030"))
    classify_file(HR, source, tmp_path / "out.csv", ON)
    assert read(tmp_path / "out.csv")[0] == {
        **read(tmp_path / "out.csv")[0],
        "户主": "甲",
        "reg_status": "未脱贫",
        "verdict": "red",
    }


def test_the_encoding_may_show_only_at_the_end_of_a_large_file(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    lines = [f"{at},1," for at in range(600_000)]
    source.write_bytes("\r\n".join(["no,reg_status,note", *lines, "x,2,脱贫户"]).encode("gb18030"))
    classify_file(HR, source, tmp_path / "out.csv", ON)
    found = read(tmp_path / "out.csv")
    assert len(found) == 600_001
    assert found[-1]["note"] == "脱贫户"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv", b""),
        ("in.csv", b"\xef\xbb\xbf\n1\n"),
        ("in.csv", b"\xff\xff\xff"),
        ("in.csv", "reg_status\n1\n".encode("utf-16")),
        ("in.csv", b"\xef\xbb\xbfreg_status,note\n1,\xff\n"),
        ("in.xlsx", b"no workbook"),
        ("in.xlsx", b""),
        ("in.parquet", b"no parquet file"),
        ("in.parquet", b""),
        ("in.txt", b"reg_status\n1\n"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileUnreadable, match=name):
        classify_file(HR, tmp_path / name, tmp_path / "out.csv", ON)
    assert list(tmp_path.iterdir()) == [tmp_path / name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path, ending: str) -> None:
    with pytest.raises(FileUnreadable, match="No such file"):
        classify_file(HR, tmp_path / f"in{ending}", tmp_path / "out.csv", ON)


def test_a_fact_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "in.csv", ["reg_status", "reg_status"], [["1", "2"]])
    with pytest.raises(TableInvalid, match="column reg_status: it stands twice"):
        classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON)


def test_a_result_can_be_classified_by_another_scheme_and_again_is_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    write_table(one, ["reg_status", "verdict"], [["1", "old"]])
    classify_file(HR, one, two, ON)
    assert read(two)[0]["verdict"] == "old"
    assert read(two)[0]["hr_verdict"] == "red"
    with pytest.raises(TableInvalid, match="column hr_verdict: the result has"):
        classify_file(HR, two, tmp_path / "three.csv", ON)


def test_a_result_in_no_known_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable, match=r"use \.csv, \.xlsx or \.parquet"):
        classify_file(HR, tmp_path / "in.csv", tmp_path / "out.txt", ON)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_that_cannot_be_put_in_its_place_leaves_nothing_behind(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"out{ending}").mkdir()
    write_table(tmp_path / "in.csv", ["reg_status"], [["1"]])
    with pytest.raises(FileUnwritable):
        classify_file(HR, tmp_path / "in.csv", tmp_path / f"out{ending}", ON)
    assert {path.name for path in tmp_path.iterdir()} == {f"out{ending}", "in.csv"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_earlier_result_as_it_was(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out{ending}"
    rows = 200_000 if ending != ".xlsx" else 4_000
    chance = random.Random(1)
    write_table(source, ["reg_status", "户号"], [["1", chance.random()] for _ in range(rows)])
    target.write_bytes(b"earlier")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(FileUnwritable, match=f"out{ending}"):
            classify_file(HR, source, target, ON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert target.read_bytes() == b"earlier"
    assert {path.name for path in tmp_path.iterdir()} == {target.name, "in.csv"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_whoever_interrupts_finds_nothing_half_written(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out{ending}"
    write_table(source, ["reg_status"], [["1"]] * 30)

    def interrupted(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        classify_file(HR, source, target, ON, progress=interrupted)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_without_households_gives_a_result_without_any(tmp_path: Path, ending: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / f"out{ending}"
    write_table(source, ["户号", "reg_status"], [])
    summary = classify_file(HR, source, target, ON)
    assert summary.verdicts() == {}
    assert read(target) == []


def test_the_result_may_take_the_place_of_its_source(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    write_table(source, ["reg_status"], [["1"]])
    classify_file(HR, source, source, ON)
    assert read(source)[0]["verdict"] == "red"


def test_progress_ends_at_the_number_of_rows(tmp_path: Path) -> None:
    source, seen = tmp_path / "in.csv", []
    write_table(source, ["reg_status"], [["1"]] * 5)
    classify_file(HR, source, tmp_path / "out.csv", ON, progress=lambda done, total: seen.append(done))
    assert seen[-1] == 5


def test_the_columns_say_kind_options_and_unit() -> None:
    found = {column.fact: column for column in columns_of(HR)}
    assert found["reg_status"].options == "1=未脱贫; 2=已脱贫; 3=非建档立卡"
    assert found["handbook_income_per_capita"].unit == "元"
    assert set(HR.reads) <= set(found)
