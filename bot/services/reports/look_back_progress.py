"""What the report on the "look back" tells besides its attachments (O-24, 003:107)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Blank, Cell, Column, Less, Noted, Row, Share, Sheet, Sum
from bot.services.reports.look_back_counts import Ground, towns_of
from bot.services.reports.report import Ask, Places
from bot.storage import region_wide, report_look_back, report_look_back_progress
from bot.storage.regions import Region

HOUSEHOLD_FORMS: Final = ("jd", "nj")
VILLAGE_FORM: Final = "ve"
FORMS: Final = (*HOUSEHOLD_FORMS, VILLAGE_FORM)
METHOD: Final = "survey_method"
POOR: Final = "poor_village"
STATED_POOR: Final = "town_poor_villages"
YES: Final = 1
SPECIAL: Final = "5"
UNTOLD: Final = "0"
KINDS: Final[Mapping[str | None, str]] = {
    "2": "2", "3": "3", "4": "4", "6": SPECIAL, "7": SPECIAL, "8": SPECIAL, None: UNTOLD,
}  # fmt: skip
"""The kind of 003:24 by the group of attachment 1; nobody knows what a household is that is in none."""
SHOWN: Final = ("2", "3", "4", SPECIAL, UNTOLD)
LEVELS: Final[Mapping[str, str]] = {"village": "V", "town": "T", "county": "D"}
"""The level of a problem by that of the region where it is on record."""
OF_HOUSEHOLD: Final = "H"


def whole(ask: Ask, places: Places, names: Iterable[str], **more: Cell) -> Row:
    """The last row: the sum of each column over the others."""
    ids = tuple(str(part.id) for part in places.parts)
    cells: dict[str, Cell] = {name: Sum(ids, of_rows=True) for name in names}
    return Row({"place": ask.layout.say("all"), **cells, **more}, standing="subtotal")


# ------------------------------------------------------------------------------------------------- work


async def work(conn: AsyncConnection, ask: Ask, places: Places) -> Sheet:
    """Who asked how many, how and when, by part."""
    layout, top = ask.layout.sheet("work"), ask.region.path
    people: dict[int, set[int]] = defaultdict(set)
    papers: Counter[tuple[int, str]] = Counter()
    days: dict[int, list[date]] = defaultdict(list)
    for each in await report_look_back_progress.worked(conn, top, FORMS, ask.before):
        holder = places.part(each.region_id).id
        people[holder].add(each.person_id)
        papers[holder, each.form] += each.count
        days[holder] += [ask.office.today(each.first), ask.office.today(each.last)]
    ways = ask.office.content.registry[METHOD].options
    methods = await _methods(conn, ask, places)
    columns = [Column("way0", (ask.layout.say("ways"), ask.layout.say("no_way")), "integer", 10)]
    columns = [
        *(Column(f"way{code}", (ask.layout.say("ways"), word), "integer", 8) for code, word in ways.items()),
        *columns,
    ]
    rows = []
    for part in places.parts:
        cells: dict[str, Cell] = {"place": part.name, "people": len(people[part.id])}
        cells |= {form: papers[part.id, form] for form in FORMS}
        cells |= {f"way{code}": methods[part.id, code] for code in (*ways, 0)}
        if told := sorted(days[part.id]):
            cells |= {"first": told[0], "last": told[-1]}
        rows.append(Row(cells, id=str(part.id)))
    everybody = Noted(len(set().union(*(people[part.id] for part in places.parts))), ask.layout.say("once"))
    names = [*FORMS, *(column.id for column in columns)]
    rows.append(whole(ask, places, names, people=everybody))
    return layout.filled(rows, ask.said(), columns=(*layout.columns, *columns))


async def _methods(conn: AsyncConnection, ask: Ask, places: Places) -> Counter[tuple[int, int]]:
    """How many households were asked in which way, by part; code 0: nobody said how."""
    found: Counter[tuple[int, int]] = Counter()
    top = ask.region.path
    said = await region_wide.facts_until(conn, top, [METHOD], ask.until)
    for home in await report_look_back_progress.asked(conn, top, HOUSEHOLD_FORMS, ask.before):
        if home.asked:
            part = places.part(home.region_id).id
            found[part, said.get(home.household_id, {}).get(METHOD) or 0] += 1
    return found


# --------------------------------------------------------------------------------------------- coverage


async def coverage(conn: AsyncConnection, ask: Ask, places: Places) -> Sheet:
    """How many of the households and poor villages that are to be asked have been, by part and kind."""
    top = ask.region.path
    ground = Ground(towns_of(places), await report_look_back.kinds(conn, top, ask.until))
    due: Counter[tuple[int, str]] = Counter()
    done: Counter[tuple[int, str]] = Counter()
    for home in await report_look_back_progress.asked(conn, top, HOUSEHOLD_FORMS, ask.before):
        holder = places.part(home.region_id).id
        kind = KINDS[ground.group(home.household_id, home.reg_status)]
        due[holder, kind] += 1
        done[holder, kind] += home.asked
    villages, notes = await _villages(conn, ask, places)
    rows = []
    for region in places.parts:
        cells: dict[str, Cell] = {"place": region.name}
        for kind in SHOWN:
            cells |= {f"k{kind}n": due[region.id, kind], f"k{kind}s": done[region.id, kind]}
        cells |= {f"k1{end}": Sum(tuple(f"k{kind}{end}" for kind in SHOWN)) for end in "ns"}
        rows.append(Row(cells | _left() | villages[region.id], id=str(region.id)))
    names = [f"k{kind}{end}" for kind in (*SHOWN, "1") for end in "ns"]
    rows.append(whole(ask, places, [*names, "vn", "vs"], **_left()))
    return ask.layout.sheet("coverage").filled(rows, ask.said(), notes=notes)


def _left() -> dict[str, Cell]:
    """What follows from due and done in every row."""
    cells: dict[str, Cell] = {f"k{kind}d": Less(f"k{kind}n", f"k{kind}s") for kind in (*SHOWN, "1")}
    return cells | {"vd": Less("vn", "vs"), "rate": Share("k1s", "k1n")}


async def _villages(
    conn: AsyncConnection, ask: Ask, places: Places
) -> tuple[dict[int, dict[str, Cell]], list[str]]:
    """Poor villages by part, as marked at every level, and the checked; and where townships say otherwise."""
    top = ask.region.path
    facts = await region_wide.facts_until(conn, top, [POOR, STATED_POOR], ask.until, "region")
    handed = await region_wide.handed_in(conn, top, [VILLAGE_FORM], ask.before)
    checked = {each.region_id for each in handed}

    def marks(place: Region) -> dict[int, int | None]:
        own = places.within(place, "village")
        return {region.id: facts.get(region.id, {}).get(POOR) for region in own}

    found: dict[int, dict[str, Cell]] = {}
    for part in places.parts:
        own = marks(part)
        poor = {id for id, mark in own.items() if mark == YES}
        found[part.id] = {"vn": _poor(ask, list(own.values())), "vs": len(poor & checked)}
    notes = []
    for town in places.at("town"):
        own = marks(town)
        said, poor_ones = facts.get(town.id, {}).get(STATED_POOR), list(own.values()).count(YES)
        if isinstance(said, int) and said != poor_ones:
            left = list(own.values()).count(None)
            word = "poor_differ_some" if left else "poor_differ"
            notes.append(ask.layout.say(word, town=town.name, said=said, n=poor_ones, left=left))
    return found, notes


def _poor(ask: Ask, marks: Sequence[int | None]) -> Cell:
    """How many are marked as poor; blank where no village is marked either way."""
    left = marks.count(None)
    if marks and left == len(marks):
        return Blank(ask.layout.say("no_poor"))
    return Noted(marks.count(YES), ask.layout.say("poor_left", left=left)) if left else marks.count(YES)


# --------------------------------------------------------------------------------------------- problems


async def problems(conn: AsyncConnection, ask: Ask, places: Places) -> Sheet:
    """The problems of the ledger by category and level: found, struck off, still open."""
    ledger = ask.office.content.ledger
    found: Counter[tuple[str, str]] = Counter()
    solved: Counter[tuple[str, str]] = Counter()
    for each in await report_look_back.tally(conn, ask.region.path, ask.before):
        level = OF_HOUSEHOLD if each.of_household else LEVELS[places.by_id[each.region_id].level]
        spot = category_of(each.sub_problem), level
        found[spot] += each.count
        solved[spot] += each.count if each.closed else 0
    levels = (OF_HOUSEHOLD, *LEVELS.values())
    rows = []
    for category in ledger.categories:
        cells: dict[str, Cell] = {"group": ledger.groups[category.group], "category": category.name}
        for level in levels:
            cells |= {f"{level}n": found[category.id, level], f"{level}s": solved[category.id, level]}
        cells |= {f"all{end}": Sum(tuple(f"{level}{end}" for level in levels)) for end in "ns"}
        cells |= {f"{level}d": Less(f"{level}n", f"{level}s") for level in (*levels, "all")}
        rows.append(Row(cells))
    return ask.layout.sheet("problems").filled(rows, ask.said(), notes=await _undecided(conn, ask))


def category_of(sub_problem: str) -> str:
    """The category of a problem; it may be all that is known of it."""
    return sub_problem.partition(".")[0]


async def _undecided(conn: AsyncConnection, ask: Ask) -> Sequence[str]:
    waiting = await report_look_back_progress.candidates(conn, ask.region.path, ask.before)
    return [ask.layout.say("candidates", n=waiting)] if waiting else []


def marked(each: report_look_back_progress.Open, ask: Ask) -> Iterator[str]:
    """What stands in the way of an open problem, as far as the ledger tells."""
    if each.deadline is not None and each.deadline < ask.until:
        yield "late"
    if not each.handling.get("mending_measure"):
        yield "no_measure"
    if each.handling.get("people_satisfied") not in (None, YES):
        yield "unhappy"
