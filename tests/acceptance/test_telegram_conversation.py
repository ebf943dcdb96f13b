"""The main job on Telegram: coming in, an interview, card, plan, paper, alerts, whatever the network does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import docx
import pytest

from bot.app import App, utc_now
from bot.channels.telegram import CHANNEL
from bot.storage import assignments, inbox, outbox, people
from tests.acceptance.deployment import answer_all, deployed, invited
from tests.databases import database_url, kind, postgres, sqlite_template  # noqa: F401
from tests.telegram_server import Kind, Person, TelegramServer

CADRE, TOWNSHIP, COUNTY, STRANGER, GROUP = 601, 602, 603, 604, -1001
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
        await assignments.assign(conn, HOUSEHOLD, person.id, utc_now())
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
    for kind in (Kind.SERVER_ERROR, Kind.RESET, Kind.HANG, Kind.FLOOD):  # noqa: F402
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
    await county.until(lambda screen: [m for m in screen if m.button(f"p:{HOUSEHOLD}")], patience=60)
    county.tap(f"p:{HOUSEHOLD}")
    await county.until(lambda screen: "因病" in screen.text and "黄卡" in screen.text, patience=60)

    assert sum(fault.hits for fault in server.faults.active) > 20
    assert server.world.flood.too_early == 0
    async with app.database.reading() as conn:
        assert await inbox.dead(conn) == []
        rows = await outbox.last(conn, CHANNEL, str(CADRE), 1000)
    places = [row.message_id for row in rows if row.payload.get("message_id") != row.message_id]
    assert places == sorted(places)
