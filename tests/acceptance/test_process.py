"""The process as whoever runs it sees it: what it says, how it ends, and what it refuses."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot import app, settings
from bot.storage import regions
from tests.acceptance.running import RunningBot, bots
from tests.telegram_server import Person, TelegramServer

WANG = 501


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


async def test_with_a_token_the_practice_page_runs_beside_telegram_and_sigterm_ends_both(
    server: TelegramServer, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # The path of the database is relative to the folder in which the bot is started.
    bot = RunningBot(server, "sqlite:///here.db", tmp_path, WEB_PORT=str(port))
    async with bots(bot):
        await bot.start()
        wang = Person(server, WANG, "老王")
        wang.start()
        await wang.hears("邀请")
        await bot.says(f"chat page: http://127.0.0.1:{port}")
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as page:
            assert page.status == 200
        assert await bot.stop() == 0
    assert (tmp_path / "here.db").exists()
    assert f"Telegram: polling {server.url.removeprefix('http://')}" in bot.log
    assert server.token not in bot.log
    assert "Traceback" not in bot.log


async def test_a_port_that_is_taken_is_named_with_its_setting(server: TelegramServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        bot = RunningBot(server, "sqlite:///here.db", tmp_path, WEB_PORT=str(port))
        async with bots(bot):
            await bot.spawn()
            assert await bot.ended() == 1
    assert f"WEB_PORT={port} is in use by another program" in bot.log
    assert "Traceback" not in bot.log


async def test_no_sample_household_enters_a_database_for_real_ones(tmp_path: Path) -> None:
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path / 'real.db'}", "SAMPLE_VILLAGE": "no"})
    built = await app.build(chosen)
    try:
        await app.enter_sample(built, app.utc_now())
        assert await built.web.personas() == ()
        async with built.database.reading() as conn:
            assert await regions.children(conn, None) == []
    finally:
        await built.close()
