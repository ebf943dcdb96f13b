"""The ledgers of monitored households: a sheet for each office that keeps one under the scheme (O-19).

What a scheme watches is in the columns of its sheet: a column is one of `CELLS`, or the fact of its name.
The standing of a scheme that is secret (R-YB-08) leaves its own ledgers for nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import SheetLayout
from bot.render.table_view import Cell, Column, Row, Sheet, Sum
from bot.rules.pack import Outcome, Pack
from bot.services.open_measures import ROWS
from bot.services.reports.answers import shown
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import Watch, Watched, pack_of, shared_names, watch
from bot.storage.regions import Level
from bot.storage.report_monitoring import Told

KEEPERS: Final = ("national", "county", "township", "village")
"""Who keeps ledgers, from the top."""
KEPT_AT: Final[Mapping[Level, tuple[str, ...]]] = {
    "village": ("village",),
    "town": ("township",),
    "county": ("national", "county"),
}
"""Whose ledgers a region of a level keeps; what lies above the county is entered by the county."""
NOBODY: Final = "none"
"""Stands for the keeper where the document names none."""
GENERAL: Final = "any"
"""The sheet of schemes without one of their own."""
CHECK: Final = "mc"
"""The form of the monthly check."""
NONE: Final = 0
"""The code by which a choice of several says that there is none."""
RISKS: Final = ("town_risk_factors", "monthly_risks")
"""Where the kinds of risk stand: the township's finding goes before the monthly check."""
WORDS: Final = ("monthly_risk_description", "visit_risk_description")
LABOUR: Final = ("household_labor", "has_labor")
MATTERS: Final = ("matters_to_solve", "handed_over_matters")
APART: Final = (*RISKS, *WORDS, *LABOUR, *MATTERS, ROWS, "monitoring_advice")
"""Facts that no column is called by."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes cells about households in the words of the report."""

    ask: Ask
    pack: Pack
    indicators: tuple[str, ...]

    def say(self, word: str, **facts: object) -> str:
        """A word of the layout."""
        return self.ask.layout.say(word, **facts)

    def joined(self, words: Sequence[str]) -> str | None:
        """Words in one cell; None for none."""
        return self.say("joint").join(dict.fromkeys(words)) or None

    def shown(self, name: str, value: Any) -> Cell:
        """An answer as its questionnaire words it; None while it is not known."""
        return shown(self.ask.office.content, name, value, self.say("joint"))

    def first(self, home: Watched, names: Sequence[str]) -> Cell:
        """What the first of these facts says that says anything but "none"."""
        none: Cell = None
        for name in names:
            value = home.get(name)
            told = [code for code in value if code != NONE] if isinstance(value, list) else value
            if told not in (None, [], ""):
                return self.shown(name, told)
            none = none or self.shown(name, value)
        return none

    def named(self, names: Sequence[str]) -> str | None:
        """The indicators in words."""
        shared = shared_names(self.pack)
        return self.joined([self.ask.office.say("planning.indicator", id=shared[name]) for name in names])

    def alert(self, alert: Told) -> str:
        """An alert with its day."""
        text = alert.facts.get("text") or self.say("alert_untold")
        day = self.ask.office.say("reports.day", day=self.ask.office.today(alert.raised_at))
        return self.say("alert", day=day, text=text)

    def progress(self, home: Watched) -> Cell:
        """How far the measures under way are, by the last monthly check."""
        form = self.ask.office.content.form(CHECK)
        item = next(each for each in form.items if each.fact == "measure_progress")
        states = {option.code: option.label for option in item.options}
        rows = home.get(ROWS) or []
        said = [
            self.say("progress", what=row["measure_name"], state=states[row["measure_progress"]])
            for row in rows
            if row.get("measure_name") and row.get("measure_progress") in states
        ]
        return self.joined(said)

    def record(self, home: Watched) -> Cell:
        """The last monthly check: its day, its way and what it advises."""
        if not home.checks:
            return None
        on, way = home.checks[-1]
        advice = self.shown("monitoring_advice", home.get("monitoring_advice"))
        words = {
            "day": self.ask.office.say("reports.day", day=on),
            "way": self.shown("monitoring_method", way) or "",
            "advice": advice,
        }
        return self.say("record" if advice else "record_bare", **words)


Teller = Callable[[Writer, Watched], Cell]
CELLS: Final[Mapping[str, Teller]] = {
    "place": lambda _, home: home.address,
    "head": lambda _, home: home.household.head_name,
    "population": lambda _, home: home.household.population,
    "verdict": lambda _, home: None if home.outcome is None else home.outcome.name,
    "official": lambda _, home: home.official or None,
    "since": lambda _, home: home.since,
    "gaps": lambda to, home: to.named(home.gaps(to.indicators)),
    "unknown": lambda to, home: to.named(home.gaps(to.indicators, None)),
    "alerts": lambda to, home: to.joined([to.alert(each) for each in home.alerts if each.state == "open"]),
    "departments": lambda to, home: to.joined(home.departments),
    "measures": lambda to, home: to.joined([each.name for each in home.measures]),
    "progress": lambda to, home: to.progress(home),
    "record": lambda to, home: to.record(home),
    "risks": lambda to, home: to.first(home, RISKS),
    "risk_words": lambda to, home: to.first(home, WORDS),
    "labour": lambda to, home: to.first(home, LABOUR),
    "matters": lambda to, home: to.first(home, MATTERS),
    "keeper": lambda _, home: None if home.keeper is None else home.keeper.name,
    "unit": lambda _, home: None if home.keeper is None else home.keeper.unit or None,
    "guarantors": lambda to, home: to.joined(home.outcome.guarantors) if home.outcome else None,
    "closes": lambda to, home: (
        to.joined([to.say(f"closes_{each}") for each in home.outcome.closes]) if home.outcome else None
    ),
}
"""What a column says that is no fact, by its id."""


def facts_of(columns: Sequence[Column]) -> list[str]:
    """The facts that columns say, or rest on."""
    return [*APART, *(column.id for column in columns if column.id not in CELLS)]


def listed(to: Writer, homes: Sequence[Watched], columns: Sequence[Column]) -> list[Row]:
    """A row for each household, numbered in the register's order."""
    rows = []
    for number, home in enumerate(homes, 1):
        cells: dict[str, Cell] = {"no": number}
        for column in columns:
            tell = CELLS.get(column.id)
            if column.id != "no":
                cells[column.id] = tell(to, home) if tell else to.shown(column.id, home.get(column.id))
        rows.append(Row(cells))
    return rows


def keepers_of(ask: Ask, pack: Pack) -> list[tuple[str, list[Outcome]]]:
    """Who keeps a ledger of which households; where the document names nobody, one list of all."""
    found = [
        (keeper, kept)
        for keeper in KEEPERS
        if (kept := [outcome for outcome in pack.outcomes if keeper in outcome.ledgers])
    ]
    if found:
        return found
    keeper = ask.layout.words.get(f"keeper_of_{pack.scheme.id}", NOBODY)
    return [(keeper, [outcome for outcome in pack.outcomes if not outcome.silent])]


def own_keepers(ask: Ask, pack: Pack) -> list[tuple[str, list[Outcome]]]:
    """Those of the keepers that are offices of the region's level; a list that nobody keeps is for all."""
    own = (NOBODY, *KEPT_AT[ask.region.level])
    return [(keeper, outcomes) for keeper, outcomes in keepers_of(ask, pack) if keeper in own]


def sheet_of(ask: Ask, pack: Pack) -> SheetLayout:
    """The ledger of the scheme in the layout."""
    return ask.layout.sheets.get(pack.scheme.id) or ask.layout.sheet(GENERAL)


def secrecy(ask: Ask, pack: Pack) -> str:
    """What stands in the title of everything that tells the standing of a scheme that is secret."""
    return ask.layout.say("secret") if pack.scheme.secret else ""


def summary(ask: Ask, seen: Watch, facts: Mapping[str, object], notes: Sequence[str]) -> Sheet:
    """How many households stand how, place by place, with further notes under it; the rows add up."""
    layout = ask.layout.sheet("summary")
    place, total, unsaid = layout.columns
    outcomes = [Column(each.id, (each.name,), "integer", 12, total=True) for each in seen.outcomes]
    rows = []
    for part in seen.places.parts:
        here = [home for home in seen.homes if home.part == part.id]
        counts = {
            each.id: sum(home.outcome is not None and home.outcome.id == each.id for home in here)
            for each in seen.outcomes
        }
        cells: dict[str, Cell] = {
            place.id: part.name,
            **counts,
            total.id: Sum(tuple(counts)),
            unsaid.id: sum(home.outcome is None for home in here),
        }
        rows.append(Row(cells))
    return layout.filled(rows, facts, notes=notes, columns=[place, *outcomes, total, unsaid])


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-19: how many stand how, and the ledgers that are kept at the region's level."""
    pack = pack_of(ask)
    layout = sheet_of(ask, pack)
    seen = await watch(conn, ask, facts_of(layout.columns))
    to = Writer(ask, pack, seen.indicators)
    facts = ask.said(scheme=pack.scheme.name, secret=secrecy(ask, pack), keeper="")
    notes = [ask.layout.say("unsaid", count=seen.unsaid)] if seen.unsaid else []
    kept_here = own_keepers(ask, pack)
    elsewhere = [ask.layout.say(f"keeper_{keeper}") for keeper, _ in keepers_of(ask, pack)]
    absent = [] if kept_here else [ask.layout.say("elsewhere", keepers=to.joined(elsewhere) or "")]
    sheets = [summary(ask, seen, facts, absent)]
    for keeper, outcomes in kept_here:
        ids = {outcome.id for outcome in outcomes}
        homes = [home for home in seen.kept if home.outcome is not None and home.outcome.id in ids]
        named = {**facts, "keeper": ask.layout.say(f"keeper_{keeper}")}
        rows = listed(to, homes, layout.columns)
        sheets.append(layout.filled(rows, named, notes=notes, name=ask.layout.say(f"tab_{keeper}")))
    return sheets


WATCHING: Final = ("hr", "yb", "n9", "n6", "m8", "t3", "f4", "gs")
"""The schemes that watch households; a plan by itself keeps no ledger."""
REPORTS: Final = (Report("O-19", make, schemes=WATCHING, shelf="ledger"),)
