"""Which papers wait for a person's signature, or for that of a household in their care."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import auditing, home
from bot.services.household_file import names
from bot.services.office import Task
from bot.services.outgoing import Button, Message, rows_of
from bot.storage import people, signature_waiting, visibility
from bot.storage.people import Appointment
from bot.storage.signature_waiting import Want
from bot.storage.signatures import Signing


async def waiting_papers(
    conn: AsyncConnection, task: Task, appointments: Sequence[Appointment]
) -> list[Signing]:
    """The versions that wait for the person, of households that they may see, oldest first."""
    own: list[Want] = []
    hosted: list[Want] = []
    for procedure in task.office.content.running:
        for party in procedure.signers.parties if procedure.signers is not None else ():
            for held in appointments:
                if held.post in party.posts and procedure.signers is not None:
                    care = party.in_care or held.role == "cadre"
                    want = Want(procedure.signers.form, party.id, held.region_id, care)
                    (hosted if party.household else own).append(want)
    found = await signature_waiting.waiting(conn, task.me.id, own, hosted)
    seen = await visibility.in_charge(conn, task.me.id, {each.household_id for each in found}, task.now)
    return [each for each in found if each.household_id in seen]


async def listed(conn: AsyncConnection, task: Task, skipped: int) -> None:
    """A page of what waits for the person's signature."""
    waiting = await mine(conn, task)
    if not waiting:
        task.reply(Message(task.say("signing.nothing")))
        return
    skipped = skipped if skipped < len(waiting) else 0
    shown = waiting[skipped : skipped + home.PAGE]
    homes = [each.household_id for each in shown]
    auditing.note_listed(task, "signatures", homes)
    called = await names(conn, task.office, homes)
    buttons = [Button(_line(task, called[each.household_id], each), f"v:s{each.id}") for each in shown]
    text = task.say(
        "signing.listed",
        count=len(waiting),
        late=sum(each.late_on is not None and each.late_on < task.today for each in waiting),
        first=skipped + 1,
        last=skipped + len(shown),
    )
    turns = rows_of(home.pages(task, "v:p", skipped, len(waiting)))
    task.reply(Message(text, rows_of(buttons) + turns, slot="menu"))


async def mine(conn: AsyncConnection, task: Task) -> list[Signing]:
    """What waits for the person now."""
    return await waiting_papers(conn, task, await people.appointments_of(conn, task.me.id, task.now))


def _line(task: Task, household: str, signing: Signing) -> str:
    return task.say(
        "signing.line",
        household=household,
        due="" if signing.late_on is None else signing.late_on.isoformat(),
        late=signing.late_on is not None and signing.late_on < task.today,
    )
