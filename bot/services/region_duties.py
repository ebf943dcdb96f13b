"""What villages, townships and the county owe as such: planned ahead each day, fulfilled, said to be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.duties import Duty, region_duties
from bot.services.duty_planning import first_reminder, said_of
from bot.services.hierarchy import UNIT
from bot.services.office import Office, Task
from bot.storage import duties as records
from bot.storage import people, regions
from bot.storage.duties import NewDuty
from bot.storage.interviews import Interview
from bot.storage.people import Appointment
from bot.storage.regions import Region
from bot.storage.subjects import Subject

AHEAD: Final = timedelta(days=92)
"""So far ahead duties of regions are planned, day after day."""
LEVELS: Final = {"village": "village", "township": "town"}
"""The level of the regions that owe what a role has to do; every other role's is the county."""


async def plan(conn: AsyncConnection, office: Office, now: datetime) -> int:
    """Plan what the county's schemes ask of its regions; how many duties are new.

    What nobody asks any more, because a scheme was switched off or a post is no longer held, is called off.
    """
    today, places = office.today(now), await regions.every(conn)
    held = await people.held_in(conn, [place.id for place in places], now)
    wanted = [
        _new(office, scheme, duty, place.id, person, now)
        for scheme, duty in _asked(office, today)
        for place in places
        if place.level == level_of(office, duty.role)
        for person in _owed_by(office, duty, held.get(place.id, ()))
    ]
    kept = {(each.region_id, each.kind, each.due) for each in wanted}
    known = {(duty.region_id, duty.kind, duty.due): duty for duty in await records.open_of_regions(conn)}
    stale = [
        duty.id
        for key, duty in known.items()
        if duty.case_id is None and duty.due >= today and key not in kept
    ]
    await records.cancel(conn, stale)
    return await records.plan(
        conn, [each for each in wanted if (each.region_id, each.kind, each.due) not in known]
    )


def _asked(office: Office, today: date) -> Iterator[tuple[str, Duty]]:
    """What the county's schemes ask of regions in the time ahead; each frequency once."""
    seen: set[tuple[str, date]] = set()
    for scheme in office.content.county.schemes:
        for duty in region_duties(office.content.packs[scheme], today, today + AHEAD):
            if (duty.frequency, duty.due) not in seen:
                seen.add((duty.frequency, duty.due))
                yield scheme, duty


def level_of(office: Office, named: str) -> str:
    """The level of the regions that owe what is the duty of a role or post."""
    post = office.content.offices.posts.get(named)
    return post.level if post is not None else LEVELS.get(named, "county")


def _owed_by(office: Office, duty: Duty, there: Iterable[Appointment]) -> Sequence[int | None]:
    """For whom to plan it in a region: for nobody by name, for each helping unit, or not at all."""
    if duty.role == UNIT or _role(office, duty.role) == UNIT:
        return sorted({each.person_id for each in there if each.role == UNIT})
    if duty.held and not any(duty.role in (each.post, each.role) for each in there):
        return ()
    return (None,)


def _role(office: Office, named: str) -> str:
    post = office.content.offices.posts.get(named)
    return named if post is None else post.role


def _new(office: Office, scheme: str, duty: Duty, region: int, person: int | None, now: datetime) -> NewDuty:
    kind = f"{duty.kind}:{duty.frequency}" + (f"-{duty.turn}" if duty.turns > 1 else "")
    return NewDuty(
        None,
        kind if person is None else f"{kind}:{person}",
        duty.due,
        f"{scheme}:{duty.frequency}",
        duty.window_start,
        first_reminder(office, duty.kind, duty.due, now),
        said_of(duty),
        person,
        region_id=region,
        role=duty.role,
    )


async def fulfil(conn: AsyncConnection, task: Task, region_id: int, interview: Interview, on: date) -> bool:
    """Let a questionnaire about a region fulfil what was due of it; whether it came late."""
    late = False
    for kind in task.office.reminders.fulfils.get((interview.form, None), ()):
        done = await records.complete(conn, Subject("region", region_id), kind, on, interview.id)
        late = late or (done is not None and done.state == "done_late")
    return late


async def places_of(conn: AsyncConnection, duties: Iterable[records.Duty]) -> dict[int, Region]:
    """The regions that duties are about, by id."""
    ids = sorted({duty.region_id for duty in duties if duty.region_id is not None})
    return {place.id: place for place in await regions.get_many(conn, ids)} if ids else {}
