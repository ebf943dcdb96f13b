"""The circular of counts: what was due and done, what is open, what samples found, what was mended (O-22).

Places and units stand in the order of the register, never in one of merit; nobody is named, nothing is rated.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Blank, Cell, Less, Row, Sheet
from bot.rules.duties import region_duties
from bot.services.reports.answers import day_of
from bot.services.reports.homes import Home, read_homes
from bot.services.reports.problem_lists import open_at
from bot.services.reports.report import Ask, Places, Report, places_of
from bot.storage import region_wide, report_monitoring
from bot.storage.problems import LedgerProblem
from bot.storage.region_wide import Keeper
from bot.storage.report_monitoring import Work

Each = TypeVar("Each")
Key = TypeVar("Key")

KINDS: Final = ("visit", "contact", "monitor", "review")
"""What is counted of what is due at households (F-01 to F-08, F-12, F-19)."""
REPORT: Final = "report"
OWED_BY: Final[Mapping[str, str]] = {"village": "village", "township": "town"}
"""The level of region that owes what a role has to report."""
YES: Final = 1
DIFFERS: Final = 2
"""Code of a sample check that found something else than was reported (ap.4)."""
FACTS: Final = ("spot_checked", "spot_checked_on", "spot_check_outcome")


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that the circular counts, before it is told by place or by unit."""

    ask: Ask
    places: Places
    homes: Sequence[Home]
    keepers: Mapping[int, Keeper]
    work: Sequence[Work]
    problems: Sequence[LedgerProblem]
    last: date
    """The last day of which everything that was due by then is over."""

    def overdue_at(self, problem: LedgerProblem, on: date) -> bool:
        """Whether it was open at the end of a day although its deadline was over."""
        late = problem.deadline is not None and problem.deadline < on
        return late and open_at(problem, self.ask.end_of(on))

    def sampled(self, home: Home) -> bool:
        """Whether it was among those checked again in the period."""
        on = day_of(home.get("spot_checked_on"))
        if home.get("spot_checked") != YES or on is None:
            return False
        return self.ask.period.first <= on <= self.ask.until

    def work_cells(self, work: Iterable[Work]) -> dict[str, Cell]:
        """Due, done and not done of each kind, and how much of it came late."""
        before = self.ask.before
        due, done, late = Counter[str](), Counter[str](), 0
        for each in work:
            due[each.kind] += 1
            done[each.kind] += each.is_done(before)
            late += each.is_late(before) and each.kind in KINDS
        cells: dict[str, Cell] = {"late": late}
        for kind in KINDS:
            cells[f"{kind}_due"], cells[f"{kind}_done"] = due[kind], done[kind]
            cells[f"{kind}_left"] = Less(f"{kind}_due", f"{kind}_done")
        return cells

    def problem_cells(self, problems: Sequence[LedgerProblem]) -> dict[str, Cell]:
        """What is open, what is overdue, and what became of what was overdue a month ago."""
        before = self.ask.before
        earlier = [each for each in problems if self.overdue_at(each, self.ask.eve)]
        return {
            "open": sum(open_at(each, before) for each in problems),
            "overdue": sum(self.overdue_at(each, self.ask.until) for each in problems),
            "told": len(earlier),
            "mended": sum(not open_at(each, before) for each in earlier),
            "unmended": Less("told", "mended"),
        }

    def sample_cells(self, homes: Iterable[Home]) -> dict[str, Cell]:
        """How many were checked again, and where it differed."""
        found = [home for home in homes if self.sampled(home)]
        return {
            "sampled": len(found),
            "differs": sum(home.get("spot_check_outcome") == DIFFERS for home in found),
        }

    def by_part(self) -> dict[int, Portion]:
        """What lies in each part of the region, by its id; what is the region's own under that of the top."""
        places = self.places
        part_of = {home.id: places.part(home.household.region_id).id for home in self.homes}

        def spot(problem: LedgerProblem) -> int:
            if problem.household_id is not None:
                return part_of[problem.household_id]
            return places.part(problem.region_id or 0).id

        homes = _grouped(self.homes, lambda home: part_of[home.id])
        work = _grouped(self.work, lambda each: part_of[each.household_id])
        problems = _grouped(self.problems, spot)
        ids = dict.fromkeys([*(part.id for part in places.parts), places.top.id])
        return {id: Portion(self, homes[id], work[id], problems[id]) for id in ids}

    def by_unit(self, nobody: str) -> dict[str, Portion]:
        """What the people of each unit owe, and the households that they are responsible for.

        In the order of the register; what is no unit's comes last, under the name `nobody`.
        """
        kept = {id: keeper.unit or nobody for id, keeper in self.keepers.items()}
        of_homes = [each for each in self.problems if each.household_id is not None]
        homes = _grouped(self.homes, lambda home: kept.get(home.id, nobody))
        work = _grouped(self.work, lambda each: each.unit or nobody)
        problems = _grouped(of_homes, lambda each: kept.get(each.household_id or 0, nobody))
        units = sorted(dict.fromkeys([*homes, *work]), key=nobody.__eq__)
        return {unit: Portion(self, homes[unit], work[unit], problems[unit]) for unit in units}


@dataclass(frozen=True, slots=True)
class Portion:
    """What belongs to a place, a unit, or the whole region."""

    counted: Counted
    homes: Sequence[Home]
    work: Sequence[Work]
    problems: Sequence[LedgerProblem]

    def cells(self) -> dict[str, Cell]:
        """How many households there are, and what is counted of work, problems and samples."""
        counted = self.counted
        return {
            "homes": len(self.homes),
            **counted.work_cells(self.work),
            **counted.problem_cells(self.problems),
            **counted.sample_cells(self.homes),
        }


def _grouped(found: Iterable[Each], key: Callable[[Each], Key]) -> defaultdict[Key, list[Each]]:
    groups: defaultdict[Key, list[Each]] = defaultdict(list)
    for each in found:
        groups[key(each)].append(each)
    return groups


async def count(conn: AsyncConnection, ask: Ask) -> Counted:
    """Read what the circular counts."""
    places = await places_of(conn, ask.region)
    homes = await read_homes(conn, ask, FACTS, places)
    top = ask.region.path
    # What is due today may still be done today.
    last = ask.until - timedelta(days=1) if ask.until >= ask.today else ask.until
    return Counted(
        ask,
        places,
        homes,
        await region_wide.keepers(conn, top),
        await report_monitoring.work(conn, top, ask.period.first, last),
        await region_wide.ledger(conn, top, ask.before),
        last,
    )


def owed(counted: Counted, levels: Counter[str]) -> int | None:
    """How many reports so many offices of each level owed in the period; None when no scheme asks for any."""
    ask = counted.ask
    content = ask.office.content
    packs = [content.packs[id] for id in ([ask.scheme] if ask.scheme else content.households_by)]
    asked = [
        duty.role
        for pack in packs
        for duty in region_duties(pack, ask.period.first, counted.last)
        if duty.kind == REPORT and duty.role in OWED_BY
    ]
    return sum(levels[OWED_BY[role]] for role in asked) if asked else None


def by_place(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """The counts of each place right under the region, and of what is the region's own."""
    ask, places, layout = counted.ask, counted.places, counted.ask.layout.sheet("places")
    portions = counted.by_part()
    own = [] if ask.region.level == "village" else [ask.region]
    rows = []
    for part in [*places.parts, *own]:
        under = [region for region in places.by_id.values() if part.id in region.lineage]
        levels = Counter[str](region.level for region in ([part] if part in own else under))
        due = owed(counted, levels)
        if part in own and not due and not portions[part.id].problems:
            continue
        why = ask.layout.say("reports_unasked" if due is None else "reports_untold")
        cells: dict[str, Cell] = {
            "place": ask.layout.say("own", region=part.name) if part in own else part.name,
            **portions[part.id].cells(),
            "report_due": Blank(why) if due is None else due,
            "report_done": Blank(why),
        }
        rows.append(Row(cells))
    return layout.filled(rows, facts)


def by_unit(counted: Counted, facts: Mapping[str, object]) -> Sheet:
    """The counts of each unit: what its people owe, and the households that they are responsible for."""
    layout, nobody = counted.ask.layout.sheet("units"), counted.ask.layout.say("no_unit")
    portions = counted.by_unit(nobody)
    rows = [Row({"place": unit, **portion.cells()}) for unit, portion in portions.items()]
    return layout.filled(rows, facts)


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-22: the counts by place and by unit."""
    counted = await count(conn, ask)
    facts = ask.said(last=ask.office.say("reports.day", day=counted.last))
    return [by_place(counted, facts), by_unit(counted, facts)]


REPORTS: Final = (Report("O-22", make, per="month", shelf="monthly"),)
