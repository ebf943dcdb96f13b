"""Rosters sent to the bot on Telegram: acknowledged first, fetched afterwards, never read in a group."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from telegram import Bot

from bot.channels import telegram_documents
from bot.channels.telegram import CHANNEL, translate
from bot.channels.telegram_documents import RosterFetcher
from bot.channels.telegram_poller import Poller
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.rosters.desk import RosterDesk
from bot.services.rosters.layout import read_layout
from bot.services.sample import enter, read_sample
from bot.storage import outbox, people, rosters
from bot.storage.database import Database
from bot.storage.people import Account
from bot.storage.rosters import RosterFile
from tests.channels.telegram_fixture import *  # noqa: F403
from tests.channels.telegram_fixture import WANG, Now, running
from tests.services.rosters.desk_work import book, number
from tests.services.village import loaded
from tests.telegram_server import Kind, Person, TelegramServer

HOME = {"town": "东山镇", "village": "松树村", "head_name": "新户主", "head_id_number": number(51)}


@dataclass
class Desk:
    """A bot's parts; whoever writes is of the county."""

    server: TelegramServer
    bot: Bot
    database: Database
    office: Office
    now: Now
    woken: list[str]

    def fetcher(self) -> RosterFetcher:
        """A fetcher of a process that has just begun."""
        return RosterFetcher(
            self.bot, self.database, self.office, self.now, lambda: self.woken.append("here")
        )

    async def hear(self) -> None:
        """Receive what people sent until it is acknowledged, and handle it."""
        poller = Poller(self.bot, self.database, self.now, lambda: None, chance=lambda: 0.0)
        async with running(poller.run()):
            await self.server.until(lambda: self.server.updates.pending == 0)
        worker = Worker(self.database, self.office, {CHANNEL: translate}, self.now)
        while await worker.turn():
            pass

    async def files(self, state: str) -> list[RosterFile]:
        async with self.database.reading() as conn:
            return await rosters.files_in(conn, state)

    async def told(self) -> str:
        """Everything that waits to be sent to the person."""
        async with self.database.reading() as conn:
            rows = await outbox.last(conn, CHANNEL, str(WANG))
        return "\n".join(row.payload["text"] for row in rows)


@pytest.fixture
async def desk(server: TelegramServer, bot: Bot, database: Database, now: Now, wang: Person) -> Desk:
    async with database.transaction() as conn:
        await enter(conn, read_sample(), "web", now())
        official = (await people.behind(conn, "web", ["county"]))["county"]
        await people.bind(conn, Account(CHANNEL, str(WANG), official.id))
    return Desk(server, bot, database, Office(loaded(), ZoneInfo("Asia/Shanghai")), now, [])


def roster() -> bytes:
    return book(read_layout(loaded()), {"households": [HOME]})


async def test_a_roster_is_acknowledged_fetched_and_looked_at(desk: Desk, wang: Person) -> None:
    content = roster()
    wang.send_document("王建新家的名册.XLSX", content)
    await desk.hear()
    (file,) = await desk.files("fetching")
    # Of the file's name nothing is kept but what kind of table it is.
    assert (file.ending, file.size) == (".xlsx", len(content))
    assert desk.server.world.calls["getfile"] == 0
    assert await desk.fetcher().turn() == 1
    assert desk.woken == ["here"]
    reader = RosterDesk(desk.database, desk.office, desk.now)
    while await reader.turn():
        pass
    assert "新增 1 户" in await desk.told()
    assert "新户主" not in await desk.told()


async def test_a_fetch_that_fails_is_made_again(desk: Desk, wang: Person) -> None:
    wang.send_document("roster.csv", roster())
    await desk.hear()
    desk.server.faults.add(Kind.SERVER_ERROR, "getFile", count=1, code=502)
    fetcher = desk.fetcher()
    assert await fetcher.turn() == 1
    assert len(await desk.files("fetching")) == 1
    assert await fetcher.turn() == 0
    desk.server.clock.advance(300)
    assert await fetcher.turn() == 1
    assert len(await desk.files("waiting")) == 1


async def test_a_file_that_turns_out_too_large_is_refused(
    desk: Desk, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang.send_document("roster.xlsx", roster())
    await desk.hear()
    monkeypatch.setattr(telegram_documents, "LIMIT", 1 << 10)
    await desk.fetcher().turn()
    assert "文件太大" in await desk.told()
    assert await desk.files("waiting") == await desk.files("fetching") == []


async def test_a_file_that_telegram_no_longer_has_is_asked_for_again(desk: Desk, wang: Person) -> None:
    wang.send_document("roster.xlsx", roster())
    await desk.hear()
    desk.server.world.files.clear()
    await desk.fetcher().turn()
    assert "请再发一次" in await desk.told()


def test_in_a_group_nothing_is_read() -> None:
    message = {
        "message_id": 7,
        "from": {"id": WANG, "first_name": "王"},
        "chat": {"id": -100, "type": "group"},
        "document": {"file_id": "x", "file_name": "roster.xlsx", "file_size": 5},
    }
    found = translate({"message": message})
    assert found is not None
    assert not found.private
