"""What lists and registers of an office need of a region: problems in place, answers paper by paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.problems import LedgerProblem
from bot.storage.region_wide import HOMES, MOMENT, PLACES, SUBMITTED
from bot.storage.rows import columns_of
from bot.storage.tables import duties, facts, households, interviews, plans, problems


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem with the region in which it lies; head and group are "" when it is not a household's."""

    problem: LedgerProblem
    region_id: int
    head_name: str
    village_group: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A questionnaire that was handed in, with what was answered in it alone: an unknown answer is None."""

    id: int
    household_id: int | None
    region_id: int | None
    form: str
    submitted_at: datetime
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """The last plan of a household."""

    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """How many duties of a kind fall due, and how many of them are done."""

    due: int
    done: int


_PROBLEMS: Final = (
    select(
        *columns_of(problems, LedgerProblem),
        func.coalesce(problems.c.region_id, households.c.region_id),
        func.coalesce(households.c.head_name, ""),
        func.coalesce(households.c.village_group, ""),
    )
    .outerjoin(households, households.c.id == problems.c.household_id)
    .where(
        or_(households.c.region_id.in_(PLACES), problems.c.region_id.in_(PLACES)),
        problems.c.status.in_(bindparam("statuses", expanding=True)),
        problems.c.recorded_at < MOMENT,
    )
    .order_by(problems.c.recorded_at, problems.c.id)
)
_HERE: Final = or_(interviews.c.household_id.in_(HOMES), interviews.c.region_id.in_(PLACES))


def _papers() -> Select[Any]:
    named = and_(
        facts.c.interview_id == interviews.c.id,
        facts.c.row == 0,
        facts.c.name.in_(bindparam("names", expanding=True)),
    )
    fields = (interviews.c[name] for name in ("id", "household_id", "region_id", "form", "submitted_at"))
    return (
        select(*fields, facts.c.name, facts.c.value)
        .outerjoin(facts, named)
        .where(_HERE, SUBMITTED)
        .order_by(interviews.c.submitted_at, interviews.c.id, facts.c.id)
    )


_PAPERS: Final = _papers()
_BEGUN: Final = (
    select(interviews.c.form, func.count())
    .where(_HERE, interviews.c.form.in_(bindparam("forms", expanding=True)), interviews.c.state == "open")
    .group_by(interviews.c.form)
)
_PLANS: Final = (
    select(plans.c.household_id, func.max(plans.c.version), func.max(plans.c.created_at))
    .where(plans.c.household_id.in_(HOMES), plans.c.created_at < MOMENT)
    .group_by(plans.c.household_id)
)
_IS_DONE: Final = and_(
    duties.c.state.in_(("done", "done_late")),
    or_(interviews.c.submitted_at.is_(None), interviews.c.submitted_at < MOMENT),
)
_DUTIES: Final = (
    select(duties.c.household_id, duties.c.kind, func.count(), func.sum(case((_IS_DONE, 1), else_=0)))
    .outerjoin(interviews, interviews.c.id == duties.c.done_by_interview)
    .where(
        duties.c.household_id.in_(HOMES),
        duties.c.kind.in_(bindparam("kinds", expanding=True)),
        duties.c.state.not_in(("cancelled", "waived")),
        duties.c.due >= bindparam("since", type_=duties.c.due.type),
        duties.c.due <= bindparam("until", type_=duties.c.due.type),
    )
    .group_by(duties.c.household_id, duties.c.kind)
)
_REGISTERED: Final = (
    select(households.c.region_id, func.count())
    .where(
        households.c.region_id.in_(PLACES),
        households.c.reg_status.in_(bindparam("statuses", expanding=True)),
    )
    .group_by(households.c.region_id)
)


async def problems_of(
    conn: AsyncConnection, top: str, statuses: Iterable[str], before: datetime
) -> list[Placed]:
    """The problems under the path `top` that have one of these statuses now, on record before that moment.

    In the order in which they came on record.
    """
    rows = await conn.execute(_PROBLEMS, {"top": top, "statuses": sorted(statuses), "before": before})
    return [Placed(LedgerProblem(*row[:-3]), *row[-3:]) for row in rows]


async def papers(
    conn: AsyncConnection, top: str, forms: Iterable[str], names: Iterable[str], before: datetime
) -> list[Paper]:
    """The questionnaires handed in before that moment with these answers, in order.

    What a later one no longer asked stays known of the earlier one: each speaks for itself.
    """
    wanted = {"top": top, "forms": sorted(set(forms)), "names": sorted(set(names)), "before": before}
    found: dict[int, Paper] = {}
    for *fields, name, value in await conn.execute(_PAPERS, wanted):
        paper = found.get(fields[0])
        if paper is None:
            paper = found[fields[0]] = Paper(*fields)
        if name is not None:
            paper.answers[name] = value
    return list(found.values())


async def begun(conn: AsyncConnection, top: str, forms: Iterable[str]) -> Mapping[str, int]:
    """How many questionnaires are begun now and not handed in, by form."""
    rows = await conn.execute(_BEGUN, {"top": top, "forms": sorted(set(forms))})
    return {row[0]: row[1] for row in rows}


async def plans_until(conn: AsyncConnection, top: str, before: datetime) -> dict[int, Planned]:
    """The last plan drawn up before that moment, by household."""
    rows = await conn.execute(_PLANS, {"top": top, "before": before})
    return {household: Planned(version, created_at) for household, version, created_at in rows}


async def done_of(
    conn: AsyncConnection, top: str, kinds: Iterable[str], since: date, until: date, before: datetime
) -> dict[tuple[int, str], Done]:
    """How many duties of these kinds are due from `since` to `until`, and done before that moment.

    By household and kind; what was called off is not due.
    """
    wanted = {"top": top, "kinds": sorted(set(kinds)), "since": since, "until": until, "before": before}
    rows = await conn.execute(_DUTIES, wanted)
    return {(household, kind): Done(due, done) for household, kind, due, done in rows}


async def count_by_place(conn: AsyncConnection, top: str, statuses: Iterable[int]) -> dict[int, int]:
    """How many households have one of these register statuses, by the region in which they live."""
    rows = await conn.execute(_REGISTERED, {"top": top, "statuses": sorted(statuses)})
    return {row[0]: row[1] for row in rows}
