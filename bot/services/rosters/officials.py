"""The places and people of a roster beside those on record: which are new, and which are not to be had."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.problems import nearest
from bot.rules.offices import Offices, Post
from bot.services.rosters.layout import RosterLayout
from bot.services.rosters.places import LEVELS, Places, Spot
from bot.services.rosters.plan import Plan, Rights, Somebody
from bot.services.rosters.records import PersonRow, Place, RegionRow, Roster
from bot.storage import rosters
from bot.storage.people import Appointment, Person

RESPONSIBLE: Final = frozenset({"cadre", "village", "township"})
"""Roles whose holders see a household that is given into their care."""


class Grounds:
    """The places of a roster: looked up, and added when the roster brings them."""

    def __init__(
        self, places: Places, layout: RosterLayout, roster: Roster, rights: Rights, plan: Plan
    ) -> None:
        """`places` are those on record; new ones are added to them and to the plan."""
        self.places, self.layout, self.roster, self.rights, self.plan = places, layout, roster, rights, plan

    def note(self, sheet: str, row: int, column: str, reason: str, **facts: object) -> None:
        """A trouble at a row of a sheet by their ids."""
        name = self.layout.by_id[sheet].by_id[column].name
        self.roster.troubles.add(self.roster.names[sheet], row, name, reason, **facts)

    def take_regions(self) -> None:
        """Every row of places, those above before those below."""
        for row in sorted(self.roster.regions, key=lambda each: sum(map(bool, each.place))):
            self._region(row)

    def _region(self, row: RegionRow) -> None:
        known = self.places.exactly(row.place)
        if known is None:
            known = Spot(row.place)
            if known.level != "county":
                above = self.places.exactly(known.above)
                if above is None:
                    self.note(
                        "regions", row.row, LEVELS[LEVELS.index(known.level) - 1], "place_unknown", near=""
                    )
                    return
                known.path = above.path
            if self.rights.tops is not None and not (known.path and self.rights.cover(known.path)):
                self.note("regions", row.row, known.level, "place_outside")
                return
            self.places.add(known)
            self.plan.spots.append(known)
        elif not self.rights.cover(known.path):
            self.note("regions", row.row, known.level, "place_outside")
            return
        if row.code is None or row.code == known.code:
            return
        other = self.places.by_code.get(row.code)
        if other is not None and other is not known:
            self.note("regions", row.row, "code", "code_taken")
        elif known.code is not None:
            self.note("regions", row.row, "code", "code_changed")
        else:
            known.code, self.places.by_code[row.code] = row.code, known
            if known.id is not None:
                self.plan.codes.append(known)

    def find(self, sheet: str, row: int, place: Place) -> Spot | None:
        """The place that a row names; None after it was noted why there is none."""
        found = self.places.meant(place)
        column = "village" if place[2] else "town" if place[1] else "county"
        if len(found) == 1:
            if self.rights.cover(found[0].path):
                return found[0]
            self.note(sheet, row, column, "place_outside")
        elif found:
            self.note(sheet, row, "county", "place_unclear")
        else:
            known = self.places.highest_unknown(place)
            column = "village" if known[2] else "town" if known[1] else "county"
            self.note(sheet, row, column, "place_unknown", near=self.places.near(known))
        return None


class Staff:
    """The people whom a roster names: in its own sheet, or as responsible for a household."""

    def __init__(self, grounds: Grounds, offices: Offices) -> None:
        """`grounds` must know the places of the roster already."""
        self.grounds, self.offices, self.plan = grounds, offices, grounds.plan
        self._named: dict[str, list[Somebody]] = defaultdict(list)
        self._posts: dict[int, list[Appointment]] = {}
        self._meant: dict[str, Post | None] = {}
        self._planned: set[Somebody] = set()

    async def read(self, conn: AsyncConnection, at: datetime) -> None:
        """Look up everybody who is named, then take the sheet of people."""
        roster = self.grounds.roster
        names = {each.name for each in roster.people}
        names |= {each.helper_name for each in roster.households if each.helper_name}
        known = await rosters.people_named(conn, names)
        self._posts = await rosters.posts_of(conn, [each.id for each in known], at)
        for person in known:
            self._named[person.name].append(self._on_record(person))
        for row in roster.people:
            self._person(row)

    def _on_record(self, person: Person) -> Somebody:
        roles = {each.role for each in self._posts.get(person.id, ())}
        suspended = person.status != "active"
        return Somebody(person.name, person.unit, person.id, roles={*roles}, suspended=suspended)

    def _person(self, row: PersonRow) -> None:
        post = self._post(row)
        spot = self.grounds.find("people", row.row, row.place)
        if post is None or spot is None:
            return
        if post.level != spot.level:
            self.grounds.note("people", row.row, "post", "post_level", post=post.name, level=post.level)
            return
        found = self.called(row.name, row.unit)
        if len(found) > 1:
            self.grounds.note("people", row.row, "unit", "helper_unclear")
            return
        held = self._posts.get(found[0].id or 0, ()) if found else ()
        holds = (post.id, spot.id) in {(each.post, each.region_id) for each in held}
        roles = self.grounds.rights.roles
        if not holds and roles is not None and post.role not in roles:
            self.grounds.note("people", row.row, "post", "post_not_yours", post=post.name)
            return
        person = found[0] if found else self._new(row)
        if row.unit and not person.unit:
            person.unit, person.new_unit = row.unit, person.id is not None
        person.roles.add(post.role)
        if not holds:
            person.posts.append((post, spot))
        if person not in self._planned and (person.posts or person.new_unit):
            self._planned.add(person)
            self.plan.people.append(person)

    def _post(self, row: PersonRow) -> Post | None:
        if row.post not in self._meant:
            self._meant[row.post] = self.offices.meant(row.post)
        post = self._meant[row.post]
        if post is None:
            near = nearest(row.post, [each.name for each in self.offices.posts.values()])
            self.grounds.note("people", row.row, "post", "post_unknown", said=row.post[:20], near=near)
        return post

    def _new(self, row: PersonRow) -> Somebody:
        person = Somebody(row.name, row.unit)
        self._named[row.name].append(person)
        return person

    def called(self, name: str, unit: str) -> list[Somebody]:
        """Whoever may be meant: of that unit, else of none; without a unit everybody of the name."""
        named = self._named.get(name, [])
        if not unit:
            return named
        return [each for each in named if each.unit == unit] or [each for each in named if not each.unit]

    def helper(self, row: int, name: str, unit: str, present: int | None) -> Somebody | None:
        """Who is responsible for the household of a row; None after it was noted why nobody can be.

        Whoever is responsible at `present` stays so, whatever has become of them.
        """
        found = self.called(name, unit)
        if (same := next((each for each in found if each.id and each.id == present), None)) is not None:
            return same
        if len(found) == 1:
            if found[0].suspended:
                self.grounds.note("households", row, "helper_name", "helper_suspended")
            elif found[0].roles & RESPONSIBLE:
                return found[0]
            else:
                self.grounds.note("households", row, "helper_name", "helper_post")
        else:
            reason = "helper_unclear" if found else "helper_unknown"
            self.grounds.note("households", row, "helper_name", reason)
        return None
