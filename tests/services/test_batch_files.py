"""Tables as offices really save them: every oddity is read as it is meant, or refused with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bot.services.batch_cells import read_cell
from bot.services.batch_csv import BLOCK
from bot.services.batch_summary import Words
from bot.services.exchange import TableInvalid, classify_file
from bot.services.tables import FileUnreadable
from tests.services.batch_tables import read, write
from tests.services.village import loaded

HR = loaded().packs["hr"]
ON = date(2020, 4, 10)
WORDS = Words("地方", "户数", "待核实", "合计", "处没有列出")
INCOME = "handbook_income_per_capita"


def result(tmp_path: Path, content: bytes, ending: str = ".csv") -> list[dict[str, str]]:
    (tmp_path / "in.csv").write_bytes(content)
    classify_file(HR, tmp_path / "in.csv", tmp_path / f"out{ending}", ON)
    return read(tmp_path / f"out{ending}")


def refused(tmp_path: Path, content: bytes) -> list[str]:
    with pytest.raises(TableInvalid) as error:
        result(tmp_path, content)
    return list(error.value.cells)


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["", "end"])
def test_any_encoding_and_line_break_will_do(tmp_path: Path, encoding: str, newline: str, end: str) -> None:
    text = newline.join(["户主,reg_status", "甲,未脱贫", "乙,1"]) + (newline if end else "")
    found = result(tmp_path, text.encode(encoding))
    assert [(one["户主"], one["verdict"]) for one in found] == [("甲", "red"), ("乙", "red")]


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_quotation_marks_commas_and_line_breaks_in_cells_are_kept(tmp_path: Path, ending: str) -> None:
    text = 'note,"reg_status",end\n"a, ""b""\nc",1,"x"\nplain,"1",y\n'
    found = result(tmp_path, text.encode(), ending)
    assert [(one["note"], one["end"]) for one in found] == [('a, "b"\nc', "x"), ("plain", "y")]
    assert [one["verdict"] for one in found] == ["red", "red"]


def test_quoted_cells_without_line_breaks_are_carried_over_as_they_are(tmp_path: Path) -> None:
    found = result(tmp_path, b'"note","reg_status"\n"a, ""b""","1"\n')
    assert found[0]["note"] == 'a, "b"'
    assert found[0]["verdict"] == "red"


def test_a_quotation_mark_left_open_at_the_end_swallows_no_result(tmp_path: Path) -> None:
    found = result(tmp_path, b'reg_status,note\n1,a\n1,"b')
    assert [(one["note"], one["verdict"]) for one in found] == [("a", "red"), ("b", "red")]


def test_rows_that_excel_saved_too_short_are_filled_up(tmp_path: Path) -> None:
    found = result(tmp_path, b"no,reg_status,note,end\n1,1,a,b\n2,1\n3\n")
    assert [(one["no"], one["verdict"], one["end"]) for one in found] == [
        ("1", "red", "b"),
        ("2", "red", ""),
        ("3", "", ""),
    ]


def test_a_cell_beyond_the_header_is_refused_as_it_may_have_shifted_the_others(tmp_path: Path) -> None:
    assert refused(tmp_path, b"no,reg_status\n1,1\n2,1,x\n3,1,,\n") == [
        "row 3: 'x' stands beyond the 2 columns of the header"
    ]


def test_blank_rows_are_left_out_but_counted(tmp_path: Path) -> None:
    content = b"reg_status,no\n\n1,a\n,\n  , \n9,b\n\n"
    assert refused(tmp_path, content)[0].startswith("row 6, column reg_status: '9'")
    found = result(tmp_path, content.replace(b"9,b", b"1,b"))
    assert [one["no"] for one in found] == ["a", "b"]


def test_a_row_is_blank_only_when_what_is_carried_over_is_too(tmp_path: Path) -> None:
    found = result(tmp_path, b"reg_status,no\n,a\n,\n1,b\n")
    assert [one["no"] for one in found] == ["a", "b"]


def test_bad_cells_after_many_rows_are_told_by_their_row(tmp_path: Path) -> None:
    line = b"1," + b"x" * 90 + b"\n"
    rows = 3 * BLOCK // len(line)
    cells = refused(tmp_path, b"reg_status,note\n" + line * rows + b"\n9,y\n")
    assert cells[0].startswith(f"row {rows + 3}, column reg_status: '9'")


def test_a_large_file_keeps_every_row_in_its_place(tmp_path: Path) -> None:
    rows = [f'{at},{1 + at % 3},"{"n" * (at % 50)}"' for at in range(300_000)]
    found = result(tmp_path, "\n".join(["no,reg_status,note", *rows]).encode())
    assert [one["no"] for one in found] == [str(at) for at in range(300_000)]
    assert {one["verdict"] for one in found[0::3]} == {"red"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5,000", "绿卡"),
        (" 4999.99 ", "黄卡"),
        ("4.99999e3", "黄卡"),
        ("+5000", "绿卡"),
        ("５０００", "绿卡"),
    ],
)
def test_figures_are_read_as_people_write_them(tmp_path: Path, text: str, told: str) -> None:
    no = ["consumer_car", "luxury_decoration", "commercial_housing", "single_under60_fit"]
    header = ["reg_status", INCOME, "return_risk", "parents_live_apart", *no]
    write(tmp_path / "in.csv", header, [["2", text, "1", "2", "2", "2", "2", "2"]] * 2)
    classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON)
    assert [one["verdict_name"] for one in read(tmp_path / "out.csv")] == [told] * 2


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NaN", "1e999", "0x10", "N/A", "2020-01-01", "五千"])
def test_what_is_no_figure_is_refused(tmp_path: Path, text: str) -> None:
    cells = refused(tmp_path, f"reg_status,{INCOME}\n2,4800\n2,{text}\n".encode())
    assert cells == [f"row 3, column {INCOME}: {text!r} is no number (元)"]


def test_several_codes_stand_in_one_cell(tmp_path: Path) -> None:
    assert refused(tmp_path, b'reg_status,poverty_risk_causes\n3,1 99\n3,2;3\n3,"1,2"\n')[0].startswith(
        "row 2, column poverty_risk_causes: '1 99' is no option"
    )


@pytest.mark.parametrize("text", ["1、2", "1，2", "自然灾害；突发疾病", "自然灾害、 2", "1.0 2.0", "1;2"])
def test_several_codes_are_separated_as_chinese_offices_do(text: str) -> None:
    info = loaded().packs["yb"].registry["hardship_causes"]
    assert read_cell(text, info) == ([1, 2], "")


# ---------------------------------------------------------------- Excel


def test_formulas_count_as_their_values_and_without_one_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["reg_status", "note"])
    book.active.append(["=1+0", "a"])
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(FileUnreadable, match="cell A2 holds a formula without a value"):
        classify_file(HR, tmp_path / "in.xlsx", tmp_path / "out.csv", ON)


def test_a_date_where_a_figure_belongs_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["reg_status", INCOME])
    book.active.append([2, date(2020, 1, 1)])
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(TableInvalid, match=f"row 2, column {INCOME}: '2020-01-01 00:00:00' is no number"):
        classify_file(HR, tmp_path / "in.xlsx", tmp_path / "out.csv", ON)


def test_whole_numbers_of_excel_stay_whole_and_blank_rows_are_counted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["reg_status", "no"])
    book.active.append([1.0, 7.0])
    book.active.append([])
    book.active.append([9.0, None])
    book.save(tmp_path / "in.xlsx")
    with pytest.raises(TableInvalid, match="row 4, column reg_status: '9'"):
        classify_file(HR, tmp_path / "in.xlsx", tmp_path / "out.csv", ON)


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("reg_status,note\n1,=1+1\n1,a\x0bb\n", encoding="utf-8")
    classify_file(HR, tmp_path / "in.csv", tmp_path / "out.xlsx", ON)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert sheet["B3"].value == "ab"


# ---------------------------------------------------------------- Parquet


def test_parquet_may_hold_any_type_that_says_the_same(tmp_path: Path) -> None:
    table = pa.table(
        {
            "reg_status": pa.array([1.0, None, 3.0]),
            INCOME: pa.array(["4,800", "", None]),
            "poverty_risk_causes": pa.array([[1, 2], None, []]),
            "consumer_car": pa.array(["是", "2", None]).dictionary_encode(),
            "commercial_housing": pa.array([None, None, None], pa.null()),
            "note": pa.array([date(2020, 1, 1), None, None]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    for ending in (".csv", ".xlsx", ".parquet"):
        classify_file(HR, tmp_path / "in.parquet", tmp_path / f"out{ending}", ON)
        assert read(tmp_path / f"out{ending}")[0]["verdict"] == "red"
    assert pq.read_table(tmp_path / "out.parquet").column("note").type == pa.date32()


def test_cells_of_parquet_that_cannot_be_read_are_told_by_row(tmp_path: Path) -> None:
    table = pa.table({"reg_status": [1, 2, 9], INCOME: [1.0, float("inf"), float("nan")]})
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(TableInvalid) as error:
        classify_file(HR, tmp_path / "in.parquet", tmp_path / "out.parquet", ON)
    assert [cell.partition(":")[0] for cell in error.value.cells] == [
        f"row 3, column {INCOME}",
        "row 4, column reg_status",
    ]


def test_a_damaged_parquet_file_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    table = pa.table({"reg_status": [1, 2, 3] * 50_000, "no": list(range(150_000))})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=50_000, use_dictionary=False)
    content = bytearray((tmp_path / "in.parquet").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = b"\xff" * 40_000
    (tmp_path / "in.parquet").write_bytes(content)
    with pytest.raises(FileUnreadable, match="damaged"):
        classify_file(HR, tmp_path / "in.parquet", tmp_path / "out.parquet", ON)
    assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


# ---------------------------------------------------------------- by place


def test_the_counts_foot_and_places_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [["丙村", "1"], ["甲村", "1"], ["丙村", ""], ["", "1"], ["甲村", "3"]]
    write(tmp_path / "in.csv", ["村", "reg_status"], rows)
    summary = classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON, places=["village", "村"])
    table = [summary.header(WORDS), *summary.rows(WORDS)]
    assert [row[0] for row in table] == ["村", "丙村", "甲村", "-", "合计"]
    assert [row[1] for row in table[1:]] == [2, 2, 1, 5]
    assert all(row[1] == sum(row[2:]) for row in table[1:])
    assert all(sum(column[:-1]) == column[-1] for column in list(zip(*table[1:], strict=True))[1:])
    lines = summary.lines(WORDS)
    assert lines[0].startswith("村")
    assert lines[-1].split()[:2] == ["合计", "5"]
    summary.write(tmp_path / "summary.xlsx", WORDS)
    assert read(tmp_path / "summary.xlsx")[-1]["户数"] == "5"


def test_of_very_many_places_the_first_are_shown(tmp_path: Path) -> None:
    write(tmp_path / "in.csv", ["no", "reg_status"], [[str(at), "1"] for at in range(30)])
    summary = classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON, by="no")
    lines = summary.lines(WORDS, shown=10)
    assert len(lines) == 13
    assert lines[-2] == "… 20 处没有列出"


def test_a_column_to_count_by_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "in.csv", ["village", "reg_status"], [["a", "1"]])
    with pytest.raises(FileUnreadable, match=r"no column vilage \(did you mean village"):
        classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON, by="vilage")


def test_without_a_place_only_the_total_is_counted(tmp_path: Path) -> None:
    write(tmp_path / "in.csv", ["reg_status"], [["1"], ["1"]])
    summary = classify_file(HR, tmp_path / "in.csv", tmp_path / "out.csv", ON)
    assert [row[:2] for row in summary.rows(WORDS)] == [["合计", 2]]


def test_an_identity_number_beside_the_columns_is_not_repeated(tmp_path: Path) -> None:
    cells = refused(tmp_path, b"no,reg_status\n1,1,11010519491231002X\n")
    assert [cell for cell in cells if "2X" in cell]
    listed = (tmp_path / "out.csv.bad.csv").read_text(encoding="utf-8-sig")
    assert "11010519491231" not in "".join(cells) + listed
