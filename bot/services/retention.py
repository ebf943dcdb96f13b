"""How long things are kept: the periods of `retention.toml`, and a run that removes what is older."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bot.errors import HubangError
from bot.problems import near_miss
from bot.storage import audit
from bot.storage.audit import Entry
from bot.storage.database import Database
from bot.storage.expiring import EXPIRING

FILE: Final = Path(__file__).with_name("retention.toml")
LEAST: Final[Mapping[str, int]] = {"inbox_handled": 2, "audit": 365}
"""Days below which something would break: Telegram delivers again for a day, an audit must outlive a year."""


class PeriodInvalid(HubangError):
    """{file}: period {number}: {why}."""


@dataclass(frozen=True, slots=True)
class Period:
    """What is kept for so many days, and why no longer."""

    what: str
    days: int
    why: str


def read(tables: Mapping[str, Any] | None = None) -> list[Period]:
    """The periods; without `tables` those of the file. PeriodInvalid says which is wrong."""
    given = tables if tables is not None else tomllib.loads(FILE.read_text(encoding="utf-8"))
    found: list[Period] = []
    for number, table in enumerate(given.get("period", ()), 1):
        why = _wrong(table, [period.what for period in found])
        if why:
            raise PeriodInvalid(file=FILE.name, number=number, why=why)
        found.append(Period(table["what"], table["days"], table["why"]))
    if missing := sorted(set(EXPIRING) - {period.what for period in found}):
        raise PeriodInvalid(file=FILE.name, number=len(found) + 1, why=f"{', '.join(missing)} has no period")
    return found


def _wrong(table: Mapping[str, Any], before: Sequence[str]) -> str:
    """What is wrong with a period; nothing for a right one."""
    if set(table) != {"what", "days", "why"}:
        return "it has what, days and why, and nothing else"
    what, days = str(table["what"]), table["days"]
    if what not in EXPIRING:
        return f'nothing is called "{what}", {near_miss(what, EXPIRING)}'
    if what in before:
        return f"{what} stands there twice"
    least = LEAST.get(what, 1)
    if not isinstance(days, int) or isinstance(days, bool) or days < least:
        return f"days of {what} is a whole number of at least {least}"
    return ""


async def run(database: Database, periods: Sequence[Period], now: datetime, *, dry: bool) -> dict[str, int]:
    """Remove what is older than its period, each in a transaction of its own; how many, by what.

    With `dry` all of it is undone again. What was removed goes on record.
    """
    counts: dict[str, int] = {}
    for period in periods:
        before = now - timedelta(days=period.days)
        async with database.transaction() as conn:
            trial = await conn.begin_nested()
            number = await EXPIRING[period.what](conn, before, now)
            await (trial.rollback() if dry else trial.commit())
            if number and not dry:
                what = {"what": period.what, "days": period.days, "rows": number}
                await audit.append(conn, [Entry(at=now, person_id=None, deed="expired", what=what)])
        counts[period.what] = number
    return counts
