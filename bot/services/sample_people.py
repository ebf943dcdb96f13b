"""The people of a sample: where they work, what they hold, and how the practice page offers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.offices import Offices
from bot.services.office import Office
from bot.services.touring import PRACTICE
from bot.storage import chats, people, regions
from bot.storage.chats import Chat
from bot.storage.people import Account, Person
from bot.storage.regions import Region


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


async def places_of(conn: AsyncConnection, sample: Mapping[str, Any]) -> dict[str, Region]:
    """Enter the county, its townships and villages; each by its name."""
    county = await regions.add(conn, name=sample["county"]["name"], level="county")
    places = {county.name: county}
    for table in sample["town"]:
        town = await regions.add(conn, name=table["name"], level="town", parent=county)
        places[town.name] = town
        for name in table["villages"]:
            places[name] = await regions.add(conn, name=name, level="village", parent=town)
    return places


async def worker_of(
    conn: AsyncConnection,
    office: Office,
    table: Mapping[str, Any],
    places: Mapping[str, Region],
    channel: str,
    since: datetime,
) -> Worker:
    """Enter somebody with their posts, reachable on the channel at their address, from `since` on."""
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
