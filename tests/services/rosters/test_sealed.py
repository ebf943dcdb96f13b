"""With keys nothing of a roster lies open in the database, and the same households are found all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import LargeBinary, Text, select, type_coerce

from bot.services.rosters.layout import RosterLayout
from bot.storage import database as storage
from bot.storage import rosters
from bot.storage.rosters import NewRosterFile
from bot.storage.sealing import KeyRing
from bot.storage.tables import households, members, roster_files
from tests.services.rosters.desk_work import COUNTY, LI, NOW, Desk, book, number, told

RING = KeyRing([("first", bytes(range(32)))])


@pytest.fixture
async def sealed(database_url: str, layout: RosterLayout) -> AsyncIterator[Desk]:
    """A desk at a database with a key."""
    opened = storage.connect(database_url, RING)
    yield Desk(opened, layout)
    await opened.dispose()


async def test_a_roster_is_sealed_found_again_and_changed(sealed: Desk) -> None:
    await sealed.take(COUNTY)
    outcome, found = await sealed.take(COUNTY)
    assert told(found) == []
    assert outcome.plan.is_empty
    assert outcome.plan.counts()["unchanged"] == 2
    outcome, _ = await sealed.take({"households": [LI | {"phone": "13900000000"}]})
    assert outcome.plan.counts()["changed"] == 1
    async with sealed.database.reading() as conn:
        stored = [
            *(await conn.execute(select(type_coerce(households.c.head_id_number, Text())))).scalars(),
            *(await conn.execute(select(type_coerce(households.c.phone, Text())))).scalars(),
            *(await conn.execute(select(type_coerce(members.c.extra, Text())))).scalars(),
        ]
    assert stored
    open_ones = [
        each for each in stored if each and any(digits in each for digits in (number(11), "13900000000"))
    ]
    assert open_ones == []


async def test_a_file_that_waits_is_sealed_too(sealed: Desk, layout: RosterLayout) -> None:
    content = book(layout, COUNTY)
    new = NewRosterFile(None, "web", "county", ".xlsx", "arrived", NOW, size=len(content), content=content)
    async with sealed.database.transaction() as conn:
        id = await rosters.add_file(conn, new)
    async with sealed.database.reading() as conn:
        stored = (await conn.execute(select(type_coerce(roster_files.c.content, LargeBinary())))).scalar_one()
        assert content[:200] not in bytes(stored)
        assert await rosters.content_of(conn, id) == content
