"""Duties of households: planned from the verdict and from promises, fulfilled by visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.duties import Duty, duties
from bot.rules.reminders import FIRST
from bot.services.household_file import Dossier
from bot.services.judging import Judged
from bot.services.office import Office, Task
from bot.storage import assignments, people, watch
from bot.storage import duties as records
from bot.storage.duties import NewDuty
from bot.storage.interviews import Interview

AHEAD: Final = timedelta(days=400)
"""So far ahead duties are planned; each verdict plans on."""
LOW: Final = timedelta(days=31)
"""For whom no more than this is planned, the planning is carried on: with `AHEAD`, once a year."""
CROWD: Final = 200
"""For so many households at most it is carried on in one transaction."""
RESPONSIBLE: Final = "cadre"
CATCHES_UP: Final = "monitor"
"""Of this kind one questionnaire fulfils all that was due by then: nobody can monitor a month gone by."""
VISIT_RECORD: Final = "vc"
DATED: Final = (VISIT_RECORD, "mc")
"""Forms that say on which day it was done, so that one can say that it was late."""
PROMISE: Final = "promise"


async def plan_for(conn: AsyncConnection, task: Task, judged: Judged) -> None:
    """Plan what the household's card calls for; what another card had called for is cancelled."""
    dossier, today = judged.dossier, task.today
    wanted = duties(judged.pack, judged.verdict.verdict, today, today + AHEAD)
    prefix = f"{judged.pack.scheme.id}:"
    charge: dict[str, int | None] = {}
    home = dossier.household.id
    cadre = None if dossier.responsible is None else dossier.responsible.id
    for role in dict.fromkeys(duty.role for duty in wanted):
        charge[role] = await in_charge(conn, task.office, home, cadre, role, task.now)
    new = [
        new_duty(task.office, home, duty, judged.pack.scheme.id, charge[duty.role], task.now)
        for duty in wanted
    ]
    kept = {(duty.kind, duty.due) for duty in new}
    planned = await records.open_of_household(conn, dossier.household.id)
    stale = [
        duty.id
        for duty in planned
        if duty.frequency.startswith(prefix) and duty.due >= today and (duty.kind, duty.due) not in kept
    ]
    await records.cancel(conn, stale)
    await records.plan(conn, new)


async def carry_on(
    conn: AsyncConnection, office: Office, scheme: str, now: datetime, after: int = 0
) -> int | None:
    """Plan on for households that nobody has asked anything for a year, as their last verdict has it.

    The last of the households dealt with, which the next call takes as `after`; None when there are no more.
    """
    pack, today = office.content.packs[scheme], office.today(now)
    owing = {verdict for rule in pack.frequencies if rule.of == "household" for verdict in rule.verdicts}
    if not owing:
        return None
    found = await watch.running_dry(conn, scheme, sorted(owing), today + LOW, after, CROWD)
    care = await assignments.responsible(conn, [home for home, _ in found]) if found else {}
    new: list[NewDuty] = []
    for home, verdict in found:
        charge: dict[str, int | None] = {}
        for duty in duties(pack, verdict, today, today + AHEAD):
            if duty.role not in charge:
                charge[duty.role] = await in_charge(conn, office, home, care.get(home), duty.role, now)
            new.append(new_duty(office, home, duty, scheme, charge[duty.role], now))
    await records.plan(conn, new)
    return found[-1][0] if found else None


def new_duty(
    office: Office, household_id: int, duty: Duty, scheme: str, person_id: int | None, now: datetime
) -> NewDuty:
    """A duty at a household as it is planned at that moment."""
    return NewDuty(
        household_id,
        duty.kind,
        duty.due,
        f"{scheme}:{duty.frequency}",
        duty.window_start,
        first_reminder(office, duty.kind, duty.due, now),
        said_of(duty),
        person_id,
        role=duty.role,
    )


def said_of(duty: Duty) -> dict[str, Value]:
    """What reminders say of a duty."""
    return {"text": duty.text, "turn": duty.turn, "turns": duty.turns, "clause": duty.clause}


async def in_charge(
    conn: AsyncConnection, office: Office, household_id: int, cadre: int | None, role: str, now: datetime
) -> int | None:
    """Who has to do it: the responsible `cadre`, or the first person in that role or post over the household.

    Of a role those come first who hold its usual post.
    """
    if role != RESPONSIBLE:
        over = await people.over(conn, household_id, [role], now)
        usual = office.content.offices.usual.get(role)
        over.sort(key=lambda each: each.post != usual)
        if over:
            return over[0].person_id
    return cadre


def first_reminder(office: Office, kind: str, due: date, now: datetime) -> datetime:
    """The morning on which to remind first; when that is past, as soon as reminders may go out."""
    day = office.reminders.day_of(FIRST, kind, due)
    assert day is not None
    return moment(office, day, now)


def moment(office: Office, day: date, now: datetime) -> datetime:
    """The morning of that day; when that is past, as soon from `now` on as reminders may go out."""
    morning = datetime.combine(day, office.reminders.morning, office.zone)
    return max(morning, office.reminders.opening(now.astimezone(office.zone)))


async def fulfil(
    conn: AsyncConnection,
    task: Task,
    dossier: Dossier,
    interview: Interview,
    found: Mapping[str, Value],
    on: date,
) -> bool:
    """Let the questionnaire fulfil what was due, and plan what was promised; whether the visit came late.

    One visit serves everything that asks for one (WF-19; Q-57), each a single time; whoever monitors makes up
    for all the months gone by. Of several of a kind the last one says: who is in time for it is not late.
    """
    late, home = False, dossier.household.id
    counts = found.get("visit_counts_as") if interview.form == VISIT_RECORD else None
    for kind in task.office.reminders.fulfils.get((interview.form, counts), ()):
        served: set[str] = set()
        while done := await records.complete(conn, home, kind, on, interview.id, served):
            late = done.state == "done_late" and interview.form in DATED
            served |= set() if kind == CATCHES_UP else {done.frequency}
    promises = found.get("promise")
    await records.plan(conn, _promised(task, dossier, promises if isinstance(promises, list) else []))
    return late


def _promised(task: Task, dossier: Dossier, promises: Sequence[Mapping[str, Value]]) -> list[NewDuty]:
    """Promises made in a visit record become duties of whoever made them (vc.10)."""
    new: list[NewDuty] = []
    for number, promise in enumerate(promises, 1):
        if not promise.get("promise_due"):
            continue
        due = date.fromisoformat(promise["promise_due"])
        new.append(
            NewDuty(
                dossier.household.id,
                f"{PROMISE}:{task.update_id}.{number}",
                due,
                PROMISE,
                task.today,
                first_reminder(task.office, PROMISE, due, task.now),
                {"text": promise.get("promise_what") or "", "turn": 1, "turns": 1, "clause": ""},
                task.me.id,
                role=RESPONSIBLE,
            )
        )
    return new
