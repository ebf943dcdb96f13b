"""A long questionnaire that passes from one person to another: never two at once, and nothing lost."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels import web_chat
from bot.services.pipeline import Worker
from bot.services.taking_over import HOLDER
from bot.storage import facts, inbox, interviews, people
from bot.storage.database import Database
from bot.storage.people import Account
from tests.databases import database, database_url, empty_url, kind, postgres, sqlite_template  # noqa: F401
from tests.services.interviewer import Standing, history, is_open, standing
from tests.services.subjects import VILLAGE, labels, with_forms
from tests.services.village import Village

LONG = (
    VILLAGE.replace('id = "tv"', 'id = "th"')
    .replace('subject = "village"', "menu = false")
    .replace("村情测试表", "长测试表")
    .replace('short = "村情表"', 'short = "长表"')
    .replace("test_", "home_test_")
)
"""A short questionnaire about a household; `menu` makes it one that people share."""


@pytest.fixture
async def village(database: Database) -> Village:  # noqa: F811
    """The sample village with a questionnaire about villages."""
    return await Village.open(database, content=with_forms(VILLAGE, LONG))


async def open_form(village: Village, address: str) -> str:
    """Open the village's questionnaire from the home screen; what is said then."""
    await village.say(address, "首页")
    await village.tap(address, "村里的表")
    return await village.tap(address, "村情表")


async def held_by(village: Village, at: Standing) -> int:
    """Who holds the interview."""
    async with village.database.reading() as conn:
        return (await interviews.load(conn, [at.interview.id]))[at.interview.id].person_id


async def person(village: Village, address: str) -> int:
    """Who speaks at the address."""
    async with village.database.reading() as conn:
        return (await people.behind(conn, web_chat.CHANNEL, [address]))[address].id


async def test_whoever_opens_what_another_has_open_sees_who_and_since_when(village: Village) -> None:
    await open_form(village, "cadre")
    await village.say("cadre", "1")
    village.wait(hours=5)
    told = await open_form(village, "village")
    assert "周明 从 2026-04-10 09:00 起在填" in told
    assert "已答 1/2" in told
    assert "东山镇松树村" in told
    assert not await is_open(village, "village")
    assert "我来接着填" in await labels(village, "village")


async def test_it_is_gone_on_with_where_it_stood_and_the_log_keeps_who_said_what(village: Village) -> None:
    await open_form(village, "cadre")
    await village.say("cadre", "1")
    first = await standing(village, "cadre")
    await open_form(village, "village")
    taken = await village.tap("village", "我来接着填")
    assert "已答 1/2" in taken
    assert "周明那儿接过来" in await village.heard("village")
    await village.say("village", "1200", "提交")
    cadre, keeper = await person(village, "cadre"), await person(village, "village")
    entries = await history(village, first.interview)
    assert [(entry.key, entry.after, entry.person_id) for entry in entries] == [
        ("1", 1, cadre),
        (HOLDER, keeper, keeper),
        ("2", 1200, keeper),
    ]
    subject = first.interview.subject
    async with village.database.reading() as conn:
        assert len(await interviews.open_about(conn, subject, "tv")) == 0
        found = (await facts.current(conn, [subject.id], "region"))[subject.id]
    assert {fact.name: fact.value for fact in found} == {"test_road": 1, "test_people": 1200}


@pytest.mark.parametrize("said", ["1", "上一题", "提交", "暂停", "继续", "改 1"])
async def test_the_one_before_is_told_by_name_and_nothing_of_theirs_is_written(
    village: Village, said: str
) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    await open_form(village, "village")
    await village.tap("village", "我来接着填")
    told = await village.say("cadre", said)
    assert "由陈桂香接过去" in told
    assert (await standing(village, "village")).answers == {}
    assert await held_by(village, at) == await person(village, "village")
    # It is said once; afterwards the chat is free for other things.
    assert "🏠" in await village.say("cadre", "王建新")


async def test_a_tap_of_the_one_before_is_answered_in_the_same_way(village: Village) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    await open_form(village, "village")
    await village.tap("village", "我来接着填")
    assert "由陈桂香接过去" in await village.tap_data("cadre", 1, at.data("p", 2))
    assert "由陈桂香接过去" in await village.tap_data("cadre", 1, f"r:{at.interview.id}")
    assert (await standing(village, "village")).answers == {}


async def test_it_can_be_taken_back(village: Village) -> None:
    await open_form(village, "cadre")
    await open_form(village, "village")
    await village.tap("village", "我来接着填")
    await village.say("village", "2")
    await village.say("cadre", "1")
    await village.tap("cadre", "我来接着填")
    assert "由周明接过去" in await village.say("village", "900")
    await village.say("cadre", "1000", "提交")
    assert "并交上去了" in await village.tap_data("village", 1, await old_tap(village))
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []


async def old_tap(village: Village) -> str:
    """The data of the first button that answered a question on the village's screen."""
    data = [b.data for m in await village.screen("village") for row in m.buttons for b in row]
    return next(each for each in data if each[:2] in ("i:", "b:"))


async def test_what_was_handed_in_meanwhile_cannot_be_taken_over(village: Village) -> None:
    await open_form(village, "cadre")
    await open_form(village, "village")
    _, go_on = await village.button("village", "我来接着填")
    await village.say("cadre", "1", "1000", "提交")
    assert "已经交上去了" in await village.tap_data("village", 1, go_on)
    assert not await is_open(village, "village")


async def test_only_whoever_may_see_the_subject_takes_over(village: Village) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    async with village.database.transaction() as conn:
        keeper = (await people.behind(conn, web_chat.CHANNEL, ["village"]))["village"]
        mine = await people.appointments_of(conn, keeper.id, village.now)
        await people.dismiss(conn, mine[0].id, village.now)
    assert "没有找到" in await village.tap_data("village", 1, f"t:{at.interview.id}")
    assert "没有找到" in await village.tap_data("village", 1, "t:999999")
    assert await held_by(village, at) == await person(village, "cadre")


async def test_a_short_questionnaire_about_a_household_is_everybodys_own(village: Village) -> None:
    for address in ("cadre", "village"):
        await village.say(address, "王建新")
        await village.tap(address, "长表")
    one, two = await standing(village, "cadre"), await standing(village, "village")
    assert one.interview.id != two.interview.id
    assert "不用接手" in await village.tap_data("village", 1, f"t:{one.interview.id}")


async def test_a_long_questionnaire_about_a_household_is_one_for_all(database: Database) -> None:  # noqa: F811
    village = await Village.open(database, content=with_forms(VILLAGE, LONG.replace("false", "true")))
    await village.say("cadre", "王建新")
    await village.tap("cadre", "长表")
    await village.say("village", "王建新")
    assert "周明" in await village.tap("village", "长表")
    await village.tap("village", "我来接着填")
    assert await is_open(village, "village")
    async with village.database.reading() as conn:
        assert len(await interviews.of_household(conn, 1)) == 1


async def test_a_phone_that_changed_hands_tells_nothing_of_the_interview(village: Village) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    async with village.database.transaction() as conn:
        other = (await people.behind(conn, web_chat.CHANNEL, ["township"]))["township"]
        await people.bind(conn, Account(web_chat.CHANNEL, "cadre", other.id))
    assert "接过去" not in await village.say("cadre", "1")
    assert "没有正在填的表" in await village.tap_data("cadre", 1, at.data("p", 2))


async def test_an_answer_and_a_take_over_in_one_commit_are_one_after_the_other(village: Village) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    await open_form(village, "village")
    _, go_on = await village.button("village", "我来接着填")
    await village.chat.tap("village", 1, go_on)
    await village.chat.say("cadre", "1")
    await village.work()
    assert "由陈桂香接过去" in await village.last("cadre")
    assert (await standing(village, "village")).answers == {}
    await village.say("village", "2")
    assert [entry.key for entry in await history(village, at.interview)] == [HOLDER, "1"]


async def test_two_workers_never_let_two_people_write(village: Village) -> None:
    await open_form(village, "cadre")
    at = await standing(village, "cadre")
    await open_form(village, "village")
    _, go_on = await village.button("village", "我来接着填")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    await village.chat.say("cadre", "1")
    await village.chat.tap("village", 1, go_on)
    for _ in range(4):
        await asyncio.gather(village.worker.turn(), other.turn())
    await village.work()
    assert await held_by(village, at) == await person(village, "village")
    keys = [entry.key for entry in await history(village, at.interview)]
    # Either the answer came first and counts, or it came too late and was refused by name.
    assert keys == ["1", HOLDER] or (keys == [HOLDER] and "接过去" in await village.heard("cadre"))
    async with village.database.reading() as conn:
        assert await inbox.dead(conn) == []


async def test_two_workers_begin_one_questionnaire_about_a_village_and_not_two(village: Village) -> None:
    for address in ("cadre", "village"):
        await village.say(address, "首页")
        await village.tap(address, "村里的表")
    _, begin = await village.button("cadre", "村情表")
    other = Worker(village.database, village.office, village.worker.translate, lambda: village.now)
    await village.chat.tap("cadre", 1, begin)
    await village.chat.tap("village", 1, begin)
    for _ in range(4):
        await asyncio.gather(village.worker.turn(), other.turn())
    await village.work()
    begun = [address for address in ("cadre", "village") if await is_open(village, address)]
    assert len(begun) == 1
    subject = (await standing(village, begun[0])).interview.subject
    async with village.database.reading() as conn:
        assert len(await interviews.open_about(conn, subject, "tv")) == 1
        assert await inbox.dead(conn) == []
