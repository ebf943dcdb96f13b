"""A little county on an empty database, under whichever scheme a test is about; and files read back.

Two towns, three villages with households and one without. Everything is said in words of storage, so that a
test knows every row. `Opened` reads a written file twice: what it shows, and what its formulas come to.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from bot import content
from bot.content import Content
from bot.render.workbooks import write
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.services.reports.making import ask_for, make
from bot.services.reports.report import Ask, Report
from bot.storage import (
    alerts,
    assignments,
    duties,
    facts,
    households,
    interviews,
    people,
    problems,
    regions,
    verdicts,
)
from bot.storage.alerts import NewAlert
from bot.storage.database import Database
from bot.storage.duties import NewDuty
from bot.storage.facts import Fact
from bot.storage.households import NewHousehold
from bot.storage.interviews import NewInterview
from bot.storage.problems import NewProblem
from bot.storage.regions import Region
from bot.storage.verdicts import Verdict

NOW = datetime(2020, 6, 15, 2, 0, tzinfo=UTC)
"""Ten in the morning of a June day in the county."""
MAY = Period(date(2020, 5, 1), date(2020, 5, 31))
JUNE = Period(date(2020, 6, 1), date(2020, 6, 30))
TREE = {"甲镇": ("东村", "西村"), "乙镇": ("南村", "空村")}


@lru_cache(maxsize=8)
def content_of(county: str) -> Content:
    """The shipped content in a county."""
    return content.load(content.in_county(county))


def noon(day: date) -> datetime:
    """Noon of a day in the county."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class Little:
    """The county; `scheme` is the one whose verdicts `home` writes."""

    database: Database
    office: Office
    scheme: str
    places: dict[str, Region] = field(default_factory=dict)
    homes: dict[str, int] = field(default_factory=dict)
    cadre: int = 0

    @classmethod
    async def open(cls, database: Database, county: str) -> Little:
        """The places and one cadre."""
        found = content_of(county)
        scheme = found.households_by[0]
        here = cls(database, Office(found, ZoneInfo("Asia/Shanghai"), found.county.schemes), scheme)
        async with database.transaction() as conn:
            top = await regions.add(conn, name="样县", level="county")
            here.places[top.name] = top
            for town, villages in TREE.items():
                above = here.places[town] = await regions.add(conn, name=town, level="town", parent=top)
                for village in villages:
                    place = await regions.add(conn, name=village, level="village", parent=above)
                    here.places[village] = place
            here.cadre = (await people.add(conn, name="方助", unit="县林业局")).id
        return here

    async def home(
        self,
        village: str,
        head: str,
        *said: tuple[date, str],
        status: int | None = 2,
        population: int | None = 3,
        kept: bool = True,
        scheme: str = "",
        **answers: Any,
    ) -> int:
        """A household with the verdicts `said` of it and its answers, all of them of the first of March."""
        async with self.database.transaction() as conn:
            new = NewHousehold(
                region_id=self.places[village].id,
                village_group="一组",
                head_name=head,
                initials="x",
                created_at=noon(date(2020, 1, 5)),
                population=population,
                reg_status=status,
            )
            id = await households.add(conn, new)
            if kept:
                await assignments.assign(conn, id, self.cadre, noon(date(2020, 1, 6)))
        self.homes[head] = id
        await self.said(head, date(2020, 3, 1), **answers)
        for on, verdict in said:
            await self.judged(head, on, verdict, scheme)
        return id

    async def judged(self, head: str, on: date, verdict: str, scheme: str = "") -> None:
        """A verdict for a day."""
        kept = Verdict(
            self.homes[head], scheme or self.scheme, on, verdict, None, [], [], {}, {}, {}, "", None, noon(on)
        )
        async with self.database.transaction() as conn:
            await verdicts.add(conn, [kept])

    async def said(self, head: str, on: date, **answers: Any) -> None:
        """Answers of a day."""
        id = self.homes[head]
        async with self.database.transaction() as conn:
            await facts.record(
                conn, [Fact(id, name, value, on, "mc", noon(on)) for name, value in answers.items()]
            )

    async def checked(self, head: str, on: date, way: int = 1, advice: int = 1, **answers: Any) -> None:
        """A monthly check."""
        await self.said(head, on, monitoring_method=way, monitoring_advice=advice, **answers)
        await self.handed(head, on, "mc")

    async def handed(self, head: str, on: date, form: str) -> int:
        """A questionnaire that was handed in."""
        async with self.database.transaction() as conn:
            new = NewInterview(self.homes[head], form, 1, self.cadre, {}, noon(on))
            begun = await interviews.start(conn, new)
            await interviews.save(conn, [replace(begun, state="submitted", submitted_at=noon(on))])
        return begun.id

    async def due(
        self, head: str, kind: str, on: date, *, done: date | None = None, off: bool = False
    ) -> None:
        """Something due by a day, and how it went."""
        id = self.homes[head]
        remind = noon(on - timedelta(days=3))
        text = {"text": kind}
        new = NewDuty(id, kind, on, f"{self.scheme}:F", on.replace(day=1), remind, text, self.cadre)
        interview = await self.handed(head, done, "mc") if done else None
        async with self.database.transaction() as conn:
            await duties.plan(conn, [new])
            if done:
                await duties.complete(conn, id, kind, done, interview)
            if off:
                await duties.cancel(conn, [each.id for each in await duties.open_of_household(conn, id)])

    async def warned(self, head: str, rule: str, on: date, text: str) -> None:
        """An alert of a rule."""
        told = {"text": text, "departments": [], "clause": ""}
        new = NewAlert(self.homes[head], rule, "red", f"{rule}:x", told, noon(on))
        async with self.database.transaction() as conn:
            await alerts.raise_(conn, new)

    async def problem(
        self,
        head: str,
        sub: str,
        on: date,
        *,
        closed: date | None = None,
        deadline: date | None = None,
        **more: Any,
    ) -> None:
        """A problem of the ledger."""
        new = NewProblem(
            self.homes[head], None, sub, 1, "confirmed", noon(on), deadline=deadline, **more
        )  # fmt: skip
        async with self.database.transaction() as conn:
            id = await problems.add(conn, new)
            assert id is not None
            kept = await problems.get(conn, id)
            if closed and kept is not None:
                handling = {**kept.handling, "struck_off_on": closed.isoformat()}
                await problems.change(
                    conn, replace(kept, status="closed", changed_at=noon(closed), handling=handling)
                )

    def ask(
        self,
        report: Report,
        region: str,
        *,
        period: Period | None = None,
        scheme: str = "",
        now: datetime = NOW,
    ) -> Ask:
        """A report that is wanted."""
        return ask_for(self.office, report, self.places[region], now, period=period, scheme=scheme)

    async def opened(self, report: Report, region: str, **wanted: Any) -> Opened:
        """The report as a file, opened again."""
        ask = self.ask(report, region, **wanted)
        async with self.database.reading() as conn:
            return Opened(write(await make(conn, report, ask)))


SHARE = re.compile(r'=IF\(OR\(COUNT\((\w+),(\w+)\)<2,N\(\2\)=0\),"",\1/\2\)')
"""One cell divided by another one, unless either is unknown or the whole is nothing."""


class Opened:
    """A file that was written: its rows by the words of the head, and its formulas recomputed."""

    def __init__(self, data: bytes) -> None:
        """Every formula must come to what the file shows."""
        self.data = data
        self.shown = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
        self.made = openpyxl.load_workbook(io.BytesIO(data))
        self.formulas = 0
        for page in self.made.worksheets:
            for line in page.iter_rows():
                for cell in line:
                    if isinstance(cell.value, str) and cell.value.startswith("="):
                        self.formulas += 1
                        shown = self.shown[page.title][cell.coordinate].value
                        made = self.comes_to(page.title, cell.value)
                        assert (shown or None) == (made or None), (page.title, cell.coordinate, shown, made)

    @property
    def names(self) -> list[str]:
        """The tabs."""
        return self.shown.sheetnames

    def words(self, name: str | None = None) -> str:
        """Everything that is written on a sheet, or on all."""
        pages = [self.shown[name]] if name else self.shown.worksheets
        cells = (
            str(cell) for page in pages for line in page.iter_rows(values_only=True) for cell in line if cell
        )
        return "\n".join(cells)

    def comes_to(self, name: str, formula: str) -> Any:
        """What a formula of ours comes to, from the cells alone."""
        if share := SHARE.fullmatch(formula):
            part, whole = (self.area(name, cell)[0] for cell in share.group(1, 2))
            return None if part is None or not whole else part / whole
        found = re.fullmatch(r'=IF\(COUNT\((.*?)\)([<=])(\d+),"",(.*)\)', formula)
        assert found, formula
        counted, sign, least, rest = found.groups()
        known = len([value for value in self.area(name, counted) if value is not None])
        if (known < int(least)) if sign == "<" else (known == int(least)):
            return None
        if match := re.fullmatch(r"SUM\((.*)\)", rest):
            return sum(value for value in self.area(name, match[1]) if value is not None)
        if match := re.fullmatch(r"SUBTOTAL\(9,(.*)\)", rest):
            return sum(value for value in self.area(name, match[1], nested=False) if value is not None)
        whole, part = rest.split("-")
        return self.area(name, whole)[0] - self.area(name, part)[0]

    def area(self, name: str, places: str, *, nested: bool = True) -> list[Any]:
        """The figures of some cells, formulas among them recomputed; words are no figures."""
        found: list[Any] = []
        for place in places.split(","):
            cells = self.made[name][place]
            for line in cells if isinstance(cells, tuple) else ((cells,),):
                for cell in line:
                    value = cell.value
                    if isinstance(value, str) and value.startswith("="):
                        if not nested and "SUBTOTAL" in value:
                            continue
                        value = self.comes_to(name, value)
                    found.append(value if isinstance(value, int | float) else None)
        return found

    def rows(self, name: str, head: str) -> list[dict[str, Any]]:
        """The rows under the head whose first column is called `head`, by the lowest words of the head.

        Where two columns end in the same words, the upper ones stand before them, with a slash.
        """
        lines = list(self.shown[name].iter_rows(values_only=True))
        first = next(at for at, line in enumerate(lines) if line[0] == head)
        last = first
        while last + 1 < len(lines) and lines[last + 1][0] is None and any(lines[last + 1]):
            last += 1
        names: list[str] = []
        upper = ""
        for at in range(len(lines[first])):
            parts = [line[at] for line in lines[first : last + 1]]
            upper = parts[0] or upper
            lower = next((part for part in reversed(parts[1:]) if part), "")
            names.append(f"{upper}/{lower}" if lower else upper)
        body = [line for line in lines[last + 1 :] if sum(value is not None for value in line) > 1]
        return [dict(zip(names, line, strict=True)) for line in body]


def by(rows: Sequence[Mapping[str, Any]], key: str) -> dict[Any, Mapping[str, Any]]:
    """Rows by what stands in a column."""
    return {row[key]: row for row in rows}


async def opened_in(
    database: Database, found: Content, report: Report, region: Region, now: datetime, **wanted: Any
) -> Opened:
    """A report about any county, as a file, opened again."""
    office = Office(found, ZoneInfo("Asia/Shanghai"), found.county.schemes)
    ask = ask_for(office, report, region, now, **wanted)
    async with database.reading() as conn:
        return Opened(write(await make(conn, report, ask)))
