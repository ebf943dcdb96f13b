"""Every answer ever given or changed, in order. Rows are added and never touched again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import Absent, JsonValue
from bot.storage.rows import columns_of, parameters_of
from bot.storage.tables import answer_log


@dataclass(frozen=True, slots=True)
class Change:
    """An answer under `key` ("4-1.a#1"): ABSENT before the first, ABSENT after it was taken back.

    None is the answer "don't know". `update_id` is the inbox row that brought the change.
    """

    interview_id: int
    key: str
    before: JsonValue | Absent
    after: JsonValue | Absent
    at: datetime
    person_id: int
    update_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A change with its place in the interview's log, counted from 1."""

    interview_id: int
    seq: int
    key: str
    before: JsonValue | Absent
    after: JsonValue | Absent
    at: datetime
    person_id: int
    update_id: int | None


_LOGGED: Final = answer_log.alias("logged")
_NEXT: Final = (
    select(func.coalesce(func.max(_LOGGED.c.seq), 0) + 1)
    .where(_LOGGED.c.interview_id == bindparam("its_interview"))
    .scalar_subquery()
)
_APPEND: Final = insert(answer_log).values(seq=_NEXT)
_HISTORY: Final = (
    select(*columns_of(answer_log, Entry))
    .where(answer_log.c.interview_id == bindparam("interview"))
    .order_by(answer_log.c.seq)
)
_OF_KEY: Final = _HISTORY.where(answer_log.c.key == bindparam("its_key"))
_change = parameters_of(Change)


async def append(conn: AsyncConnection, changes: Sequence[Change]) -> None:
    """Add changes, of any number of interviews, each behind the last of its interview."""
    rows = [_change(change) | {"its_interview": change.interview_id} for change in changes]
    if rows:
        await conn.execute(_APPEND, rows)


async def history(conn: AsyncConnection, interview_id: int) -> list[Entry]:
    """Everything that was answered in the interview, in order."""
    return [Entry(*row) for row in await conn.execute(_HISTORY, {"interview": interview_id})]


async def of_key(conn: AsyncConnection, interview_id: int, key: str) -> list[Entry]:
    """What was logged in the interview under one key, in order."""
    rows = await conn.execute(_OF_KEY, {"interview": interview_id, "its_key": key})
    return [Entry(*row) for row in rows]
