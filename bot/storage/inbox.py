"""What came in: stored before it is acknowledged, handled in order per person, and never twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BindParameter, bindparam, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import JsonValue
from bot.storage.rows import columns_of, padded, parameters_of, upsert, word
from bot.storage.tables import inbox, lanes


@dataclass(frozen=True, slots=True)
class NewUpdate:
    """An update as the channel delivered it; what shares a `lane` (a person) is handled one after another."""

    channel: str
    update_id: int
    lane: str
    payload: JsonValue


@dataclass(frozen=True, slots=True)
class Update:
    """An update that is stored; `attempts` counts the times it failed."""

    id: int
    channel: str
    update_id: int
    lane: str
    payload: JsonValue
    received_at: datetime
    attempts: int


_FIELDS: Final = columns_of(inbox, Update)
_NEW: Final = inbox.c.state == word("new")
_IDS: Final = inbox.c.id.in_(bindparam("ids", expanding=True))
_ADD_LANES: Final = upsert(lambda insert: insert(lanes).on_conflict_do_nothing())
_STORE: Final = upsert(lambda insert: insert(inbox).on_conflict_do_nothing().returning(inbox.c.id))
_EARLIER: Final = inbox.alias("earlier")
_FIRST_OF_LANE: Final = ~exists().where(
    _EARLIER.c.lane == inbox.c.lane, _EARLIER.c.state == word("new"), _EARLIER.c.id < inbox.c.id
)
_SIZE: Final[BindParameter[int]] = bindparam("size")
_HEADS: Final = select(*_FIELDS).where(_NEW, _FIRST_OF_LANE).order_by(inbox.c.id).limit(_SIZE)
# key_share: a lane that is being worked on still receives updates.
_FREE_LANES: Final = (
    select(lanes.c.lane)
    .join(inbox, inbox.c.lane == lanes.c.lane)
    .where(_NEW, _FIRST_OF_LANE)
    .order_by(inbox.c.id)
    .limit(_SIZE)
    .with_for_update(of=lanes, skip_locked=True, key_share=True)
)
_HEADS_OF: Final = (
    select(*_FIELDS)
    .where(_NEW, _FIRST_OF_LANE, inbox.c.lane.in_(bindparam("lanes", expanding=True)))
    .order_by(inbox.c.id)
)
_DONE: Final = update(inbox).where(_IDS).values(state="done")
_FAILED: Final = (
    update(inbox)
    .where(inbox.c.id == bindparam("its_id"))
    .values(attempts=inbox.c.attempts + 1, error=bindparam("why"))
)
_DEAD: Final = _FAILED.values(state="dead")
_LIST_DEAD: Final = (
    select(*_FIELDS, inbox.c.error).where(inbox.c.state == word("dead")).order_by(inbox.c.id).limit(_SIZE)
)
_WAITING: Final = select(func.count()).select_from(inbox).where(_NEW)
_FORGET: Final = delete(inbox).where(
    inbox.c.state == word("done"), inbox.c.received_at < bindparam("before", type_=inbox.c.received_at.type)
)
_OF_LANE: Final = (
    select(*_FIELDS).where(inbox.c.lane == bindparam("its_lane")).order_by(inbox.c.id.desc()).limit(_SIZE)
)
_update = parameters_of(NewUpdate)


async def store(conn: AsyncConnection, updates: Sequence[NewUpdate], at: datetime) -> int:
    """Keep updates, except those whose number the channel already delivered; how many were new."""
    if not updates:
        return 0
    # Always in the same order, so that two receivers never wait for each other.
    new_lanes = [{"lane": lane} for lane in sorted({update.lane for update in updates})]
    await conn.execute(_ADD_LANES[conn.dialect.name], new_lanes)
    rows = [_update(item) | {"state": "new", "received_at": at, "attempts": 0} for item in updates]
    return len((await conn.execute(_STORE[conn.dialect.name], rows)).all())


async def claim(conn: AsyncConnection, limit: int) -> list[Update]:
    """The oldest waiting update of up to `limit` lanes, for this transaction to handle.

    On PostgreSQL the lanes are locked until the transaction ends and other workers pass over them. SQLite
    has one writer at a time, so claim inside a `Database.transaction`.
    """
    if conn.dialect.name == "sqlite":
        return [Update(*row) for row in await conn.execute(_HEADS, {"size": limit})]
    free = list((await conn.execute(_FREE_LANES, {"size": limit})).scalars())
    if not free:
        return []
    # Looked up only now: before the lock was ours, another worker may have moved the lane on.
    return [Update(*row) for row in await conn.execute(_HEADS_OF, {"lanes": padded(free)})]


async def mark_done(conn: AsyncConnection, ids: Iterable[int]) -> None:
    """These rows are handled."""
    await conn.execute(_DONE, {"ids": padded(ids)})


async def mark_failed(conn: AsyncConnection, id: int, error: str) -> None:
    """Count a failure; the row stays at the head of its lane."""
    await conn.execute(_FAILED, {"its_id": id, "why": error})


async def mark_dead(conn: AsyncConnection, id: int, error: str) -> None:
    """Lay the row aside with the reason, so that its lane moves on."""
    await conn.execute(_DEAD, {"its_id": id, "why": error})


async def dead(conn: AsyncConnection, limit: int = 100) -> list[tuple[Update, str]]:
    """The rows that were laid aside, oldest first, each with its reason."""
    rows = await conn.execute(_LIST_DEAD, {"size": limit})
    return [(Update(*item), error) for *item, error in rows]


async def waiting(conn: AsyncConnection) -> int:
    """How many updates wait to be handled."""
    number: int = (await conn.execute(_WAITING)).scalar_one()
    return number


async def forget(conn: AsyncConnection, before: datetime) -> None:
    """Drop what was handled and received before that moment: channels deliver again for a day at most."""
    await conn.execute(_FORGET, {"before": before})


async def of_lane(conn: AsyncConnection, lane: str, limit: int) -> list[Update]:
    """The last updates of a lane, in order, handled or not: what its person said and tapped."""
    rows = await conn.execute(_OF_LANE, {"its_lane": lane, "size": limit})
    return [Update(*row) for row in rows][::-1]
