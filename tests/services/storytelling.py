"""Stories: whole chats in TOML, played on the sample village and recorded anew with `pytest --update`.

A story is written by hand up to what people say and tap: `[story]`, `[expect]` (what the documents imply)
and the heads of its `[[turn]]`s. What they see (`screen`, `also.…`) and how it ends (`[ending]`) is recorded.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import docx
from sqlalchemy import func, select

from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.channels.web_port import ChatMessage
from bot.dialogs.session import Session
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.services.sample import enter, read_sample
from bot.storage.database import Database
from bot.storage.tables import interviews, outbox
from tests.services.outcome import Outcome, outcome_of, outcome_of_place
from tests.services.village import Village, loaded

STORIES = Path(__file__).resolve().parents[1] / "stories"
COUNTY = ZoneInfo("Asia/Shanghai")
MORNING = time(9, 0)
BETWEEN = "\n" + "─" * 16 + "\n"
"""Stands between the messages of one turn."""
TURN = {"who", "say", "tap", "wait", "remind", "note", "expect", "screen", "also"}
RECORDED = re.compile(r"^(screen|also\.\w+) = '''\n.*?'''\n", re.MULTILINE | re.DOTALL)

_LAST_SENT = select(outbox.c.address, func.max(outbox.c.id).label("last")).group_by(outbox.c.address)
_OPEN_SESSIONS = select(interviews.c.session).where(interviews.c.state == "open")


class Untellable(AssertionError):
    """The story itself is badly written."""


@dataclass(frozen=True)
class Turn:
    """Somebody says or taps something (after `wait`), and this is what everybody then sees that is new.

    `remind` lets the reminders go out first; a turn of `wait` or `remind` alone only shows what came.
    """

    who: str
    say: str = ""
    tap: str = ""
    wait: Mapping[str, int] = field(default_factory=dict)
    remind: bool = False
    expect: Mapping[str, Any] = field(default_factory=dict)
    screen: str = ""
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, str]:
        """What is recorded: by address, the messages that came or changed."""
        told = {self.who: self.screen, **self.also}
        return {who: text.rstrip("\n") for who, text in told.items() if text}


@dataclass(frozen=True)
class Story:
    """A story as it stands in its file."""

    path: Path
    title: str
    household: str
    """The head of the household that the story is about; "" when it is about a place."""
    place: str
    """The village, the township or the county that the story is about; "" when it is about a household."""
    day: date
    expect: Mapping[str, Any]
    turns: Sequence[Turn]
    ending: Mapping[str, Any]


@dataclass
class Told:
    """What came of playing a story: what was shown in each turn, and how the household stands."""

    shown: list[dict[str, str]]
    outcome: Outcome


def read_story(path: Path) -> Story:
    """The story in a file; Untellable names the turn that has a key too many or nobody who speaks."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    turns: list[Turn] = []
    for number, turn in enumerate(table["turn"], 1):
        if turn.keys() - TURN or "who" not in turn or {"say", "tap"} <= turn.keys():
            raise Untellable(f"{path.name}, turn {number}: {sorted(turn)}")
        turns.append(Turn(**{key: value for key, value in turn.items() if key != "note"}))
    head = table["story"]
    about = (head.get("household", ""), head.get("place", ""))
    return Story(path, head["title"], *about, head["day"], table["expect"], turns, table.get("ending", {}))


def record(story: Story, told: Told) -> None:
    """Write what was shown and how it ended into the story's file; everything else in it stays as it is."""
    before, _, _ = story.path.read_text(encoding="utf-8").partition("\n[ending]\n")
    head, *blocks = before.split("\n[[turn]]\n")
    written = [head.rstrip("\n")]
    for turn, block, shown in zip(story.turns, blocks, told.shown, strict=True):
        by_hand = RECORDED.sub("", block + "\n").strip("\n")
        lines = [_text("screen" if who == turn.who else f"also.{who}", text) for who, text in shown.items()]
        written.append("\n".join(["[[turn]]", by_hand, *lines]))
    written.append("[ending]\n" + _table(told.outcome.ending()))
    story.path.write_text("\n\n".join(written) + "\n", encoding="utf-8")


def recorded(outcome: Outcome) -> dict[str, Any]:
    """An ending as it reads after having been written."""
    return tomllib.loads(_table(outcome.ending()))


def _table(values: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {_value(value)}" for key, value in values.items())


def _value(value: Any) -> str:
    match value:
        case dict():
            inside = ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
            return f"{{ {inside} }}"
        case list() if len(line := f"[{', '.join(map(_value, value))}]") <= 100:
            return line
        case list():
            return "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"
        case str() if "\n" in value:
            return f"'''\n{value}\n'''"
        case None:
            return '"unknown"'
    return json.dumps(value, ensure_ascii=False)


def _text(key: str, text: str) -> str:
    return f"{key} = '''\n{text}\n'''"


async def open_village(database: Database, day: date) -> Village:
    """The sample village on an empty database, at nine in the morning of that day."""
    office = Office(loaded(), COUNTY)
    at = [datetime.combine(day, MORNING, COUNTY)]

    def now() -> datetime:
        return at[0]

    worker = Worker(database, office, {web_chat.CHANNEL: web_chat.translate}, now)
    chat = WebChat(database, now, worker.wake)
    async with database.transaction() as conn:
        await enter(conn, read_sample(), web_chat.CHANNEL, now())
    return Village(database, office, worker, Reminder(database, office, now), chat, at)


class Player:
    """Plays one story. Every turn has a worker of its own, which knows only what stands in the database."""

    def __init__(self, village: Village, story: Story) -> None:
        self.village = village
        self.story = story
        self.people = [person["address"] for person in read_sample()["person"]]
        self.screens: dict[str, dict[int, str]] = {address: {} for address in self.people}
        self.sent: dict[str, int] = {}

    async def play(self, *, compare: bool) -> Told:
        """Let everybody say and tap; with `compare`, every screen must be the recorded one."""
        told: list[dict[str, str]] = []
        for number, turn in enumerate(self.story.turns, 1):
            where = f"{self.story.path.name}, turn {number} ({turn.say or turn.tap or 'time passes'})"
            await self.act(turn)
            told.append(await self.news())
            if compare:
                assert told[-1] == turn.shown, where
            if turn.expect:
                (await self.outcome()).meets(turn.expect, where)
            await self.check_sessions(where)
        return Told(told, await self.outcome())

    async def act(self, turn: Turn) -> None:
        """Let time pass, reminders go out, and somebody say or tap something."""
        village = self.village
        village.worker = Worker(
            village.database, village.office, {web_chat.CHANNEL: web_chat.translate}, lambda: village.now
        )
        village.wait(**turn.wait)
        if turn.remind:
            while await village.reminder.tick():
                pass
            await village.work()
        if turn.say:
            await village.say(turn.who, turn.say)
        elif turn.tap:
            await village.tap(turn.who, turn.tap)

    async def news(self) -> dict[str, str]:
        """By person, the messages that came or changed since the turn before."""
        async with self.village.database.reading() as conn:
            sent = {row.address: row.last for row in await conn.execute(_LAST_SENT)}
        found: dict[str, str] = {}
        for address in self.people:
            if sent.get(address) == self.sent.get(address):
                continue
            shown = {m.id: _shown(m) for m in await self.village.screen(address) if not m.mine}
            before = self.screens[address]
            # A message that only lost its buttons is no news.
            new = [
                text
                for id, text in shown.items()
                if before.get(id) != text and not before.get(id, "").startswith(text + "\n［")
            ]
            if new:
                found[address] = BETWEEN.join(new)
            self.screens[address] = shown
        self.sent = sent
        return found

    async def check_sessions(self, where: str) -> None:
        """What stands in the database about open questionnaires is all there is, and plain JSON."""
        async with self.village.database.reading() as conn:
            begun = (await conn.execute(_OPEN_SESSIONS)).scalars().all()
        for session in begun:
            read_back = Session.from_json(json.loads(json.dumps(session))).to_json()
            assert json.loads(json.dumps(read_back)) == session, where

    async def outcome(self) -> Outcome:
        """How the household, or the place, now stands."""
        village = self.village
        if self.story.place:
            return await outcome_of_place(village.database, self.story.place)
        found = await outcome_of(village.database, village.office, self.story.household, village.now)
        return found.with_paper(await self.papers())

    async def papers(self) -> str:
        """The words of every Word paper on the cadre's screen."""
        texts: list[str] = []
        for address in self.people:
            for message in await self.village.screen(address):
                if message.document is not None:
                    file = await self.village.chat.document(address, message.document.file_id)
                    assert file is not None
                    texts += _words(docx.Document(BytesIO(file[2])))
        return "\n".join(texts)


def _words(paper: Any) -> Iterable[str]:
    yield from (paragraph.text for paragraph in paper.paragraphs)
    for table in paper.tables:
        yield from (cell.text for row in table.rows for cell in row.cells)


def _shown(message: ChatMessage) -> str:
    """A message as a person sees it: its words, the file that came with it, and its rows of buttons."""
    lines = [message.text]
    if message.document is not None:
        lines.append(f"〔{message.document.name}〕")
    lines += ["".join(f"［{button.label}］" for button in row) for row in message.buttons]
    return "\n".join(lines)
