"""What came in is kept, in order, and handled once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.storage import database as storage
from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.inbox import NewUpdate
from tests.storage.conftest import SPRING


def update(number: int, lane: str = "a", channel: str = "telegram") -> NewUpdate:
    return NewUpdate(channel, number, lane, {"n": number})


async def store(database: Database, *updates: NewUpdate) -> int:
    async with database.transaction() as conn:
        return await inbox.store(conn, updates, SPRING)


async def test_an_update_delivered_again_is_stored_once(database: Database) -> None:
    assert await store(database, update(1), update(2), update(1)) == 2
    assert await store(database, update(2), update(3), update(1, channel="web")) == 2
    assert await store(database) == 0
    async with database.reading() as conn:
        assert await inbox.waiting(conn) == 4


async def test_an_update_that_was_handled_does_not_come_back_when_delivered_again(database: Database) -> None:
    await store(database, update(1))
    async with database.transaction() as conn:
        await inbox.mark_done(conn, [item.id for item in await inbox.claim(conn, 10)])
    assert await store(database, update(1)) == 0
    async with database.transaction() as conn:
        assert await inbox.claim(conn, 10) == []


async def test_updates_of_one_lane_are_handled_in_the_order_in_which_they_came(database: Database) -> None:
    # Telegram's numbers may arrive out of order: the order of arrival counts.
    await store(database, update(5, "a"), update(3, "a"), update(4, "b"), update(9, "c"), update(1, "b"))
    handled = []
    for _ in range(4):
        async with database.transaction() as conn:
            claimed = await inbox.claim(conn, 2)
            await inbox.mark_done(conn, [item.id for item in claimed])
        handled.append([(item.lane, item.update_id) for item in claimed])
    assert handled == [[("a", 5), ("b", 4)], [("a", 3), ("c", 9)], [("b", 1)], []]


async def test_somebody_who_sends_a_flood_holds_nobody_up(database: Database) -> None:
    await store(database, *(update(n, "flood") for n in range(500)), update(500, "b"), update(501, "c"))
    async with database.transaction() as conn:
        assert [item.update_id for item in await inbox.claim(conn, 50)] == [0, 500, 501]


async def test_an_update_of_an_undone_deed_is_handled_again(database: Database) -> None:
    await store(database, update(1))
    async with database.engine.connect() as conn:
        await inbox.mark_done(conn, [item.id for item in await inbox.claim(conn, 1)])
        await conn.rollback()
    async with database.transaction() as conn:
        assert [item.update_id for item in await inbox.claim(conn, 1)] == [1]


async def test_a_failure_is_counted_and_a_dead_update_lets_its_lane_move_on(database: Database) -> None:
    await store(database, update(1), update(2))
    async with database.transaction() as conn:
        [first] = await inbox.claim(conn, 10)
        await inbox.mark_failed(conn, first.id, "busy")
        [again] = await inbox.claim(conn, 10)
        assert (again.id, again.attempts) == (first.id, 1)
        await inbox.mark_dead(conn, first.id, "cannot be read")
        assert [item.update_id for item in await inbox.claim(conn, 10)] == [2]
        [(dead, reason)] = await inbox.dead(conn)
        assert (dead.update_id, dead.payload, dead.attempts, reason) == (1, {"n": 1}, 2, "cannot be read")


async def test_what_was_handled_long_ago_is_forgotten_and_nothing_else(database: Database) -> None:
    await store(database, update(1, "a"), update(2, "b"))
    async with database.transaction() as conn:
        [first, _] = await inbox.claim(conn, 10)
        await inbox.mark_done(conn, [first.id])
        await inbox.forget(conn, SPRING)
        assert await inbox.store(conn, [update(1)], SPRING) == 0
        await inbox.forget(conn, SPRING + timedelta(seconds=1))
        assert await inbox.waiting(conn) == 1
        assert await inbox.store(conn, [update(1)], SPRING) == 1


async def test_two_workers_share_the_lanes_and_never_work_on_one_lane_at_once(database_url: str) -> None:
    one, two = storage.connect(database_url), storage.connect(database_url)
    await store(one, *(update(n, f"lane {n % 4}") for n in range(12)))
    if one.is_sqlite:  # a single writer: there is nothing to share
        async with one.transaction() as conn:
            assert [item.update_id for item in await inbox.claim(conn, 2)] == [0, 1]
    else:
        async with one.transaction() as first, two.transaction() as second:
            mine = await inbox.claim(first, 2)
            theirs = await inbox.claim(second, 10)
            assert [item.update_id for item in mine] == [0, 1]
            assert [item.update_id for item in theirs] == [2, 3]
            # What a person says meanwhile is received all the same.
            assert await store(two, update(12, "lane 0")) == 1
            await inbox.mark_done(first, [item.id for item in mine])
            await first.commit()
            # The lanes that the first gave back have moved on by one.
            assert [item.update_id for item in await inbox.claim(second, 10)] == [2, 3, 4, 5]
    await one.dispose()
    await two.dispose()


async def test_several_workers_together_handle_everything_once_and_in_order(database_url: str) -> None:
    databases = [storage.connect(database_url) for _ in range(1 if "sqlite" in database_url else 4)]
    await store(databases[0], *(update(n, f"lane {n % 7}") for n in range(140)))
    handled: list[tuple[str, int]] = []

    async def work(database: Database) -> None:
        idle = 0
        while idle < 3:
            async with database.transaction() as conn:
                claimed = await inbox.claim(conn, 3)
                await inbox.mark_done(conn, [item.id for item in claimed])
                # Written down while the lanes are still ours.
                handled.extend((item.lane, item.update_id) for item in claimed)
            idle = 0 if claimed else idle + 1

    await asyncio.gather(*(work(database) for database in databases))
    assert sorted(number for _, number in handled) == list(range(140))
    for lane in range(7):
        numbers = [number for name, number in handled if name == f"lane {lane}"]
        assert numbers == sorted(numbers)
    for database in databases:
        await database.dispose()
