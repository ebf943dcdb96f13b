"""Who looks after whom: people whose posts lie in one's region and below one's own (`invites` of offices)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.offices import Offices
from bot.services.office import Task
from bot.storage import people, staff
from bot.storage.people import Appointment, Person
from bot.storage.staff import Holder
from bot.storage.visibility import OVERSEERS

CADRE: Final = "cadre"


@dataclass(frozen=True, slots=True)
class Subordinate:
    """Somebody whom one may look after at least in one post.

    `posts` are those that lie under oneself, `others` those that do not. Only when there are no others may
    one do what touches the person as a whole: suspend, let back, bind another phone.
    """

    person: Person
    posts: tuple[Holder, ...]
    others: tuple[Appointment, ...]

    @property
    def whole(self) -> bool:
        """Whether every post of the person lies under oneself."""
        return not self.others


def pairs(offices: Offices) -> list[tuple[str, str]]:
    """(role, role of those whom it may look after)."""
    return [(role.id, below) for role in offices.roles.values() for below in role.invites]


async def subordinate(conn: AsyncConnection, task: Task, person_id: int) -> Subordinate | None:
    """The person as one whom the speaker may look after; None for anybody else, oneself, and nobody."""
    offices = task.office.content.offices
    posts = await staff.of_person(conn, task.me.id, person_id, task.now, pairs(offices))
    if not posts:
        return None
    person = await people.get(conn, person_id)
    assert person is not None
    mine = {post.appointment_id for post in posts}
    every = await people.appointments_of(conn, person_id, task.now)
    return Subordinate(person, tuple(posts), tuple(each for each in every if each.id not in mine))


async def overseers(conn: AsyncConnection, region_id: int, now: datetime) -> set[int]:
    """Who oversees a village: its own people, else those of the township, else those of the county."""
    for role in OVERSEERS:
        over = {each.person_id for each in await people.over_region(conn, region_id, [role], now)}
        if over:
            return over
    return set()


async def unit_leaders(conn: AsyncConnection, person: Person, region_id: int, now: datetime) -> set[int]:
    """Who leads the unit that the person belongs to; nobody if it is not known."""
    if not person.unit:
        return set()
    over = await people.over_region(conn, region_id, ["unit"], now)
    leaders = await people.get_many(conn, {each.person_id for each in over})
    return {id for id, leader in leaders.items() if leader.unit == person.unit}
