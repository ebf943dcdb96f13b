"""Everything that is on record about one household, in whatever table: to hand it out, and to erase it.

Which rows are meant follows from the tables themselves: those that name the household, and those that belong
to an interview, problem, case or other record of it. So a new table is covered without being named here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import ABSENT, SEALED, SealedJson
from bot.storage.tables import (
    assignments,
    cases,
    chats,
    clues,
    duties,
    evidence,
    files,
    households,
    inbox,
    interviews,
    members,
    metadata,
    orders,
    outbox,
    signings,
)

NOBODY: Final = "\u2014"
"""What stands in place of the name of a head who was erased: every list needs something to show."""
APART: Final = frozenset({chats, orders})
"""Tables of chats: they look at a household for a while and hold nothing of it."""
BATCH: Final = 1000
PERSONAL: Final[Mapping[Column[Any], Any]] = {
    households.c.head_name: NOBODY,
    households.c.initials: "",
    households.c.village_group: "",
    households.c.id_number_index: None,
    households.c.code: None,
    members.c.name: "",
    members.c.relation: None,
    members.c.birth_date: None,
    evidence.c.remote_id: None,
    evidence.c.sha256: None,
}
"""What tells of a person outside of sealed columns, and what it becomes."""
_NAMED: Final = (files.c.name, files.c.content)
_SIGNED: Final = (signings.c.form, signings.c.version, signings.c.content, signings.c.signed_content)
SHORTEST: Final = 2
"""A name of one sign would be found in every other message."""


def about(table: Table, seen: frozenset[Table] = frozenset()) -> ColumnElement[bool] | None:
    """Which rows of the table are about the household `household`; None when none ever is."""
    if table is households:
        return table.c.id == bindparam("household")
    if table in APART or table in seen:
        return None
    if "household_id" in table.c:
        return table.c.household_id == bindparam("household")
    through = []
    for key in sorted(table.foreign_keys, key=lambda each: each.parent.name):
        theirs = about(key.column.table, seen | {table})
        if theirs is not None:
            through.append(key.parent.in_(select(key.column).where(theirs)))
    return or_(false(), *through) if through else None


def _all_about() -> Iterator[tuple[Table, ColumnElement[bool]]]:
    for table in metadata.sorted_tables:
        theirs = about(table)
        if theirs is not None:
            yield table, theirs


ABOUT: Final[Mapping[Table, ColumnElement[bool]]] = dict(_all_about())
"""The tables that hold something about households, and which of their rows do."""


def _rows(table: Table, *columns: Column[Any]) -> Select[Any]:
    keys = list(table.primary_key.columns)
    return select(*(columns or tuple(table.columns))).where(ABOUT[table]).order_by(*keys)


async def records(conn: AsyncConnection, household_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row about the household by table, as it is read; what is absent is left out of a row."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in ABOUT:
        rows = (await conn.execute(_rows(table), {"household": household_id})).mappings().all()
        if rows:
            found[table.name] = [{k: v for k, v in row.items() if v is not ABSENT} for row in rows]
    return found


def erasable(table: Table) -> list[Column[Any]]:
    """The columns of the table that say something about a person."""
    return [column for column in table.columns if isinstance(column.type, SEALED) or column in PERSONAL]


def blank(column: Column[Any], value: Any) -> Any:
    """What takes the place of a value: nothing, in the shape that whoever reads it expects."""
    if column in PERSONAL:
        return PERSONAL[column]
    if column.nullable:
        return ABSENT if isinstance(column.type, SealedJson) and column.type.absent else None
    return emptied(value)


def emptied(value: Any) -> Any:
    """A value of the same kind that tells nothing; a mapping keeps its keys."""
    if isinstance(value, Mapping):
        return {key: emptied(each) for key, each in value.items()}
    return type(value)() if isinstance(value, str | bytes | list) else None


async def erase(conn: AsyncConnection, household_id: int, at: datetime) -> dict[str, int]:
    """Empty every row about the household; how many there were, by table.

    Dates, codes of forms and cards, and the number of rows stay: what was counted before is counted still.
    What was begun with it ends: questionnaires, duties, cases, and whoever was responsible.
    """
    whose = {"household": household_id}
    words = await _words(conn, household_id)
    changed: dict[str, int] = {}
    for table in ABOUT:
        if columns := erasable(table):
            rows = (await conn.execute(_rows(table, *table.primary_key.columns, *columns), whose)).all()
            if rows:
                await _write(conn, table, columns, rows)
                changed[table.name] = len(rows)
    await conn.execute(update(households).where(households.c.id == household_id).values(erased_at=at))
    for table, condition, values in (
        (interviews, interviews.c.state == "open", {"state": "abandoned"}),
        (duties, duties.c.state.in_(("planned", "reminded")), {"state": "cancelled"}),
        (cases, cases.c.open == 1, {"open": 0}),
        (assignments, assignments.c.until.is_(None), {"until": at}),
    ):
        await conn.execute(update(table).where(ABOUT[table], condition).values(values), whose)
    mine = select(interviews.c.id).where(ABOUT[interviews])
    await conn.execute(
        update(chats).where(chats.c.open_interview_id.in_(mine)).values(open_interview_id=None, view={}),
        whose,
    )
    changed |= await _forget_words(conn, words)
    for table, emptied_rows in (
        (clues, await _forget_clues(conn, words, household_id)),
        (files, await _forget_tables(conn, words)),
    ):
        if emptied_rows:
            changed[table.name] = changed.get(table.name, 0) + emptied_rows
    return changed


async def _write(
    conn: AsyncConnection, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Any]
) -> None:
    keys = list(table.primary_key.columns)
    change = (
        update(table)
        .where(*(key == bindparam(f"its_{key.name}") for key in keys))
        .values({column.name: bindparam(f"new_{column.name}") for column in columns})
    )
    await conn.execute(
        change,
        [
            {f"its_{key.name}": getattr(row, key.name) for key in keys}
            | {f"new_{column.name}": blank(column, getattr(row, column.name)) for column in columns}
            for row in rows
        ],
    )


async def photos(conn: AsyncConnection, household_id: int) -> list[str]:
    """The names of the photos that were sent with its questionnaires."""
    rows = await conn.execute(_rows(evidence, evidence.c.file_name), {"household": household_id})
    return list(rows.scalars())


async def papers(conn: AsyncConnection, household_id: int) -> list[tuple[str, bytes]]:
    """Its papers, those that were signed too: names and contents."""
    whose = {"household": household_id}
    found = [(name, content) for name, content in await conn.execute(_rows(files, *_NAMED), whose)]
    for row in await conn.execute(_rows(signings, *_SIGNED), whose):
        name = f"{row.form}-{row.version}.docx"
        found += [(name, content) for content in (row.content, row.signed_content) if content]
    return found


# ------------------------------------------------------------------------------------- messages of chats


async def _words(conn: AsyncConnection, household_id: int) -> list[str]:
    """By which words a message is known to tell of the household: names, identity number, telephone."""
    whose = {"household": household_id}
    known: Iterable[str | None] = []
    for row in await conn.execute(
        _rows(households, households.c.head_name, households.c.head_id_number, households.c.phone), whose
    ):
        known = [*known, *row]
    known = [*known, *(await conn.execute(_rows(members, members.c.name), whose)).scalars()]
    return sorted({word for word in known if word and len(word) >= SHORTEST and word != NOBODY})


def strings(value: Any) -> Iterator[str]:
    """Every text in a value as it is read from a column, or in a row."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


async def _forget_clues(conn: AsyncConnection, words: Sequence[str], household_id: int) -> int:
    """Empty the clues of its village that were never tied to it but name its people; how many."""
    here = select(households.c.region_id).where(households.c.id == household_id).scalar_subquery()
    columns = erasable(clues)
    query = select(clues.c.id, *columns).where(clues.c.household_id.is_(None), clues.c.region_id == here)
    found = [
        row
        for row in await conn.execute(query)
        if any(row.name == word or row.id_number == word for word in words)
    ]
    if found:
        await _write(conn, clues, columns, found)
    return len(found)


async def _forget_tables(conn: AsyncConnection, words: Sequence[str]) -> int:
    """Empty the tables that somebody ordered and that name its people: they can be ordered again."""
    sought = [word.encode() for word in words]
    ordered = await conn.execute(
        select(files.c.id).where(files.c.household_id.is_(None)).order_by(files.c.id)
    )
    emptied_rows = 0
    for id in ordered.scalars().all():
        content = (await conn.execute(select(files.c.content).where(files.c.id == id))).scalar_one()
        if any(word in part for part in _parts(content) for word in sought):
            await conn.execute(update(files).where(files.c.id == id).values(content=b""))
            emptied_rows += 1
    return emptied_rows


def _parts(content: bytes) -> Iterator[bytes]:
    """What a workbook of ours holds, part by part; anything else as it is."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        yield content
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield archive.read(name)


async def _forget_words(conn: AsyncConnection, words: Sequence[str]) -> dict[str, int]:
    """Empty the messages that tell of the household; what was not sent yet never will be."""
    changed: dict[str, int] = {}
    if not words:
        return changed
    for table, failed in ((inbox, {"new": "dead"}), (outbox, {"pending": "failed"})):
        last, query = 0, select(table.c.id, table.c.state, table.c.payload).order_by(table.c.id).limit(BATCH)
        while rows := (await conn.execute(query.where(table.c.id > last))).all():
            last = rows[-1].id
            found = [
                {
                    "its_id": row.id,
                    "new_payload": emptied(row.payload),
                    "new_state": failed.get(row.state, row.state),
                }
                for row in rows
                if any(word in text for text in strings(row.payload) for word in words)
            ]
            if found:
                change = update(table).where(table.c.id == bindparam("its_id"))
                change = change.values(payload=bindparam("new_payload"), state=bindparam("new_state"))
                await conn.execute(change, found)
                changed[table.name] = changed.get(table.name, 0) + len(found)
    return changed
