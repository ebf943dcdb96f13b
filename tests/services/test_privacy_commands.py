"""The commands of whoever answers for the data, from the command line to the database and back."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path

import pytest

from bot import __main__ as program
from bot import app, settings
from bot.errors import SettingInvalid
from bot.services.notary import Notary
from bot.settings import Settings
from bot.storage import database as storage
from bot.storage import households, people, regions
from bot.storage.audit import Entry, append
from bot.storage.households import NewHousehold
from bot.storage.sealing import KeyRing
from tests.storage.conftest import SPRING

HEAD = "王建新"


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office of its own, with a key and a database in the folder it works in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUBANG_KEYS", f"k1:{'A' * 43}=")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///hubang.db")
    return tmp_path


def run(*arguments: str) -> int:
    return program.main(list(arguments))


async def fill(url: str, ring: KeyRing) -> tuple[int, int, int]:
    """One household and two people of the county: the household's number and theirs."""
    opened = await storage.open(url, ring)
    try:
        async with opened.transaction() as conn:
            top = await regions.add(conn, name="青石县", level="county")
            ids = []
            for name in ("高县长", "韩主任"):
                person = await people.add(conn, name=name, unit="县乡村振兴局")
                await people.appoint(conn, person_id=person.id, role="county", region_id=top.id, since=SPRING)
                ids.append(person.id)
            home = NewHousehold(
                region_id=top.id, village_group="一组", head_name=HEAD, initials="wjx", created_at=SPRING,
                phone="13900000000",
            )  # fmt: skip
            id = await households.add(conn, home)
            await append(
                conn, [Entry(at=SPRING, person_id=ids[0], deed="seen", subject="household", subject_id=id)]
            )
    finally:
        await opened.dispose()
    return id, ids[0], ids[1]


def filled() -> tuple[int, int, int]:
    chosen = settings.load()
    return asyncio.run(fill(chosen.database_url, KeyRing(chosen.hubang_keys)))


def test_a_new_key_can_be_used_at_once_and_is_another_each_time(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUBANG_KEYS", "what nobody can use")
    assert run("keys", "new") == run("keys", "new") == 0
    one, other = capsys.readouterr().out.split()
    assert one != other
    chosen = settings.load({"HUBANG_KEYS": f"{one},{other}"})
    assert [len(key) for _, key in chosen.hubang_keys] == [32, 32]
    assert run("audit", "verify") == 1
    assert "keys new" in capsys.readouterr().err


def test_on_telegram_the_bot_does_not_start_without_a_key(caplog: pytest.LogCaptureFixture) -> None:
    chosen = Settings(telegram_token="1:a")
    with pytest.raises(SettingInvalid, match="python -m bot keys new"):
        app.require_keys(chosen, practice=False)
    app.require_keys(chosen, practice=True)
    assert "HUBANG_KEYS is empty" in caplog.text
    caplog.clear()
    app.require_keys(Settings(telegram_token="1:a", hubang_keys=(("k", bytes(32)),)), practice=False)
    assert caplog.text == ""


def test_a_household_is_given_out_erased_by_two_and_the_audit_tells_of_it(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id, one, other = filled()
    assert run("household", "export", HEAD, "out.zip") == 0
    with zipfile.ZipFile(at_home / "out.zip") as archive:
        assert json.loads(archive.read("records.json"))["households"][0]["phone"] == "13900000000"
    assert run("household", "export", HEAD) == 1
    assert run("household", "erase", str(id), "--by", str(one), "--confirm") == 1
    assert run("household", "erase", str(id), "--by", str(one), "--reason", "本户申请") == 0
    assert run("household", "erase", str(id), "--by", str(one), "--confirm") == 1
    assert run("household", "erase", str(id), "--by", str(other), "--confirm") == 0
    capsys.readouterr()
    assert run("audit", "show", "--details") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[3] for line in lines] == ["erased", "erasure_asked", "disclosed", "seen"]
    assert [line.split("\t")[5] for line in lines[1:]] == ["-", "-", "-"]
    assert HEAD not in "".join(lines)


def test_a_backup_is_restored_into_an_empty_database_only(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    filled()
    assert run("backup", "all.hb") == 0
    assert HEAD.encode() not in (at_home / "all.hb").read_bytes()
    assert run("restore", "all.hb") == 1
    assert "not empty" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", "sqlite:///restored.db")
    assert run("restore", "nowhere.hb") == 1
    assert run("restore", "all.hb") == 0
    assert "1 are not chained yet" in capsys.readouterr().out
    monkeypatch.setenv("HUBANG_KEYS", f"k2:{'B' * 42}A=,k1:{'A' * 43}=")
    assert run("keys", "rotate") == 0
    assert "key k1: keep it" in capsys.readouterr().out
    monkeypatch.setenv("HUBANG_KEYS", f"k2:{'B' * 42}A=")
    assert run("household", "export", HEAD, "out.zip") == 0
    assert run("audit", "verify", "--noted", "1:k2:00") == 1
    assert "noted elsewhere" in capsys.readouterr().err


def test_a_county_that_began_without_keys_is_told_which_rows_prove_nothing(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = f"k1:{'A' * 43}="
    monkeypatch.setenv("HUBANG_KEYS", "")
    filled()
    asyncio.run(chain())
    assert run("audit", "verify") == 0
    monkeypatch.setenv("HUBANG_KEYS", keys)
    assert run("keys", "rotate") == 0
    assert "`audit verify --plain-until 1`" in capsys.readouterr().out
    assert run("audit", "verify") == 1
    assert "made without a key" in capsys.readouterr().err
    assert run("audit", "verify", "--plain-until", "1") == 0
    assert run("backup", "all.hb") == 0
    monkeypatch.setenv("DATABASE_URL", "sqlite:///restored.db")
    assert run("restore", "all.hb") == 0
    assert "`audit verify --plain-until 1`" in capsys.readouterr().out
    asyncio.run(chain())
    # What was looked at since then has a key: who has none adds nothing any more.
    assert run("audit", "show") == 0
    asyncio.run(chain())
    monkeypatch.setenv("HUBANG_KEYS", "")
    assert run("audit", "show") == 1
    assert "HUBANG_KEYS does not hold" in capsys.readouterr().err


async def chain() -> None:
    """What the notary does while the bot runs."""
    chosen = settings.load()
    opened = await storage.open(chosen.database_url, KeyRing(chosen.hubang_keys))
    await Notary(opened).turn()
    await opened.dispose()


def test_a_trial_of_retention_says_what_would_go(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filled()
    assert run("retention", "run", "--dry-run") == 0
    assert "audit\t1827 days\t0" in capsys.readouterr().out
