"""The month of a village under the three colours, as it reports it to its township (O-21; 004:375).

It tells colours, so it stays with the offices that keep the ledgers (R-YB-08).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Column, Less, Row, Sheet, Sum
from bot.rules.calendar import Period, period_of
from bot.rules.duties import region_duties
from bot.services.reports.monitoring_ledgers import APART, Writer, secrecy
from bot.services.reports.problem_lists import open_at
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import ON_THE_SPOT, Watch, Watched, watch
from bot.storage import region_wide
from bot.storage.problems import LedgerProblem
from bot.storage.regions import Level

MONITOR: Final = "monitor"
CALLED_OFF: Final = ("cancelled", "waived")
REPORT_WARNING: Final = 2
"""Code of the advice to report a warning (mc.11)."""
AGREED: Final = 1
"""Code of a county that approves of striking off (ap.9)."""
ADVICE: Final = "monitoring_advice"
OWED_AT: Final[Mapping[Level, tuple[str, ...]]] = {
    "village": ("village",),
    "town": ("village", "township"),
    "county": ("village", "township", "county"),
}
"""Whose duties as an office are among what comes next, by the level of the report."""
DAYS: Final = ("town_met_on", "county_approved_on", "department_asked_on", "county_exit_on")
FACTS: Final = (*APART, *DAYS, "county_exit")


@dataclass(frozen=True, slots=True)
class Month:
    """What the month brought beside the standing of households."""

    watch: Watch
    period: Period
    until: date
    due: frozenset[int]
    """Households that were to be checked."""
    warned: frozenset[int]
    """Households for which a check asked to report a warning."""
    problems: Mapping[int, Sequence[LedgerProblem]]
    """The open problems of the ledger, by household."""

    def within(self, day: date | None) -> bool:
        """Whether a day lies in the month."""
        return day is not None and self.period.first <= day <= self.until

    def checked(self, home: Watched, way: int | None = None) -> bool:
        """Whether there was a check this month, in that way."""
        return any(self.within(on) and way in (None, its) for on, its in home.checks)

    def struck(self, home: Watched) -> bool:
        """Whether the county approved this month that the warning be struck off."""
        return home.get("county_exit") == AGREED and self.within(home.day("county_exit_on"))

    def helped(self, home: Watched) -> bool:
        """Whether something is lacking that is still being put right."""
        return home.kept and bool(home.gaps(self.watch.indicators))

    def cells(self, homes: Sequence[Watched]) -> dict[str, Cell]:
        """The figures of some households, by column."""
        kept = [home for home in homes if home.kept]
        now = Counter(home.outcome.id for home in kept if home.outcome)
        new = Counter(home.outcome.id for home in kept if home.outcome and not _in_range(home.before))
        up = Counter(home.outcome.id for home in kept if home.outcome and _worse(home))
        told = [each.id for each in self.watch.outcomes]
        due = [home for home in homes if home.household.id in self.due]
        return {
            **{f"now_{id}": now[id] for id in told},
            **{f"new_{id}": new[id] for id in told},
            **{f"up_{id}": up[id] for id in told},
            "all": Sum(tuple(f"now_{id}" for id in told)),
            "due": len(due),
            "done": sum(self.checked(home) for home in due),
            "spot": sum(self.checked(home, ON_THE_SPOT) for home in due),
            "warned": sum(home.household.id in self.warned for home in homes),
            "town": sum(self.within(home.day("town_met_on")) for home in homes),
            "county": sum(self.within(home.day("county_approved_on")) for home in homes),
            "helped": sum(map(self.helped, homes)),
            "asked": sum(self.within(home.day("department_asked_on")) for home in homes),
            "struck": sum(map(self.struck, homes)),
            "open": sum(len(self.problems.get(home.household.id, ())) for home in kept),
        }


def _in_range(outcome: Any) -> bool:
    return outcome is not None and not outcome.silent


def _worse(home: Watched) -> bool:
    before, now = home.before, home.outcome
    return before is not None and now is not None and not before.silent and now.rank < before.rank


async def read_month(conn: AsyncConnection, ask: Ask) -> Month:
    """The households with what happened to them in the period."""
    seen = await watch(conn, ask, FACTS)
    top, first, until = ask.region.path, ask.period.first, ask.until
    planned = await region_wide.due_between(conn, top, first, ask.period.last)
    due = {
        duty.household_id
        for duty in planned
        if duty.kind == MONITOR and duty.state not in CALLED_OFF and duty.household_id is not None
    }
    advice = await region_wide.history(conn, top, [ADVICE], until)
    warned = {
        id
        for id, said in advice.items()
        if any(first <= on and value == REPORT_WARNING for on, value in said[ADVICE])
    }
    problems: dict[int, list[LedgerProblem]] = {}
    for problem in await region_wide.ledger(conn, top, ask.before):
        if problem.household_id is not None and open_at(problem, ask.before):
            problems.setdefault(problem.household_id, []).append(problem)
    return Month(seen, ask.period, until, frozenset(due), frozenset(warned), problems)


def main(ask: Ask, month: Month, facts: Mapping[str, object]) -> Sheet:
    """The figures, place by place."""
    layout = ask.layout.sheet("main")
    wanted = [column.id for column in layout.columns]
    rows = []
    for part in month.watch.places.parts:
        cells = month.cells([home for home in month.watch.homes if home.part == part.id])
        own = {id: cell for id, cell in cells.items() if id in wanted}
        rows.append(Row({"place": part.name, **own, "undone": Less("due", "done")}))
    return layout.filled(rows, facts, notes=[ask.layout.say(f"signed_{ask.region.level}")])


def gaps(ask: Ask, to: Writer, month: Month, facts: Mapping[str, object]) -> Sheet:
    """For each indicator how many households lack it, where, and which offices are at it."""
    layout = ask.layout.sheet("gaps")
    name, total, offices = layout.columns
    parts = month.watch.places.parts
    places = [Column(f"p{part.id}", (part.name,), "integer", 10) for part in parts]
    rows = []
    for indicator in month.watch.indicators:
        lacking = [home for home in month.watch.kept if home.reading.truth(indicator) is False]
        cells: dict[str, Cell] = {name.id: to.named([indicator])}
        for part in parts:
            cells[f"p{part.id}"] = sum(home.part == part.id for home in lacking)
        cells[total.id] = Sum(tuple(place.id for place in places))
        busy = [
            office.name
            for home in lacking
            for measure in home.measures
            if indicator in measure.mends
            for office in measure.departments
        ]
        cells[offices.id] = to.joined(busy)
        rows.append(Row(cells))
    return layout.filled(rows, facts, columns=[name, *places, total, offices])


def still_open(ask: Ask, to: Writer, month: Month, facts: Mapping[str, object]) -> Sheet:
    """The households where something is lacking or a problem is open, with what is done about it."""
    layout = ask.layout.sheet("open")
    rows: list[Row] = []
    for home in month.watch.kept:
        problems = month.problems.get(home.household.id, ())
        if problems or month.helped(home):
            cells: dict[str, Cell] = {
                "no": len(rows) + 1,
                "village": home.village,
                "group": home.household.village_group,
                "head": home.household.head_name,
                "verdict": home.outcome.name if home.outcome else None,
                "gaps": to.named(home.gaps(month.watch.indicators)),
                "departments": to.joined(home.departments),
                "measures": to.joined([each.name for each in home.measures]),
                "progress": to.progress(home),
                "problems": to.joined([problem_words(ask, to, each) for each in problems]),
            }
            rows.append(Row(cells))
    return layout.filled(rows, facts)


def problem_words(ask: Ask, to: Writer, problem: LedgerProblem) -> str:
    """A problem of the ledger with its deadline."""
    ledger = ask.office.content.ledger
    known = ledger.problems.get(problem.sub_problem) or ledger.by_id.get(problem.sub_problem)
    name = known.name if known is not None else problem.sub_problem
    if problem.deadline is None:
        return name
    return to.say("problem_due", what=name, day=ask.office.say("reports.day", day=problem.deadline))


async def coming(
    conn: AsyncConnection, ask: Ask, to: Writer, month: Month, facts: Mapping[str, object]
) -> Sheet:
    """What falls due in the month after: at how many households, and what the offices owe as such."""
    following = period_of(ask.period.last + timedelta(days=1), "month")
    planned = await region_wide.due_between(conn, ask.region.path, following.first, following.last)
    counts: Counter[tuple[date, str]] = Counter()
    for duty in planned:
        if duty.state not in (*CALLED_OFF, "done", "done_late"):
            counts[duty.due, str(duty.text.get("text") or "")] += 1
    for problems in month.problems.values():
        for problem in problems:
            if problem.deadline and following.first <= problem.deadline <= following.last:
                counts[problem.deadline, to.say("mend")] += 1
    lines: list[tuple[date, str, Cell]] = [(due, what, count) for (due, what), count in counts.items()]
    lines += [
        (each.due, each.text, None)
        for each in region_duties(to.pack, *_days(following))
        if each.role in OWED_AT[ask.region.level]
    ]
    rows = [
        Row({"no": number, "due": due, "what": what, "count": count})
        for number, (due, what, count) in enumerate(sorted(lines, key=lambda line: line[:2]), 1)
    ]
    return ask.layout.sheet("next").filled(rows, facts)


def _days(period: Period) -> tuple[date, date]:
    return period.first, period.last


def reported_by(ask: Ask, to: Writer) -> str:
    """By when the township wants it of a village; "" where the document asks for none yet."""
    if ask.region.level != "village":
        return ""
    following = period_of(ask.period.last + timedelta(days=1), "month")
    owed = [
        duty
        for duty in region_duties(to.pack, *_days(following))
        if duty.kind == "report" and duty.role == "village"
    ]
    return to.say("due", day=ask.office.say("reports.day", day=owed[0].due)) if owed else ""


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-21: the figures, what is lacking, what is open, and what comes next."""
    month = await read_month(conn, ask)
    to = Writer(ask, month.watch.pack, month.watch.indicators)
    own = {"year": ask.period.last.year, "due": reported_by(ask, to)}
    facts = ask.said(scheme=to.pack.scheme.name, secret=secrecy(ask, to.pack), **own)
    return [
        main(ask, month, facts),
        gaps(ask, to, month, facts),
        still_open(ask, to, month, facts),
        await coming(conn, ask, to, month, facts),
    ]


REPORTS: Final = (Report("O-21", make, per="month", schemes=("yb",), shelf="monthly"),)
