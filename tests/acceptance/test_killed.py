"""The running bot is killed again and again in the midst of answers: nothing is lost, nothing counts twice.

A message is sent twice when the bot was killed between sending it and recording that it was sent. That is
what is in flight: at most `PARALLEL` messages, and at most one of each chat.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import CHANNEL
from bot.storage import answer_log, facts, inbox, interviews, outbox
from bot.storage import database as storage
from bot.storage.database import Database
from bot.storage.outbox import Message
from tests.acceptance.crowd import SHORT, Crowd, Visitor, gather
from tests.acceptance.running import RunningBot, bots
from tests.databases import Server, postgres  # noqa: F401
from tests.services.village import loaded
from tests.telegram_server import Kind, TelegramServer

PARALLEL = 16
"""Messages that the sender has on their way at once."""
UNTIL_THE_END = 100_000

Sent = set[tuple[int, int]]
"""(chat, message) of what the bot has put on screens."""


@dataclass
class Lives:
    """What stood on the screens when each life of the bot began."""

    server: TelegramServer
    starts: list[Sent] = field(default_factory=list)

    def begin(self) -> None:
        self.starts.append(self.sent())

    def sent(self) -> Sent:
        return {(each.chat_id, each.message_id) for each in self.server.world.everything_sent()}

    def of_each(self, unrecorded: Sent) -> list[Sent]:
        """Those that each life sent, the last life's at the end."""
        ends = [*self.starts[1:], self.sent()]
        return [(end - start) & unrecorded for start, end in zip(self.starts, ends, strict=True)]


async def kill_at_random(
    bot: RunningBot, crowd: Crowd, lives: Lives, moments: list[int], chance: random.Random
) -> int:
    """Kill the bot a little after each of these counts of answers; every fifth time once more as it starts."""
    kills = 0
    for number, moment in enumerate(moments):
        await crowd.reaches(moment)
        await asyncio.sleep(chance.uniform(0, 0.1))
        await bot.kill()
        kills += 1
        lives.begin()
        if number % 5 == 4:
            await bot.spawn()
            await asyncio.sleep(chance.uniform(0, 1.0))
            await bot.kill()
            kills += 1
            lives.begin()
        await bot.start()
    return kills


async def quiet(server: TelegramServer, database: Database) -> None:
    """Wait until everything was received, handled and sent."""

    async def busy() -> int:
        async with database.reading() as conn:
            rows = await conn.execute(
                outbox.outbox.select().with_only_columns(outbox.outbox.c.id).where(outbox.outbox.c.state == "pending")
            )
            return await inbox.waiting(conn) + len(rows.all()) + server.updates.pending

    async with asyncio.timeout(60):
        while await busy():
            revision = server.world.activity.revision
            await server.until(lambda: server.world.activity.revision != revision, patience=60)
