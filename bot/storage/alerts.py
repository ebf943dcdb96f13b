"""Alerts about households, and what each supervisor who received one did with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, upsert, word
from bot.storage.subjects import Subject, subject_of
from bot.storage.tables import alert_recipients, alerts

Standing: TypeAlias = Literal["open", "closed"]
Reaction: TypeAlias = Literal["waiting", "sent", "seen", "handed_on"]


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert to raise about a household or a region: once for a kind, subject and interview.

    Without an interview it is raised once for ever.
    """

    household_id: int | None
    kind: str
    level: str
    subject: str
    facts: Mapping[str, Any]
    raised_at: datetime
    interview_id: int | None = None
    region_id: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that was raised."""

    id: int
    household_id: int | None
    kind: str
    level: str
    subject: str
    facts: Mapping[str, Any]
    raised_at: datetime
    interview_id: int | None
    state: Standing
    region_id: int | None = None

    @property
    def about(self) -> Subject:
        """The household or region that it is about."""
        return subject_of(self.household_id, self.region_id)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who received an alert, and what came of it at the moment `at`."""

    alert_id: int
    person_id: int
    state: Reaction
    handed_to: int | None
    at: datetime


_SELECT: Final = select(*columns_of(alerts, Alert))
_RAISE: Final = upsert(lambda insert: insert(alerts).on_conflict_do_nothing().returning(alerts.c.id))
_GET: Final = _SELECT.where(alerts.c.id == bindparam("alert"))
_OF_HOUSEHOLD: Final = _SELECT.where(
    alerts.c.household_id == bindparam("household"), alerts.c.state == "open"
).order_by(alerts.c.raised_at, alerts.c.id)
_UNSEEN: Final = (
    select(alerts.c.id)
    .join(alert_recipients, alert_recipients.c.alert_id == alerts.c.id)
    .where(
        alert_recipients.c.person_id == bindparam("person"),
        or_(alert_recipients.c.state == "sent", alert_recipients.c.state == "waiting"),
        alerts.c.state == "open",
    )
)
_OF_PERSON: Final = (
    _SELECT.join(alert_recipients, alert_recipients.c.alert_id == alerts.c.id)
    .where(
        alert_recipients.c.person_id == bindparam("person"),
        alert_recipients.c.state != "handed_on",
        alerts.c.state == "open",
    )
    .order_by(alerts.c.raised_at, alerts.c.id)
)
_SEND: Final = upsert(lambda insert: insert(alert_recipients).on_conflict_do_nothing())
_RECIPIENTS: Final = (
    select(*columns_of(alert_recipients, Recipient))
    .where(alert_recipients.c.alert_id == bindparam("alert"))
    .order_by(alert_recipients.c.at, alert_recipients.c.person_id)
)
_HIS: Final = (alert_recipients.c.alert_id == bindparam("alert")) & (
    alert_recipients.c.person_id == bindparam("person")
)
_REACT: Final = (
    update(alert_recipients)
    .where(_HIS, alert_recipients.c.state.in_(bindparam("before", expanding=True)))
    .values(
        state=bindparam("after"),
        handed_to=bindparam("to"),
        at=bindparam("moment", type_=alert_recipients.c.at.type),
    )
    .returning(alert_recipients.c.alert_id)
)
_ANNOUNCE: Final = (
    update(alert_recipients)
    .where(alert_recipients.c.state == word("waiting"))
    .values(state="sent", at=bindparam("moment", type_=alert_recipients.c.at.type))
    .returning(alert_recipients.c.person_id)
)
_CLOSE: Final = update(alerts).where(alerts.c.id == bindparam("alert")).values(state="closed")
_SAY: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"))
    .values(facts=bindparam("its_facts", type_=alerts.c.facts.type))
)
_NOT_ANNOUNCED: Final = (
    update(alert_recipients)
    .where(alert_recipients.c.alert_id == bindparam("alert"), alert_recipients.c.state == word("waiting"))
    .values(state="sent")
)
_REOPEN: Final = (
    update(alerts)
    .where(
        or_(
            alerts.c.household_id == bindparam("household", type_=alerts.c.household_id.type),
            alerts.c.region_id == bindparam("region", type_=alerts.c.region_id.type),
        ),
        alerts.c.kind == bindparam("its_kind"),
        alerts.c.subject == bindparam("its_subject"),
        alerts.c.interview_id.is_(None),
        alerts.c.state == "closed",
    )
    .values(
        state="open",
        facts=bindparam("its_facts", type_=alerts.c.facts.type),
        raised_at=bindparam("moment", type_=alerts.c.raised_at.type),
    )
    .returning(alerts.c.id)
)
_FORGET: Final = delete(alert_recipients).where(alert_recipients.c.alert_id == bindparam("alert"))
_OF_KIND: Final = _SELECT.where(
    alerts.c.kind == bindparam("its_kind"), alerts.c.state == "open", alerts.c.interview_id.is_(None)
).order_by(alerts.c.id)
_OPEN_SINCE: Final = _SELECT.where(
    alerts.c.state == "open",
    alerts.c.interview_id.is_not(None),
    alerts.c.raised_at < bindparam("moment", type_=alerts.c.raised_at.type),
).order_by(alerts.c.id)
_EVER: Final = _SELECT.where(alerts.c.household_id == bindparam("household")).order_by(
    alerts.c.raised_at, alerts.c.id
)
_alert = parameters_of(NewAlert)


async def raise_(conn: AsyncConnection, new: NewAlert) -> int | None:
    """Raise an alert; its id, or None when the same one was raised before."""
    row = _alert(new) | {"state": "open"}
    alert_id: int | None = (await conn.execute(_RAISE[conn.dialect.name], row)).scalar_one_or_none()
    return alert_id


async def send(
    conn: AsyncConnection,
    alert_id: int,
    person_ids: Iterable[int],
    at: datetime,
    *,
    state: Literal["sent", "waiting"] = "sent",
) -> None:
    """Record to whom the alert goes; whoever has it already keeps it as it is.

    With the state "waiting" nobody hears of it before `announce`.
    """
    rows = [{"alert_id": alert_id, "person_id": person} for person in sorted(set(person_ids))]
    if rows:
        sent = {"state": state, "handed_to": None, "at": at}
        await conn.execute(_SEND[conn.dialect.name], [row | sent for row in rows])


async def announce(conn: AsyncConnection, at: datetime) -> dict[int, int]:
    """Let no alert wait any longer; of how many everybody is to hear now."""
    rows = await conn.execute(_ANNOUNCE, {"moment": at})
    return dict(Counter(rows.scalars()))


async def get(conn: AsyncConnection, alert_id: int) -> Alert | None:
    """The alert of this id."""
    row = (await conn.execute(_GET, {"alert": alert_id})).one_or_none()
    return None if row is None else Alert(*row)


async def recipients(conn: AsyncConnection, alert_id: int) -> list[Recipient]:
    """Everybody who has the alert."""
    return [Recipient(*row) for row in await conn.execute(_RECIPIENTS, {"alert": alert_id})]


async def open_of_household(conn: AsyncConnection, household_id: int) -> list[Alert]:
    """The household's open alerts, oldest first."""
    return [Alert(*row) for row in await conn.execute(_OF_HOUSEHOLD, {"household": household_id})]


async def open_of_person(conn: AsyncConnection, person_id: int) -> list[Alert]:
    """The open alerts that lie with the person, oldest first."""
    return [Alert(*row) for row in await conn.execute(_OF_PERSON, {"person": person_id})]


async def unseen(conn: AsyncConnection, person_id: int) -> frozenset[int]:
    """The ids of the open alerts that the person has received and not yet looked at."""
    return frozenset((await conn.execute(_UNSEEN, {"person": person_id})).scalars())


async def see(conn: AsyncConnection, alert_id: int, person_id: int, at: datetime) -> bool:
    """Record that a recipient has seen the alert; False when it was not theirs or no longer new."""
    row = {"alert": alert_id, "person": person_id, "before": ["sent", "waiting"], "after": "seen"}
    return (await conn.execute(_REACT, row | {"to": None, "moment": at})).first() is not None


async def hand_on(conn: AsyncConnection, alert_id: int, person_id: int, to: int, at: datetime) -> bool:
    """Hand the alert on to another person, who receives it; False when it was not the giver's to hand on."""
    row = {
        "alert": alert_id,
        "person": person_id,
        "before": ["sent", "seen", "waiting", "waiting"],
        "after": "handed_on",
    }
    if to == person_id or (await conn.execute(_REACT, row | {"to": to, "moment": at})).first() is None:
        return False
    await send(conn, alert_id, [to], at)
    # Somebody who had handed it on gets it back.
    back = {"alert": alert_id, "person": to, "before": ["handed_on"], "after": "sent"}
    await conn.execute(_REACT, back | {"to": None, "moment": at})
    return True


async def close(conn: AsyncConnection, alert_id: int, facts: Mapping[str, Any] | None = None) -> None:
    """Close an alert; nobody need be told of it any more. With `facts` it says from now on what was done."""
    await conn.execute(_CLOSE, {"alert": alert_id})
    await conn.execute(_NOT_ANNOUNCED, {"alert": alert_id})
    if facts is not None:
        await conn.execute(_SAY, {"alert": alert_id, "its_facts": dict(facts)})


async def reopen(conn: AsyncConnection, new: NewAlert) -> int | None:
    """Raise an alert again that no interview caused and that was closed: its id; None when none was.

    Whoever had it before has it no longer: say `send`.
    """
    asked: dict[str, Any] = {"household": new.household_id, "region": new.region_id, "its_kind": new.kind}
    asked |= {"its_subject": new.subject, "its_facts": dict(new.facts), "moment": new.raised_at}
    alert_id: int | None = (await conn.execute(_REOPEN, asked)).scalar_one_or_none()
    if alert_id is not None:
        await conn.execute(_FORGET, {"alert": alert_id})
    return alert_id


async def open_of_kind(conn: AsyncConnection, kind: str) -> list[Alert]:
    """The open alerts of a kind that no interview caused."""
    return [Alert(*row) for row in await conn.execute(_OF_KIND, {"its_kind": kind})]


async def open_since(conn: AsyncConnection, before: datetime) -> list[Alert]:
    """The open alerts that interviews raised before that moment."""
    return [Alert(*row) for row in await conn.execute(_OPEN_SINCE, {"moment": before})]


async def of_household(conn: AsyncConnection, household_id: int) -> list[Alert]:
    """All the household's alerts, open or closed, oldest first."""
    return [Alert(*row) for row in await conn.execute(_EVER, {"household": household_id})]
