"""What holds of every report there is, in every county, for every kind of place, however little is known.

One invented county in which everything that belongs to a household or a place bears the number of where
it is, so that nothing can stray unseen; files are read back by `reading_back`,
which knows nothing of the writer.
"""

from __future__ import annotations

import asyncio
import io
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import Column as TableColumn
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.content import Content
from bot.loading import COUNTIES
from bot.render.charts import chart_svg
from bot.render.table_figures import Figures, plain
from bot.render.table_view import Book, Sheet
from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.rules.decide import decide
from bot.rules.pack import Pack
from bot.rules.updates import current
from bot.services.judging import TO_VERIFY
from bot.services.office import Office
from bot.services.reports.making import ask_for, make
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import LevelUnfit, RegionEmpty, Report, ReportRefused, SchemeOff
from bot.services.sample import invented_number
from bot.storage import database as storage
from bot.storage import tables, verdicts
from bot.storage.database import Database
from bot.storage.regions import Level, Region
from bot.storage.verdicts import Verdict
from tests.county import County, Home, fill
from tests.databases import Server
from tests.services.reports.little_county import content_of
from tests.services.reports.reading_back import Back, Broken, Page, place_of

SCALE: Final = 0.02
HOME: Final = "huarong"
"""The county of which everything is tried; of others what belongs to their schemes."""
COUNTY_FILES: Final = tuple(sorted(path.stem for path in COUNTIES.glob("*.toml")))
DEALT: Final = ("yb", "n6", "n9", "gs", "t3", "f4", "m8")
"""The schemes by which homes are judged here; by hr they are while the county is filled."""
TOWN: Final = "鲇鱼须镇"
NOW: Final = datetime(2020, 7, 31, 4, 0, tzinfo=UTC)
EARLIER: Final[Mapping[str, Period]] = {
    "day": Period(date(2020, 1, 1), date(2020, 5, 31)),
    "month": Period(date(2020, 5, 1), date(2020, 5, 31)),
    "year": Period(date(2019, 1, 1), date(2019, 12, 31)),
}
INTERNAL: Final = frozenset({"O-19", "O-21", "O-23b", "O-42", "O-44"})
"""What may name the classes of a secret scheme, in sheets that say that they are for internal use."""
NUMBER: Final = invented_number(date(1966, 6, 6), 1, 7)
MARK: Final = re.compile("⟨(p?)(\\d+)⟩")
IDENTITY: Final = re.compile(r"(?<![0-9A-Za-z.])\d{17}[\dXx](?![0-9A-Za-z])")
UNFILLED: Final = re.compile(
    r"\bNone\b|\bnan\b|\bNaN\b|\bTrue\b|\bFalse\b|\{\w*[!:]?\w*\}|Undefined|#(DIV|REF|N/A|VALUE|NAME|NUM)"
)
KEY: Final = pytest.mark.parametrize("id", REPORTS)


# ---------------------------------------------------------------------------------------------- the county


def marked(text: str, place: int, person: bool = False) -> str:
    """A text that says where it belongs."""
    return f"{text}⟨{'p' if person else ''}{place}⟩"


def told(value: Any, kind: str, place: int) -> Any:
    """Words of a file with the number of their place, and an identity number that does not belong there."""
    if isinstance(value, list):
        return [
            {name: _cell(name, each, place) for name, each in row.items()} if isinstance(row, dict) else row
            for row in value
        ]
    words = kind in ("text", "person") and isinstance(value, str) and value
    return f"{marked(value, place)}{NUMBER}" if words else value


def _cell(name: str, value: Any, place: int) -> Any:
    return marked(value, place) if name.endswith("name") and isinstance(value, str) else value


async def changed(conn: AsyncConnection, table: Table, names: Sequence[str], rows: Iterable[Any]) -> None:
    """Other values in these columns, for rows that begin with an id."""
    new = [{"its_id": row[0], **dict(zip(names, row[1:], strict=True))} for row in rows]
    if new:
        values = {name: bindparam(name, type_=table.c[name].type) for name in names}
        await conn.execute(update(table).where(table.c.id == bindparam("its_id")).values(values), new)


async def mark(conn: AsyncConnection, content: Content, county: County) -> None:
    """Let everything bear the number of its place: heads, members, rosters, words, problems, officials."""
    place = {home.id: home.village.id for home in county.homes}
    heads = tables.households
    rows = (await conn.execute(select(heads.c.id, heads.c.head_name))).all()
    await changed(conn, heads, ["head_name"], ((id, marked(name, place[id])) for id, name in rows))
    family = tables.members
    found = await conn.execute(select(family.c.household_id, family.c.position, family.c.name))
    new = [{"home": id, "at": at, "new": marked(name, place[id])} for id, at, name in found.all()]
    its = (family.c.household_id == bindparam("home"), family.c.position == bindparam("at"))
    await conn.execute(update(family).where(*its).values(name=bindparam("new")), new)
    kinds = {name: info.kind for name, info in content.registry.items()}
    wanted: tuple[TableColumn[Any], ...] = (
        tables.facts.c.id, tables.facts.c.household_id, tables.facts.c.region_id, tables.facts.c.name,
        tables.facts.c.value,
    )  # fmt: skip
    said = (
        (id, value, told(value, kinds.get(name, ""), place.get(home, region)))
        for id, home, region, name, value in (await conn.execute(select(*wanted))).all()
    )
    await changed(conn, tables.facts, ["value"], ((id, new) for id, old, new in said if new != old))
    await _mark_problems(conn, place)
    officials = tables.people
    posts = {
        row[0]: row[1]
        for row in await conn.execute(
            select(tables.appointments.c.person_id, tables.appointments.c.region_id)
        )
    }
    rows = (await conn.execute(select(officials.c.id, officials.c.name))).all()
    await changed(
        conn, officials, ["name"], ((id, marked(name, posts[id], True)) for id, name in rows if id in posts)
    )


async def _mark_problems(conn: AsyncConnection, place: Mapping[int, int]) -> None:
    table = tables.problems
    columns = ("description", "persons", "reason", "handling")
    found = await conn.execute(
        select(table.c.id, table.c.household_id, table.c.region_id, *(table.c[name] for name in columns))
    )
    await changed(
        conn,
        table,
        columns,
        (
            (
                id,
                marked(words, place.get(home, region)) + NUMBER,
                [marked(name, place.get(home, region)) for name in persons],
                marked(why, place.get(home, region)) + NUMBER,
                {
                    name: marked(value, place.get(home, region)) + NUMBER
                    if isinstance(value, str) and not name.endswith(("_on", "_date", "_at"))
                    else value
                    for name, value in handling.items()
                },
            )
            for id, home, region, words, persons, why, handling in found.all()
        ),
    )


def judged(content: Content, pack: Pack, home: Home, day: date) -> Verdict:
    """The home under a scheme as it was known that day.

    Where that settles nothing most homes are dealt a class all the same: what is tried here is where it
    may be read, not whether it is right.
    """
    nature = home.nature
    facts: dict[str, Any] = {"reg_status": nature.reg_status, "population": nature.population}
    moments = {}
    for row in sorted(home.history.rows, key=lambda row: (row.as_of, row.recorded_at)):
        if row.as_of <= day:
            facts[row.name], moments[row.name] = row.value, (row.as_of, row.recorded_at)
    known = current(pack.updates, facts, moments, content.form_parameters(day), day)
    found = decide(pack, known, day)
    classes = (*(outcome.id for outcome in pack.outcomes), TO_VERIFY)
    dealt = classes[(home.id + day.day) % len(classes)]
    return Verdict(
        home.id, pack.scheme.id, day, found.verdict or dealt, found.row, list(found.missing),
        list(found.flags), dict(found.answers), dict(found.numbers), dict(found.parameters),
        pack.scheme.start.isoformat(), None, datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
    )  # fmt: skip


async def filled(database: Database) -> County:
    """The marked county, judged by every scheme that classifies households."""
    content = content_of(HOME)
    county = await fill(database, scale=SCALE, content=content)
    new = [
        judged(content, content.packs[scheme], home, day)
        for scheme in DEALT
        for home in county.homes
        if home.history.judgements
        for day in (date(2020, 5, 10), date(2020, 7, 20))
    ]
    async with database.transaction() as conn:
        await verdicts.add(conn, new)
        await mark(conn, content, county)
    return county


# ------------------------------------------------------------------------------------------- what is asked


@dataclass(frozen=True)
class Case:
    """A report that somebody asks for."""

    county: str
    report: Report
    region: Region
    period: Period | None
    scheme: str = ""
    household: int | None = None

    def __str__(self) -> str:
        when = "usual" if self.period is None else f"until {self.period.last}"
        one = "" if self.household is None else " one household"
        return (
            f"{self.report.id} {self.county}/{self.scheme} {self.region.level} {self.region.name}{one} {when}"
        )


@dataclass
class Made:
    """What came of it: a book with its bytes, perhaps twice, or what stood in the way."""

    case: Case
    book: Book | None = None
    data: bytes = b""
    again: bytes = b""
    refused: ReportRefused | None = None
    error: Exception | None = None

    @cached_property
    def back(self) -> Back:
        """The file, read."""
        return Back(self.data)

    def sheets(self) -> Iterator[tuple[Sheet, Page]]:
        """Every sheet with what was written of it."""
        assert self.book is not None
        yield from zip(self.book.sheets, self.back.pages.values(), strict=True)


def office_of(county: str) -> Office:
    """An office of the county, under the schemes by which it classifies households."""
    content = content_of(county)
    return Office(content, ZoneInfo("Asia/Shanghai"), content.households_by)


async def book_of(conn: AsyncConnection, case: Case) -> Book:
    """The book that is asked for."""
    ask = ask_for(
        office_of(case.county), case.report, case.region, NOW, period=case.period, scheme=case.scheme,
        household=case.household,
    )  # fmt: skip
    if case.report.draw is not None:
        for chart in await case.report.draw(conn, ask):
            assert chart_svg(chart).startswith("<svg")
    return await make(conn, case.report, ask)


async def made(conn: AsyncConnection, case: Case, *, written: bool = True) -> Made:
    """The report as a file; under its usual period made twice, unless it only is what it is at home."""
    try:
        book = await book_of(conn, case)
        if not written:
            return Made(case, book)
        data = write(book)
        twice = case.period is None and (case.county == HOME or bool(case.report.schemes))
        return Made(case, book, data, write(await book_of(conn, case)) if twice else data)
    except ReportRefused as refused:
        return Made(case, refused=refused)
    except Exception as error:  # noqa: BLE001 (told by the test about it)
        return Made(case, error=error)


def kinds_of(county: County) -> list[Region]:
    """The county, a township, a village of it, the silent township and the empty village."""
    town = county.region(TOWN)
    village = next(place.region for place in county.villages if place.region.parent_id == town.id)
    return [county.place.region, town, village, county.silent_town, county.empty_village]


def cases_of(report: Report, county: County) -> Iterator[Case]:
    """Everything that is asked of a report: all of it at home, elsewhere what belongs to its schemes."""
    kinds = kinds_of(county)
    for name in COUNTY_FILES:
        running = content_of(name).county.schemes
        own = [scheme for scheme in report.schemes if scheme in running]
        if name != HOME and not own:
            yield Case(name, report, kinds[1] if "town" in report.levels else kinds[0], None)
            continue
        for region in kinds:
            yield from (Case(name, report, region, None, scheme) for scheme in own or [""])
            yield Case(name, report, region, EARLIER[report.per])
    if report.of_one:
        homes = [home for home in county.homes if home.village == kinds[2]][:3]
        yield from (Case(HOME, report, kinds[2], None, household=home.id) for home in homes)


def own_scheme(report: Report, county: str) -> str:
    """The first scheme of the report that the county runs; "" for none."""
    running = content_of(county).county.schemes
    return next((scheme for scheme in report.schemes if scheme in running), "")


def home_of(report: Report) -> str:
    """A county that has the report: the one of which everything is tried, if it can be that."""
    fit = (name for name in (HOME, *COUNTY_FILES) if own_scheme(report, name))
    return next(fit) if report.schemes else HOME


@dataclass
class Shelf:
    """The filled database with everything that was made of it."""

    url: str
    county: County
    made: dict[str, list[Made]] = field(default_factory=dict)
    views: dict[tuple[str, int], Book | None] = field(default_factory=dict)

    def books(self, id: str) -> list[Made]:
        """What was made of a report."""
        return [each for each in self.made[id] if each.book is not None]

    def view(self, id: str, region: Region) -> Book | None:
        """The book of a report at home as it stands; None when it was refused."""
        return self.views[id, region.id]


async def _stocked(url: str) -> Shelf:
    database = await storage.open(url)
    try:
        shelf = Shelf(url, await filled(database))
        county = shelf.county
        below = [place.region for place in county.towns]
        towns = {county.region(TOWN).id, county.empty_village.parent_id}
        below += [place.region for place in county.villages if place.region.parent_id in towns]
        async with database.reading() as conn:
            for id, report in REPORTS.items():
                shelf.made[id] = [await made(conn, case) for case in cases_of(report, county)]
                where = home_of(report)
                for region in (county.place.region, *below):
                    seen = await made(conn, Case(where, report, region, None), written=False)
                    shelf.views[id, region.id] = seen.book
                    shelf.made[id] += [seen] if seen.error is not None else []
        return shelf
    finally:
        await database.dispose()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Everything, made once."""
    return asyncio.run(_stocked(f"sqlite:///{tmp_path_factory.mktemp('county') / 'county.db'}"))


def assert_none(found: Iterable[object]) -> None:
    """Nothing was found; else all of it is told, not only the first."""
    lines = [str(each) for each in found]
    assert not lines, f"{len(lines)} found:\n" + "\n".join(lines[:40])


# ------------------------------------------------------------------------------------------ what must hold


@KEY
def test_it_is_made_or_refused_with_a_word_about_why(id: str, shelf: Shelf) -> None:
    assert_none(f"{each.case}: {each.error!r}" for each in shelf.made[id] if each.error is not None)


@KEY
def test_it_is_made_wherever_it_belongs_and_nowhere_else(id: str, shelf: Shelf) -> None:
    report, county = REPORTS[id], shelf.county
    levels: set[Level] = set()
    for each in shelf.made[id]:
        case, running = each.case, content_of(each.case.county).county.schemes
        if case.region.level not in report.levels and case.household is None:
            assert isinstance(each.refused, LevelUnfit), case
        elif report.schemes and not set(report.schemes) & set(running):
            assert isinstance(each.refused, SchemeOff), case
        elif report.of_households and case.region == county.empty_village:
            assert isinstance(each.refused, RegionEmpty), case
        elif each.book is not None and case.period is None:
            levels.add(case.region.level)
    assert levels == set(report.levels)


@KEY
def test_what_a_file_shows_is_what_its_formulas_come_to(id: str, shelf: Shelf) -> None:
    found: list[str] = []
    formulas = 0
    for each in shelf.books(id):
        for page in each.back.pages.values():
            found += [f"{each.case} {page.name} {error}" for error in page.errors]
            for at in page.formulas:
                formulas += 1
                try:
                    value = page.comes_to(at)
                except Broken as broken:
                    found.append(f"{each.case} {page.name} {at}: {broken}")
                    continue
                shown = page.shown.get(at)
                alike = value == shown if isinstance(value, str) else value == pytest.approx(shown)
                if isinstance(value, str) != isinstance(shown, str) or not alike:
                    found.append(f"{each.case} {page.name} {at}: shows {shown!r}, comes to {value!r}")
    assert_none(found)
    expected = any(
        column.total for each in shelf.books(id) for sheet, _ in each.sheets() if sheet.total and sheet.rows
        for column in sheet.columns
    )  # fmt: skip
    assert formulas or not expected


@KEY
def test_every_total_and_subtotal_is_the_sum_of_its_rows(id: str, shelf: Shelf) -> None:
    assert_none(
        f"{each.case} {line}"
        for each in shelf.books(id)
        for sheet, page in each.sheets()
        for line in _totals(sheet, page)
    )


def _totals(sheet: Sheet, page: Page) -> Iterator[str]:
    first = 1 + len(sheet.about) + max(len(column.head) for column in sheet.columns)
    for place, column in enumerate(sheet.columns):
        if not column.total:
            continue
        whole: list[Any] = []
        part: list[Any] = []
        for at, row in enumerate(sheet.rows):
            value = page.comes_to((first + at, place))
            figure = [value] if isinstance(value, int | float) else []
            if row.standing == "plain":
                whole, part = whole + figure, part + figure
            elif row.standing == "subtotal":
                if column.id not in row.cells:
                    yield from _unequal(sheet, column.id, at, value, part)
                part = []
        if sheet.total and sheet.rows:
            value = page.comes_to((first + len(sheet.rows), place))
            yield from _unequal(sheet, column.id, len(sheet.rows), value, whole)


def _unequal(sheet: Sheet, column: str, at: int, value: Any, parts: Sequence[Any]) -> Iterator[str]:
    if (value in (None, "") and parts) or (value not in (None, "") and value != pytest.approx(sum(parts))):
        yield f"{sheet.name} {column} in row {at + 1}: {value!r} for {sum(parts)}"


@KEY
def test_no_cell_says_what_only_a_program_says(id: str, shelf: Shelf) -> None:
    assert_none(
        f"{each.case}: {text!r}"
        for each in shelf.books(id)
        for text in each.back.words()
        if UNFILLED.search(text)
    )


@KEY
def test_the_same_ask_gives_the_same_bytes(id: str, shelf: Shelf) -> None:
    assert_none(each.case for each in shelf.books(id) if each.data != each.again)


@KEY
def test_nothing_of_another_place_is_told(id: str, shelf: Shelf) -> None:
    places = {place.region.id: place.region for place in shelf.county.places()}
    found: list[str] = []
    for each in shelf.books(id):
        top = each.case.region
        inside = {key for key, region in places.items() if region.path.startswith(top.path)}
        strays = {
            mark[0]
            for mark in MARK.finditer(each.back.everything)
            if int(mark[2]) not in inside and not (mark[1] and int(mark[2]) in top.lineage)
        }
        named = [
            region.name
            for region in places.values()
            if region.id not in inside
            and region.id not in top.lineage
            and region.name in each.back.everything
        ]
        found += [f"{each.case}: {', '.join(sorted(strays)[:5])} {named}"] if strays or named else []
    assert_none(found)


@KEY
def test_no_identity_number_is_written_wherever_somebody_typed_it(id: str, shelf: Shelf) -> None:
    assert_none(
        f"{each.case}: {text!r}"
        for each in shelf.books(id)
        for text in each.back.words()
        if IDENTITY.search(text)
    )


@KEY
def test_classes_that_are_secret_stay_in_ledgers_that_say_so(id: str, shelf: Shelf) -> None:
    packs = content_of(HOME).packs.values()
    secret = [pack for pack in packs if pack.scheme.secret]
    public = {outcome.name for pack in packs if not pack.scheme.secret for outcome in pack.outcomes}
    found: list[str] = []
    for each in shelf.books(id):
        running = content_of(each.case.county).county.schemes
        for pack in secret:
            names = [outcome.name for outcome in pack.outcomes if outcome.name not in public]
            for sheet, page in each.sheets():
                said = [name for name in names if any(name in text for text in (page.name, *page.words()))]
                allowed = pack.scheme.id in running and id in INTERNAL and "内部" in sheet.title
                if said and not allowed:
                    found.append(f"{each.case} {page.name}: {said}")
    assert_none(found)


# ------------------------------------------------------------------------------------------- across levels


BY_PLACE: Final = frozenset({"O-17", "O-19", "O-21", "O-22", "O-25c", "O-41", "O-42", "O-43", "O-44", "O-45"})
"""Reports that are known to have a table with a row for each of the places in it."""
ADDED_UP: Final = frozenset({"O-11", "O-22", "O-24", "O-41", "O-42", "O-44"})
"""Reports that are known to have a table that says the same rows of every place."""
NUMBERS: Final = "no"
"""The column in which lines are numbered."""
OF_ITSELF: Final = frozenset({("O-24", "三、问题和整改"), ("O-25", "考核点")})
"""Sheets in which the problems of a place itself stand beside those of its parts, as far as these say any."""
Figured = Mapping[tuple[str, str], int | float]
"""The figures of a sheet by the words of their row and by column; what is blank is absent."""


def figures_of(sheet: Sheet) -> Figured:
    """What can be added up of a sheet: counts and amounts, under the words that begin their row."""
    figures = Figures(sheet, 0)
    found: dict[tuple[str, str], int | float] = {}
    for at, row in enumerate(sheet.rows):
        named = words_of(sheet, at)
        for column in sheet.columns:
            value = figures.figure(at, column.id) if named and column.id != NUMBERS else None
            if value is not None and (row.kind or column.kind) in ("integer", "money", "decimal"):
                found[named, column.id] = value
    return found


def words_of(sheet: Sheet, at: int) -> str:
    """The words of a row that are no figures; "" for an empty line."""
    texts = [column.id for column in sheet.columns if column.kind in ("text", "code")]
    said = [plain(sheet.rows[at].cells.get(id)) for id in texts]
    return " / ".join("" if each is None else str(each) for each in said).strip(" /")


def lines_of(sheet: Sheet) -> list[str]:
    """The rows that hold figures, by their words."""
    counted = {column.id for column in sheet.columns if column.kind in ("integer", "money", "decimal")}
    return [words_of(sheet, at) for at, row in enumerate(sheet.rows) if counted & row.cells.keys()]


def totals_of(sheet: Sheet) -> dict[str, int | float | None]:
    """What the last row says, by column."""
    figures = Figures(sheet, 0)
    return {column.id: figures.total(column) for column in sheet.columns if column.total}


def rows_of_places(sheet: Sheet, names: Iterable[str]) -> dict[str, int]:
    """The row of each place, when each of them has exactly one."""
    rows = [at for at, row in enumerate(sheet.rows) if row.standing == "plain"]
    for column in sheet.columns:
        said = {str(plain(sheet.rows[at].cells.get(column.id))): at for at in rows}
        if said.keys() == set(names) and len(rows) == len(said):
            return said
    return {}


def like(sheet: Sheet, book: Book) -> Sheet | None:
    """The sheet of another place that says the same."""
    same = [each for each in book.sheets if [c.id for c in each.columns] == [c.id for c in sheet.columns]]
    named = [each for each in same if each.name == sheet.name] or same
    return named[0] if named else None


def whole_and_parts(id: str, shelf: Shelf) -> Iterator[tuple[Region, Book, dict[str, Book | None]]]:
    """The county with its townships and two townships with their villages."""
    county = shelf.county
    for top in (county.place.region, county.region(TOWN), county.town_of(county.empty_village.parent_id)):
        parts = [place.region for place in county.places() if place.region.parent_id == top.id]
        book = shelf.view(id, top)
        own = {region.name: shelf.view(id, region) for region in parts}
        if book is not None and any(own.values()):
            yield top, book, own


@KEY
def test_the_row_of_a_place_is_the_total_of_its_own_table(id: str, shelf: Shelf) -> None:
    found: list[str] = []
    compared = 0
    for top, book, own in whole_and_parts(id, shelf):
        for sheet in book.sheets:
            figures = Figures(sheet, 0)
            for name, at in rows_of_places(sheet, own).items():
                part = own[name]
                other = None if part is None else like(sheet, part)
                totals = {} if other is None else totals_of(other)
                for column, value in totals.items():
                    said = figures.figure(at, column)
                    compared += 1
                    if (said or 0) != pytest.approx(value or 0):
                        found.append(f"{id} {top.name} {sheet.name} {name} {column}: {said}, itself {value}")
    assert_none(found)
    assert compared or id not in BY_PLACE


def parts_of(sheet: Sheet, own: Mapping[str, Book | None]) -> list[Sheet]:
    """The same sheet of every part, when all of them have the same rows and none is a place's.

    A sheet that is about one part alone is the same as that part's own.
    """
    named = [sheet.name] if sheet.name in own else own
    books = [book for name in named if (book := own[name]) is not None]
    found = [other for part in books if (other := like(sheet, part)) is not None]
    lines = lines_of(sheet)
    alike = len(found) == len(books) and all(lines == lines_of(each) for each in found)
    return found if any(lines) and alike and not rows_of_places(sheet, own) else []


@KEY
def test_a_figure_of_the_whole_is_the_sum_of_its_parts(id: str, shelf: Shelf) -> None:
    found: list[str] = []
    compared = 0
    for top, book, own in whole_and_parts(id, shelf):
        silent = {name for name, part in own.items() if part is None}
        places = [each for each in shelf.county.places() if each.region == top or each.region.name in silent]
        own_problems = sum(len(each.history.problems) for each in places)
        for sheet in book.sheets:
            parts = [figures_of(each) for each in parts_of(sheet, own)]
            whole = figures_of(sheet) if parts else {}
            beside = own_problems if (id, sheet.name) in OF_ITSELF else 0
            for key in dict.fromkeys((*whole, *(key for part in parts for key in part))):
                value, known = whole.get(key, 0), [part[key] for part in parts if key in part]
                compared += 1
                if value != pytest.approx(sum(known)) and not 0 < value - sum(known) <= beside:
                    found.append(f"{top.name} {sheet.name} {key}: {value}, its parts {known}")
    assert_none(found)
    assert compared or id not in ADDED_UP


# --------------------------------------------------------------------------------- of the reader, of servers


def test_the_reader_works_formulas_out_whatever_a_file_pretends() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet("one")
        page.write_column("A1", [1, 2, "word"])
        formulas = {
            "B1": '=IF(COUNT(A1:A3)=0,"",SUM(A1:A3))',
            "B2": '=IF(COUNT(C1:C3)=0,"",SUBTOTAL(9,C1:C3))',
            "B3": '=IF(COUNT(B1,B2)<2,"",B1-B2)',
            "B4": '=IF(OR(COUNT(A1,C1)<2,N(C1)=0),"",A1/C1)',
            "B5": "=A1/C1",
            "B6": '=IF(COUNT(B1:B4)=0,"",SUBTOTAL(9,B1:B4,A1))',
            "B7": "=A1+A3",
            "B8": "=(A1+A2)*2-6/A2",
        }
        for at, formula in formulas.items():
            page.write_formula(at, formula, None, 99)
    read = Back(file.getvalue()).pages["one"]
    assert {read.shown[place_of(at)] for at in formulas} == {99}
    found = {at: read.comes_to(place_of(at)) for at in formulas if at not in ("B5", "B7")}
    # A subtotal passes over the ones within it: B2 is one, B3 and B4 have no figure.
    assert found == {"B1": 3, "B2": "", "B3": "", "B4": "", "B6": 4, "B8": 3}
    for at in ("B5", "B7"):
        with pytest.raises(Broken):
            read.comes_to(place_of(at))


def test_what_is_read_here_is_what_others_read_of_the_same_file(shelf: Shelf) -> None:
    formulas = 0
    for id in REPORTS:
        each = shelf.books(id)[-1]
        shown = openpyxl.load_workbook(io.BytesIO(each.data), data_only=True)
        made_of = openpyxl.load_workbook(io.BytesIO(each.data))
        assert shown.sheetnames == list(each.back.pages)
        for name, page in each.back.pages.items():
            for line in made_of[name].iter_rows():
                for cell in line:
                    at = cell.row - 1, cell.column - 1
                    if cell.data_type == "f":
                        formulas += 1
                        assert cell.value == f"={page.formulas.pop(at)}"
                    said = shown[name].cell(cell.row, cell.column)
                    if not isinstance(said.value, date):
                        assert (said.value or None) == (page.shown.get(at) or None), (each.case, name, at)
            assert not page.formulas
    assert formulas > 1000


async def test_a_server_makes_the_very_same_files(postgres: Server, shelf: Shelf) -> None:
    await postgres.start()
    name = f"test_{uuid.uuid4().hex}"
    await postgres.run(f"CREATE DATABASE {name}")
    database = await storage.open(postgres.url(name))
    try:
        county = await filled(database)
        assert [home.id for home in county.homes] == [home.id for home in shelf.county.homes]
        kinds = kinds_of(county)
        async with database.reading() as conn:
            for id, report in REPORTS.items():
                where = home_of(report)
                for region in kinds[:3]:
                    wanted = Case(where, report, region, None, own_scheme(report, where))
                    there = next(each for each in shelf.made[id] if each.case == wanted)
                    assert (await made(conn, wanted)).data == there.data, str(wanted)
    finally:
        await database.dispose()
        await postgres.run(f"DROP DATABASE {name} WITH (FORCE)")
