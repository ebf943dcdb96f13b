"""What goes on record, what is handed out and erased, how long things are kept, and backups."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text, cast, func, select, text

from bot.channels import web_chat
from bot.services import backing_up, disclosing, erasing, retention
from bot.services.evidence_files import EvidenceFolder
from bot.services.notary import Notary, verify
from bot.storage import alerts, audit, cases, clues, files, households, inbox, people, regions, visibility
from bot.storage import database as storage
from bot.storage.alerts import NewAlert
from bot.storage.audit import Row
from bot.storage.cases import Event, NewCase
from bot.storage.clues import NewClue
from bot.storage.columns import SEALED
from bot.storage.database import Database
from bot.storage.files import NewFile
from bot.storage.inbox import NewUpdate
from bot.storage.one_household import ABOUT, erasable
from bot.storage.sealing import KeyMissing, KeyRing, SealBroken
from bot.storage.tables import metadata
from tests.databases import Server
from tests.services.case_storytelling import CaseStory, open_story
from tests.services.interviewer import GREEN, YELLOW, hand_in
from tests.services.village import Village

KEY = ("a", bytes(range(32)))
HEAD = "王建新"
PHOTO = b"\xff\xd8\xff a photo of a house"
REASON = "本户书面申请删除"


@pytest.fixture
async def sealed(database_url: str) -> AsyncIterator[Database]:
    opened = storage.connect(database_url, KeyRing([KEY]))
    yield opened
    await opened.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "photos", ring=KeyRing([KEY]))


@pytest.fixture
async def village(sealed: Database, folder: EvidenceFolder) -> Village:
    return await Village.open(sealed, folder=folder)


async def person(village: Village, address: str) -> int:
    async with village.database.reading() as conn:
        return (await people.behind(conn, web_chat.CHANNEL, [address]))[address].id


async def administrator(village: Village) -> int:
    """Somebody who looks after the bot and sees no household."""
    async with village.database.transaction() as conn:
        top = next(iter(await regions.children(conn, None)))
        admin = await people.add(conn, name="韩管理", unit="县信息中心")
        await people.appoint(conn, person_id=admin.id, role="admin", region_id=top.id, since=village.now)
    return admin.id


async def household(village: Village, head: str = HEAD) -> int:
    async with village.database.reading() as conn:
        return (await households.named(conn, head))[0].id


async def on_record(village: Village, **about: Any) -> list[Row]:
    """What is on record, the oldest first."""
    async with village.database.reading() as conn:
        return (await audit.newest(conn, 1000, **about))[::-1]


async def chained(village: Village) -> int:
    """Chain everything; how many rows fit."""
    while await Notary(village.database).turn():
        pass
    async with village.database.reading() as conn:
        return (await verify(conn, village.database.ring)).rows


async def everything(database: Database) -> str:
    """All that a thief of the database reads, and what its holder of keys reads, in one text."""
    found: list[str] = []
    async with database.reading() as conn:
        for table in metadata.sorted_tables:
            found.extend(repr(tuple(row)) for row in await conn.execute(select(table)))
    return "\n".join(found)


# ---------------------------------------------------------------- what goes on record


async def test_who_looks_at_a_household_is_on_record(village: Village) -> None:
    id, cadre = await household(village), await person(village, "cadre")
    await village.say("cadre", HEAD)
    await village.say("cadre", f"全文 {HEAD}")
    rows = await on_record(village, subject="household", subject_id=id)
    assert [(row.deed, row.person_id, row.details["shown"]) for row in rows] == [
        ("seen", cadre, "card"),
        ("seen", cadre, "paper"),
    ]
    await village.say("cadre", "方德顺")  # whom this cadre may not see: nothing was shown
    assert len(await on_record(village)) == 2
    assert await chained(village) == 2


async def test_who_saw_a_household_on_a_list_is_on_record(village: Village) -> None:
    id, cadre = await household(village), await person(village, "cadre")
    await village.say("cadre", "查")
    await village.say("cadre", "待办")
    rows = [row for row in await on_record(village) if row.deed == "listed"]
    assert {(row.person_id, row.subject) for row in rows} == {(cadre, "")}
    assert rows[0].details["shown"] == "list"
    assert id in rows[0].details["households"]
    async with village.database.reading() as conn:
        found = await audit.listings(conn, id, 10)
        assert [row.id for row in found] == [row.id for row in rows[::-1] if id in row.details["households"]]
        assert await audit.listings(conn, 987654, 10) == []
    assert await chained(village) == len(await on_record(village))


async def test_the_lists_of_a_region_are_on_record(village: Village) -> None:
    id = await household(village)
    async with village.database.reading() as conn:
        home = await households.get(conn, id)
    assert home is not None
    await village.tap_data("village", 1, f"z:h{home.region_id}:0")
    await village.say("village", "没查的户")
    rows = [row.details for row in await on_record(village) if row.deed == "listed"]
    assert [(row["shown"], id in row["households"]) for row in rows] == [
        ("households", True),
        ("uncovered", True),
    ]


async def test_what_becomes_of_an_alert_and_who_opens_a_questionnaire_is_on_record(village: Village) -> None:
    id = await household(village)
    async with village.database.transaction() as conn:
        county, township = [
            (await people.behind(conn, web_chat.CHANNEL, [each]))[each].id for each in ("county", "township")
        ]
        said = {"text": "要看一看", "departments": [], "clause": ""}
        alert = await alerts.raise_(conn, NewAlert(id, "AL-05", "red", "x", said, village.now))
        assert alert is not None
        await alerts.send(conn, alert, [township], village.now)
    await village.tap_data("township", 1, f"a:{alert}:seen")
    await village.tap_data("township", 1, f"a:{alert}:to:{county}")
    await village.tap_data("cadre", 1, f"n:{id}:vc")
    rows = await on_record(village, subject="household", subject_id=id)
    deeds = [(row.deed, row.details.get("alert"), row.details.get("to")) for row in rows[:2]]
    assert deeds == [("acknowledged", alert, None), ("handed_on", alert, county)]
    assert (rows[-1].deed, rows[-1].details) == ("seen", {"shown": "questionnaire", "form": "vc"})


async def test_old_and_new_answers_and_the_version_of_the_rules_are_on_record(village: Village) -> None:
    id = await household(village)
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    village.wait(days=1)
    await hand_in(village, "cadre", HEAD, "cs", YELLOW)
    rows = await on_record(village, subject="household", subject_id=id)
    first, second = (row.details for row in rows if row.deed == "changed")
    item = village.office.content.form("cs").by_id["2"]
    name = f"{item.fact}@{item.period}"
    assert "old" not in first["facts"][name]
    assert second["facts"][name] == {"old": 9000, "new": 3000}
    one, other = (row.details for row in rows if row.deed == "judged")
    assert one["old"] is None
    assert other["old"] == one["new"] != other["new"]
    assert other["pack"] == village.office.content.packs["hr"].scheme.start.isoformat()
    assert await chained(village) == len(await on_record(village))


async def test_a_household_is_found_by_its_identity_number_by_those_in_charge_only(village: Village) -> None:
    id = await household(village)
    async with village.database.reading() as conn:
        found = await households.get(conn, id)
    assert found is not None
    number = found.head_id_number
    assert number is not None
    assert HEAD in await village.say("cadre", number)
    assert HEAD in await village.say("cadre", f"查 {number[:6]} {number[6:]}")
    async with village.database.transaction() as conn:
        other = (await households.named(conn, "方德顺"))[0]
    assert other.head_id_number is not None
    assert "方德顺" not in await village.say("cadre", other.head_id_number)
    assert "方德顺" in await village.say("county", other.head_id_number)
    heard = await village.heard("cadre") + await village.heard("county")
    assert not [each for each in (number, other.head_id_number) if each in heard]


# ---------------------------------------------------------------- one household: handed out and erased


async def test_a_household_gets_everything_that_is_on_record_about_it(
    village: Village, folder: EvidenceFolder
) -> None:
    id = await household(village)
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    async with village.database.transaction() as conn:
        await files.put(conn, NewFile(id, "plan.docx", "text/plain", b"the plan", village.now))
        whole = await disclosing.disclose(conn, village.office, folder, id, village.now)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        rows = json.loads(archive.read("records.json"))
        names = archive.namelist()
        plan = next(name for name in names if name.endswith("plan.docx"))
        assert archive.read(plan) == b"the plan"
        assert village.office.today(village.now).isoformat() in archive.read("readme.txt").decode()
    assert rows["households"][0]["head_name"] == HEAD
    assert {row["household_id"] for row in rows["facts"]} == {id}
    assert {"members", "interviews", "answer_log", "verdicts", "plans"} <= set(rows)
    assert "刘大山" not in json.dumps(rows, ensure_ascii=False)
    assert [row.deed for row in await on_record(village, subject="household", subject_id=id)][
        -1
    ] == "disclosed"


@pytest.mark.parametrize(("county", "runs"), [("yibin", "yb_colours"), ("huarong", "hr_card")])
async def test_a_household_is_not_told_what_its_scheme_keeps_secret(
    sealed: Database, folder: EvidenceFolder, county: str, runs: str
) -> None:
    """004:331: the results of the three colours are told to nobody outside."""
    village = await open_story(sealed, CaseStory("told", runs, "", date(2020, 5, 6), county, HEAD, [], []))
    id = await household(village)
    await hand_in(village, "cadre", HEAD, "vc")
    async with village.database.transaction() as conn:
        said = {"text": "这户从绿色升为红色", "departments": [], "clause": ""}
        await alerts.raise_(conn, NewAlert(id, "AL-07", "yellow", "x", said, village.now))
        new = NewCase(runs, id, None, "monitored", village.now, None, village.now)
        case = await cases.add(conn, new)
        await cases.record(conn, Event(case, 1, "find", "", "monitored", None, "", village.now, "", None, {}))
        whole = await disclosing.disclose(conn, village.office, folder, id, village.now)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        told = archive.read("records.json").decode()
    rows = json.loads(told)
    assert {"households", "members", "interviews", "answer_log", "facts"} <= set(rows)
    for table in ("verdicts", "plans", "alerts", "cases", "case_events"):
        assert bool(rows.get(table)) == (county == "huarong"), table
    if county == "yibin":
        scheme = village.office.content.packs["yb"].scheme
        words = [scheme.name, runs, '"yb"', "红色", "黄色", "绿色"]
        assert [word for word in words if word in told] == []


async def test_a_household_is_erased_from_every_table_and_the_audit_still_holds(
    village: Village, folder: EvidenceFolder
) -> None:
    id = await household(village)
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    county, admin = await person(village, "county"), await administrator(village)
    async with village.database.transaction() as conn:
        await households.revise(conn, id, {"phone": "13912345678", "address": "柳树村八号"})
        await erasing.ask(conn, id, county, REASON, village.now)
    before = await counts(village.database)
    words = await told(village.database, id)
    async with village.database.transaction() as conn:
        erased = await erasing.confirm(conn, id, admin, village.now)
    assert erased.rows["facts"] > 10
    left = await everything(village.database)
    assert [word for word in words if word in left] == []
    assert await counts(village.database) == before | {"audit": before["audit"] + 1}
    assert await chained(village) == before["audit"] + 1
    rows = await on_record(village, subject="household", subject_id=id)
    assert {row.what for row in rows[:-1]} == {None}
    assert rows[-1].details == {"reason": REASON, "asked_by": county, "rows": sum(erased.rows.values())}
    assert await village.say("cadre", HEAD) == village.office.say("home.none_found", words=HEAD)
    async with village.database.reading() as conn:
        assert await visibility.household(conn, county, id, village.now) is None
    # Whoever looks at lists and tables of the village still can.
    for said in ("待办", "预警", "问题", "首页"):
        assert village.office.say("home.failed") not in await village.say("village", said)


async def test_ordered_tables_and_clues_that_name_an_erased_household_are_emptied(village: Village) -> None:
    id, county, admin = (
        await household(village),
        await person(village, "county"),
        await administrator(village),
    )
    async with village.database.transaction() as conn:
        home = (await households.get_many(conn, [id]))[id]
        theirs = await files.put(conn, NewFile(None, "a.xlsx", "x", workbook(HEAD), village.now))
        others = await files.put(conn, NewFile(None, "b.xlsx", "x", workbook("刘大山"), village.now))
        clue = NewClue(
            "n9_watch", "department", "health", village.now.date(), None, home.region_id, HEAD, "松树村",
            None, "住院花了四万", "open", None, county, village.now,
        )  # fmt: skip
        first = await clues.add(conn, clue)
        other = await clues.add(conn, replace(clue, name="刘大山"))
        await erasing.ask(conn, id, county, REASON, village.now)
        erased = await erasing.confirm(conn, id, admin, village.now)
        assert (erased.rows["files"], erased.rows["clues"]) == (1, 1)
        kept = [await files.get(conn, each) for each in (theirs, others)]
        assert [bool(each and each.content) for each in kept] == [False, True]
        found = [await clues.get(conn, each.id) for each in (first, other)]
        assert [(each.name, each.words) for each in found if each] == [("", ""), ("刘大山", clue.words)]


def workbook(name: str) -> bytes:
    """A table of an office that names a household."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{name}</t>" * 9)
    return target.getvalue()


async def counts(database: Database) -> dict[str, int]:
    """How many rows every table has."""
    async with database.reading() as conn:
        return {
            table.name: (await conn.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in ("inbox", "outbox")
        }


async def told(database: Database, id: int) -> set[str]:
    """What the records tell of the people of a household: names, numbers, telephone, dates of birth."""
    async with database.reading() as conn:
        found = (await households.get_many(conn, [id]))[id]
        living = (await households.members_of(conn, [id]))[id]
    assert found.head_id_number is not None
    assert found.phone is not None
    words = {found.head_name, found.head_id_number, found.phone, found.address}
    return words | {each.name for each in living} | {repr(each.birth_date) for each in living}


async def test_nobody_erases_a_household_alone_or_without_reason(village: Village) -> None:
    id = await household(village)
    county, admin = await person(village, "county"), await administrator(village)
    cadre = await person(village, "cadre")
    async with village.database.transaction() as conn:
        with pytest.raises(erasing.ReasonMissing):
            await erasing.ask(conn, id, county, " ", village.now)
        with pytest.raises(erasing.NotEntitled):
            await erasing.ask(conn, id, cadre, REASON, village.now)
        with pytest.raises(erasing.NothingAsked):
            await erasing.confirm(conn, id, admin, village.now)
        await erasing.ask(conn, id, county, REASON, village.now)
        with pytest.raises(erasing.SamePerson):
            await erasing.confirm(conn, id, county, village.now)
        with pytest.raises(erasing.NotEntitled):
            await erasing.confirm(conn, id, cadre, village.now)
        with pytest.raises(erasing.NothingAsked):
            await erasing.confirm(conn, id, admin, village.now + timedelta(days=15))
        await erasing.confirm(conn, id, admin, village.now)
        with pytest.raises(erasing.AlreadyErased):
            await erasing.ask(conn, id, county, REASON, village.now)


def test_every_sealed_column_about_a_household_is_erased_with_it() -> None:
    """A new table with sealed values belongs to a household, or is one of these that never do."""
    apart = {"audit", "chats", "inbox", "outbox", "roster_files", "handovers", "handover_events"}
    holding = {table.name for table in metadata.sorted_tables if erasable(table)}
    assert holding - {table.name for table in ABOUT} <= apart
    assert {"facts", "answer_log", "case_events", "evidence", "members"} <= {each.name for each in ABOUT}


# ---------------------------------------------------------------- how long things are kept


def test_the_periods_that_ship_are_right() -> None:
    assert {period.what for period in retention.read()} >= {"audit", "inbox_handled", "outbox_finished"}


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ({"what": "inbox_handeld", "days": 7, "why": "-"}, "did you mean inbox_handled"),
        ({"what": "audit", "days": 30, "why": "-"}, "at least 365"),
        ({"what": "audit", "days": "five", "why": "-"}, "at least 365"),
        ({"what": "audit", "days": 400}, "what, days and why"),
    ],
)
def test_a_wrong_period_is_refused(period: dict[str, Any], why: str) -> None:
    with pytest.raises(retention.PeriodInvalid, match=why):
        retention.read({"period": [period]})


def test_everything_that_expires_has_a_period() -> None:
    with pytest.raises(retention.PeriodInvalid, match="has no period"):
        retention.read({"period": [{"what": "audit", "days": 400, "why": "-"}]})


async def test_what_was_kept_long_enough_goes_and_a_trial_changes_nothing(village: Village) -> None:
    await village.say("cadre", HEAD)
    await chained(village)
    periods = retention.read()
    before = await counts(village.database)
    nothing = await retention.run(village.database, periods, village.now, dry=False)
    assert set(nothing.values()) == {0}
    later = village.now + timedelta(days=2000)
    trial = await retention.run(village.database, periods, later, dry=True)
    assert trial["inbox_handled"] > 0
    assert trial["outbox_finished"] > 0
    assert trial["audit"] == 1
    assert await counts(village.database) == before
    assert await retention.run(village.database, periods, later, dry=False) == trial
    assert set((await retention.run(village.database, periods, later, dry=False)).values()) == {0}
    await chained(village)
    deeds = [(row.deed, row.details["what"]) for row in await on_record(village)]
    assert ("expired", "audit") in deeds
    async with village.database.reading() as conn:
        assert await inbox.waiting(conn) == 0


# ---------------------------------------------------------------- backup and restore


@pytest.fixture
async def filled(village: Village, folder: EvidenceFolder) -> Village:
    await hand_in(village, "cadre", HEAD, "cs", GREEN)
    folder.keep(PHOTO)
    async with village.database.transaction() as conn:
        await files.put(conn, NewFile(None, "table.xlsx", "text/plain", b"\0\1\2", village.now))
        await inbox.store(conn, [NewUpdate("web", 9, "web:x", {"text": "后面的"})], village.now)
    await chained(village)
    return village


async def back_up(village: Village, folder: EvidenceFolder | None, path: Path) -> Path:
    with path.open("wb") as file:
        await backing_up.back_up(village.database, folder, file, village.now)
    return path


async def rows_of(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    async with database.reading() as conn:
        return {
            table.name: [tuple(row) for row in await conn.execute(select(table).order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
async def test_a_backup_goes_back_into_either_kind_of_database(
    filled: Village, folder: EvidenceFolder, tmp_path: Path, postgres: Server, target: str
) -> None:
    file = await back_up(filled, folder, tmp_path / "backup")
    assert HEAD.encode() not in file.read_bytes()
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    if target == "postgresql":
        await postgres.start()
        await postgres.run("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        await postgres.run("CREATE DATABASE restored")
        url = postgres.url("restored")
    other = EvidenceFolder(tmp_path / "other", ring=KeyRing([KEY]))
    restored = await storage.open(url, KeyRing([KEY]))
    try:
        await backing_up.restore(restored, other, file)
        assert await rows_of(restored) == await rows_of(filled.database)
        assert [other.read(name) for name in other.names()] == [PHOTO]
        async with restored.reading() as conn:
            assert (await verify(conn, restored.ring)).rows == len(await on_record(filled))
        async with restored.transaction() as conn:  # numbers go on behind those that came back
            await files.put(conn, NewFile(None, "next.xlsx", "text/plain", b"", filled.now))
        with pytest.raises(backing_up.DatabaseNotEmpty):
            await backing_up.restore(restored, other, file)
    finally:
        await restored.dispose()


@pytest.mark.parametrize("harm", ["cut", "cut at a block", "swapped", "changed", "more", "other"])
async def test_a_harmed_backup_is_refused_and_leaves_the_database_empty(
    filled: Village, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backing_up, "BLOCK", 4096)
    file = await back_up(filled, None, tmp_path / "backup")
    blocks = taken_apart(file.read_bytes())
    assert len(blocks) > 4
    match harm:
        case "cut":
            blocks[-1] = blocks[-1][:-1]
        case "cut at a block":
            blocks = blocks[:-1]
        case "swapped":
            blocks[2], blocks[3] = blocks[3], blocks[2]
        case "changed":
            blocks[2] = blocks[2][:-1] + bytes([blocks[2][-1] ^ 1])
        case "more":
            blocks.append(blocks[1])
        case "other":
            blocks[0] = b"another file"
    file.write_bytes(b"".join(blocks))
    restored = await storage.open(f"sqlite:///{tmp_path / 'restored.db'}", KeyRing([KEY]))
    try:
        with pytest.raises((backing_up.BackupBroken, SealBroken)):
            await backing_up.restore(restored, None, file)
        assert set((await counts(restored)).values()) == {0}
    finally:
        await restored.dispose()


def taken_apart(content: bytes) -> list[bytes]:
    """The head of a backup and its blocks."""
    at = len(backing_up.MAGIC) + backing_up.ID
    found = [content[:at]]
    while at < len(content):
        size = int.from_bytes(content[at + 1 : at + 5])
        found.append(content[at : at + 5 + size])
        at += 5 + size
    return found


async def test_a_backup_of_another_key_or_another_shape_is_refused(filled: Village, tmp_path: Path) -> None:
    file = await back_up(filled, None, tmp_path / "backup")
    other = await storage.open(f"sqlite:///{tmp_path / 'other.db'}", KeyRing([("b", bytes(32))]))
    try:
        with pytest.raises(KeyMissing, match='"a"'):
            await backing_up.restore(other, None, file)
    finally:
        await other.dispose()
    newer = await storage.open(f"sqlite:///{tmp_path / 'newer.db'}", KeyRing([KEY]))
    try:
        async with newer.transaction() as conn:
            await conn.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
        with pytest.raises(backing_up.BackupOfAnotherShape, match="r9999"):
            await backing_up.restore(newer, None, file)
    finally:
        await newer.dispose()


async def test_a_backup_without_keys_is_taken_in_with_keys_and_sealed_then(
    database: Database, tmp_path: Path
) -> None:
    plain = await Village.open(database)
    file = await back_up(plain, None, tmp_path / "backup")
    restored = await storage.open(f"sqlite:///{tmp_path / 'restored.db'}", KeyRing([KEY]))
    try:
        await backing_up.restore(restored, None, file)
        rows = metadata.tables["households"]
        async with restored.reading() as conn:
            numbers = (await conn.execute(select(cast(rows.c.head_id_number, Text)))).scalars().all()
        assert numbers
        assert {number[:6] for number in numbers if number} == {"hb1:a:"}
    finally:
        await restored.dispose()


def test_nothing_is_lost_between_a_value_and_its_line() -> None:
    for value in (None, 1, "x", [], {}, ["moment", "x"], b"\0", datetime(2020, 1, 1, tzinfo=UTC)):
        said = json.loads(json.dumps(backing_up.plain(value)))
        assert backing_up.original(said) == value


def test_photos_are_sealed_and_sealed_anew(tmp_path: Path) -> None:
    plain, path = EvidenceFolder(tmp_path), tmp_path
    name = plain.keep(PHOTO).name
    first = EvidenceFolder(path, ring=KeyRing([KEY]))
    assert first.read(name) == PHOTO
    assert (first.reseal(), first.reseal()) == (1, 0)
    assert PHOTO not in (path / name).read_bytes()
    second = EvidenceFolder(path, ring=KeyRing([("b", bytes(32)), KEY]))
    assert second.reseal() == 1
    with pytest.raises(KeyMissing):
        first.read(name)
    assert second.read(name) == PHOTO
    assert second.read("../secret") is None
    assert [each for each in SEALED if not each.__doc__] == []
