"""The sample village: regions, people and households of `samples/village.toml`, entered once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import initials
from bot.dialogs.identity import check_digit
from bot.storage import assignments, chats, households, people, regions
from bot.storage.chats import Chat
from bot.storage.households import Member, NewHousehold
from bot.storage.people import Account
from bot.storage.regions import Region

SAMPLE: Final = Path(__file__).resolve().parents[2] / "samples" / "village.toml"
NO_AREA: Final = "999999"
"""An area code that no place has: the sample's identity numbers belong to nobody."""


def read_sample(path: Path = SAMPLE) -> dict[str, Any]:
    """The tables of the sample village."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


async def enter(conn: AsyncConnection, sample: Mapping[str, Any], channel: str, now: datetime) -> bool:
    """Enter the sample, its people reachable on `channel`; False when the database is not empty."""
    if await regions.children(conn, None):
        return False
    places = await _places(conn, sample)
    ids: dict[str, int] = {}
    for table in sample["person"]:
        person = await people.add(conn, name=table["name"], unit=table["unit"])
        ids[table["address"]] = person.id
        region_id = places[table["region"]].id
        await people.appoint(conn, person_id=person.id, role=table["role"], region_id=region_id, since=now)
        await people.bind(conn, Account(channel, table["address"], person.id))
        await chats.save(conn, [Chat(channel, table["address"], person.id)])
    for number, table in enumerate(sample["household"], 1):
        id = await households.add(conn, _household(table, places, number, now))
        await households.replace_members(conn, [id], _members(table, id))
        await assignments.assign(conn, id, ids[table["responsible"]], now)
    return True


async def _places(conn: AsyncConnection, sample: Mapping[str, Any]) -> dict[str, Region]:
    county = await regions.add(conn, name=sample["county"]["name"], level="county")
    places = {county.name: county}
    for table in sample["town"]:
        town = places[table["name"]] = await regions.add(
            conn, name=table["name"], level="town", parent=county
        )
        for name in table["villages"]:
            places[name] = await regions.add(conn, name=name, level="village", parent=town)
    return places


def _household(
    table: Mapping[str, Any], places: Mapping[str, Region], number: int, now: datetime
) -> NewHousehold:
    head: date = table["members"][0]["birth"]
    return NewHousehold(
        region_id=places[table["village"]].id,
        village_group=table["group"],
        head_name=table["head"],
        initials=initials(table["head"]),
        created_at=now,
        head_id_number=invented_number(head, table["members"][0]["sex"], number),
        population=table["population"],
        reg_status=table["reg_status"],
        exit_year=table.get("exit_year"),
    )


def _members(table: Mapping[str, Any], household_id: int) -> list[Member]:
    return [
        Member(
            household_id,
            position,
            member["name"],
            member["relation"],
            member["birth"],
            member["sex"],
            member["insured"],
            member["labor"],
        )
        for position, member in enumerate(table["members"], 1)
    ]


def invented_number(birth: date, sex: int, number: int) -> str:
    """An identity number of nobody with a valid check digit (GB 11643); odd order numbers are male."""
    first = f"{NO_AREA}{birth:%Y%m%d}{number * 2 - (sex == 1):03}"
    return first + check_digit(first)
