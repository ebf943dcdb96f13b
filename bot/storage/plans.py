"""The plans of households, version by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import plans


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan as it was drawn up; `document_name` names the paper among the household's `files`."""

    household_id: int
    snapshot: Mapping[str, Any]
    summary: str
    created_at: datetime
    interview_id: int | None = None
    document_name: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in its place among the household's plans, counted from 1."""

    household_id: int
    version: int
    snapshot: Mapping[str, Any]
    summary: str
    created_at: datetime
    interview_id: int | None
    document_name: str | None


_EARLIER: Final = plans.alias("earlier")
_NEXT: Final = (
    select(func.coalesce(func.max(_EARLIER.c.version), 0) + 1)
    .where(_EARLIER.c.household_id == bindparam("its_household"))
    .scalar_subquery()
)
_ADD: Final = insert(plans).values(version=_NEXT).returning(plans.c.version)
_SELECT: Final = select(*columns_of(plans, Plan))
_LATER: Final = plans.alias("later")
_LATEST: Final = _SELECT.where(
    plans.c.household_id.in_(bindparam("ids", expanding=True)),
    ~exists().where(_LATER.c.household_id == plans.c.household_id, _LATER.c.version > plans.c.version),
)
_HISTORY: Final = _SELECT.where(plans.c.household_id == bindparam("household")).order_by(plans.c.version)
_plan = parameters_of(NewPlan)


async def add(conn: AsyncConnection, new: NewPlan) -> int:
    """Keep a plan as the household's next version; its number."""
    row = _plan(new) | {"its_household": new.household_id}
    version: int = (await conn.execute(_ADD, row)).scalar_one()
    return version


async def latest(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, Plan]:
    """The last plan of each of these households that has one, by household."""
    rows = await conn.execute(_LATEST, {"ids": padded(household_ids)})
    return {row.household_id: Plan(*row) for row in rows}


async def history(conn: AsyncConnection, household_id: int) -> list[Plan]:
    """Every plan of the household, first to last."""
    return [Plan(*row) for row in await conn.execute(_HISTORY, {"household": household_id})]
