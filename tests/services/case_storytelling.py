"""Stories of cases: a procedure walked through in the chat by people in several posts, read from TOML.

A story names its `cast` (people besides those of the sample village) and what each `[[turn]]` does: who acts,
what is tapped or filled in, where the case stands then, who is told, what is refused and why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import content
from bot.channels import web_chat
from bot.channels.web_chat import WebChat
from bot.content import Content
from bot.services.evidence_files import EvidenceFolder
from bot.services.office import Office
from bot.services.pipeline import Worker
from bot.services.reminding import Reminder
from bot.services.sample import enter, read_sample
from bot.storage import cases, chats, households, people, regions
from bot.storage.cases import Case
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.people import Account
from bot.storage.subjects import Subject
from tests.services.interviewer import fill, hand_in, standing
from tests.services.village import Village

STORIES = Path(__file__).resolve().parents[1] / "case_stories"
ZONE = ZoneInfo("Asia/Shanghai")
PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256))
"""How a photo begins, and enough after it."""


@lru_cache(maxsize=8)
def in_county(name: str) -> Content:
    """The content of a county, read once per test process."""
    return content.load(content.in_county(name))


@dataclass(frozen=True)
class Turn:
    """One thing that somebody does (after `wait`), and what follows.

    `fills` hands in a questionnaire (with `answers`) from the household's card. `opens` and `does` tap a step
    by its name in the chat: `words` are typed when the bot asks for them, `answers` fill in the questionnaire
    that records it. `say` types words, `photo` sends a photo. Then: `state` of the case (of the procedure),
    `due`, `open`; `told`: who got a new message, nobody else besides `who`; `only_reads`: those of
    them who may not open the case, and get no button to it; `shows`: fragments of what `who`
    sees; `hides`: fragments that `who` must not see anywhere in the new messages.
    """

    who: str = ""
    note: str = ""
    wait: Mapping[str, int] = field(default_factory=dict)
    remind: bool = False
    fills: str = ""
    opens: str = ""
    does: str = ""
    say: str = ""
    tap: str = ""
    office: str = ""
    photo: bool = False
    words: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    due: date | None = None
    open: bool | None = None
    told: Sequence[str] | None = None
    only_reads: Sequence[str] = ()
    shows: Sequence[str] = ()
    hides: Sequence[str] = ()


@dataclass(frozen=True)
class CaseStory:
    """A story as it stands in its file."""

    name: str
    procedure: str
    title: str
    day: date
    county: str
    about: str
    cast: Sequence[Mapping[str, str]]
    turns: Sequence[Turn]


def read_story(path: Path) -> CaseStory:
    """A story; TypeError names a key that no turn has."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    head = data["story"]
    turns = [Turn(**turn) for turn in data["turn"]]
    return CaseStory(
        path.stem,
        head["procedure"],
        head["title"],
        head["day"],
        head.get("county", "huarong"),
        head["about"],
        data.get("cast", []),
        turns,
    )


async def open_story(database: Database, story: CaseStory, folder: EvidenceFolder | None = None) -> Village:
    """The sample village with the story's people, at nine in the morning of its day, in its county."""
    loaded = in_county(story.county)
    office = Office(loaded, ZONE, loaded.households_by, folder)
    at = [datetime.combine(story.day, time(9, 0), ZONE)]

    def now() -> datetime:
        return at[0]

    worker = Worker(database, office, {web_chat.CHANNEL: web_chat.translate}, now)
    chat = WebChat(database, now, worker.wake, folder=folder)
    async with database.transaction() as conn:
        await enter(conn, read_sample(), web_chat.CHANNEL, now())
        county = (await regions.children(conn, None))[0]
        places = {region.name: region for region in await regions.subtree(conn, county.id)}
        known: dict[str, int] = {}
        for each in story.cast:
            address = each["address"]
            if address not in known:
                behind = await people.behind(conn, web_chat.CHANNEL, [address])
                person = behind.get(address) or await people.add(
                    conn, name=each["name"], unit=each.get("unit", "")
                )
                known[address] = person.id
                await people.bind(conn, Account(web_chat.CHANNEL, address, person.id))
                await chats.save(conn, [Chat(web_chat.CHANNEL, address, person.id)])
            post = each["post"]
            offices = loaded.offices.posts
            role = offices[post].role if post in offices else "department"
            await people.appoint(
                conn,
                person_id=known[address],
                role=role,  # type: ignore[arg-type]  # offices.toml names roles only
                post=post,
                region_id=places[each["region"]].id,
                since=now(),
            )
    return Village(database, office, worker, Reminder(database, office, now), chat, at)


class CasePlayer:
    """Plays one story and checks it turn by turn."""

    def __init__(self, village: Village, story: CaseStory) -> None:
        self.village = village
        self.story = story
        self.addresses = [person["address"] for person in read_sample()["person"]]
        self.addresses += [each["address"] for each in story.cast if each["address"] not in self.addresses]

    async def subject(self) -> Subject:
        """The household (by its head's name) or region that the story is about."""
        async with self.village.database.reading() as conn:
            found = await households.named(conn, self.story.about)
            if found:
                return Subject("household", found[0].id)
            county = (await regions.children(conn, None))[0]
            places = await regions.subtree(conn, county.id)
        return Subject("region", next(each.id for each in places if each.name == self.story.about))

    async def case(self) -> Case | None:
        """The latest case of the story's procedure about its subject."""
        subject = await self.subject()
        async with self.village.database.reading() as conn:
            found = await cases.of_subject(conn, subject)
        mine = [case for case in found if case.procedure == self.story.procedure]
        return mine[-1] if mine else None

    async def play(self) -> None:
        """Let everybody act, and check every turn."""
        for number, turn in enumerate(self.story.turns, 1):
            where = f"{self.story.name}, turn {number} ({turn.who} {turn.does or turn.opens or turn.fills})"
            if turn.wait:
                self.village.wait(**turn.wait)
            before = {address: await self.shown(address) for address in self.addresses}
            if turn.remind:
                while await self.village.reminder.tick():
                    pass
                await self.village.work()
            if turn.who:
                await self.act(turn)
            await self.check(turn, before, where)

    async def shown(self, address: str) -> dict[int, str]:
        """What stands on the person's screen, by message."""
        return {m.id: m.text for m in await self.village.screen(address) if not m.mine}

    async def act(self, turn: Turn) -> None:
        """Do what the turn says."""
        village, who = self.village, turn.who
        if turn.fills:
            await hand_in(village, who, self.story.about, turn.fills, self.said(turn.fills, turn.answers))
        if turn.say:
            await village.say(who, turn.say)
        if turn.tap:
            await village.tap(who, turn.tap)
        if turn.photo:
            village.wait(seconds=1)
            await village.chat.send_photo(who, PHOTO)
            await village.work()
        if turn.opens or turn.does:
            await self.step(turn)

    def said(self, form: str, answers: Mapping[str, str]) -> dict[str, str]:
        """What is answered: as told, and today where a day is asked for."""
        items = self.village.office.content.form(form).items
        return {**{item.id: "今天" for item in items if item.kind == "date"}, **answers}

    async def step(self, turn: Turn) -> None:
        """Tap a step of the case, or the one that opens it, by its name; give what it asks for."""
        village, who, subject = self.village, turn.who, await self.subject()
        case = await self.case()
        mark = "h" if subject.kind == "household" else "r"
        data = f"w:{mark}{subject.id}" if turn.opens or case is None else f"w:{case.id}"
        shown = await self.shown(who)
        await village.tap_data(who, max(shown, default=1), data)
        try:
            await village.tap(who, turn.opens or turn.does)
        except AssertionError:
            if not turn.shows:
                raise
            return
        if turn.office:
            await village.tap(who, turn.office)
        if turn.words:
            await village.say(who, turn.words)
        elif "要记“" in await village.last(who):
            await village.tap(who, "确定")
        elif turn.answers:
            at = await standing(village, who)
            await fill(village, who, answers=self.said(at.interview.form, turn.answers))
            await village.say(who, "提交")

    async def check(self, turn: Turn, before: Mapping[str, Mapping[int, str]], where: str) -> None:
        """Hold what happened against what the turn says."""
        case = await self.case()
        if turn.state:
            assert case is not None, f"{where}: there is no case"
            last = await self.village.last(turn.who) if turn.who else ""
            assert case.state == turn.state, f"{where}: stands in {case.state}; {turn.who} saw: {last}"
        if turn.due is not None:
            assert case is not None
            assert case.due == turn.due, f"{where}: due {case.due}"
        if turn.open is not None:
            assert bool(case is not None and case.open) is turn.open, where
        new = {address: await self.new(address, before[address]) for address in self.addresses}
        if turn.told is not None:
            told = sorted(address for address, texts in new.items() if texts and address != turn.who)
            assert told == sorted(turn.told), f"{where}: told {told}"
        for address in turn.told if turn.told and turn.only_reads else ():
            notice = [m for m in await self.village.screen(address) if m.text in new[address]][-1]
            assert bool(notice.buttons) is (address not in turn.only_reads), f"{where}: button of {address}"
        seen = "\n".join(new.get(turn.who, [])) if turn.who else "\n".join(t for n in new.values() for t in n)
        seen += "\n" + (await self.village.last(turn.who) if turn.who else "")
        for words in turn.shows:
            assert words in seen, f"{where}: {words!r} is not in {seen!r}"
        for words in turn.hides:
            assert words not in seen, f"{where}: {words!r} is in {seen!r}"

    async def new(self, address: str, before: Mapping[int, str]) -> list[str]:
        """What came to the person's screen, or changed there, since then."""
        return [text for id, text in (await self.shown(address)).items() if before.get(id) != text]
