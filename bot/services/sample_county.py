"""The practice county of `samples/county.toml`: its people act in it day by day, by the real services."""

from __future__ import annotations

import itertools
import logging
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import initials
from bot.rules.offices import Offices
from bot.services import region_duties
from bot.services.office import Office
from bot.services.sample import invented_number
from bot.services.sample_deeds import Deed, Home, play
from bot.services.sample_playing import Player
from bot.storage import assignments, chats, households, people, regions
from bot.storage.chats import Chat
from bot.storage.households import Member, NewHousehold
from bot.storage.people import Account, Person
from bot.storage.regions import Region

COUNTY: Final = Path(__file__).resolve().parents[2] / "samples" / "county.toml"
PRACTICE: Final = "practice"
"""In the view of a chat: whoever speaks there is somebody of the practice county."""
ENTERED: Final = timedelta(days=90)
"""So long before the first start the register was entered."""
FIRST_HOUR: Final = time(8, 30)
WORKING_MINUTES: Final = 540

Progress = Callable[[int, int], None]
LOG: Final = logging.getLogger(__name__)
EVERY: Final = 100
"""After so many deeds it is said how far the sample is."""


def nobody(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def told(done: int, total: int) -> None:
    """Progress for whoever started the bot."""
    if done % EVERY == 0 or done == total:
        LOG.info("practice county: %d of %d deeds", done, total)


def read_county(path: Path = COUNTY) -> dict[str, Any]:
    """The tables of the practice county."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody of the sample: who they are, what they hold, and where."""

    address: str
    person: Person
    posts: tuple[str, ...]
    region: Region
    households: int


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of a sample as the practice page offers them; `level` is the heading they stand under."""

    address: str
    name: str
    role: str
    note: str
    level: str


def personas(offices: Offices, sample: Mapping[str, Any]) -> list[Somebody]:
    """The people of the sample county or village, those of the county by level."""
    found: list[Somebody] = []
    for table in sample["person"]:
        role = offices.roles[table["role"] if "role" in table else offices.posts[table["posts"][0]].role]
        title, level = role.short, ""
        if "posts" in table:
            title, level = offices.posts[table["posts"][0]].name, role.name
        found.append(Somebody(table["address"], table["name"], title, table["note"], level))
    return found


async def enter_county(
    conn: AsyncConnection,
    office: Office,
    sample: Mapping[str, Any],
    channel: str,
    now: datetime,
    progress: Progress = nobody,
) -> bool:
    """Enter the county and let all that it tells of happen; False when the database is not empty.

    SampleStuck when a deed cannot be done as the sample says.
    """
    if await regions.children(conn, None):
        return False
    since = now - ENTERED
    places = await _places(conn, sample)
    workers = [await _worker(conn, office, table, places, channel, since) for table in sample["person"]]
    homes = [each async for each in _homes(conn, sample, workers, places, since)]
    player = Player(
        conn, office, channel, {each.address: each.person for each in workers}, sample.get("words", {})
    )
    player.chats = {
        each.address: Chat(channel, each.address, each.person.id, view={PRACTICE: True}) for each in workers
    }
    posts = {(post, each.region.id): each.address for each in workers for post in each.posts}
    deeds = list(_deeds(sample, office, homes, posts, now))
    for number, deed in enumerate(deeds, 1):
        await play(player, deed)
        progress(number, len(deeds))
    await player.leave()
    await region_duties.plan(conn, office, now)
    return True


async def _places(conn: AsyncConnection, sample: Mapping[str, Any]) -> dict[str, Region]:
    county = await regions.add(conn, name=sample["county"]["name"], level="county")
    places = {county.name: county}
    for table in sample["town"]:
        town = await regions.add(conn, name=table["name"], level="town", parent=county)
        places[town.name] = town
        for name in table["villages"]:
            places[name] = await regions.add(conn, name=name, level="village", parent=town)
    return places


async def _worker(
    conn: AsyncConnection,
    office: Office,
    table: Mapping[str, Any],
    places: Mapping[str, Region],
    channel: str,
    since: datetime,
) -> Worker:
    person = await people.add(conn, name=table["name"], unit=table["unit"])
    region = places[table["region"]]
    for post in table["posts"]:
        role = office.content.offices.posts[post].role
        await people.appoint(
            conn,
            person_id=person.id,
            role=role,  # type: ignore[arg-type]  # offices.toml names roles only
            region_id=region.id,
            since=since,
            post=post,
        )
    await people.bind(conn, Account(channel, table["address"], person.id))
    await chats.save(conn, [Chat(channel, table["address"], person.id, view={PRACTICE: True})])
    return Worker(table["address"], person, tuple(table["posts"]), region, table.get("households", 0))


# ------------------------------------------------------------------------------------------- households


async def _homes(
    conn: AsyncConnection,
    sample: Mapping[str, Any],
    workers: Sequence[Worker],
    places: Mapping[str, Region],
    since: datetime,
) -> Any:
    """The households, each in the care of a helper, numbered within its village."""
    dice = Random(sample["seed"])
    families = [table for table in sample["family"] for _ in range(table["count"])]
    dice.shuffle(families)
    counts = {place.id: itertools.count(1) for place in places.values()}
    ancestors = {place.id: place for place in places.values()}
    names: set[str] = set()
    slots = [each for each in workers for _ in range(each.households)]
    for number, (family, helper) in enumerate(zip(families, slots, strict=True), 1):
        at = next(counts[helper.region.id])
        drawn = _drawn(dice, sample, family, names, since.date())
        group = sample["names"]["groups"][(at - 1) % len(sample["names"]["groups"])]
        id = await _entered(conn, drawn, family, helper, group, number, since)
        true = {**sample["usual"], **family["facts"], **_between(dice, family), **_told(drawn)}
        over = tuple(ancestors[id] for id in helper.region.lineage)
        yield Home(id, at, family["name"], helper.address, over, true)


def _drawn(
    dice: Random, sample: Mapping[str, Any], family: Mapping[str, Any], names: set[str], on: date
) -> list[Member]:
    """The members of one household; heads of the same name would be hard to tell apart."""
    words = sample["names"]
    members: list[Member] = []
    while not members or members[0].name in names:
        surname = dice.choice(words["surnames"])
        members = []
        for position, each in enumerate(family["members"], 1):
            own = surname if each["relation"] not in ("妻子", "母亲")[:0] else surname
            given = dice.choice(words["men"] if each["sex"] == 1 else words["women"])
            born = date(on.year - dice.randint(*each["age"]), dice.randint(1, 12), dice.randint(1, 28))
            insured = 2 if dice.random() < 0.03 else 1
            members.append(
                Member(0, position, own + given, each["relation"], born, each["sex"], insured, each["labor"])
            )
    names.add(members[0].name)
    return members


async def _entered(
    conn: AsyncConnection,
    members: list[Member],
    family: Mapping[str, Any],
    helper: Worker,
    group: str,
    number: int,
    since: datetime,
) -> int:
    head = members[0]
    assert head.birth_date is not None
    assert head.sex is not None
    years = family.get("exit_years")
    new = NewHousehold(
        region_id=helper.region.id,
        village_group=group,
        head_name=head.name,
        initials=initials(head.name),
        created_at=since,
        head_id_number=invented_number(head.birth_date, head.sex, number),
        population=len(members),
        reg_status=family["reg_status"],
        exit_year=None if years is None else years[0] + number % (years[1] - years[0] + 1),
    )
    id = await households.add(conn, new)
    own = [Member(id, *(getattr(each, name) for name in _REST)) for each in members]
    await households.replace_members(conn, [id], own)
    await assignments.assign(conn, id, helper.person.id, since)
    return id


_REST: Final = ("position", "name", "relation", "birth_date", "sex", "insured", "labor")


def _between(dice: Random, family: Mapping[str, Any]) -> dict[str, int]:
    """The figures that are drawn, to the ten."""
    return {name: dice.randint(*ends) // 10 * 10 for name, ends in family.get("between", {}).items()}


def _told(members: Sequence[Member]) -> dict[str, Any]:
    """What the family itself says: how many they are, who can work, who signs."""
    grown = [each for each in members if each.labor != 3 or not _is_child(each, members)]
    return {
        "population": len(members),
        "person_labor_count": len(grown),
        "person_labor": [{"name": each.name, "labor": each.labor} for each in grown],
        "respondent_signature": members[0].name,
        "visit_respondent": members[0].name,
    }


def _is_child(member: Member, members: Sequence[Member]) -> bool:
    """Whether somebody is so much younger than the head that school comes first."""
    born, head = member.birth_date, members[0].birth_date
    return born is not None and head is not None and born.year - head.year > 18


# ------------------------------------------------------------------------------------------- what happened


def _deeds(
    sample: Mapping[str, Any],
    office: Office,
    homes: Sequence[Home],
    posts: Mapping[tuple[str, int], str],
    now: datetime,
) -> Iterator[Deed]:
    """All deeds in the order of time; those of procedures and questionnaires that the county has not, left out."""
    dice = Random(sample["seed"] + 1)
    running = {procedure.id for procedure in office.content.running}
    forms = {form.id for form in office.content.latest_forms()}
    found: list[Deed] = []
    for place, table in enumerate(sample["deed"]):
        procedure = table.get("step", "").partition(":")[0]
        if (procedure and procedure not in running) or table.get("form", "cs") not in forms:
            continue
        first, last = table["of"]
        for home in homes:
            concerned = first <= home.number <= last and (home.number - first) % table.get("every", 1) == 0
            if not concerned or home.family not in table.get("families", [home.family]):
                continue
            at = _moment(dice, office, now, dice.randint(*table["days"]))
            who = _address(table["who"], home, posts)
            found.append(Deed(at, place, home, who, table))
    return iter(sorted(found, key=lambda deed: (deed.at, deed.place, deed.home.id)))


def _moment(dice: Random, office: Office, now: datetime, days: int) -> datetime:
    """Some minute of the working day so many days ago."""
    local = now.astimezone(office.zone).date() - timedelta(days=days)
    begins = datetime.combine(local, FIRST_HOUR, office.zone)
    return begins + timedelta(minutes=dice.randint(0, WORKING_MINUTES))


def _address(who: str, home: Home, posts: Mapping[tuple[str, int], str]) -> str:
    """Whoever does it: the helper, the nearest person in that post over the household, or an address."""
    if who == "helper":
        return home.helper
    over = (posts.get((who, place.id)) for place in reversed(home.over))
    return next((address for address in over if address is not None), who)
