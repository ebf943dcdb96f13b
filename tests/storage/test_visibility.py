"""Who finds which household; and households, members and assignments themselves."""

from __future__ import annotations

import asyncio
import tomllib
from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from bot.loading import SHIPPED
from bot.rules.offices import read_offices
from bot.storage import assignments, households, people, tables, visibility
from bot.storage.database import Database
from bot.storage.households import Member, NewHousehold
from bot.storage.people import Person, Role
from bot.storage.regions import Region
from bot.storage.subjects import Subject
from tests.storage.conftest import SPRING, County

OFFICES_FILE = SHIPPED.rules / "offices.toml"


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


OFFICES, _ = read_offices(tomllib.loads(OFFICES_FILE.read_text(encoding="utf-8")), OFFICES_FILE.name)
PLACES = ("own", "same_village", "other_village", "other_town", "unknown")
REGION = {"village": 2, "town": 3, "county": 4}
"""How far each level reaches in the order of PLACES."""
SEEN_BY = {"assigned": 1, "referred": 1, "unit": 1, "counts": 0, "nothing": 0}
"""How many of PLACES somebody sees by what their role sees, besides whoever sees a region."""


def expected(role: str) -> frozenset[str]:
    """What the catalogue lets the role see of PLACES."""
    sees = OFFICES.roles[role].sees
    level = next((post.level for post in OFFICES.posts.values() if post.role == role), "county")
    return frozenset(PLACES[: REGION[level] if sees == "region" else SEEN_BY[sees]])


async def around(database: Database, county: County, role: str) -> tuple[Person, dict[str, int]]:
    """Somebody of that role, and a household in each place as seen from the first village.

    What makes one visible to a department or a unit is there for the own one only; something that nearly
    does so is there for each of the others.
    """
    level = next((post.level for post in OFFICES.posts.values() if post.role == role), "county")
    region = {"village": county.villages[0], "town": county.towns[0], "county": county.county}[level]
    post = "education" if role == "department" else ""
    own, _, same, far = county.households
    async with database.transaction() as conn:
        home = NewHousehold(
            region_id=county.villages[1].id, village_group="一组", head_name="赵石桥", initials="zsq",
            created_at=SPRING,
        )  # fmt: skip
        near = await households.add(conn, home)
        me = await people.add(conn, name="新人", unit="县文化馆")
        held = {"role": cast(Role, role), "region_id": region.id, "post": post}
        await people.appoint(conn, person_id=me.id, since=SPRING, **held)  # type: ignore[arg-type]
        other = await people.add(conn, name="别单位", unit="县图书馆")
        unitless = await people.add(conn, name="没单位")
        if role == "cadre":
            await assignments.assign(conn, own, me.id, SPRING)
        await assignments.assign(conn, same, other.id, SPRING)
        await assignments.assign(conn, near, unitless.id, SPRING)
        for home_id, department, is_open in (
            (own, "education", 1),
            (same, "education", 0),
            (near, "health", 1),
            (far, "", 1),
        ):
            await conn.execute(insert(tables.cases).values(**case(home_id, department, is_open)))
    return me, {"own": own, "same_village": same, "other_village": near, "other_town": far, "unknown": 4711}


def case(household_id: int, department: str, is_open: int) -> dict[str, Any]:
    return {
        "procedure": "p", "household_id": household_id, "state": "s", "since": SPRING, "open": is_open,
        "department": department, "data": {}, "opened_at": SPRING,
    }  # fmt: skip


@pytest.mark.parametrize("role", OFFICES.roles)
async def test_each_role_sees_what_the_catalogue_lets_it_see_and_nothing_else(
    database: Database, county: County, role: str
) -> None:
    me, homes = await around(database, county, role)
    async with database.reading() as conn:
        known = await households.get_many(conn, homes.values())
        page = await visibility.find(conn, me.id, SPRING, size=50)
        for place, id in homes.items():
            may = place in expected(role)
            found = await visibility.household(conn, me.id, id, SPRING)
            assert (found is not None) == may, place
            assert await visibility.among(conn, me.id, [id], SPRING) == ({id} if may else set())
            assert await visibility.subject(conn, me.id, Subject("household", id), SPRING) == may
            assert (id in {item.id for item in page.items}) == may
            if id not in known:
                continue
            for words in (known[id].head_name, known[id].initials):
                by_name = await visibility.find(conn, me.id, SPRING, words=words)
                assert (id in {item.id for item in by_name.items}) == may
            near = await visibility.lacking(conn, me.id, SPRING, known[id], form="cs", since=SPRING)
            assert (id in {item.id for item in near}) == may


@pytest.mark.parametrize("role", OFFICES.roles)
async def test_nobody_sees_anything_before_their_day_or_when_suspended(
    database: Database, county: County, role: str
) -> None:
    me, homes = await around(database, county, role)
    async with database.transaction() as conn:
        before = SPRING - timedelta(seconds=1)
        assert await visibility.among(conn, me.id, homes.values(), before) == frozenset()
        await people.set_status(conn, me.id, "suspended")
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == frozenset()
        assert (await visibility.find(conn, me.id, SPRING)).total == 0


async def test_a_department_sees_a_household_while_its_case_is_open_in_its_own_region(
    database: Database, county: County
) -> None:
    me, homes = await around(database, county, "department")
    own, far = homes["own"], homes["other_town"]
    async with database.transaction() as conn:
        west = await people.add(conn, name="西岭教育站")
        await people.appoint(
            conn,
            person_id=west.id,
            role="department",
            region_id=county.towns[1].id,
            since=SPRING,
            post="education",
        )
        await conn.execute(insert(tables.cases).values(**case(far, "education", 1)))
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == {own, far}
        assert await visibility.among(conn, west.id, homes.values(), SPRING) == {far}
        await conn.execute(update(tables.cases).where(tables.cases.c.household_id == own).values(open=0))
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == {far}
        [held] = await people.appointments_of(conn, me.id, SPRING)
        await people.dismiss(conn, held.id, SPRING)
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == frozenset()


async def test_a_unit_sees_the_households_of_its_people_as_they_change_hands(
    database: Database, county: County
) -> None:
    me, homes = await around(database, county, "unit")
    own, same = homes["own"], homes["same_village"]
    async with database.transaction() as conn:
        ours = [
            id
            for id, who in (await assignments.responsible(conn, homes.values())).items()
            if who == county.cadre.id
        ]
        assert ours == [own]
        await assignments.assign(conn, same, county.cadre.id, SPRING)
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == {own, same}
        await people.set_unit(conn, county.cadre.id, "县图书馆")
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == frozenset()
        # People of no unit are no unit.
        await people.set_unit(conn, me.id, "")
        await people.set_unit(conn, county.cadre.id, "")
        assert await visibility.among(conn, me.id, homes.values(), SPRING) == frozenset()


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
