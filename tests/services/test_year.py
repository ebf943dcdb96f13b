"""A year of a small county: every duty is told of once a stage, to the right people, whatever is killed.

Time is passed in. A plan drawn from a seed says what is done, late, or never; the reminder is stopped before
its commits and started anew, and on some days nobody starts it. What must have been heard is computed here,
duty by duty, in the plainest way; what was heard is read from the messages.
"""

from __future__ import annotations

import random
import re
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, select, update

from bot.rules.duties import duties as called_for
from bot.services import duty_planning, reminding
from bot.services.office import Office
from bot.services.reminding import Reminder
from bot.storage import assignments, due_reminders, duties, households, people, regions
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.households import NewHousehold
from bot.storage.people import Account, Role
from bot.storage.regions import Region
from bot.storage.tables import duties as rows
from bot.storage.tables import outbox
from tests.services.village import loaded

ZONE = ZoneInfo("Asia/Shanghai")
START = date(2026, 1, 1)
CARDS = ("red", "yellow", "green", "blue")
SHARES = (20, 30, 45, 5)
LEAD = {"visit": 14, "contact": 3, "monitor": 5, "review": 7, "adjust": 7, "meeting": 5, "stay": 1}
ON_THE_25TH = ("contact", "monitor")
"""What is due as the month ends."""
DAY = timedelta(days=1)
COUNTS = {"own": "有 (\\d+) 件事要办", "copy": "抄送给您的有 (\\d+) 件", "bulletin": "列入通报的有 (\\d+) 件"}

Heard = Counter[tuple[date, str, str]]
"""How many duties, by day, address, and own, copy or bulletin."""


@dataclass(frozen=True)
class Size:
    """How much of everything: `villages` in each of two towns, `homes` and `cadres` in each village."""

    villages: int
    cadres: int
    homes: int
    days: int


FULL = Size(villages=5, cadres=6, homes=300, days=365)
SMALL = Size(villages=2, cadres=2, homes=20, days=70)


class Killed(Exception):
    """Somebody pulled the plug."""


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE).astimezone(UTC)


class County:
    """Two towns with their people; everybody's address says who they are."""

    def __init__(self, database: Database, size: Size, chance: random.Random) -> None:
        self.database = database
        self.size = size
        self.chance = chance
        self.office = Office(loaded(), ZONE)
        self.now = moment(START, 0, 5)
        self.told: dict[int, tuple[str, str]] = {}
        """Who has to do what, and who is above, by duty."""
        self.towns: dict[int, str] = {}
        self.town_of: dict[int, str] = {}
        self.done: dict[int, date] = {}

    async def person(self, conn: Any, address: str, role: Role, place: Region) -> int:
        found = await people.add(conn, name=address)
        await people.appoint(conn, person_id=found.id, role=role, region_id=place.id, since=self.now)
        await people.bind(conn, Account("web", address, found.id))
        return found.id

    async def settle(self) -> None:
        """Enter everybody, and plan what each household's card calls for."""
        async with self.database.transaction() as conn:
            top = await regions.add(conn, name="样县", level="county")
            await self.person(conn, "county", "county", top)
            for t in range(2):
                town = await regions.add(conn, name=f"{t}镇", level="town", parent=top)
                self.towns[town.id] = f"town{t}"
                office = await self.person(conn, f"town{t}", "township", town)
                for v in range(self.size.villages):
                    village = await regions.add(conn, name=f"{t}{v}村", level="village", parent=town)
                    chief = await self.person(conn, f"village{t}{v}", "village", village)
                    names = [f"cadre{t}{v}{c}" for c in range(self.size.cadres)]
                    ids = [await self.person(conn, name, "cadre", village) for name in names]
                    homes = await self.homes(conn, village)
                    for c, mine in enumerate(batched_evenly(homes, self.size.cadres)):
                        await assignments.assign_many(conn, mine, ids[c], self.now)
                        doers = {"cadre": ids[c], "village": chief, "township": office}
                        called = {"cadre": names[c], "village": f"village{t}{v}", "township": f"town{t}"}
                        await self.plan(conn, mine, doers, called)

    async def homes(self, conn: Any, village: Region) -> list[int]:
        return await households.add_many(
            conn,
            [
                NewHousehold(
                    region_id=village.id,
                    village_group=f"{n % 9 + 1}组",
                    head_name=f"户{n}",
                    initials="h",
                    created_at=self.now,
                )
                for n in range(self.size.homes)
            ],
        )

    async def plan(self, conn: Any, homes: list[int], doers: dict[str, int], called: dict[str, str]) -> None:
        pack, last = self.office.content.packs["hr"], START + (self.size.days - 1) * DAY
        by_card = {card: called_for(pack, card, START, last) for card in CARDS}
        above = {"cadre": called["village"], "village": called["township"], "township": "county"}
        new: list[NewDuty] = []
        for home in homes:
            (card,) = self.chance.choices(CARDS, SHARES)
            new += [
                duty_planning.new_duty(self.office, home, each, "hr", doers[each.role], self.now)
                for each in by_card[card]
            ]
        await duties.plan(conn, new)
        found = select(rows.c.id, rows.c.role).where(rows.c.household_id.in_(homes))
        for id, role in await conn.execute(found):
            self.told[id] = called[role], above[role]
            self.town_of[id] = called["township"]

    async def learn_of_regions(self) -> None:
        """What the towns and the county owed as such; nobody ever does it, and nobody is above the county."""
        async with self.database.reading() as conn:
            for id, region in await conn.execute(
                select(rows.c.id, rows.c.region_id).where(rows.c.region_id.is_not(None))
            ):
                own = self.towns.get(region, "county")
                self.told[id] = own, "county" if region in self.towns else ""
                self.town_of[id] = own


def batched_evenly(items: list[int], parts: int) -> Iterator[list[int]]:
    size = -(-len(items) // parts)
    yield from (items[n : n + size] for n in range(0, len(items), size))


def deeds(county: County, known: dict[int, date]) -> dict[date, list[int]]:
    """On which days what is done: most in time, some late, some never; always at noon, after the morning."""
    found: dict[date, list[int]] = {}
    for id, due in known.items():
        luck = county.chance.random()
        if luck < 0.72:
            on = due - county.chance.randrange(0, 16) * DAY
        elif luck < 0.9:
            on = due + county.chance.randrange(1, 12) * DAY
        else:
            continue
        on = max(on, START)
        county.done[id] = on
        found.setdefault(on, []).append(id)
    return found


def expected(county: County, known: dict[int, tuple[date, str]], alive: list[date]) -> Heard:
    """What must be heard, duty by duty: on its day, or on the next on which the reminder lives."""
    heard: Heard = Counter()
    for id, (due, kind) in known.items():
        last = (due + DAY).day == 1
        early = due.replace(day=25) if last and kind in ON_THE_25TH else due - LEAD[kind] * DAY
        stage, day = 0, max(early, START)
        while True:
            later = bisect_left(alive, day)
            on = alive[later] if later < len(alive) else date.max
            if on == date.max or county.done.get(id, date.max) < on:
                break
            doer, above = county.told[id]
            if not above:
                if stage < 2:
                    heard[on, doer, "own"] += 1
                elif stage == 3:
                    heard[on, "county", "bulletin"] += 1
                    break
            elif stage < 2:
                heard[on, doer, "own"] += 1
            elif stage == 2:
                heard[on, above, "copy"] += 1
            else:
                heard[on, county.town_of[id], "bulletin"] += 1
                heard[on, "county", "bulletin"] += 1
                break
            stage = 1 if stage == 0 and due > on else 2 if stage < 2 else 3
            day = max({1: due, 2: due + 3 * DAY, 3: due + 7 * DAY}[stage], on + DAY)
    return heard


async def heard_of(database: Database) -> tuple[Heard, Counter[tuple[str, datetime]]]:
    """What was heard, read from the messages, and how many messages everybody got at each moment."""
    heard: Heard = Counter()
    messages: Counter[tuple[str, datetime]] = Counter()
    async with database.reading() as conn:
        for address, slot, payload, at in await conn.execute(
            select(outbox.c.address, outbox.c.slot, outbox.c.payload, outbox.c.created_at)
        ):
            local = at.astimezone(ZONE)
            messages[address, local] += 1
            if slot == "reminders":
                for what, pattern in COUNTS.items():
                    if found := re.search(pattern, payload["text"]):
                        heard[local.date(), address, what] += int(found[1])
            else:
                heard[local.date(), address, {"d": "own", "j": "copy"}[slot[0]]] += 1
    return heard, messages


async def live(
    county: County, chance: random.Random, work: dict[date, list[int]], pull: list[int]
) -> list[date]:
    """Let the time pass; the days on which the reminder lived at the end of the day."""
    done = update(rows).where(rows.c.id == bindparam("its")).values(state="done")
    alive: list[date] = []
    for n in range(county.size.days):
        today = START + n * DAY
        dead = chance.random() < 0.02
        for hour, minute in ((3, 0), (8, 29), (8, 30), (9, 0), (20, 59), (21, 0), (23, 30)):
            county.now = moment(today, hour, minute)
            if dead or (hour != 8 and chance.random() < 0.6):
                continue
            pull[0] = chance.choice((0, 0, 1, 2)) if minute == 30 else 0
            while True:
                reminder = Reminder(county.database, county.office, lambda: county.now)
                try:
                    if minute == 30:
                        await reminder.plan()
                    await reminder.tick()
                    break
                except Killed:
                    pull[1] += 1
        if not dead:
            alive.append(today)
        async with county.database.transaction() as conn:
            if ids := work.get(today):
                await conn.execute(done, [{"its": id} for id in ids])
    return alive


async def test_a_year_loses_no_reminder_and_tells_nobody_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    size = FULL if database.is_sqlite else SMALL
    chance, began = random.Random(20260101), time.monotonic()
    county = County(database, size, chance)
    pull = [0, 0]
    """After how many more chunks somebody pulls the plug before the commit; how often it happened."""

    async def advance(conn: Any, steps: Any) -> None:
        await due_reminders.advance(conn, steps)
        if pull[0]:
            pull[0] -= 1
            if not pull[0]:
                raise Killed

    class Pulled:
        """The storage of reminders, until somebody pulls the plug."""

        def __getattr__(self, name: str) -> Any:
            return advance if name == "advance" else getattr(due_reminders, name)

    monkeypatch.setattr(reminding, "due_reminders", Pulled())
    await county.settle()
    async with database.reading() as conn:
        known = {row.id: row.due for row in await conn.execute(select(rows.c.id, rows.c.due))}
    planned = time.monotonic() - began
    work = deeds(county, known)
    alive = await live(county, chance, work, pull)
    await county.learn_of_regions()
    async with database.reading() as conn:
        every = await conn.execute(select(rows.c.id, rows.c.due, rows.c.kind))
        owed = {id: (due, kind.partition(":")[0]) for id, due, kind in every}
    wanted = expected(county, owed, alive)
    heard, messages = await heard_of(database)
    assert heard == wanted
    assert max(messages.values()) == 1, "one message for everybody at a time"
    assert all(open_at(at) for _, at in messages)
    assert pull[1] > 5
    assert any(kind == "meeting" for _, kind in owed.values()), "towns owe something too"
    figures = Counter(what for (_, _, what), n in heard.items() for _ in range(n))
    with capsys.disabled():
        print(
            f"\n{size.homes * size.villages * 2} households, {size.days} days: {len(owed)} duties,"
            f" {len(county.done)} done, {sum(messages.values())} messages for {dict(figures)},"
            f" killed {pull[1]} times, away on {size.days - len(alive)} days;"
            f" planned in {planned:.1f} s, lived in {time.monotonic() - began - planned:.1f} s"
        )


def open_at(clock: datetime) -> bool:
    """Whether it is between the morning hour and the quiet ones, said here once more."""
    return (8, 30) <= (clock.hour, clock.minute) < (21, 0)
