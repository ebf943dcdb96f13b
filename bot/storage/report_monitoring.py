"""What ledgers of monitored households need of a region: dated answers, told alerts, visits, work done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.region_wide import DAY, HOMES, MOMENT
from bot.storage.tables import alerts, duties, facts, interviews, people, verdicts


@dataclass(frozen=True, slots=True)
class Dated:
    """A household's answers by fact, and when each was said and written down."""

    values: dict[str, Any]
    moments: dict[str, tuple[date, datetime]]


@dataclass(frozen=True, slots=True)
class Told:
    """An alert with what its recipients were told; `subject` is "rule:fact"."""

    household_id: int
    level: str
    subject: str
    facts: Mapping[str, Any]
    raised_at: datetime
    state: str

    @property
    def rule(self) -> str:
        """The rule of the scheme that raised it."""
        return self.subject.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a scheme said of a household for a day, without what it rested on."""

    on: date
    verdict: str


@dataclass(frozen=True, slots=True)
class Work:
    """A duty at a household, who owes it, and what became of it; `done_at` is the visit's moment."""

    household_id: int
    kind: str
    due: date
    frequency: str
    state: str
    person_id: int | None
    person: str | None
    unit: str | None
    done_at: datetime | None

    def is_done(self, before: datetime) -> bool:
        """Whether it was done by that moment."""
        done = self.state in ("done", "done_late")
        return done and (self.done_at is None or self.done_at < before)

    def is_late(self, before: datetime) -> bool:
        """Whether it was done by that moment, after its due day."""
        return self.state == "done_late" and self.is_done(before)


# What was replaced before that moment was replaced by something just as old or older than the last day.
_ANSWERS: Final = (
    select(facts.c.household_id, facts.c.name, facts.c.value, facts.c.as_of, facts.c.recorded_at)
    .where(
        facts.c.household_id.in_(HOMES),
        facts.c.name.in_(bindparam("names", expanding=True)),
        facts.c.row == 0,
        facts.c.as_of <= DAY,
        or_(facts.c.superseded_at.is_(None), facts.c.superseded_at >= MOMENT),
    )
    .order_by(facts.c.household_id, facts.c.as_of, facts.c.id)
)
_TOLD: Final = (
    select(
        *(alerts.c.household_id, alerts.c.level, alerts.c.subject),
        *(alerts.c.facts, alerts.c.raised_at, alerts.c.state),
    )
    .where(alerts.c.household_id.in_(HOMES), alerts.c.raised_at < MOMENT)
    .order_by(alerts.c.household_id, alerts.c.raised_at, alerts.c.id)
)
_STANDINGS: Final = (
    select(verdicts.c.household_id, verdicts.c.on, verdicts.c.verdict)
    .where(
        verdicts.c.household_id.in_(HOMES),
        verdicts.c.scheme == bindparam("its_scheme"),
        verdicts.c.on <= DAY,
    )
    .order_by(verdicts.c.household_id, verdicts.c.on, verdicts.c.id)
)
_WORK: Final = (
    select(
        *(duties.c.household_id, duties.c.kind, duties.c.due, duties.c.frequency, duties.c.state),
        *(duties.c.person_id, people.c.name, people.c.unit),
        func.coalesce(interviews.c.visited_at, interviews.c.submitted_at),
    )
    .outerjoin(people, people.c.id == duties.c.person_id)
    .outerjoin(interviews, interviews.c.id == duties.c.done_by_interview)
    .where(
        duties.c.household_id.in_(HOMES),
        duties.c.due >= bindparam("since", type_=duties.c.due.type),
        duties.c.due <= bindparam("last", type_=duties.c.due.type),
        duties.c.state.not_in(("cancelled", "waived")),
    )
    .order_by(duties.c.due, duties.c.id)
)


async def dated(
    conn: AsyncConnection, top: str, names: Iterable[str], until: date, before: datetime
) -> dict[int, Dated]:
    """The answers as they were last true on or before `until`, which ends at `before`, by household."""
    found: dict[int, Dated] = {}
    wanted = {"top": top, "names": sorted(set(names)), "until": until, "before": before}
    for id, name, value, as_of, recorded_at in await conn.execute(_ANSWERS, wanted):
        of = found.setdefault(id, Dated({}, {}))
        of.values[name], of.moments[name] = value, (as_of, recorded_at)
    return found


async def told(conn: AsyncConnection, top: str, before: datetime) -> dict[int, list[Told]]:
    """The alerts raised before that moment, by household, in order."""
    found: dict[int, list[Told]] = {}
    for row in await conn.execute(_TOLD, {"top": top, "before": before}):
        found.setdefault(row.household_id, []).append(Told(*row))
    return found


async def standings(conn: AsyncConnection, top: str, scheme: str, until: date) -> dict[int, list[Standing]]:
    """What the scheme said for days up to `until`, by household and day."""
    found: dict[int, list[Standing]] = {}
    wanted = {"top": top, "its_scheme": scheme, "until": until}
    for id, on, verdict in await conn.execute(_STANDINGS, wanted):
        found.setdefault(id, []).append(Standing(on, verdict))
    return found


async def work(conn: AsyncConnection, top: str, since: date, last: date) -> list[Work]:
    """What was due from `since` to `last` and was not called off, in order."""
    return [Work(*row) for row in await conn.execute(_WORK, {"top": top, "since": since, "last": last})]
