"""Which cases people see who are not in charge of the household: what their office was asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import in_force
from bot.storage.regions import within
from bot.storage.rows import padded, word
from bot.storage.tables import appointments, case_events, cases, households, people, regions
from bot.storage.visibility import OF_UNIT

_PERSON: Final = bindparam("person", type_=people.c.id.type)
_HOLDS: Final = (appointments.c.person_id == _PERSON) & in_force(
    bindparam("at", type_=appointments.c.since.type)
)
_PLACE: Final = regions.alias("place")
_TOP: Final = regions.alias("top")
_WITH_DEPARTMENT: Final = exists(
    select(appointments.c.id)
    .join(_TOP, _TOP.c.id == appointments.c.region_id)
    .where(
        _HOLDS,
        within(_PLACE.c.path, _TOP.c.path),
        appointments.c.role == word("department"),
        appointments.c.post == cases.c.department,
    )
)
_WITH_UNIT: Final = (
    OF_UNIT
    & cases.c.problem_id.is_(None)
    & or_(
        (cases.c.procedure + ":" + cases.c.state).in_(bindparam("ways", expanding=True)),
        exists().where(case_events.c.case_id == cases.c.id, case_events.c.person_id == _PERSON),
    )
)
"""Who puts a problem right is said in its record, which no statement can read."""
_ASKED: Final = (
    select(cases.c.id)
    .join(households, households.c.id == cases.c.household_id)
    .join(_PLACE, _PLACE.c.id == households.c.region_id)
    .where(
        cases.c.id.in_(bindparam("ids", expanding=True)),
        cases.c.open == 1,
        households.c.erased_at.is_(None),
        exists().where(people.c.id == _PERSON, people.c.status == "active"),
        or_(_WITH_DEPARTMENT, _WITH_UNIT),
    )
)


async def cases_among(
    conn: AsyncConnection, person_id: int, case_ids: Iterable[int], ways: Sequence[str], at: datetime
) -> frozenset[int]:
    """Those of these open cases of households that the person's department has, or their unit deals with.

    `ways` names the "procedure:state" that waits for whoever leads a unit.
    """
    ids = padded(sorted(set(case_ids)))
    if not ids:
        return frozenset()
    asked = {"person": person_id, "ids": ids, "ways": padded(ways or [""]), "at": at}
    return frozenset((await conn.execute(_ASKED, asked)).scalars())
