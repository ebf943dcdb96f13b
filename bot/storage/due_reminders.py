"""Of which duties somebody has to be told by now, and when next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.duties import OPEN, Duty
from bot.storage.rows import columns_of, padded
from bot.storage.tables import duties


@dataclass(frozen=True, slots=True)
class Advance:
    """What comes next of a duty: its stage, and the moment at which it comes, None when none does."""

    id: int
    stage: int
    remind_at: datetime | None


_SELECT: Final = select(*columns_of(duties, Duty))
_PEOPLE: Final[BindParameter[int]] = bindparam("people", expanding=True)
_MOMENT: Final = duties.c.remind_at.type
_NOW: Final = bindparam("now", type_=_MOMENT)
_ID: Final = duties.c.id == bindparam("duty")
_IS_DUE: Final = and_(OPEN, duties.c.remind_at <= _NOW)
_IN_CARE: Final = and_(duties.c.person_id.is_not(None), duties.c.stage <= 1)
"""Of these whoever has to do them hears alone."""
_DUE: Final = (
    _SELECT.where(_IS_DUE)
    .order_by(duties.c.remind_at, duties.c.id)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True, key_share=True)
)
_SHARED: Final = _SELECT.where(_IS_DUE, ~_IN_CARE).with_for_update(skip_locked=True, key_share=True)
# "+ 0" keeps SQLite from going through everybody's duties by the index of people.
_PERSON: Final = duties.c.person_id + 0
_WAITING: Final = select(_PERSON).where(_IS_DUE, duties.c.stage <= 1, _PERSON.is_not(None)).distinct()
_DUE_OF: Final = _SELECT.where(_IS_DUE, _IN_CARE, duties.c.person_id.in_(_PEOPLE)).with_for_update(
    skip_locked=True, key_share=True
)
_ADVANCE: Final = (
    update(duties)
    .where(_ID, OPEN)
    .values(stage=bindparam("its_stage"), remind_at=bindparam("its_moment", type_=_MOMENT), state="reminded")
)
_LATER: Final = (
    update(duties)
    .where(_ID, OPEN)
    .values(
        stage=bindparam("its_stage"), remind_at=bindparam("its_moment", type_=_MOMENT), state=bindparam("its")
    )
)


async def to_remind(conn: AsyncConnection, now: datetime, limit: int) -> list[Duty]:
    """Up to `limit` duties of which somebody has to be told, the longest waiting first.

    They are this transaction's: other workers pass over them until it ends. Say `advance` in it.
    """
    return [Duty(*row) for row in await conn.execute(_DUE, {"now": now, "size": limit})]


async def shared_to_remind(conn: AsyncConnection, now: datetime) -> list[Duty]:
    """The duties to tell of that concern more than who has to do them: no person's own, or late.

    Like `to_remind` they are this transaction's.
    """
    return _by_day(await conn.execute(_SHARED, {"now": now}))


async def people_to_remind(conn: AsyncConnection, now: datetime) -> list[int]:
    """Everybody who has to be told of duties of their own."""
    return sorted((await conn.execute(_WAITING, {"now": now})).scalars())


async def to_remind_of(conn: AsyncConnection, person_ids: Iterable[int], now: datetime) -> list[Duty]:
    """The duties of their own of which these people have to be told; like `to_remind` this transaction's."""
    people = padded(sorted(set(person_ids)))
    if not people:
        return []
    return _by_day(await conn.execute(_DUE_OF, {"now": now, "people": people}))


async def advance(conn: AsyncConnection, steps: Sequence[Advance]) -> None:
    """Record that everybody was told of the present stage of these duties, and when the next one comes."""
    rows = [{"duty": step.id, "its_stage": step.stage, "its_moment": step.remind_at} for step in steps]
    if rows:
        await conn.execute(_ADVANCE, rows)


async def remind_again(conn: AsyncConnection, duty_id: int, at: datetime, stage: int = 0) -> None:
    """Let an open duty be reminded of (again) at that moment, from that stage on."""
    state = "reminded" if stage else "planned"
    await conn.execute(_LATER, {"duty": duty_id, "its_stage": stage, "its_moment": at, "its": state})


def _by_day(rows: Iterable[Any]) -> list[Duty]:
    return sorted((Duty(*row) for row in rows), key=lambda duty: (duty.due, duty.id))
