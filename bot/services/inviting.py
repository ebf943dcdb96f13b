"""People come in by invitation: a link that works once, for 72 hours, made by somebody above them."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, cast, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.services.office import Task
from bot.services.outgoing import Message
from bot.storage import invitations, people, regions
from bot.storage.invitations import Invitation
from bot.storage.people import USUAL_POST, Account, Appointment, Role
from bot.storage.regions import Level, Region

VALID: Final = timedelta(hours=72)
BELOW: Final[Mapping[str, tuple[Role, ...]]] = {
    "admin": ("county", "township", "village", "cadre", "department", "unit", "inspector"),
    "county": ("township", "village", "cadre", "department", "unit", "inspector"),
    "township": ("village", "cadre"),
    "village": ("cadre",),
    "cadre": (),
    "department": (),
    "unit": (),
    "inspector": (),
}
"""Whom each role may invite."""
LEVELS: Final[Mapping[str, Level]] = {
    "cadre": "village",
    "village": "village",
    "township": "town",
    "county": "county",
    "department": "county",
    "unit": "county",
    "inspector": "county",
}
"""The regions that each role works in."""
TOKEN: Final = re.compile("[A-Za-z0-9_-]{16,64}")
SHOWN: Final = 12


class NoSuchRole(HubangError):
    """There is no role {role}: use {known}."""


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(
    conn: AsyncConnection,
    *,
    role: str,
    region_id: int,
    name: str,
    by: int | None,
    now: datetime,
    post: str = "",
) -> str:
    """A new invitation's token, fit for a deep link; only its hash is kept. NoSuchRole for a wrong role."""
    if role not in get_args(Role):
        raise NoSuchRole(role=role, known=", ".join(get_args(Role)))
    token = secrets.token_urlsafe(24)
    new = Invitation(
        token_hash(token),
        cast(Role, role),
        post or USUAL_POST.get(role, ""),
        region_id,
        name,
        by,
        now + VALID,
    )
    await invitations.add(conn, new)
    return token


async def stranger(conn: AsyncConnection, task: Task) -> None:
    """Somebody whom nobody knows: an invitation opens the door, nothing else does."""
    token = (task.incoming.text or "").strip().removeprefix("/start").strip()
    if TOKEN.fullmatch(token):
        await accept(conn, task, token)
    else:
        task.reply(Message(task.say("inviting.stranger")))


async def accept(conn: AsyncConnection, task: Task, token: str) -> bool:
    """Use an invitation; False (after saying why) when it cannot be used."""
    made = await invitations.find(conn, token_hash(token))
    if made is not None and task.person is not None and made.invited_by == task.person.id:
        task.reply(Message(task.say("inviting.invitation_refused", reason="own")))
        return False
    invitation = await invitations.redeem(conn, token_hash(token), task.now)
    if invitation is None:
        made = await invitations.find(conn, token_hash(token))
        reason = "unknown" if made is None else "used" if made.used_at is not None else "expired"
        task.reply(Message(task.say("inviting.invitation_refused", reason=reason)))
        return False
    person = task.person or await people.add(conn, name=invitation.name or task.incoming.name)
    await people.appoint(
        conn,
        person_id=person.id,
        role=invitation.role,
        post=invitation.post,
        region_id=invitation.region_id,
        since=task.now,
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
    may = may_invite(mine)
    if not may:
        task.reply(Message(task.say("inviting.may_not_invite")))
        return
    role = roles.get(parts[0]) if parts else None
    if len(parts) < 2 or role is None or role not in may:
        names = [name for name, id in roles.items() if id in may]
        task.reply(Message(task.say("inviting.how_to_invite", roles=names)))
        return
    under = {
        region.id: region
        for appointment in mine
        if role in BELOW[appointment.role]
        for region in await regions.subtree(conn, appointment.region_id)
    }
    places = [region for region in under.values() if region.level == LEVELS[role]]
    place = _place(places, parts[2] if len(parts) > 2 else "")
    if place is None:
        said = task.say(
            "inviting.which_region",
            example=f"{parts[0]} {parts[1]}",
            regions=[region.name for region in places[:SHOWN]],
            more=len(places) > SHOWN,
        )
        task.reply(Message(said))
        return
    token = await issue(conn, role=role, region_id=place.id, name=parts[1], by=task.me.id, now=task.now)
    task.reply(
        Message(task.say("inviting.invited", name=parts[1], role=parts[0], region=place.name, token=token))
    )


def may_invite(appointments: Sequence[Appointment]) -> list[Role]:
    """The roles that somebody so appointed may invite, the lowest first."""
    may = {role for appointment in appointments for role in BELOW[appointment.role]}
    return [role for role in get_args(Role) if role in may]


def _place(places: list[Region], name: str) -> Region | None:
    """The region meant: the one of that name, or the only one with the name in it."""
    called_so = [region for region in places if region.name == name]
    fitting = called_so or [region for region in places if name in region.name]
    return fitting[0] if len(fitting) == 1 else None
