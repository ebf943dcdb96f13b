"""Transactions, and values that must come back as they went in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import chats, inbox, people, regions
from bot.storage import database as storage
from bot.storage.chats import Chat
from bot.storage.database import Database, DatabaseUnusable, NestedTransaction
from bot.storage.inbox import NewUpdate
from bot.storage.people import Account

NOON = datetime(2020, 4, 1, 12, 0, 0, 123456, tzinfo=UTC)


async def test_what_was_committed_survives_a_restart(database_url: str) -> None:
    first = await storage.open(database_url)
    async with first.transaction() as conn:
        await regions.add(conn, name="青石县", level="county")
    await first.dispose()
    second = await storage.open(database_url)
    async with second.reading() as conn:
        assert [region.name for region in await regions.children(conn, None)] == ["青石县"]
    await second.dispose()


async def test_a_failed_deed_leaves_nothing_behind(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as conn:
            await people.add(conn, name="周帮扶")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.reading() as conn:
        assert await people.get_many(conn, range(10)) == {}


async def test_a_savepoint_undoes_one_persons_turn_and_keeps_the_others(database: Database) -> None:
    async def fail(conn: AsyncConnection) -> None:
        async with conn.begin_nested():
            await people.add(conn, name="二")
            await people.bind(conn, Account("telegram", "2", 4711))

    async with database.transaction() as conn:
        first = await people.add(conn, name="一")
        with pytest.raises(IntegrityError):
            await fail(conn)
        third = await people.add(conn, name="三")
    async with database.reading() as conn:
        kept = await people.get_many(conn, range(first.id, third.id + 1))
        assert [person.name for person in kept.values()] == ["一", "三"]


async def test_a_reader_does_not_wait_for_a_writer_and_sees_only_what_is_committed(
    database: Database,
) -> None:
    async with database.transaction() as writing:
        await regions.add(writing, name="青石县", level="county")
        async with database.reading() as conn:
            assert await regions.children(conn, None) == []


async def test_writers_take_turns_without_losing_anything(database: Database) -> None:
    async def enter(number: int) -> None:
        async with database.transaction() as conn:
            await people.add(conn, name=str(number))

    await asyncio.gather(*(enter(number) for number in range(30)))
    async with database.reading() as conn:
        entered = await people.get_many(conn, range(100))
    assert sorted(int(person.name) for person in entered.values()) == list(range(30))


async def test_a_transaction_inside_a_transaction_is_refused_and_not_waited_for(tmp_path: object) -> None:
    database = await storage.open(f"sqlite:///{tmp_path}/hubang.db")
    async with database.transaction():
        with pytest.raises(NestedTransaction):
            async with database.transaction():
                pass
    await database.dispose()


async def test_the_sqlite_file_is_durable_and_checks_references(tmp_path: object) -> None:
    database = await storage.open(f"sqlite:///{tmp_path}/hubang.db")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
    for begin in (database.transaction, database.reading, database.reporting):
        async with begin() as conn:
            found = {name: (await conn.execute(text(f"PRAGMA {name}"))).scalar_one() for name in expected}
        assert found == expected
    await database.dispose()


@pytest.mark.parametrize("url", ["mysql://user:secret@host/name", "nonsense:secret", ""])
def test_a_database_of_another_kind_is_refused_without_saying_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        storage.connect(url)
    assert "secret" not in str(refused.value)


async def test_moments_come_back_in_utc_whatever_their_zone(database: Database) -> None:
    noon = NOON.astimezone(timezone(timedelta(hours=8)))
    async with database.transaction() as conn:
        await inbox.store(conn, [NewUpdate("web", 1, "web:1", {})], noon)
        [update] = await inbox.claim(conn, 1)
    assert update.received_at == NOON
    assert update.received_at.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with database.transaction() as conn:
            await inbox.store(conn, [NewUpdate("web", 1, "web:1", {})], NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            {"文": [1, 2.5, None, True, {"a": "“引号”\n\\u0000"}]},
            {"文": [1, 2.5, None, True, {"a": "“引号”\n\\u0000"}]},
        ),
        ({"text": "a\x00b"}, {"text": "a�b"}),
        ({"text": "a\ud83db"}, {"text": "a?b"}),
        ({"number": 2**70}, {"number": float(2**70)}),
        ([], []),
        ("", ""),
        (0, 0),
    ],
)
async def test_json_comes_back_as_it_was_and_nothing_malformed_stops_the_inbox(
    database: Database, said: object, kept: object
) -> None:
    async with database.transaction() as conn:
        await inbox.store(conn, [NewUpdate("web", 1, "web:1", said)], NOON)
        [update] = await inbox.claim(conn, 1)
    assert update.payload == kept


async def test_only_one_at_a_time_has_the_sole_right_to_a_work(database_url: str) -> None:
    database = storage.connect(database_url)
    order: list[str] = []
    if database.is_sqlite:
        async with database.sole("sending"):  # one process by its nature: nobody to wait for
            order.append("first")
    else:
        entered = asyncio.Event()

        async def second() -> None:
            async with database.sole("other work"):
                entered.set()
            async with database.sole("sending"):
                order.append("second")

        async with database.sole("sending"):
            waiting = asyncio.create_task(second())
            await entered.wait()
            order.append("first")
        await waiting
    assert order[0] == "first"
    await database.dispose()


async def test_chats_are_loaded_together_and_written_whether_new_or_known(database: Database) -> None:
    async with database.transaction() as conn:
        person = await people.add(conn, name="周帮扶")
        await chats.save(conn, [Chat("telegram", "7"), Chat("telegram", "8", person.id, view={"menu": 1})])
        await chats.save(conn, [Chat("telegram", "7", view={"search": "王"}, last_message_kind="question")])
        await chats.set_reachable(conn, "telegram", "8", False)
    async with database.reading() as conn:
        assert await chats.load(conn, "telegram", ["7", "8", "9"]) == {
            "7": Chat("telegram", "7", None, None, {"search": "王"}, True, "question"),
            "8": Chat("telegram", "8", person.id, None, {"menu": 1}, False, None),
        }
        assert [chat.address for chat in await chats.of_person(conn, person.id)] == ["8"]
        assert await chats.load(conn, "telegram", []) == {}
