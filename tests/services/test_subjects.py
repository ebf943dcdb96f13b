"""Questionnaires about a village, a township, the county: who may fill them in, and what is kept of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.storage import duties, facts, interviews, people, plans, regions
from bot.storage.database import Database
from bot.storage.regions import Region
from bot.storage.subjects import Subject
from bot.storage.tables import alerts, verdicts
from bot.storage.tables import duties as duty_rows
from bot.storage.tables import plans as plan_rows
from tests.databases import database, database_url, empty_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.interviewer import begin, is_open, standing
from tests.services.subjects import TOWNSHIP, VILLAGE, labels, with_forms
from tests.services.village import Village


@pytest.fixture
async def village(database: Database) -> Village:  # noqa: F811
    """The sample village with a questionnaire about villages and one about townships and the county."""
    return await Village.open(database, content=with_forms(VILLAGE, TOWNSHIP))


async def place(village: Village, name: str) -> Region:
    """The region of that name."""
    async with village.database.reading() as conn:
        county = (await regions.children(conn, None))[0]
        return next(each for each in await regions.subtree(conn, county.id) if each.name == name)


async def hand_in(village: Village, address: str, road: str = "1", number: str = "1200") -> None:
    """Fill in the village's questionnaire from the home screen on."""
    await village.say(address, "首页")
    await village.tap(address, "村里的表")
    await village.tap(address, "村情表")
    await village.say(address, road, number, "提交")


async def known(village: Village, name: str) -> dict[str, object]:
    """The present facts of the region of that name."""
    region = await place(village, name)
    async with village.database.reading() as conn:
        found = (await facts.current(conn, [region.id], "region")).get(region.id, [])
    return {fact.name: fact.value for fact in found}


async def test_a_village_form_is_reached_from_the_home_screen_and_its_answers_belong_to_the_village(
    village: Village,
) -> None:
    await hand_in(village, "village")
    assert await known(village, "松树村") == {"test_road": 1, "test_people": 1200}
    heard = await village.heard("village")
    assert "《村情测试表》已提交：东山镇松树村" in heard
    assert "哪个村" not in heard
    assert "谁填的" not in heard


async def test_a_region_gets_no_verdict_no_plan_no_duty_and_no_alert(village: Village) -> None:
    await hand_in(village, "village")
    async with village.database.reading() as conn:
        for table in (verdicts, plan_rows, duty_rows, alerts):
            assert (await conn.execute(select(table.c.id))).all() == []
        assert await plans.latest(conn, [1]) == {}
        assert await duties.open_of_household(conn, 1) == []


async def test_the_screen_of_a_village_says_what_was_handed_in_when_and_by_whom(village: Village) -> None:
    await village.say("village", "首页")
    assert "还没交过" in await village.tap("village", "村里的表")
    await hand_in(village, "cadre")
    await village.say("village", "首页")
    assert "2026-04-10 周明 交过" in await village.tap("village", "村里的表")


async def test_the_screen_says_who_is_filling_a_form_in(village: Village) -> None:
    await village.say("cadre", "首页")
    await village.tap("cadre", "村里的表")
    await village.tap("cadre", "村情表")
    await village.say("village", "首页")
    assert "周明 2026-04-10 起在填" in await village.tap("village", "村里的表")


async def test_what_the_village_said_before_is_offered_to_keep(village: Village) -> None:
    await hand_in(village, "village", "1", "1200")
    village.wait(days=40)
    await village.say("cadre", "首页")
    await village.tap("cadre", "村里的表")
    asked = await village.tap("cadre", "村情表")
    assert "2026-04-10" in asked
    assert "通了" in asked
    await village.tap("cadre", "沿用")
    await village.say("cadre", "1300", "提交")
    assert await known(village, "松树村") == {"test_road": 1, "test_people": 1300}
    region = await place(village, "松树村")
    async with village.database.reading() as conn:
        before = await facts.history(conn, region.id, "test_people", "region")
    assert [fact.value for fact in before] == [1200, 1300]


async def test_a_township_fills_in_its_own_form_and_those_of_its_villages(village: Village) -> None:
    await village.say("township", "首页")
    shown = await village.tap("township", "乡镇的表")
    assert "镇情测试表" in shown
    assert "村情测试表" not in shown
    assert "下面有 2 个村" in shown
    await village.tap("township", "石桥村")
    await village.tap("township", "村情表")
    await village.say("township", "2", "800", "提交")
    assert await known(village, "石桥村") == {"test_road": 2, "test_people": 800}
    assert await known(village, "松树村") == {}


async def test_the_county_finds_every_village_through_its_townships(village: Village) -> None:
    await village.say("county", "首页")
    assert "镇情测试表" in await village.tap("county", "县里的表")
    await village.tap("county", "梅田湖镇")
    assert "村情测试表" in await village.tap("county", "柳湖村")


async def test_nobody_reaches_a_region_that_is_not_theirs(village: Village) -> None:
    ours, other = await place(village, "松树村"), await place(village, "石桥村")
    town, county = await place(village, "东山镇"), await place(village, "华容县")
    for address in ("cadre", "village"):
        for region in (other, town, county):
            for data in (f"g:{region.id}", f"n:r{region.id}:tv", f"n:r{region.id}:tt"):
                assert "不归您管" in await village.tap_data(address, 1, data)
            assert not await is_open(village, address)
        await village.tap_data(address, 10**6, f"g:{ours.id}")
        assert "村情测试表" in await village.heard(address)
    assert "不归您管" in await village.tap_data("cadre", 1, "g:999999")


async def test_a_form_is_never_begun_about_what_it_is_not_meant_for(village: Village) -> None:
    ours, town = await place(village, "松树村"), await place(village, "东山镇")
    for data in (f"n:r{ours.id}:tt", f"n:r{ours.id}:jd", f"n:r{town.id}:tv", "n:1:tv"):
        assert "以前的按钮" in await village.tap_data("township", 1, data)
        assert not await is_open(village, "township")


async def test_household_cards_offer_no_form_about_regions(village: Village) -> None:
    await village.say("cadre", "王建新")
    assert not [label for label in await labels(village, "cadre") if label in ("村情表", "镇情表")]


async def test_a_village_form_is_left_and_taken_up_beside_one_of_a_household(village: Village) -> None:
    await begin(village, "cadre", "王建新", "cs")
    await village.say("cadre", "暂停", "首页")
    await village.tap("cadre", "村里的表")
    await village.tap("cadre", "村情表")
    await village.say("cadre", "1", "暂停")
    assert "接着填（2）" in " ".join(await labels_of_home(village, "cadre"))
    assert "接着填哪一份" in await village.say("cadre", "继续")
    taken = await village.tap("cadre", "东山镇松树村")
    assert "已答 1/2" in taken
    at = await standing(village, "cadre")
    assert at.interview.subject == Subject("region", (await place(village, "松树村")).id)
    assert at.interview.household_id is None


async def labels_of_home(village: Village, address: str) -> list[str]:
    """The buttons of the home screen."""
    await village.say(address, "首页")
    return await labels(village, address)


async def test_who_lost_the_appointment_cannot_hand_in_what_was_begun(village: Village) -> None:
    await village.say("village", "首页")
    await village.tap("village", "村里的表")
    await village.tap("village", "村情表")
    at = await standing(village, "village")
    async with village.database.transaction() as conn:
        mine = await people.appointments_of(conn, at.interview.person_id, village.now)
        await people.dismiss(conn, mine[0].id, village.now)
    assert "不归您管" in await village.say("village", "1", "1000", "提交")
    async with village.database.reading() as conn:
        left = (await interviews.load(conn, [at.interview.id]))[at.interview.id]
    assert left.state == "open"
    assert not await labels_of_home(village, "village") or "村里的表" not in await labels(village, "village")


async def test_every_button_of_the_regions_leads_somewhere(village: Village) -> None:
    await hand_in(village, "village")
    assert "村里的表" in await labels_of_home(village, "village")
    data = [b.data for m in await village.screen("village") for row in m.buttons for b in row]
    assert any(each.startswith("g:") for each in data)
    for each in data:
        assert "以前的按钮" not in await village.tap_data("village", 10**6, each)
