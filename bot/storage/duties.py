"""What is due at households: planned once, reminded once, done in time or late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of, upsert, word
from bot.storage.tables import duties, households, regions

State: TypeAlias = Literal["planned", "reminded", "done", "done_late", "cancelled"]


@dataclass(frozen=True, slots=True)
class NewDuty:
    """Something due by the day `due`; it counts as done from `window_start` on, and for ever after `due`."""

    household_id: int
    kind: str
    due: date
    frequency: str
    window_start: date
    remind_at: datetime
    text: Mapping[str, Any]
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as it stands; `person_id` is who has to do it."""

    id: int
    household_id: int
    kind: str
    due: date
    frequency: str
    window_start: date
    remind_at: datetime
    state: State
    done_by_interview: int | None
    text: Mapping[str, Any]
    person_id: int | None


_FIELDS: Final = columns_of(duties, Duty)
_SELECT: Final = select(*_FIELDS)
_OPEN: Final = duties.c.state.in_([word("planned"), word("reminded")])
_ID: Final = duties.c.id == bindparam("duty")
_IDS: Final = duties.c.id.in_(bindparam("ids", expanding=True))
_PLANNED_ANEW: Final = ("frequency", "window_start", "text", "person_id")


def _plan(insert: Any) -> Any:
    """What was done stays done; what is open or was called off becomes what is wanted now."""
    new = insert(duties)
    off = duties.c.state == word("cancelled")
    return new.on_conflict_do_update(
        index_elements=("household_id", "kind", "due"),
        set_={name: new.excluded[name] for name in _PLANNED_ANEW}
        | {
            "state": case((off, "planned"), else_=duties.c.state),
            "remind_at": case((off, new.excluded.remind_at), else_=duties.c.remind_at),
        },
        where=_OPEN | off,
    )


_PLAN: Final = upsert(_plan)
_KNOWN: Final = select(duties.c.kind, duties.c.due).where(
    duties.c.household_id == bindparam("household"), duties.c.state != word("cancelled")
)
_DUE: Final = (
    _SELECT.where(
        duties.c.state == word("planned"),
        duties.c.remind_at <= bindparam("now", type_=duties.c.remind_at.type),
    )
    .order_by(duties.c.remind_at, duties.c.id)
    .limit(bindparam("size"))
    .with_for_update(skip_locked=True, key_share=True)
)
_REMINDED: Final = update(duties).where(_IDS, duties.c.state == word("planned")).values(state="reminded")
_OF_PERSON: Final = _SELECT.where(duties.c.person_id == bindparam("person"), _OPEN)
_OF_HOUSEHOLD: Final = _SELECT.where(duties.c.household_id == bindparam("household"), _OPEN)
_DONE_BY: Final = _SELECT.where(duties.c.done_by_interview == bindparam("interview"))
_TOP: Final = regions.alias("top")
_OF_REGION: Final = (
    _SELECT.join(households, households.c.id == duties.c.household_id)
    .join(regions, regions.c.id == households.c.region_id)
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(_TOP.c.id == bindparam("region"), _OPEN)
)
_DAY: Final = bindparam("day", type_=duties.c.due.type)
_EARLIEST: Final = (
    _OF_HOUSEHOLD.where(duties.c.kind == bindparam("its_kind"), duties.c.window_start <= _DAY)
    .order_by(duties.c.due, duties.c.id)
    .limit(1)
    .with_for_update(key_share=True)
)
_COMPLETE: Final = (
    update(duties)
    .where(_ID)
    .values(
        state=case((duties.c.due < _DAY, "done_late"), else_="done"), done_by_interview=bindparam("interview")
    )
    .returning(*_FIELDS)
)
_CANCEL: Final = update(duties).where(_IDS, _OPEN).values(state="cancelled")
_HAND_OVER: Final = (
    update(duties)
    .where(duties.c.household_id == bindparam("household"), _OPEN)
    .values(person_id=bindparam("person"))
)
_LATER: Final = (
    update(duties)
    .where(_ID, _OPEN)
    .values(state="planned", remind_at=bindparam("its_moment", type_=duties.c.remind_at.type))
)
_duty = parameters_of(NewDuty)


async def plan(conn: AsyncConnection, new: Sequence[NewDuty]) -> int:
    """Plan duties, each once by household, kind and day; how many were not open or done before.

    What is done stays so. What is still open takes the new frequency, text and person, and keeps its
    reminder; what was called off is planned again.
    """
    if not new:
        return 0
    before = 0
    for household in {duty.household_id for duty in new}:
        known = {(row.kind, row.due) for row in await conn.execute(_KNOWN, {"household": household})}
        before += len(known & {(duty.kind, duty.due) for duty in new if duty.household_id == household})
    rows = [_duty(duty) | {"state": "planned", "stage": 0, "role": ""} for duty in new]
    await conn.execute(_PLAN[conn.dialect.name], rows)
    return len({(duty.household_id, duty.kind, duty.due) for duty in new}) - before


async def to_remind(conn: AsyncConnection, now: datetime, limit: int) -> list[Duty]:
    """Up to `limit` duties of which somebody has to be reminded, the longest waiting first.

    They are this transaction's: other workers pass over them until it ends. Say `reminded` in it.
    """
    return [Duty(*row) for row in await conn.execute(_DUE, {"now": now, "size": limit})]


async def reminded(conn: AsyncConnection, duty_ids: Iterable[int]) -> None:
    """Record that the reminders of these duties are on their way."""
    await conn.execute(_REMINDED, {"ids": padded(duty_ids)})


async def remind_again(conn: AsyncConnection, duty_id: int, at: datetime) -> None:
    """Let an open duty be reminded (again) at that moment."""
    await conn.execute(_LATER, {"duty": duty_id, "its_moment": at})


async def open_of_person(conn: AsyncConnection, person_id: int) -> list[Duty]:
    """What the person still has to do, by day."""
    return _by_day(await conn.execute(_OF_PERSON, {"person": person_id}))


async def open_of_household(conn: AsyncConnection, household_id: int) -> list[Duty]:
    """What is still due at the household, by day."""
    return _by_day(await conn.execute(_OF_HOUSEHOLD, {"household": household_id}))


async def open_of_region(conn: AsyncConnection, region_id: int) -> list[Duty]:
    """What is still due in the region and everything under it, by day."""
    return _by_day(await conn.execute(_OF_REGION, {"region": region_id}))


def _by_day(rows: Iterable[Any]) -> list[Duty]:
    return sorted((Duty(*row) for row in rows), key=lambda duty: (duty.due, duty.id))


async def complete(
    conn: AsyncConnection, household_id: int, kind: str, day: date, interview_id: int | None
) -> Duty | None:
    """Let the visit of that day fulfil the earliest open duty of the kind whose window had begun.

    After its due day the duty is done late. None when nothing of the kind was due.
    """
    wanted = {"household": household_id, "its_kind": kind, "day": day}
    earliest = (await conn.execute(_EARLIEST, wanted)).first()
    if earliest is None:
        return None
    done = {"duty": earliest.id, "day": day, "interview": interview_id}
    return Duty(*(await conn.execute(_COMPLETE, done)).one())


async def cancel(conn: AsyncConnection, duty_ids: Iterable[int]) -> None:
    """Call off those of these duties that are still open."""
    await conn.execute(_CANCEL, {"ids": padded(duty_ids)})


async def hand_over(conn: AsyncConnection, household_ids: Sequence[int], person_id: int) -> None:
    """Make the person the one who has to do what is still due at these households."""
    if household_ids:
        rows = [{"household": household, "person": person_id} for household in household_ids]
        await conn.execute(_HAND_OVER, rows)


async def done_by(conn: AsyncConnection, interview_id: int) -> list[Duty]:
    """What the interview fulfilled, by day."""
    return _by_day(await conn.execute(_DONE_BY, {"interview": interview_id}))
