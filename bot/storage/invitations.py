"""Invitations: a link that makes one person, once, a user in a role. Only the token's hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.people import Role
from bot.storage.rows import columns_of, parameters_of
from bot.storage.tables import invitations


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited to be what, until when, and who has used it.

    With `person_id` it lets that person speak through another account; nobody is appointed by it.
    """

    token_hash: str
    role: Role
    post: str
    region_id: int
    name: str
    invited_by: int | None
    expires_at: datetime
    used_at: datetime | None = None
    used_by: int | None = None
    person_id: int | None = None


_FIELDS: Final = columns_of(invitations, Invitation)
_THIS: Final = invitations.c.token_hash == bindparam("token")
_ADD: Final = insert(invitations)
_FIND: Final = select(*_FIELDS).where(_THIS)
_MOMENT: Final = invitations.c.expires_at.type
# The condition stands in the statement that uses it up: of two who come at once, one finds it used.
_REDEEM: Final = (
    update(invitations)
    .where(_THIS, invitations.c.used_at.is_(None), invitations.c.expires_at > bindparam("at", type_=_MOMENT))
    .values(used_at=bindparam("at", type_=_MOMENT))
    .returning(*_FIELDS)
)
_USED_BY: Final = update(invitations).where(_THIS).values(used_by=bindparam("person"))
_WITHDRAW: Final = (
    update(invitations)
    .where(
        invitations.c.person_id == bindparam("person"),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > bindparam("at", type_=_MOMENT),
    )
    .values(expires_at=bindparam("at", type_=_MOMENT))
)
_CAME_IN: Final = (
    select(invitations.c.token_hash).where(invitations.c.used_by == bindparam("person")).limit(1)
)
_parameters = parameters_of(Invitation)


async def add(conn: AsyncConnection, invitation: Invitation) -> None:
    """Keep a new invitation."""
    await conn.execute(_ADD, _parameters(invitation))


async def find(conn: AsyncConnection, token_hash: str) -> Invitation | None:
    """The invitation as it stands, to say why it cannot be used."""
    row = (await conn.execute(_FIND, {"token": token_hash})).one_or_none()
    return None if row is None else Invitation(*row)


async def redeem(conn: AsyncConnection, token_hash: str, at: datetime) -> Invitation | None:
    """Use the invitation up, or None when it is unknown, used or expired; then say `used_by` whom."""
    row = (await conn.execute(_REDEEM, {"token": token_hash, "at": at})).one_or_none()
    return None if row is None else Invitation(*row)


async def withdraw(conn: AsyncConnection, person_id: int, at: datetime) -> None:
    """Let every link for exactly this person that nobody has used be over."""
    await conn.execute(_WITHDRAW, {"person": person_id, "at": at})


async def used_by(conn: AsyncConnection, token_hash: str, person_id: int) -> None:
    """Record who came through a redeemed invitation, in the same transaction."""
    await conn.execute(_USED_BY, {"token": token_hash, "person": person_id})


async def came_in(conn: AsyncConnection, person_id: int) -> bool:
    """Whether the person has ever used an invitation."""
    return (await conn.execute(_CAME_IN, {"person": person_id})).first() is not None
