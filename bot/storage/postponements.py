"""What somebody asked to put off or to leave undone, why, and what came of it (workflow.md WF-19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import postponements

Answer: TypeAlias = Literal["put_off", "asked", "agreed", "refused"]
"""Put off (which holds unless it is refused); asked to leave undone, then agreed or refused."""


@dataclass(frozen=True, slots=True)
class NewPostponement:
    """A wish about a duty: until when it is put off, or, without `until`, to leave it undone."""

    duty_id: int
    person_id: int
    until: date | None
    reason: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Postponement:
    """A wish about a duty, and who decided what about it."""

    id: int
    duty_id: int
    person_id: int
    until: date | None
    reason: str
    state: Answer
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None


_SELECT: Final = select(*columns_of(postponements, Postponement))
_ADD: Final = insert(postponements).returning(*columns_of(postponements, Postponement))
_LATEST: Final = (
    _SELECT.where(postponements.c.duty_id == bindparam("duty")).order_by(postponements.c.id.desc()).limit(1)
)
_OF_DUTY: Final = _SELECT.where(postponements.c.duty_id == bindparam("duty")).order_by(postponements.c.id)
_UNTIL: Final = (
    select(postponements.c.duty_id, func.max(postponements.c.until).label("until"))
    .where(postponements.c.duty_id.in_(bindparam("ids", expanding=True)), postponements.c.state == "put_off")
    .group_by(postponements.c.duty_id)
)
_DECIDE: Final = (
    update(postponements)
    .where(postponements.c.id == bindparam("its_id"), postponements.c.decided_by.is_(None))
    .values(
        state=bindparam("its_state"),
        decided_by=bindparam("person"),
        decided_at=bindparam("at", type_=postponements.c.asked_at.type),
    )
    .returning(postponements.c.id)
)
_new = parameters_of(NewPostponement)


async def add(conn: AsyncConnection, new: NewPostponement) -> Postponement:
    """Record a wish: to put off holds at once, to leave undone waits for an answer."""
    row = _new(new) | {"state": "asked" if new.until is None else "put_off"}
    return Postponement(*(await conn.execute(_ADD, row)).one())


async def latest(conn: AsyncConnection, duty_id: int) -> Postponement | None:
    """What was last asked about the duty."""
    row = (await conn.execute(_LATEST, {"duty": duty_id})).one_or_none()
    return None if row is None else Postponement(*row)


async def of_duty(conn: AsyncConnection, duty_id: int) -> list[Postponement]:
    """Everything that was asked about the duty, in order."""
    return [Postponement(*row) for row in await conn.execute(_OF_DUTY, {"duty": duty_id})]


async def put_off_until(conn: AsyncConnection, duty_ids: Iterable[int]) -> dict[int, date]:
    """The day to which each of these duties is put off; those that are not are absent."""
    ids = padded(sorted(set(duty_ids)))
    if not ids:
        return {}
    return {row.duty_id: row.until for row in await conn.execute(_UNTIL, {"ids": ids})}


async def decide(conn: AsyncConnection, id: int, answer: Answer, person_id: int, at: datetime) -> bool:
    """Record who decided what; False when it had been decided before."""
    row = {"its_id": id, "its_state": answer, "person": person_id, "at": at}
    return (await conn.execute(_DECIDE, row)).first() is not None
