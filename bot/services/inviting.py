"""People come in by invitation: a link that works once, for 72 hours, made by somebody above them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.services.office import Task
from bot.services.outgoing import Message
from bot.storage import invitations, people, regions
from bot.storage.invitations import Invitation
from bot.storage.people import Account, Role
from bot.storage.regions import Region

VALID: Final = timedelta(hours=72)
BELOW: Final[Mapping[str, tuple[Role, ...]]] = {
    "admin": ("county", "township", "village", "cadre"),
    "county": ("township", "village", "cadre"),
    "township": ("village", "cadre"),
    "village": ("cadre",),
    "cadre": (),
}
"""Whom each role may invite."""


class NoSuchRole(HubangError):
    """There is no role {role}: use {known}."""


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(
    conn: AsyncConnection, *, role: str, region_id: int, name: str, by: int | None, now: datetime
) -> str:
    """A new invitation's token, fit for a deep link; only its hash is kept. NoSuchRole for a wrong role."""
    if role not in get_args(Role):
        raise NoSuchRole(role=role, known=", ".join(get_args(Role)))
    token = secrets.token_urlsafe(24)
    new = Invitation(token_hash(token), cast(Role, role), region_id, name, by, now + VALID)
    await invitations.add(conn, new)
    return token


async def stranger(conn: AsyncConnection, task: Task) -> None:
    """Somebody whom nobody knows: an invitation opens the door, nothing else does."""
    text = (task.incoming.text or "").strip()
    token = text.removeprefix("/start").strip() if text.startswith("/start") else ""
    if token:
        await accept(conn, task, token)
    else:
        task.reply(Message(task.say("inviting.stranger")))


async def accept(conn: AsyncConnection, task: Task, token: str) -> bool:
    """Use an invitation; False (after saying why) when it cannot be used."""
    invitation = await invitations.redeem(conn, token_hash(token), task.now)
    if invitation is None:
        known = await invitations.find(conn, token_hash(token))
        reason = "unknown" if known is None else "used" if known.used_at is not None else "expired"
        task.reply(Message(task.say("inviting.invitation_refused", reason=reason)))
        return False
    person = task.person or await people.add(conn, name=invitation.name or task.incoming.name)
    await people.appoint(
        conn, person_id=person.id, role=invitation.role, region_id=invitation.region_id, since=task.now
    )
    await people.bind(conn, Account(task.incoming.channel, task.incoming.address, person.id))
    await invitations.used_by(conn, token_hash(token), person.id)
    task.person = person
    task.look_at(person_id=person.id)
    region = await regions.get(conn, invitation.region_id)
    assert region is not None
    role = task.say("home.role", role=invitation.role, region=region.name)
    task.reply(Message(task.say("inviting.welcome", name=person.name, role=role)))
    return True


async def invite(conn: AsyncConnection, task: Task, words: str) -> None:
    """ "Invite ROLE NAME [REGION]" by somebody above: sends back the link's token to pass on."""
    parts = words.split()
    roles = {task.say("inviting.role_name", role=role): role for role in get_args(Role)}
    mine = await people.appointments_of(conn, task.me.id, task.now)
    may = {role for appointment in mine for role in BELOW[appointment.role]}
    if not may:
        task.reply(Message(task.say("inviting.may_not_invite")))
        return
    role = roles.get(parts[0]) if parts else None
    if len(parts) < 2 or role is None or role not in may:
        names = [name for name, id in roles.items() if id in may]
        task.reply(Message(task.say("inviting.how_to_invite", roles=names)))
        return
    places = [
        region
        for appointment in mine
        if role in BELOW[appointment.role]
        for region in await regions.subtree(conn, appointment.region_id)
    ]
    place = _place(places, parts[2] if len(parts) > 2 else "", role)
    if place is None:
        task.reply(
            Message(task.say("inviting.which_region", regions=[region.name for region in places][:12]))
        )
        return
    token = await issue(conn, role=role, region_id=place.id, name=parts[1], by=task.me.id, now=task.now)
    task.reply(
        Message(task.say("inviting.invited", name=parts[1], role=parts[0], region=place.name, token=token))
    )


def _place(places: list[Region], name: str, role: str) -> Region | None:
    """The region meant: the named one, or the only one of the role's level."""
    level = {"cadre": "village", "village": "village", "township": "town", "county": "county"}.get(role)
    fitting = [region for region in places if region.level == level and name in region.name]
    return fitting[0] if len(fitting) == 1 else None
