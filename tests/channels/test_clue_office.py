"""`python -m bot clues import`: lists of departments as files, matched, put on record once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from bot.__main__ import main
from bot.services.sample import enter, invented_number, read_sample
from bot.storage import cases, clues, database, households, people
from bot.storage.cases import Case
from bot.storage.clues import Clue
from bot.storage.subjects import Subject

AT = datetime(2020, 5, 6, 1, 0, tzinfo=UTC)
NUMBER = invented_number(date(1971, 5, 12), 1, 1)
"""That of the first household's head in the sample."""
OTHER_NUMBER = invented_number(date(1971, 5, 12), 1, 33)
LIST = (
    f"王建新,{NUMBER},,医保数据里费用高",
    "刘大山,,松树村,低保数据里有",
    "赵秀英,,松树村,残疾人数据里有",
    "没有人,,松树村,查无此人",
    f"王建新,{OTHER_NUMBER},松树村,同名的人",
    ",,松树村,没有名字",
)


async def entered(url: str) -> dict[str, str]:
    """The numbers of the sample village's people, entered into the database, by address."""
    opened = await database.open(url)
    async with opened.transaction() as conn:
        await enter(conn, read_sample(), "web", AT)
        found = await people.behind(conn, "web", ["cadre", "village", "county"])
    await opened.dispose()
    return {address: str(person.id) for address, person in found.items()}


@pytest.fixture
def staff(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The people of the sample village, in a database that the settings name."""
    url = f"sqlite:///{tmp_path}/office.db"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("COUNTY", "prefecture")
    monkeypatch.setattr("bot.__main__.utc_now", lambda: AT)
    return asyncio.run(entered(url))


def run(path: Path, by: str, *more: str) -> int:
    """Take a list in as a department's."""
    return main(["clues", "import", str(path), "--source", "department", "--by", by, *more])


def csv_of(path: Path, *rows: str) -> Path:
    """A list as a department saves it."""
    path.write_text("\n".join(["比对结果", "姓名,身份证号,村,疑点", *rows]), encoding="gb18030")
    return path


def on_record(tmp_path: Path, person: str) -> list[Clue]:
    """Every clue that the person may see."""

    async def read() -> list[Clue]:
        opened = await database.open(f"sqlite:///{tmp_path}/office.db")
        async with opened.reading() as conn:
            page = await clues.page(conn, int(person), AT, 100)
        await opened.dispose()
        return list(page.items)

    return asyncio.run(read())


def cases_of(tmp_path: Path, name: str) -> list[Case]:
    """The cases of the household of that head."""

    async def read() -> list[Case]:
        opened = await database.open(f"sqlite:///{tmp_path}/office.db")
        async with opened.reading() as conn:
            found = await households.named(conn, name)
            held = await cases.of_subject(conn, Subject("household", found[0].id))
        await opened.dispose()
        return held

    return asyncio.run(read())


def test_rows_are_matched_by_number_then_by_name_and_village(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, by = csv_of(tmp_path / "a.csv", *LIST), staff["county"]
    assert run(path, by, "--office", "民政局", "--received", "2020-04-30") == 1
    said = capsys.readouterr().out
    assert "2 opened a case: rows 3, 4" in said
    assert "1 joined a case: rows 5" in said, "she lives in the household of the first row"
    assert "2 not matched, to be matched in the chat: rows 6, 7" in said
    assert "1 without a name or words, left out: rows 8" in said
    assert "王建新" not in said
    held = on_record(tmp_path, by)
    assert [clue.name for clue in held if clue.state == "unmatched"] == ["王建新", "没有人"]
    assert {clue.id_number for clue in held} == {None, OTHER_NUMBER}, "kept only while it has to be matched"
    assert {clue.office for clue in held} == {"welfare"}
    assert [(case.state, case.due) for case in cases_of(tmp_path, "王建新")] == [
        ("suspect", date(2020, 5, 11))
    ]


def test_the_same_list_is_taken_in_once(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_of(tmp_path / "a.csv", *LIST[:4])
    assert run(path, staff["county"]) == 0
    capsys.readouterr()
    assert run(path, staff["county"]) == 0
    assert capsys.readouterr().out.strip() == "4 on record already: rows 3, 4, 5, 6"
    assert len(on_record(tmp_path, staff["county"])) == 4


def test_a_workbook_is_read_too(tmp_path: Path, staff: dict[str, str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["户主姓名", "行政村", "预警内容"], ["刘大山", "松树村", "低保数据里有"]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert run(tmp_path / "a.xlsx", staff["county"]) == 0
    assert [case.state for case in cases_of(tmp_path, "刘大山")] == ["suspect"]


def book_of(path: Path, *rows: list[object], formula: str = "", merged: str = "") -> Path:
    """A workbook whose first sheet is hidden and no list."""
    book = openpyxl.Workbook()
    book.active.append(["姓名", "情况"])
    book.active.append(["别人", "不该读"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("疑点")
    for row in (["姓名", "身份证号", "村", "疑点"], *rows):
        sheet.append(row)
    if formula:
        sheet[formula] = "=A1"
    if merged:
        sheet.merge_cells(merged)
    book.save(path)
    return path


def test_people_of_one_name_and_one_doubt_are_told_apart_by_their_numbers(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A department writes the same words at many rows: none of them may be lost."""
    other = invented_number(date(1980, 2, 3), 1, 35)
    rows = [f"王建新,{each},松树村,疑似住房问题" for each in (OTHER_NUMBER, NUMBER, other, OTHER_NUMBER)]
    path, by = csv_of(tmp_path / "a.csv", *rows), staff["county"]
    assert run(path, by) == 0
    said = capsys.readouterr().out
    assert "1 opened a case: rows 4" in said
    assert "2 not matched, to be matched in the chat: rows 3, 5" in said
    assert "1 on record already: rows 6" in said
    assert run(path, by) == 0
    assert capsys.readouterr().out.strip() == "4 on record already: rows 3, 4, 5, 6"
    assert len(on_record(tmp_path, by)) == 3


def test_a_line_about_which_a_person_has_decided_is_not_asked_about_again(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, by = csv_of(tmp_path / "a.csv", *LIST[3:5]), staff["county"]
    assert run(path, by) == 0

    async def decide() -> None:
        opened = await database.open(f"sqlite:///{tmp_path}/office.db")
        async with opened.transaction() as conn:
            first, second = (await clues.page(conn, int(by), AT, 100)).items
            (home,) = await households.named(conn, "刘大山")
            await clues.matched(conn, first, home.id, home.region_id, int(by))
            await clues.change(conn, replace(second, state="dropped", settled_by=int(by), id_number=None))
        await opened.dispose()

    asyncio.run(decide())
    capsys.readouterr()
    assert run(path, by) == 0
    assert capsys.readouterr().out.strip() == "2 on record already: rows 3, 4"


def test_a_number_that_is_none_matches_nobody_by_the_name_beside_it(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[list[object]] = [
        ["刘大山", 430621196803050000.0, "松树村", "低保数据里有"],
        ["刘 大山", "4306211968030", "松树村", "残疾人数据里有"],
        ["刘 大山", "4306**********0015", "松树村", "只露头尾"],
    ]
    assert run(book_of(tmp_path / "a.xlsx", *rows), staff["county"]) == 0
    said = capsys.readouterr().out
    assert "1 opened a case: rows 4" in said
    assert "2 not matched, to be matched in the chat: rows 2, 3" in said
    assert "2 with an identity number that is none, to be looked at: rows 2, 3" in said


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"formula": "D2"}, "it has formulas at D2"),
        ({"merged": "D2:D3"}, "it has merged cells at D2"),
        ({"formula": "ZZ900000"}, "it has cells far to the right"),
    ],
)
def test_a_list_whose_values_do_not_show_all_is_refused(
    tmp_path: Path,
    staff: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    more: dict[str, str],
    why: str,
) -> None:
    path = book_of(
        tmp_path / "a.xlsx", ["刘大山", "", "松树村", "低保"], ["王建新", "", "松树村", ""], **more
    )
    assert run(path, staff["county"]) == 1
    assert why in capsys.readouterr().err
    assert on_record(tmp_path, staff["county"]) == []


def test_a_list_comes_in_today_at_the_latest(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_of(tmp_path / "a.csv", *LIST[:1])
    assert run(path, staff["county"], "--received", "2020-05-07") == 1
    assert "lies ahead" in capsys.readouterr().err
    assert on_record(tmp_path, staff["county"]) == []


def test_a_dry_run_writes_nothing(
    tmp_path: Path, staff: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(csv_of(tmp_path / "a.csv", *LIST[:2]), staff["county"], "--dry-run") == 0
    assert "2 opened a case" in capsys.readouterr().out
    assert on_record(tmp_path, staff["county"]) == []
    assert cases_of(tmp_path, "王建新") == []


@pytest.mark.parametrize(
    ("by", "more", "why"),
    [
        ("cadre", (), "may not put such clues on record"),
        ("village", (), "may not put such clues on record"),
        ("county", ("--office", "没有这个局"), "No department named"),
        ("county", ("--procedure", "yb_colours"), "No procedure of this county takes clues"),
    ],
)
def test_what_cannot_be_taken_in_is_said(
    tmp_path: Path,
    staff: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    by: str,
    more: tuple[str, ...],
    why: str,
) -> None:
    assert run(csv_of(tmp_path / "a.csv", *LIST[:2]), staff[by], *more) == 1
    assert why in capsys.readouterr().err
    assert on_record(tmp_path, staff["county"]) == []


def test_a_stranger_takes_nothing_in(tmp_path: Path, staff: dict[str, str]) -> None:
    assert run(csv_of(tmp_path / "a.csv", *LIST[:2]), "999") == 1


def test_where_several_procedures_take_such_clues_one_is_named(
    tmp_path: Path,
    staff: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COUNTY", "district")
    path = csv_of(tmp_path / "a.csv", *LIST[:1])
    assert main(["clues", "import", str(path), "--source", "cadre", "--by", staff["village"]]) == 1
    assert "--procedure (m8_alert, n6_net)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", "甲,乙\n1,2", "none of its first 10 rows has the columns 姓名, 情况"),
        ("a.csv", '姓名,情况\n"王', "cannot be read"),
        ("a.txt", "姓名,情况\n王,水", "must be an .xlsx or .csv"),
        ("a.xlsx", "no workbook", "cannot be read"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    tmp_path: Path,
    staff: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    why: str,
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert run(tmp_path / name, staff["county"]) == 1
    assert why in capsys.readouterr().err
