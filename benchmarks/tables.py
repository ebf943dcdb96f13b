"""Tables and plans of a large county: so far the county itself, written as use would have left it.

What is measured of it is a `Deed`: a name, how often it makes what it makes, and the coroutine that does it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, Literal

from benchmarks.figures import Figure, settled
from bot.storage import database as storage
from bot.storage.database import Database
from tests.county import TOWNS, County, fill
from tests.county.places import OTHERS

REGISTERED: Final = sum(TOWNS.values())


@dataclass(frozen=True, slots=True)
class Size:
    """So many households on file, so many of them with a plan, and so many rounds of each deed."""

    households: int = 100_000
    plans: int = 1_000
    rounds: int = 3

    @property
    def scale(self) -> float:
        """How many times the households of attachment 6 that is."""
        return self.households / (REGISTERED * (1 + OTHERS))


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that an office asks for; `makes` says how many of what, `aim` bounds its seconds."""

    name: str
    makes: int
    do: Callable[[Database, County], Awaitable[object]]
    aim: tuple[Literal["at most", "at least"], float] | None = None


@asynccontextmanager
async def entered(size: Size) -> AsyncIterator[tuple[Database, County, float]]:
    """A database file with the county, and the seconds that it took to fill."""
    with tempfile.TemporaryDirectory() as folder:
        database = await storage.open(f"sqlite:///{Path(folder) / 'county.db'}")
        try:
            began = time.perf_counter()
            county = await fill(database, scale=size.scale, plans=size.plans)
            yield database, county, time.perf_counter() - began
        finally:
            await database.dispose()


async def seconds(deed: Deed, database: Database, county: County, rounds: int) -> float:
    """Median seconds of the deed from asking to having."""
    taken: list[float] = []
    with settled():
        for _ in range(rounds):
            began = time.perf_counter()
            await deed.do(database, county)
            taken.append(time.perf_counter() - began)
    return median(taken)


async def measured(size: Size, deeds: Sequence[Deed]) -> list[Figure]:
    """The filling, and every deed on what was filled in."""
    async with entered(size) as (database, county, filling):
        found = [
            Figure("households on file", len(county.homes), "households"),
            Figure("plans on file", len(county.plans), "households"),
            Figure("filling the county", filling, "s"),
        ]
        for deed in deeds:
            taken = await seconds(deed, database, county, size.rounds)
            found.append(Figure(deed.name, taken, "s", deed.aim))
            found.append(Figure(f"{deed.name}, each", taken / deed.makes * 1000, "ms"))
        return found


def run(size: Size | None = None, deeds: Sequence[Deed] = ()) -> list[Figure]:
    """Seconds of each deed in a county of that size."""
    return asyncio.run(measured(size or Size(), deeds))
