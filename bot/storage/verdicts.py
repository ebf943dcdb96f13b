"""How households were classified, on which day, by which rules and from which facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import verdicts


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the scheme's rules said for the day `on`, with everything needed to explain it later."""

    household_id: int
    scheme: str
    on: date
    verdict: str
    row: str | None
    missing: Sequence[Any]
    flags: Sequence[Any]
    facts: Mapping[str, Any]
    numbers: Mapping[str, Any]
    parameters: Mapping[str, Any]
    pack_version: str
    interview_id: int | None
    decided_at: datetime


_SELECT: Final = select(*columns_of(verdicts, Verdict))
_ADD: Final = insert(verdicts)
_LATER: Final = verdicts.alias("later")
_IS_LATER: Final = exists().where(
    _LATER.c.household_id == verdicts.c.household_id,
    _LATER.c.scheme == verdicts.c.scheme,
    or_(_LATER.c.on > verdicts.c.on, and_(_LATER.c.on == verdicts.c.on, _LATER.c.id > verdicts.c.id)),
)
_LATEST: Final = _SELECT.where(
    verdicts.c.household_id.in_(bindparam("ids", expanding=True)),
    verdicts.c.scheme == bindparam("its_scheme"),
    ~_IS_LATER,
)
_HISTORY: Final = _SELECT.where(
    verdicts.c.household_id == bindparam("household"), verdicts.c.scheme == bindparam("its_scheme")
).order_by(verdicts.c.on, verdicts.c.id)
_verdict = parameters_of(Verdict)


async def add(conn: AsyncConnection, new: Sequence[Verdict]) -> None:
    """Keep verdicts; the earlier ones stay."""
    if new:
        await conn.execute(_ADD, [_verdict(item) for item in new])


async def latest(conn: AsyncConnection, household_ids: Iterable[int], scheme: str) -> dict[int, Verdict]:
    """The verdict for the latest day (of several for that day, the last decided), by household."""
    rows = await conn.execute(_LATEST, {"ids": padded(household_ids), "its_scheme": scheme})
    return {row.household_id: Verdict(*row) for row in rows}


async def history(conn: AsyncConnection, household_id: int, scheme: str) -> list[Verdict]:
    """Every verdict on the household, by day."""
    rows = await conn.execute(_HISTORY, {"household": household_id, "its_scheme": scheme})
    return [Verdict(*row) for row in rows]
