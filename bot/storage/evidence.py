"""What is known of the photos that were sent: whose, for which question, and whether the file is here yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, padded, parameters_of, word
from bot.storage.tables import evidence

State: TypeAlias = Literal["pending", "stored", "refused"]


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A photo that was sent; `file_name` is random, `remote_id` where its channel still has it.

    Of one that is "pending" the size is what the channel says, if anything, and the file not here yet.
    """

    interview_id: int
    key: str
    person_id: int
    file_name: str
    state: State
    recorded_at: datetime
    remote_id: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A photo on record; `key` is that of the question that it answers, "" for none."""

    id: int
    interview_id: int
    key: str
    person_id: int
    file_name: str
    state: State
    recorded_at: datetime
    remote_id: str | None
    size: int | None
    sha256: str | None


_ID: Final = evidence.c.id == bindparam("its_id")
_ADD: Final = insert(evidence).returning(evidence.c.id)
_SELECT: Final = select(*columns_of(evidence, Evidence))
_GET: Final = _SELECT.where(evidence.c.id.in_(bindparam("ids", expanding=True)))
_OF_INTERVIEW: Final = _SELECT.where(evidence.c.interview_id == bindparam("interview")).order_by(
    evidence.c.id
)
_PENDING: Final = (
    _SELECT.where(
        evidence.c.state == word("pending"), evidence.c.id.not_in(bindparam("waiting", expanding=True))
    )
    .order_by(evidence.c.id)
    .limit(bindparam("most"))
)
_PLACE: Final = update(evidence).where(_ID).values(key=bindparam("its_key"))
_STORE: Final = (
    update(evidence)
    .where(_ID, evidence.c.state == word("pending"))
    .values(
        state="stored",
        file_name=bindparam("its_name"),
        size=bindparam("its_size"),
        sha256=bindparam("its_hash"),
    )
)
_REFUSE: Final = update(evidence).where(_ID).values(state="refused")
_new = parameters_of(NewEvidence)


async def add(conn: AsyncConnection, new: NewEvidence) -> int:
    """Put a photo on record; its id."""
    id: int = (await conn.execute(_ADD, _new(new))).scalar_one()
    return id


async def get_many(conn: AsyncConnection, ids: Iterable[int]) -> dict[int, Evidence]:
    """The photos of these ids by id."""
    rows = await conn.execute(_GET, {"ids": padded(ids)})
    return {row.id: Evidence(*row) for row in rows}


async def of_interview(conn: AsyncConnection, interview_id: int) -> list[Evidence]:
    """The photos that were sent with an interview, in order."""
    return [Evidence(*row) for row in await conn.execute(_OF_INTERVIEW, {"interview": interview_id})]


async def pending(conn: AsyncConnection, most: int, *, waiting: Iterable[int] = ()) -> list[Evidence]:
    """The oldest photos whose files are still to be fetched, without those of the ids `waiting`."""
    rows = await conn.execute(_PENDING, {"most": most, "waiting": padded(waiting)})
    return [Evidence(*row) for row in rows]


async def place(conn: AsyncConnection, id: int, key: str) -> None:
    """The photo answers this question."""
    await conn.execute(_PLACE, {"its_id": id, "its_key": key})


async def stored(conn: AsyncConnection, id: int, *, file_name: str, size: int, sha256: str) -> None:
    """The photo's file is here."""
    await conn.execute(_STORE, {"its_id": id, "its_name": file_name, "its_size": size, "its_hash": sha256})


async def refuse(conn: AsyncConnection, id: int) -> None:
    """The photo cannot be taken; that it was sent stays on record."""
    await conn.execute(_REFUSE, {"its_id": id})
