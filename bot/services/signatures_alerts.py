"""AL-30: a plan that is not signed by everybody in time, and a signature that somebody else tried to give."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.signers import Signers
from bot.services import alerts_at_hand
from bot.services.household_file import Dossier
from bot.services.office import Office, Task, parcels_for
from bot.storage import alerts, assignments, people
from bot.storage import signatures as records
from bot.storage.alerts import NewAlert
from bot.storage.signatures import Signing

CODE: Final = "AL-30"
LEVEL: Final = "red"
TOLD: Final = ("township",)
"""Beside the cadre in charge (workflow.md 4)."""


async def by_proxy(
    conn: AsyncConnection, task: Task, signing: Signing, dossier: Dossier, clause: str
) -> None:
    """Somebody wanted to sign for the household where nobody may: those over it hear of it at once."""
    text = task.say("signing.alert_proxy", who=task.me.name, paper=_paper(task.office, signing))
    new = _alert(signing, f"proxy:{signing.id}", text, clause, task.now)
    id = await alerts.raise_(conn, new)
    if id is None:
        return
    to = await _told(conn, signing.household_id, task.now) - {task.me.id}
    await alerts.send(conn, id, to, task.now)
    task.out += await parcels_for(
        conn, to, alerts_at_hand.message(task.office, dossier.name(task.office), id, new)
    )


async def raise_late(conn: AsyncConnection, office: Office, now: datetime) -> int:
    """Warn of every version that is not signed by all after its day; how many these are.

    The warnings wait for the next message that their people get.
    """
    found = await records.late(conn, office.today(now))
    given = await records.valid(conn, [each.id for each in found])
    warned = 0
    for signing in found:
        signers = _signers(office, signing.form)
        if signers is None:
            continue
        await records.warned(conn, signing.id, now)
        missing = signers.missing({each.party for each in given.get(signing.id, ())})
        text = office.say(
            "signing.alert_late",
            paper=_paper(office, signing),
            due="" if signing.late_on is None else signing.late_on.isoformat(),
            missing=[party.name for party in missing],
        )
        clause = next((party.clause for party in missing), "")
        id = await alerts.raise_(conn, _alert(signing, f"{_late(signing)}{now:%Y-%m-%d}", text, clause, now))
        if id is not None:
            to = await _told(conn, signing.household_id, now)
            await alerts.send(conn, id, to, now, state="waiting")
            warned += 1
    return warned


async def settle(conn: AsyncConnection, signing: Signing) -> None:
    """The version is signed, or another one takes its place: nobody needs to be warned of it any more."""
    for each in await alerts.open_of_household(conn, signing.household_id):
        if each.kind == CODE and each.subject.startswith(_late(signing)):
            await alerts.close(conn, each.id)


def _late(signing: Signing) -> str:
    """How the subject of such a warning begins; the day follows: a signature may turn out to be none."""
    return f"late:{signing.id}:"


def _signers(office: Office, form: str) -> Signers | None:
    found = (each.signers for each in office.content.running if each.signers is not None)
    return next((each for each in found if each.form == form), None)


def _paper(office: Office, signing: Signing) -> str:
    return office.content.form(signing.form).name


def _alert(signing: Signing, subject: str, text: str, clause: str, now: datetime) -> NewAlert:
    return NewAlert(
        household_id=signing.household_id,
        kind=CODE,
        level=LEVEL,
        subject=subject,
        facts={"text": text, "departments": [], "clause": clause},
        raised_at=now,
        interview_id=signing.interview_id,
    )


async def _told(conn: AsyncConnection, household_id: int, now: datetime) -> set[int]:
    """The cadre in charge, and the township."""
    to = {each.person_id for each in await people.over(conn, household_id, TOLD, now)}
    care = (await assignments.responsible(conn, [household_id])).get(household_id)
    return to | ({care} if care is not None else set())
