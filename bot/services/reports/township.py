"""Attachment 2: what townships put in and reached, prefilled as far as it can be (O-12, 003:871-1290)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.form import Item
from bot.render.table_view import Blank, Cell, Column, Kind, Noted, Plain, Row, Share, Sheet, Sum
from bot.services.reports.look_back_township import PLACES, Town, items_of, read_towns
from bot.services.reports.report import Ask, Report, places_of

KINDS: Final[Mapping[str, Kind]] = {"percent": "percent", "money": "money", "decimal": "decimal"}
"""How a figure looks by the kind of its question."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure of a township: what stands in the cell, what it comes to if known, and where it is from."""

    cell: Cell
    figure: int | float | None
    remark: str
    conflict: str = ""

    @property
    def noted(self) -> Cell:
        """The cell with its remark as a note, where a cell may have one."""
        match self.cell:
            case Blank():
                return Blank(self.remark)
            case int() | float() as value:
                return Noted(value, self.remark)
        return self.cell


async def make_ts(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """The table of a township; of a county, a column for each township behind that of the whole."""
    places = await places_of(conn, ask.region)
    towns = await read_towns(conn, ask, places)
    items = items_of(ask)
    entries = [{item.id: _entry(ask, item, town) for item in items} for town in towns]
    if ask.region.level == "town":
        return [_of_town(ask, items, entries[0])]
    return [_of_county(ask, items, towns, entries)]


# -------------------------------------------------------------------------------------------- where from


def _entry(ask: Ask, item: Item, town: Town) -> Entry:
    """The figure of a question: computed where that is exact, else as the township stated it, if it did."""
    said, say = town.said.get(item.id), ask.layout.say
    if (parts := ask.layout.under("sum.").get(item.id)) is not None:
        return _sum(ask, parts.split(), item, town)
    if item.id in town.computed:
        return _computed(ask, item, town)
    if said is not None:
        return Entry(said, said, _joined(ask, say("said"), *_hints(ask, item, town)))
    if (pair := ask.layout.under("rate.").get(item.id)) is not None:
        part, whole = pair.split()
        a, b = town.said.get(part), town.said.get(whole)
        figure = None if a is None or not b else a / b
        return Entry(Share(part, whole, of_rows=True), figure, say("from_rate", part=part, whole=whole))
    if (three := ask.layout.under("left.").get(item.id)) is not None:
        return _left(ask, three.split(), town)
    return Entry(Blank(""), None, _joined(ask, say("unsaid"), *_hints(ask, item, town)))


def _computed(ask: Ask, item: Item, town: Town) -> Entry:
    found, said, say = town.computed[item.id], town.said.get(item.id), ask.layout.say
    of_places = item.id in ask.layout.under("place.")
    if not found.settled:
        why = say("no_villages") if of_places else say("unasked")
        if said is None:
            return Entry(Blank(""), None, why)
        return Entry(said, said, _joined(ask, say("said"), why))
    remarks = [say("from_places") if of_places else say("computed")]
    if found.unknown:
        word = "unknown_villages" if of_places else "unknown"
        remarks.append(say(word, known=found.known, unknown=found.unknown))
    if said is not None and not found.stands(said):
        return Entry(said, said, _joined(ask, say("said"), say("partial", n=found.value), *remarks[1:]))
    conflict = _conflict(ask, said, found.value)
    return Entry(found.value, found.value, _joined(ask, *remarks, conflict), conflict)


def _sum(ask: Ask, parts: Sequence[str], item: Item, town: Town) -> Entry:
    """A sum of other figures, once all of them are known; before that what the township says itself."""
    said, say = town.said.get(item.id), ask.layout.say
    known = [town.said[part] for part in parts if part in town.said]
    if len(known) < len(parts) and said is not None:
        return Entry(said, said, say("said"))
    formula = Sum(tuple(parts), of_rows=True, whole=True)
    if len(known) < len(parts):
        return Entry(formula, None, say("unsaid"))
    figure = round(sum(known), PLACES)
    conflict = _conflict(ask, said, figure)
    return Entry(formula, figure, _joined(ask, say("from_parts"), conflict), conflict)


def _left(ask: Ask, three: Sequence[str], town: Town) -> Entry:
    """What is left of a number, as a share of all: (whole - part) / all."""
    figures = [_figure(town, id) for id in three]
    figure = left_over(*figures)
    if figure is None:
        return Entry(
            Blank(""), None, _joined(ask, ask.layout.say("unsaid"), _nothing_left(ask, three, figures))
        )
    return Entry(figure, figure, ask.layout.say("from_left", whole=three[0], part=three[1], all=three[2]))


def _nothing_left(ask: Ask, three: Sequence[str], figures: Sequence[int | float | None]) -> str:
    """Why no share can be computed: figures are missing, or they make no sense together."""
    say, (whole, part, of_all) = ask.layout.say, three
    if missing := [id for id, figure in zip(three, figures, strict=True) if figure is None]:
        return say("left_missing", codes=say("listed").join(missing))
    if not figures[2]:
        return say("left_of_nothing", all=of_all)
    return say("left_too_much", whole=whole, part=part)


def left_over(
    whole: int | float | None, part: int | float | None, of_all: int | float | None
) -> float | None:
    """(whole - part) / all; None unless all three are known and make sense together."""
    if whole is None or part is None or not of_all or part > whole:
        return None
    return (whole - part) / of_all


def _figure(town: Town, id: str) -> int | float | None:
    said, found = town.said.get(id), town.computed.get(id)
    return found.value if found is not None and found.stands(said) else said


def _conflict(ask: Ask, said: int | float | None, figure: int | float) -> str:
    if said is None or round(said - figure, PLACES) == 0:
        return ""
    return ask.layout.say("conflict", said=f"{said:g}" if isinstance(said, float) else said, figure=figure)


def _hints(ask: Ask, item: Item, town: Town) -> Iterator[str]:
    """What households, villages and the ledger tell of a figure without being it."""
    say = ask.layout.say
    if (found := town.hints.get(item.id)) is not None and found.known:
        yield say(f"hinted.{item.id}", n=found.value)
        if found.unknown:
            yield say("unknown", known=found.known, unknown=found.unknown)
    if (found := town.village_hints.get(item.id)) is not None and found.known:
        yield say("hinted_villages", n=found.value, known=found.known, all=found.known + found.unknown)
    if struck := town.struck.get(item.id):
        yield say("hinted_struck", n=struck)


def _joined(ask: Ask, *remarks: str) -> str:
    return ask.layout.say("and").join(remark for remark in remarks if remark)


# -------------------------------------------------------------------------------------------- the sheets


def _of_town(ask: Ask, items: Sequence[Item], entries: Mapping[str, Entry]) -> Sheet:
    rows: list[Row] = []
    for item in items:
        entry = entries[item.id]
        cells: dict[str, Cell] = {**_labels(ask, item), "value": entry.cell, "remark": entry.remark}
        if isinstance(entry.cell, Blank):
            cells["value"] = None
        rows += [*_heading(ask, item), Row(cells, id=item.id, kind=None)]
    rows = [_kinded(row, items) for row in rows]
    return ask.layout.sheet("town").filled(rows, ask.said())


def _kinded(row: Row, items: Sequence[Item]) -> Row:
    """The row with the look of its own measure; its words stay words."""
    kind = next((KINDS.get(item.kind) for item in items if item.id == row.id), None)
    return replace(row, kind=kind)


def _of_county(
    ask: Ask, items: Sequence[Item], towns: Sequence[Town], entries: Sequence[Mapping[str, Entry]]
) -> Sheet:
    layout = ask.layout.sheet("county")
    columns = [Column(f"t{town.region.id}", (town.region.name,), "integer", 10) for town in towns]
    names = tuple(column.id for column in columns)
    rows: list[Row] = []
    notes: list[str] = []
    for item in items:
        own = {column.id: of_town[item.id] for column, of_town in zip(columns, entries, strict=True)}
        cells: dict[str, Cell] = {**_labels(ask, item), "value": _whole(ask, item, names, entries)}
        cells |= {id: entry.noted for id, entry in own.items()}
        rows += [*_heading(ask, item), _kinded(Row(cells, id=item.id), items)]
        notes += [
            ask.layout.say(
                "conflict_of", town=town.region.name, code=item.no, name=item.label, remark=entry.conflict
            )
            for town, entry in zip(towns, own.values(), strict=True)
            if entry.conflict
        ]
    return layout.filled(rows, ask.said(), notes=notes, columns=(*layout.columns, *columns))


def _whole(ask: Ask, item: Item, names: tuple[str, ...], entries: Sequence[Mapping[str, Entry]]) -> Cell:
    """The county's figure: the sum of the townships; a rate anew from sums over the same townships."""
    if item.kind != "percent":
        return Sum(names)
    pair = ask.layout.under("rate.").get(item.id, "").split()
    three = ask.layout.under("left.").get(item.id, "").split()
    if not pair and not three:
        return Blank(ask.layout.say("no_rate_of_rates"))
    figures: list[list[Plain]] = [[of_town[id].figure for of_town in entries] for id in pair or three]
    if any(figure is None for each in figures for figure in each):
        return Blank(ask.layout.say("no_whole_rate"))
    if pair:
        return Share(pair[0], pair[1], of_rows=True)
    sums = [sum(of_town[id].figure or 0 for of_town in entries) for id in three]
    left = left_over(*sums)
    return Blank(_nothing_left(ask, three, sums)) if left is None else left


def _labels(ask: Ask, item: Item) -> dict[str, Plain | Noted]:
    """Code, name and unit as printed; a code that the paper prints twice says which it should be."""
    code: Plain | Noted = item.no
    if item.no != item.id:
        code = Noted(item.no, ask.layout.say("corrected", no=item.no, id=item.id))
    return {"code": code, "name": item.label, "unit": item.unit}


def _heading(ask: Ask, item: Item) -> Iterator[Row]:
    """The heading over the first question of a part of the paper."""
    first = next(each for each in items_of(ask) if each.section == item.section)
    parts = ask.layout.under("part.")
    if item is first and item.section in parts:
        since = ask.layout.say(f"since.{item.section}")
        yield Row({"name": parts[item.section], "value": since}, standing="heading")


REPORTS: Final = (Report("O-12", make_ts, levels=("town", "county"), of_households=False),)
