"""The command `roster` at an office's own machine."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import openpyxl
import pytest

from bot.channels import roster_office
from bot.services.rosters.layout import read_layout
from tests.channels.test_office import run, url
from tests.services.rosters.desk_work import COUNTY, WANG, book, number
from tests.services.village import loaded

__all__ = ["url"]  # the fixture is used by its name


def file(
    tmp_path: Path, sheets: dict[str, list[dict[str, object]]] = COUNTY, name: str = "roster.xlsx"
) -> Path:
    path = tmp_path / name
    path.write_bytes(book(read_layout(loaded()), sheets))
    return path


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, named in the environment."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def test_a_roster_comes_in_with_the_invitations_beside_it(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = file(tmp_path)
    status, out, err = run(capsys, "roster", "import", str(source))
    assert (status, err) == (0, "")
    assert "已导入" in out
    assert "农户新增 2 户" in out
    assert "王建新" not in out
    assert number(11) not in out
    sheet = openpyxl.load_workbook(tmp_path / "roster.invitations.xlsx").active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["周明", "陈桂香", "孙丽"]
    status, out, _ = run(capsys, "roster", "import", str(source), "--file", str(tmp_path / "again.xlsx"))
    assert status == 0
    assert "没有变化 2 户" in out
    assert not (tmp_path / "again.xlsx").exists()


@pytest.mark.parametrize("target", ["invitations.txt", "nowhere/invitations.xlsx"])
def test_without_a_place_for_the_invitations_nobody_comes_in(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    """Only the hashes of the links are on record: a link that is not written down is lost."""
    source = file(tmp_path)
    status, _, err = run(capsys, "roster", "import", str(source), "--file", str(tmp_path / target))
    assert (status, "cannot be written" in err) == (1, True)
    status, out, _ = run(capsys, "roster", "import", str(source))
    assert status == 0
    assert "农户新增 2 户" in out
    assert (tmp_path / "roster.invitations.xlsx").exists()


def test_a_template_that_nobody_filled_in_is_told(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "blank.xlsx")
    assert run(capsys, "roster", "template", target)[0] == 0
    status, out, _ = run(capsys, "roster", "import", target)
    assert status == 0
    assert "还没有填内容" in out
    assert "已导入" not in out


def test_troubles_are_listed_and_written_beside_the_roster(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = file(tmp_path, {**COUNTY, "households": [WANG | {"reg_status": None, "village": "无名村"}]})
    status, out, _ = run(capsys, "roster", "import", str(source))
    assert status == 1
    assert "农户\t2\t村\t没有登记这个地方\t" in out
    assert "一户都没有导入" in out
    report = tmp_path / "roster.troubles.xlsx"
    sheet = openpyxl.load_workbook(report).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["表", "行", "列", "问题", "怎么改"]
    with sqlite3.connect(tmp_path / "fresh.db") as conn:
        assert conn.execute("SELECT count(*) FROM regions").fetchone() == (0,)
    # Once it is in order, the list of an earlier time goes.
    assert run(capsys, "roster", "import", str(file(tmp_path)))[0] == 0
    assert not report.exists()


def test_probable_matches_stop_it_until_somebody_says_what_they_are(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"town": "东山镇", "village": "松树村", "head_name": "王建新", "phone": "13900000000"}
    source = file(tmp_path, {"households": [row]})
    status, out, err = run(capsys, "roster", "import", str(source))
    assert status == 1
    assert "第 2 行" in out
    assert "--likely" in err
    status, out, _ = run(capsys, "roster", "import", str(source), "--likely", "merge")
    assert status == 0
    assert "变更 1 户" in out


def test_a_dry_run_writes_nothing(fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "roster", "import", str(file(tmp_path)), "--dry-run")
    assert status == 0
    assert "导入后会是" in out
    with sqlite3.connect(tmp_path / "fresh.db") as conn:
        assert conn.execute("SELECT count(*) FROM households").fetchone() == (0,)


def test_what_goes_out_comes_in_again_without_a_change(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.xlsx"
    status, out, _ = run(capsys, "roster", "export", "华容县", str(target))
    assert status == 0
    count = int(out.split("\t")[0])
    assert count > 5
    assert "exported\tregion" in run(capsys, "audit", "show")[1]
    status, out, _ = run(capsys, "roster", "import", str(target))
    assert status == 0
    assert f"农户新增 0 户、变更 0 户、没有变化 {count} 户" in out


def test_the_template_has_its_lists_and_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "template.xlsx"
    assert run(capsys, "roster", "template", str(target))[0] == 0
    made = openpyxl.load_workbook(target)
    assert made.sheetnames == ["填表说明", "地区", "人员", "农户", "家庭成员"]
    households = made["农户"]
    heads = [cell.value for cell in households[1]]
    assert heads[:4] == ["户编号", "县", "乡镇*", "村*"]
    assert str(households["A2"].value).startswith("示例")
    lists = {
        str(each.sqref).split(":")[0]: each.formula1 for each in households.data_validations.dataValidation
    }
    assert lists["J2"] == '"未脱贫,已脱贫,非建档立卡"'
    assert households["A1"].comment is not None
    posts = made["人员"].data_validations.dataValidation[0].formula1
    assert "填表说明" in posts


def test_arguments_and_files_that_are_not_there(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, err = run(capsys, "roster", "export", "华容县")
    assert (status, "export REGION OUT.xlsx" in err) == (1, True)
    status, _, err = run(capsys, "roster", "import", str(tmp_path / "none.xlsx"))
    assert (status, "none.xlsx" in err) == (1, True)
    monkeypatch.setattr(roster_office, "LARGEST", 100)
    status, _, err = run(capsys, "roster", "import", str(file(tmp_path)))
    assert (status, "a roster may have" in err) == (1, True)
