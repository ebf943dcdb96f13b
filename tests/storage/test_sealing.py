"""Sealed columns: what lies in the database says nothing, and nothing else opens it than its key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, Text, cast, func, insert, select, text

from bot.storage import database as storage
from bot.storage import facts, files, households
from bot.storage.columns import ABSENT, SEALED, Json, SealedJson, SealedText
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.files import NewFile
from bot.storage.households import NewHousehold
from bot.storage.resealing import reseal, sealed_columns, sealed_tables
from bot.storage.sealing import (
    NO_KEYS,
    KeyMissing,
    KeyRing,
    SealBroken,
    key_of,
    open_bytes,
    open_text,
    seal_bytes,
    seal_text,
)
from bot.storage.tables import answer_log, metadata
from bot.storage.tables import facts as fact_rows
from bot.storage.tables import households as rows
from tests.storage.conftest import SPRING, County

OLD, NEW = ("a", bytes(range(32))), ("b", bytes(range(1, 33)))
NUMBER = "990001195001010015"
PLACE = b"table.column"
JSON = st.recursive(
    st.none()
    | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


class Dialect:
    """What the types need of a dialect."""

    def __init__(self, name: str, ring: KeyRing) -> None:
        self.name, self.hubang_ring = name, ring


@pytest.fixture
async def sealed(database_url: str) -> AsyncIterator[Database]:
    opened = storage.connect(database_url, KeyRing([NEW, OLD]))
    yield opened
    await opened.dispose()


async def stored(database: Database, column: Any) -> list[str]:
    """What a thief of the database reads in a column."""
    async with database.reading() as conn:
        return list((await conn.execute(select(cast(column, Text)).where(column.is_not(None)))).scalars())


async def enter(database: Database, county: County, number: str | None = NUMBER) -> int:
    async with database.transaction() as conn:
        return await households.add(
            conn,
            NewHousehold(
                region_id=county.villages[0].id,
                village_group="一组",
                head_name="王大山",
                initials="wds",
                created_at=SPRING,
                head_id_number=number,
                phone="13800000000",
                file={"illness": 3},
            ),
        )


# ---------------------------------------------------------------- the forms of a sealed value


@given(st.text())
@example("hb1:a:AAAA")
@example("hb1:-:AAAA")
def test_text_comes_back_as_it_was_with_keys_and_without(value: str) -> None:
    plain = value.encode("utf-8", "replace").decode()
    for ring in (NO_KEYS, KeyRing([OLD])):
        kept = seal_text(ring, plain, PLACE)
        assert open_text(ring, kept, PLACE) == plain
        assert key_of(kept) == (
            None if not plain or (ring is NO_KEYS and not plain.startswith("hb1:")) else ring.first
        )


@given(st.binary())
@example(b"hb1\0a\0AAAA")
def test_bytes_come_back_as_they_were_with_keys_and_without(value: bytes) -> None:
    for ring in (NO_KEYS, KeyRing([OLD])):
        assert open_bytes(ring, seal_bytes(ring, value, PLACE), PLACE) == value


@given(JSON, st.sampled_from(["sqlite", "postgresql"]), st.booleans())
@example("hb1:a:AAAA", "sqlite", False)
@example("hb1:a:AAAA", "postgresql", False)
def test_json_comes_back_as_it_was(value: Any, name: str, absent: bool) -> None:
    from bot.storage.columns import read

    kind = SealedJson("table.column", absent=absent)
    for ring in (NO_KEYS, KeyRing([OLD])):
        dialect: Any = Dialect(name, ring)
        kept = kind.process_bind_param(value, dialect)
        given = read(kept) if kept is not None and name == "postgresql" else kept
        assert kind.process_result_value(given, dialect) == value


def test_nothing_and_dont_know_stay_apart() -> None:
    kind, dialect = SealedJson("answer_log.before", absent=True), Dialect("sqlite", KeyRing([OLD]))
    for value in (None, ABSENT):
        assert kind.process_result_value(kind.process_bind_param(value, dialect), dialect) is value  # type: ignore[arg-type]


def test_two_equal_values_never_look_the_same() -> None:
    ring = KeyRing([OLD])
    assert seal_text(ring, "1", PLACE) != seal_text(ring, "1", PLACE)


@pytest.mark.parametrize("place", [0, 3, 11, 12, 20, -1])
def test_a_changed_sign_is_found(place: int) -> None:
    ring = KeyRing([OLD])
    kept = bytearray(seal_bytes(ring, b"three illnesses", PLACE))
    kept[6 + place if place >= 0 else place] ^= 1
    with pytest.raises(SealBroken):
        open_bytes(ring, bytes(kept), PLACE)


def test_a_value_opens_in_its_own_column_only() -> None:
    ring = KeyRing([OLD])
    with pytest.raises(SealBroken, match=r"households\.phone"):
        open_text(ring, seal_text(ring, "138", b"households.address"), b"households.phone")


@pytest.mark.parametrize("cut", ["hb1:a:", "hb1:a:AAAA", "hb1:a:???", "hb1:a"])
def test_what_was_cut_off_is_found(cut: str) -> None:
    with pytest.raises(SealBroken):
        open_text(KeyRing([OLD]), cut, PLACE)


def test_another_key_of_the_same_name_is_told_from_a_missing_one() -> None:
    kept = seal_text(KeyRing([OLD]), "138", PLACE)
    with pytest.raises(SealBroken, match='key "a"'):
        open_text(KeyRing([("a", NEW[1])]), kept, PLACE)
    with pytest.raises(KeyMissing, match="HUBANG_KEYS"):
        open_text(KeyRing([NEW]), kept, PLACE)
    with pytest.raises(KeyMissing):
        open_text(NO_KEYS, kept, PLACE)


def test_every_sealed_column_knows_where_it_stands() -> None:
    named = {
        f"{table.name}.{column.name}": column.type.place
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SEALED)
    }
    assert named == {name: name for name in named}
    assert {"households.head_id_number", "facts.value", "answer_log.after", "files.content"} <= set(named)


PLAIN = {
    "accounts": "channel address",
    "alert_recipients": "state",
    "alerts": "kind level subject state",
    "answer_log": "key",
    "appointments": "role post",
    "audit": "deed subject digest hash",
    "audit_floor": "hash seal",
    "case_events": "step before after post",
    "cases": "procedure state department",
    "chats": "channel address last_message_kind",
    "clues": "procedure source office village state",
    "duties": "kind frequency state role",
    "evidence": "key file_name remote_id sha256 state",
    "facts": "name period source",
    "files": "name media_type",
    "handover_events": "step household_ids",
    "handovers": "state",
    "households": "village_group head_name initials id_number_index code",
    "inbox": "channel state",
    "interviews": "form state",
    "invitations": "token_hash role post name",
    "lanes": "lane",
    "members": "name relation",
    "orders": "channel address wanted state",
    "outbox": "channel address kind slot state error",
    "paper_frames": "digest sentences frame",
    "papers": "form",
    "pauses": "channel address",
    "people": "name unit status",
    "plans": "document_name",
    "postponements": "state",
    "problems": "sub_problem status",
    "regions": "level name path code",
    "roster_files": "channel address ending remote_id state decision counts",
    "signature_copies": "keeper",
    "signature_links": "digest channel address",
    "signatures": "party post how digest",
    "signings": "form digest state signed_digest",
    "verdicts": "scheme verdict row missing flags parameters pack_version",
}
"""The columns of words that are not sealed, each looked at: names, places, codes, addresses, digests."""


def test_every_column_of_words_is_sealed_or_was_looked_at() -> None:
    """Whoever adds a column for words seals it, or says here that it holds nothing of a person."""
    found = {
        table.name: {
            column.name
            for column in table.columns
            if isinstance(column.type, (Text, LargeBinary, Json))
            and not isinstance(column.type, SEALED)
            and not column.foreign_keys
        }
        for table in metadata.sorted_tables
    }
    assert {name: names for name, names in found.items() if names} == {
        name: set(names.split()) for name, names in PLAIN.items()
    }


def test_no_statement_compares_a_sealed_value() -> None:
    with pytest.raises(TypeError, match=r"households\.phone"):
        select(rows.c.id).where(rows.c.phone == "138")
    with pytest.raises(TypeError, match=r"facts\.value"):
        select(fact_rows.c.id).where(fact_rows.c.value == 3)
    select(rows.c.id).where(rows.c.phone.is_(None), fact_rows.c.value.is_not(None))


# ---------------------------------------------------------------- in a database


async def test_a_thief_of_the_database_reads_nothing(sealed: Database, county: County) -> None:
    id = await enter(sealed, county)
    async with sealed.transaction() as conn:
        await facts.record(conn, [Fact(id, "illness", 3, SPRING.date(), "visit", SPRING)])
        await files.put(conn, NewFile(id, "plan.docx", "text/plain", b"three illnesses", SPRING))
    for column in (rows.c.head_id_number, rows.c.phone, rows.c.file, fact_rows.c.value):
        seen = await stored(sealed, column)
        assert seen
        assert not [each for each in seen if each.lstrip('"')[:6] != "hb1:b:" and each != "{}" and each]
    async with sealed.reading() as conn:
        found = await households.get(conn, id)
        assert found is not None
        assert (found.head_id_number, found.phone, found.file) == (NUMBER, "13800000000", {"illness": 3})
        assert [fact.value for fact in (await facts.current(conn, [id]))[id]] == [3]
        file = await files.find(conn, id, "plan.docx")
        assert file is not None
        assert file.content == b"three illnesses"
        raw = (await conn.execute(text("SELECT content FROM files"))).scalar_one()
        assert b"illness" not in raw


async def test_a_database_of_another_key_says_which_key_it_needs(
    sealed: Database, county: County, database_url: str
) -> None:
    id = await enter(sealed, county)
    other = storage.connect(database_url, KeyRing([OLD]))
    try:
        async with other.reading() as conn:
            with pytest.raises(KeyMissing, match='"b"'):
                await households.get(conn, id)
    finally:
        await other.dispose()


async def test_a_household_is_found_by_its_identity_number_and_by_no_other(
    sealed: Database, county: County
) -> None:
    id = await enter(sealed, county)
    await enter(sealed, county, number=None)
    async with sealed.transaction() as conn:
        assert await households.by_identity(conn, [NUMBER, "990001195001010023"]) == {NUMBER: [id]}
        assert await households.by_identity(conn, [f" {NUMBER[:6]} {NUMBER[6:]}"]) != {}
        await households.revise(conn, id, {"head_id_number": "990001195001010023"})
        assert await households.by_identity(conn, [NUMBER]) == {}
        await households.revise(conn, id, {"head_id_number": None})
        assert await households.by_identity(conn, ["990001195001010023"]) == {}
        found = (await conn.execute(select(rows.c.id_number_index))).scalars().all()
        assert not [each for each in found if each and NUMBER in each]


async def test_what_was_plain_or_under_an_old_key_is_sealed_anew_and_found_all_the_while(
    database_url: str, county: County
) -> None:
    plain, first = storage.connect(database_url), storage.connect(database_url, KeyRing([OLD]))
    both, last = (
        storage.connect(database_url, KeyRing([NEW, OLD])),
        storage.connect(database_url, KeyRing([NEW])),
    )
    try:
        ids = [await enter(plain, county), await enter(first, county)]
        async with plain.transaction() as conn:
            await conn.execute(insert(fact_rows), [_fact(ids[0], number) for number in range(1200)])
        async with both.reading() as conn:
            assert await households.by_identity(conn, [NUMBER]) == {NUMBER: ids}
        told: list[tuple[str, int]] = []
        changed = await reseal(both, lambda table, done: told.append((table, done)))
        assert changed["facts"] == 1200
        assert changed["households"] == 2
        assert ("facts", 500) in told
        assert await reseal(both) == {}
        async with last.reading() as conn:
            assert await households.by_identity(conn, [NUMBER]) == {NUMBER: ids}
            kept = await households.get_many(conn, ids)
            assert [kept[id].phone for id in ids] == ["13800000000"] * 2
            values = (await conn.execute(select(fact_rows.c.value).order_by(fact_rows.c.id))).scalars().all()
            assert values == list(range(1200))
    finally:
        for each in (plain, first, both, last):
            await each.dispose()


async def test_sealing_anew_can_be_stopped_and_taken_up(database_url: str, county: County) -> None:
    class Stopped(Exception):
        """Somebody pulled the plug."""

    def pull(table: str, done: int) -> None:
        if table == "facts" and done >= 1000:
            raise Stopped

    plain, ring = storage.connect(database_url), KeyRing([OLD])
    opened = storage.connect(database_url, ring)
    try:
        id = await enter(plain, county)
        async with plain.transaction() as conn:
            await conn.execute(insert(fact_rows), [_fact(id, number) for number in range(1200)])
        with pytest.raises(Stopped):
            await reseal(opened, pull)
        assert (await reseal(opened))["facts"] == 200
    finally:
        await plain.dispose()
        await opened.dispose()


def _fact(household_id: int, number: int) -> dict[str, Any]:
    return {
        "household_id": household_id, "name": f"fact_{number}", "row": 0, "period": "", "value": number,
        "as_of": SPRING.date(), "source": "visit", "recorded_at": SPRING,
    }  # fmt: skip


async def test_every_kind_of_sealed_column_can_be_sealed_anew(sealed: Database) -> None:
    """Every statement of the rotation runs on both databases, also where there is nothing to do."""
    assert await reseal(sealed) == {}
    assert {type(column.type) for table in sealed_tables() for column in sealed_columns(table)} == set(SEALED)
    assert isinstance(rows.c.phone.type, SealedText)
    async with sealed.reading() as conn:
        assert (await conn.execute(select(func.count()).select_from(answer_log))).scalar_one() == 0
