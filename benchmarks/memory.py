"""Memory of the process with many interviews open, which lie in the database, beside sessions kept in a dict.

Each is measured in a process of its own, by its resident memory before and after. The product's process
answers for some of the interviews before they are many, and for as many again afterwards.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import func, select

from benchmarks import ROOT
from benchmarks.figures import Figure
from benchmarks.places import enter_interviews
from benchmarks.script import context_of, play
from bot import content as contents
from bot.channels import telegram
from bot.channels.telegram_intake import new_update
from bot.content import Content
from bot.dialogs.session import Session
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.storage import answer_log, database, inbox
from bot.storage.answer_log import Change
from bot.storage.columns import ABSENT
from bot.storage.database import Database
from bot.storage.tables import interviews

PLOTS = 50
"""So many different interviews; the others are like them."""
PORTION = 500
FIRST_CHAT = 6_000_001


@dataclass(frozen=True, slots=True)
class Size:
    """So many open interviews with so many answers each; `spoken` of their people say something."""

    interviews: int = 10_000
    answers: int = 20
    spoken: int = 300


def now() -> datetime:
    return datetime.now(UTC)


def resident() -> int:
    """Bytes of this process that are in memory."""
    gc.collect()
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmRSS")


def sessions(content: Content, answers: int) -> list[Session]:
    """Interviews after so many answers."""
    around = context_of(content, datetime.now(ZoneInfo("Asia/Shanghai")).date())
    return [play(content, seed, around)[answers].before for seed in range(PLOTS)]


async def fill(url: str, first: int, count: int, answers: int) -> None:
    """Write interviews with their logs, as the services leave them."""
    opened, plots = await database.open(url), sessions(contents.load(), answers)
    numbers = iter(range(first, first + count))
    while portion := list(islice(numbers, PORTION)):
        starts = {FIRST_CHAT + number: plots[number % PLOTS] for number in portion}
        await enter_interviews(opened, starts, telegram.CHANNEL, now())
        await _log(opened, list(starts.values()))
    await opened.dispose()


async def _log(opened: Database, written: Sequence[Session]) -> None:
    """The log of the interviews written last."""
    async with opened.transaction() as conn:
        last = (await conn.execute(select(func.max(interviews.c.id)))).scalar_one()
        ids = range(last - len(written) + 1, last + 1)
        owners = select(interviews.c.id, interviews.c.person_id).where(interviews.c.id >= ids[0])
        people = {row.id: row.person_id for row in await conn.execute(owners)}
        for id, session in zip(ids, written, strict=True):
            lines = [
                Change(id, key, ABSENT, value, now(), people[id]) for key, value in session.answers.items()
            ]
            await answer_log.append(conn, lines)


async def held_by_product(size: Size) -> list[int]:
    """Memory with `spoken` interviews, and with all of them."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bot.db'}"
        _child("fill", url, 0, size.spoken, size.answers)
        opened = await database.open(url)
        office = Office(contents.load(), ZoneInfo("Asia/Shanghai"))
        worker = Worker(opened, office, {telegram.CHANNEL: telegram.translate}, now)
        await _speak(opened, worker, range(size.spoken), 1)
        before = resident()
        _child("fill", url, size.spoken, size.interviews - size.spoken, size.answers)
        people = range(0, size.interviews, max(1, size.interviews // size.spoken))
        await _speak(opened, worker, people, 1 + size.spoken)
        after = resident()
        await opened.dispose()
    return [before, after]


async def _speak(opened: Database, worker: Worker, people: Sequence[int], first: int) -> None:
    """Everybody asks for the open question and gives an answer, whatever it is."""
    for number, text in enumerate(("/resume", "1")):
        updates = []
        for index, person in enumerate(people):
            user = {"id": FIRST_CHAT + person, "first_name": "person", "is_bot": False}
            chat = {"id": FIRST_CHAT + person, "type": "private"}
            message = {"message_id": first + index, "date": 0, "chat": chat, "from": user, "text": text}
            update = new_update({"update_id": (first + index) * 2 + number, "message": message})
            assert update is not None
            updates.append(update)
        async with opened.transaction() as conn:
            await inbox.store(conn, updates, now())
        while await worker.turn():
            pass


def held_in_dict(size: Size) -> list[int]:
    """Memory without sessions, and with all of them in a dict."""
    plots = [orjson.dumps(session.to_json()) for session in sessions(contents.load(), size.answers)]
    before = resident()
    held = {
        FIRST_CHAT + number: Session.from_json(orjson.loads(plots[number % PLOTS]))
        for number in range(size.interviews)
    }
    after = resident()
    assert len(held) == size.interviews
    return [before, after]


def _child(*given: object) -> bytes:
    command = [sys.executable, "-m", "benchmarks.memory", *map(str, given)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout


def run(size: Size | None = None) -> list[Figure]:
    """Memory of both, and per interview."""
    size = size or Size()
    given = (size.interviews, size.answers, size.spoken)
    before, after = orjson.loads(_child("product", *given))
    empty, full = orjson.loads(_child("dict", *given))
    each, kept = (after - before) / size.interviews, (full - empty) / size.interviews
    million = 1_000_000
    return [
        Figure("memory before", before / million, "MB"),
        Figure(f"memory with {size.interviews:,} open interviews", after / million, "MB"),
        Figure("growth for each interview", each, "bytes"),
        Figure("growth for each session kept in a dict", kept, "bytes"),
        Figure("ours to the dict", each / kept if kept else 0.0, "times"),
    ]


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "fill":
        asyncio.run(fill(rest[0], int(rest[1]), int(rest[2]), int(rest[3])))
    else:
        asked = Size(*map(int, rest))
        measured = asyncio.run(held_by_product(asked)) if what == "product" else held_in_dict(asked)
        sys.stdout.write(orjson.dumps(measured).decode())
