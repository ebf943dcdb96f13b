"""People come in by invitation: a link that works once, for 72 hours, made by somebody above them.

A link for a person who is in already lets them speak through another phone; nobody is appointed by it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast, get_args

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.rules.offices import Offices, Post
from bot.services import auditing
from bot.services.office import Task, parcels_for
from bot.services.outgoing import Message
from bot.storage import interviews, invitations, people, regions
from bot.storage.invitations import Invitation
from bot.storage.people import USUAL_POST, Account, Appointment, Person, Role
from bot.storage.regions import Region
from bot.storage.subjects import Subject

VALID: Final = timedelta(hours=72)
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
    person_id: int | None = None,
) -> str:
    """A new invitation's token, fit for a deep link; only its hash is kept. NoSuchRole for a wrong role.

    With `person_id` it is for exactly that person's new phone.
    """
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
        person_id=person_id,
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
    refused = "unknown" if made is None else await _not_for(conn, task, made)
    if not refused and await invitations.redeem(conn, token_hash(token), task.now) is None:
        made = await invitations.find(conn, token_hash(token))
        refused = "used" if made is not None and made.used_at is not None else "expired"
    if refused or made is None:
        task.reply(Message(task.say("inviting.invitation_refused", reason=refused)))
        return False
    person = await (_appointed(conn, task, made) if made.person_id is None else _rebound(conn, task, made))
    await people.bind(conn, Account(task.incoming.channel, task.incoming.address, person.id))
    await invitations.used_by(conn, token_hash(token), person.id)
    task.person = person
    task.look_at(person_id=person.id)
    deed = "came_in" if made.person_id is None else "bound_anew"
    by = made.invited_by
    auditing.note(task, deed, person, region=made.region_id, post=made.post, invited_by=by)
    return True


async def _not_for(conn: AsyncConnection, task: Task, made: Invitation) -> str:
    """Why the invitation is not for whoever holds it, if so; it can still be used by the right person."""
    if task.person is not None and made.invited_by == task.person.id:
        return "own"
    # Somebody suspended does not come in again by another door, and nobody loses a phone to somebody else.
    speaks = (await people.behind(conn, task.incoming.channel, [task.incoming.address])).get(
        task.incoming.address
    )
    if speaks is not None and speaks.status == "suspended":
        return "suspended"
    if made.person_id is None:
        return ""
    meant = await people.get(conn, made.person_id)
    if meant is None or meant.status == "suspended":
        return "suspended"
    return "other_phone" if speaks is not None and speaks.id != meant.id else ""


async def _appointed(conn: AsyncConnection, task: Task, invitation: Invitation) -> Person:
    """Whoever comes in, or is in already, in the post of the invitation."""
    person = task.person or await people.add(conn, name=invitation.name or task.incoming.name)
    held = await people.appointments_of(conn, person.id, task.now)
    if (invitation.post, invitation.region_id) not in {(each.post, each.region_id) for each in held}:
        await people.appoint(
            conn,
            person_id=person.id,
            role=invitation.role,
            post=invitation.post,
            region_id=invitation.region_id,
            since=task.now,
        )
    region = await regions.get(conn, invitation.region_id)
    assert region is not None
    title = task.office.content.offices.title(invitation.post, invitation.role)
    said = task.say("home.role", name=title, region=region.name)
    task.reply(Message(task.say("inviting.welcome", name=person.name, role=said)))
    return person


async def _rebound(conn: AsyncConnection, task: Task, invitation: Invitation) -> Person:
    """The person of the link at a new phone, or at their first: no other phone speaks for them any more."""
    assert invitation.person_id is not None
    first = await _never_spoke(conn, invitation.person_id)
    person = await people.get(conn, invitation.person_id)
    assert person is not None
    here = (task.incoming.channel, task.incoming.address)
    told = await parcels_for(conn, [person.id], Message(task.say("inviting.bound_elsewhere")))
    task.out += [parcel for parcel in told if (parcel.channel, parcel.address) != here]
    await people.unbind_all(conn, person.id)
    words = (
        await _first_words(conn, task, person) if first else task.say("inviting.bound_anew", name=person.name)
    )
    task.reply(Message(words))
    return person


async def _never_spoke(conn: AsyncConnection, person_id: int) -> bool:
    """Whether the person has no phone yet: no invitation used, no account, nothing begun at a lost one."""
    if await invitations.came_in(conn, person_id) or await people.is_bound(conn, person_id):
        return False
    return not await interviews.open_of(conn, person_id)


async def _first_words(conn: AsyncConnection, task: Task, person: Person) -> str:
    """What somebody reads who was appointed before they ever spoke, as by a roster: what they are."""
    offices, held = task.office.content.offices, await people.appointments_of(conn, person.id, task.now)
    places = {each.id: each.name for each in await regions.get_many(conn, [each.region_id for each in held])}
    roles = [
        task.say("home.role", name=offices.title(each.post, each.role), region=places[each.region_id])
        for each in held
    ]
    return task.say("inviting.first_phone", name=person.name, roles=roles)


async def invite(conn: AsyncConnection, task: Task, words: str) -> None:
    """ "Invite POST NAME [REGION]" by somebody above: sends back the link's token to pass on.

    A post is meant by its name, another name of it, or the name of its role.
    """
    parts, offices = words.split(), task.office.content.offices
    mine = await people.appointments_of(conn, task.me.id, task.now)
    may = may_invite(offices, mine)
    if not may:
        task.reply(Message(task.say("inviting.may_not_invite")))
        return
    post = offices.meant(parts[0]) if len(parts) > 1 else None
    if post is None or post.role not in may:
        task.reply(Message(how_to_invite(task, may)))
        return
    places = await _places(conn, task, mine, post)
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
    token = await issue(
        conn,
        role=post.role,
        post=post.id,
        region_id=place.id,
        name=parts[1],
        by=task.me.id,
        now=task.now,
    )
    auditing.note(task, "invited", Subject("region", place.id), post=post.id)
    said = task.say("inviting.invited", name=parts[1], role=post.name, region=place.name, token=token)
    task.reply(Message(said))


def how_to_invite(task: Task, may: Sequence[str]) -> str:
    """How to invite, and whom one may: roles by the names that one types, and the posts of each."""
    offices = task.office.content.offices
    return task.say(
        "inviting.how_to_invite",
        roles=[offices.roles[role].short for role in may],
        posts=[
            (offices.roles[role].short, [post.name for post in offices.posts.values() if post.role == role])
            for role in may
        ],
    )


def may_invite(offices: Offices, appointments: Sequence[Appointment]) -> tuple[str, ...]:
    """The roles that somebody so appointed may bring in and look after, the lowest first."""
    return offices.invited_by(appointment.role for appointment in appointments)


async def _places(conn: AsyncConnection, task: Task, mine: Sequence[Appointment], post: Post) -> list[Region]:
    """The regions in which one may appoint somebody to the post."""
    offices = task.office.content.offices
    under = {
        region.id: region
        for appointment in mine
        if post.role in offices.roles[appointment.role].invites
        for region in await regions.subtree(conn, appointment.region_id)
    }
    return [region for region in under.values() if region.level == post.level]


def _place(places: list[Region], name: str) -> Region | None:
    """The region meant: the one of that name, or the only one with the name in it."""
    called_so = [region for region in places if region.name == name]
    fitting = called_so or [region for region in places if name in region.name]
    return fitting[0] if len(fitting) == 1 else None
