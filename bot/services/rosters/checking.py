"""Reading a whole roster and checking it in itself: every cell, and every row beside the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from bot.dialogs.vocabulary import Vocabulary
from bot.services.rosters.cells import Identities, Masked, Unread, plain, reader
from bot.services.rosters.layout import RosterLayout, folded
from bot.services.rosters.reading import Cells, sheets_of
from bot.services.rosters.records import (
    UNTOLD,
    HouseholdRow,
    MemberRow,
    PersonRow,
    Place,
    RegionRow,
    Roster,
    Told,
)
from bot.services.rosters.troubles import Troubles

TICK: Final = 2000
"""Rows between two words about how far it is."""
EXITED: Final = 2
"""The code of a household that was lifted out of poverty (003:24)."""
Row = dict[str, Any]
"""A row by the ids of its columns; a column that the file does not have is absent."""
Progress = Callable[[int, int | None], None]


def read_roster(
    content: bytes,
    ending: str,
    layout: RosterLayout,
    vocabulary: Vocabulary,
    today: date,
    *,
    name: str = "",
    progress: Progress = lambda _done, _total: None,
) -> Roster:
    """The roster of a file with every trouble of it; `today` is the last day on which anybody can be born."""
    return _Checker(layout, vocabulary, today, progress).read(content, ending, name)


class _Checker:
    """One pass over a file, sheet by sheet."""

    def __init__(self, layout: RosterLayout, vocabulary: Vocabulary, today: date, progress: Progress) -> None:
        self.layout, self.vocabulary, self.progress = layout, vocabulary, progress
        self.identities = Identities(today)
        self.roster = Roster()
        self.done = 0
        self.texts: dict[str, str] = {}

    @property
    def troubles(self) -> Troubles:
        return self.roster.troubles

    def read(self, content: bytes, ending: str, name: str) -> Roster:
        for cells in sheets_of(content, ending, self.layout, self.troubles, name):
            self.roster.names[cells.layout.id] = cells.name
            getattr(self, cells.layout.id)(cells)
        self.roster.names = {each.id: each.name for each in self.layout.sheets} | self.roster.names
        return self.roster

    # --------------------------------------------------------------------------------------- rows

    def rows(self, cells: Cells) -> Iterator[tuple[int, Row]]:
        """The rows that say something, cell by cell; what cannot be read is noted and absent."""
        columns = [
            (each, place, reader(each, self.vocabulary, self.identities))
            for each in cells.layout.columns
            if (place := cells.places.get(each.id)) is not None
        ]
        named, unnamed = sorted(cells.places.values()), cells.unnamed
        first = named[0]
        mark = self.layout.example_mark
        for number, row in cells.rows:
            self.done += 1
            if self.done % TICK == 0:
                self.progress(self.done, None)
            width = len(row)
            if not any(row):  # empty, or a lone zero that somebody pulled down: asked first, as it is quick
                continue
            if plain(row[first] if first < width else None).startswith(mark):
                continue
            if says(row, unnamed) or says(row, range(cells.width, width)):
                self.troubles.add(cells.name, number, "", "no_column")
            if says(row, named):
                yield number, self.row(cells, number, row, columns)

    def row(self, cells: Cells, number: int, row: Any, columns: list[Any]) -> Row:
        """One row; a required cell that is empty is noted."""
        found: Row = {}
        width = len(row)
        for column, place, read in columns:
            value = read(row[place]) if place < width else None
            if type(value) is Unread:
                self.troubles.add(cells.name, number, column.name, value.reason, **value.facts)
            else:
                found[column.id] = value
                if value is None and column.required:
                    self.troubles.add(cells.name, number, column.name, "empty")
        return found

    def text(self, row: Row, id: str) -> str:
        """A text that comes again and again, kept once; "" when there is none."""
        value = row.get(id) or ""
        return self.texts.setdefault(value, value)

    def place(self, row: Row) -> Place:
        return self.text(row, "county"), self.text(row, "town"), self.text(row, "village")

    def column(self, sheet: str, id: str) -> str:
        return self.layout.by_id[sheet].by_id[id].name

    def once(self, cells: Cells, number: int, column: str, key: Any, seen: dict[Any, int], why: str) -> bool:
        """Note what stands in two rows; whether it stands here for the first time."""
        before = seen.setdefault(key, number)
        if before == number:
            return True
        self.troubles.add(cells.name, number, column, why, other=before)
        return False

    # ------------------------------------------------------------------------------------- sheets

    def regions(self, cells: Cells) -> None:
        places: dict[Any, int] = {}
        codes: dict[Any, int] = {}
        for number, row in self.rows(cells):
            place, code = self.place(row), row.get("code")
            if not place[0]:
                continue  # noted already
            if place[2] and not place[1]:
                self.troubles.add(cells.name, number, self.column("regions", "town"), "empty")
                continue
            lowest = "village" if place[2] else "town" if place[1] else "county"
            self.once(cells, number, self.column("regions", lowest), place, places, "twice")
            if code is not None:
                self.once(cells, number, self.column("regions", "code"), code, codes, "twice")
            self.roster.regions.append(RegionRow(number, place, code))

    def people(self, cells: Cells) -> None:
        seen: dict[Any, int] = {}
        for number, row in self.rows(cells):
            name, unit, post = (self.text(row, id) for id in ("name", "unit", "post"))
            if not name or not post:
                continue
            place = self.place(row)
            if self.once(
                cells, number, self.column("people", "name"), (name, unit, post, place), seen, "twice"
            ):
                self.roster.people.append(PersonRow(number, name, unit, post, place))

    def households(self, cells: Cells) -> None:
        codes: dict[Any, int] = {}
        numbers: dict[Any, int] = {}
        names: dict[Any, list[HouseholdRow]] = {}
        for number, row in self.rows(cells):
            if not (row.get("head_name") and row.get("village") and row.get("town")):
                continue
            home = self.household(number, row)
            if home.exit_year is not None and home.reg_status not in (None, EXITED):
                self.troubles.add(cells.name, number, self.column("households", "exit_year"), "exit_year")
            if home.helper_unit and not home.helper_name:
                self.troubles.add(cells.name, number, self.column("households", "helper_name"), "empty")
            kept = True
            if home.code is not None:
                kept = self.once(cells, number, self.column("households", "code"), home.code, codes, "twice")
            if home.head_id_number is not None and not isinstance(home.head_id_number, Masked):
                column = self.column("households", "head_id_number")
                kept &= self.once(cells, number, column, home.head_id_number, numbers, "twice")
            alike = names.setdefault((home.place, home.head_name), [])
            if kept and (other := next((each for each in alike if same_home(each, home)), None)) is not None:
                column = self.column("households", "head_name")
                self.troubles.add(cells.name, number, column, "home_twice", other=other.row)
            alike.append(home)
            self.roster.households.append(home)

    def household(self, number: int, row: Row) -> HouseholdRow:
        return HouseholdRow(
            number,
            row.get("code"),
            self.place(row),
            self.text(row, "village_group") or None,
            row["head_name"],
            row.get("head_id_number"),
            row.get("address"),
            row.get("population"),
            row.get("reg_status"),
            row.get("exit_year"),
            row.get("phone"),
            self.text(row, "helper_name") or None,
            self.text(row, "helper_unit") or None,
            self.told(row.get("head_id_number")),
        )

    def members(self, cells: Cells) -> None:
        homes: dict[tuple[str, str], HouseholdRow] = {}
        for home in self.roster.households:
            if home.code is not None:
                homes["code", home.code] = home
            if home.head_id_number is not None:
                homes["id", home.head_id_number] = home
        numbers: dict[Any, int] = {}
        for number, row in self.rows(cells):
            code, head = row.get("code"), row.get("head_id_number")
            keys = [("code", code)] if code else []
            if head and not isinstance(head, Masked):
                keys.append(("id", head))
            if not row.get("name"):
                continue
            if not keys:
                if (code is None and "code" in row) or "code" not in cells.places:
                    self.troubles.add(cells.name, number, self.column("members", "code"), "no_household")
                continue
            member = self.member(cells, number, row)
            named = [homes[key] for key in keys if key in homes]
            if member.id_number is not None and not isinstance(member.id_number, Masked):
                column = self.column("members", "id_number")
                self.once(cells, number, column, member.id_number, numbers, "twice")
                self.elsewhere(cells, member, homes.get(("id", member.id_number)), named)
            if len(named) > 1 and named[0] is not named[1]:
                self.troubles.add(cells.name, number, self.column("members", "code"), "two_households")
                continue
            into = named[0].members if named else self.roster.loose.setdefault(keys[0], [])
            twin = next((each for each in into if same_person(each, member)), None)
            if twin is not None:
                column = self.column("members", "name")
                self.troubles.add(cells.name, number, column, "member_twice", other=twin.row)
            into.append(member)

    def elsewhere(
        self, cells: Cells, member: MemberRow, headed: HouseholdRow | None, named: Sequence[HouseholdRow]
    ) -> None:
        """Note somebody who is a member here and by the same number the head of another household."""
        if headed is not None and named and named[0] is not headed:
            column = self.column("members", "id_number")
            self.troubles.add(cells.name, member.row, column, "head_elsewhere", other=headed.row)

    def told(self, number: str | None) -> Told:
        """Birth day and sex that an identity number tells."""
        if number is None or isinstance(number, Masked):
            return UNTOLD
        found = self.identities(number)
        return UNTOLD if isinstance(found, Unread) else (found.birth, found.sex)

    def member(self, cells: Cells, number: int, row: Row) -> MemberRow:
        """A member; what the identity number tells must agree with what stands beside it."""
        told = self.told(row.get("id_number"))
        for id, value in zip(("birth_date", "sex"), told, strict=True):
            if value is not None and row.get(id) not in (None, value):
                self.troubles.add(cells.name, number, self.column("members", id), f"{id}_differs")
        relation = self.text(row, "relation") or None
        if relation is not None and folded(relation) in self.layout.head_also:
            relation = self.layout.head_relation
        return MemberRow(
            number,
            row["name"],
            relation,
            row.get("id_number"),
            row.get("birth_date"),
            row.get("sex"),
            row.get("insured"),
            row.get("labor"),
            told,
        )


def says(row: Sequence[Any], places: Iterable[int]) -> bool:
    """Whether any cell at these places says anything."""
    width = len(row)
    return any(place < width and row[place] != "" and plain(row[place]) for place in places)


def same_home(one: HouseholdRow, other: HouseholdRow) -> bool:
    """Whether two rows of one name in one village are the same household: nothing tells them apart."""
    told = ("code", "head_id_number", "village_group", "address")
    pairs = ((getattr(one, id), getattr(other, id)) for id in told)
    return not any(a is not None and b is not None and a != b for a, b in pairs)


def same_person(one: MemberRow, other: MemberRow) -> bool:
    """Whether two rows of one household are the same person: of one name, and nothing tells them apart."""
    if one.name != other.name:
        return False
    pairs = ((one.id_number, other.id_number), (one.birth_date, other.birth_date))
    return not any(a is not None and b is not None and a != b for a, b in pairs)
