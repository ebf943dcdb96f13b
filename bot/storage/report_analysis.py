"""What tells that analyses of a region may come out differently than before."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import appointments, facts, households, regions, verdicts

_NEWEST: Final = select(
    *(
        select(func.max(table.c.id)).scalar_subquery()
        for table in (facts, verdicts, households, regions, appointments)
    )
)


async def newest(conn: AsyncConnection) -> tuple[int | None, ...]:
    """Something that is another one as soon as anything was added that an analysis counts."""
    return tuple((await conn.execute(_NEWEST)).one())
