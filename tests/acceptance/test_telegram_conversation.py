"""The main job on Telegram: coming in, an interview, card, plan, paper, alerts, whatever the network does."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import docx
import pytest

from bot.app import App
from bot.channels.telegram import CHANNEL
from bot.storage import assignments, inbox, interviews, outbox, people
from tests.acceptance.crowd import Standing, standings
from tests.acceptance.deployment import answer_all, by_day, deployed, invitation, invited, open_question
from tests.acceptance.running import RunningBot, bots
from tests.telegram_server import Kind, Person, TelegramServer

CADRE, TOWNSHIP, COUNTY, VILLAGE, STRANGER, GROUP = 601, 602, 603, 604, 605, -1001
HOUSEHOLD, HEAD = 1, "王建新"
SCRIPT = (
    ("2", "=四千二"), ("4.a", "p1"), ("4.b", "+1"), ("4.b", "d0"), ("6", "p2"), ("7", "=没有"), ("8", "p2"),
    ("9", "p2"), ("10.x1", "k0"), ("10.x3", "p2"), ("10.x4", "p1"), ("11", "p2"), ("14.n", "=1"),
    ("14.name#1", f"={HEAD}"), ("14#1", "p1"), ("15.a", "=六千八"), ("15.b", "=0"), ("17.a", "p1"),
    ("17.b", "p1"), ("17.c", "=家畜、蔬菜"), ("18.x1", "p2"), ("19.a", "p1"), ("19.b", "=护路员"),
    ("20", "p1"), ("21.x1", "p2"),
)  # fmt: skip
"""The card's questions about a household that was lifted, may fall back, and gets a yellow card."""


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(seed=11) as server:
        yield server


@pytest.fixture
async def app(server: TelegramServer, tmp_path: Path) -> AsyncIterator[App]:
    async with deployed(server, f"sqlite:///{tmp_path / 'hubang.db'}") as app:
        yield app


async def cadre_of_the_household(app: App, server: TelegramServer) -> Person:
    """A cadre whom the household is entrusted to."""
    phone = await invited(app, server, CADRE, "cadre", "周小明", "松树村")
    async with app.database.transaction() as conn:
        person = (await people.behind(conn, CHANNEL, [str(CADRE)]))[str(CADRE)]
        await assignments.assign(conn, HOUSEHOLD, person.id, by_day())
    return phone


async def begun(app: App, server: TelegramServer) -> Person:
    """A cadre who has opened the household's questionnaire."""
    cadre = await cadre_of_the_household(app, server)
    cadre.say("wjx")
    await cadre.hears(HEAD)
    cadre.tap("四卡核实")
    return cadre


def trouble(server: TelegramServer) -> None:
    """Everything that a network and a busy server do, each now and then."""
    for kind in (Kind.SERVER_ERROR, Kind.RESET, Kind.HANG, Kind.FLOOD):
        server.faults.add(kind, "sendMessage", probability=0.05, retry_after=1)
    for kind in (Kind.APPLY_THEN_DROP, Kind.APPLY_THEN_ERROR, Kind.APPLY_THEN_HANG):
        server.faults.add(kind, "sendMessage", probability=0.04)
        server.faults.add(kind, "editMessageText", probability=0.04)
    for kind in (Kind.SERVER_ERROR, Kind.RESET, Kind.FLOOD):
        server.faults.add(kind, "editMessageText", probability=0.05, retry_after=1)
        server.faults.add(kind, "getUpdates", probability=0.03, retry_after=1)
    server.faults.add(Kind.RESET, "sendDocument", count=1)
    server.faults.add(Kind.DUPLICATE, probability=0.2)
    server.faults.add(Kind.REORDER, probability=0.1)


async def test_a_household_is_interviewed_through_a_bad_network_and_gets_card_plan_and_paper(
    app: App, server: TelegramServer
) -> None:
    township = await invited(app, server, TOWNSHIP, "township", "李主任", "东山镇")
    county = await invited(app, server, COUNTY, "county", "孙科长", "华容县")
    trouble(server)
    cadre = await begun(app, server)

    review = await answer_all(cadre, SCRIPT)
    cadre.tap("提交", review.message)
    await cadre.until(lambda screen: "建议黄卡" in screen.text and "接着做什么" in screen.text, patience=60)
    plan = await cadre.until(lambda screen: [m for m in screen if m.button(f"f:{HOUSEHOLD}")], patience=60)
    assert "因病" in plan.text
    cadre.tap(f"f:{HOUSEHOLD}")
    await cadre.until(lambda screen: cadre.chat.documents, patience=60)
    paper = cadre.chat.documents[0]
    text = "\n".join(p.text for p in docx.Document(BytesIO(paper.content)).element.body.iter() if p.text)
    assert HEAD in text
    assert HEAD not in paper.name

    alerted = await township.until(lambda screen: [m for m in screen if m.button("转交")], patience=60)
    assert HEAD in alerted.text
    township.tap("转交")
    await township.until(lambda screen: any("周小明" in label for m in screen for label in m.labels))
    choice = next(
        b for m in township.chat.tappable() for row in m.keyboard for b in row if "周小明" in b.label
    )
    assert choice.data is not None
    township.tap(choice.data)
    await township.until(lambda screen: "已转交给 周小明" in screen.text, patience=60)
    await cadre.until(lambda screen: [m for m in screen if m.button("已知晓")], patience=60)

    county.say(f"计划 {HEAD}")
    await county.until(lambda screen: "因病" in screen.text and "黄卡" in screen.text, patience=60)

    assert sum(fault.hits for fault in server.faults.active) > 20
    assert server.world.flood.too_early == 0
    async with app.database.reading() as conn:
        assert await inbox.dead(conn) == []
        rows = await outbox.last(conn, CHANNEL, str(CADRE), 1000)
    places = [row.message_id or 0 for row in rows if row.payload.get("message_id") != row.message_id]
    assert places == sorted(places)


async def test_a_tap_changes_the_question_in_place_and_a_text_strips_the_old_keyboard(
    app: App, server: TelegramServer
) -> None:
    cadre = await begun(app, server)
    first = await open_question(cadre)
    cadre.say("四千二")
    second = await open_question(cadre, first)
    assert second.message.message_id > first.message.message_id
    await cadre.until(lambda screen: not first.message.keyboard)
    tap = cadre.tap("2 否", second.message)
    third = await open_question(cadre, second)
    assert third.message is second.message
    assert len(third.message.edits) == 1
    assert await cadre.answered(tap) == ""


async def test_a_second_tap_and_an_old_button_change_nothing(app: App, server: TelegramServer) -> None:
    cadre = await begun(app, server)
    first = await open_question(cadre)
    cadre.say("四千二")
    second = await open_question(cadre, first)
    with server.updates.held():
        cadre.tap("2 否", second.message)
        cadre.tap("2 否", second.message)
    third = await open_question(cadre, second)
    assert third.key == "6"
    cadre.tap("2 否", third.message)
    fourth = await open_question(cadre, third)
    # A phone may still show the keyboard of the first question.
    cadre.tap(f"i:{first.interview}:{first.revision}:2:u0", first.message)
    await cadre.until(lambda screen: screen.last.message_id > fourth.message.message_id)
    again = max((each for each in standings(cadre)), key=lambda each: each.message.message_id)
    assert (again.key, again.place) == ("7", fourth.place)
    assert await answers_of(app, first.interview) == {"2": 4200.0, "4.a": 2, "6": 2}


@pytest.mark.parametrize("overtaken", [False, True])
async def test_a_tap_and_a_text_in_either_order_leave_one_question_open(
    app: App, server: TelegramServer, overtaken: bool
) -> None:
    cadre = await begun(app, server)
    first = await open_question(cadre)
    if overtaken:
        with server.updates.held():  # taps and texts come by two ways: the later may arrive first
            cadre.say("四千二")
            cadre.tap(f"i:{first.interview}:{first.revision}:2:u0", first.message)
    else:
        cadre.say("四千二")
        cadre.tap(f"i:{first.interview}:{first.revision}:2:u0", first.message)
    await cadre.until(lambda screen: cadre.taps[-1].answered)
    cadre.say("2")
    standing = await until_key(cadre, "6")
    answers = await answers_of(app, standing.interview)
    assert answers.keys() == {"2", "4.a"}
    assert answers["4.a"] == 2
    assert answers["2"] == (None if overtaken else 4200.0)


async def test_who_stopped_the_bot_keeps_nobody_else_waiting_and_may_come_back(
    app: App, server: TelegramServer
) -> None:
    township = await invited(app, server, TOWNSHIP, "township", "李主任", "东山镇")
    village = await invited(app, server, VILLAGE, "village", "陈支书", "松树村")
    township.block()
    cadre = await begun(app, server)
    review = await answer_all(cadre, SCRIPT)
    cadre.tap("提交", review.message)
    await village.until(lambda screen: [m for m in screen if m.button("转交")])
    await cadre.hears("接着做什么")
    assert HEAD not in township.chat.screen().text
    township.unblock()
    township.say("预警")
    await township.hears("预警")
    assert [m for m in township.chat.tappable() if m.button("a:1:show")]


async def test_in_a_group_nothing_is_said_but_the_way_to_the_private_chat(
    app: App, server: TelegramServer
) -> None:
    cadre = await cadre_of_the_household(app, server)
    group = server.group(GROUP, "松树村工作群")
    server.world.privacy = False
    there = cadre.in_group(GROUP)
    there.say(HEAD)
    there.say("预警")
    there.say("/start")
    there.say(f"/find@under_test_bot {HEAD}")
    await there.until(lambda screen: len([m for m in screen if m.from_bot]) == 2)
    cadre.say("首页")
    await cadre.hears("户")
    said = [message for message in group.screen() if message.from_bot]
    assert {message.text for message in said} == {"农户的事不在群里说。请点我的头像私聊我。"}
    assert not [message for message in said if message.keyboard]


async def test_a_stranger_and_a_used_invitation_open_no_door(app: App, server: TelegramServer) -> None:
    stranger = Person(server, STRANGER, "路人")
    stranger.say(HEAD)
    await stranger.hears("邀请")
    token = await invitation(app, "cadre", "周小明", "松树村")
    first = Person(server, CADRE, "周小明")
    first.start(token)
    await first.hears("欢迎")
    stranger.start(token)
    await stranger.hears("已经用过")
    assert HEAD not in "".join(message.text for message in stranger.chat.screen() if message.from_bot)


async def test_by_webhook_the_real_process_answers_and_refuses_who_does_not_know_the_secret(
    server: TelegramServer, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook"
    bot = RunningBot(
        server,
        f"sqlite:///{tmp_path / 'hubang.db'}",
        tmp_path,
        WEBHOOK_URL=url,
        WEBHOOK_SECRET="only-telegram",
        WEBHOOK_PORT=str(port),
    )
    async with bots(bot):
        await bot.spawn()
        await bot.until(lambda: server.webhook.url == url)
        stranger = Person(server, STRANGER, "路人")
        forged = {"update_id": 5, "message": {"text": "/start", "chat": {"id": STRANGER, "type": "private"}}}
        async with aiohttp.ClientSession() as session:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
                async with session.post(url, json=forged, headers=headers) as response:
                    assert response.status == 401
        stranger.start()
        await stranger.hears("邀请")
        stranger.say("在吗")
        await stranger.until(lambda screen: len([m for m in screen if m.from_bot]) == 2)
        await bot.kill()
        stranger.say("还在吗")  # kept by Telegram while nobody answers, and delivered again
        await bot.spawn()
        await stranger.until(lambda screen: len([m for m in screen if m.from_bot]) == 3, patience=60)
        assert await bot.stop() == 0
    assert server.webhook.secret_token == "only-telegram"
    assert "only-telegram" not in bot.log


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def until_key(phone: Person, key: str) -> Standing:
    """Wait until this question can be seen."""
    await phone.until(lambda _: any(each.key == key for each in standings(phone)))
    return next(each for each in standings(phone) if each.key == key)


async def answers_of(app: App, interview: int) -> dict[str, Any]:
    """What the interview holds."""
    async with app.database.reading() as conn:
        return dict((await interviews.load(conn, [interview]))[interview].session["answers"])
