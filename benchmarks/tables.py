"""Attachment 1 of a large county: read, counted and written; beside it one plain SQL aggregate.

The county holds only what the attachment looks at, in the shapes that use leaves behind: households,
questionnaires handed in, a few facts and the ledger of problems. The baseline counts the same problems of
households by township, kind, register status and standing in one query, and knows nothing of persons,
conditions or groups. Seconds are those of the processor, as in `figures`.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.figures import Figure, settled
from bot import content as contents
from bot.render.table_figures import Figures
from bot.render.table_view import Book
from bot.render.workbooks import write
from bot.services.office import Office
from bot.services.reports import look_back
from bot.services.reports.look_back_lines import lines_of
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import Ask
from bot.storage import database as storage
from bot.storage import people, regions, tables
from bot.storage.regions import Region
from tests.county.bulk import Bulk, as_json

TOWNS: Final = 15
IN_A_VILLAGE: Final = 500
REPORT: Final = look_back.REPORTS[0]
CAMPAIGN: Final = datetime(2020, 3, 20, 2, 0, tzinfo=UTC)
NOW: Final = datetime(2020, 7, 31, 4, 0, tzinfo=UTC)
COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "households": ("id", "region_id", "village_group", "head_name", "initials", "address", "population",
                   "reg_status", "file", "created_at"),
    "interviews": ("id", "household_id", "form", "version", "person_id", "state", "revision", "session",
                   "started_at", "updated_at", "submitted_at", "context"),
    "facts": ("household_id", "name", "row", "period", "value", "as_of", "interview_id", "source",
              "recorded_at"),
    "problems": ("household_id", "sub_problem", "source", "status", "description", "persons", "reason",
                 "grounds", "handling", "recorded_at", "changed_at", "interview_id", "person_id"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """So many households, and so many rounds of what is measured."""

    households: int = 100_000
    rounds: int = 3


class Filling:
    """Households one after another, with what is on record about each."""

    def __init__(self, conn: AsyncConnection, person: int, kinds: Sequence[str]) -> None:
        """`kinds` are the sub-problems of the attachment; `person` writes everything down."""
        self.person, self.kinds, self.random = person, kinds, Random(2020)
        self.put = {name: Bulk(conn, tables.metadata.tables[name], row) for name, row in COLUMNS.items()}
        self.moment, self.day = self.put["facts"].moment, self.put["facts"].day
        self.empty, self.nothing = as_json({}), as_json([])

    def household(self, id: int, region: int) -> None:
        """Four of five are on the register, nine of ten were asked, two of five have problems."""
        dice, at = self.random, self.moment(CAMPAIGN)
        status = dice.choice((1, 2, 2, 2, None))
        self.put["households"].rows.append(
            (id, region, "group", "head", "h", "", dice.randint(1, 7), status, self.empty, at)
        )
        if dice.random() < 0.1:
            return
        asked = CAMPAIGN + timedelta(days=dice.randint(0, 60), hours=dice.randint(0, 8))
        when, form = self.moment(asked), "nj" if status is None else "jd"
        self.put["interviews"].rows.append(
            (id, id, form, 1, self.person, "submitted", 1, self.empty, when, when, when, self.empty)
        )
        said: dict[str, Any] = {"population": dice.randint(1, 7)}
        if status is None:
            said["nonreg_kind"] = dice.randint(1, 5)
        if dice.random() < 0.12:
            said["house_hazards"] = sorted(dice.sample((1, 2, 3, 4), dice.randint(1, 2)))
        on = self.day(asked.date())
        self.put["facts"].add(
            (id, name, 0, "", as_json(value), on, id, form, when) for name, value in said.items()
        )
        count = dice.choice((0, 0, 0, 1, 2))
        self.put["problems"].add(self.problem(id, kind, asked) for kind in dice.sample(self.kinds, count))

    def problem(self, id: int, kind: str, asked: datetime) -> tuple[Any, ...]:
        """A problem on record; half of them are put right meanwhile, some concern certain persons."""
        dice = self.random
        status = dice.choice(("candidate", "confirmed", "confirmed", "closed", "closed"))
        changed = asked + timedelta(days=dice.randint(1, 60))
        persons = [f"member {number}" for number in range(dice.randint(0, 2))]
        grounds = {"relocation_old_house_removed": dice.randint(1, 2)}
        return (
            id, kind, 1, status, "", as_json(persons), "", as_json(grounds), self.empty,
            self.moment(asked), self.moment(changed), id, self.person,
        )  # fmt: skip

    async def flush(self) -> None:
        """Write what is held."""
        for bulk in self.put.values():
            await bulk.flush()


@dataclass(frozen=True, slots=True)
class Stage:
    """The county in a database that is being read, and what is asked of it."""

    conn: AsyncConnection
    ask: Ask
    kinds: Sequence[str]

    async def aggregate(self) -> Counter[str]:
        """How often each problem is on record: one query by township, kind, status and standing."""
        home, problem, place = tables.households, tables.problems, tables.regions
        columns = (place.c.parent_id, problem.c.sub_problem, home.c.reg_status, problem.c.status)
        wanted = (
            select(*columns, func.count())
            .join(home, home.c.id == problem.c.household_id)
            .join(place, place.c.id == home.c.region_id)
            .where(problem.c.sub_problem.in_(self.kinds), problem.c.status != "candidate")
            .group_by(*columns)
        )
        found: Counter[str] = Counter()
        for _, kind, _, _, count in await self.conn.execute(wanted):
            found[kind] += count
        return found

    async def book(self) -> Book:
        """The attachment before it is a file."""
        return await make(self.conn, REPORT, self.ask)

    async def file(self) -> bytes:
        """The attachment as it is handed out."""
        return write(await self.book())


async def assert_equal(stage: Stage) -> None:
    """Where a row counts households with one problem, both ways find the same number of them."""
    by_query, sheet = await stage.aggregate(), (await stage.book()).sheets[0]
    figures = Figures(sheet, 0)
    for at, line in enumerate(lines_of(stage.ask.layout)):
        if line.how == "homes" and len(line.of) == 1 and not line.condition:
            ours, theirs = figures.figure(at, "g1n"), by_query[line.of[0]]
            if (ours or 0) != theirs:
                raise AssertionError(f"{line.name}: {ours} in the attachment, {theirs} by the query")


@asynccontextmanager
async def entered(size: Size) -> AsyncIterator[tuple[Stage, float]]:
    """A database file with the county, and the seconds that it took to fill."""
    content = contents.load()
    office = Office(content, ZoneInfo("Asia/Shanghai"), content.households_by)
    lines = lines_of(content.layouts[REPORT.id])
    kinds = sorted({kind for line in lines if line.from_ledger for kind in line.of})
    with tempfile.TemporaryDirectory() as folder:
        database = await storage.open(f"sqlite:///{Path(folder) / 'county.db'}")
        try:
            began = time.perf_counter()
            async with database.transaction() as conn:
                top = await fill(conn, size.households, kinds)
            filling = time.perf_counter() - began
            async with database.reading() as conn:
                yield Stage(conn, ask_for(office, REPORT, top, NOW), kinds), filling
        finally:
            await database.dispose()


async def fill(conn: AsyncConnection, households: int, kinds: Sequence[str]) -> Region:
    """So many households in fifteen townships; the county."""
    top = await regions.add(conn, name="county", level="county")
    filling = Filling(conn, (await people.add(conn, name="cadre", unit="unit")).id, kinds)
    towns = [await regions.add(conn, name=f"town {at}", level="town", parent=top) for at in range(TOWNS)]
    for first in range(0, households, IN_A_VILLAGE):
        town = towns[first // IN_A_VILLAGE % TOWNS]
        village = await regions.add(conn, name=f"village {first}", level="village", parent=town)
        for id in range(first + 1, min(households, first + IN_A_VILLAGE) + 1):
            filling.household(id, village.id)
        await filling.flush()
    return top


async def seconds(deed: Callable[[], Awaitable[object]]) -> float:
    """Seconds of the processor from asking to having."""
    began = time.process_time()
    await deed()
    return time.process_time() - began


async def measured(size: Size) -> list[Figure]:
    """The attachment in its steps, and the aggregate; the rounds alternate."""
    async with entered(size) as (stage, filling):
        await assert_equal(stage)
        deeds: dict[str, Callable[[], Awaitable[object]]] = {
            "aggregate": stage.aggregate,
            "book": stage.book,
            "file": stage.file,
        }
        taken: dict[str, list[float]] = {name: [] for name in deeds}
        with settled():
            for _ in range(size.rounds):
                for name, deed in deeds.items():
                    taken[name].append(await seconds(deed))
        found = {name: median(each) for name, each in taken.items()}
    return [
        Figure("households on file", size.households, "households"),
        Figure("filling the county", filling, "s"),
        Figure("attachment 1, read, counted and written", found["file"], "s", ("at most", 3)),
        Figure("attachment 1, read and counted", found["book"], "s"),
        Figure("one SQL aggregate of the same problems", found["aggregate"], "s"),
        Figure("attachment 1 to the aggregate", found["file"] / found["aggregate"], "times"),
    ]


def run(size: Size | None = None) -> list[Figure]:
    """Seconds of attachment 1 over a county of that size."""
    return asyncio.run(measured(size or Size()))
