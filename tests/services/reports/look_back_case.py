"""What tests of the "look back" tables share: a little county of our own, and files read back twice."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import Ask, Report
from bot.storage import facts, households, interviews, people, problems, regions
from bot.storage.database import Database
from bot.storage.facts import Fact
from bot.storage.households import NewHousehold
from bot.storage.interviews import NewInterview
from bot.storage.problems import NewProblem
from bot.storage.regions import Region
from tests.services.village import loaded

NOW = datetime(2020, 6, 15, 4, tzinfo=UTC)
"""Noon of the day of the report, in the county."""
TREE = {"甲镇": ("东村", "西村"), "乙镇": ("南村",)}
_CELL = re.compile(r"\$?[A-Z]+\$?\d+")


def office() -> Office:
    """The shipped content in a county's time."""
    return Office(loaded(), ZoneInfo("Asia/Shanghai"))


def noon(day: date) -> datetime:
    """Noon of a day in the county."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class Written:
    """A file that was made, by sheet: what it shows, and what its formulas come to when computed by us."""

    data: bytes
    shown: Any = field(init=False)
    made: Any = field(init=False)

    def __post_init__(self) -> None:
        """Read the file as people see it, and as it is written."""
        self.shown = openpyxl.load_workbook(io.BytesIO(self.data), data_only=True)
        self.made = openpyxl.load_workbook(io.BytesIO(self.data))

    def foots(self) -> int:
        """Compute every formula of every sheet anew; how many there were. Each comes to what is shown."""
        count = 0
        for page in self.made.worksheets:
            for cell in (each for line in page.iter_rows() for each in line):
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    shown = self.shown[page.title][cell.coordinate].value
                    came = self.value(page, cell.coordinate)
                    assert (None if shown in ("", None) else shown) == came, (page.title, cell.coordinate)
                    count += 1
        return count

    def value(self, page: Any, place: str) -> Any:
        """What a cell comes to; None when it is blank or holds words."""
        value = page[place].value
        if not isinstance(value, str):
            return value
        if not value.startswith("="):
            return None
        condition, _, rest = value.removeprefix("=IF(").removesuffix(")").partition(',"",')
        names = _cells(page, condition[condition.index("COUNT(") + 6 : condition.index(")")])
        figures = [self.value(page, name) for name in names]
        known = [figure for figure in figures if figure is not None]
        least = re.search(r"\)<(\d+)", condition)
        if len(known) < (int(least[1]) if least else 1):
            return None
        if rest.startswith(("SUM(", "SUBTOTAL(9,")):
            return round(sum(known), 10)
        first, second = figures
        if "/" in rest:
            return None if not second else first / second
        assert rest == "-".join(names), rest
        return round(first - second, 10)

    def lines(self, name: str) -> list[list[Any]]:
        """The rows of a sheet as they show."""
        return [list(line) for line in self.shown[name].iter_rows(values_only=True)]

    def under(self, name: str, column: int) -> dict[Any, list[Any]]:
        """The rows of a sheet by what stands in a column; the last of equal ones."""
        return {line[column]: line for line in self.lines(name) if line[column] is not None}

    def remarks(self, name: str) -> dict[str, str]:
        """The notes on cells, by cell."""
        cells = (cell for line in self.made[name].iter_rows() for cell in line)
        return {cell.coordinate: cell.comment.text for cell in cells if cell.comment is not None}

    def words(self, name: str) -> str:
        """Everything that is written on a sheet."""
        return "\n".join(str(cell) for line in self.lines(name) for cell in line if cell is not None)


def _cells(page: Any, text: str) -> list[str]:
    found: list[str] = []
    for part in text.split(","):
        if ":" in part:
            area = page[part]
            found += [cell.coordinate for line in area for cell in line]
        else:
            assert _CELL.fullmatch(part), text
            found.append(part)
    return found


async def written(database: Database, report: Report, region: Region, **wanted: Any) -> Written:
    """The report of a region as a file, read back."""
    ask = asked(report, region, **wanted)
    async with database.reading() as conn:
        return Written(write(await make(conn, report, ask)))


def asked(report: Report, region: Region, now: datetime = NOW, period: Period | None = None) -> Ask:
    """A report that is wanted."""
    return ask_for(office(), report, region, now, period=period)


@dataclass
class Little:
    """Two towns and three villages, to which a test adds what it is about."""

    database: Database
    places: dict[str, Region] = field(default_factory=dict)
    cadre: int = 0

    @classmethod
    async def open(cls, database: Database) -> Little:
        """The places and one cadre."""
        here = cls(database)
        async with database.transaction() as conn:
            top = await regions.add(conn, name="样县", level="county")
            here.places["样县"] = top
            for town, villages in TREE.items():
                above = here.places[town] = await regions.add(conn, name=town, level="town", parent=top)
                for name in villages:
                    here.places[name] = await regions.add(conn, name=name, level="village", parent=above)
            here.cadre = (await people.add(conn, name="方助", unit="县林业局")).id
        return here

    async def home(
        self, village: str, status: int | None, *, form: str = "", population: int | None = 3, **answers: Any
    ) -> int:
        """A household; with a form, asked by it in April with these answers."""
        async with self.database.transaction() as conn:
            new = NewHousehold(
                region_id=self.places[village].id, village_group="一组", head_name="王一", initials="wy",
                created_at=noon(date(2020, 1, 5)), population=population, reg_status=status,
            )  # fmt: skip
            id = await households.add(conn, new)
        await self.say(id, date(2020, 4, 10), **answers)
        if form:
            await self.hand_in(form, date(2020, 4, 10), household=id)
        return id

    async def say(self, id: int, on: date, *, kind: str = "household", **answers: Any) -> None:
        """Answers of a household or region."""
        home, place = (id, None) if kind == "household" else (None, id)
        new = [
            Fact(home, name, value, on, "jd.0", noon(on), region_id=place) for name, value in answers.items()
        ]
        async with self.database.transaction() as conn:
            await facts.record(conn, new)

    async def hand_in(
        self, form: str, on: date, *, household: int | None = None, region: int | None = None
    ) -> None:
        """A questionnaire handed in."""
        async with self.database.transaction() as conn:
            new = NewInterview(household, form, 1, self.cadre, {}, noon(on), region_id=region)
            begun = await interviews.start(conn, new)
            await interviews.save(conn, [replace(begun, state="submitted", submitted_at=noon(on))])

    async def problem(
        self,
        id: int,
        sub: str,
        *persons: str,
        on: date = date(2020, 4, 10),
        closed: date | None = None,
        status: Any = "confirmed",
        kind: str = "household",
        grounds: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """A problem on record since a day, closed on another."""
        home, place = (id, None) if kind == "household" else (None, id)
        new = NewProblem(
            home, place, sub, 2, status, noon(on), persons=persons, grounds=grounds or {}, reason=reason
        )
        async with self.database.transaction() as conn:
            number = await problems.add(conn, new)
            assert number is not None
            if closed is not None:
                found = await problems.get(conn, number)
                assert found is not None
                await problems.change(conn, replace(found, status="closed", changed_at=noon(closed)))
