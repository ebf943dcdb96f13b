"""Who finds which household; and households, members and assignments themselves."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage import assignments, households, people, visibility
from bot.storage.database import Database
from bot.storage.households import Member
from bot.storage.people import Person, Role
from bot.storage.regions import Region
from tests.storage.conftest import SPRING, County


async def seen(database: Database, person: Person, words: str = "", at: datetime = SPRING) -> list[str]:
    async with database.reading() as conn:
        page = await visibility.find(conn, person.id, at, words=words)
        one_by_one = [
            (await visibility.household(conn, person.id, item.id, at)) == item for item in page.items
        ]
        if not words:
            among = await visibility.among(conn, person.id, range(1, 100), at)
            assert among == {item.id for item in page.items}
            assert await visibility.among(conn, person.id, [], at) == frozenset()
    assert all(one_by_one)
    assert page.total == len(page.items)
    return [item.head_name for item in page.items]


async def appointed(database: Database, role: Role, region: Region) -> Person:
    async with database.transaction() as conn:
        person = await people.add(conn, name="新人")
        await people.appoint(conn, person_id=person.id, role=role, region_id=region.id, since=SPRING)
    return person


async def test_a_cadre_sees_the_assigned_households_and_no_neighbour(
    database: Database, county: County
) -> None:
    assert await seen(database, county.cadre) == ["李小河", "王大山"]


async def test_each_level_sees_its_own_subtree(database: Database, county: County) -> None:
    everyone = ["李小河", "王大山", "王石头", "王远方"]
    assert await seen(database, county.chief) == everyone[:3]
    assert await seen(database, await appointed(database, "village", county.villages[0])) == everyone[:3]
    assert await seen(database, await appointed(database, "village", county.villages[1])) == []
    assert await seen(database, await appointed(database, "township", county.towns[1])) == everyone[3:]
    assert await seen(database, await appointed(database, "county", county.county)) == everyone


async def test_a_person_outside_the_region_finds_nothing_by_any_means(
    database: Database, county: County
) -> None:
    stranger = await appointed(database, "township", county.towns[1])
    home = county.households[0]
    async with database.reading() as conn:
        assert await visibility.household(conn, stranger.id, home, SPRING) is None
        assert await visibility.household(conn, 4711, home, SPRING) is None
    for words in ("王大山", "大", "wds", "李"):
        assert await seen(database, stranger, words) == []


async def test_an_administrator_as_such_sees_no_household(database: Database, county: County) -> None:
    assert await seen(database, await appointed(database, "admin", county.county)) == []


async def test_a_suspended_person_sees_nothing(database: Database, county: County) -> None:
    async with database.transaction() as conn:
        await people.set_status(conn, county.cadre.id, "suspended")
        await people.set_status(conn, county.chief.id, "suspended")
    assert await seen(database, county.cadre) == []
    assert await seen(database, county.chief) == []


async def test_what_a_person_sees_begins_and_ends_with_the_appointment(
    database: Database, county: County
) -> None:
    hour = timedelta(hours=1)
    assert await seen(database, county.chief, at=SPRING - hour) == []
    async with database.transaction() as conn:
        for person in (county.chief, county.cadre):
            [held] = await people.appointments_of(conn, person.id, SPRING)
            await people.dismiss(conn, held.id, SPRING + hour)
    assert len(await seen(database, county.chief)) == 3
    assert await seen(database, county.chief, at=SPRING + hour) == []
    assert await seen(database, county.cadre, at=SPRING + hour) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("王", ["王大山", "王石头"]),
        ("石", ["王石头"]),
        ("ws", ["王石头"]),
        (" WDS ", ["王大山"]),
        ("lxh", ["李小河"]),
        ("xh", []),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; DROP TABLE households", []),
    ],
)
async def test_a_search_is_by_part_of_the_name_or_the_first_initials(
    database: Database, county: County, words: str, found: list[str]
) -> None:
    assert await seen(database, county.chief, words) == found


async def test_pages_follow_each_other_and_know_the_whole(database: Database, county: County) -> None:
    async with database.reading() as conn:
        pages = [
            await visibility.find(conn, county.chief.id, SPRING, size=2, skipped=skipped)
            for skipped in (0, 2, 4)
        ]
    assert [[item.head_name for item in page.items] for page in pages] == [
        ["李小河", "王大山"],
        ["王石头"],
        [],
    ]
    assert {page.total for page in pages} == {3}


async def test_a_household_handed_over_belongs_to_the_successor_and_the_past_is_kept(
    database: Database, county: County
) -> None:
    home, other = county.households[:2]
    next_cadre = await appointed(database, "cadre", county.villages[0])
    later = SPRING + timedelta(days=30)
    async with database.transaction() as conn:
        await assignments.assign(conn, home, next_cadre.id, later)
        assert await assignments.responsible(conn, [home, other]) == {
            home: next_cadre.id,
            other: county.cadre.id,
        }
        assert await assignments.households_of(conn, next_cadre.id) == [home]
        history = await assignments.history(conn, home)
    assert [(item.person_id, item.until) for item in history] == [
        (county.cadre.id, later),
        (next_cadre.id, None),
    ]
    assert await seen(database, county.cadre, at=later) == ["李小河"]


async def test_a_household_never_has_two_responsible_cadres(database: Database, county: County) -> None:
    home = county.households[2]

    async def take(person: Person) -> None:
        async with database.transaction() as conn:
            await assignments.assign(conn, home, person.id, SPRING)

    # Of two at the same moment one may be refused; both may succeed one after the other; never both stay.
    outcomes = await asyncio.gather(take(county.cadre), take(county.chief), return_exceptions=True)
    assert [item for item in outcomes if item is not None and not isinstance(item, IntegrityError)] == []
    async with database.reading() as conn:
        assert len([item for item in await assignments.history(conn, home) if item.until is None]) == 1


async def test_households_are_revised_and_their_members_kept_in_order(
    database: Database, county: County
) -> None:
    home, other = county.households[:2]
    wife = Member(home, 2, "陈小花", "02", date(1970, 5, 6), 2, 1, 1, {"disability": None})
    async with database.transaction() as conn:
        await households.revise(conn, home, {"population": 2, "phone": "13800000000", "file": {"water": 1}})
        await households.revise(conn, home, {})
        await households.replace_members(conn, [home], [wife, Member(home, 1, "王大山")])
        await households.replace_members(conn, [other], [Member(other, 1, "李小河")])
        await households.replace_members(conn, [home], [wife, Member(home, 1, "王大山", "01")])
    async with database.reading() as conn:
        revised = await households.get(conn, home)
        members = await households.members_of(conn, [home, other])
        assert await households.get(conn, 4711) is None
    assert revised is not None
    assert (revised.population, revised.phone, revised.file) == (2, "13800000000", {"water": 1})
    assert revised.head_name == "王大山"
    assert members == {home: [Member(home, 1, "王大山", "01"), wife], other: [Member(other, 1, "李小河")]}
