"""Which households of a roster are on record already: surely, by their code or the head's identity number, or
probably, by the head's name in the same village.

What is probable is never decided here: the person who sends the roster chooses for all of them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.rosters.cells import Masked
from bot.services.rosters.comparing import changed_columns, fits, merged_members, misfits
from bot.services.rosters.heads import check_heads, follows
from bot.services.rosters.loose_members import join_members, own_number
from bot.services.rosters.officials import Grounds, Staff
from bot.services.rosters.places import Spot
from bot.services.rosters.plan import Arrival, Change, Likely, Somebody
from bot.services.rosters.records import HouseholdRow
from bot.storage import assignments, households, rosters
from bot.storage.households import Household, Member

STEP: Final = 1000
"""Households that are compared at a time; others get their turn between two steps."""
_TOLD_APART: Final = ("village_group", "address")


class Households:
    """The households of a roster beside the records, in steps."""

    def __init__(self, grounds: Grounds, staff: Staff, likely: Likely, *, reassign: bool = False) -> None:
        """`grounds` and `staff` must have taken their sheets already."""
        self.grounds, self.staff = grounds, staff
        self.likely, self.reassign, self.plan = likely, reassign, grounds.plan
        self.mark = grounds.layout.number_mark
        self.taken: dict[int, int] = {}
        """Rows by the household on record that each means."""

    async def read(self, conn: AsyncConnection, progress: Callable[[int, int | None], None]) -> None:
        """Compare every row; what is wrong with one is noted."""
        await join_members(conn, self.grounds)
        check_heads(self.grounds)
        roster = self.grounds.roster
        spots: dict[int, Spot] = {}
        for row in roster.households:
            spot = self.grounds.find("households", row.row, row.place)
            if spot is not None:
                spots[row.row] = spot
        rows = [row for row in roster.households if row.row in spots]
        sure = await self._sure(conn, rows)
        maybe = await self._candidates(conn, rows, spots, sure)
        for start in range(0, len(rows), STEP):
            step = rows[start : start + STEP]
            await self._step(conn, step, spots, sure, maybe)
            progress(start + len(step), len(rows))
            await asyncio.sleep(0)
        villages = {spot.id for spot in spots.values() if spot.id is not None}
        here = await rosters.count_in(conn, villages)
        self.plan.missing = max(0, here - await self._met(conn, villages))

    async def _met(self, conn: AsyncConnection, villages: set[int]) -> int:
        """How many households of these villages the roster mentions."""
        found = 0
        for part in rosters.chunks(self.taken):
            found += sum(
                each.region_id in villages for each in (await households.get_many(conn, part)).values()
            )
        return found

    # -------------------------------------------------------------------------------- who is who

    async def _sure(self, conn: AsyncConnection, rows: Sequence[HouseholdRow]) -> dict[int, int]:
        """The household that each row surely is, by row."""
        own = {row.row: number for row in rows if (number := own_number(row.code, self.mark)) is not None}
        codes = {row.code for row in rows if row.code is not None and row.row not in own}
        numbers = {row.head_id_number for row in rows if row.head_id_number}
        by_code = await rosters.by_codes(conn, codes)
        numbers = {each for each in numbers if not isinstance(each, Masked)}
        by_number = await rosters.by_identity(conn, numbers)
        there: set[int] = set()
        for part in rosters.chunks(set(own.values())):
            there |= (await households.get_many(conn, part)).keys()
        found: dict[int, int] = {}
        for row in rows:
            if row.row in own and own[row.row] not in there:
                self.grounds.note("households", row.row, "code", "number_unknown")
                continue
            coded = own.get(row.row) or by_code.get(row.code or "")
            same = by_number.get(row.head_id_number or "", [])
            if coded is not None and same and coded not in same:
                self.grounds.note("households", row.row, "head_id_number", "code_and_id_differ")
            elif coded is not None or len(same) == 1:
                found[row.row] = coded if coded is not None else same[0]
            elif same:
                self.grounds.note("households", row.row, "code", "likely_several")
        return found

    async def _candidates(
        self,
        conn: AsyncConnection,
        rows: Sequence[HouseholdRow],
        spots: dict[int, Spot],
        sure: dict[int, int],
    ) -> dict[int, list[int]]:
        """Households with the head's name in the same village, by row, for rows that are not sure."""
        open_rows = [row for row in rows if row.row not in sure]
        villages = {id for row in open_rows if (id := spots[row.row].id) is not None}
        settled = set(sure.values())
        named: dict[tuple[int, str], list[int]] = defaultdict(list)
        for brief in await rosters.in_villages(conn, villages):
            if brief.id not in settled:
                named[brief.region_id, brief.head_name].append(brief.id)
        found: dict[int, list[int]] = {}
        for row in open_rows:
            ids = named.get((spots[row.row].id or 0, row.head_name))
            if ids:
                found[row.row] = ids
        return found

    # ------------------------------------------------------------------------------------ a step

    async def _step(
        self,
        conn: AsyncConnection,
        rows: Sequence[HouseholdRow],
        spots: dict[int, Spot],
        sure: dict[int, int],
        maybe: dict[int, list[int]],
    ) -> None:
        wanted = {sure[row.row] for row in rows if row.row in sure}
        wanted |= {id for row in rows for id in maybe.get(row.row, ())}
        homes = await households.get_many(conn, sorted(wanted)) if wanted else {}
        members = await households.members_of(conn, sorted(wanted)) if wanted else {}
        responsible = await assignments.responsible(conn, sorted(wanted)) if wanted else {}
        for row in rows:
            spot = spots[row.row]
            helper = None
            if row.helper_name is not None:
                present = responsible.get(sure.get(row.row, 0))
                helper = self.staff.helper(row.row, row.helper_name, row.helper_unit or "", present)
                if helper is None:
                    continue
            if row.row in sure:
                home = homes[sure[row.row]]
            else:
                candidates = [homes[id] for id in maybe.get(row.row, ()) if possible(row, homes[id])]
                chosen = self._chosen(row, candidates, members, spot)
                if isinstance(chosen, str):
                    if chosen == "new":
                        self._arrive(row, spot, helper)
                    continue
                home = chosen
            self._meet(row, home, members.get(home.id, []), spot, helper, responsible.get(home.id))

    def _chosen(
        self,
        row: HouseholdRow,
        candidates: Sequence[Household],
        members: dict[int, list[Member]],
        spot: Spot,
    ) -> Household | str:
        """The household that the row is taken for; "new", or "" when it is left aside for now."""
        if not candidates:
            return "new"
        same = [each for each in candidates if self._identical(row, each, members.get(each.id, []), spot)]
        if same:
            return next((each for each in same if each.id not in self.taken), same[0])
        if self.likely == "both":
            return "new"
        if self.likely == "leave":
            self.plan.left_out += 1
            return ""
        if len(candidates) > 1:
            self.grounds.note("households", row.row, "head_name", "likely_several")
            return ""
        if self.likely == "merge":
            return candidates[0]
        self.plan.likely.append((row.row, candidates[0].id))
        return ""

    def _identical(self, row: HouseholdRow, home: Household, members: Sequence[Member], spot: Spot) -> bool:
        """Whether the row says nothing but what is on record."""
        if misfits(row, home) or changed_columns(row, self._own_code(row), home, spot.id or 0):
            return False
        relation = self.grounds.layout.head_relation
        after, _, wrong = merged_members(row, home, members, relation)
        return after is None and not wrong

    def _own_code(self, row: HouseholdRow) -> str | None:
        return None if row.code is None or row.code.startswith(self.mark) else row.code

    def _arrive(self, row: HouseholdRow, spot: Spot, helper: Somebody | None) -> None:
        """A household that is new: nothing of it can be masked."""
        masked = [id for id in ("head_id_number", "phone") if isinstance(getattr(row, id), Masked)]
        for id in masked:
            self.grounds.note("households", row.row, id, "masked_new")
        wrong = [each for each in row.members if isinstance(each.id_number, Masked)]
        for member in wrong:
            self.grounds.note("members", member.row, "id_number", "masked_new")
        if not masked and not wrong:
            self.plan.arrivals.append(Arrival(row, spot, helper))

    def _meet(
        self,
        row: HouseholdRow,
        home: Household,
        recorded: Sequence[Member],
        spot: Spot,
        helper: Somebody | None,
        responsible: int | None,
    ) -> None:
        """A household that is on record: what changes of it, and who is responsible."""
        before = self.taken.setdefault(home.id, row.row)
        if before != row.row:
            self.grounds.note("households", row.row, "head_name", "same_record", other=before)
            return
        where = self.grounds.places.by_id.get(home.region_id)
        if where is not None and not self.grounds.rights.cover(where.path):
            self.grounds.note("households", row.row, "village", "place_outside")
            return
        for id in misfits(row, home):
            self.grounds.note("households", row.row, id, "masked_differs")
        relation = self.grounds.layout.head_relation
        if follows(row, home, recorded):
            self.plan.heads += 1
            if row.head_id_number is None and home.head_id_number is not None:
                self.grounds.note("households", row.row, "head_id_number", "new_head")
        columns = changed_columns(row, self._own_code(row), home, spot.id or 0)
        if spot.id is None:
            columns.pop("region_id", None)  # known only when the place is on record
        members, left, wrong = merged_members(row, home, recorded, relation)
        for member in wrong:
            self.grounds.note("members", member.row, "id_number", "masked_differs")
        self.plan.left_members += left
        moved = spot.id is None
        if columns or members is not None or moved:
            self.plan.changes.append(Change(home, columns, members, spot))
        else:
            self.plan.unchanged += 1
        self._assign(row, home, helper, responsible)

    def _assign(
        self, row: HouseholdRow, home: Household, helper: Somebody | None, responsible: int | None
    ) -> None:
        if helper is None or (responsible is not None and helper.id == responsible):
            return
        if responsible is not None and not self.reassign:
            self.plan.handovers.append((row.row, home.id))
            return
        self.plan.assigned.append((home.id, helper))


def possible(row: HouseholdRow, home: Household) -> bool:
    """Whether a row may be a household of the same name and village: nothing tells the two apart."""
    if row.code is not None and home.code is not None and row.code != home.code:
        return False
    number, known = row.head_id_number, home.head_id_number
    if number and known and not (fits(number, known) if isinstance(number, Masked) else number == known):
        return False
    pairs = ((getattr(row, id), getattr(home, id)) for id in _TOLD_APART)
    return not any(a and b and a != b for a, b in pairs)
