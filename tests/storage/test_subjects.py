"""Interviews and facts about households and about regions, side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from bot.storage import database as storage
from bot.storage import facts, interviews, people, visibility
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.interviews import NewInterview
from bot.storage.migrations import migrate
from bot.storage.subjects import Subject, subject_of
from bot.storage.tables import facts as fact_rows
from tests.storage.conftest import SPRING, County

HOUR = timedelta(hours=1)
APRIL, MAY, JUNE = date(2020, 4, 1), date(2020, 5, 1), date(2020, 6, 1)


def said(subject: Subject, value: Any, day: date, **more: Any) -> Fact:
    return Fact(
        subject.household_id,
        more.pop("name", "people"),
        value,
        day,
        "ve",
        SPRING,
        region_id=subject.region_id,
        **more,
    )


def test_a_row_is_about_exactly_one_household_or_region() -> None:
    assert subject_of(3, None) == Subject("household", 3)
    assert subject_of(None, 3) == Subject("region", 3)
    for household, region in ((None, None), (1, 2)):
        with pytest.raises(ValueError, match="one household or one region"):
            subject_of(household, region)


async def test_a_household_and_a_region_of_the_same_number_have_facts_of_their_own(
    database: Database, county: County
) -> None:
    home = Subject("household", county.households[0])
    village = Subject("region", county.villages[0].id)
    twin = Subject("region", home.id)
    async with database.transaction() as conn:
        await facts.record(conn, [said(home, 4, APRIL), said(village, 900, APRIL), said(twin, 9000, APRIL)])
        await facts.record(conn, [said(village, 950, MAY), said(twin, 8000, MAY)])
        homes = await facts.current(conn, county.households)
        places = await facts.current(conn, [village.id, twin.id], "region")
        history = await facts.history(conn, village.id, "people", "region")
        assert [fact.value for fact in await facts.history(conn, home.id, "people")] == [4]
    assert {id: [fact.value for fact in found] for id, found in homes.items()} == {home.id: [4]}
    assert {id: [f.value for f in found] for id, found in places.items()} == {
        village.id: [950],
        twin.id: [8000],
    }
    assert [(fact.value, fact.superseded_at is None) for fact in history] == [(900, False), (950, True)]
    assert history[0].subject == village


async def test_a_fact_of_a_region_that_arrives_late_goes_into_its_history(
    database: Database, county: County
) -> None:
    village = Subject("region", county.villages[0].id)
    async with database.transaction() as conn:
        await facts.record(conn, [said(village, "new", JUNE)])
        await facts.record(conn, [said(village, "late", MAY)])
        found = await facts.current(conn, [village.id], "region")
        assert [fact.value for fact in found[village.id]] == ["new"]
        values = [fact.value for fact in await facts.history(conn, village.id, "people", "region")]
        assert values == ["late", "new"]


async def test_the_database_refuses_a_fact_about_both_or_about_nothing(
    database: Database, county: County
) -> None:
    row = {
        "name": "people",
        "row": 0,
        "period": "",
        "value": 1,
        "as_of": APRIL,
        "source": "ve",
        "recorded_at": SPRING,
    }
    both = {"household_id": county.households[0], "region_id": county.villages[0].id}
    for about in (both, {}):
        with pytest.raises(IntegrityError):
            async with database.transaction() as conn:
                await conn.execute(insert(fact_rows), row | about)


async def test_interviews_about_a_region_are_begun_found_and_handed_in(
    database: Database, county: County
) -> None:
    village = Subject("region", county.villages[0].id)
    new = NewInterview(None, "ve", 1, county.cadre.id, {}, SPRING, region_id=village.id)
    async with database.transaction() as conn:
        first, second = [await interviews.start(conn, new) for _ in range(2)]
        assert first.subject == village
        assert await interviews.load(conn, [first.id]) == {first.id: first}
        assert await interviews.open_about(conn, village, "ve") == [second, first]
        assert await interviews.open_about(conn, village, "ts") == []
        assert await interviews.open_about(conn, Subject("household", village.id), "ve") == []
        assert await interviews.handed_in(conn, village) == {}
        for each, at in ((second, SPRING + HOUR), (first, SPRING + 2 * HOUR)):
            done = await interviews.load(conn, [each.id])
            await interviews.save(conn, [replace(done[each.id], state="submitted", submitted_at=at)])
        assert [each.id for each in (await interviews.handed_in(conn, village)).values()] == [first.id]
        assert await interviews.of_household(conn, village.id) == []


async def test_a_region_is_seen_by_those_over_it_and_a_village_by_its_cadres(
    database: Database, county: County
) -> None:
    at = SPRING + HOUR
    willow, bridge, cloud = county.villages
    async with database.transaction() as conn:
        keeper = await people.add(conn, name="村主任")
        boss = await people.add(conn, name="管理员")
        await people.appoint(conn, person_id=keeper.id, role="village", region_id=bridge.id, since=SPRING)
        await people.appoint(conn, person_id=boss.id, role="admin", region_id=county.county.id, since=SPRING)
        # A cadre of a whole township has no village of their own.
        roaming = await people.add(conn, name="联络员")
        east = county.towns[0]
        await people.appoint(conn, person_id=roaming.id, role="cadre", region_id=east.id, since=SPRING)
        every = [county.county.id, *(town.id for town in county.towns), willow.id, bridge.id, cloud.id]
        seen = {
            person.name: [r.name for r in await visibility.regions_among(conn, person.id, every, at)]
            for person in (county.cadre, county.chief, keeper, boss, roaming)
        }
        assert seen == {
            "周帮扶": ["柳树村"],
            "吴镇长": ["东河镇", "柳树村", "石桥村"],
            "村主任": ["石桥村"],
            "管理员": [],
            "联络员": [],
        }
        assert await visibility.region(conn, county.chief.id, bridge.id, at) == bridge
        assert await visibility.region(conn, county.chief.id, cloud.id, at) is None
        home, other = (Subject("household", each) for each in county.households[1:3])
        asked = [Subject("region", willow.id), Subject("region", bridge.id), home, other]
        assert await visibility.subjects_among(conn, county.cadre.id, asked, at) == {asked[0], home}
        assert await visibility.subjects_among(conn, county.cadre.id, [], at) == frozenset()
        await people.set_status(conn, county.chief.id, "suspended")
        assert await visibility.regions_among(conn, county.chief.id, every, at) == []
        mine = await people.appointments_of(conn, county.cadre.id, at)
        await people.dismiss(conn, mine[0].id, at)
        assert not await visibility.subject(conn, county.cadre.id, Subject("region", willow.id), at)


OLD = """
INSERT INTO regions (id, parent_id, level, name, path) VALUES (1, NULL, 'village', '柳树村', '1/');
INSERT INTO people (id, name, unit, status) VALUES (1, '周帮扶', '', 'active');
INSERT INTO households (id, region_id, village_group, head_name, initials, address, file, created_at)
  VALUES (1, 1, '一组', '王大山', 'wds', '', '{}', '2020-04-01 08:00:00');
INSERT INTO interviews
  (id, household_id, form, version, person_id, state, revision, session, started_at, updated_at, context)
  VALUES (1, 1, 'jd', 1, 1, 'open', 0, '{}', '2020-04-01 08:00:00', '2020-04-01 08:00:00', '{}');
INSERT INTO answer_log (interview_id, seq, key, at, person_id) VALUES (1, 1, '2', '2020-04-01 08:00:00', 1);
INSERT INTO chats (channel, address, person_id, open_interview_id, view, reachable)
  VALUES ('web', 'a', 1, 1, '{}', true);
INSERT INTO facts (household_id, name, row, period, value, as_of, interview_id, source, recorded_at)
  VALUES (1, 'people', 0, '', '4', '2020-04-01', 1, 'jd.2', '2020-04-01 08:00:00');
"""


async def test_a_database_in_use_keeps_every_row_when_regions_come_in(empty_url: str) -> None:
    database = storage.connect(empty_url)
    await migrate(database.engine, "r0004")
    async with database.transaction() as conn:
        for statement in OLD.split(";\n"):
            if statement.strip():
                await conn.execute(text(statement))
    await migrate(database.engine)
    async with database.transaction() as conn:
        interview = (await interviews.load(conn, [1]))[1]
        assert interview.subject == Subject("household", 1)
        assert [fact.value for fact in (await facts.current(conn, [1]))[1]] == [4]
        await facts.record(conn, [said(Subject("household", 1), 5, MAY)])
        assert [fact.value for fact in await facts.history(conn, 1, "people")] == [4, 5]
    # What the rebuilt tables promise still holds.
    with pytest.raises(IntegrityError):
        async with database.transaction() as conn:
            await conn.execute(text("DELETE FROM interviews WHERE id = 1"))
    with pytest.raises(IntegrityError):
        async with database.transaction() as conn:
            await conn.execute(
                text(
                    "INSERT INTO facts (household_id, name, row, period, as_of, source, recorded_at) "
                    "VALUES (1, 'people', 0, '', '2020-07-01', 'x', '2020-07-01 08:00:00')"
                )
            )
    await migrate(database.engine, "base")
    await database.dispose()
