"""Answers a second, from a person's phone to the next question on it: the product beside a plain bot.

Both talk to the same kind of server (in a process of its own) and get the same answers of the same people,
who are in the middle of their interviews and answer as soon as they are asked. The rounds alternate.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from benchmarks import ROOT
from benchmarks.figures import Figure
from benchmarks.places import enter_interviews
from benchmarks.plain_bot import PlainBot
from benchmarks.script import context_of, play
from bot import content as contents
from bot.channels import telegram
from bot.channels.telegram_limits import LIFTED
from bot.channels.telegram_poller import Poller
from bot.channels.telegram_sender import Sender
from bot.content import Content
from bot.dialogs.session import Session
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.storage import database

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_CHAT = 5_000_001


@dataclass(frozen=True, slots=True)
class Size:
    """So many people at once, so many answers of each in a round."""

    people: int = 200
    answers: int = 10
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Round:
    """What one round showed; `busy` and `server` are the shares of a core that bot and server used."""

    rate: float
    busy: float
    server: float
    middle: float
    late: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of a round: where their interviews stand, and what they will answer."""

    starts: dict[int, Session]
    answers: dict[int, list[tuple[str, str]]]

    @classmethod
    def of(cls, content: Content, size: Size) -> Crowd:
        """People spread evenly over the questionnaire."""
        around = context_of(content, datetime.now(ZONE).date())
        starts, answers = {}, {}
        for number in range(size.people):
            moves = play(content, number, around)
            first = number * max(0, len(moves) - size.answers) // size.people
            mine = moves[first : first + size.answers]
            starts[FIRST_CHAT + number] = mine[0].before
            answers[FIRST_CHAT + number] = [(move.answer.text, move.answer.tap) for move in mine]
        return cls(starts, answers)


Serving = Callable[[Content, Crowd, str, dict[str, str]], AbstractAsyncContextManager[None]]


def now() -> datetime:
    """The clock of both bots."""
    return datetime.now(UTC)


@asynccontextmanager
async def product(content: Content, crowd: Crowd, url: str, server: dict[str, str]) -> AsyncIterator[None]:
    """The product as it runs, without Telegram's limits."""
    opened = await database.open(url)
    await enter_interviews(opened, crowd.starts, telegram.CHANNEL, now())
    async with telegram.connected(server["token"], server["base_url"], server["base_file_url"]) as bot:
        sender = Sender(bot, opened, now, limits=LIFTED)
        office, translate = Office(content, ZONE), {telegram.CHANNEL: telegram.translate}
        worker = Worker(opened, office, translate, now, sender.wake)
        async with running(worker.run(), sender.run(), Poller(bot, opened, now, worker.wake).run()):
            yield
    await opened.dispose()


@asynccontextmanager
async def plain(content: Content, crowd: Crowd, url: str, server: dict[str, str]) -> AsyncIterator[None]:
    """The plain bot as `run_polling` runs it."""
    bot = PlainBot(content, url, now)
    await bot.prepare(crowd.starts)
    application = bot.application(server["token"], server["base_url"], server["base_file_url"])
    async with application:
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling()
        yield
        await application.updater.stop()
        await application.stop()
    await bot.engine.dispose()


@asynccontextmanager
async def running(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """The works go on inside the block."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def one_round(serving: Serving, content: Content, crowd: Crowd, folder: Path) -> Round:
    """Let the crowd answer once, from the same beginning."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.crowd"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def told(line: bytes) -> dict[str, Any]:
        stdin.write(line + b"\n")
        answer = await stdout.readline()
        if not answer:
            raise RuntimeError("the crowd gave up")
        found: dict[str, Any] = orjson.loads(answer)
        return found

    try:
        people = [{"chat_id": chat_id, "answers": answers} for chat_id, answers in crowd.answers.items()]
        server = await told(orjson.dumps(people))
        async with serving(content, crowd, f"sqlite:///{folder / 'bot.db'}", server):
            await told(b"show")
            busy = _cpu()
            seen = await told(b"go")
            busy = _cpu() - busy
    finally:
        stdin.close()
        await process.wait()
    seconds = seen["seconds"]
    return Round(seen["answers"] / seconds, busy / seconds, seen["busy"], seen["middle"], seen["late"])


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rounds(size: Size) -> dict[str, list[Round]]:
    """The rounds of both, alternating, both on asyncio's own event loop, as they run.

    The product's are so short that it has three for each of the plain bot's: a noisy moment spoils one.
    """
    content = contents.load()
    crowd = Crowd.of(content, size)
    found: dict[str, list[Round]] = {"product": [], "plain": []}
    for _ in range(size.rounds):
        for name, serving in (*[("product", product)] * 3, ("plain", plain)):
            with tempfile.TemporaryDirectory() as folder:
                found[name].append(asyncio.run(one_round(serving, content, crowd, Path(folder))))
    return found


def run(size: Size | None = None) -> list[Figure]:
    """Answers a second of both, and their ratio."""
    size = size or Size()
    found = rounds(size)
    middle = {name: _middle(each) for name, each in found.items()}
    ours, theirs = middle["product"], middle["plain"]
    return [
        Figure("answers a second, product", ours.rate, "/s"),
        Figure("answers a second, plain bot (python-telegram-bot + ORM)", theirs.rate, "/s"),
        Figure("product to plain bot", ours.rate / theirs.rate, "times", ("at least", 6)),
        Figure("a person waits, product (median)", ours.middle * 1000, "ms"),
        Figure("a person waits, product (99 of 100)", ours.late * 1000, "ms"),
        Figure("a person waits, plain bot (median)", theirs.middle * 1000, "ms"),
        Figure("a person waits, plain bot (99 of 100)", theirs.late * 1000, "ms"),
        Figure("core used by the product", ours.busy * 100, "%"),
        Figure("core used by its server", ours.server * 100, "%"),
        Figure("core used by the plain bot", theirs.busy * 100, "%"),
    ]


def _middle(rounds: list[Round]) -> Round:
    names = ("rate", "busy", "server", "middle", "late")
    return replace(rounds[0], **{name: median(getattr(each, name) for each in rounds) for name in names})
