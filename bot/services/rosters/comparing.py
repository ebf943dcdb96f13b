"""A household of a roster beside the one on record: what differs.

An empty cell says nothing and takes nothing away; a masked number that fits what is recorded stands for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bot.content import initials
from bot.dialogs.identity import mask
from bot.services.rosters.cells import Masked
from bot.services.rosters.heads import HEAD, NUMBER, follows, seated
from bot.services.rosters.layout import folded
from bot.services.rosters.records import HouseholdRow, MemberRow
from bot.storage.households import Household, Member

_PLAIN: Final = ("village_group", "head_name", "address", "population", "reg_status", "exit_year")
_NUMBERS: Final = ("head_id_number", "phone")


def fits(written: str, recorded: str | None) -> bool:
    """Whether a masked number stands for the recorded one."""
    return recorded is not None and mask(recorded) == written


def misfits(row: HouseholdRow, household: Household) -> list[str]:
    """The columns whose masked numbers do not stand for what is recorded."""
    return [
        id
        for id in _NUMBERS
        if isinstance(value := getattr(row, id), Masked) and not fits(value, getattr(household, id))
    ]


def changed_columns(
    row: HouseholdRow, code: str | None, household: Household, region_id: int
) -> dict[str, Any]:
    """The columns that the row changes; `code` is the county's own, None when the row brings none."""
    said: dict[str, Any] = {id: getattr(row, id) for id in _PLAIN}
    said |= {id: value for id in _NUMBERS if not isinstance(value := getattr(row, id), Masked)}
    said |= {"code": code, "region_id": region_id}
    found = {id: value for id, value in said.items() if value is not None and value != getattr(household, id)}
    if "head_name" in found:
        found["initials"] = initials(row.head_name)
    return found


def number_of(member: Member, head_id_number: str | None) -> str | None:
    """The identity number of a member; that of the head stands with the household."""
    own: str | None = member.extra.get(NUMBER)
    return own if own is not None or member.position != HEAD else head_id_number


def first_members(row: HouseholdRow, head_relation: str, household_id: int) -> list[Member]:
    """The members of a new household: the head first, also when only others are listed; none of none."""
    if not row.members:
        return []
    head = next((each for each in row.members if _is_head(each, row, head_relation)), None)
    if head is None:
        head = MemberRow(row.row, row.head_name, head_relation, None, None, None, None, None)
    ordered = [head, *(each for each in row.members if each is not head)]
    return [_entered(household_id, at, each, row) for at, each in enumerate(ordered, HEAD)]


def merged_members(
    row: HouseholdRow, household: Household, recorded: Sequence[Member], head_relation: str
) -> tuple[tuple[Member, ...] | None, int, list[MemberRow]]:
    """All members afterwards (None: unchanged), how many the row does not mention, and rows whose masked
    number fits nobody."""
    now = seated(row, household, recorded, head_relation)
    if not row.members:
        return (None if now == list(recorded) else tuple(now)), 0, []
    if not recorded:
        wrong = [each for each in row.members if isinstance(each.id_number, Masked)]
        return tuple(first_members(row, head_relation, household.id)), 0, wrong
    head_number = row.head_id_number or household.head_id_number
    if isinstance(head_number, Masked):
        head_number = household.head_id_number
    known_number = head_number if follows(row, household, recorded) else household.head_id_number
    after = list(now)
    met: set[int] = set()
    wrong = []
    for each in row.members:
        at = _same(each, now, known_number, met)
        if isinstance(each.id_number, Masked):
            known = None if at is None else number_of(now[at], known_number)
            if not fits(each.id_number, known):
                wrong.append(each)
                continue
        if at is None:
            position = max(member.position for member in after) + 1
            after.append(_entered(household.id, position, each, row))
        else:
            met.add(at)
            after[at] = _filled(now[at], each, head_number)
    left = len(now) - len(met)
    return (None if after == list(recorded) else tuple(after)), left, wrong


def _is_head(member: MemberRow, row: HouseholdRow, head_relation: str) -> bool:
    if member.relation is not None:
        return folded(member.relation) == folded(head_relation)
    return member.name == row.head_name


def _same(row: MemberRow, recorded: Sequence[Member], head_number: str | None, met: set[int]) -> int | None:
    """The place of the recorded member that the row means: by the number, else by the name and the day."""
    left = [at for at in range(len(recorded)) if at not in met]
    if row.id_number is not None and not isinstance(row.id_number, Masked):
        for at in left:
            if number_of(recorded[at], head_number) == row.id_number:
                return at
    named = []
    for at in left:
        member = recorded[at]
        known = number_of(member, head_number)
        other_number = row.id_number is not None and known is not None and not _equal(row.id_number, known)
        days = (row.birth_date, member.birth_date)
        other_day = None not in days and days[0] != days[1] and known is None
        if member.name == row.name and not other_number and not other_day:
            named.append(at)
    return named[0] if named else None


def _equal(written: str, known: str) -> bool:
    return fits(written, known) if isinstance(written, Masked) else written == known


def _entered(household_id: int, position: int, row: MemberRow, home: HouseholdRow) -> Member:
    """A new member with everything that the row says, and with what the identity number tells besides."""
    own = row.id_number
    heads = position == HEAD and own in (None, home.head_id_number)
    born, sex = home.told if heads else row.told
    known = row.birth_date or born, row.sex or sex
    extra = {} if own is None or heads else {NUMBER: own}
    return Member(household_id, position, row.name, row.relation, *known, row.insured, row.labor, extra)


def _filled(member: Member, row: MemberRow, head_number: str | None) -> Member:
    """The member with everything that the row says."""
    extra = dict(member.extra)
    number = None if isinstance(row.id_number, Masked) else row.id_number
    if number is not None and not (member.position == HEAD and number == head_number):
        extra[NUMBER] = number
    return Member(
        member.household_id,
        member.position,
        row.name,
        row.relation or member.relation,
        row.birth_date or member.birth_date,
        row.sex or member.sex,
        row.insured or member.insured,
        row.labor or member.labor,
        extra,
    )
