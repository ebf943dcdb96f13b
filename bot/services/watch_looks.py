"""How each thing is looked for across a county (rules/watches.toml)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.reading import read
from bot.rules.watches import Watch
from bot.services.household_file import names, read_file
from bot.services.judging import facts_of
from bot.services.office import Office
from bot.services.uncovered import FORMS as LOOK_BACK
from bot.storage import alerts, facts, households, regions, uncovered, watch
from bot.storage.regions import Region
from bot.storage.subjects import Subject

LIFTING: Final = "hr"
"""The scheme whose indicators say what a household not yet lifted lacks."""
GUARANTEES: Final = ("ind_education", "ind_medical", "ind_house", "ind_water")
INCOME: Final = ("ind_income",)
WATCHED: Final = "n9"
RECORDS: Final = "visited_at"
NO: Final = 2
YES: Final = 1
PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Something to be told about a household or region; `key` tells it from others of the same watch."""

    subject: Subject
    key: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


def _before(office: Office, now: datetime, days: int | None) -> datetime:
    return now - timedelta(days=days or 0)


async def _places(conn: AsyncConnection) -> dict[int, Region]:
    tops = await regions.children(conn, None)
    return {each.id: each for top in tops for each in await regions.subtree(conn, top.id)}


def _of_level(places: Iterable[Region], level: str) -> list[Region]:
    return [each for each in places if each.level == level]


async def many_problems_checked(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """Townships in which the county's spot checks have found many problems lately (AL-19)."""
    today = office.today(now)
    days, many = watched.figure("days", today), watched.figure("many", today)
    if days is None or many is None:
        return []
    places, counted = await _places(conn), Counter[int]()
    problems = await watch.found_by_county(conn, _before(office, now, days))
    homes = await households.get_many(conn, [p.household_id for p in problems if p.household_id is not None])
    for problem in problems:
        home = homes.get(problem.household_id or 0)
        place = places.get((home.region_id if home is not None else problem.region_id) or 0)
        counted.update(
            id for id in (place.lineage if place is not None else ()) if places[id].level == "town"
        )
    return [
        Found(Subject("region", town), "", {"days": str(days), "count": str(count)})
        for town, count in sorted(counted.items())
        if count >= many
    ]


async def village_without_team(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """Poor villages, and those with many registered people, that have no resident team (AL-26; 003:43)."""
    people = watched.figure("people", office.today(now))
    villages = [each.id for each in _of_level((await _places(conn)).values(), "village")]
    found = []
    for village, known in (await facts.current(conn, villages, "region")).items():
        said = {fact.name: fact.value for fact in known}
        poor = said.get("poor_village") == YES
        many = people is not None and (said.get("village_registered_people") or 0) >= people
        if said.get("village_has_team") == NO and (poor or many):
            found.append(Found(Subject("region", village)))
    return found


async def _still_open(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime, wanted: tuple[str, ...]
) -> list[Found]:
    """Households not yet lifted that lack one of these since the last of the days on which that is told.

    A day on which nobody looked is made up for on the next one.
    """
    today = office.today(now)
    figure = watched.figure("last", today)
    last = None if not figure else date(today.year, *divmod(figure, 100))
    ahead = [watched.figure(name, today) for name in ("first_notice", "last_notice")]
    told_on = {last - timedelta(days=days) for days in (*ahead, 0) if last is not None and days is not None}
    reached = max((day for day in told_on if day <= today), default=None)
    if last is None or reached is None:
        return []
    found, pack = [], office.content.packs[LIFTING]
    for household in await watch.unlifted(conn):
        dossier = await read_file(conn, office, household, now)
        reading = read(pack, facts_of(office, pack, dossier), today)
        lacks = [
            pack.facts[name].say(False).fill(lambda _: "") for name in wanted if reading.truth(name) is False
        ]
        if lacks:
            said = {"place": dossier.place("village"), "household": dossier.household.head_name}
            about = {"what": pack.words.comma.join(lacks), "due": last.isoformat()}
            found.append(Found(Subject("household", household), reached.isoformat(), said | about))
    return found


async def guarantee_open(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Households not yet lifted whose three guarantees are still open as their day comes (AL-27; 003:29)."""
    return await _still_open(conn, office, watched, now, GUARANTEES)


async def income_open(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Households not yet lifted whose income is still too low as its day comes (AL-27; 003:29)."""
    return await _still_open(conn, office, watched, now, INCOME)


async def share_of_watched(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """A county whose share of watched people is far from what the document expects (AL-33; 004:703)."""
    today = office.today(now)
    expected, tolerance = watched.figure("share", today), watched.figure("tolerance", today)
    pack = office.content.packs[WATCHED]
    towns = _of_level((await _places(conn)).values(), "town")
    told = await facts.current(conn, [town.id for town in towns], "region")
    people = sum(
        fact.value or 0
        for known in told.values()
        for fact in known
        if fact.name == "town_registered_population"
    )
    top = await regions.children(conn, None)
    if not people or expected is None or tolerance is None or not top:
        return []
    kinds = [each.id for each in pack.outcomes if not each.silent]
    homes = await households.get_many(conn, await watch.judged(conn, WATCHED, kinds))
    share = sum(home.population or 0 for home in homes.values()) * PERCENT / people
    if abs(share - expected) <= tolerance:
        return []
    return [Found(Subject("region", top[0].id), "", {"share": f"{share:.1f}", "expected": str(expected)})]


async def same_number(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Households whose heads are on record with the same identity number (AL-34)."""
    groups = await watch.same_number(conn)
    called = await names(conn, office, [id for group in groups for id in group])
    return [
        Found(Subject("household", first), str(other), {"other": called[other]})
        for first, *others in groups
        for other in others
    ]


async def other_population(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """Households with another number of members than the register has (AL-34)."""
    return [
        Found(
            Subject("household", each.household_id),
            f"{each.population}.{each.members}",
            {"population": str(each.population), "members": str(each.members)},
        )
        for each in await watch.other_population(conn)
    ]


async def records_alike(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Villages where one person's records name one moment at several households (AL-35; 003:77)."""
    today = office.today(now)
    many = watched.figure("many", today)
    since = _before(office, now, watched.figure("days", today))
    homes: dict[tuple[int, int, str], set[int]] = {}
    for each in await watch.told_moments(conn, RECORDS, since):
        moment = each.moment
        if isinstance(moment, str) and "T" in moment:
            homes.setdefault((each.region_id, each.person_id, moment), set()).add(each.household_id)
    return [
        Found(Subject("region", region), f"{person}.{moment}", {"count": str(len(found))})
        for (region, person, moment), found in sorted(homes.items())
        if many is not None and len(found) >= many
    ]


async def departments_late(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """Departments whose problems have been late for long (AL-37; 003:124)."""
    today = office.today(now)
    days, top = watched.figure("days", today), await regions.children(conn, None)
    if days is None or not top:
        return []
    counted: Counter[str] = Counter()
    for problem in await watch.late_problems(conn, today - timedelta(days=days)):
        unit = problem.handling.get("mending_unit")
        counted.update([unit] if isinstance(unit, str) and unit else [])
    return [
        Found(Subject("region", top[0].id), unit, {"office": unit, "count": str(count), "days": str(days)})
        for unit, count in sorted(counted.items())
    ]


async def without_keeper(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Watched households for whom nobody is responsible (AL-39; 004:721)."""
    found: dict[int, Found] = {}
    for scheme in watched.schemes:
        pack = office.content.packs[scheme]
        kinds = [each.id for each in pack.outcomes if not each.silent]
        for household in await watch.without_keeper(conn, scheme, kinds):
            found[household] = Found(Subject("household", household))
    return list(found.values())


async def without_plan(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Households that have had a card for so long and still have no plan (AL-36; 003:2014)."""
    today = office.today(now)
    days = watched.figure("days", today)
    if days is None:
        return []
    found: dict[int, Found] = {}
    for scheme in watched.schemes:
        kinds = [each.id for each in office.content.packs[scheme].outcomes if not each.silent]
        for household in await watch.without_plan(conn, scheme, kinds, today - timedelta(days=days)):
            found[household] = Found(Subject("household", household), "", {"days": str(days)})
    return list(found.values())


async def left_unverified(
    conn: AsyncConnection, office: Office, watched: Watch, now: datetime
) -> list[Found]:
    """Alerts with a time given for them that has passed, and that are open still (AL-02; workflow.md 5.1)."""
    today = office.today(now).isoformat()
    return [
        Found(alert.about, str(alert.id), {"what": alert.facts["text"], "due": alert.facts["until"]})
        for alert in await alerts.open_since(conn, now)
        if "until" in alert.facts and alert.facts["until"] < today
    ]


async def not_visited(conn: AsyncConnection, office: Office, watched: Watch, now: datetime) -> list[Found]:
    """Townships with households that the look back has not come to, as its days run out (AL-38; 003:112)."""
    today = office.today(now)
    figure, days = watched.figure("last", today), watched.figure("days", today)
    last = None if not figure else date(today.year, *divmod(figure, 100))
    if last is None or days is None or not last - timedelta(days=days) <= today <= last:
        return []
    found = []
    for town in _of_level((await _places(conn)).values(), "town"):
        left = (await uncovered.unasked(conn, [town.id], LOOK_BACK, 0)).total
        if left:
            said = {"count": str(left), "due": last.isoformat()}
            found.append(Found(Subject("region", town.id), "", said))
    return found
