"""The commands of an office: what they print, and what they refuse."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main, parser
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
    assert out.splitlines()[0] == "fact,kind,options,unit"
    assert "reg_status,select_one" in out
    status, _, err = run(capsys, "classify", "hrr", "--columns")
    assert status == 1
    assert "hr" in err
    status, _, err = run(capsys, "classify", "hr")
    assert status == 1
    assert "IN and OUT" in err


@pytest.mark.parametrize("command", ["run", "practice", "check", "rehearse", "classify", "invite", "due"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([command, "--help"])
    assert ended.value.code == 0
    assert "usage: python -m bot" in capsys.readouterr().out
