"""A list of clues in a file, such as a department's after comparing data: read, matched, kept (WF-20)."""

from __future__ import annotations

import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
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
from bot.services.rosters.cells import EXACT, MASK, close_up, plain
from bot.services.rosters.excel_scan import Scan
from bot.services.rosters.layout import folded
from bot.storage import clues as records
from bot.storage import households, regions
from bot.storage.clues import Clue, NewClue
from bot.storage.households import Household
from bot.storage.regions import Region

FILE: Final = TEMPLATES / "rosters" / "clues.toml"
NEEDED: Final = ("name", "words")
HEAD: Final = 10
"""Among so many rows the header is looked for."""
LOST: Final = "?"
SHOWN: Final = 20
"""So many cells are named in a refusal."""


class ListUnreadable(HubangError):
    """The list cannot be read: {why}."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, its cells as written; `number` is its row as people see it.

    An identity number that a spreadsheet made a figure, and so lost the end of, is LOST.
    """

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
    misread: list[int] = field(default_factory=list)
    """With an identity number that is none: nobody is matched by a name beside it."""


def read_list(content: bytes, ending: str) -> list[Row]:
    """The rows of an .xlsx or .csv file, of the first sheet in sight that has the columns needed.

    ListUnreadable when there is none, or when its values do not show what is in it.
    """
    layout = tomllib.loads(FILE.read_text(encoding="utf-8"))
    named = {folded(name): id for id, names in layout["columns"].items() for name in names}
    for scan, cells in _sheets(content, ending):
        numbered = enumerate(cells, 1)
        for number, row in islice(numbered, HEAD):
            places = {named[key]: at for at, cell in enumerate(row) if (key := folded(plain(cell))) in named}
            if all(column in places for column in NEEDED):
                _must_show_all(scan, number)
                return list(_rows(numbered, places, str(layout["example_mark"])))
    needed = ", ".join(layout["columns"][column][0] for column in NEEDED)
    raise ListUnreadable(why=f"none of its first {HEAD} rows has the columns {needed}")


def _sheets(content: bytes, ending: str) -> Iterator[tuple[Scan, Iterable[Sequence[Any]]]]:
    """The sheets in sight, each with what its values do not show."""
    try:
        if ending == ".csv":
            yield Scan((), 0, None), list(csv_text.rows(csv_text.decoded(content)))
            return
        if ending != ".xlsx":
            raise ListUnreadable(why="it must be an .xlsx or .csv file")
        scans = excel_scan.scan(io.BytesIO(content))
        if any(scan.far is not None for scan in scans.values()):
            raise ListUnreadable(why="it has cells far to the right or far below")
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        kinds, shown = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum.Visible
        for each in book.sheets_metadata:
            if each.typ == kinds.WorkSheet and each.visible == shown:
                yield scans[each.name], book.get_sheet_by_name(each.name).to_python(skip_empty_area=False)
    except (csv_text.NotText, excel_scan.Unpackable) as error:
        raise ListUnreadable(why=str(error)) from error
    except (python_calamine.CalamineError, OSError, ValueError, KeyError) as error:
        raise ListUnreadable(why="the workbook is damaged") from error


def _must_show_all(scan: Scan, header: int) -> None:
    """ListUnreadable when cells hold formulas or errors, or are merged below the header."""
    merged = [(column, first) for column, first, last in scan.merged if last > header]
    for what, cells in (("formulas", scan.formulas), ("errors", scan.errors), ("merged cells", merged)):
        if cells:
            said = ", ".join(f"{column}{row}" for column, row in cells[:SHOWN])
            more = " …" if len(cells) > SHOWN else ""
            raise ListUnreadable(why=f"it has {what} at {said}{more}: write plain values there")
    if scan.count:
        raise ListUnreadable(why=f"it has {scan.count} formulas: write plain values there")


def _rows(
    numbered: Iterator[tuple[int, Sequence[Any]]], places: Mapping[str, int], example: str
) -> Iterator[Row]:
    for number, cells in numbered:
        found = {id: plain(cells[at]) if at < len(cells) else "" for id, at in places.items()}
        if any(found.values()) and not plain(cells[0]).startswith(example):
            words = {id: found.get(id, "") for id in ("name", "id_number", "town", "village", "words")}
            given = cells[at] if (at := places.get("id_number", len(cells))) < len(cells) else None
            if isinstance(given, float) and given >= EXACT:
                words["id_number"] = LOST
            yield Row(number, **{**words, "name": close_up(words["name"])})


async def take_in(
    conn: AsyncConnection, task: Task, way: Way, top: Region, office: str, day: date, rows: Iterable[Row]
) -> Outcome:
    """Put the rows on record as clues to households under `top`; each opens its case, or joins it.

    What is the same household several times joins, too. Rows that mean no single household wait for a person.
    """
    outcome, places = Outcome(), _Places(await regions.subtree(conn, top.id), top)
    before = _Before(await records.of_list(conn, way.procedure.id, way.source, office, day))
    for row in rows:
        if not row.name or not row.words:
            outcome.empty.append(row.number)
            continue
        number = _number(row, task.today)
        place = places.of(row)
        household_id = None if number == LOST else await _household(conn, places, place, number, row)
        if before.has(row, place, number, household_id):
            outcome.known.append(row.number)
            continue
        home = None if household_id is None else await households.get(conn, household_id)
        clue = await records.add(conn, _clue(task, way, office, day, row, place, number, home))
        if number == LOST:
            outcome.misread.append(row.number)
        if home is None:
            outcome.unmatched.append(row.number)
            continue
        _, joined = await clue_cases.put(conn, task, clue, way)
        (outcome.joined if joined else outcome.opened).append(row.number)
    return outcome


def _number(row: Row, today: date) -> str | None:
    """The identity number of a row; None when it has none or shows only some of it, LOST when it is none."""
    if not row.id_number or MASK in row.id_number:
        return None
    parsed = parse_id_number(row.id_number, today)
    return LOST if isinstance(parsed, Rejected) else parsed.number


class _Before:
    """What is on record of a list, by which a line handed in again is known.

    The same name, village and words may mean two people: whom they mean tells them apart.
    """

    def __init__(self, held: Iterable[Clue]) -> None:
        self.seen: set[tuple[object, ...]] = set()
        self.settled: Counter[tuple[str, str, str]] = Counter()
        """Lines about which a person has said whom they mean: nothing else of those is kept."""
        for clue in held:
            mark = (clue.name, clue.village, clue.words)
            if clue.settled_by is not None:
                self.settled[mark] += 1
            elif clue.household_id is not None:
                self.seen.add((mark, clue.household_id))
            else:
                self.seen.add((mark, clue.id_number, clue.region_id))

    def has(self, row: Row, place: Region, number: str | None, household_id: int | None) -> bool:
        """Whether the line is on record; from now on it is."""
        mark = (row.name, row.village, row.words)
        keys: set[tuple[object, ...]] = {(mark, None if number == LOST else number, place.id)}
        if household_id is not None:
            keys.add((mark, household_id))
        known = not self.seen.isdisjoint(keys)
        if not known and self.settled[mark]:
            self.settled[mark] -= 1
            known = True
        self.seen |= keys if household_id is None else {(mark, household_id)}
        return known


def _clue(
    task: Task,
    way: Way,
    office: str,
    day: date,
    row: Row,
    place: Region,
    number: str | None,
    home: Household | None,
) -> NewClue:
    """The row as a clue to that household, or to somebody in that place."""
    return NewClue(
        procedure=way.procedure.id,
        source=way.source,
        office=office,
        received_on=day,
        household_id=None if home is None else home.id,
        region_id=place.id if home is None else home.region_id,
        name=row.name,
        village=row.village,
        id_number=number if home is None and number != LOST else None,
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
