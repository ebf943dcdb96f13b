"""A leaving day that passes without a successor: red, at once, to the unit and the village (AL-25)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import supervising
from bot.services.office import Office, parcels_for
from bot.services.outgoing import ALERT, Button, Message, rows_of
from bot.storage import alerts, checklist, handovers, outbox, people, regions
from bot.storage.alerts import NewAlert
from bot.storage.handovers import Handover

BATCH: Final = 100
CODE: Final = "AL-25"
LEVEL: Final = "red"
CLAUSE: Final = "002:52"
SUBJECT: Final = "handover:{id}"
"""By which an alert is known to be of a hand-over."""


async def warn(conn: AsyncConnection, office: Office, now: datetime) -> int:
    """Warn of every hand-over whose leaving day has passed, each once; how many those were."""
    late = await handovers.overdue(conn, office.today(now), BATCH)
    for handover in late:
        await _warn(conn, office, handover, now)
        await handovers.change(conn, replace(handover, warned_at=now))
    return len(late)


async def _warn(conn: AsyncConnection, office: Office, handover: Handover, now: datetime) -> None:
    leaver = await people.get(conn, handover.person_id)
    region = await regions.get(conn, handover.region_id)
    assert leaver is not None
    assert region is not None
    left = await handovers.in_care(conn, handover.person_id, handover.region_id)
    if not left:  # somebody else has them by now, as after an import
        return
    text = office.say(
        "handover.overdue",
        leaver=leaver.name,
        region=region.name,
        day=handover.leaves_on.isoformat(),
        count=len(left),
    )
    buttons = rows_of([Button(office.say("handover.look"), f"y:h:{handover.id}")])
    to = await supervising.overseers(conn, handover.region_id, now)
    to |= await supervising.unit_leaders(conn, leaver, handover.region_id, now)
    facts = {"text": text, "departments": [], "clause": CLAUSE}
    subject = SUBJECT.format(id=handover.id)
    new = NewAlert(None, CODE, LEVEL, subject, facts, now, region_id=handover.region_id)
    alert = await alerts.raise_(conn, new)
    if alert is not None:
        await alerts.send(conn, alert, to, now)
    message = Message(text, buttons, slot=f"y{handover.id}", priority=ALERT)
    await outbox.enqueue(conn, await parcels_for(conn, to, message), now)


async def settle(conn: AsyncConnection, handover: Handover) -> None:
    """Nobody is left behind any more: what was warned of is over."""
    if handover.warned_at is not None:
        for alert in await checklist.open_alerts(conn, CODE, SUBJECT.format(id=handover.id)):
            await alerts.close(conn, alert)


async def also_told(
    conn: AsyncConnection, household_ids: Iterable[int], now: datetime
) -> dict[int, frozenset[int]]:
    """Who is reminded beside the responsible cadre while the household changes hands, by household.

    Until a successor accepts these are the village and the unit of whoever leaves (WF-14).
    """
    found: dict[int, frozenset[int]] = {}
    told: dict[int, frozenset[int]] = {}
    for household, id in (await handovers.leaving(conn, household_ids)).items():
        if id not in told:
            handover = await handovers.get(conn, id)
            assert handover is not None
            leaver = await people.get(conn, handover.person_id)
            assert leaver is not None
            over = await supervising.overseers(conn, handover.region_id, now)
            over |= await supervising.unit_leaders(conn, leaver, handover.region_id, now)
            told[id] = frozenset(over - {leaver.id})
        found[household] = told[id]
    return found
