"""What is due at households and in regions: planned once, reminded once a stage, done in time or late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.regions import within
from bot.storage.rows import columns_of, padded, parameters_of, upsert, word
from bot.storage.subjects import Subject
from bot.storage.tables import duties, households, regions

SUPERIOR: Final = 2
"""The stage at which whoever is above gets a copy (`bot.rules.reminders`)."""
State: TypeAlias = Literal["planned", "reminded", "done", "done_late", "cancelled", "waived"]


@dataclass(frozen=True, slots=True)
class NewDuty:
    """Something due by the day `due`; it counts as done from `window_start` on, and for ever after `due`.

    It is of a household or of a region, maybe in a state of the case `case_id`. `person_id` is who has to do
    it; without one it is whoever holds the post or role `role` there.
    """

    household_id: int | None
    kind: str
    due: date
    frequency: str
    window_start: date
    remind_at: datetime | None
    text: Mapping[str, Any]
    person_id: int | None = None
    region_id: int | None = None
    case_id: int | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as it stands; at `remind_at` comes its `stage` (`bot.rules.reminders`), None: none is left."""

    id: int
    household_id: int | None
    kind: str
    due: date
    frequency: str
    window_start: date
    remind_at: datetime | None
    state: State
    done_by_interview: int | None
    text: Mapping[str, Any]
    person_id: int | None
    region_id: int | None
    case_id: int | None
    role: str
    stage: int

    @property
    def subject(self) -> Subject:
        """The household or region that it is about."""
        if self.household_id is not None:
            return Subject("household", self.household_id)
        assert self.region_id is not None
        return Subject("region", self.region_id)


_ORDER: Final = (duties.c.due, duties.c.id)
_FIELDS: Final = columns_of(duties, Duty)
_SELECT: Final = select(*_FIELDS)
OPEN_STATES: Final[tuple[State, ...]] = ("planned", "reminded")
OPEN: Final = duties.c.state.in_([word("planned"), word("reminded")])
"""Neither done nor called off: the indexes of duties hold these rows only."""
_ID: Final = duties.c.id == bindparam("duty")
_IDS: Final = duties.c.id.in_(bindparam("ids", expanding=True))
_PLANNED_ANEW: Final = ("frequency", "window_start", "text", "person_id", "role")


def _plan(insert: Any, subject: str) -> Any:
    """What was done stays done; what is open or was called off becomes what is wanted now."""
    new = insert(duties)
    off = duties.c.state == word("cancelled")
    return new.on_conflict_do_update(
        index_elements=(subject, "kind", "due"),
        set_={name: new.excluded[name] for name in _PLANNED_ANEW}
        | {
            "state": case((off, "planned"), else_=duties.c.state),
            "stage": case((off, 0), else_=duties.c.stage),
            "remind_at": case((off, new.excluded.remind_at), else_=duties.c.remind_at),
        },
        where=OPEN | off,
    )


_PLAN: Final = {
    "household": upsert(lambda insert: _plan(insert, "household_id")),
    "region": upsert(lambda insert: _plan(insert, "region_id")),
}
_KNOWN: Final = {
    kind: select(column, duties.c.kind, duties.c.due).where(
        column.in_(bindparam("ids", expanding=True)), duties.c.state != word("cancelled")
    )
    for kind, column in (("household", duties.c.household_id), ("region", duties.c.region_id))
}
_OF_PERSON: Final = _SELECT.where(duties.c.person_id == bindparam("person"), OPEN)
_OF_HOUSEHOLD: Final = _SELECT.where(duties.c.household_id == bindparam("household"), OPEN)
_IN_REGIONS: Final = _SELECT.where(
    duties.c.region_id.in_(bindparam("ids", expanding=True)), duties.c.person_id.is_(None), OPEN
)
_OF_REGIONS: Final = _SELECT.where(duties.c.region_id.is_not(None), OPEN)
_OF_CASE: Final = _SELECT.where(duties.c.case_id == bindparam("case"), OPEN)
_OF_SUBJECT: Final = {
    "household": _OF_HOUSEHOLD,
    "region": _SELECT.where(duties.c.region_id == bindparam("region"), OPEN),
}
_GET: Final = _SELECT.where(_ID)
_DONE_BY: Final = _SELECT.where(duties.c.done_by_interview == bindparam("interview"))
_TOP: Final = regions.alias("top")
_HOME: Final = households.alias("home")
_OF_REGION: Final = (
    _SELECT.outerjoin(_HOME, _HOME.c.id == duties.c.household_id)
    .join(regions, regions.c.id == func.coalesce(duties.c.region_id, _HOME.c.region_id))
    .join(_TOP, within(regions.c.path, _TOP.c.path))
    .where(_TOP.c.id == bindparam("region"), OPEN)
)
_LATE: Final = _OF_REGION.where(
    duties.c.due <= bindparam("until", type_=duties.c.due.type), duties.c.stage > SUPERIOR
)
_DAY: Final = bindparam("day", type_=duties.c.due.type)
_KIND: Final = or_(duties.c.kind == bindparam("its_kind"), duties.c.kind.like(bindparam("its_kinds")))
"""The kind itself, or one that begins with it and ":"."""
_EARLIEST: Final = {
    subject: statement.where(
        _KIND, duties.c.window_start <= _DAY, duties.c.frequency.not_in(bindparam("besides", expanding=True))
    )
    .order_by(*_ORDER)
    .limit(1)
    .with_for_update(key_share=True)
    for subject, statement in _OF_SUBJECT.items()
}
_COMPLETE: Final = (
    update(duties)
    .where(_ID, OPEN)
    .values(
        state=case((duties.c.due < _DAY, "done_late"), else_="done"),
        done_by_interview=bindparam("interview", type_=duties.c.done_by_interview.type),
    )
    .returning(*_FIELDS)
)
_NOTE: Final = (
    update(duties).where(_ID).values(text=bindparam("its_text", type_=duties.c.text.type)).returning(*_FIELDS)
)
_CANCEL: Final = update(duties).where(_IDS, OPEN).values(state="cancelled")
_WAIVE: Final = update(duties).where(_ID, OPEN).values(state="waived")
_HAND_OVER: Final = (
    update(duties)
    .where(
        duties.c.household_id == bindparam("household"),
        OPEN,
        or_(duties.c.role == word(""), duties.c.role == word("cadre")),
    )
    .values(person_id=bindparam("person"))
)
_duty = parameters_of(NewDuty)


async def plan(conn: AsyncConnection, new: Sequence[NewDuty]) -> int:
    """Plan duties, each once by household (or region), kind and day; how many were not open or done before.

    What is done or waived stays so. What is still open takes the new frequency, text and person, and keeps
    its reminder and stage; what was called off is planned again.
    """
    added = 0
    for subject in ("household", "region"):
        mine = {
            (id, duty.kind, duty.due): duty
            for duty in new
            if (id := getattr(duty, f"{subject}_id")) is not None
        }
        if not mine:
            continue
        ids = padded(sorted({id for id, _, _ in mine}))
        known = {tuple(row) for row in await conn.execute(_KNOWN[subject], {"ids": ids})}
        added += len(mine.keys() - known)
        rows = [_duty(duty) | {"state": "planned", "stage": 0} for duty in mine.values()]
        await conn.execute(_PLAN[subject][conn.dialect.name], rows)
    return added


async def get(conn: AsyncConnection, duty_id: int) -> Duty | None:
    """The duty of this id, whatever became of it."""
    row = (await conn.execute(_GET, {"duty": duty_id})).one_or_none()
    return None if row is None else Duty(*row)


async def open_of_person(conn: AsyncConnection, person_id: int) -> list[Duty]:
    """What the person still has to do, by day."""
    return _by_day(await conn.execute(_OF_PERSON, {"person": person_id}))


async def open_of_household(conn: AsyncConnection, household_id: int) -> list[Duty]:
    """What is still due at the household, by day."""
    return _by_day(await conn.execute(_OF_HOUSEHOLD, {"household": household_id}))


async def open_in_regions(conn: AsyncConnection, region_ids: Iterable[int]) -> list[Duty]:
    """What is still due of these regions themselves by whoever holds a post there, by day."""
    ids = padded(sorted(set(region_ids)))
    return _by_day(await conn.execute(_IN_REGIONS, {"ids": ids})) if ids else []


async def open_of_regions(conn: AsyncConnection) -> list[Duty]:
    """What is still due of regions themselves, by day."""
    return _by_day(await conn.execute(_OF_REGIONS))


async def open_of_case(conn: AsyncConnection, case_id: int) -> list[Duty]:
    """What is still due in the case, by day."""
    return _by_day(await conn.execute(_OF_CASE, {"case": case_id}))


async def open_of_region(conn: AsyncConnection, region_id: int) -> list[Duty]:
    """What is still due in the region and everything under it, by day."""
    return _by_day(await conn.execute(_OF_REGION, {"region": region_id}))


async def late_in_region(conn: AsyncConnection, region_id: int, until: date) -> list[Duty]:
    """What was due by that day in the region or under it, is not done, and was copied to whoever is above."""
    return _by_day(await conn.execute(_LATE, {"region": region_id, "until": until}))


def _by_day(rows: Iterable[Any]) -> list[Duty]:
    return sorted((Duty(*row) for row in rows), key=lambda duty: (duty.due, duty.id))


async def complete(
    conn: AsyncConnection,
    subject: int | Subject,
    kind: str,
    day: date,
    interview_id: int | None,
    besides: Iterable[str] = (),
) -> Duty | None:
    """Let the deed of that day fulfil the earliest open duty of the kind whose window had begun.

    `subject` is a household's id, or a region or household; `kind` names also the kinds that begin with it
    and ":". After its due day the duty is done late. Duties of the frequencies `besides` are passed over.
    None when nothing of the kind was due.
    """
    about = subject if isinstance(subject, Subject) else Subject("household", subject)
    wanted = {about.kind: about.id, "day": day, "its_kind": kind, "its_kinds": f"{kind}:%"}
    wanted["besides"] = sorted(besides) or [""]
    earliest = (await conn.execute(_EARLIEST[about.kind], wanted)).first()
    return None if earliest is None else await complete_one(conn, earliest.id, day, interview_id)


async def complete_one(
    conn: AsyncConnection, duty_id: int, day: date, interview_id: int | None = None
) -> Duty | None:
    """Let the deed of that day fulfil this duty; None when it is no longer open."""
    done = {"duty": duty_id, "day": day, "interview": interview_id}
    row = (await conn.execute(_COMPLETE, done)).one_or_none()
    return None if row is None else Duty(*row)


async def note(conn: AsyncConnection, duty: Duty, **more: Any) -> Duty:
    """Write more into the duty's text, such as what was done, by whom and when."""
    row = await conn.execute(_NOTE, {"duty": duty.id, "its_text": {**duty.text, **more}})
    return Duty(*row.one())


async def cancel(conn: AsyncConnection, duty_ids: Iterable[int]) -> None:
    """Call off those of these duties that are still open."""
    await conn.execute(_CANCEL, {"ids": padded(duty_ids)})


async def waive(conn: AsyncConnection, duty_id: int) -> None:
    """Let an open duty stay undone for good: it is not planned again."""
    await conn.execute(_WAIVE, {"duty": duty_id})


async def hand_over(conn: AsyncConnection, household_ids: Sequence[int], person_id: int) -> None:
    """Make the person the one who has to do what is still due at these households by whoever is in charge."""
    if household_ids:
        rows = [{"household": household, "person": person_id} for household in household_ids]
        await conn.execute(_HAND_OVER, rows)


async def done_by(conn: AsyncConnection, interview_id: int) -> list[Duty]:
    """What the interview fulfilled, by day."""
    return _by_day(await conn.execute(_DONE_BY, {"interview": interview_id}))
