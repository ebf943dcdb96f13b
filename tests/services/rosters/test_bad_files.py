"""Files as offices really send them: every fault is named by sheet, row and column, and nothing comes in."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from bot.services.rosters import excel_scan
from bot.services.rosters.layout import RosterLayout
from tests.services.rosters.desk_work import COUNTY, LI, WANG, Desk, book, number, told

HEAD = ("户编号", "乡镇", "村", "户主姓名", "户主身份证号", "家庭人口", "名册状态", "脱贫年份", "联系电话")
ROW = ("SS-1", "东山镇", "松树村", "王建新", number(11), 3, "已脱贫", 2018, "13800000000")


def sheet(
    *rows: tuple[Any, ...], name: str = "农户", formulas: dict[tuple[int, int], str] | None = None
) -> bytes:
    """A workbook of one sheet, cell by cell as given."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as made:
        page = made.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(at, place, cell, made.add_format({"num_format": "yyyy/m/d"}))
                else:
                    page.write(at, place, cell)
        for (at, place), formula in (formulas or {}).items():
            page.write_formula(at, place, formula, None, "王建新")
    return out.getvalue()


def row(**changed: Any) -> tuple[Any, ...]:
    """The row with other cells, by the names of the columns."""
    return tuple(changed.get(name, cell) for name, cell in zip(HEAD, ROW, strict=True))


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("户主身份证号", 430621196803050015.0, "figures_lost"),
        ("户主身份证号", "4.30621E+17", "figures_lost"),
        ("户主身份证号", number(11)[:-1] + ("1" if number(11)[-1] != "1" else "2"), "id_check_digit"),
        ("户主身份证号", "430621680305001", "id_old"),
        ("户主身份证号", "身份证丢了", "id_characters"),
        ("家庭人口", "三口", "not_whole"),
        ("家庭人口", 2.5, "not_whole"),
        ("家庭人口", 0, "out_of_range"),
        ("脱贫年份", 18, "out_of_range"),
        ("名册状态", "脱贫户", "not_an_option"),
        ("名册状态", "未脱贫", ""),
        ("联系电话", "1380000", "phone"),
        ("户主姓名", "", "empty"),
        ("户主姓名", "=A1", "formula"),
        ("户编号", 43062119680305001.0, "figures_lost"),
        ("户编号", date(2026, 3, 1), "turned"),
        ("户主姓名", True, "turned"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(desk: Desk, column: str, cell: Any, reason: str) -> None:
    found = desk.read(sheet(HEAD, ROW, row(**{"户编号": "SS-2", "户主身份证号": number(13), column: cell})))
    if reason:
        assert told(found) == [("农户", 3, column, reason)]
    else:  # what is wrong is the year beside it
        assert told(found) == [("农户", 3, "脱贫年份", "exit_year")]


def test_the_list_never_repeats_a_number_or_a_name(desk: Desk) -> None:
    found = desk.read(sheet(HEAD, row(户主身份证号=number(11)[:-1] + "Y", 联系电话="123456789")))
    said = str(found.troubles.found)
    assert len(found.troubles.found) == 2
    assert "王建新" not in said
    assert number(11)[:8] not in said
    assert "12345" not in said


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("1968-03-05", date(1968, 3, 5)),
        ("1968/3/5", date(1968, 3, 5)),
        ("1968.3.5", date(1968, 3, 5)),
        ("1968年3月5日", date(1968, 3, 5)),
        ("一九六八年三月五日", date(1968, 3, 5)),
        ("19680305", date(1968, 3, 5)),
        (19680305, date(1968, 3, 5)),
        ("1968-03-05 00:00:00", date(1968, 3, 5)),
        (date(1968, 3, 5), date(1968, 3, 5)),
        ("68.3.5", "unsure_day"),
        ("3月5日", "unsure_day"),
        ("昨天", "unsure_day"),
        ("05/03/1968", "not_a_day"),
        ("1968年3月", "not_a_day"),
        ("1968-02-30", "no_such_date"),
        ("2035-01-01", "day_out_of_range"),
        (24902, "not_a_day"),
    ],
)
def test_a_day_as_text_is_read_when_it_is_sure(desk: Desk, cell: Any, day: date | str) -> None:
    head = ("户编号", "姓名", "出生日期")
    found = desk.read(sheet(head, ("SS-1", "王建新", cell), name="家庭成员"))
    if isinstance(day, str):
        assert told(found) == [("家庭成员", 2, "出生日期", day)]
    else:
        assert told(found) == []
        assert [each.birth_date for each in found.loose["code", "SS-1"]] == [day]


def test_formulas_are_found_though_they_show_values(desk: Desk) -> None:
    found = desk.read(
        sheet(
            HEAD, ROW, row(户编号="SS-2", 户主身份证号=number(13)), formulas={(2, 3): "=D2", (2, 20): "=1+1"}
        )
    )
    assert told(found)[:2] == [("农户", 3, "D", "formula"), ("农户", 3, "U", "formula")]


def test_a_formula_whose_cell_is_not_named_is_counted(desk: Desk) -> None:
    whole = io.BytesIO(sheet(HEAD, ROW, formulas={(1, 3): "=D9"}))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(out, "w") as copy:
        for name in archive.namelist():
            part = archive.read(name)
            copy.writestr(name, re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", part) if "sheet1" in name else part)
    found = desk.read(out.getvalue())
    assert told(found) == [("农户", None, "", "more_formulas")]
    assert found.troubles.found[0].facts == {"count": 1}


def test_duplicate_rows_name_each_other(desk: Desk) -> None:
    rows = (
        ROW,
        row(户主姓名="李四", 户主身份证号=number(13)),
        row(户编号="SS-3", 户主姓名="张三"),
        row(户编号="", 户主身份证号="", 联系电话=""),
    )
    found = desk.read(sheet(HEAD, *rows))
    assert told(found) == [
        ("农户", 3, "户编号", "twice"),
        ("农户", 4, "户主身份证号", "twice"),
        ("农户", 5, "户主姓名", "home_twice"),
    ]
    assert [each.facts["other"] for each in found.troubles.found] == [2, 2, 2]


def test_one_name_with_two_numbers_is_two_people(desk: Desk) -> None:
    found = desk.read(sheet(HEAD, ROW, row(户编号="SS-2", 户主身份证号=number(13))))
    assert told(found) == []


def test_the_template_is_read_and_its_examples_are_not(desk: Desk, layout: RosterLayout) -> None:
    from bot.services.rosters.workbook import write_template

    out = io.BytesIO()
    write_template(layout, desk.office.content.offices, out)
    found = desk.read(out.getvalue())
    assert told(found) == []
    assert (found.regions, found.people, found.households, found.loose) == ([], [], [], {})


def test_a_title_above_the_header_and_other_names_of_columns_do_no_harm(desk: Desk) -> None:
    head = tuple(
        {"户编号": "户号", "村": "行政村", "联系电话": "手机号", "户主姓名": "户主姓名*"}.get(h, h)
        for h in HEAD
    )
    found = desk.read(sheet(("华容县农户名册（2026年）",), (), head, ROW, name="Sheet1"))
    assert told(found) == []
    assert [(each.row, each.code) for each in found.households] == [(4, "SS-1")]


def test_a_column_that_nobody_knows_is_not_dropped_in_silence(desk: Desk) -> None:
    found = desk.read(sheet((*HEAD, "家庭住纸", "联系电话"), ROW))
    assert told(found) == [("农户", 1, "家庭住纸", "unknown_column"), ("农户", 1, "联系电话", "column_twice")]
    assert found.troubles.found[0].facts["near"] == "住址"


def test_what_stands_in_a_column_without_a_name_is_not_dropped_in_silence(desk: Desk) -> None:
    other = row(户编号="SS-2", 户主姓名="李四", 户主身份证号=number(13))
    found = desk.read(sheet(HEAD, (*ROW, "低保"), other, ("",) * 10 + ("备注",), (" ",)))
    assert told(found) == [("农户", 2, "", "no_column"), ("农户", 4, "", "no_column")]


def worked(change: Callable[[Any, Any], object], *rows: tuple[Any, ...], name: str = "农户") -> bytes:
    """A workbook of that sheet and one of drop-down lists, after a deed at the first."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page, lists = made.add_worksheet(name), made.add_worksheet("字典")
        lists.write(0, 0, "已脱贫")
        lists.hide()
        for at, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                page.write(at, place, cell)
        change(page, made)
    return out.getvalue()


def test_cells_merged_below_the_header_are_named(desk: Desk) -> None:
    """Only the first of them has a value: the others would come in empty."""
    two = row(户编号="SS-2", 户主姓名="李四", 户主身份证号=number(13), 名册状态="")

    def merge(page: Any, _book: Any) -> None:
        page.merge_range(0, 0, 0, 8, "农户名册")
        page.merge_range(2, 6, 3, 6, "已脱贫")

    found = desk.read(worked(merge, ("农户名册",), HEAD, ROW, two))
    assert told(found) == [("农户", 3, "G", "merged")]
    assert found.troubles.found[0].facts == {"last": 4}


def test_a_cell_with_an_error_is_no_empty_cell(desk: Desk) -> None:
    whole = io.BytesIO(sheet(HEAD, ROW))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(out, "w") as copy:
        for name in archive.namelist():
            part = archive.read(name)
            cell = rb'<c r="I2"[^>]*><v>[^<]*</v></c>'
            copy.writestr(name, re.sub(cell, b'<c r="I2" t="e"><v>#N/A</v></c>', part))
    assert told(desk.read(out.getvalue())) == [("农户", 2, "I", "error_value")]


def test_what_nobody_sees_is_not_read(desk: Desk) -> None:
    def nothing(page: Any, _book: Any) -> None:
        pass

    def hide(page: Any, book: Any) -> None:
        book.add_worksheet("说明").activate()
        page.hide()

    assert told(desk.read(worked(nothing, HEAD, ROW))) == []
    for name in ("农户", "去年的"):
        found = desk.read(worked(hide, HEAD, ROW, name=name))
        assert told(found)[0] == (name, None, "", "hidden_sheet")
        assert found.households == []


def test_gaps_in_a_name_mean_nothing(desk: Desk) -> None:
    two = row(户编号="SS-2", 户主姓名="Ali  Bek", 户主身份证号=number(13))
    found = desk.read(sheet(HEAD, row(户主姓名=" 王　新"), two))
    assert told(found) == []
    assert [each.head_name for each in found.households] == ["王新", "Ali  Bek"]


def test_a_column_that_must_be_there_is_missed(desk: Desk) -> None:
    assert told(desk.read(sheet(HEAD[:3], ROW[:3]))) == [("农户", 1, "户主姓名", "column_missing")]
    assert told(desk.read(sheet(("甲", "乙"), ("1", "2"), name="别的"))) == [
        ("别的", None, "", "unknown_sheet")
    ]


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 40]
)
async def test_what_is_no_workbook_is_refused(desk: Desk, content: bytes) -> None:
    outcome, found = await desk.take(content)
    assert [reason for *_, reason in told(found)] in (["damaged"], ["locked"])
    assert not outcome.written


def test_a_cut_off_workbook_is_refused(desk: Desk, layout: RosterLayout) -> None:
    whole = book(layout, COUNTY)
    for cut in (200, len(whole) // 2, len(whole) - 30):
        assert [reason for *_, reason in told(desk.read(whole[:cut]))] == ["damaged"]


def test_a_workbook_that_unpacks_without_end_is_refused(
    desk: Desk, layout: RosterLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel_scan, "UNPACKED", 1 << 20)
    bomb = io.BytesIO(book(layout, COUNTY))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", b" " * (1 << 22))
    assert [reason for *_, reason in told(desk.read(bomb.getvalue()))] == ["too_large"]
    # One that lies about its size is no smaller for it.
    content = bytearray(bomb.getvalue())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        size = archive.getinfo("xl/more.xml").file_size
    lied = bytes(content).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert [reason for *_, reason in told(desk.read(lied))] in (["too_large"], ["damaged"])
    assert zlib.crc32(lied) != zlib.crc32(bytes(content))


@pytest.mark.parametrize(("at", "place", "cell"), [(1_048_575, 16_383, "x"), (899_999, 701, 1), (9, 30, 0)])
def test_a_cell_at_the_end_of_the_world_does_not_fill_the_memory(
    desk: Desk, at: int, place: int, cell: Any
) -> None:
    far = io.BytesIO()
    with xlsxwriter.Workbook(far) as made:
        page = made.add_worksheet("农户")
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, ROW)
        page.write(at, place, cell)
    assert [reason for *_, reason in told(desk.read(far.getvalue()))] == ["far"]


CSV = ",".join(HEAD) + "\r\n" + ",".join(map(str, ROW)) + "\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_csv_comes_in_either_encoding(desk: Desk, encoding: str) -> None:
    found = desk.read(CSV.encode(encoding), ".csv")
    assert told(found) == []
    assert [(each.head_name, each.population) for each in found.households] == [("王建新", 3)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CSV.encode("utf-16"), "encoding"),
        (CSV.encode("utf-8") + b"\xff\xff\xff\n", "encoding"),
        (CSV.encode("big5", "ignore"), ""),
        ((CSV + 'SS-2,"东山镇\r\n').encode(), "quotes"),
        (b"\x00\x01\x02", "encoding"),
        (b"", "no_sheet"),
    ],
)
def test_csv_that_cannot_be_read_says_why(desk: Desk, content: bytes, reason: str) -> None:
    reasons = [each for *_, each in told(desk.read(content, ".csv"))]
    assert reasons == [reason] if reason else reasons


def test_another_kind_of_file_is_refused(desk: Desk) -> None:
    assert [reason for *_, reason in told(desk.read(b"x", ".xls"))] == ["ending"]


def test_a_title_above_a_csv_does_not_hide_what_parts_its_cells(desk: Desk) -> None:
    found = desk.read(("农户名册\r\n" + CSV.replace(",", "\t")).encode(), ".csv")
    assert told(found) == []
    assert [each.head_name for each in found.households] == ["王建新"]


async def test_who_the_head_is_stands_alike_in_both_sheets(desk: Desk) -> None:
    son = {"code": "SS-1", "name": "王小军"}
    cases: list[tuple[list[dict[str, Any]], list[tuple[int, str, str]]]] = [
        ([{**son, "name": "王建新", "relation": "本人"}], []),
        ([{**son, "relation": "户主"}], [(2, "姓名", "head_name_differs")]),
        ([{**son, "id_number": WANG["head_id_number"]}], [(2, "姓名", "head_name_differs")]),
        (
            [{**son, "name": "王建新", "relation": "户主", "id_number": number(15)}],
            [(2, "身份证号", "head_number_differs")],
        ),
        (
            [{**son, "name": "王建新", "relation": "户主", "birth_date": date(1970, 1, 1), "sex": "女"}],
            [(2, "出生日期", "birth_date_differs"), (2, "性别", "sex_differs")],
        ),
        (
            [
                {**son, "name": "王建新", "relation": "户主"},
                {**son, "relation": "户主", "id_number": number(15)},
            ],
            [(3, "与户主关系", "two_heads")],
        ),
        ([{**son, "id_number": LI["head_id_number"]}], [(2, "身份证号", "head_elsewhere")]),
    ]
    for members, expected in cases:
        outcome, found = await desk.take(COUNTY | {"members": members})
        assert [each[1:] for each in told(found)] == expected, members
        assert outcome.written is not bool(expected)


async def test_a_member_of_nobody_and_a_member_of_two(desk: Desk) -> None:
    await desk.take(COUNTY)
    rows = [
        {"name": "无主"},
        {"code": "SS-404", "name": "赵六"},
        {"code": "SS-1", "head_id_number": number(22), "name": "钱七"},
        {"code": "SS-1", "name": "孙八", "id_number": number(31, "19990101"), "birth_date": "1998-01-01"},
        {"code": "SS-1", "name": "孙八"},
    ]
    _, found = await desk.take({"households": [WANG, LI], "members": rows})
    assert told(found) == [
        ("家庭成员", 2, "户编号", "no_household"),
        ("家庭成员", 4, "户编号", "two_households"),
        ("家庭成员", 5, "出生日期", "birth_date_differs"),
        ("家庭成员", 6, "姓名", "member_twice"),
        ("家庭成员", 3, "户编号", "household_unknown"),
    ]


async def test_people_and_places_that_do_not_fit(desk: Desk) -> None:
    rows = {
        "regions": [
            {"county": "华容县"},
            {"county": "华容县", "village": "松树村"},
            {"county": "华容县", "town": "东山镇"},
        ],
        "people": [
            {"name": "甲", "post": "县长助理", "county": "华容县"},
            {"name": "乙", "post": "村支书", "county": "华容县"},
            {"name": "丙", "post": "村支书", "town": "西山镇"},
        ],
        "households": [{"town": "东山镇", "village": "松树村", "head_name": "王建新", "helper_name": "丁"}],
    }
    _, found = await desk.take(rows)
    assert told(found) == [
        ("地区", 3, "乡镇", "empty"),
        ("人员", 2, "职务", "post_unknown"),
        ("人员", 3, "职务", "post_level"),
        ("人员", 4, "乡镇", "place_unknown"),
        ("农户", 2, "村", "place_unknown"),
    ]


async def test_who_is_responsible_must_be_known_and_clear(desk: Desk) -> None:
    await desk.take(COUNTY)
    twins = [
        {"name": "周明", "unit": "县教育局", "post": "结对帮扶干部", "town": "东山镇", "village": "石桥村"},
        {"name": "吴局长", "unit": "", "post": "县扶贫办", "county": "华容县"},
    ]
    homes = [
        LI | {"helper_name": name, "head_name": name, "head_id_number": None}
        for name in ("周明", "吴局长", "没人")
    ]
    _, found = await desk.take({"people": twins, "households": homes})
    assert told(found) == [
        ("农户", 2, "帮扶责任人", "helper_unclear"),
        ("农户", 3, "帮扶责任人", "helper_post"),
        ("农户", 4, "帮扶责任人", "helper_unknown"),
    ]


def test_every_trouble_has_words(desk: Desk) -> None:
    """Whatever is noted anywhere is said in words of its own."""
    import ast
    from pathlib import Path

    reasons: set[str] = set()
    for path in (Path(__file__).parents[3] / "bot/services/rosters").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("note", "add"):
                reasons |= {
                    arg.value
                    for arg in node.args[3:4]
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unread":
                reasons |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    assert len(reasons) > 30
    facts = {
        "limit": 1, "count": 1, "width": 1, "low": 1, "high": 2, "latest": "", "said": "", "other": 1,
        "post": "", "level": "village", "near": "", "options": [], "sheets": [], "last": 1,
    }  # fmt: skip
    for reason in reasons:
        what = desk.office.say("roster.what", reason=reason, facts=facts)
        mend = desk.office.say("roster.mend", reason=reason, facts=facts)
        assert what
        assert f"（{reason}）" not in what, reason
        assert mend, reason
