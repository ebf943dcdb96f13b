"""Attachment 3: how villages stand, as checked there, prefilled from the register (O-13, 003:1291-1595)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Item
from bot.expressions import Expression, parse
from bot.render.blank_lines import mark
from bot.render.table_view import Blank, Cell, Column, Noted, Row, Sheet, Sum
from bot.services.reports.answers import day_of
from bot.services.reports.homes import Home
from bot.services.reports.look_back_township import PLACES, added, homes_of
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import region_wide
from bot.storage.regions import Region

UNIT, SIGNED_ON = "reviewer_unit", "signed_on"


@dataclass(frozen=True, slots=True)
class Village:
    """A village, what was said of it, and what the household register adds up to."""

    region: Region
    facts: Mapping[str, Any]
    homes: Sequence[Home]


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a cell, as it is recorded and as it shows, and where it is from."""

    value: Any
    shown: str | int | float | None
    remark: str

    @property
    def cell(self) -> Cell:
        """The cell with its remark as a note."""
        return Blank(self.remark) if self.shown is None else Noted(self.shown, self.remark)


@dataclass(frozen=True, slots=True)
class Paper:
    """The questionnaire as the paper prints it, with what the layout says about its questions."""

    ask: Ask
    items: tuple[Item, ...]
    full: Mapping[str, Expression]
    least: Mapping[str, Expression]

    @classmethod
    def of(cls, ask: Ask) -> Paper:
        """The paper of a report."""
        items = tuple(item for item in ask.office.content.form("ve").items if item.no)
        full, least = (
            {id: parse(text) for id, text in ask.layout.under(start).items() if id in ids}
            for start, ids in (
                ("full.", {item.id for item in items}),
                ("least.", {item.id for item in items}),
            )
        )
        return cls(ask, items, full, least)

    @property
    def names(self) -> set[str]:
        """The facts of households that are needed."""
        read = (*self.full.values(), *self.least.values())
        return {name for each in read for name in (*each.names, *each.row_names)}

    def adds_up(self, item: Item) -> bool:
        """Whether the villages' answers may be added."""
        return not item.options and item.id not in self.ask.layout.say("alone").split()


async def make_ve(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """A village's own table; of a township all of them side by side, then each; of a county its townships."""
    places, paper = await places_of(conn, ask.region), Paper.of(ask)
    facts = await _facts(conn, ask, paper)
    if ask.region.level == "county":
        return [await _of_county(conn, paper, places, facts)]
    villages = await _villages(conn, paper, places, facts, ask.region)
    if ask.region.level == "village":
        return [_of_village(paper, places, villages[0], "")]
    columns = [
        (Column(f"v{each.region.id}", (each.region.name,), "integer", 10), _entries(paper, each))
        for each in villages
    ]
    cells = {id: {column.id: own[id].cell for column, own in columns} for id in (i.id for i in paper.items)}
    whole = _side_by_side(paper, [column for column, _ in columns], cells, ask.layout.say("villages"))
    return [whole, *(_of_village(paper, places, each, each.region.name) for each in villages)]


async def _facts(conn: AsyncConnection, ask: Ask, paper: Paper) -> dict[int, dict[str, Any]]:
    names = [*(item.fact for item in paper.items), UNIT, SIGNED_ON]
    return await region_wide.facts_until(conn, ask.region.path, names, ask.until, "region")


async def _villages(
    conn: AsyncConnection, paper: Paper, places: Places, facts: Mapping[int, Mapping[str, Any]], top: Region
) -> list[Village]:
    """The villages under a region in the order of the register."""
    homes: dict[int, list[Home]] = {}
    for home in await homes_of(conn, replace(paper.ask, region=top), paper.names, places):
        homes.setdefault(home.household.region_id, []).append(home)
    found = places.within(top, "village")
    return [Village(each, facts.get(each.id, {}), homes.get(each.id, [])) for each in found]


# -------------------------------------------------------------------------------------------- the entries


def _entries(paper: Paper, village: Village) -> dict[str, Entry]:
    return {item.id: _entry(paper, item, village) for item in paper.items}


def _entry(paper: Paper, item: Item, village: Village) -> Entry:
    """As it was checked in the village; before that what the register says exactly."""
    say, said = paper.ask.layout.say, village.facts.get(item.fact)
    figure = added(paper.full[item.id], village.homes) if item.id in paper.full else None
    if item.ask_if is not None and item.ask_if.evaluate(village.facts) is False:
        return Entry(None, None, say("not_needed"))
    if said is not None:
        conflict = ""
        if figure is not None and figure.value != said and not figure.unknown:
            conflict = say("conflict", said=said, figure=figure.value)
        remarks = say("checked"), conflict, _least(paper, item, village, said)
        return Entry(said, _shown(item, said), _joined(paper, *remarks))
    if figure is not None and figure.settled:
        unknown = say("unknown", unknown=figure.unknown) if figure.unknown else ""
        return Entry(figure.value, figure.value, _joined(paper, say("prefilled"), unknown))
    return Entry(None, None, _joined(paper, say("by_hand"), _least(paper, item, village, None)))


def _least(paper: Paper, item: Item, village: Village, said: Any) -> str:
    """What households already told, which a village's figure cannot be less than."""
    if item.id not in paper.least:
        return ""
    found = added(paper.least[item.id], village.homes)
    if said is not None:
        low = found.value > said
        return paper.ask.layout.say("below", said=said, figure=found.value) if low else ""
    return paper.ask.layout.say("least", n=found.value, unit=item.unit) if found.value else ""


def _shown(item: Item, value: Any) -> str | int | float:
    """A choice with the mark of its option, a figure as it is."""
    if (option := item.option(value)) is not None:
        return f"{mark(option.code)}{option.label}"
    return value if isinstance(value, int | float) else str(value)


def _joined(paper: Paper, *remarks: str) -> str:
    return paper.ask.layout.say("and").join(remark for remark in remarks if remark)


# -------------------------------------------------------------------------------------------- the sheets


def _of_village(paper: Paper, places: Places, village: Village, name: str) -> Sheet:
    """The paper itself, with a column that says which figures are prefilled."""
    ask, entries = paper.ask, _entries(paper, village)
    rows: list[Row] = []
    for item in paper.items:
        entry = entries[item.id]
        rows += _heading(paper, item)
        rows.append(_row(paper, item, {"value": entry.shown, "remark": entry.remark}))
    day = day_of(village.facts.get(SIGNED_ON))
    said = ask.said(
        town=places.name(village.region.id, "town"),
        village=village.region.name,
        unit=village.facts.get(UNIT) or "",
        signed=ask.office.say("reports.day", day=day) if day else ask.layout.say("undated"),
    )
    return ask.layout.sheet("village").filled(rows, said, name=name)


async def _of_county(
    conn: AsyncConnection, paper: Paper, places: Places, facts: Mapping[int, Mapping[str, Any]]
) -> Sheet:
    """A column for each township: the sum of its villages, or how many chose what."""
    columns: list[Column] = []
    cells: dict[str, dict[str, Cell]] = {item.id: {} for item in paper.items}
    for town in places.at("town"):
        columns.append(Column(f"t{town.id}", (town.name,), "integer", 10))
        villages = await _villages(conn, paper, places, facts, town)
        entries = [_entries(paper, each) for each in villages]
        for item in paper.items:
            cells[item.id][columns[-1].id] = _added(paper, item, [own[item.id] for own in entries])
    return _side_by_side(paper, columns, cells, paper.ask.layout.say("towns"))


def _added(paper: Paper, item: Item, entries: Sequence[Entry]) -> Cell:
    """What a township's villages come to; a note says how many of them are known."""
    say = paper.ask.layout.say
    known = [entry.value for entry in entries if entry.value is not None]
    note = say("known", known=len(known), all=len(entries))
    if not known:
        return Blank(_joined(paper, say("by_hand"), note))
    if item.options:
        chosen = Counter(known)
        parts = (
            say("of_options", label=option.label, n=chosen[option.code])
            for option in item.options
            if chosen[option.code]
        )
        return Noted(say("comma").join(parts), note)
    if not paper.adds_up(item):
        return Blank(note)
    total = sum(known)
    return Noted(total if isinstance(total, int) else round(total, PLACES), note)


def _side_by_side(
    paper: Paper, columns: Sequence[Column], cells: Mapping[str, Mapping[str, Cell]], parts: str
) -> Sheet:
    layout = paper.ask.layout.sheet("town")
    names = tuple(column.id for column in columns)
    rows: list[Row] = []
    for item in paper.items:
        whole: dict[str, Cell] = {"value": Sum(names)} if paper.adds_up(item) and names else {}
        rows += _heading(paper, item)
        rows.append(_row(paper, item, {**whole, **cells[item.id]}))
    said = paper.ask.said(parts=parts)
    return layout.filled(rows, said, columns=(*layout.columns, *columns))


def _row(paper: Paper, item: Item, cells: Mapping[str, Cell]) -> Row:
    """A row with number, words and options as the paper prints them."""
    options = "".join(f"{mark(option.code)}{option.label}" for option in item.options)
    labels = {"no": item.id, "name": f"{item.label}{options}", "unit": item.unit or _no_unit(paper, item)}
    return Row({**labels, **cells}, kind="money" if item.kind == "money" else None)


def _no_unit(paper: Paper, item: Item) -> str:
    return paper.ask.layout.say("no_unit") if item.options else paper.ask.layout.say("year")


def _heading(paper: Paper, item: Item) -> Iterator[Row]:
    """The heading over the first question of a part of the paper."""
    first = next(each for each in paper.items if each.section == item.section)
    words = paper.ask.layout.under("part.")
    if item is first and item.section in words:
        yield Row({"name": words[item.section]}, standing="heading")


REPORTS: Final = (Report("O-13", make_ve, of_households=False),)
