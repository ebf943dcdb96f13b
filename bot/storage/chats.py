"""Where each conversation stands: whose it is, the interview that is open in it, the menu that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of, replacing
from bot.storage.tables import chats


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation at an address of a channel; `view` is the state of menus and searches."""

    channel: str
    address: str
    person_id: int | None = None
    open_interview_id: int | None = None
    view: Mapping[str, Any] = field(default_factory=dict)
    reachable: bool = True
    last_message_kind: str | None = None


_REST: Final = ("person_id", "open_interview_id", "view", "reachable", "last_message_kind")
_SELECT: Final = select(*columns_of(chats, Chat))
_LOAD: Final = _SELECT.where(
    chats.c.channel == bindparam("its_channel"), chats.c.address.in_(bindparam("addresses", expanding=True))
)
_OF_PERSON: Final = _SELECT.where(chats.c.person_id == bindparam("person")).order_by(
    chats.c.channel, chats.c.address
)
_SAVE: Final = replacing(chats, keys=("channel", "address"), rest=_REST)
_REACHABLE: Final = update(chats).where(
    chats.c.channel == bindparam("its_channel"), chats.c.address == bindparam("its_address")
)
_chat = parameters_of(Chat)


async def load(conn: AsyncConnection, channel: str, addresses: Sequence[str]) -> dict[str, Chat]:
    """The conversations at these addresses by address, in one query; unknown ones are absent."""
    rows = await conn.execute(_LOAD, {"its_channel": channel, "addresses": padded(addresses)})
    return {row[1]: Chat(*row) for row in rows}


async def of_person(conn: AsyncConnection, person_id: int) -> list[Chat]:
    """The person's conversations on every channel."""
    return [Chat(*row) for row in await conn.execute(_OF_PERSON, {"person": person_id})]


async def save(conn: AsyncConnection, changed: Sequence[Chat]) -> None:
    """Write conversations, new ones and known ones."""
    if changed:
        await conn.execute(_SAVE[conn.dialect.name], [_chat(chat) for chat in changed])


async def set_reachable(conn: AsyncConnection, channel: str, address: str, reachable: bool) -> None:
    """Record whether messages still reach the address."""
    where = {"its_channel": channel, "its_address": address}
    await conn.execute(_REACHABLE, where | {"reachable": reachable})
