"""What is open at households that change hands, counted by household (workflow.md WF-14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.problems import OPEN as OPEN_PROBLEMS
from bot.storage.rows import padded, word
from bot.storage.tables import alert_recipients, alerts, cases, duties, interviews, plans, problems

PERIODS: Final = {"visit": "year", "contact": "month"}
"""Kinds of duties of which there are so many in a period, whoever does them."""


@dataclass(slots=True)
class Open:
    """What is open at one household.

    `owed` and `done` count the visits of the year and the contacts of the month by kind; `waiting` are the
    other duties whose time has come, `late` those past their day; `forms` are the questionnaires in hand.
    """

    owed: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    late: int = 0
    problems: int = 0
    cases: int = 0
    has_plan: bool = False
    forms: list[str] = field(default_factory=list)


_IDS: Final[BindParameter[int]] = bindparam("ids", expanding=True)
_DUTIES: Final = select(
    duties.c.household_id, duties.c.kind, duties.c.due, duties.c.window_start, duties.c.state
).where(
    duties.c.household_id.in_(_IDS),
    duties.c.state != word("cancelled"),
    (duties.c.due >= bindparam("since", type_=duties.c.due.type))
    | duties.c.state.in_([word("planned"), word("reminded")]),
)
_PROBLEMS: Final = (
    select(problems.c.household_id, func.count())
    .where(problems.c.household_id.in_(_IDS), problems.c.status.in_(OPEN_PROBLEMS))
    .group_by(problems.c.household_id)
)
_CASES: Final = (
    select(cases.c.household_id, func.count())
    .where(cases.c.household_id.in_(_IDS), cases.c.open == literal_column("1"))
    .group_by(cases.c.household_id)
)
_PLANS: Final = select(plans.c.household_id).where(plans.c.household_id.in_(_IDS)).distinct()
_FORMS: Final = (
    select(interviews.c.household_id, interviews.c.form)
    .where(interviews.c.household_id.in_(_IDS), interviews.c.state == word("open"))
    .order_by(interviews.c.id)
)
_PASS_DUTIES: Final = (
    update(duties)
    .where(
        duties.c.household_id.in_(_IDS),
        duties.c.person_id == bindparam("before"),
        duties.c.state.in_([word("planned"), word("reminded")]),
    )
    .values(person_id=bindparam("after"))
)
_OF_SUBJECT: Final = select(alerts.c.id).where(
    alerts.c.kind == bindparam("its_kind"),
    alerts.c.subject == bindparam("its_subject"),
    alerts.c.state == word("open"),
)
_OWN_ALERTS: Final = (
    select(alerts.c.id)
    .join(alert_recipients, alert_recipients.c.alert_id == alerts.c.id)
    .where(
        alerts.c.household_id.in_(_IDS),
        alerts.c.state == word("open"),
        alert_recipients.c.person_id == bindparam("before"),
        alert_recipients.c.state != word("handed_on"),
    )
    .order_by(alerts.c.id)
)


async def open_alerts(conn: AsyncConnection, kind: str, subject: str) -> list[int]:
    """The open alerts of that kind and subject, whatever household or region they are about."""
    rows = await conn.execute(_OF_SUBJECT, {"its_kind": kind, "its_subject": subject})
    return list(rows.scalars())


async def open_at(conn: AsyncConnection, household_ids: Collection[int], today: date) -> dict[int, Open]:
    """What is open at each of these households today."""
    found = {household: Open() for household in household_ids}
    ids: dict[str, Any] = {"ids": padded(sorted(found))}
    if not found:
        return found
    for row in await conn.execute(_DUTIES, ids | {"since": today.replace(month=1, day=1)}):
        _count(found[row.household_id], row, today)
    for household, count in await conn.execute(_PROBLEMS, ids):
        found[household].problems = count
    for household, count in await conn.execute(_CASES, ids):
        found[household].cases = count
    for household in (await conn.execute(_PLANS, ids)).scalars():
        found[household].has_plan = True
    for household, form in await conn.execute(_FORMS, ids):
        found[household].forms.append(form)
    return found


def _count(home: Open, duty: Any, today: date) -> None:
    """Put one duty where it belongs; what is due in another period is nobody's arrears yet."""
    is_open = duty.state in ("planned", "reminded")
    period = PERIODS.get(duty.kind)
    if period is not None:
        same = duty.due.year == today.year and (period == "year" or duty.due.month == today.month)
        if same:
            count = home.owed if is_open else home.done
            count[duty.kind] = count.get(duty.kind, 0) + 1
    elif is_open and duty.window_start <= today:
        home.waiting += 1
    home.late += is_open and duty.due < today


async def pass_duties(conn: AsyncConnection, household_ids: Sequence[int], before: int, after: int) -> None:
    """What one person still has to do at these households another has to do now; others keep theirs."""
    await conn.execute(_PASS_DUTIES, {"ids": padded(household_ids), "before": before, "after": after})


async def alerts_lying_with(conn: AsyncConnection, household_ids: Sequence[int], person_id: int) -> list[int]:
    """The open alerts about these households that lie with the person."""
    rows = await conn.execute(_OWN_ALERTS, {"ids": padded(household_ids), "before": person_id})
    return list(rows.scalars())
