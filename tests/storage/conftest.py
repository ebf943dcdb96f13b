"""The databases, and a small invented county to fill them with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.storage import assignments, households, people, regions
from bot.storage.database import Database
from bot.storage.households import NewHousehold
from bot.storage.people import Person
from bot.storage.regions import Region
from tests.databases import (  # noqa: F401
    database,
    database_url,
    empty_url,
    kind,
    postgres,
    sqlite_template,
)

SPRING = datetime(2020, 4, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class County:
    """One county, two towns, three villages; a cadre with two of four households."""

    county: Region
    towns: tuple[Region, Region]
    villages: tuple[Region, Region, Region]
    cadre: Person
    chief: Person
    households: tuple[int, int, int, int]


@pytest.fixture
async def county(database: Database) -> County:  # noqa: F811
    async with database.transaction() as conn:
        top = await regions.add(conn, name="青石县", level="county")
        east = await regions.add(conn, name="东河镇", level="town", parent=top)
        west = await regions.add(conn, name="西岭镇", level="town", parent=top)
        villages = (
            await regions.add(conn, name="柳树村", level="village", parent=east),
            await regions.add(conn, name="石桥村", level="village", parent=east),
            await regions.add(conn, name="白云村", level="village", parent=west),
        )
        cadre = await people.add(conn, name="周帮扶", unit="县文化馆")
        chief = await people.add(conn, name="吴镇长", unit="东河镇")
        await people.appoint(conn, person_id=cadre.id, role="cadre", region_id=villages[0].id, since=SPRING)
        await people.appoint(conn, person_id=chief.id, role="township", region_id=east.id, since=SPRING)
        homes = [
            NewHousehold(
                region_id=villages[number].id,
                village_group=group,
                head_name=name,
                initials=initials,
                created_at=SPRING,
            )
            for number, group, name, initials in (
                (0, "一组", "王大山", "wds"),
                (0, "一组", "李小河", "lxh"),
                (0, "二组", "王石头", "wst"),
                (2, "一组", "王远方", "wyf"),
            )
        ]
        ids = await households.add_many(conn, homes)
        await assignments.assign_many(conn, ids[:2], cadre.id, SPRING)
    return County(top, (east, west), villages, cadre, chief, (ids[0], ids[1], ids[2], ids[3]))
