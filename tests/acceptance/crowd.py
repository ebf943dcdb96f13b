"""Many cadres who interview at the same time: each answers only what stands on the screen, and only once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels.telegram import CHANNEL
from bot.dialogs.form import CONFIRM, Form, Item, split_key
from bot.storage import assignments, households, people, regions
from bot.storage.database import Database
from bot.storage.households import NewHousehold
from bot.storage.people import Account
from bot.storage.regions import Region
from tests.dialogs.building import PLAIN, sensible
from tests.services.village import loaded
from tests.telegram_server import Message, Person, TelegramServer
from tests.telegram_server.activity import Activity

SHORT, LONG = "cs", "jd"
PATIENCE = 120.0
"""Seconds that somebody waits for the next question: the bot is killed and started meanwhile."""
FIRST_CHAT = 700_001
TAPS = 0.8
"""So much of what can be tapped is tapped (an option, or that an amount is not known); the rest is typed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The question that stands open on a screen, or (`key` "") the review."""

    interview: int
    revision: int
    key: str
    message: Message

    @property
    def place(self) -> tuple[int, int]:
        """Greater than that of everything that stood open before."""
        return self.interview, self.revision


@dataclass
class Visitor:
    """A cadre with one household and `quota` answers to give: `short` first if so, handed in, then `LONG`."""

    phone: Person
    household_id: int
    head: str
    short: bool
    quota: int
    chance: random.Random
    activity: Activity
    given: dict[int, list[tuple[str, Any]]] = field(default_factory=dict)
    """By interview: (key, value) in the order in which they were said."""
    forms: dict[int, str] = field(default_factory=dict)
    handed_in: list[int] = field(default_factory=list)
    _seen: tuple[int, int] = (0, -1)

    @property
    def answers(self) -> int:
        """How many answers were given."""
        return sum(map(len, self.given.values()))

    async def work(self) -> None:
        """Find the household, and answer until the quota is reached."""
        self.phone.say(self.head)
        await self.begin(SHORT if self.short else LONG)
        while self.answers < self.quota:
            standing = await self.next()
            if standing.key:
                self.answer(standing)
            else:
                self.phone.tap(loaded().messages.say("buttons.submit"), standing.message)
                self.handed_in.append(standing.interview)
                self._seen = standing.place
                await self.begin(LONG)
        await self.next()  # who has said everything still waits for the answer to the last

    async def begin(self, form: str) -> None:
        """Tap the questionnaire's button once it can be seen."""
        data = f"n:{self.household_id}:{form}"
        found: list[Message] = []

        def offered(_screen: object) -> bool:
            found[:] = [message for message in self.phone.chat.tappable() if message.button(data)]
            return bool(found)

        await self.phone.until(offered, patience=PATIENCE)
        self.phone.tap(data, found[0])
        standing = await self.next()
        self.forms[standing.interview] = form

    async def next(self) -> Standing:
        """Wait for a question (or a review) that has not been answered."""
        found: list[Standing] = []

        def stands(_screen: object) -> bool:
            found[:] = [each for each in standings(self.phone) if each.place > self._seen]
            return bool(found)

        await self.phone.until(stands, patience=PATIENCE)
        return max(found, key=lambda each: each.place)

    def answer(self, standing: Standing) -> None:
        """Give one answer, typed or tapped; to a doubt say that it is right."""
        self._seen = standing.place
        if standing.key.startswith(CONFIRM):
            self.phone.tap(tapped(standing, "p1"), standing.message)
            return
        form = loaded().form(self.forms[standing.interview])
        item = form.by_id[split_key(standing.key)[0]]
        text = reply(form, item, self.chance)
        value = value_of(item, text)
        taps = self.chance.random() < TAPS
        if taps and item.kind == "select_one":
            self.phone.tap(tapped(standing, f"p{text}"), standing.message)
        elif taps and item.kind == "money":
            self.phone.tap(tapped(standing, "u0"), standing.message)
            value = None
        else:
            self.phone.say(text)
        self.given.setdefault(standing.interview, []).append((standing.key, value))
        self.activity.notify()


def standings(phone: Person) -> list[Standing]:
    """Every question and review whose buttons can be seen, the newest message first."""
    found = []
    for message in phone.chat.tappable():
        for button in (button for row in message.keyboard for button in row):
            kind, *parts = (button.data or "").split(":")
            if kind == "i":
                found.append(Standing(int(parts[0]), int(parts[1]), parts[2], message))
                break
            if kind == "s":
                found.append(Standing(int(parts[0]), int(parts[1]), "", message))
                break
    return found


def tapped(standing: Standing, action: str) -> str:
    """The data of the question's button that does `action`: "p2" picks option 2, "u0" is "don't know"."""
    data = f"i:{standing.interview}:{standing.revision}:{standing.key}:{action}"
    assert standing.message.button(data), (data, standing.message.labels)
    return data


def reply(form: Form, item: Item, chance: random.Random) -> str:
    """Something that the item takes."""
    codes = [option.code for option in item.options if option.code != item.none]
    if item.id in PLAIN[form.id] and item.kind != "select_multiple":
        return PLAIN[form.id][item.id]
    if codes:
        return str(chance.choice(codes))
    if item.kind == "money":
        return str(chance.randrange(100, 2000))
    return sensible(form.id, item)


def value_of(item: Item, text: str) -> Any:
    """The answer that a typed text means."""
    match item.kind:
        case "select_multiple":
            return [int(text)]
        case "select_one" | "integer" | "year":
            return int(text)
        case "money" | "decimal" | "percent":
            return float(text)
    return text


class Crowd:
    """Everybody, and how far they have come."""

    def __init__(self, visitors: Sequence[Visitor], activity: Activity) -> None:
        self.visitors = visitors
        self._activity = activity

    @property
    def answers(self) -> int:
        """How many answers were given by all."""
        return sum(visitor.answers for visitor in self.visitors)

    @property
    def quota(self) -> int:
        """How many answers there will be in the end."""
        return sum(visitor.quota for visitor in self.visitors)

    async def work(self) -> None:
        """Everybody works until everybody is done."""
        async with asyncio.TaskGroup() as group:
            for visitor in self.visitors:
                group.create_task(visitor.work())

    async def reaches(self, answers: int) -> None:
        """Wait until so many answers were given."""
        await self._activity.until(lambda: self.answers >= answers, patience=PATIENCE)


async def gather(
    server: TelegramServer, database: Database, now: datetime, *, people_count: int, each: int, seed: int
) -> Crowd:
    """A village full of cadres with `each` answers to give; every third hands the short form in first."""
    activity = Activity()
    async with database.transaction() as conn:
        county = await regions.add(conn, name="华容县", level="county")
        town = await regions.add(conn, name="东山镇", level="town", parent=county)
        village = await regions.add(conn, name="松树村", level="village", parent=town)
        visitors = [
            await settle(
                conn, server, village, now, number, each, random.Random(seed * 1000 + number), activity
            )
            for number in range(people_count)
        ]
    return Crowd(visitors, activity)


async def settle(
    conn: AsyncConnection,
    server: TelegramServer,
    village: Region,
    now: datetime,
    number: int,
    quota: int,
    chance: random.Random,
    activity: Activity,
) -> Visitor:
    """Enter a cadre with an account on Telegram, and a household for the cadre to visit."""
    phone = Person(server, FIRST_CHAT + number, f"干部{number}")
    person = await people.add(conn, name=phone.user["first_name"])
    await people.appoint(conn, person_id=person.id, role="cadre", region_id=village.id, since=now)
    await people.bind(conn, Account(CHANNEL, str(phone.chat_id), person.id))
    status = number % 2 + 1  # registered, so that both questionnaires are offered
    new = NewHousehold(
        region_id=village.id,
        village_group="一组",
        head_name="户" + "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{number:02}"),
        initials=f"h{number}",
        created_at=now,
        population=3,
        reg_status=status,
        exit_year=2018 if status == 2 else None,
    )
    household = await households.add(conn, new)
    await assignments.assign(conn, household, person.id, now)
    return Visitor(phone, household, new.head_name, number % 3 == 0, quota, chance, activity)
