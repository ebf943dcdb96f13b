"""A server whose clock stands still, a bot that speaks plain HTTP, a person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.telegram_server import Clock, Person, TelegramServer
from tests.telegram_server.caller import WANG, Caller


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=Clock(1_800_000_000.0, running=False)) as server:
        server.updates.strict_repeats = False
        yield server


@pytest.fixture
async def call(server: TelegramServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(server, session)


@pytest.fixture
def wang(server: TelegramServer) -> Person:
    return Person(server, WANG, "老王")
