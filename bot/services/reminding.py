"""Duties: planned from the verdict, fulfilled by visits, and reminded of from rows that survive restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.expressions import Value
from bot.rules.duties import Duty, duties
from bot.services.household_file import Dossier, names
from bot.services.judging import Judged
from bot.services.office import Office, Task, parcel
from bot.services.outgoing import REMINDER, Button, Message, rows_of
from bot.storage import assignments, outbox, people, visibility
from bot.storage import duties as records
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.interviews import Interview
from bot.storage.outbox import NewMessage

log = logging.getLogger(__name__)

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
    ("vc", 1): ("visit",),
    ("vc", 2): ("contact",),
    ("mc", None): ("monitor",),
    ("cs", None): ("review",),
    ("jd", None): ("review",),
}
"""Which duties a form fulfils, by what a visit counts as (questionnaires.md vc.13)."""
CATCHES_UP: Final = "monitor"
"""Of this kind one questionnaire fulfils all that was due by then: nobody can monitor a month gone by."""
VISIT_RECORD: Final = "vc"
DATED: Final = (VISIT_RECORD, "mc")
"""Forms that say on which day it was done, so that one can say that it was late."""
BATCH: Final = 1000
APART: Final = 3
"""So many reminders at a time come one by one; more of them come as one message."""
LINES: Final = 10
IDLE: Final = 60.0


async def plan_for(conn: AsyncConnection, task: Task, judged: Judged) -> None:
    """Plan what the household's card calls for; what another card had called for is cancelled."""
    dossier, today = judged.dossier, task.today
    wanted = duties(judged.pack, judged.verdict.verdict, today, today + AHEAD)
    prefix = f"{judged.pack.scheme.id}:"
    new = [await _new(conn, task, dossier, duty, prefix) for duty in wanted]
    kept = {(duty.kind, duty.due) for duty in new}
    planned = await records.open_of_household(conn, dossier.household.id)
    stale = [
        duty.id
        for duty in planned
        if duty.frequency.startswith(prefix) and duty.due >= today and (duty.kind, duty.due) not in kept
    ]
    await records.cancel(conn, stale)
    await records.plan(conn, new)


async def _new(conn: AsyncConnection, task: Task, dossier: Dossier, duty: Duty, prefix: str) -> NewDuty:
    return NewDuty(
        dossier.household.id,
        duty.kind,
        duty.due,
        f"{prefix}{duty.frequency}",
        duty.window_start,
        remind_at(task.office, duty.kind, duty.due, task.now),
        {"text": duty.text, "turn": duty.turn, "turns": duty.turns, "clause": duty.clause},
        await in_charge(conn, dossier, duty.role, task.now),
    )


async def in_charge(conn: AsyncConnection, dossier: Dossier, role: str, now: datetime) -> int | None:
    """Who has to do it: the responsible cadre, or the first person in that role over the household."""
    if role != "cadre":
        over = await people.over(conn, dossier.household.id, [role], now)
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
    """Let the questionnaire fulfil what was due, and plan what was promised; whether the visit came late.

    Of several that it fulfils the last one says: who monitors this month in time is not late.
    """
    late, home = False, dossier.household.id
    counts = found.get("visit_counts_as") if interview.form == VISIT_RECORD else None
    for kind in FULFILS.get((interview.form, counts), ()):
        done = await records.complete(conn, home, kind, on, interview.id)
        while done is not None:
            late = done.state == "done_late" and interview.form in DATED
            again = kind == CATCHES_UP
            done = await records.complete(conn, home, kind, on, interview.id) if again else None
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
            try:
                if await self.tick():
                    continue
            except Exception as error:  # noqa: BLE001 (the database is away: the rows wait)
                log.error("nobody can be reminded now: %s", type(error).__name__)
            await asyncio.sleep(IDLE)

    async def tick(self) -> int:
        """Remind of what is due by now; how many duties that were."""
        now = self.now()
        async with self.database.transaction() as conn:
            due = await records.to_remind(conn, now, BATCH)
            if due:
                await outbox.enqueue(conn, await self._parcels(conn, due, now), now)
                await records.reminded(conn, [duty.id for duty in due])
        if due:
            self.enqueued()
        return len(due)

    async def _parcels(
        self, conn: AsyncConnection, due: Sequence[records.Duty], now: datetime
    ) -> list[NewMessage]:
        """A message for each duty, or one for all when somebody has many; a few queries for all together."""
        to = await receivers(conn, due, now)
        called = await names(conn, self.office, [duty.household_id for duty in due])
        shares: dict[int, list[records.Duty]] = {}
        for duty in due:
            if duty.id in to:
                shares.setdefault(to[duty.id], []).append(duty)
        found: list[NewMessage] = []
        for account in await people.accounts_of(conn, sorted(shares)):
            mine = shares[account.person_id]
            if len(mine) > APART:
                messages = [self.many(mine, self.office.today(now))]
            else:
                messages = [
                    self.one(duty, called[duty.household_id], self.office.today(now)) for duty in mine
                ]
            found += [parcel(message, account.channel, account.address) for message in messages]
        return found

    def one(self, duty: records.Duty, household: str, today: date) -> Message:
        """A reminder with the buttons that fulfil it."""
        text = self.office.say(
            "reminding.due",
            household=household,
            text=duty.text["text"],
            due=duty.due.isoformat(),
            turn=duty.text["turn"],
            turns=duty.text["turns"],
            late=duty.due < today,
        )
        buttons = [
            self.way(duty),
            Button(self.office.say("buttons.household"), f"h:{duty.household_id}"),
        ]
        return Message(text, rows_of(buttons, width=16), slot=f"d{duty.id}", priority=REMINDER)

    def way(self, duty: records.Duty) -> Button:
        """The button to the questionnaire that fulfils the duty; a visit is recorded of anything else."""
        id = next((form for (form, _), kinds in FULFILS.items() if duty.kind in kinds), VISIT_RECORD)
        form = self.office.content.form(id)
        label = self.office.say("buttons.record_visit") if id == VISIT_RECORD else form.short
        return Button(label, f"n:{duty.household_id}:{id}")

    def many(self, mine: Sequence[records.Duty], today: date) -> Message:
        """What a person with many duties is reminded of, counted by deed and day, and the way to the list."""
        counted: dict[tuple[date, str], int] = {}
        for duty in sorted(mine, key=lambda duty: duty.due):
            deed = duty.due, duty.text["text"]
            counted[deed] = counted.get(deed, 0) + 1
        lines = [(text, due.isoformat(), count, due < today) for (due, text), count in counted.items()]
        said = self.office.say(
            "reminding.many",
            count=len(mine),
            lines=lines[:LINES],
            rest=sum(line[2] for line in lines[LINES:]),
        )
        buttons = rows_of([Button(self.office.say("reminding.show"), "m:due")])
        return Message(said, buttons, slot="reminders", priority=REMINDER)


async def receivers(conn: AsyncConnection, due: Sequence[records.Duty], now: datetime) -> dict[int, int]:
    """Whom to remind, by duty: who has to do it, as long as they may see the household.

    Else its responsible cadre; of a household without one, the people of its village.
    """
    cadres = await assignments.responsible(conn, [duty.household_id for duty in due])
    asked: dict[int, set[int]] = {}
    for duty in due:
        for person in (duty.person_id, cadres.get(duty.household_id)):
            if person is not None:
                asked.setdefault(person, set()).add(duty.household_id)
    seen = {person: await visibility.among(conn, person, homes, now) for person, homes in asked.items()}
    found: dict[int, int] = {}
    for duty in due:
        home = duty.household_id
        able = [p for p in (duty.person_id, cadres.get(home)) if p is not None and home in seen[p]]
        if not able:
            able = [holder.person_id for holder in await people.over(conn, home, ["village"], now)]
        if able:
            found[duty.id] = able[0]
    return found
