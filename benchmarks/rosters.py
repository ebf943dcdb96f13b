"""A county's roster from an Excel workbook into the database: 100,000 households with everybody in them."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.figures import Figure
from bot import content as contents
from bot.dialogs.identity import check_digit
from bot.services.office import Office
from bot.services.rosters import workbook
from bot.services.rosters.checking import read_roster
from bot.services.rosters.layout import RosterLayout, read_layout
from bot.services.rosters.plan import Rights
from bot.services.rosters.taking_in import Wish, take_in
from bot.storage import database

NOW = datetime(2026, 4, 10, 1, 0, tzinfo=UTC)
COUNTY = "华容县"
HOMES = 400  # of a village
VILLAGES = 15  # of a town
CARED = 20  # households of a cadre
SIGNS = "建国秀英桂兰志强玉梅春花海波明远"


@dataclass(frozen=True, slots=True)
class Size:
    """So many households; each has 3.5 members on average."""

    households: int = 100_000


def number(at: int, born: date, sex: int) -> str:
    """An identity number of nobody: no area begins with 9."""
    first = f"9{at // 500:05}{born:%Y%m%d}{at % 500 * 2 + (sex == 1):03}"
    return first + check_digit(first)


class County:
    """Rows of every sheet, drawn by one seed."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        self.size, self.chance = size, random.Random(seed)
        self.villages = max(1, size.households // HOMES)

    def place(self, village: int) -> tuple[str, str, str]:
        return COUNTY, f"{village // VILLAGES + 1}号镇", f"{village + 1}号村"

    def regions(self) -> Iterator[Sequence[Any]]:
        yield COUNTY, None, None, "43"
        for town in range((self.villages - 1) // VILLAGES + 1):
            yield COUNTY, self.place(town * VILLAGES)[1], None, f"43{town:04}"
        for village in range(self.villages):
            yield *self.place(village), f"43{village:08}"

    def people(self) -> Iterator[Sequence[Any]]:
        for cadre in range(self.size.households // CARED + 1):
            village = min(cadre * CARED // HOMES, self.villages - 1)
            yield f"干部{cadre}", "县水利局", "结对帮扶干部", *self.place(village)

    def household(self, at: int) -> Sequence[Any]:
        village = min(at // HOMES, self.villages - 1)
        status = 1 + at % 3
        labels = ("未脱贫", "已脱贫", "非建档立卡")
        return (
            f"H{at:06}", *self.place(village), f"{at % 9 + 1}组", self.name(at), self.head(at), f"{at}号",
            self.members_of(at), labels[status - 1], 2018 if status == 2 else None, f"138{at:08}",
            f"干部{at // CARED}", "县水利局",
        )  # fmt: skip

    def name(self, at: int) -> str:
        return "王李张刘陈"[at % 5] + SIGNS[at % 16] + SIGNS[at // 16 % 16]

    def members_of(self, at: int) -> int:
        return 2 + at % 4

    def born(self, at: int) -> date:
        return date(1950, 1, 1) + timedelta(days=at * 7 % 20_000)

    def head(self, at: int) -> str:
        return number(at * 5, self.born(at), 1)

    def members(self) -> Iterator[Sequence[Any]]:
        for at in range(self.size.households):
            for place in range(self.members_of(at)):
                born, sex = self.born(at + place), 1 + place % 2
                id = number(at * 5 + place, born, sex)
                name = self.name(at) if not place else f"{self.name(at)[0]}家{place}"
                relation = ("户主", "妻子", "儿子", "女儿", "母亲")[place]
                said = ("男" if sex == 1 else "女", "是", "有劳动能力")
                yield f"H{at:06}", self.head(at), name, relation, id, born, *said

    def write(self, layout: RosterLayout, target: Path) -> None:
        """The workbook."""
        rows = {
            "regions": self.regions(),
            "people": self.people(),
            "households": map(self.household, range(self.size.households)),
            "members": self.members(),
        }
        workbook.write(layout, target, rows)


async def imported(office: Office, layout: RosterLayout, source: Path, url: str) -> dict[str, float]:
    """Read, check and write the file once; the seconds of each part and what was counted."""
    opened = await database.open(url)
    told: list[int] = []
    try:
        began = time.perf_counter()
        content = source.read_bytes()  # noqa: ASYNC240 (nobody waits)
        found = read_roster(
            content,
            ".xlsx",
            layout,
            office.content.vocabulary,
            office.today(NOW),
            progress=lambda done, _total: told.append(done),
        )
        read = time.perf_counter()
        async with opened.transaction() as conn:
            outcome = await take_in(
                conn, office, layout, found, Wish(Rights()), NOW, lambda done, _total: told.append(done)
            )
        ended = time.perf_counter()
    finally:
        await opened.dispose()
    assert not found.troubles, found.troubles.found[:3]
    assert outcome.written
    counts = outcome.plan.counts()
    return {"read": read - began, "write": ended - read, "told": len(told), **counts}


def run(size: Size | None = None) -> list[Figure]:
    """Seconds from a workbook to committed households, and of taking in the same file once more."""
    size = size or Size()
    loaded = contents.load()
    office, layout = Office(loaded, ZoneInfo("Asia/Shanghai")), read_layout(loaded)
    with tempfile.TemporaryDirectory() as folder:
        source, url = Path(folder) / "roster.xlsx", f"sqlite:///{Path(folder) / 'hubang.db'}"
        County(size).write(layout, source)
        first = asyncio.run(imported(office, layout, source, url))
        again = asyncio.run(imported(office, layout, source, url))
    assert first["new"] == size.households
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, size.households)
    name = f"{size.households} households"
    return [
        Figure(f"{name}: read and checked", first["read"], "s"),
        Figure(f"{name}: compared and written", first["write"], "s"),
        Figure(f"{name}: in all", first["read"] + first["write"], "s", ("at most", 60)),
        Figure(f"{name}: the same file once more", again["read"] + again["write"], "s", ("at most", 60)),
        Figure("words about the progress", first["told"], "times"),
    ]
