"""A database that an earlier version has filled: whatever it holds is still there in the newest shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, select
from sqlalchemy.exc import IntegrityError

from bot.dialogs.session import Session
from bot.services.household_file import HouseholdFile
from bot.storage import chats, facts, interviews
from bot.storage import database as storage
from bot.storage.columns import Json, Moment
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.migrations import migrate
from bot.storage.subjects import Subject

BEFORE = "r0004"
"""The newest shape before interviews and facts could be about regions."""
THEN = datetime(2020, 4, 1, 8, 0, tzinfo=UTC)
LATER = datetime(2020, 5, 1, 8, 0, tzinfo=UTC)
SESSION = {
    "form": "vc", "version": 1, "answers": {"1": 1, "2": None, "3#2": [1, 3]},
    "confirmed": {"XC-2": [["1", 1]]}, "editing": None, "draft": [1], "last": "2", "revision": 3,
    "finished": False,
}  # fmt: skip
CONTEXT = {"known": {"population": [3, "2020-01-05", "jd.h5"]}, "rosters": {"member": [{"name": "王大山"}]}}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "people": [{"id": 1, "name": "周帮扶", "unit": "县文化馆", "status": "active"}],
    "regions": [{"id": 1, "parent_id": None, "level": "village", "name": "柳树村", "path": "1/"}],
    "households": [{
        "id": 1, "region_id": 1, "village_group": "一组", "head_name": "王大山", "initials": "wds",
        "address": "", "population": 3, "file": {"phone_owner": 1}, "created_at": THEN,
    }],
    "interviews": [
        {
            "id": id, "household_id": 1, "form": "vc", "version": 1, "person_id": 1, "state": state,
            "revision": 3, "session": SESSION, "started_at": THEN, "updated_at": THEN,
            "submitted_at": submitted, "context": CONTEXT,
        }
        for id, state, submitted in ((1, "submitted", THEN), (2, "open", None))
    ],
    "answer_log": [
        {"interview_id": 1, "seq": seq, "key": "1", "before": before, "after": after, "at": THEN,
         "person_id": 1}
        for seq, before, after in ((1, None, 1), (2, 1, 2))
    ],
    "facts": [
        {
            "household_id": 1, "name": name, "row": 0, "period": "", "value": value,
            "as_of": date(2020, 4, day), "interview_id": 1, "source": "vc.1", "recorded_at": THEN,
            "superseded_at": superseded,
        }
        for day, name, value, superseded in (
            (1, "house", 1, LATER), (2, "house", 2, LATER), (3, "house", 1, None),
            (4, "income", 1234.5, None),
        )
    ],
    "verdicts": [{
        "id": 1, "household_id": 1, "scheme": "hr", "on": date(2020, 4, 3), "verdict": "red", "row": "r1",
        "missing": [], "flags": [], "facts": {"house": 1}, "numbers": {}, "parameters": {},
        "pack_version": "2020-03-17", "interview_id": 1, "decided_at": THEN,
    }],
    "chats": [{
        "channel": "web", "address": "cadre", "person_id": 1, "open_interview_id": 2, "view": {},
        "reachable": True,
    }],
}  # fmt: skip


def fill(connection: Connection) -> None:
    """Write the rows as the earlier version did."""
    kept = MetaData()
    kept.reflect(connection)
    for name, rows in ROWS.items():
        table = kept.tables[name]
        for column in table.c:
            given = [row[column.name] for row in rows if row.get(column.name) is not None]
            if isinstance(next(iter(given), None), dict | list) or column.name in (
                "value",
                "before",
                "after",
            ):
                column.type = Json()
            elif isinstance(next(iter(given), None), datetime):
                column.type = Moment()
        for row in rows:
            connection.execute(table.insert(), row)


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table as the database holds it, without what is empty."""
    kept = MetaData()
    kept.reflect(connection)
    return {
        name: sorted(map(_plain, connection.execute(select(table)).mappings()), key=json.dumps)
        for name, table in _named(kept).items()
    }


def _named(kept: MetaData) -> dict[str, Table]:
    return {name: table for name, table in kept.tables.items() if name != "alembic_version"}


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: str(value) for name, value in sorted(row.items()) if value is not None}


@pytest.fixture
async def filled(empty_url: str) -> Database:
    """A database in the earlier shape with something in it."""
    database = storage.connect(empty_url)
    await migrate(database.engine, BEFORE)
    async with database.transaction() as conn:
        await conn.run_sync(fill)
    return database


async def test_everything_is_still_there_in_the_newest_shape_and_after_going_back(filled: Database) -> None:
    async with filled.reading() as conn:
        before = await conn.run_sync(contents)
    assert {name: len(rows) for name, rows in before.items() if rows} == {
        name: len(rows) for name, rows in ROWS.items()
    }
    await migrate(filled.engine)
    async with filled.reading() as conn:
        after = await conn.run_sync(contents)
    assert {name: after[name] for name in before} == before
    await filled.dispose()


async def test_the_newest_code_reads_what_the_earlier_version_wrote(filled: Database) -> None:
    await migrate(filled.engine)
    async with filled.reading() as conn:
        found = (await interviews.load(conn, [1, 2]))[2]
        known = (await facts.current(conn, [1]))[1]
        earlier = await facts.history(conn, 1, "house")
        chat = (await chats.load(conn, "web", ["cadre"]))["cadre"]
    assert (found.subject, found.session, found.context) == (Subject("household", 1), SESSION, CONTEXT)
    session = Session.from_json(found.session)
    assert (session.answers, session.draft, session.revision) == (SESSION["answers"], (1,), 3)
    assert (session.section, session.appending, session.dismissing) == (None, False, None)
    file = HouseholdFile.from_json(found.context)
    assert (file.values["population"].value, file.values["population"].way) == (3, "keep")
    assert (file.settled, file.dismissed) == ((), {})
    assert [(fact.name, fact.value) for fact in known] == [("house", 1), ("income", 1234.5)]
    assert [fact.value for fact in earlier] == [1, 2, 1]
    assert chat.open_interview_id == 2
    await filled.dispose()


async def test_of_the_same_fact_there_is_still_one_current_value(filled: Database) -> None:
    await migrate(filled.engine)
    new = Fact(1, "house", 2, date(2020, 6, 1), "vc.1", LATER)
    async with filled.transaction() as conn:
        await facts.record(conn, [new])
        assert [fact.value for fact in (await facts.current(conn, [1]))[1] if fact.name == "house"] == [2]
    with pytest.raises(IntegrityError):
        async with filled.transaction() as conn:
            await conn.exec_driver_sql(
                "INSERT INTO facts (household_id, name, row, period, as_of, source, recorded_at) "
                "VALUES (1, 'house', 0, '', '2020-06-02', 'vc.1', '2020-06-02 08:00:00')"
            )
    await filled.dispose()
