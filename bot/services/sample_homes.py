"""The households of the practice county: families of `samples/county.toml`, names and figures drawn."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from random import Random
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import initials
from bot.services.sample import invented_number
from bot.services.sample_deeds import Home
from bot.services.sample_people import Worker
from bot.storage import assignments, households
from bot.storage.households import Member, NewHousehold
from bot.storage.regions import Region

_REST: Final = ("position", "name", "relation", "birth_date", "sex", "insured", "labor")


async def homes_of(
    conn: AsyncConnection,
    sample: Mapping[str, Any],
    workers: Sequence[Worker],
    places: Mapping[str, Region],
    since: datetime,
) -> AsyncIterator[Home]:
    """The households, each in the care of a helper, numbered within its village."""
    dice = Random(sample["seed"])
    families = [table for table in sample["family"] for _ in range(table["count"])]
    dice.shuffle(families)
    counts = {place.id: itertools.count(1) for place in places.values()}
    ancestors = {place.id: place for place in places.values()}
    names: set[str] = set()
    slots = [each for each in workers for _ in range(each.households)]
    for number, (family, helper) in enumerate(zip(families, slots, strict=True), 1):
        at = next(counts[helper.region.id])
        drawn = _drawn(dice, sample, family, names, since.date())
        group = sample["names"]["groups"][(at - 1) % len(sample["names"]["groups"])]
        id = await _entered(conn, drawn, family, helper, group, number, since)
        true = {**sample["usual"], **family["facts"], **_between(dice, family), **_told(drawn)}
        over = tuple(ancestors[id] for id in helper.region.lineage)
        yield Home(id, at, family["name"], helper.address, over, true)


def _drawn(
    dice: Random, sample: Mapping[str, Any], family: Mapping[str, Any], names: set[str], on: date
) -> list[Member]:
    """The members of one household; heads of the same name would be hard to tell apart."""
    words = sample["names"]
    members: list[Member] = []
    while not members or members[0].name in names:
        name = dice.choice(words["surnames"])
        members = []
        for position, each in enumerate(family["members"], 1):
            married_in = each["relation"] in words["married_in"]
            surname = dice.choice(words["surnames"]) if married_in else name
            given = dice.choice(words["men"] if each["sex"] == 1 else words["women"])
            born = date(on.year - dice.randint(*each["age"]), dice.randint(1, 12), dice.randint(1, 28))
            insured = 2 if dice.random() < 0.03 else 1
            members.append(
                Member(
                    0, position, surname + given, each["relation"], born, each["sex"], insured, each["labor"]
                )
            )
    names.add(members[0].name)
    return members


async def _entered(
    conn: AsyncConnection,
    members: list[Member],
    family: Mapping[str, Any],
    helper: Worker,
    group: str,
    number: int,
    since: datetime,
) -> int:
    head = members[0]
    assert head.birth_date is not None
    assert head.sex is not None
    years = family.get("exit_years")
    new = NewHousehold(
        region_id=helper.region.id,
        village_group=group,
        head_name=head.name,
        initials=initials(head.name),
        created_at=since,
        head_id_number=invented_number(head.birth_date, head.sex, number),
        population=len(members),
        reg_status=family["reg_status"],
        exit_year=None if years is None else years[0] + number % (years[1] - years[0] + 1),
    )
    id = await households.add(conn, new)
    own = [Member(id, *(getattr(each, name) for name in _REST)) for each in members]
    await households.replace_members(conn, [id], own)
    await assignments.assign(conn, id, helper.person.id, since)
    return id


def _between(dice: Random, family: Mapping[str, Any]) -> dict[str, int]:
    """The figures that are drawn, to the ten."""
    return {name: dice.randint(*ends) // 10 * 10 for name, ends in family.get("between", {}).items()}


def _told(members: Sequence[Member]) -> dict[str, Any]:
    """What the family itself says: how many they are, who can work, who signs."""
    grown = [each for each in members if each.labor != 3 or not _is_child(each, members)]
    return {
        "population": len(members),
        "person_labor_count": len(grown),
        "person_labor": [{"name": each.name, "labor": each.labor} for each in grown],
        "respondent_signature": members[0].name,
        "visit_respondent": members[0].name,
    }


def _is_child(member: Member, members: Sequence[Member]) -> bool:
    """Whether somebody is so much younger than the head that school comes first."""
    born, head = member.birth_date, members[0].birth_date
    return born is not None and head is not None and born.year - head.year > 18
