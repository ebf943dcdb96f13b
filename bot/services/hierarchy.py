"""Who has to do what is due, who is above them, and who reads the bulletin (workflow.md 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.office import Office
from bot.storage import assignments, households, people, visibility
from bot.storage.duties import Duty
from bot.storage.people import Appointment, Person

CADRE: Final = "cadre"
VILLAGE: Final = "village"
UNIT: Final = "unit"


class Hierarchy:
    """Answers for a number of duties with few queries; `learn` of them before asking.

    Nobody is named who may not see the household that a duty is about.
    """

    def __init__(self, conn: AsyncConnection, office: Office, now: datetime) -> None:
        self.conn = conn
        self.office = office
        self.offices = office.content.offices
        self.now = now
        self._homes: dict[int, None] = {}
        self._place: dict[int, int] = {}
        self._cadre: dict[int, int] = {}
        self._seen: dict[tuple[int, int], bool] = {}
        self._holders: dict[tuple[int, str], list[Appointment]] = {}
        self._known: dict[int, Person] = {}

    async def learn(self, due: Sequence[Duty]) -> None:
        """Look up who is responsible for the households, and whether they may see them."""
        homes = sorted({duty.household_id for duty in due if duty.household_id is not None})
        if not homes:
            return
        self._homes.update(dict.fromkeys(homes))
        self._cadre |= await assignments.responsible(self.conn, homes)
        named = {*self._cadre.values(), *(duty.person_id for duty in due)} - {None}
        careful = await visibility.in_care(self.conn, [id for id in named if id is not None], self.now)
        asked: dict[int, set[int]] = {}
        for duty in due:
            home = duty.household_id
            if home is None:
                continue
            for person in (duty.person_id, self._cadre.get(home)):
                if person is not None and person == self._cadre.get(home) and person in careful:
                    self._seen[person, home] = True
                elif person is not None:
                    asked.setdefault(person, set()).add(home)
        for person, mine in asked.items():
            await self._look(person, mine)

    async def _look(self, person: int, homes: Iterable[int]) -> None:
        asked = [home for home in homes if (person, home) not in self._seen]
        if asked:
            seen = await visibility.among(self.conn, person, asked, self.now)
            self._seen |= {(person, home): home in seen for home in asked}

    async def may_see(self, person: int, duty: Duty) -> bool:
        """Whether the person may see the household of the duty; of regions only their own are asked for."""
        if duty.household_id is None:
            return True
        if (person, duty.household_id) not in self._seen:
            await self._look(person, self._homes)
        return self._seen[person, duty.household_id]

    def role_of(self, named: str) -> str:
        """The role of a post, or the role itself; of nothing that of whoever is responsible."""
        post = self.offices.posts.get(named)
        return post.role if post is not None else named or CADRE

    async def region_of(self, duty: Duty) -> int:
        """The region, or that in which the household lies; looked up for all households when first asked."""
        if duty.household_id is not None:
            if duty.household_id not in self._place:
                found = await households.get_many(self.conn, self._homes.keys() - self._place.keys())
                self._place |= {id: household.region_id for id, household in found.items()}
            return self._place[duty.household_id]
        assert duty.region_id is not None
        return duty.region_id

    async def holders(self, region: int, named: str) -> list[Appointment]:
        """Who holds the post in the region or above it; of a role, or when nobody does, the usual post first.

        When nobody holds the usual post either, everybody of the role.
        """
        found = self._holders.get((region, named))
        if found is None:
            role = self.role_of(named)
            every = await people.over_region(self.conn, region, [named, role], self.now)
            usual = self.offices.usual.get(role)
            found = (
                [each for each in every if each.post == named]
                or [each for each in every if each.post == usual and each.role == role]
                or every
            )
            self._holders[region, named] = found
        return found

    async def _able(self, duty: Duty, named: str) -> list[int]:
        """The holders of a post or role over a duty who may see what it is about."""
        ids = [each.person_id for each in await self.holders(await self.region_of(duty), named)]
        return [id for id in dict.fromkeys(ids) if await self.may_see(id, duty)]

    async def person(self, id: int) -> Person:
        """The person of this id."""
        if id not in self._known:
            self._known |= await people.get_many(self.conn, [id])
        return self._known[id]

    async def doers(self, duty: Duty) -> tuple[int, ...]:
        """Who has to do it: the person of the duty as long as they may see the household.

        Else one who holds the post there, the responsible cadre, or somebody of the village. What is due of a
        region is the duty of everybody who holds the post.
        """
        if duty.household_id is None:
            if duty.person_id is not None and (await self.person(duty.person_id)).status == "active":
                return (duty.person_id,)
            return tuple(await self._able(duty, duty.role))
        if duty.person_id is not None and await self.may_see(duty.person_id, duty):
            return (duty.person_id,)
        cadre = self._cadre.get(duty.household_id)
        if self.role_of(duty.role) == CADRE and cadre is not None and await self.may_see(cadre, duty):
            return (cadre,)
        named = duty.role if self.role_of(duty.role) != CADRE else VILLAGE
        able = await self._able(duty, named)
        if not able and cadre is not None and await self.may_see(cadre, duty):
            able = [cadre]
        return tuple((able or await self._able(duty, VILLAGE))[:1])

    async def above(self, duty: Duty) -> tuple[int, ...]:
        """Who is above whoever has to do it; where a level is not filled, the next one above it."""
        doers = await self.doers(duty)
        units = {(await self.person(id)).unit for id in doers} - {""}
        superiors, tried = self.office.reminders.superiors, set[str]()
        level = superiors.get(self.role_of(duty.role), ())
        while level:
            tried.update(level)
            found: dict[int, None] = {}
            for named in level:
                for id in await self._able(duty, named):
                    of_unit = self.role_of(named) == UNIT
                    if id not in doers and (not of_unit or (await self.person(id)).unit in units):
                        found[id] = None
            if found:
                return tuple(found)
            # A unit stands beside the village, not between it and the township.
            line = [role for named in level if (role := self.role_of(named)) != UNIT] or [UNIT]
            above = (each for role in line for each in superiors.get(role, ()))
            level = tuple(dict.fromkeys(each for each in above if each not in tried))
        return ()

    async def readers(self, duty: Duty) -> tuple[int, ...]:
        """Who reads the bulletin in which the duty stands."""
        found = [id for named in self.office.reminders.readers for id in await self._able(duty, named)]
        return tuple(dict.fromkeys(found))
