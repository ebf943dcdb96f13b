"""What was ordered in chats and takes a while to make: it survives a restart, and is made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, word
from bot.storage.tables import orders


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Something to make for the person in this chat; `wanted` says what."""

    person_id: int
    channel: str
    address: str
    wanted: Mapping[str, Any]
    ordered_at: datetime
    state: str = "waiting"
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stands: "waiting", "done" or "failed"; `attempts` counts the begun ones."""

    id: int
    person_id: int
    channel: str
    address: str
    wanted: Mapping[str, Any]
    state: str
    attempts: int
    ordered_at: datetime
    file_id: int | None


_ID: Final = orders.c.id == bindparam("its_id")
_WAITING: Final = orders.c.state == word("waiting")
_ADD: Final = insert(orders).returning(orders.c.id)
_NEXT: Final = select(*columns_of(orders, Order)).where(_WAITING).order_by(orders.c.id).limit(1)
_BEGIN: Final = update(orders).where(_ID, _WAITING).values(attempts=orders.c.attempts + 1)
_END: Final = update(orders).where(_ID).values(state=bindparam("its_state"), file_id=bindparam("its_file"))
_MINE: Final = (
    select(orders.c.wanted).where(_WAITING, orders.c.person_id == bindparam("person")).order_by(orders.c.id)
)
_new = parameters_of(NewOrder)


async def add(conn: AsyncConnection, new: NewOrder) -> int:
    """Put an order in; its id."""
    id: int = (await conn.execute(_ADD, _new(new))).scalar_one()
    return id


async def begin_next(conn: AsyncConnection) -> Order | None:
    """The first order that waits, one attempt more counted; None when nothing waits."""
    row = (await conn.execute(_NEXT)).one_or_none()
    if row is None:
        return None
    order = Order(*row)
    await conn.execute(_BEGIN, {"its_id": order.id})
    return order


async def end(conn: AsyncConnection, id: int, *, failed: bool = False, file_id: int | None = None) -> None:
    """The order is made, or never will be."""
    state = "failed" if failed else "done"
    await conn.execute(_END, {"its_id": id, "its_state": state, "its_file": file_id})


async def any_waiting(conn: AsyncConnection) -> bool:
    """Whether anything waits to be made."""
    return (await conn.execute(_NEXT)).first() is not None


async def waiting_of(conn: AsyncConnection, person_id: int) -> list[Mapping[str, Any]]:
    """What the person has ordered and is not made yet, in order."""
    return list((await conn.execute(_MINE, {"person": person_id})).scalars())
