"""Who the head of a household is: said once and alike in both sheets, and what becomes of an earlier head.

The head stands at position 1 of the members, and the household keeps the head's identity number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from bot.services.rosters.cells import Masked
from bot.services.rosters.layout import folded
from bot.services.rosters.officials import Grounds
from bot.services.rosters.records import HouseholdRow, MemberRow
from bot.storage.households import Household, Member

NUMBER: Final = "id_number"
"""Where the identity number of a member stands in `extra`."""
HEAD: Final = 1


def check_heads(grounds: Grounds) -> None:
    """Note where the sheet of members says of a head something else than the sheet of households."""
    relation = folded(grounds.layout.head_relation)
    for row in grounds.roster.households:
        heads = [each for each in row.members if each.relation and folded(each.relation) == relation]
        for other in heads[1:]:
            grounds.note("members", other.row, "relation", "two_heads", other=heads[0].row)
        own = _plain(row.head_id_number)
        for each in row.members:
            if each not in heads[:1] and own == each.id_number is not None and each.name != row.head_name:
                grounds.note("members", each.row, "name", "head_name_differs")
        for head in heads[:1]:
            _check(grounds, row, head)


def _check(grounds: Grounds, row: HouseholdRow, head: MemberRow) -> None:
    if head.name != row.head_name:
        grounds.note("members", head.row, "name", "head_name_differs")
    own, number = _plain(row.head_id_number), _plain(head.id_number)
    if own is not None and number is not None and own != number:
        grounds.note("members", head.row, "id_number", "head_number_differs")
    elif number is None:
        for id, told in zip(("birth_date", "sex"), row.told, strict=True):
            if told is not None and getattr(head, id) not in (None, told):
                grounds.note("members", head.row, id, f"{id}_differs")


def _plain(number: str | None) -> str | None:
    """The number, unless only some of its signs are shown."""
    return None if isinstance(number, Masked) else number


def heir(row: HouseholdRow, household: Household, recorded: Sequence[Member]) -> Member | None:
    """The member on record who is the head by the row and was not before."""
    if row.head_name == household.head_name:
        return None
    number = _plain(row.head_id_number)
    others = [each for each in recorded if each.position != HEAD]
    same = [each for each in others if number is not None and each.extra.get(NUMBER) == number]
    named = [
        each
        for each in others
        if each.name == row.head_name and (number is None or each.extra.get(NUMBER) in (None, number))
    ]
    return next(iter((*same, *named)), None)


def follows(row: HouseholdRow, household: Household, recorded: Sequence[Member]) -> bool:
    """Whether the row has somebody else for a head than the records, and not only another spelling."""
    number, known = _plain(row.head_id_number), household.head_id_number
    if row.head_name == household.head_name:
        return False
    return heir(row, household, recorded) is not None or (None not in (number, known) and number != known)


def seated(
    row: HouseholdRow, household: Household, recorded: Sequence[Member], head_relation: str
) -> list[Member]:
    """The members with the head of the row at position 1; whoever was it keeps their own number."""
    before = next((each for each in recorded if each.position == HEAD), None)
    if before is None or not follows(row, household, recorded):
        return list(recorded)
    after = heir(row, household, recorded)
    place = max(each.position for each in recorded) + 1 if after is None else after.position
    own = {} if household.head_id_number is None else {NUMBER: household.head_id_number}
    relation = None if folded(before.relation or "") == folded(head_relation) else before.relation
    moved = replace(before, position=place, relation=relation, extra={**own, **before.extra})
    others = [each for each in recorded if each is not before and each is not after]
    return sorted((_head(row, household, after, head_relation), moved, *others), key=lambda m: m.position)


def _head(row: HouseholdRow, household: Household, after: Member | None, head_relation: str) -> Member:
    born, sex = row.told
    if after is None:
        return Member(household.id, HEAD, row.head_name, head_relation, born, sex)
    extra: dict[str, Any] = {key: value for key, value in after.extra.items() if key != NUMBER}
    return replace(
        after,
        position=HEAD,
        name=row.head_name,
        relation=head_relation,
        birth_date=after.birth_date or born,
        sex=after.sex or sex,
        extra=extra,
    )
