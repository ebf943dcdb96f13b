"""Erasing one household's data: asked for by one person with a reason, done when a second one confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.services.evidence_files import EvidenceFolder
from bot.services.notary import ERASED
from bot.storage import audit, households, one_household, people
from bot.storage.audit import Entry, Row
from bot.storage.households import Household

ASKED: Final = "erasure_asked"
ENTITLED: Final = ("county", "admin")
"""Roles whose holders may ask for it and confirm it."""
VALID: Final = timedelta(days=14)
"""So long a request can be confirmed."""
LOOK_BACK: Final = 1000


class NotEntitled(HubangError):
    """Person {person} is not active with an appointment of the county or as administrator: ask one who is."""


class NothingAsked(HubangError):
    """Nobody asked in the last 14 days to erase household {household}: ask first, with --reason."""


class SamePerson(HubangError):
    """Person {person} asked for it, so somebody else must confirm."""


class ReasonMissing(HubangError):
    """Erasing needs a reason."""


class AlreadyErased(HubangError):
    """Household {household} was erased already."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were emptied, by table, and the photos to remove once that is committed."""

    rows: Mapping[str, int]
    photos: tuple[str, ...]


async def ask(conn: AsyncConnection, household_id: int, person_id: int, reason: str, now: datetime) -> None:
    """Put on record that somebody wants the household erased. NotEntitled, ReasonMissing, AlreadyErased."""
    if not reason.strip():
        raise ReasonMissing
    await _entitled(conn, person_id, now)
    await _standing(conn, household_id)
    await audit.append(conn, [_entry(ASKED, household_id, person_id, now, reason=reason.strip())])


async def confirm(conn: AsyncConnection, household_id: int, person_id: int, now: datetime) -> Erased:
    """Erase it, in this transaction. NotEntitled, NothingAsked, SamePerson, AlreadyErased."""
    await _entitled(conn, person_id, now)
    await _standing(conn, household_id)
    request = await _request(conn, household_id, now)
    if request.person_id == person_id:
        raise SamePerson(person=person_id)
    photos = await one_household.photos(conn, household_id)
    rows = await one_household.erase(conn, household_id, now)
    reason = request.details.get("reason", "")
    await audit.empty(conn, "household", household_id)
    done = _entry(
        ERASED,
        household_id,
        person_id,
        now,
        reason=reason,
        asked_by=request.person_id,
        rows=sum(rows.values()),
    )
    await audit.append(conn, [done])
    return Erased(rows, tuple(photos))


def remove(folder: EvidenceFolder | None, erased: Erased) -> None:
    """Remove the photos, after the commit: what was undone must still have them."""
    if folder is not None:
        for name in erased.photos:
            folder.drop(name)


async def _entitled(conn: AsyncConnection, person_id: int, now: datetime) -> None:
    person = await people.get(conn, person_id)
    held = await people.appointments_of(conn, person_id, now)
    if person is None or person.status != "active" or not any(each.role in ENTITLED for each in held):
        raise NotEntitled(person=person_id)


async def _standing(conn: AsyncConnection, household_id: int) -> Household:
    found = await households.get(conn, household_id)
    if found is None or found.erased_at is not None:
        raise AlreadyErased(household=household_id)
    return found


async def _request(conn: AsyncConnection, household_id: int, now: datetime) -> Row:
    rows = await audit.newest(conn, LOOK_BACK, subject="household", subject_id=household_id)
    for row in rows:
        if row.deed == ASKED and row.at >= now - VALID:
            return row
    raise NothingAsked(household=household_id)


def _entry(deed: str, household_id: int, person_id: int, now: datetime, **what: object) -> Entry:
    return Entry(
        at=now, person_id=person_id, deed=deed, subject="household", subject_id=household_id, what=what
    )
