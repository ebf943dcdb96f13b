"""What each village still lacks of what the verification of villages asks for (O-41; R-VILLAGE-01).

The document sets no threshold: there are figures and gaps, and a verdict only where the county set some.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import Chart
from bot.render.table_view import Cell, Column, Less, Row, Share, Sheet, Sum
from bot.rules.decide import decide
from bot.rules.explain import explain
from bot.rules.pack import Pack
from bot.rules.reading import read
from bot.rules.sentences import Teller
from bot.rules.terms import Truth
from bot.services.reports.analysis_parts import charts_of
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.services.reports.supervision import supervised
from bot.storage import region_wide
from bot.storage.households import Household
from bot.storage.regions import Region

SCHEME: Final = "village"
UNLIFTED: Final = "unlifted_now"
"""How many people are not lifted yet: told by the monthly report of a supervised village only."""
STILL_UNLIFTED, SUPERVISE = "still_unlifted", "supervise"
"""What the pack makes of it: that there are some, and that so many call for supervision."""
NOT_LIFTED: Final = 1
"""Code of a household's status in the register."""
SUPERVISION: Final = "O-16"
"""The report that names the villages under supervision."""
GROUPS: Final = "village_group_count"
SHARES: Final[Mapping[str, tuple[str, str]]] = {
    "road": ("village_groups_hard_road", GROUPS),
    "power": ("village_groups_power", GROUPS),
    "signal": ("village_groups_signal", GROUPS),
    "broadband": ("village_groups_broadband", GROUPS),
    "broadcast": ("village_groups_broadcast", GROUPS),
    "insured": ("village_medical_insured", "village_population"),
    "cooperative": ("village_cooperative_households", "village_registered_households"),
}
"""What is covered and of how many: 18-1 to 18-5 of 18, 6 of 3, 22 of 4."""
WATER: Final = "village_piped_water"
INCOME: Final = "village_net_income_2019"
FACTS: Final = (WATER, INCOME, *{fact for pair in SHARES.values() for fact in pair})
THRESHOLDS: Final = "any_short"
"""The fact of the pack that is made of what falls short of the county's thresholds."""
STATES: Final[tuple[tuple[str, Truth], ...]] = (("lacking", True), ("met", False), ("open", None))


@dataclass(frozen=True, slots=True)
class Seen:
    """A village with its figures; `truths` says by item if it lacks it, `words` what and the clause."""

    region: Region
    town: str
    part: int
    facts: Mapping[str, Any]
    standing: str
    truths: Mapping[str, Truth]
    words: Mapping[str, tuple[str, str]]

    @property
    def silent(self) -> bool:
        """Whether nothing at all is known of it."""
        return all(value is None for value in self.facts.values())


@dataclass(frozen=True, slots=True)
class Gaps:
    """The villages of a region in the register's order."""

    places: Places
    pack: Pack
    villages: Sequence[Seen]

    def count(self, item: str, truth: Truth, villages: Iterable[Seen] | None = None) -> int:
        """How many of the villages lack the item, have it, or have not said."""
        return sum(each.truths[item] is truth for each in (self.villages if villages is None else villages))

    def covered(self, share: str) -> float | None:
        """Which part of all, in percent, is covered in the villages where both figures are known."""
        part, whole = SHARES[share]
        known = [
            (each.facts[part], each.facts[whole])
            for each in self.villages
            if each.facts.get(part) is not None and each.facts.get(whole)
        ]
        return round(100 * sum(a for a, _ in known) / sum(b for _, b in known), 1) if known else None


async def read_gaps(conn: AsyncConnection, ask: Ask) -> Gaps:
    """Every village of the region as it was known at the end of the period."""
    pack = ask.office.content.packs[SCHEME]
    places = await places_of(conn, ask.region)
    names = {*pack.keeps, *FACTS}
    facts = await region_wide.facts_until(conn, ask.region.path, names, ask.until, "region")
    homes: dict[int, list[Household]] = {}
    for home in await region_wide.homes(conn, ask.region.path):
        homes.setdefault(home.region_id, []).append(home)
    listed = supervised(replace(ask, layout=ask.office.content.layouts[SUPERVISION]), places)
    names_listed = {(each.town, each.village) for each in listed}
    villages = []
    for village in places.at("village"):
        said = facts.get(village.id, {})
        seen = _seen(ask, pack, places, village, said, unlifted_of(homes.get(village.id, ())))
        told = said.get(UNLIFTED) is not None or places.names(village.id) in names_listed
        if not told and seen.truths[SUPERVISE] is None:
            # Only a village under supervision reports the number: of others it is not asked.
            seen = replace(seen, truths={**seen.truths, SUPERVISE: False})
        villages.append(seen)
    return Gaps(places, pack, villages)


def unlifted_of(homes: Sequence[Household]) -> int | None:
    """How many people the register holds that are not lifted; None when it does not say it of everyone."""
    if not homes or any(home.reg_status is None for home in homes):
        return None
    people = [home.population for home in homes if home.reg_status == NOT_LIFTED]
    known = [each for each in people if each is not None]
    return sum(known) if len(known) == len(people) else None


def _seen(
    ask: Ask, pack: Pack, places: Places, village: Region, said: Mapping[str, Any], registered: int | None
) -> Seen:
    of_register = said.get(UNLIFTED) is None and registered is not None
    facts = {**said, UNLIFTED: registered} if of_register else said
    on = max(ask.until, pack.scheme.start)
    verdict, reading = decide(pack, facts, on), read(pack, facts, on)
    teller = Teller(reading, pack.registry, pack.words)
    words = {hint.flag: (hint.text, hint.clause) for hint in verdict.hints}
    if of_register:
        remark = ask.layout.say("of_register")
        words |= {
            id: (f"{words[id][0]}{remark}", words[id][1]) for id in (STILL_UNLIFTED, SUPERVISE) if id in words
        }
    for term in pack.facts[THRESHOLDS].any_of:
        if reading.truth(term.fact):
            rule = pack.facts[term.fact]
            words[term.fact] = (rule.say(True).fill(teller), rule.clause)
    truths = {flag.id: reading.all(flag.when) for flag in pack.flags}
    standing = explain(pack, verdict).name or ask.layout.say("unsaid")
    return Seen(
        village, places.name(village.id, "town"), places.part(village.id).id, said, standing, truths, words
    )


# --------------------------------------------------------------------------------------------------- sheets


def figures(ask: Ask, gaps: Gaps) -> Sheet:
    """The figures of each village, with the sum of each township of a county."""
    layout = ask.layout.sheet("main")
    columns = [*layout.columns[:2], *_share_columns(ask), *layout.columns[2:]]
    water = ask.office.content.registry[WATER].options
    rows: list[Row] = []
    for town, inside in _by_town(gaps).items():
        for each in inside:
            cells: dict[str, Cell] = {"town": town, "village": each.region.name}
            cells |= {name: each.facts.get(name) for pair in SHARES.values() for name in pair}
            cells |= {f"{share}_{what}": cell for share in SHARES for what, cell in _formulas(share).items()}
            cells |= {
                "water": water.get(each.facts.get(WATER, -1)),
                "income": each.facts.get(INCOME),
                "standing": each.standing,
            }
            rows.append(Row(cells))
        if ask.region.level == "county":
            # The figures that are missing differ from column to column: no share can be made of the sums.
            rows.append(Row({"town": ask.layout.say("of_town", town=town)}, "subtotal"))
    return layout.filled(rows, ask.said(), columns=columns)


def _by_town(gaps: Gaps) -> dict[str, list[Seen]]:
    towns: dict[str, list[Seen]] = {}
    for each in gaps.villages:
        towns.setdefault(each.town, []).append(each)
    return towns


def _formulas(share: str) -> dict[str, Cell]:
    part, whole = SHARES[share]
    return {"less": Less(whole, part), "share": Share(part, whole)}


def _share_columns(ask: Ask) -> list[Column]:
    say, columns = ask.layout.say, []
    wholes: set[str] = set()
    for share, (part, whole) in SHARES.items():
        if whole not in wholes:
            columns.append(Column(whole, (say(whole),), "integer", 10, total=True))
            wholes.add(whole)
        columns += [
            Column(part, (say(share), say("covered")), "integer", 7, total=True),
            Column(f"{share}_less", (say(share), say("less")), "integer", 7, total=True),
            Column(f"{share}_share", (say(share), say("share")), "percent", 8),
        ]
    return columns


def items(ask: Ask, gaps: Gaps) -> Sheet:
    """For each item of the list, how many villages lack it, have it, or have not said."""
    rows = []
    for flag in gaps.pack.flags:
        cells: dict[str, Cell] = {"item": ask.layout.say(f"item_{flag.id}")}
        cells |= {id: gaps.count(flag.id, truth) for id, truth in STATES}
        cells["all"] = Sum(tuple(id for id, _ in STATES))
        rows.append(Row(cells))
    return ask.layout.sheet("items").filled(rows, ask.said())


def by_place(ask: Ask, gaps: Gaps) -> Sheet:
    """Place by place, how many villages there are, have not said anything, and lack each item."""
    layout = ask.layout.sheet("places")
    columns = [
        Column(
            flag.id, (ask.layout.say("lacking"), ask.layout.say(f"item_{flag.id}")), "integer", 9, total=True
        )
        for flag in gaps.pack.flags
    ]
    rows = []
    for part in gaps.places.parts:
        here = [each for each in gaps.villages if each.part == part.id]
        silent = sum(each.silent for each in here)
        cells: dict[str, Cell] = {"place": part.name, "silent": silent, "told": len(here) - silent}
        cells["all"] = Sum(("told", "silent"))
        cells |= {flag.id: gaps.count(flag.id, True, here) for flag in gaps.pack.flags}
        rows.append(Row(cells))
    return layout.filled(rows, ask.said(), columns=[*layout.columns, *columns])


def listed(ask: Ask, gaps: Gaps) -> Sheet:
    """Village by village what is lacking, in words, and what has not been filled in."""
    say, clauses = ask.layout.say, ask.office.content.clauses
    rows = []
    for each in gaps.villages:
        place: dict[str, Cell] = {"town": each.town, "village": each.region.name}
        for text, clause in each.words.values():
            rows.append(Row({**place, "kind": say("lacking"), "what": text, "clause": clauses.say(clause)}))
        unsaid = [say(f"item_{flag.id}") for flag in gaps.pack.flags if each.truths[flag.id] is None]
        if each.silent:
            rows.append(Row({**place, "kind": say("open"), "what": say("silent")}))
        elif unsaid:
            rows.append(Row({**place, "kind": say("open"), "what": say("joint").join(unsaid)}))
    return ask.layout.sheet("list").filled(rows, ask.said())


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-41: the gaps by item and by place, the figures by village, and the list in words."""
    gaps = await read_gaps(conn, ask)
    return [items(ask, gaps), by_place(ask, gaps), figures(ask, gaps), listed(ask, gaps)]


# --------------------------------------------------------------------------------------------------- charts


async def draw(conn: AsyncConnection, ask: Ask) -> Sequence[Chart]:
    """O-41 as charts: villages by item, and how much is covered."""
    gaps = await read_gaps(conn, ask)
    say, flags = ask.layout.say, gaps.pack.flags
    by_item = charts_of(
        ask,
        "items",
        "stacked",
        [say(f"item_{flag.id}") for flag in flags],
        {id: (say(id), [gaps.count(flag.id, truth) for flag in flags]) for id, truth in STATES},
    )
    covered = charts_of(
        ask,
        "covered",
        "bars",
        [say(share) for share in SHARES],
        {"covered": (say("share"), [gaps.covered(share) for share in SHARES])},
    )
    return [*by_item, *covered]


REPORTS: Final = (Report("O-41", make, schemes=(SCHEME,), of_households=False, shelf="analysis", draw=draw),)
