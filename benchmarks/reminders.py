"""The reminders of one day among the duties of a million households, on SQLite.

A database is filled with households, each in the care of a cadre, and with what is due at them. Measured is
what the product does in the morning: find what has to be told of, see who has to hear it and may see the
household, put each person's together, write the messages, and record that they were told.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure
from bot import content as contents
from bot.rules.duties import duties as called_for
from bot.services.digests import Share
from bot.services.office import Office
from bot.services.reminding import CROWD, Reminder
from bot.storage import database, due_reminders, people, regions
from bot.storage.people import Account

TODAY = date(2026, 6, 16)
MORNING = datetime(2026, 6, 16, 0, 30, tzinfo=UTC)
"""Half past eight in the county."""
LONG_AGO = "2026-01-01 00:00:00.000000"
DAYS = 30
CARDS = ("red", "yellow", "green", "blue")


@dataclass(frozen=True, slots=True)
class Size:
    """So many households, of which each cadre has `care`; duties at each: `open`.

    One in thirty duties is to be told of on an ordinary day; on the busiest of a county with `crowded`
    households, one at every household.
    """

    households: int = 1_000_000
    care: int = 60
    open: int = 3
    crowded: int = 100_000


def run(size: Size | None = None) -> list[Figure]:
    """Seconds of the processor for an ordinary morning of a province, and for the busiest of a county."""
    size = size or Size()
    crowded = Size(min(size.households, size.crowded), size.care, open=1)
    with tempfile.TemporaryDirectory() as folder:
        office = Office(contents.load(), ZoneInfo("Asia/Shanghai"))
        ordinary = asyncio.run(_measured(Path(folder) / "province.db", size, office, spread=DAYS))
        busiest = asyncio.run(_measured(Path(folder) / "county.db", crowded, office, spread=1))
    return [
        Figure("what is due in a year at a million households (extrapolated)", _planned(office) * 1e6, "s"),
        Figure("households", size.households, "households"),
        Figure("duties in the database", size.households * size.open, "duties"),
        Figure("ordinary day: duties told of", ordinary.told, "duties"),
        Figure("ordinary day: found and put together by person", ordinary.found, "s", ("at most", 5)),
        Figure("ordinary day: told and recorded, all in all", ordinary.whole, "s"),
        Figure("busiest day of a county: duties told of", busiest.told, "duties"),
        Figure("busiest day of a county: found and put together", busiest.found, "s"),
        Figure("busiest day of a county: told and recorded, all in all", busiest.whole, "s"),
    ]


async def _measured(path: Path, size: Size, office: Office, spread: int) -> Morning:
    """The morning of today, in a database whose reminders are spread over so many days."""
    opened = await database.open(f"sqlite:///{path}")
    try:
        async with opened.transaction() as conn:
            top = await regions.add(conn, name="C", level="county")
            await regions.add(conn, name="V", level="village", parent=top)
            since = MORNING - timedelta(days=99)
            for n in range(-(-size.households // size.care)):
                person = await people.add(conn, name=f"P{n}")
                await people.appoint(conn, person_id=person.id, role="cadre", region_id=2, since=since)
                await people.bind(conn, Account("web", f"p{n}", person.id))
        _fill(path, size, spread)
        return await _morning(opened, office, lambda: MORNING)
    finally:
        await opened.dispose()


def _planned(office: Office) -> float:
    """Seconds to say what is due in a year at one household, of any card."""
    pack, times = office.content.packs["hr"], 20_000
    begun = time.process_time()
    for n in range(times):
        called_for(pack, CARDS[n % len(CARDS)], TODAY, TODAY + timedelta(days=365))
    return (time.process_time() - begun) / times


@dataclass(frozen=True, slots=True)
class Morning:
    """Seconds to find and put together, seconds for the whole, and how many duties that were."""

    found: float
    whole: float
    told: int


async def _morning(opened: database.Database, office: Office, now: Callable[[], datetime]) -> Morning:
    begun = time.process_time()
    async with opened.reading() as conn:
        shares: dict[int, Share] = {}
        waiting = await due_reminders.people_to_remind(conn, now())
        for first in range(0, len(waiting), CROWD):
            for duty in await due_reminders.to_remind_of(conn, waiting[first : first + CROWD], now()):
                shares.setdefault(duty.person_id or 0, Share()).add(duty)
    found = time.process_time() - begun
    begun = time.process_time()
    told = await Reminder(opened, office, now).tick()
    assert told == sum(len(share.own) for share in shares.values())
    return Morning(found, time.process_time() - begun, told)


def _fill(path: Path, size: Size, spread: int) -> None:
    """Households and their duties, past the product: what is measured is only how they are read."""
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA synchronous=OFF")
        file.executemany(
            "INSERT INTO households (id, region_id, village_group, head_name, initials, file, created_at,"
            " address) VALUES (?, ?, '1', ?, 'h', '{}', ?, '')",
            ((n + 1, 2, f"H{n}", LONG_AGO) for n in range(size.households)),
        )
        file.executemany(
            "INSERT INTO assignments (household_id, person_id, since) VALUES (?, ?, ?)",
            ((n + 1, n // size.care + 1, LONG_AGO) for n in range(size.households)),
        )
        file.executemany(
            "INSERT INTO duties (household_id, kind, due, frequency, window_start, remind_at, stage, state,"
            " role, text, person_id) VALUES (?, ?, ?, 'hr:F', '2026-06-01', ?, 0, 'planned', 'cadre', ?, ?)",
            _duties(size, spread),
        )
        file.execute("ANALYZE")


def _duties(size: Size, spread: int) -> Iterator[tuple[Any, ...]]:
    text = '{"text":"上户走访","turn":1,"turns":1,"clause":""}'
    for n in range(size.households):
        for k in range(size.open):
            # Spread over a month, one day of which is today; those after today wait.
            ahead = (n * size.open + k) % spread
            remind = MORNING + timedelta(days=ahead)
            due = TODAY + timedelta(days=ahead + 14 + DAYS * k)
            at = remind.strftime("%Y-%m-%d %H:%M:%S.%f")
            yield n + 1, "visit", due.isoformat(), at, text, n // size.care + 1
