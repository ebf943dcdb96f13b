"""A list of clues in a file, such as a department's after comparing data: read, matched, kept (WF-20)."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import python_calamine
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.dialogs.identity import parse_id_number
from bot.dialogs.rejection import Rejected
from bot.errors import HubangError
from bot.render.messages import TEMPLATES
from bot.services import clue_cases
from bot.services.clue_cases import Way
from bot.services.office import Task
from bot.services.rosters import csv_text, excel_scan
from bot.services.rosters.cells import plain
from bot.services.rosters.layout import folded
from bot.storage import clues as records
from bot.storage import households, regions
from bot.storage.clues import NewClue
from bot.storage.regions import Region

FILE: Final = TEMPLATES / "rosters" / "clues.toml"
NEEDED: Final = ("name", "words")
HEAD: Final = 10
"""Among so many rows the header is looked for."""


class ListUnreadable(HubangError):
    """The list cannot be read: {why}."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, its cells as written; `number` is its row as people see it."""

    number: int
    name: str
    id_number: str
    town: str
    village: str
    words: str


@dataclass(slots=True)
class Outcome:
    """What became of a list: rows by number, never by a name."""

    opened: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    unmatched: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    """On record already: the list was handed in before."""
    empty: list[int] = field(default_factory=list)
    """Without a name or without words."""


def read_list(content: bytes, ending: str) -> list[Row]:
    """The rows of an .xlsx or .csv file. ListUnreadable when it has no header with the columns needed."""
    layout = tomllib.loads(FILE.read_text(encoding="utf-8"))
    named = {folded(name): id for id, names in layout["columns"].items() for name in names}
    numbered = enumerate(_cells(content, ending), 1)
    for number, cells in numbered:
        places = {named[key]: at for at, cell in enumerate(cells) if (key := folded(plain(cell))) in named}
        if all(column in places for column in NEEDED):
            return list(_rows(numbered, places, str(layout["example_mark"])))
        if number >= HEAD:
            break
    needed = ", ".join(layout["columns"][column][0] for column in NEEDED)
    raise ListUnreadable(why=f"none of its first {HEAD} rows has the columns {needed}")


def _cells(content: bytes, ending: str) -> Iterable[Sequence[Any]]:
    try:
        if ending == ".csv":
            return list(csv_text.rows(csv_text.decoded(content)))
        if ending != ".xlsx":
            raise ListUnreadable(why="it must be an .xlsx or .csv file")
        excel_scan.scan(io.BytesIO(content))
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        return sheet.to_python(skip_empty_area=False)
    except (csv_text.NotText, excel_scan.Unpackable) as error:
        raise ListUnreadable(why=str(error)) from error
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise ListUnreadable(why="the workbook is damaged") from error


def _rows(
    numbered: Iterator[tuple[int, Sequence[Any]]], places: Mapping[str, int], example: str
) -> Iterator[Row]:
    for number, cells in numbered:
        found = {id: plain(cells[at]) if at < len(cells) else "" for id, at in places.items()}
        if any(found.values()) and not plain(cells[0]).startswith(example):
            words = {id: found.get(id, "") for id in ("name", "id_number", "town", "village", "words")}
            yield Row(number, **words)


async def take_in(
    conn: AsyncConnection, task: Task, way: Way, top: Region, office: str, day: date, rows: Iterable[Row]
) -> Outcome:
    """Put the rows on record as clues to households under `top`; each opens its case, or joins it.

    What is the same household several times joins, too. Rows that mean no single household wait for a person.
    """
    outcome, places = Outcome(), _Places(await regions.subtree(conn, top.id), top)
    before = await records.of_list(conn, way.procedure.id, way.source, office, day)
    for row in rows:
        mark = (row.name, row.village, row.words)
        if not row.name or not row.words:
            outcome.empty.append(row.number)
        elif mark in before:
            outcome.known.append(row.number)
        else:
            before.add(mark)
            new = await _matched(conn, task, way, places, office, day, row)
            clue = await records.add(conn, new)
            if clue.household_id is None:
                outcome.unmatched.append(row.number)
                continue
            _, joined = await clue_cases.put(conn, task, clue, way)
            (outcome.joined if joined else outcome.opened).append(row.number)
    return outcome


async def _matched(
    conn: AsyncConnection, task: Task, way: Way, places: _Places, office: str, day: date, row: Row
) -> NewClue:
    """The row as a clue: to the household of its identity number, else of its name in its village."""
    place = places.of(row)
    parsed = parse_id_number(row.id_number, task.today) if row.id_number else None
    number = None if parsed is None or isinstance(parsed, Rejected) else parsed.number
    household_id = await _household(conn, places, place, number, row)
    home = None if household_id is None else await households.get(conn, household_id)
    return NewClue(
        procedure=way.procedure.id,
        source=way.source,
        office=office,
        received_on=day,
        household_id=household_id,
        region_id=place.id if home is None else home.region_id,
        name=row.name,
        village=row.village,
        id_number=number if home is None else None,
        words=row.words,
        state="unmatched" if home is None else "matched",
        case_id=None,
        person_id=task.me.id,
        entered_at=task.now,
    )


async def _household(
    conn: AsyncConnection, places: _Places, place: Region, number: str | None, row: Row
) -> int | None:
    """The one household that a row means; None when there is none, or several."""
    if number is not None:
        found = (await households.by_identity(conn, [number])).get(number, [])
        homes = await households.get_many(conn, found)
        found = [home.id for home in homes.values() if home.region_id in places.ids]
        if found:
            return found[0] if len(found) == 1 else None
    if place.level != "village":
        return None
    homes = await households.get_many(conn, await records.named_in(conn, place.id, row.name))
    # Somebody of the same name with another identity number is somebody else.
    fits = [
        home.id for home in homes.values() if not _another(home.head_name, home.head_id_number, number, row)
    ]
    return fits[0] if len(fits) == 1 else None


def _another(head: str, recorded: str | None, number: str | None, row: Row) -> bool:
    return head == row.name and recorded is not None and number is not None and recorded != number


class _Places:
    """The places that rows of a list may name."""

    def __init__(self, tree: Sequence[Region], top: Region) -> None:
        self.top = top
        self.ids = {region.id for region in tree}
        self.tree = tree

    def of(self, row: Row) -> Region:
        """The village of a row, else its town, else the whole of where the list comes from."""
        towns = [each for each in self.tree if each.level == "town" and each.name == row.town]
        town = towns[0] if len(towns) == 1 else None
        villages = [each for each in self.tree if each.level == "village" and each.name == row.village]
        if town is not None:
            villages = [each for each in villages if each.path.startswith(town.path)]
        if len(villages) == 1:
            return villages[0]
        return self.top if town is None else town
