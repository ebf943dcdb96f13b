"""How far the "look back" has come in a region: who was asked, and what is still open (003:95-107)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.region_wide import MOMENT, PLACES, SUBMITTED
from bot.storage.report_look_back import ASKED, PLACE
from bot.storage.tables import households, interviews, problems


@dataclass(frozen=True, slots=True)
class Asked:
    """A household, and whether one of the questionnaires about it was handed in."""

    household_id: int
    region_id: int
    reg_status: int | None
    asked: bool


@dataclass(frozen=True, slots=True)
class Worked:
    """How many questionnaires of a form somebody handed in at a place, and when the first and the last."""

    region_id: int
    form: str
    person_id: int
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """A confirmed problem that is not struck off, and what is being done about it."""

    region_id: int
    sub_problem: str
    handling: Mapping[str, Any]
    deadline: date | None


_ROSTER: Final = (
    select(
        households.c.id,
        households.c.region_id,
        households.c.reg_status,
        ASKED.c.household_id.is_not(None),
    )
    .outerjoin(ASKED, ASKED.c.household_id == households.c.id)
    .where(households.c.region_id.in_(PLACES))
)
_PLACE: Final = func.coalesce(interviews.c.region_id, households.c.region_id)
_WORKED: Final = (
    select(
        _PLACE.label("place"),
        interviews.c.form,
        interviews.c.person_id,
        func.count(),
        func.min(interviews.c.submitted_at),
        func.max(interviews.c.submitted_at),
    )
    .outerjoin(households, households.c.id == interviews.c.household_id)
    .where(_PLACE.in_(PLACES), SUBMITTED)
    .group_by("place", interviews.c.form, interviews.c.person_id)
    .order_by("place", interviews.c.form, interviews.c.person_id)
)
_OPEN: Final = (
    select(PLACE, problems.c.sub_problem, problems.c.handling, problems.c.deadline)
    .outerjoin(households, households.c.id == problems.c.household_id)
    .where(
        PLACE.in_(PLACES),
        problems.c.recorded_at < MOMENT,
        or_(
            problems.c.status == "confirmed",
            and_(problems.c.status == "closed", problems.c.changed_at >= MOMENT),
        ),
    )
    .order_by(problems.c.id)
)
_CANDIDATES: Final = (
    select(func.count())
    .select_from(problems)
    .outerjoin(households, households.c.id == problems.c.household_id)
    .where(PLACE.in_(PLACES), problems.c.recorded_at < MOMENT, problems.c.status == "candidate")
)


async def asked(conn: AsyncConnection, top: str, forms: Iterable[str], before: datetime) -> list[Asked]:
    """Every household under the path `top`, and whether it was asked before that moment."""
    wanted = {"top": top, "forms": sorted(set(forms)), "before": before}
    rows = await conn.execute(_ROSTER, wanted)
    return [Asked(id, region, status, bool(done)) for id, region, status, done in rows]


async def worked(conn: AsyncConnection, top: str, forms: Iterable[str], before: datetime) -> list[Worked]:
    """Who handed in how many questionnaires where, before that moment."""
    wanted = {"top": top, "forms": sorted(set(forms)), "before": before}
    return [Worked(*row) for row in await conn.execute(_WORKED, wanted)]


async def still_open(conn: AsyncConnection, top: str, before: datetime) -> list[Open]:
    """The confirmed problems that were not struck off at that moment."""
    return [Open(*row) for row in await conn.execute(_OPEN, {"top": top, "before": before})]


async def candidates(conn: AsyncConnection, top: str, before: datetime) -> int:
    """How many probable problems nobody has decided yet."""
    return int((await conn.execute(_CANDIDATES, {"top": top, "before": before})).scalar_one())
