"""Writing a plan into the records, in the transaction that the caller holds: all of it, or nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import initials
from bot.services import inviting
from bot.services.rosters.comparing import first_members
from bot.services.rosters.places import Places, Spot
from bot.services.rosters.plan import Arrival, Change, Plan, Somebody
from bot.storage import alerts, assignments, checklist, households, people, regions, rosters
from bot.storage.households import Member, NewHousehold
from bot.storage.people import Role

STEP: Final = 1000
"""Households that are written at a time; others get their turn between two steps."""
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody new, and the token of the invitation that is to be handed to them."""

    name: str
    unit: str
    post: str
    region: str
    token: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """By whom (None: at the machine itself) and when; what the head is called among the members."""

    by: int | None
    now: datetime
    head_relation: str


async def write(
    conn: AsyncConnection, plan: Plan, places: Places, when: Occasion, progress: Progress
) -> list[Invited]:
    """Write everything; the invitations of those who are new."""
    for spot in plan.spots:
        await _place(conn, spot, places)
    codes = [*plan.codes, *(spot for spot in plan.spots if spot.code is not None)]
    await rosters.set_region_codes(conn, {cast(int, spot.id): cast(str, spot.code) for spot in codes})
    invited = await _people(conn, plan.people, when)
    total = len(plan.arrivals) + len(plan.changes)
    for start in range(0, len(plan.arrivals), STEP):
        step = plan.arrivals[start : start + STEP]
        await _arrivals(conn, step, when)
        progress(start + len(step), total)
        await asyncio.sleep(0)
    for start in range(0, len(plan.changes), STEP):
        changes = plan.changes[start : start + STEP]
        await _changes(conn, changes)
        progress(len(plan.arrivals) + start + len(changes), total)
        await asyncio.sleep(0)
    await _assign(conn, plan.assigned, when.now)
    return invited


async def _place(conn: AsyncConnection, spot: Spot, places: Places) -> None:
    above = None if spot.level == "county" else places.exactly(spot.above)
    parent = None if above is None else await regions.get(conn, cast(int, above.id))
    name = next(name for name in reversed(spot.names) if name)
    made = await regions.add(conn, name=name, level=spot.level, parent=parent)
    spot.id, spot.path = made.id, made.path
    places.by_id[made.id] = spot


async def _people(conn: AsyncConnection, everybody: Sequence[Somebody], when: Occasion) -> list[Invited]:
    new = [each for each in everybody if each.id is None]
    for each in everybody:
        if each.id is not None and each.new_unit:
            await people.set_unit(conn, each.id, each.unit)
    ids = await rosters.add_people(conn, [(each.name, each.unit) for each in new])
    for each, id in zip(new, ids, strict=True):
        each.id = id
    appointed = [
        rosters.Appointed(cast(int, each.id), cast(Role, post.role), post.id, cast(int, spot.id))
        for each in everybody
        for post, spot in each.posts
    ]
    await rosters.appoint_many(conn, appointed, when.now)
    return [await _invitation(conn, each, when) for each in new]


async def _invitation(conn: AsyncConnection, person: Somebody, when: Occasion) -> Invited:
    """A link by which the person, appointed already, speaks through an account."""
    post, spot = person.posts[0]
    token = await inviting.issue(
        conn,
        role=post.role,
        post=post.id,
        region_id=cast(int, spot.id),
        name=person.name,
        by=when.by,
        now=when.now,
        person_id=person.id,
    )
    titles = {(each.name, "".join(where.names)): None for each, where in person.posts}
    names, regions_ = zip(*titles, strict=True)
    return Invited(person.name, person.unit, " / ".join(names), " / ".join(regions_), token)


async def _arrivals(conn: AsyncConnection, step: Sequence[Arrival], when: Occasion) -> None:
    ids = await households.add_many(conn, [_household(each, when.now) for each in step])
    members: list[Member] = []
    for id, each in zip(ids, step, strict=True):
        members += first_members(each.row, when.head_relation, id)
    await households.replace_members(conn, ids, members)
    helped = zip(ids, step, strict=True)
    pairs = [(id, cast(int, each.helper.id)) for id, each in helped if each.helper is not None]
    await rosters.first_assign(conn, pairs, when.now)


def _household(arrival: Arrival, now: datetime) -> NewHousehold:
    row = arrival.row
    return NewHousehold(
        region_id=cast(int, arrival.spot.id),
        village_group=row.village_group or "",
        head_name=row.head_name,
        initials=initials(row.head_name),
        created_at=now,
        address=row.address or "",
        head_id_number=row.head_id_number,
        population=row.population,
        reg_status=row.reg_status,
        exit_year=row.exit_year,
        phone=row.phone,
        code=row.code,
    )


async def _changes(conn: AsyncConnection, step: Sequence[Change]) -> None:
    for each in step:
        columns = dict(each.columns)
        if each.spot.id != each.household.region_id:
            columns["region_id"] = each.spot.id
        await households.revise(conn, each.household.id, columns)
    renewed = [each for each in step if each.members is not None]
    if renewed:
        members = [member for each in renewed for member in each.members or ()]
        await households.replace_members(conn, [each.household.id for each in renewed], members)


async def _assign(conn: AsyncConnection, pairs: Sequence[tuple[int, Somebody]], now: datetime) -> None:
    """Make them responsible; what whoever was it had still to do there is theirs now (WF-14)."""
    before: dict[int, int] = {}
    for part in rosters.chunks([household for household, _ in pairs]):
        before |= await assignments.responsible(conn, part)
    cared: dict[tuple[int | None, int], list[int]] = defaultdict(list)
    for household, person in pairs:
        cared[before.get(household), cast(int, person.id)].append(household)
    for (earlier, person_id), every in cared.items():
        for ids in rosters.chunks(every, STEP):
            await assignments.assign_many(conn, ids, person_id, now)
            if earlier is not None:
                await checklist.pass_duties(conn, ids, earlier, person_id)
                for alert in await checklist.alerts_lying_with(conn, ids, earlier):
                    await alerts.hand_on(conn, alert, earlier, person_id, now)
