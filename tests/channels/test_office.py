"""The commands of an office: what they print, and what they refuse."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main, parser
from bot.channels.classifying import Progress
from bot.services.inviting import token_hash
from bot.services.sample import enter, read_sample
from bot.storage import database, invitations

NOW = datetime.now(UTC)


async def entered(url: str) -> None:
    opened = await database.open(url)
    async with opened.transaction() as conn:
        await enter(conn, read_sample(), "web", NOW)
    await opened.dispose()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the sample village, named in the environment."""
    url = f"sqlite:///{tmp_path / 'hubang.db'}"
    asyncio.run(entered(url))
    monkeypatch.setenv("DATABASE_URL", url)
    return url


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(words)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_an_invitation_is_a_link_whose_token_is_kept_as_a_hash_only(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(capsys, "invite", "cadre", "张三", "东山镇/松树村", "--bot", "HubangBot")
    assert status == 0
    assert out.startswith("https://t.me/HubangBot?start=")

    async def kept() -> invitations.Invitation | None:
        opened = database.connect(url)
        async with opened.reading() as conn:
            found = await invitations.find(conn, token_hash(out.strip().partition("=")[2]))
        await opened.dispose()
        return found

    invitation = asyncio.run(kept())
    assert invitation is not None
    assert (invitation.role, invitation.name) == ("cadre", "张三")


def test_a_region_that_is_not_there_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "invite", "cadre", "张三", "无名村")
    assert (status, out) == (1, "")
    assert "无名村" in err


def test_nothing_is_due_before_any_card_is_given(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "due", "华容县")
    assert (status, out) == (0, "")
    assert "0 due in 华容县" in err


def test_classify_lists_its_columns_and_refuses_unknown_schemes(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "classify", "hr", "--columns")
    assert status == 0
    assert out.splitlines()[0] == "fact,kind,options,unit,question"
    assert "reg_status,select_one" in out
    status, _, err = run(capsys, "classify", "hrr", "--columns")
    assert status == 1
    assert "hr" in err
    status, _, err = run(capsys, "classify", "hr")
    assert status == 1
    assert "IN and OUT" in err


def test_classify_counts_by_village_and_writes_the_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, summary = tmp_path / "in.csv", tmp_path / "summary.csv"
    source.write_text("行政村,reg_status\n松树村,1\n松树村,\n大河村,3\n", encoding="gb18030")
    target = tmp_path / "out.xlsx"
    status, out, err = run(
        capsys, "classify", "hr", str(source), str(target), "--on", "2020-04-10", "--summary", str(summary)
    )
    assert (status, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][:2] == ["行政村", "户数"]
    assert [line[:2] for line in lines[1:]] == [["松树村", "2"], ["大河村", "1"], ["合计", "3"]]
    assert summary.read_text(encoding="utf-8-sig").splitlines()[1].startswith("松树村,2,")
    assert target.exists()


def test_classify_says_what_each_column_is_called_in_the_questionnaire(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = run(capsys, "classify", "yb", "--columns")
    (line,) = [line for line in out.splitlines() if line.startswith("food_state,")]
    assert line.endswith(",两不愁三保障各项：吃")


def test_a_column_that_is_probably_misspelt_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("reg_status,retrun_risk,行政村,income_loss\n1,1,东村,\n", encoding="utf-8")
    status, _, err = run(capsys, "classify", "hr", str(source), str(tmp_path / "out.csv"))
    assert status == 0
    assert err == "note: column retrun_risk is no fact (did you mean return_risk?)\n"


def test_the_counts_never_take_the_place_of_the_households(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("reg_status\n1\n", encoding="utf-8")
    for taken in (source, target):
        status, _, err = run(capsys, "classify", "hr", str(source), str(target), "--summary", str(taken))
        assert status == 1
        assert "give the summary another name" in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_day_that_is_none_is_told_how_to_write_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["classify", "hr", "in.csv", "out.csv", "--on", "2020/4/1"])
    assert "'2020/4/1' is no day; write it like 2020-03-17" in capsys.readouterr().err


def test_classify_lists_bad_cells_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text("village,reg_status\na,9\n", encoding="utf-8")
    status, out, err = run(capsys, "classify", "hr", str(source), str(tmp_path / "out.csv"))
    assert (status, out) == (1, "")
    assert "row 2, column reg_status: '9' is no option; use 1 " in err
    assert "All of them: out.csv.bad.csv" in err
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", "out.csv.bad.csv"}


def test_classify_reads_the_database_too(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.csv"
    status, out, _ = run(capsys, "classify", "hr", "--database", "--region", "华容县", str(target))
    assert status == 0
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][:2] == ["village", "户数"]
    assert sum(int(line[1]) for line in lines[1:-1]) == int(lines[-1][1])
    rows = target.read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) - 1 == int(lines[-1][1]) > 0
    assert rows[0].startswith("household,town,village,village_group,head_name,")
    for words in (["--database", str(target)], [str(target), str(target), "--region", "华容县"]):
        status, _, err = run(capsys, "classify", "hr", *words)
        assert status == 1
        assert "--database --region REGION OUT" in err


def test_a_summary_in_another_format_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["none.csv", str(tmp_path / "out.csv"), "--summary", "counts.parquet"]
    status, _, err = run(capsys, "classify", "hr", *words)
    assert status == 1
    assert "counts.parquet" in err


def test_progress_is_shown_on_a_terminal_once_it_takes_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 1.0, 2.5, 2.6, 4.0, 4.05])
    progress = Progress(clock=lambda: next(moments), terminal=True)
    for done in (10, 25, 26, 40):
        progress(done, 50)
    progress(50, 50)
    progress.end()
    shown = capsys.readouterr().err
    assert shown.strip("\r\n").split("\r") == [
        "25 of 50 rows, 10 a second ",
        "40 of 50 rows, 10 a second ",
        "50 of 50 rows, 12 a second ",
    ]


def test_progress_is_not_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 9.0])
    progress = Progress(clock=lambda: next(moments), terminal=False)
    progress(5, None)
    progress.end()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["run", "practice", "check", "rehearse", "classify", "invite", "due"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert "usage: python -m bot" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "region", "post"),
    [
        ("第一书记", "松树村", "first_secretary"),
        ("教育局", "华容县", "education"),
        ("township", "东山镇", "township_office"),
    ],
)
def test_somebody_is_invited_to_a_post_a_department_or_a_role(
    url: str, capsys: pytest.CaptureFixture[str], word: str, region: str, post: str
) -> None:
    status, out, _ = run(capsys, "invite", word, "张三", region)
    assert status == 0

    async def kept() -> invitations.Invitation | None:
        opened = database.connect(url)
        async with opened.reading() as conn:
            found = await invitations.find(conn, token_hash(out.split()[1]))
        await opened.dispose()
        return found

    invitation = asyncio.run(kept())
    assert invitation is not None
    assert invitation.post == post


@pytest.mark.parametrize(
    ("word", "region", "said"),
    [
        ("村长", "松树村", "no post 村长"),
        ("第一书记", "东山镇", "a post of a village"),
        ("教育局", "松树村", "county"),
    ],
)
def test_an_invitation_to_no_post_or_at_the_wrong_level_is_refused(
    url: str, capsys: pytest.CaptureFixture[str], word: str, region: str, said: str
) -> None:
    status, out, err = run(capsys, "invite", word, "张三", region)
    assert (status, out) == (1, "")
    assert said in err


def test_people_are_listed_by_post_and_suspended_with_a_reason(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "people", "list", "东山镇")
    assert (status, len(out.splitlines())) == (0, 3)
    assert "3 posts in 东山镇" in err
    _, out, _ = run(capsys, "people", "list", "华容县", "--post", "干部")
    [line] = out.splitlines()
    id, name, title, region, _, homes, standing = line.split("\t")
    assert (name, title, region, homes, standing) == ("周明", "结对帮扶干部", "松树村", "8", "active")
    status, out, _ = run(capsys, "suspend", id, "--reason", "调查")
    assert (status, out) == (0, "周明 is suspended; 8 households in their care\n")
    assert run(capsys, "people", "list", "松树村")[1].count("suspended") == 1
    assert run(capsys, "suspend", id, "--reason", "查清了", "--back")[1].startswith("周明 is back")
    assert run(capsys, "suspend", "4711", "--reason", "x")[0] == 1
    assert run(capsys, "people", "list", "松树村", "--post", "村长")[0] == 1
