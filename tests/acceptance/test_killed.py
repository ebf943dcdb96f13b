"""The running bot is killed again and again in the midst of answers: nothing is lost, nothing counts twice.

A message is sent twice when the bot was killed between sending it and recording that it was sent. That is
what is in flight: at most `PARALLEL` messages, and at most one of each chat.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import CHANNEL
from bot.dialogs.form import CONFIRM
from bot.storage import answer_log, facts, inbox, interviews, outbox
from bot.storage import database as storage
from bot.storage.database import Database
from bot.storage.outbox import Message
from bot.storage.sealing import KeyRing
from tests.acceptance.crowd import SHORT, Crowd, Visitor, gather
from tests.acceptance.running import TEST_KEY, RunningBot, bots
from tests.databases import database_url, kind, postgres, sqlite_template  # noqa: F401
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


@dataclass
class Play:
    """A crowd that answers while its bots are killed at random; any of several `bots` may be hit."""

    server: TelegramServer
    crowd: Crowd
    bots: list[RunningBot]
    chance: random.Random
    lives: Lives
    kills: int = 0

    async def run(self, kills: int) -> None:
        """Everybody answers everything; the bots end by themselves in the end."""
        async with bots(*self.bots):
            for bot in self.bots:
                await bot.spawn()
            self.lives.begin()
            await self.bots[0].polls()
            async with asyncio.TaskGroup() as group:
                group.create_task(self.crowd.work())
                group.create_task(self.kill(kills))
            for bot in self.bots:
                assert await bot.stop() == 0

    async def kill(self, times: int) -> None:
        """Kill a bot a little after each of so many answers, every tenth time again while it starts."""
        last = self.crowd.quota - 2 * len(self.crowd.visitors)
        for number, answers in enumerate(sorted(self.chance.sample(range(10, last), times))):
            bot = self.chance.choice(self.bots)
            await self.crowd.reaches(answers)
            await asyncio.sleep(self.chance.uniform(0, 0.1))
            await self.kill_one(bot)
            if number % 10 == 4:
                await asyncio.sleep(self.chance.uniform(0, 1.0))
                await self.kill_one(bot)
            await bot.polls()

    async def kill_one(self, bot: RunningBot) -> None:
        """Kill it, and start another in its place."""
        await bot.kill()
        self.kills += 1
        await bot.spawn()
        # What the dead one left in its connections has arrived by now; its successor is not so far yet.
        self.lives.begin()


async def everything_said_is_there_once(stored: Database, crowd: Crowd) -> None:
    """Each person's log is what the person said, in order; so is what the interview and the file hold."""
    async with stored.reading() as conn:
        assert await inbox.waiting(conn) == 0
        assert await inbox.dead(conn) == []
        for visitor in crowd.visitors:
            found = await interviews.of_household(conn, visitor.household_id)
            assert [each.id for each in found] == list(visitor.given)
            for interview in found:
                said = visitor.given[interview.id]
                logged = [
                    (entry.key, entry.after)
                    for entry in await answer_log.history(conn, interview.id)
                    if not entry.key.startswith(CONFIRM)
                ]
                assert logged == said
                assert interview.session["answers"] == dict(said)
                assert (interview.state == "submitted") == (interview.id in visitor.handed_in)
            held = {
                fact.name: fact.value
                for fact in (await facts.current(conn, [visitor.household_id])).get(visitor.household_id, [])
            }
            assert held.items() >= told(visitor).items()


def told(visitor: Visitor) -> dict[str, Any]:
    """The facts of the household that a handed-in questionnaire said directly."""
    form = loaded().form(SHORT)
    said = [pair for interview in visitor.handed_in for pair in visitor.given[interview]]
    return {form.by_id[key].fact: value for key, value in said if "#" not in key}


async def everything_was_sent_in_order(stored: Database, server: TelegramServer, crowd: Crowd) -> Sent:
    """Every row of the outbox stands on its screen, in order; returns what stands there besides."""
    recorded: Sent = set()
    for visitor in crowd.visitors:
        chat = visitor.phone.chat
        async with stored.reading() as conn:
            rows = await outbox.last(conn, CHANNEL, str(chat.chat_id), UNTIL_THE_END)
        assert {row.state for row in rows} == {"sent"}
        places: list[int] = []
        for row in rows:
            assert row.message_id is not None
            shown = chat.messages[row.message_id]
            assert row.payload["text"] in (shown.text, *(version.text for version in shown.edits))
            if is_new(row):
                places.append(row.message_id)
        assert places == sorted(set(places))
        recorded |= {(chat.chat_id, place) for place in places}
        texts = {row.payload["text"] for row in rows}
        assert all(shown.text in texts for shown in chat.screen() if shown.from_bot)
    return {(each.chat_id, each.message_id) for each in server.world.everything_sent()} - recorded


def is_new(row: Message) -> bool:
    """Whether the row became a message of its own and not a change of one."""
    return row.kind != "strip" and row.payload.get("message_id") != row.message_id


def in_flight_at_most(lives: Lives, unrecorded: Sent) -> None:
    """No life of the bot left more behind than it had in flight when it was killed; the last one nothing."""
    *killed, last = lives.of_each(unrecorded)
    assert not last
    assert sum(map(len, killed)) == len(unrecorded)
    for left in killed:
        assert len(left) <= PARALLEL
        assert max(Counter(chat_id for chat_id, _ in left).values(), default=0) <= 1


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:  # noqa: F811
    """The database of the bots, opened with their key."""
    opened = storage.connect(database_url, KeyRing([TEST_KEY]))
    yield opened
    await opened.dispose()


@pytest.fixture
async def server() -> Any:
    """A server that often takes its time to answer what it has done: the moments in which a kill hurts."""
    async with TelegramServer(seed=7) as server:
        server.world.flood.enabled = True
        server.faults.add(Kind.DELAY, "sendMessage", probability=0.5, seconds=0.15)
        server.faults.add(Kind.DELAY, "editMessageText", probability=0.5, seconds=0.15)
        server.faults.add(Kind.DUPLICATE, probability=0.05)
        server.faults.add(Kind.REORDER, probability=0.05)
        yield server


async def judged(play: Play, stored: Database) -> None:
    """Nothing lost, nothing twice, nothing unsent, and no more sent twice than was in flight."""
    await everything_said_is_there_once(stored, play.crowd)
    twice = await everything_was_sent_in_order(stored, play.server, play.crowd)
    in_flight_at_most(play.lives, twice)
    for bot in play.bots:
        assert play.server.token not in bot.log
        assert not [visitor.head for visitor in play.crowd.visitors if visitor.head in bot.log]
    print(f"{play.crowd.answers} answers, {play.kills} kills, {len(twice)} messages sent twice")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_no_answer_is_lost_or_counted_twice_when_the_bot_is_killed(
    server: TelegramServer,
    database: Database,
    database_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    crowd = await gather(server, database, datetime.now(UTC), people_count=40, each=25, seed=1)
    bot = RunningBot(server, database_url, tmp_path)
    play = Play(server, crowd, [bot], random.Random(20), Lives(server))
    await play.run(kills=20)
    assert crowd.answers == 1000
    assert play.kills >= 20
    await judged(play, database)


@pytest.mark.parametrize("kind", ["postgresql"])
async def test_one_of_two_bots_on_a_database_goes_on_when_the_other_is_killed(
    server: TelegramServer,
    database: Database,
    database_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    crowd = await gather(server, database, datetime.now(UTC), people_count=20, each=10, seed=2)
    pair = [RunningBot(server, database_url, tmp_path / name) for name in ("first", "second")]
    play = Play(server, crowd, pair, random.Random(5), Lives(server))
    await play.run(kills=5)
    assert crowd.answers == 200
    assert play.kills >= 5
    assert server.updates.conflicts == 0
    await judged(play, database)
