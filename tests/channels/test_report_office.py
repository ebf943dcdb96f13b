"""The commands `report` and `plan` as an office types them."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from bot import content
from bot.__main__ import main
from bot.channels.arguments import period
from bot.rules.calendar import Period
from bot.services.reports.registry import REPORTS
from bot.services.sample import enter, read_sample
from bot.storage import database, regions

Ran = tuple[int, str, str]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database that holds the sample village and a village without a household."""
    url = f"sqlite:///{tmp_path / 'hubang.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        opened = await database.open(url)
        async with opened.transaction() as conn:
            await enter(conn, read_sample(), "web", datetime(2026, 4, 1, tzinfo=UTC))
            await regions.add(conn, name="新村", level="village", parent=await regions.get(conn, 2))
        await opened.dispose()

    asyncio.run(fill())
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    """Run a command: status, what it prints, and what it says on the side."""
    status = main(words)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_list_names_every_report(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "report", "--list")
    layouts = content.load().layouts
    assert status == 0
    assert [line.split("\t")[:2] for line in out.splitlines()] == [[id, layouts[id].name] for id in REPORTS]


def test_a_report_is_written(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "report", "O-14b", "--region", "东山镇", "--period", "2026", "OUT.xlsx")
    assert (status, out.strip()) == (0, "OUT.xlsx")
    assert openpyxl.load_workbook(office / "OUT.xlsx").worksheets


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("O-99", "--region", "东山镇", "OUT.xlsx"), "No report named O-99"),
        (("O-14b", "--region", "西山镇", "OUT.xlsx"), "No single region named 西山镇 (is not there)"),
        (("O-14b", "--region", "东山镇", "OUT.pdf"), ".pdf ending; use .xlsx"),
        (("O-14b", "--region", "东山镇"), "report needs ID --region REGION OUT.xlsx, or --list"),
        (("O-11", "--region", "松树村", "OUT.xlsx"), "O-11 is made for a town or a county"),
        (("O-17", "--region", "新村", "OUT.xlsx"), "There is no household in 新村"),
        (("O-14b", "--region", "东山镇", "no/OUT.xlsx"), "OUT.xlsx cannot be written"),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_no_file(
    office: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    before = sorted(office.iterdir())
    status, out, err = run(capsys, "report", *words)
    assert (status, out) == (1, "")
    assert said in err
    assert sorted(office.iterdir()) == before


def test_whatever_a_command_gives_out_is_on_record(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ("report", "O-14b", "--region", "东山镇", "--period", "2026", "OUT.xlsx"),
        ("plan", "松树村/王建新", "OUT.docx", "--paper", "gp"),
        ("plan", "--all", "papers", "--region", "石桥村", "--paper", "gp"),
        ("due", "松树村"),
        ("classify", "hr", "--database", "--region", "松树村", "OUT.csv"),
    ):
        assert run(capsys, *words)[0] == 0, words
    lines = [line.split("\t") for line in run(capsys, "audit", "show", "--details")[1].splitlines()]
    assert {(who, deed) for _, _, who, deed, _, _ in lines} == {("-", "seen")}
    details = [json.loads(each[5]) for each in lines[::-1]]
    assert {each.pop("by") for each in details} == {"command"}
    report, paper, *papers, due, classified = details
    assert report == {"report": "O-14b", "scheme": "", "first": "2026-01-01", "last": "2026-12-31"}
    assert papers
    assert [each == {"shown": "paper", "form": "gp"} for each in (paper, *papers)] == [True] * (
        1 + len(papers)
    )
    assert due["shown"] == "due"
    assert classified == {"classified": "hr"}


def test_days_are_a_year_a_month_a_day_or_from_to() -> None:
    assert period("2020") == Period(date(2020, 1, 1), date(2020, 12, 31))
    assert period("2020-02") == Period(date(2020, 2, 1), date(2020, 2, 29))
    assert period("2020-06-30") == Period(date(2020, 6, 30), date(2020, 6, 30))
    assert period("2020-01-01/2020-06-30") == Period(date(2020, 1, 1), date(2020, 6, 30))
    for wrong in ("20", "2020-13", "2020-06-31", "2020-06-30/2020-01-01", "June", "2020/"):
        with pytest.raises(Exception, match="are no days; write 2020, 2020-06"):
            period(wrong)


def test_a_plan_paper_is_written_and_says_what_is_missing(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "plan", "松树村/王建新", "OUT.docx", "--paper", "gp")
    assert (status, out.strip()) == (0, "OUT.docx\tgp version 1")
    assert "missing: 贫困户属性" in err
    words = "".join(part.text for part in Document(str(office / "OUT.docx")).paragraphs)
    assert "王建新" in words
    assert "待补" in words


def test_made_again_it_is_the_same_file_and_so_is_an_earlier_version(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (("1", "a.docx"), ("王建新", "b.docx"), ("1", "c.docx", "--version", "1")):
        assert run(capsys, "plan", *words, "--paper", "gp")[0] == 0
    first = (office / "a.docx").read_bytes()
    assert (office / "b.docx").read_bytes() == first
    assert (office / "c.docx").read_bytes() == first


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("999", "OUT.docx"), "No single household named 999 (is not there)"),
        (("石桥村/王建新", "OUT.docx"), "No single household named 石桥村/王建新"),
        (("1", "OUT.docx"), "household 1 has no such plan paper: name one with --paper (gp, gs)"),
        (("1", "OUT.docx", "--paper", "xx"), "name one with --paper (gp, gs)"),
        (("1", "OUT.doc", "--paper", "gp"), ".doc ending; use .docx"),
        (("1", "OUT.docx", "--paper", "gp", "--version", "4"), "No version of the paper gp named 4"),
        (("1",), "plan needs HOUSEHOLD OUT.docx"),
        (("--all", "papers", "--paper", "gp"), "plan needs HOUSEHOLD OUT.docx"),
    ],
)
def test_a_plan_that_cannot_be_made_is_said_and_leaves_no_file(
    office: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    before = sorted(office.iterdir())
    status, out, err = run(capsys, "plan", *words)
    assert (status, out) == (1, "")
    assert said in err
    assert sorted(office.iterdir()) == before


def test_all_plans_of_a_village_go_into_a_folder(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "plan", "--all", "--region", "松树村", "papers", "--paper", "gs")
    made = sorted((office / "papers").iterdir())
    assert status == 0
    assert out.strip() == f"{len(made)}\tpapers"
    assert made
    assert all(path.name.startswith("gs-") and path.suffix == ".docx" for path in made)
    assert all(Document(io.BytesIO(path.read_bytes())).paragraphs for path in made)


def test_a_village_without_households_gets_no_empty_plan(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "plan", "--all", "--region", "新村", "papers", "--paper", "gs")
    assert (status, out.strip()) == (1, "0\tpapers")
    assert "there is no household in 新村" in err
