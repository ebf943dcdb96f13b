"""What belongs to a paper under signature: who looked at it, who keeps a copy, where a name may be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import columns_of, parameters_of, upsert
from bot.storage.tables import signature_copies, signature_links, signature_looks


@dataclass(frozen=True, slots=True)
class NewLink:
    """A page where one person draws their name, once; `digest` is that of its secret address."""

    digest: str
    signing_id: int
    name: str
    note: str
    person_id: int
    channel: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Such a page on record; `channel` and `address` are the chat from which it was asked for."""

    id: int
    digest: str
    signing_id: int
    name: str
    note: str
    person_id: int
    channel: str
    address: str
    expires_at: datetime
    used_at: datetime | None


_LOOK: Final = upsert(lambda insert: insert(signature_looks).on_conflict_do_nothing())
_LOOKED: Final = select(signature_looks.c.at).where(
    signature_looks.c.signing_id == bindparam("signing"), signature_looks.c.person_id == bindparam("person")
)
_GIVE: Final = upsert(lambda insert: insert(signature_copies).on_conflict_do_nothing())
_GIVEN: Final = select(signature_copies.c.keeper, signature_copies.c.at).where(
    signature_copies.c.signing_id == bindparam("signing")
)
_NEW_LINK: Final = insert(signature_links).returning(signature_links.c.id)
_LINKS: Final = select(*columns_of(signature_links, Link))
_LINK: Final = _LINKS.where(signature_links.c.id == bindparam("its_id"))
_LINK_AT: Final = _LINKS.where(signature_links.c.digest == bindparam("its_digest"))
_USE: Final = (
    update(signature_links)
    .where(signature_links.c.id == bindparam("its_id"), signature_links.c.used_at.is_(None))
    .values(used_at=bindparam("moment", type_=signature_links.c.used_at.type))
    .returning(signature_links.c.id)
)
_link = parameters_of(NewLink)


async def look(conn: AsyncConnection, signing_id: int, person_id: int, at: datetime) -> None:
    """The person was shown this version."""
    row = {"signing_id": signing_id, "person_id": person_id, "at": at}
    await conn.execute(_LOOK[conn.dialect.name], row)


async def looked(conn: AsyncConnection, signing_id: int, person_id: int) -> bool:
    """Whether the person was shown this version."""
    found = await conn.execute(_LOOKED, {"signing": signing_id, "person": person_id})
    return found.first() is not None


async def give(conn: AsyncConnection, signing_id: int, keeper: str, person_id: int, at: datetime) -> None:
    """Somebody has given a keeper their copy."""
    row = {"signing_id": signing_id, "keeper": keeper, "person_id": person_id, "at": at}
    await conn.execute(_GIVE[conn.dialect.name], row)


async def given(conn: AsyncConnection, signing_id: int) -> dict[str, datetime]:
    """Who has a copy of the signed paper, and since when."""
    rows = await conn.execute(_GIVEN, {"signing": signing_id})
    return {row.keeper: row.at for row in rows}


async def add_link(conn: AsyncConnection, new: NewLink) -> int:
    """Let somebody draw their name; the id of the page."""
    id: int = (await conn.execute(_NEW_LINK, _link(new))).scalar_one()
    return id


async def link(conn: AsyncConnection, link_id: int) -> Link | None:
    """The page of this id."""
    row = (await conn.execute(_LINK, {"its_id": link_id})).one_or_none()
    return None if row is None else Link(*row)


async def link_at(conn: AsyncConnection, digest: str) -> Link | None:
    """The page whose secret address has this digest."""
    row = (await conn.execute(_LINK_AT, {"its_digest": digest})).one_or_none()
    return None if row is None else Link(*row)


async def use(conn: AsyncConnection, link_id: int, at: datetime) -> bool:
    """Use a page up; False when it was used before."""
    return (await conn.execute(_USE, {"its_id": link_id, "moment": at})).first() is not None
