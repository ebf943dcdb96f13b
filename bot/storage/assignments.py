"""Which cadre is responsible for a household: exactly one at any time, the earlier ones on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded
from bot.storage.tables import assignments


@dataclass(frozen=True, slots=True)
class Assignment:
    """A person's responsibility for a household, from `since` until before `until` (None: still)."""

    household_id: int
    person_id: int
    since: datetime
    until: datetime | None


_OPEN: Final = assignments.c.until.is_(None)
_FIELDS: Final = columns_of(assignments, Assignment)
_CLOSE: Final = (
    update(assignments)
    .where(assignments.c.household_id == bindparam("household"), _OPEN)
    .values(until=bindparam("at", type_=assignments.c.since.type))
)
_ADD: Final = insert(assignments)
_PASS: Final = (
    update(assignments)
    .where(
        assignments.c.household_id.in_(bindparam("ids", expanding=True)),
        assignments.c.person_id == bindparam("person"),
        _OPEN,
    )
    .values(until=bindparam("at", type_=assignments.c.since.type))
    .returning(assignments.c.household_id)
)
_RESPONSIBLE: Final = select(assignments.c.household_id, assignments.c.person_id).where(
    assignments.c.household_id.in_(bindparam("ids", expanding=True)), _OPEN
)
_OF_PERSON: Final = (
    select(assignments.c.household_id)
    .where(assignments.c.person_id == bindparam("person"), _OPEN)
    .order_by(assignments.c.household_id)
)
_HISTORY: Final = (
    select(*_FIELDS)
    .where(assignments.c.household_id == bindparam("household"))
    .order_by(assignments.c.since, assignments.c.id)
)


async def assign_many(
    conn: AsyncConnection, household_ids: Sequence[int], person_id: int, at: datetime
) -> None:
    """Make the person responsible for these households in place of whoever was."""
    if not household_ids:
        return
    await conn.execute(_CLOSE, [{"household": household, "at": at} for household in household_ids])
    new = [{"household_id": household, "person_id": person_id, "since": at} for household in household_ids]
    await conn.execute(_ADD, [row | {"until": None} for row in new])


async def assign(conn: AsyncConnection, household_id: int, person_id: int, at: datetime) -> None:
    """Make the person responsible for one household in place of whoever was."""
    await assign_many(conn, [household_id], person_id, at)


async def pass_on(
    conn: AsyncConnection, household_ids: Iterable[int], before: int, after: int, at: datetime
) -> list[int]:
    """Pass households from one person to another; what is no longer with the first stays where it is.

    The ids of those passed on. Of several who pass the same household on at once one succeeds.
    """
    parameters = {"ids": padded(sorted(set(household_ids))), "person": before, "at": at}
    passed = sorted((await conn.execute(_PASS, parameters)).scalars())
    new = [{"household_id": household, "person_id": after, "since": at} for household in passed]
    if new:
        await conn.execute(_ADD, [row | {"until": None} for row in new])
    return passed


async def responsible(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, int]:
    """Who is responsible now, as person by household; a household without anybody is absent."""
    rows = await conn.execute(_RESPONSIBLE, {"ids": padded(household_ids)})
    return {row.household_id: row.person_id for row in rows}


async def households_of(conn: AsyncConnection, person_id: int) -> list[int]:
    """The households for which the person is responsible now."""
    return list((await conn.execute(_OF_PERSON, {"person": person_id})).scalars())


async def history(conn: AsyncConnection, household_id: int) -> list[Assignment]:
    """Everybody who has been responsible for the household, in order."""
    rows = await conn.execute(_HISTORY, {"household": household_id})
    return [Assignment(*row) for row in rows]
