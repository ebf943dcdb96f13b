"""The practice county: what is in it, that nothing of it is left to be sent, and the tour through it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.services import touring
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.services.sample_county import enter_county, read_county
from bot.services.sample_people import personas
from bot.services.sample_playing import Player, SampleStuck
from bot.services.tour_steps import STOPS
from bot.storage import assignments, chats, people, tables
from bot.storage import database as databases
from bot.storage.columns import SEALED
from bot.storage.database import Database
from bot.storage.sealing import KeyRing
from tests.services.village import Village, loaded

DAY = re.compile(r"[0-9]{4}-[0-9]{2}")
NUMBER = re.compile(r"[0-9]{17}[0-9X]")
NOW = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
RING = KeyRing([("k", bytes(range(32)))])


def office() -> Office:
    return Office(loaded(), ZONE)


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the practice county, entered once for all tests."""
    path = tmp_path_factory.mktemp("county") / "county.db"

    async def enter() -> None:
        opened = await databases.open(f"sqlite+aiosqlite:///{path}", RING)
        async with opened.transaction() as conn:
            assert await enter_county(conn, office(), read_county(), web_chat.CHANNEL, NOW)
        await opened.dispose()

    asyncio.run(enter())
    return path


@pytest.fixture
async def county(entered: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database of one's own with the practice county."""
    shutil.copy(entered, tmp_path / "own.db")
    opened = await databases.open(f"sqlite+aiosqlite:///{tmp_path / 'own.db'}", RING)
    yield opened
    await opened.dispose()


async def counted(database: Database, table: str, *columns: str) -> Counter[tuple[object, ...]]:
    """How often each combination of these columns occurs."""
    found = tables.metadata.tables[table]
    async with database.reading() as conn:
        rows = await conn.execute(select(*(found.c[each] for each in columns)))
        return Counter(tuple(row) for row in rows)


async def test_everybody_of_the_county_is_there(county: Database) -> None:
    levels = await counted(county, "regions", "level")
    assert levels == {("county",): 1, ("town",): 2, ("village",): 3}
    homes = await counted(county, "households", "head_name")
    assert len(homes) == sum(homes.values()) == 120  # no two heads of one name
    per_helper = await counted(county, "assignments", "person_id")
    assert list(per_helper.values()) == [10] * 12
    roles = {role for (role,) in await counted(county, "appointments", "role")}
    assert roles == {"cadre", "village", "township", "county", "department", "unit", "inspector"}


async def test_identity_numbers_belong_to_nobody(county: Database) -> None:
    numbers = await counted(county, "households", "head_id_number")
    assert len(numbers) == 120
    assert all(str(number).startswith("999999") for (number,) in numbers)


async def test_whoever_steals_the_file_reads_nothing_that_was_said(entered: Path, county: Database) -> None:
    """Every text of a sealed column is looked for in the bytes of the file."""
    said, known = set[str](), set[str]()
    async with county.reading() as conn:
        for table in tables.metadata.sorted_tables:
            for column in table.columns:
                for value in (await conn.execute(select(column))).scalars():
                    (said if isinstance(column.type, SEALED) else known).update(texts(value))
    open_words = "\n".join(known)
    secrets = {each for each in said if len(each.encode()) > 5 and not DAY.match(each)}
    secrets = {each for each in secrets if each not in open_words}
    assert len(secrets) > 1000
    assert sum(bool(NUMBER.fullmatch(each)) for each in secrets) > 100
    stolen = b"".join(each.read_bytes() for each in sorted(entered.parent.iterdir()))
    assert [each for each in secrets if each.encode() in stolen] == []


def texts(value: object) -> Iterator[str]:
    """All texts in a value of a column."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts(each))


async def test_every_state_occurs(county: Database) -> None:
    verdicts = {each for (each,) in await counted(county, "verdicts", "verdict")}
    assert {"red", "yellow", "green", "blue", "to_verify"} <= verdicts
    states: dict[object, set[object]] = {}
    for procedure, state in await counted(county, "cases", "procedure", "state"):
        states.setdefault(procedure, set()).add(state)
    every = set(loaded().procedures["hr_card"].states)
    assert states["hr_card"] == every
    assert {"found", "assigned", "escalated", "rectifying", "done", "closed"} <= states["problem"]
    assert states["hr_change"] == {"found"}
    duties = {each for (each,) in await counted(county, "duties", "state")}
    assert {"planned", "done", "done_late"} <= duties
    assert sum((await counted(county, "plans", "household_id")).values()) >= 80
    assert {"red", "yellow"} <= {each for (each,) in await counted(county, "alerts", "level")}
    assert (await counted(county, "interviews", "state"))["open",] == 3  # one left half way in each village


async def test_nothing_lies_ahead_of_the_start(county: Database) -> None:
    async with county.reading() as conn:
        for table, column in (("interviews", "submitted_at"), ("case_events", "at"), ("audit", "at")):
            found = tables.metadata.tables[table]
            assert (await conn.execute(select(func.max(found.c[column])))).scalar_one() < NOW


async def test_nothing_waits_to_be_sent(county: Database) -> None:
    assert not await counted(county, "outbox", "id")
    assert not await counted(county, "inbox", "id")


async def test_a_database_with_regions_is_left_alone(county: Database) -> None:
    before = await counted(county, "regions", "name")
    async with county.transaction() as conn:
        assert not await enter_county(conn, office(), read_county(), web_chat.CHANNEL, NOW)
    assert await counted(county, "regions", "name") == before


def test_the_page_offers_everybody_by_level() -> None:
    offered = personas(loaded().offices, read_county())
    assert len(offered) == len({each.address for each in offered}) >= 24
    assert all(each.level and each.role and each.note for each in offered)
    by_level = Counter(each.level for each in offered)
    assert by_level[loaded().offices.roles["cadre"].name] == 12


async def test_a_deed_that_cannot_be_done_says_which(tmp_path: Path) -> None:
    sample = read_county()
    wrong = {"of": [1, 1], "days": [1, 1], "who": "helper", "step": "hr_card:apply", "to": "init"}
    sample["deed"] = [wrong]  # nobody has filled in what the card rests on
    opened = await databases.open(f"sqlite+aiosqlite:///{tmp_path / 'wrong.db'}")
    with pytest.raises(SampleStuck, match="hr_card:apply"):
        async with opened.transaction() as conn:
            await enter_county(conn, office(), sample, web_chat.CHANNEL, NOW)
    await opened.dispose()


# ------------------------------------------------------------------------------------------- the tour


@pytest.fixture
async def practice(county: Database) -> Village:
    """The practice county with somebody in front of it."""
    at = [NOW]
    worker = Worker(county, office(), {web_chat.CHANNEL: web_chat.translate}, lambda: at[0])
    chat = WebChat(county, lambda: at[0], worker.wake)
    return Village(county, office(), worker, Reminder(county, office(), lambda: at[0]), chat, at)


async def test_the_tour_notices_what_was_done_and_nothing_else(practice: Village) -> None:
    await practice.say("cadre", "首页")
    assert "第 1 步" in await practice.tap("cadre", "导览")
    assert "还没看到这一步" in await practice.tap("cadre", "做到了")
    await practice.say("cadre2", "首页")
    await practice.tap("cadre2", "我的户")
    await practice.tap("cadre2", "组")
    await practice.say("cadre", "导览")
    assert "还没看到这一步" in await practice.last("cadre")  # what a colleague looked up is not one's own
    await practice.say("cadre", "首页")
    await practice.tap("cadre", "我的户")
    await practice.tap("cadre", "组")
    said = await practice.last("cadre")
    assert "✓ 第 1 步做到了" in said
    assert "第 2 步" in said


async def test_the_tour_is_left_and_taken_up_again(practice: Village) -> None:
    await practice.say("cadre", "导览")
    assert "先放着" in await practice.tap("cadre", "先放着")
    said = await practice.say("cadre", "导览")
    assert "第 1 步" in said
    assert "还没看到" not in said
    for step in range(2, len(STOPS) + 1):
        assert f"第 {step} 步" in await practice.tap("cadre", "跳过这步")
    assert "走完了" in await practice.tap("cadre", "跳过这步")
    assert "第 1 步" in await practice.tap("cadre", "从头再走一遍")


async def test_the_reasons_the_plan_and_an_alert_count_when_they_are_looked_at(practice: Village) -> None:
    await practice.say("cadre", "导览")
    for _ in range(2):
        await practice.tap("cadre", "跳过这步")
    await practice.say("cadre", "首页")
    await practice.tap("cadre", "我的户")
    await practice.tap("cadre", "红卡")
    await practice.tap("cadre", "计划摘要")
    await practice.tap("cadre", "为什么")
    assert "第 4 步" in await practice.say("cadre", "导览")
    await practice.tap("cadre", "跳过这步")
    await practice.tap("cadre", "跳过这步")
    await practice.say("village", "首页")
    await practice.tap("village", "预警")
    shown = [b for m in await practice.screen("village") for row in m.buttons for b in row]
    data = next(button.data for button in reversed(shown) if button.data.endswith(":show"))
    await practice.tap_data("village", 1, data)
    assert "✓ 第 6 步做到了" in await practice.say("cadre", "导览")


async def test_a_case_approved_by_somebody_else_counts(practice: Village) -> None:
    await practice.say("cadre", "导览")
    for _ in range(7):
        await practice.tap("cadre", "跳过这步")
    cases = tables.metadata.tables["cases"]
    async with practice.database.reading() as conn:
        filed = (await conn.execute(select(cases.c.id).where(cases.c.state == "filed").limit(1))).scalar_one()
    await practice.tap_data("county", 1, f"w:{filed}")
    await practice.tap("county", "入县数据库")
    await practice.tap("county", "确定")
    assert "✓ 第 8 步做到了" in await practice.say("cadre", "导览")


async def test_what_an_update_did_is_noticed_at_once(county: Database) -> None:
    async with county.transaction() as conn:
        me = (await people.behind(conn, web_chat.CHANNEL, ["cadre"]))["cadre"]
        (home, *_) = await assignments.households_of(conn, me.id)
        player = Player(conn, office(), web_chat.CHANNEL, {"cadre": me}, {})
        player.chats |= await chats.load(conn, web_chat.CHANNEL, ["cadre"])
        task = player.task("cadre", NOW)
        await player.tap(task, "z:begin")
        await player.done(task)
        task = player.task("cadre", NOW + timedelta(minutes=1))
        await player.say(task, "帮助")
        said = len(task.out)
        await touring.noticed(conn, task)
        assert len(task.out) == said  # help is no step of the tour
        await player.tap(task, f"h:{home}")
        await touring.noticed(conn, task)
        assert "✓ 第 1 步做到了" in task.out[-1].payload["text"]
