"""What has been kept long enough: messages, ordered files, rosters, invitations, the oldest audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import audit
from bot.storage.tables import files, inbox, invitations, orders, outbox, roster_files

_BEFORE: Final[BindParameter[datetime]] = bindparam("before", type_=inbox.c.received_at.type)
_DONE: Final = and_(orders.c.state != "waiting", orders.c.ordered_at < _BEFORE)
_ORDERED: Final = and_(
    files.c.household_id.is_(None),
    files.c.created_at < _BEFORE,
    files.c.id.not_in(select(orders.c.file_id).where(orders.c.file_id.is_not(None))),
)
_DELETED: Final[Mapping[str, tuple[tuple[Table, ColumnElement[bool]], ...]]] = {
    "inbox_handled": ((inbox, and_(inbox.c.state == "done", inbox.c.received_at < _BEFORE)),),
    "inbox_laid_aside": ((inbox, and_(inbox.c.state == "dead", inbox.c.received_at < _BEFORE)),),
    "outbox_finished": ((outbox, and_(outbox.c.state != "pending", outbox.c.created_at < _BEFORE)),),
    "ordered_files": ((orders, _DONE), (files, _ORDERED)),
    "invitations": (
        (
            invitations,
            or_(invitations.c.used_at < _BEFORE, invitations.c.expires_at < _BEFORE),
        ),
    ),
}
"""Rows that go, by what they are; of several tables in this order."""
_ROSTERS: Final = and_(roster_files.c.sent_at < _BEFORE, roster_files.c.content.is_not(None))


Expire = Callable[[AsyncConnection, datetime, datetime], Awaitable[int]]


def _deleting(what: str) -> Expire:
    async def expire(conn: AsyncConnection, before: datetime, at: datetime) -> int:
        number = 0
        for table, old in _DELETED[what]:
            number += (await conn.execute(delete(table).where(old), {"before": before})).rowcount
        return number

    return expire


async def _rosters(conn: AsyncConnection, before: datetime, at: datetime) -> int:
    """Their contents go; that there was one, of whom and when, stays."""
    change = update(roster_files).where(_ROSTERS).values(content=None)
    return (await conn.execute(change, {"before": before})).rowcount


EXPIRING: Final[Mapping[str, Expire]] = {
    **{what: _deleting(what) for what in _DELETED},
    "roster_files": _rosters,
    "audit": audit.drop_before,
}
"""What can be kept for a time, with what removes whatever is older than a moment, and counts it."""
