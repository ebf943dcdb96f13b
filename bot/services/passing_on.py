"""The deeds of a hand-over: registered, a successor named, accepted or declined, or called off (WF-14).

Whoever leaves stays responsible until the successor accepts; no deed leaves a household without anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing, left_behind, supervising
from bot.services.handover_words import named
from bot.services.office import Task, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.services.taking_over import HOLDER, shared
from bot.storage import alerts, assignments, checklist, handovers, interviews, people
from bot.storage.answer_log import Change
from bot.storage.handovers import Handover, NewHandover
from bot.storage.subjects import Subject


async def register(
    conn: AsyncConnection, task: Task, person_id: int, region_id: int, day: date, reason: str
) -> int | None:
    """Note that somebody leaves on that day; the unit and the village are told. None if noted already."""
    new = NewHandover(person_id, region_id, day, reason, task.me.id, task.now)
    id = await handovers.add(conn, new)
    if id is None:
        return None
    await handovers.note(conn, id, "registered", task.me.id, task.now, comment=reason)
    handover = await _get(conn, id)
    _audit(task, "leaving", handover, leaves_on=day.isoformat(), reason=reason)
    told = await _around(conn, handover, task) | {person_id}
    await _tell(conn, task, handover, told, "registered")
    return id


async def candidates(conn: AsyncConnection, task: Task, handover: Handover) -> list[int]:
    """The active cadres of the region who could follow."""
    ids = await handovers.successors(conn, handover.person_id, handover.region_id, task.now)
    known = await people.get_many(conn, ids)
    return sorted((id for id in ids if known[id].status == "active"), key=lambda id: known[id].name)


async def name(conn: AsyncConnection, task: Task, handover: Handover, successor: int) -> bool:
    """Name who is to follow, and ask them; False when that person could not follow."""
    if not handover.is_open or successor not in await candidates(conn, task, handover):
        return False
    before = handover.successor_id
    changed = replace(handover, state="handover", successor_id=successor, named_by=task.me.id)
    await handovers.change(conn, changed)
    await handovers.note(conn, handover.id, "named", task.me.id, task.now)
    _audit(task, "successor_named", changed, successor=successor)
    await _tell(conn, task, changed, {successor}, "asked")
    await _tell(conn, task, changed, {handover.person_id} - {task.me.id}, "named")
    if before is not None and before != successor:
        await _tell(conn, task, changed, {before}, "asked_no_more")
    return True


async def accept(
    conn: AsyncConnection, task: Task, handover: Handover, household_ids: Collection[int] | None = None
) -> list[int]:
    """Take over all households, or those named, as the successor; the ids of those that changed hands.

    What was to be done there by whoever leaves is now the successor's; what both did stays under their names.
    """
    leaver, me = handover.person_id, task.me.id
    await people.hold(conn, [leaver, me])  # no post of either ends meanwhile
    if me not in await candidates(conn, task, handover):
        return []
    mine = await handovers.in_care(conn, leaver, handover.region_id)
    wanted = mine if household_ids is None else [id for id in mine if id in household_ids]
    passed = await assignments.pass_on(conn, wanted, leaver, me, task.now) if wanted else []
    if passed:
        await checklist.pass_duties(conn, passed, leaver, me)
        for alert in await checklist.alerts_lying_with(conn, passed, leaver):
            await alerts.hand_on(conn, alert, leaver, me, task.now)
        await _questionnaires(conn, task, passed, leaver)
        await handovers.note(conn, handover.id, "accepted", me, task.now, household_ids=passed)
        for id in passed:
            auditing.note(task, "took_over", Subject("household", id), before=leaver)
    if not await handovers.in_care(conn, leaver, handover.region_id):
        closed = replace(handover, state="accepted", closed_at=task.now)
        await handovers.change(conn, closed)
        await left_behind.settle(conn, closed)
        _audit(task, "handed_over", closed)
        await _tell(conn, task, closed, await _around(conn, closed, task) | {leaver}, "accepted")
    return passed


async def _questionnaires(conn: AsyncConnection, task: Task, household_ids: list[int], leaver: int) -> None:
    """The long questionnaires that the leaver has in hand there are the successor's to go on with.

    Who answered what stays in the log. A short one is everybody's own, as two visits may be two people's.
    """
    begun = [
        each.id
        for each in await interviews.open_of(conn, leaver)
        if each.household_id in household_ids
        and shared(task.office.content.form(each.form, each.version), each.subject)
    ]
    for id, held in (await interviews.load(conn, begun, to_change=True) if begun else {}).items():
        now = task.interviews.get(id, held)
        if now.state == "open" and now.person_id == leaver:
            task.keep(replace(now, person_id=task.me.id, updated_at=task.now))
            task.passed.add((id, leaver))
            task.changes.append(Change(id, HOLDER, leaver, task.me.id, task.now, task.me.id, task.update_id))


async def decline(conn: AsyncConnection, task: Task, handover: Handover, reason: str) -> None:
    """The successor declines with a reason: somebody else must be named, whoever leaves stays responsible."""
    changed = replace(handover, state="leaving", successor_id=None)
    await handovers.change(conn, changed)
    await handovers.note(conn, handover.id, "declined", task.me.id, task.now, comment=reason)
    _audit(task, "declined", handover, reason=reason)
    told = (await _around(conn, handover, task) | {handover.person_id}) - {task.me.id}
    await _tell(conn, task, handover, told, "declined", reason=reason)


async def withdraw(conn: AsyncConnection, task: Task, handover: Handover) -> None:
    """Nobody leaves after all: what is not yet accepted stays with whoever it was with."""
    await handovers.change(conn, replace(handover, state="withdrawn", closed_at=task.now))
    await left_behind.settle(conn, handover)
    await handovers.note(conn, handover.id, "withdrawn", task.me.id, task.now)
    _audit(task, "stays", handover)
    told = await _around(conn, handover, task) | {handover.person_id}
    if handover.successor_id is not None:
        told.add(handover.successor_id)
    await _tell(conn, task, handover, told - {task.me.id}, "withdrawn")


async def _get(conn: AsyncConnection, id: int) -> Handover:
    found = await handovers.get(conn, id, to_change=True)
    assert found is not None
    return found


def _audit(task: Task, deed: str, handover: Handover, **what: object) -> None:
    region = Subject("region", handover.region_id)
    auditing.note(task, deed, region, person=handover.person_id, handover=handover.id, **what)


async def _around(conn: AsyncConnection, handover: Handover, task: Task) -> set[int]:
    """Who is told of every turn: the village, the unit of whoever leaves, and whoever registered it."""
    leaver = await people.get(conn, handover.person_id)
    assert leaver is not None
    told = await supervising.overseers(conn, handover.region_id, task.now)
    told |= await supervising.unit_leaders(conn, leaver, handover.region_id, task.now)
    return (told | {handover.registered_by}) - {task.me.id}


async def _tell(
    conn: AsyncConnection, task: Task, handover: Handover, to: set[int], what: str, reason: str = ""
) -> None:
    """Send these people word of a turn; no household is named in it."""
    text = task.say(
        "handover.told",
        what=what,
        day=handover.leaves_on.isoformat(),
        reason=reason,
        **await named(conn, task, handover),
    )
    buttons = (
        () if what == "asked_no_more" else rows_of([Button(task.say("handover.look"), f"y:h:{handover.id}")])
    )
    message = Message(text, buttons, slot=f"y{handover.id}", priority=ALERT)
    task.out += await parcels_for(conn, to - {task.me.id}, message)
