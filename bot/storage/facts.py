"""What is known of households: the latest value of every fact, and what was known before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, case, exists, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import JsonValue
from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.tables import facts


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that was true on the day `as_of`; None is "don't know".

    `row` 0 is the household (or a whole roster as a list); a period is written as in the form
    ("2019-10/2020-09"), "" for none.
    """

    household_id: int
    name: str
    value: JsonValue
    as_of: date
    source: str
    recorded_at: datetime
    interview_id: int | None = None
    row: int = 0
    period: str = ""
    superseded_at: datetime | None = None


_KEYS: Final = ("household_id", "name", "row", "period")
_SAME: Final = [facts.c[key] == bindparam(f"its_{key}", type_=facts.c[key].type) for key in _KEYS]
_CURRENT: Final = facts.c.superseded_at.is_(None)
_COLUMNS: Final = columns_of(facts, Fact)
_VALUES: Final = [column for column in _COLUMNS if column is not facts.c.superseded_at]
_SUPERSEDE: Final = (
    update(facts)
    .where(*_SAME, _CURRENT, facts.c.as_of <= bindparam("until_day", type_=facts.c.as_of.type))
    .values(superseded_at=bindparam("at", type_=facts.c.superseded_at.type))
)
_NEWER: Final = facts.alias("newer")
_NEWER_EXISTS: Final = exists().where(
    *(_NEWER.c[key] == bindparam(f"its_{key}", type_=facts.c[key].type) for key in _KEYS),
    _NEWER.c.superseded_at.is_(None),
)
# What arrives late, from a visit before the last one, goes straight into the history.
_ADD: Final = insert(facts).from_select(
    [*(column.name for column in _VALUES), "superseded_at"],
    select(
        *(bindparam(f"its_{column.name}", type_=column.type) for column in _VALUES),
        case((_NEWER_EXISTS, bindparam("at", type_=facts.c.superseded_at.type)), else_=null()),
    ),
)
_LOAD: Final = (
    select(*_COLUMNS)
    .where(facts.c.household_id.in_(bindparam("ids", expanding=True)), _CURRENT)
    .order_by(facts.c.household_id, facts.c.name, facts.c.row, facts.c.period)
)
_HISTORY: Final = (
    select(*_COLUMNS)
    .where(facts.c.household_id == bindparam("household"), facts.c.name == bindparam("fact"))
    .order_by(facts.c.as_of, facts.c.id)
)
_fact = parameters_of(Fact)


async def record(conn: AsyncConnection, new: Sequence[Fact]) -> None:
    """Keep what was learnt; each takes the place of an equally old or older value of the same fact."""
    if not new:
        return
    rows = [{f"its_{name}": value for name, value in _fact(fact).items()} for fact in new]
    for row in rows:
        row["at"] = row["its_recorded_at"]
        row["until_day"] = row["its_as_of"]
        del row["its_superseded_at"]
    keys = [*(f"its_{key}" for key in _KEYS), "at", "until_day"]
    await conn.execute(_SUPERSEDE, [{key: row[key] for key in keys} for row in rows])
    await conn.execute(_ADD, rows)


async def current(conn: AsyncConnection, household_ids: Iterable[int]) -> dict[int, list[Fact]]:
    """The latest value of every fact of these households, by household."""
    found: dict[int, list[Fact]] = {}
    for row in await conn.execute(_LOAD, {"ids": padded(household_ids)}):
        found.setdefault(row.household_id, []).append(Fact(*row))
    return found


async def history(conn: AsyncConnection, household_id: int, name: str) -> list[Fact]:
    """Everything that was ever known under this name, by the day for which it was said."""
    rows = await conn.execute(_HISTORY, {"household": household_id, "fact": name})
    return [Fact(*row) for row in rows]
