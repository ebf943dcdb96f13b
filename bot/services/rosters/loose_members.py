"""Members of households that the file itself does not list: the records know them, or nobody does."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services.rosters.officials import Grounds
from bot.services.rosters.places import Spot
from bot.services.rosters.records import HouseholdRow, MemberRow
from bot.storage import households, rosters
from bot.storage.households import Household

UNKNOWN = -1
LONGEST = 18
"""Figures of a number that a database counts to."""


def own_number(code: str | None, mark: str) -> int | None:
    """The number on record that an export puts in place of a code ("#12"); UNKNOWN when it can be none."""
    if code is None or not code.startswith(mark):
        return None
    digits = code.removeprefix(mark)
    return int(digits) if digits.isdecimal() and len(digits) < LONGEST else UNKNOWN


async def join_members(conn: AsyncConnection, grounds: Grounds) -> None:
    """Put these members into rows of their households that change nothing else; note those of nobody."""
    loose, mark = grounds.roster.loose, grounds.layout.number_mark
    if not loose:
        return
    codes = {value for kind, value in loose if kind == "code"}
    found = {("code", code): id for code, id in (await rosters.by_codes(conn, codes)).items()}
    own = {code: number for code in codes if (number := own_number(code, mark)) is not None}
    found |= {("code", code): number for code, number in own.items()}
    identities = {value for kind, value in loose if kind == "id"}
    for identity, ids in (await rosters.by_identity(conn, identities)).items():
        if len(ids) == 1:
            found["id", identity] = ids[0]
    homes: dict[int, Household] = {}
    for part in rosters.chunks(set(found.values())):
        homes |= await households.get_many(conn, part)
    rows: dict[int, HouseholdRow] = {}
    for key, members in loose.items():
        home = homes.get(found.get(key, UNKNOWN))
        spot = None if home is None else grounds.places.by_id.get(home.region_id)
        if home is None or spot is None or not grounds.rights.cover(spot.path):
            for member in members:
                column = "code" if key[0] == "code" else "head_id_number"
                grounds.note("members", member.row, column, "household_unknown")
        elif home.id in rows:
            rows[home.id].members.extend(members)
        else:
            rows[home.id] = _row_of(home, spot, list(members), mark)
    grounds.roster.households.extend(rows.values())


def _row_of(home: Household, spot: Spot, members: list[MemberRow], mark: str) -> HouseholdRow:
    return HouseholdRow(
        row=-home.id,  # stands in no row of the sheet of households
        code=home.code or f"{mark}{home.id}",
        place=spot.names,
        village_group=None,
        head_name=home.head_name,
        head_id_number=None,
        address=None,
        population=None,
        reg_status=None,
        exit_year=None,
        phone=None,
        helper_name=None,
        helper_unit=None,
        members=members,
    )
