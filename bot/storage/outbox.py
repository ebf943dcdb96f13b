"""What goes out: written with the deed that causes it, sent afterwards, in order within each chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import and_, bindparam, exists, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of, replacing, word
from bot.storage.tables import outbox, pauses

Kind: TypeAlias = Literal["send", "edit", "strip", "document"]
State: TypeAlias = Literal["pending", "sent", "failed"]


class Priority(IntEnum):
    """What goes first when not everything can be sent at once."""

    REPLY = 0
    ALERT = 1
    REMINDER = 2
    BROADCAST = 3


@dataclass(frozen=True, slots=True)
class NewMessage:
    """Something to send; `slot` names the message on the screen whose place it takes.

    `private` forbids it in a chat where others read along. `not_before` plans it for later.
    """

    channel: str
    address: str
    kind: Kind
    payload: Mapping[str, Any]
    priority: int = Priority.REPLY
    private: bool = True
    slot: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A row of the outbox; `message_id` is the channel's number of what was sent."""

    id: int
    channel: str
    address: str
    private: bool
    priority: int
    kind: Kind
    slot: str | None
    payload: Mapping[str, Any]
    state: State
    not_before: datetime | None
    attempts: int
    message_id: int | None
    error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that was sent, under the channel's number if it has one."""

    id: int
    message_id: int | None = None


EVERYWHERE: Final = ""
"""The address to `pause` for a whole channel."""

_MOMENT: Final = outbox.c.created_at.type
_NOW: Final = bindparam("now", type_=_MOMENT)
_CHANNEL: Final = outbox.c.channel == bindparam("its_channel")
_CHAT: Final = and_(_CHANNEL, outbox.c.address == bindparam("its_address"))
_PENDING: Final = outbox.c.state == word("pending")
_ID: Final = outbox.c.id == bindparam("its_id")
_ENQUEUE: Final = insert(outbox)
_SELECT: Final = select(*columns_of(outbox, Message))
_READY: Final = or_(outbox.c.not_before.is_(None), outbox.c.not_before <= _NOW)
_AHEAD: Final = outbox.alias("ahead")
_CROWDED: Final = exists(
    select(_AHEAD.c.id)
    .where(
        _AHEAD.c.channel == outbox.c.channel,
        _AHEAD.c.address == outbox.c.address,
        _AHEAD.c.state == word("pending"),
        or_(_AHEAD.c.not_before.is_(None), _AHEAD.c.not_before <= _NOW),
        tuple_(_AHEAD.c.priority, _AHEAD.c.id) < tuple_(outbox.c.priority, outbox.c.id),
    )
    .limit(1)
    .offset(bindparam("ahead"))
    .correlate(outbox)
)
_PAUSED: Final = exists().where(
    pauses.c.channel == outbox.c.channel,
    or_(pauses.c.address == outbox.c.address, pauses.c.address == EVERYWHERE),
    pauses.c.until > _NOW,
)
_TAKE: Final = (
    _SELECT.where(
        _CHANNEL, _PENDING, _READY, outbox.c.id.not_in(bindparam("busy", expanding=True)), ~_PAUSED, ~_CROWDED
    )
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("size"))
)
_SENT: Final = (
    update(outbox)
    .where(_ID)
    .values(
        state="sent",
        error=None,
        message_id=bindparam("its_message", type_=outbox.c.message_id.type),
        sent_at=_NOW,
        attempts=outbox.c.attempts + 1,
    )
)
_FAIL: Final = (
    update(outbox).where(_ID).values(state="failed", error=bindparam("why"), attempts=outbox.c.attempts + 1)
)
_FAIL_CHAT: Final = update(outbox).where(_CHAT, _PENDING).values(state="failed", error=bindparam("why"))
_TRIED: Final = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(attempts=outbox.c.attempts + 1, error=bindparam("why"))
)
_PAUSE: Final = replacing(pauses, keys=("channel", "address"), rest=("until",))
_LATEST: Final = (
    select(outbox.c.message_id)
    .where(_CHAT, outbox.c.slot == bindparam("its_slot"), outbox.c.message_id.is_not(None))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_AFTER: Final = (
    _SELECT.where(_CHAT, outbox.c.id > bindparam("after")).order_by(outbox.c.id).limit(bindparam("size"))
)
_LAST: Final = _SELECT.where(_CHAT).order_by(outbox.c.id.desc()).limit(bindparam("size"))
_message = parameters_of(NewMessage)


async def enqueue(conn: AsyncConnection, messages: Sequence[NewMessage], at: datetime) -> None:
    """Add messages behind what their chats already wait for."""
    if messages:
        rows = [_message(item) | {"state": "pending", "attempts": 0, "created_at": at} for item in messages]
        await conn.execute(_ENQUEUE, rows)


async def take(
    conn: AsyncConnection,
    channel: str,
    now: datetime,
    limit: int,
    *,
    busy: Iterable[int] = (),
    per_chat: int = 1,
) -> list[Message]:
    """What may be sent now, by priority and then by age: of each chat the first `per_chat` at most.

    `busy` are the rows already being sent; they count among the first of their chats. Paused chats and what
    is planned for later are left out. Nothing is locked: send for a channel inside `Database.sole`.
    """
    parameters = {"its_channel": channel, "now": now, "size": limit, "ahead": per_chat - 1}
    rows = await conn.execute(_TAKE, parameters | {"busy": padded(busy)})
    return [Message(*row) for row in rows]


async def mark_sent(conn: AsyncConnection, sent: Sequence[Sent], at: datetime) -> None:
    """These rows were sent."""
    rows = [{"its_id": item.id, "its_message": item.message_id, "now": at} for item in sent]
    if rows:
        await conn.execute(_SENT, rows)


async def fail(conn: AsyncConnection, id: int, error: str) -> None:
    """This row can never be sent."""
    await conn.execute(_FAIL, {"its_id": id, "why": error})


async def fail_chat(conn: AsyncConnection, channel: str, address: str, error: str) -> None:
    """Nothing that waits for this chat can be sent, as when the bot was blocked."""
    await conn.execute(_FAIL_CHAT, {"its_channel": channel, "its_address": address, "why": error})


async def pause(
    conn: AsyncConnection,
    channel: str,
    address: str,
    until: datetime,
    *,
    tried: Iterable[int] = (),
    error: str | None = None,
) -> None:
    """Send nothing to this chat (`EVERYWHERE`: to none of the channel) until then.

    `tried` are the rows whose sending failed for the time being; they keep their places.
    """
    await conn.execute(_PAUSE[conn.dialect.name], {"channel": channel, "address": address, "until": until})
    if ids := padded(tried):
        await conn.execute(_TRIED, {"ids": ids, "why": error})


async def latest_message(conn: AsyncConnection, channel: str, address: str, slot: str) -> int | None:
    """The channel's number of the message that was last sent in this slot of the chat."""
    parameters = {"its_channel": channel, "its_address": address, "its_slot": slot}
    return (await conn.execute(_LATEST, parameters)).scalar_one_or_none()


async def after(
    conn: AsyncConnection, channel: str, address: str, id: int, limit: int = 100
) -> list[Message]:
    """The chat's rows after the row `id`, in order, whatever their state."""
    parameters = {"its_channel": channel, "its_address": address, "after": id, "size": limit}
    return [Message(*row) for row in await conn.execute(_AFTER, parameters)]


async def last(conn: AsyncConnection, channel: str, address: str, limit: int = 100) -> list[Message]:
    """The chat's last rows, in order, whatever their state."""
    parameters = {"its_channel": channel, "its_address": address, "size": limit}
    return [Message(*row) for row in await conn.execute(_LAST, parameters)][::-1]
