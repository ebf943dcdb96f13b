"""What is known of households and regions: the latest value of every fact, and what was known before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Insert, Select, Update, and_, bindparam, case, exists, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.columns import JsonValue
from bot.storage.rows import columns_of, padded, parameters_of
from bot.storage.subjects import KINDS, Kind, Subject, about, column, subject_of
from bot.storage.tables import facts, households


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that was true on the day `as_of`; None is "don't know".

    `row` 0 is the subject itself (or a whole roster as a list); a period is written as in the form
    ("2019-10/2020-09"), "" for none.
    """

    household_id: int | None
    name: str
    value: JsonValue
    as_of: date
    source: str
    recorded_at: datetime
    interview_id: int | None = None
    row: int = 0
    period: str = ""
    superseded_at: datetime | None = None
    region_id: int | None = None

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return subject_of(self.household_id, self.region_id)


_CURRENT: Final = facts.c.superseded_at.is_(None)
_COLUMNS: Final = columns_of(facts, Fact)
_VALUES: Final = [each for each in _COLUMNS if each is not facts.c.superseded_at]
_NEWER: Final = facts.alias("newer")
_fact = parameters_of(Fact)


def _keys(kind: Kind) -> tuple[str, ...]:
    """The columns in which two values of the same fact agree."""
    return f"{kind}_id", "name", "row", "period"


def _supersede(kind: Kind) -> Update:
    same = [facts.c[key] == bindparam(f"its_{key}", type_=facts.c[key].type) for key in _keys(kind)]
    return (
        update(facts)
        .where(*same, _CURRENT, facts.c.as_of <= bindparam("until_day", type_=facts.c.as_of.type))
        .values(superseded_at=bindparam("at", type_=facts.c.superseded_at.type))
    )


def _add(kind: Kind) -> Insert:
    """What arrives late, from a visit before the last one, goes straight into the history."""
    newer = exists().where(
        *(_NEWER.c[key] == bindparam(f"its_{key}", type_=facts.c[key].type) for key in _keys(kind)),
        _NEWER.c.superseded_at.is_(None),
    )
    values = [bindparam(f"its_{each.name}", type_=each.type) for each in _VALUES]
    superseded = case((newer, bindparam("at", type_=facts.c.superseded_at.type)), else_=null())
    return insert(facts).from_select(
        [*(each.name for each in _VALUES), "superseded_at"], select(*values, superseded)
    )


def _load(kind: Kind) -> Select[Any]:
    subject = column(facts, kind)
    return (
        select(subject, *_COLUMNS)
        .where(subject.in_(bindparam("ids", expanding=True)), _CURRENT)
        .order_by(subject, facts.c.name, facts.c.row, facts.c.period)
    )


def _history(kind: Kind) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(about(facts, kind), facts.c.name == bindparam("fact"))
        .order_by(facts.c.as_of, facts.c.id)
    )


_IN_VILLAGE: Final = (
    select(
        households.c.id,
        households.c.population,
        households.c.reg_status,
        households.c.file,
        facts.c.name,
        facts.c.value,
    )
    .outerjoin(
        facts,
        and_(
            facts.c.household_id == households.c.id,
            facts.c.name.in_(bindparam("names", expanding=True)),
            facts.c.row == 0,
            _CURRENT,
        ),
    )
    .where(households.c.region_id == bindparam("village"))
    .order_by(households.c.id, facts.c.as_of, facts.c.id)
)
_SUPERSEDE: Final = {kind: _supersede(kind) for kind in KINDS}
_ADD: Final = {kind: _add(kind) for kind in KINDS}
_LOAD: Final = {kind: _load(kind) for kind in KINDS}
_HISTORY: Final = {kind: _history(kind) for kind in KINDS}


async def record(conn: AsyncConnection, new: Sequence[Fact]) -> None:
    """Keep what was learnt; each takes the place of an equally old or older value of the same fact."""
    for kind in KINDS:
        rows = [_row(fact) for fact in new if fact.subject.kind == kind]
        if rows:
            keys = [*(f"its_{key}" for key in _keys(kind)), "at", "until_day"]
            await conn.execute(_SUPERSEDE[kind], [{key: row[key] for key in keys} for row in rows])
            await conn.execute(_ADD[kind], rows)


def _row(fact: Fact) -> dict[str, Any]:
    row = {f"its_{name}": value for name, value in _fact(fact).items() if name != "superseded_at"}
    return row | {"at": fact.recorded_at, "until_day": fact.as_of}


async def current(
    conn: AsyncConnection, ids: Iterable[int], kind: Kind = "household"
) -> dict[int, list[Fact]]:
    """The latest value of every fact of these households (or regions), by their ids."""
    found: dict[int, list[Fact]] = {}
    for id, *row in await conn.execute(_LOAD[kind], {"ids": padded(ids)}):
        found.setdefault(id, []).append(Fact(*row))
    return found


async def of_village(conn: AsyncConnection, region_id: int, names: Iterable[str]) -> list[dict[str, Any]]:
    """What is known under these names of every household of a village, the register included; one query."""
    wanted = frozenset(names)
    found: dict[int, dict[str, Any]] = {}
    rows = await conn.execute(_IN_VILLAGE, {"village": region_id, "names": sorted(wanted)})
    for id, population, reg_status, file, name, value in rows:
        if id not in found:
            register = {**file, "population": population, "reg_status": reg_status}
            found[id] = {key: known for key, known in register.items() if key in wanted}
        if name is not None:
            found[id][name] = value
    return list(found.values())


async def history(conn: AsyncConnection, id: int, name: str, kind: Kind = "household") -> list[Fact]:
    """Everything that was ever known of the household (or region) under this name, by the day it was true."""
    rows = await conn.execute(_HISTORY[kind], {"subject": id, "fact": name})
    return [Fact(*row) for row in rows]
