"""Duties: planned from the verdict, fulfilled by visits, and reminded of from rows that survive restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.duties import Duty, duties
from bot.services.household_file import Dossier, read_file
from bot.services.judging import Judged
from bot.services.office import Office, Task, parcels_for
from bot.services.outgoing import REMINDER, Button, Message, rows_of
from bot.storage import duties as records
from bot.storage import outbox, people
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.interviews import Interview
from bot.storage.people import Role

AHEAD: Final = timedelta(days=400)
"""So far ahead duties are planned; each verdict plans on."""
LEAD: Final[Mapping[str, int]] = {
    "visit": 14,
    "contact": 3,
    "monitor": 5,
    "review": 7,
    "adjust": 7,
    "promise": 1,
}
"""Days before the due day on which somebody is reminded (workflow.md AL-09 to AL-12)."""
MORNING: Final = time(8, 30)
FULFILS: Final[Mapping[tuple[str, int | None], tuple[str, ...]]] = {
    ("vc", 1): ("visit", "monitor"),
    ("vc", 2): ("contact", "monitor"),
    ("vc", 3): ("monitor",),
    ("jd", None): ("monitor", "review"),
    ("cs", None): ("review",),
}
"""Which duties a form fulfils, by what a visit counts as (questionnaires.md vc.13)."""
BATCH: Final = 100
IDLE: Final = 60.0


async def plan_for(conn: AsyncConnection, task: Task, judged: Judged) -> None:
    """Plan what the household's card calls for; what another card had called for is cancelled."""
    dossier, today = judged.dossier, task.today
    wanted = duties(judged.pack, judged.verdict.verdict, today, today + AHEAD)
    new = [await _new(conn, task, dossier, duty) for duty in wanted]
    kept = {(duty.kind, duty.due) for duty in new}
    planned = await records.open_of_household(conn, dossier.household.id)
    prefix = f"{judged.pack.scheme.id}:"
    stale = [
        duty.id
        for duty in planned
        if duty.frequency.startswith(prefix) and duty.due >= today and (duty.kind, duty.due) not in kept
    ]
    await records.cancel(conn, stale)
    await records.plan(conn, new)


async def _new(conn: AsyncConnection, task: Task, dossier: Dossier, duty: Duty) -> NewDuty:
    scheme = task.office.schemes[0]
    return NewDuty(
        dossier.household.id,
        duty.kind,
        duty.due,
        f"{scheme}:{duty.frequency}",
        duty.window_start,
        remind_at(task.office, duty.kind, duty.due, task.now),
        {"text": duty.text, "turn": duty.turn, "turns": duty.turns, "clause": duty.clause},
        await in_charge(conn, dossier, duty.role, task.now),
    )


async def in_charge(conn: AsyncConnection, dossier: Dossier, role: str, now: datetime) -> int | None:
    """Who has to do it: the responsible cadre, or the first person in that role over the household."""
    if role != "cadre":
        over = await people.over(conn, dossier.household.id, [cast(Role, role)], now)
        if over:
            return over[0].person_id
    return None if dossier.responsible is None else dossier.responsible.id


def remind_at(office: Office, kind: str, due: date, now: datetime) -> datetime:
    """The morning on which to remind, never before now."""
    morning = datetime.combine(due - timedelta(days=LEAD.get(kind, 1)), MORNING, office.zone)
    return max(morning, now)


async def fulfil(
    conn: AsyncConnection,
    task: Task,
    dossier: Dossier,
    interview: Interview,
    found: Mapping[str, Value],
    on: date,
) -> bool:
    """Let the questionnaire fulfil what was due, and plan what was promised; whether it came late."""
    late = False
    counts = found.get("visit_counts_as") if interview.form == "vc" else None
    for kind in FULFILS.get((interview.form, counts), ()):
        done = await records.complete(conn, dossier.household.id, kind, on, interview.id)
        late = late or (done is not None and done.state == "done_late")
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
                f"promise:{task.update_id}.{number}",
                due,
                "promise",
                task.today,
                remind_at(task.office, "promise", due, task.now),
                {"text": promise.get("promise_what") or "", "turn": 1, "turns": 1, "clause": ""},
                task.me.id,
            )
        )
    return new


class Reminder:
    """Sends what is due, again and again; nothing is kept but rows, so a stop loses nothing."""

    def __init__(
        self,
        database: Database,
        office: Office,
        now: Callable[[], datetime],
        enqueued: Callable[[], None] = lambda: None,
    ) -> None:
        """`enqueued` is called after a commit that left something to send."""
        self.database = database
        self.office = office
        self.now = now
        self.enqueued = enqueued

    async def run(self) -> None:
        """Remind until cancelled."""
        while True:
            if not await self.tick():
                await asyncio.sleep(IDLE)

    async def tick(self) -> int:
        """Remind of what is due by now; how many duties that were."""
        now = self.now()
        async with self.database.transaction() as conn:
            due = await records.to_remind(conn, now, BATCH)
            for duty in due:
                if duty.person_id is None:
                    continue
                dossier = await read_file(conn, self.office, duty.household_id, now)
                message = self.message(dossier, duty, self.office.today(now))
                await outbox.enqueue(conn, await parcels_for(conn, [duty.person_id], message), now)
            await records.reminded(conn, [duty.id for duty in due])
        if due:
            self.enqueued()
        return len(due)

    def message(self, dossier: Dossier, duty: records.Duty, today: date) -> Message:
        """A reminder with the buttons that fulfil it."""
        text = self.office.say(
            "reminding.due",
            household=dossier.name(self.office),
            text=duty.text["text"],
            due=duty.due.isoformat(),
            turn=duty.text["turn"],
            turns=duty.text["turns"],
            late=duty.due < today,
        )
        household = dossier.household.id
        buttons = [
            Button(self.office.say("buttons.record_visit"), f"n:{household}:vc"),
            Button(self.office.say("buttons.household"), f"h:{household}"),
        ]
        return Message(text, rows_of(buttons, width=16), slot=f"d{duty.id}", priority=REMINDER)
