"""Tables as .xlsx files: what is written, what the formulas come to, and how it is printed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from bot.render.table_figures import CellUnknown
from bot.render.table_tabs import tabs
from bot.render.table_view import DASH, Blank, Book, Column, Less, Noted, Row, Share, Sheet, Sum
from bot.render.workbooks import write

COLUMNS = (
    Column("place", ("地方",), width=14),
    Column("code", ("代码",), "code"),
    Column("found", ("问题", "小计"), "integer", total=True),
    Column("solved", ("问题", "已解决"), "integer", total=True),
    Column("rest", ("问题", "正在解决"), "integer", total=True),
    Column("share", ("已解决占比",), "percent"),
)


def row(place: str, found: Any, solved: Any, **more: Any) -> Row:
    cells = {"place": place, "found": found, "solved": solved, "rest": Less("found", "solved")}
    return Row({**cells, "share": Share("solved", "found"), **more})


def sheet(*rows: Row, **more: Any) -> Sheet:
    options = {"total": "合计", "notes": ("注：按户计。",), "frozen": 1, "empty": "还没有"} | more
    return Sheet("表", "一张表", ("填报单位：清河县",), COLUMNS, rows, **options)


def read(*sheets: Sheet, formulas: bool = False) -> Any:
    content = write(Book("表", date(2020, 6, 30), sheets, "第 {page} 页"))
    return openpyxl.load_workbook(io.BytesIO(content), data_only=not formulas).worksheets[0]


def body(page: Any) -> list[tuple[Any, ...]]:
    return list(page.iter_rows(min_row=5, values_only=True))


def test_a_total_is_a_formula_whose_value_is_there_without_computing() -> None:
    made = sheet(row("甲村", 5, 2), row("乙村", 3, 3))
    assert body(read(made))[:3] == [
        ("甲村", None, 5, 2, 3, 0.4),
        ("乙村", None, 3, 3, 0, 1),
        ("合计", None, 8, 5, 3, None),
    ]
    assert read(made, formulas=True)["C7"].value == '=IF(COUNT(C5:C6)=0,"",SUM(C5:C6))'


def test_what_is_not_known_stays_blank_and_says_why_and_is_no_zero() -> None:
    page = read(sheet(row("甲村", Blank("还没有采集"), 2), row("乙村", 0, 0)))
    assert page["C5"].value is None
    assert page["C5"].comment.text == "还没有采集"
    assert page["E5"].value is None, "nothing less two is not minus two"
    assert (page["C6"].value, page["F6"].value) == (0, None), "no share of nothing"
    assert (page["C7"].value, page["D7"].value) == (0, 2)


def test_a_sum_of_unknown_parts_is_unknown_and_a_whole_one_needs_them_all() -> None:
    parts = Row({"place": "甲村", "solved": 1, "rest": None, "found": Sum(("solved", "rest"))})
    whole = Row({"place": "乙村", "solved": 1, "rest": None, "found": Sum(("solved", "rest"), whole=True)})
    none = Row({"place": "丙村", "found": Sum(("solved", "rest"))})
    page = read(sheet(parts, whole, none))
    assert [page[f"C{line}"].value for line in (5, 6, 7)] == [1, None, None]


def test_subtotals_are_not_added_up_again() -> None:
    made = sheet(
        row("甲村", 5, 2),
        row("乙村", 3, 3),
        Row({"place": "小计"}, "subtotal"),
        row("丙村", 1, 0),
        Row({"place": "小计"}, "subtotal"),
    )
    page = read(made)
    assert [page[f"C{line}"].value for line in (7, 9, 10)] == [8, 1, 9]
    assert "SUBTOTAL(9,C5:C9)" in read(made, formulas=True)["C10"].value


def test_rows_are_added_up_by_their_ids() -> None:
    rows = (
        Row({"place": "投入", "found": Sum(("a", "b"), of_rows=True)}),
        Row({"place": "其一", "found": 1.1}, id="a"),
        Row({"place": "其二", "found": 2.2}, id="b"),
        Row({"place": "占比", "found": Share("a", "b", of_rows=True)}, kind="percent"),
    )
    page = read(sheet(*rows, total=""))
    assert page["C5"].value == 3.3
    assert page["C8"].value == pytest.approx(0.5)
    assert page["C8"].number_format == "0.00%"


def test_a_dash_is_a_dash_and_codes_and_formulas_typed_as_text_stay_text() -> None:
    page = read(sheet(row("=1+1", DASH, Noted(4, "有一户待核"), code="007")))
    assert page["A5"].value == "=1+1"
    assert page["A5"].data_type == "s"
    assert (page["B5"].value, page["B5"].number_format) == ("007", "@")
    assert page["C5"].value == "—"
    assert (page["D5"].value, page["D5"].comment.text) == (4, "有一户待核")
    assert page["E5"].value is None


def test_heads_share_a_cell_where_they_say_the_same_and_reach_down_where_they_end() -> None:
    page = read(sheet(row("甲村", 1, 1)))
    merged = {str(area) for area in page.merged_cells.ranges}
    assert {"A1:F1", "A2:F2", "A3:A4", "B3:B4", "C3:E3", "F3:F4"} <= merged
    assert (page["C3"].value, page["C4"].value, page["E4"].value) == ("问题", "小计", "正在解决")


def test_it_is_ready_to_print() -> None:
    page = read(sheet(row("甲村", 1, 1), landscape=True, paper="A3"))
    assert page.page_setup.orientation == "landscape"
    assert page.page_setup.paperSize == 8
    assert page.print_title_rows == "$3:$4"
    assert page.freeze_panes == "B5"
    assert "&P" in page.oddFooter.center.text
    assert page["A7"].value == "注：按户计。"


def test_an_empty_list_says_so() -> None:
    page = read(sheet())
    assert page["A5"].value == "还没有"
    assert page["A6"].value == "注：按户计。", "no total of nothing"


def test_equal_cells_below_one_another_become_one() -> None:
    page = read(sheet(row("甲村", 1, 1), row("甲村", 2, 1), row("乙村", 3, 1), merged=("place",)))
    assert "A5:A6" in {str(area) for area in page.merged_cells.ranges}


def test_tabs_are_called_as_excel_allows() -> None:
    names = [
        "甲村",
        "甲村",
        "东[一]/西:*?\\村",
        "'南村'",
        "History",
        "HISTORY",
        "",
        "/",
        "村" * 40,
        "村" * 40,
        "Ab",
        "aB",
    ]
    made = tabs(names)
    assert made == [
        *("甲村", "甲村(2)", "东 一  西    村", "南村", "History(2)", "HISTORY(3)", "(2)", "(3)"),
        *("村" * 31, "村" * 28 + "(2)", "Ab", "aB(2)"),
    ]
    assert tabs(["\U00020bb7" * 16]) == ["\U00020bb7" * 15], "a rare sign takes the room of two"
    alike = tabs(["村"] * 12 + ["村(2)"])
    assert len({each.casefold() for each in alike}) == 13


def test_places_that_are_called_alike_have_a_tab_each() -> None:
    sheets = [replace(sheet(row("甲村", at, 0)), name="东/村") for at in range(3)]
    book = openpyxl.load_workbook(io.BytesIO(write(Book("表", date(2020, 6, 30), tuple(sheets)))))
    assert book.sheetnames == ["东 村", "东 村(2)", "东 村(3)"]
    assert [page["C5"].value for page in book.worksheets] == [0, 1, 2]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "http://x.cn", "mailto:a@b.cn", "=cmd|' /C'!A0"]
)
def test_whatever_somebody_typed_is_text_and_nothing_is_worked_out(text: str) -> None:
    made = write(
        Book(
            "表",
            date(2020, 6, 30),
            (
                replace(
                    sheet(row(text, Noted(text, text), Blank(text)), row(text, 1, 1), notes=(text,)),
                    title=text,
                    about=(text,),
                    merged=("place",),
                ),
            ),
        )
    )
    page = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
    cells = [cell for line in page.iter_rows() for cell in line if cell.value == text]
    assert {cell.coordinate for cell in cells} == {"A1", "A2", "A5", "C5", "A8"}
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert page._hyperlinks == []


def test_signs_that_no_file_holds_and_days_and_texts_beyond_excel_do_no_harm() -> None:
    far, long = date(1862, 3, 4), "长" * 40_000
    page = read(
        sheet(row("甲\x01\x0b村", 1, 1, code=far), row("乙村", Noted(1, long + "\x02"), 1, code=long))
    )
    assert page["B5"].value == "1862-03-04"
    assert page["B6"].value == page["C6"].comment.text == "长" * 16_000 + "……"


def test_the_same_book_gives_the_same_bytes() -> None:
    made = Book("表", date(2020, 6, 30), (sheet(row("甲村", 5, 2)),))
    assert write(made) == write(made)


def test_a_cell_in_no_column_is_an_error_that_names_it() -> None:
    with pytest.raises(CellUnknown, match="names solvd in row 1"):
        write(Book("表", date(2020, 6, 30), (sheet(Row({"solvd": 1})),)))
    with pytest.raises(CellUnknown, match="names nothing in row 1"):
        write(Book("表", date(2020, 6, 30), (sheet(Row({"found": Sum(("nothing",))})),)))
