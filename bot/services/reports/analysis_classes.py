"""How many households stand how under the county's schemes, now and when the period began (O-42; R-*).

How a household stands is what the ledgers say: what the county approved, before that what the rules say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.chart_view import Chart
from bot.render.table_view import Cell, Column, Less, Row, Sheet, Sum
from bot.rules.pack import Outcome, Pack
from bot.services.reports.analysis_parts import Ground, Part, charts_of, ground_of
from bot.services.reports.report import Ask, Report, SchemeOff
from bot.services.reports.standing import read_standings

UNSAID: Final = "unsaid"
"""Stands for the verdict where nothing was said, or nothing that could be settled."""
WIDTH: Final = 10.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """The standing of every household under a scheme, by household: an outcome's id, or UNSAID."""

    pack: Pack
    ground: Ground
    before: Mapping[int, str]
    now: Mapping[int, str]

    @property
    def told(self) -> list[Outcome]:
        """The outcomes within the scheme's range, in its own order."""
        return [each for each in self.pack.outcomes if not each.silent]

    def names(self, unsaid: str) -> dict[str, str]:
        """Every standing by id with its name: those in range, those out of it, and the unsaid."""
        silent = [each for each in self.pack.outcomes if each.silent]
        return {each.id: each.name for each in (*self.told, *silent)} | {UNSAID: unsaid}

    def counts(self, standing: Mapping[int, str], part: Part | None = None) -> Counter[str]:
        """Households by standing, of one part or of all."""
        homes = standing if part is None else part.homes
        return Counter(standing[id] for id in homes)

    @property
    def moves(self) -> Counter[tuple[str, str]]:
        """Households by their standing before and now."""
        return Counter((before, self.now[id]) for id, before in self.before.items())


def schemes_of(ask: Ask) -> list[Pack]:
    """The scheme asked for, else all of the county that sort households; SchemeOff when there is none."""
    content = ask.office.content
    unsorted = ask.layout.say("unsorted").split()
    running = [id for id in content.households_by if ask.scheme in ("", id) and id not in unsorted]
    if not running:
        raise SchemeOff(report=ask.layout.id, scheme=ask.scheme)
    return [content.packs[id] for id in running]


async def sizes_of(conn: AsyncConnection, ask: Ask, ground: Ground, pack: Pack) -> Sizes:
    """How every household stands at the end of the period, and stood on the day before it."""
    standings = await read_standings(conn, ask, pack)

    def on(day: date) -> dict[int, str]:
        stood = {home.id: standings.outcome(home.id, day) for home in ground.homes}
        return {id: UNSAID if outcome is None else outcome.id for id, outcome in stood.items()}

    return Sizes(pack, ground, on(ask.eve), on(ask.until))


async def read_sizes(conn: AsyncConnection, ask: Ask) -> list[Sizes]:
    """The sizes under every scheme that is wanted."""
    packs = schemes_of(ask)
    ground = await ground_of(conn, ask)
    return [await sizes_of(conn, ask, ground, pack) for pack in packs]


def _facts(ask: Ask, sizes: Sizes) -> dict[str, object]:
    scheme = sizes.pack.scheme
    secret = ask.layout.say("secret") if scheme.secret else ""
    return {"scheme": scheme.name, "secret": secret, **eve_of(ask)}


def eve_of(ask: Ask) -> dict[str, object]:
    """The day before the period, in words."""
    return {"eve": ask.office.say("reports.day", day=ask.eve)}


# --------------------------------------------------------------------------------------------------- sheets


def main(ask: Ask, sizes: Sizes, name: str) -> Sheet:
    """Each standing: how many before, in, out, and now."""
    before, now, moves = sizes.counts(sizes.before), sizes.counts(sizes.now), sizes.moves
    rows = []
    for id, label in sizes.names(ask.layout.say("unsaid")).items():
        cells: dict[str, Cell] = {
            "what": label,
            "before": before[id],
            "in": sum(count for (old, new), count in moves.items() if new == id != old),
            "out": sum(count for (old, new), count in moves.items() if old == id != new),
            "now": now[id],
            "change": Less("now", "before"),
        }
        rows.append(Row(cells, id=id))
    return ask.layout.sheet("main").filled(rows, ask.said(**_facts(ask, sizes)), name=name)


def by_place(ask: Ask, sizes: Sizes, name: str) -> Sheet:
    """Place by place: each standing before and now; the households add up."""
    layout = ask.layout.sheet("places")
    place, total = layout.columns
    words = {"before": ask.layout.say("before"), "now": ask.layout.say("now")}
    names = sizes.names(ask.layout.say("unsaid"))
    columns = [
        Column(f"{when}_{id}", (label, word), "integer", WIDTH, total=True)
        for id, label in names.items()
        for when, word in words.items()
    ]
    rows = []
    for part in sizes.ground.parts:
        counts = {"before": sizes.counts(sizes.before, part), "now": sizes.counts(sizes.now, part)}
        cells: dict[str, Cell] = {place.id: part.name}
        cells |= {f"{when}_{id}": counts[when][id] for id in names for when in words}
        cells[total.id] = Sum(tuple(f"now_{id}" for id in names))
        rows.append(Row(cells))
    facts = ask.said(**_facts(ask, sizes))
    return layout.filled(rows, facts, columns=[place, *columns, total], name=name)


def moved(ask: Ask, sizes: Sizes, name: str) -> Sheet:
    """From which standing to which: each row is what was, each column what is."""
    layout = ask.layout.sheet("moves")
    what, total = layout.columns
    names, moves = sizes.names(ask.layout.say("unsaid")), sizes.moves
    head = ask.layout.say("now")
    columns = [Column(f"to_{id}", (head, label), "integer", WIDTH, total=True) for id, label in names.items()]
    rows = [
        Row(
            {
                what.id: label,
                **{f"to_{new}": moves[old, new] for new in names},
                total.id: Sum(tuple(column.id for column in columns)),
            }
        )
        for old, label in names.items()
    ]
    facts = ask.said(**_facts(ask, sizes))
    return layout.filled(rows, facts, columns=[what, *columns, total], name=name)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-42: three sheets for each scheme."""
    found = await read_sizes(conn, ask)
    sheets = []
    for sizes in found:
        for build, id in ((main, "main"), (by_place, "places"), (moved, "moves")):
            tab = ask.layout.sheet(id).name
            name = ask.layout.say("tab", scheme=sizes.pack.scheme.name, tab=tab) if len(found) > 1 else tab
            sheets.append(build(ask, sizes, name))
    return sheets


# --------------------------------------------------------------------------------------------------- charts


async def draw(conn: AsyncConnection, ask: Ask) -> Sequence[Chart]:
    """O-42 as charts: before and now by standing, and place by place."""
    return [chart for sizes in await read_sizes(conn, ask) for chart in charts(ask, sizes)]


def charts(ask: Ask, sizes: Sizes) -> list[Chart]:
    """The charts of one scheme, of the same figures as its sheets."""
    facts, told = _facts(ask, sizes), sizes.told
    before, now = sizes.counts(sizes.before), sizes.counts(sizes.now)
    change = charts_of(
        ask,
        "change",
        "bars",
        [each.name for each in told],
        {
            "before": (ask.layout.say("before"), [before[each.id] for each in told]),
            "now": (ask.layout.say("now"), [now[each.id] for each in told]),
        },
        **facts,
    )
    parts = [(part, sizes.counts(sizes.now, part)) for part in sizes.ground.parts]
    place = charts_of(
        ask,
        "places",
        "stacked",
        [part.name for part, _ in parts],
        {each.id: (each.name, [counts[each.id] for _, counts in parts]) for each in told},
        **facts,
    )
    return [*change, *place]


REPORTS: Final = (Report("O-42", make, per="month", shelf="analysis", draw=draw),)
