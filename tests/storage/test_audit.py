"""The audit: nothing in it can be changed, and whoever changes it all the same is found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from bot.services.notary import ChainBroken, Notary, Proof, verify
from bot.storage import audit as records
from bot.storage import database as storage
from bot.storage.audit import Entry
from bot.storage.database import Database
from bot.storage.resealing import chained_under, reseal
from bot.storage.sealing import KeyMissing, KeyRing
from bot.storage.tables import audit
from tests.storage.conftest import SPRING

OLD, NEW = ("a", bytes(range(32))), ("b", bytes(range(1, 33)))


@pytest.fixture
async def sealed(database_url: str) -> AsyncIterator[Database]:
    opened = storage.connect(database_url, KeyRing([OLD]))
    yield opened
    await opened.dispose()


def entry(number: int, deed: str = "changed", subject_id: int | None = None, **what: Any) -> Entry:
    at = SPRING + timedelta(minutes=number)
    subject_id = number % 3 if subject_id is None else subject_id
    what = what or {"old": number, "new": number + 1, "cause": "illness \0 \U0001f600"}
    return Entry(at=at, person_id=number, deed=deed, subject="household", subject_id=subject_id, what=what)


async def write(database: Database, *entries: Entry) -> None:
    async with database.transaction() as conn:
        await records.append(conn, entries)


async def chained(database: Database, number: int = 9) -> None:
    """So many rows, chained."""
    await write(database, *(entry(each) for each in range(1, number + 1)))
    while await Notary(database).turn():
        pass


async def proof(database: Database, noted: tuple[int, str] | None = None, plain_until: int = 0) -> Proof:
    async with database.reading() as conn:
        return await verify(conn, database.ring, noted, plain_until=plain_until)


async def run(database: Database, *statements: str) -> None:
    async with database.transaction() as conn:
        for statement in statements:
            await conn.execute(text(statement))


async def unguarded(database: Database, *statements: str) -> None:
    """What an administrator of the server can do, who takes the triggers away first."""
    guard = "DROP TRIGGER {}" if database.is_sqlite else "DROP TRIGGER {} ON audit"
    await run(database, *(guard.format(name) for name in ("audit_kept", "audit_stays")), *statements)


# ---------------------------------------------------------------- as it should be


async def test_what_is_on_record_is_chained_later_and_holds(sealed: Database) -> None:
    await write(sealed, *(entry(number) for number in range(1, 6)))
    before = await proof(sealed)
    assert (before.rows, before.waiting) == (0, 5)
    assert await Notary(sealed).turn() == 5
    await write(sealed, entry(6))
    found = await proof(sealed)
    assert (found.rows, found.seq, found.waiting, found.emptied) == (5, 5, 1, 0)
    assert await Notary(sealed).turn() == 1
    assert await Notary(sealed).turn() == 0
    assert (await proof(sealed, (5, found.head))).rows == 6
    async with sealed.reading() as conn:
        rows = await records.newest(conn, 10, subject="household", subject_id=0)
        assert [row.details["old"] for row in rows] == [6, 3]
        assert [row.id for row in await records.newest(conn, 10, person_id=4)] == [4]
        stored = (await conn.execute(text("SELECT what FROM audit"))).scalars().all()
        assert not [each for each in stored if "illness" in each]


async def test_without_keys_the_chain_holds_as_well(database: Database) -> None:
    await chained(database)
    assert (await proof(database)).rows == 9


async def test_a_chain_is_made_in_batches_and_by_one_notary_at_a_time(
    sealed: Database, database_url: str
) -> None:
    await write(sealed, *(entry(number) for number in range(1, 1101)))
    if sealed.is_sqlite:
        assert [await Notary(sealed).turn() for _ in range(4)] == [500, 500, 100, 0]
    else:
        other = storage.connect(database_url, KeyRing([OLD]))
        both = await asyncio.gather(*(Notary(each).turn() for each in (sealed, other, sealed, other)))
        assert sorted(both) == [0, 100, 500, 500]
        await other.dispose()
    assert (await proof(sealed)).rows == 1100


async def test_a_notary_that_is_killed_between_leaves_a_chain_that_goes_on(sealed: Database) -> None:
    class Killed(Exception):
        """The process is gone."""

    await write(sealed, *(entry(number) for number in range(1, 4)))

    async def chain_and_die() -> None:
        async with sealed.transaction() as conn:
            await records.chain(conn, 2)
            raise Killed

    with pytest.raises(Killed):
        await chain_and_die()
    assert (await proof(sealed)).waiting == 3
    async with sealed.transaction() as conn:
        await records.chain(conn, 2)
    assert (await proof(sealed)).waiting == 1
    await Notary(sealed).turn()
    assert (await proof(sealed)).rows == 3


async def test_a_deed_that_is_undone_leaves_nothing_on_record(sealed: Database) -> None:
    async def fail() -> None:
        async with sealed.transaction() as conn:
            await records.append(conn, [entry(1)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert (await proof(sealed)).waiting == 0


# ---------------------------------------------------------------- what the database refuses


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET person_id = 99 WHERE id = 4",
        "UPDATE audit SET deed = 'seen' WHERE id = 4",
        "UPDATE audit SET at = '2020-01-01 00:00:00' WHERE id = 4",
        "UPDATE audit SET subject_id = 99 WHERE id = 4",
        "UPDATE audit SET what = '{}' WHERE id = 4",
        "UPDATE audit SET digest = 'a:00' WHERE id = 4",
        "UPDATE audit SET seq = 99 WHERE id = 4",
        "UPDATE audit SET seq = NULL WHERE id = 4",
        "UPDATE audit SET hash = 'a:00' WHERE id = 4",
        "UPDATE audit SET id = 99 WHERE id = 4",
        "DELETE FROM audit WHERE id = 4",
        "DELETE FROM audit",
    ],
)
async def test_the_database_itself_refuses_to_change_what_is_on_record(
    sealed: Database, statement: str
) -> None:
    await chained(sealed, 5)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(sealed, statement)
    assert (await proof(sealed)).rows == 5


async def test_what_waits_to_be_chained_cannot_be_changed_or_dropped_either(sealed: Database) -> None:
    await write(sealed, entry(1))
    for statement in ("DELETE FROM audit", "UPDATE audit SET deed = 'seen'"):
        with pytest.raises(DBAPIError, match="append-only"):
            await run(sealed, statement)
    if not sealed.is_sqlite:
        with pytest.raises(DBAPIError, match="append-only"):
            await run(sealed, "TRUNCATE audit")


# ---------------------------------------------------------------- what verifying finds


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        (["UPDATE audit SET person_id = 99 WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET deed = 'seen' WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET at = '2020-01-01 00:00:00' WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET subject_id = 99 WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET digest = 'a:00' WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET hash = 'a:00' WHERE seq = 4"], 4, "was changed"),
        (["UPDATE audit SET what = '{}' WHERE seq = 4"], 4, "other details"),
        (
            ["UPDATE audit SET what = (SELECT what FROM audit WHERE seq = 5) WHERE seq = 4"],
            4,
            "other details",
        ),
        (["UPDATE audit SET what = NULL WHERE seq = 4"], 4, "lost its details"),
        (["DELETE FROM audit WHERE seq = 4"], 4, "missing"),
        (["DELETE FROM audit WHERE seq = 1"], 1, "missing"),
        (["DELETE FROM audit WHERE seq = 4", "UPDATE audit SET seq = 4 WHERE seq = 5"], 4, "was changed"),
        (
            [
                "UPDATE audit SET seq = 99 WHERE seq = 4",
                "UPDATE audit SET seq = 4 WHERE seq = 5",
                "UPDATE audit SET seq = 5 WHERE seq = 99",
            ],
            4,
            "was changed",
        ),
        (
            [
                "DELETE FROM audit WHERE seq <= 4",
                "INSERT INTO audit_floor VALUES (1, 4, 'a:00', 'a:00', '2020-01-01 00:00:00')",
            ],
            1,
            "forged",
        ),
    ],
)
async def test_the_first_row_that_does_not_fit_is_named(
    sealed: Database, statements: list[str], seq: int, what: str
) -> None:
    await chained(sealed)
    await unguarded(sealed, *statements)
    with pytest.raises(ChainBroken, match=what) as broken:
        await proof(sealed)
    assert broken.value.facts["seq"] == seq


async def test_rows_cut_off_at_the_end_are_found_by_what_was_noted_elsewhere(sealed: Database) -> None:
    await chained(sealed)
    noted = await proof(sealed)
    await unguarded(sealed, "DELETE FROM audit WHERE seq > 7")
    assert (await proof(sealed)).rows == 7
    with pytest.raises(ChainBroken, match="noted elsewhere") as broken:
        await proof(sealed, (noted.seq, noted.head))
    assert broken.value.facts["seq"] == 9


async def test_a_chain_forged_without_the_key_does_not_hold(sealed: Database, database_url: str) -> None:
    await chained(sealed)
    forger = storage.connect(database_url, KeyRing([("a", bytes(32))]))
    try:
        await unguarded(forger, "DELETE FROM audit")
        await write(forger, entry(1))
        await Notary(forger).turn()
    finally:
        await forger.dispose()
    with pytest.raises(ChainBroken, match="was changed"):
        await proof(sealed)


async def test_a_chain_written_anew_without_any_key_does_not_hold(
    sealed: Database, database: Database
) -> None:
    """Everybody can make digests without a key: where there are keys they prove nothing."""
    await chained(sealed)
    await unguarded(database, "DELETE FROM audit")
    await chained(database)
    assert (await proof(database)).rows == 9
    with pytest.raises(ChainBroken, match="without a key") as broken:
        await proof(sealed)
    assert broken.value.facts["seq"] == 1


async def test_a_row_added_without_the_key_does_not_hold(sealed: Database) -> None:
    await chained(sealed, 3)
    what = records.canonical({"shown": "card"})
    values = {"at": SPRING, "person_id": 5, "deed": "seen", "subject": "household", "subject_id": 1}
    values |= {"what": what.decode(), "digest": records.marked(KeyRing(()), what)}
    async with sealed.transaction() as conn:
        await conn.execute(audit.insert(), [values])
    await Notary(sealed).turn()
    with pytest.raises(ChainBroken, match="without a key") as broken:
        await proof(sealed)
    assert broken.value.facts["seq"] == 4


async def test_a_beginning_that_no_key_vouches_for_is_forged(sealed: Database) -> None:
    await chained(sealed)
    async with sealed.reading() as conn:
        head = (await records.after(conn, 3, 1))[0].hash
    said = records.canonical(["floor", 4, head])
    forged = f"INSERT INTO audit_floor VALUES (1, 4, '{head}', '{{}}', '2020-01-01 00:00:00')"
    forged = forged.format(records.marked(KeyRing(()), said))
    # A colon would begin a parameter.
    await unguarded(sealed, "DELETE FROM audit WHERE seq <= 4", forged.replace(":", "\\:"))
    with pytest.raises(ChainBroken, match="forged"):
        await proof(sealed)


async def test_a_county_that_began_without_keys_remembers_until_which_row(
    sealed: Database, database: Database
) -> None:
    await chained(database, 3)
    await write(database, entry(4))
    await write(sealed, entry(5))
    await Notary(sealed).turn()
    async with sealed.reading() as conn:
        assert await records.open_until(conn) == 4
    with pytest.raises(ChainBroken, match="without a key"):
        await proof(sealed, plain_until=3)
    assert (await proof(sealed, plain_until=4)).rows == 5
    # Nobody goes on without the keys then: such rows could not be told from forged ones.
    with pytest.raises(KeyMissing, match='"a"'):
        await write(database, entry(6))
    await write(sealed, entry(6))
    with pytest.raises(KeyMissing, match='"a"'):
        await Notary(database).turn()


async def test_the_log_hears_where_the_chain_ends(sealed: Database, caplog: pytest.LogCaptureFixture) -> None:
    """It is kept elsewhere: rows that were cut off are found by it."""
    with caplog.at_level("INFO"):
        await chained(sealed)
    found = await proof(sealed)
    assert caplog.messages == [f"the audit ends with {found.seq}:{found.head}"]


async def test_without_its_key_nothing_is_said_about_the_chain(sealed: Database, database_url: str) -> None:
    await chained(sealed)
    other = storage.connect(database_url, KeyRing([NEW]))
    try:
        with pytest.raises(KeyMissing, match='"a"'):
            await proof(other)
    finally:
        await other.dispose()


# ---------------------------------------------------------------- what may be done to it


async def test_details_are_sealed_anew_and_the_chain_holds(sealed: Database, database_url: str) -> None:
    await chained(sealed)
    both = storage.connect(database_url, KeyRing([NEW, OLD]))
    try:
        assert await reseal(both) == {"audit": 9}
        await write(both, entry(10))
        await Notary(both).turn()
        assert (await proof(both)).rows == 10
        async with both.reading() as conn:
            assert (await chained_under(conn, "a"), await chained_under(conn, "b")) == (9, 1)
            assert {row.details["new"] for row in await records.newest(conn, 20)} == set(range(2, 12))
    finally:
        await both.dispose()


async def test_details_are_erased_with_their_household_and_the_chain_holds(sealed: Database) -> None:
    await chained(sealed)
    async with sealed.transaction() as conn:
        assert await records.empty(conn, "household", 1) == 3
        await records.append(conn, [entry(20, "erased", subject_id=1, reason="asked for it")])
    with pytest.raises(ChainBroken, match="lost its details"):
        await proof(sealed)  # that the household was erased is not chained yet
    await Notary(sealed).turn()
    found = await proof(sealed)
    assert (found.rows, found.emptied) == (10, 3)
    async with sealed.reading() as conn:
        left = (await conn.execute(select(audit.c.id).where(audit.c.what.is_(None)))).scalars().all()
        assert sorted(left) == [1, 4, 7]


async def test_the_oldest_rows_are_dropped_and_the_chain_begins_behind_them(sealed: Database) -> None:
    await chained(sealed)
    whole = await proof(sealed)
    before = SPRING + timedelta(minutes=5)
    async with sealed.transaction() as conn:
        assert await records.drop_before(conn, before, SPRING) == 4
        assert await records.drop_before(conn, before, SPRING) == 0
    found = await proof(sealed)
    assert (found.rows, found.seq, found.head) == (5, 9, whole.head)
    with pytest.raises(DBAPIError, match="append-only"):
        await run(sealed, "DELETE FROM audit WHERE seq = 5")
    async with sealed.transaction() as conn:
        assert await records.drop_before(conn, SPRING + timedelta(days=9), SPRING) == 5
    await write(sealed, entry(30))
    await Notary(sealed).turn()
    last = await proof(sealed)
    assert (last.rows, last.seq) == (1, 10)
