"""All content, loaded once and checked whole: forms, packs, words and templates.

`load` refuses to give anything while there is a problem; `check` lists every problem there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.dialogs.commands import Commands
from bot.dialogs.form import Form
from bot.dialogs.ledger import Ledger
from bot.dialogs.reuse import ReuseRules
from bot.dialogs.vocabulary import Vocabulary
from bot.errors import HubangError
from bot.loading import COUNTIES, SHIPPED, Loading, Places, initials, read
from bot.national_days import calendar
from bot.problems import Problem
from bot.render.messages import Messages
from bot.render.narrative import PaperText
from bot.render.table_layout import Layout
from bot.rules.clauses import Clauses
from bot.rules.county import County
from bot.rules.facts import Registry
from bot.rules.form_parameters import read_parameters
from bot.rules.offices import Offices
from bot.rules.pack import Pack
from bot.rules.parameters import NotInForce, Parameter
from bot.rules.procedures import Procedure
from bot.rules.reminders import Reminders
from bot.rules.watches import Watch
from bot.rules.working_days import WorkCalendar

__all__ = [
    "SHIPPED",
    "Content",
    "ContentInvalid",
    "Places",
    "check",
    "county_of",
    "in_county",
    "initials",
    "load",
    "warnings",
]


class ContentInvalid(HubangError):
    """The content has {count} problem(s):{problems}"""

    def __init__(self, found: Iterable[Problem]) -> None:
        """Keep the problems for those who list them."""
        self.found = tuple(found)
        lines = "".join(f"\n{problem}" for problem in self.found)
        super().__init__(count=len(self.found), problems=lines)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross between processes with the problems themselves."""
        return type(self), (self.found,)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that people may reword or reconfigure, as the product uses it."""

    forms: Mapping[tuple[str, int], Form]
    packs: Mapping[str, Pack]
    vocabulary: Vocabulary
    registry: Registry
    parameters: tuple[Parameter, ...]
    commands: Commands
    clauses: Clauses
    ledger: Ledger
    reuse: ReuseRules
    county: County
    messages: Messages
    layouts: Mapping[str, Layout]
    """The tables of an office by the ids of their reports."""
    papers: Mapping[str, PaperText]
    """The plan papers in sentences by the ids of their questionnaires."""
    offices: Offices
    """Roles and posts, the departments of the county's schemes among them."""
    procedures: Mapping[str, Procedure]
    """The procedures of every scheme, by id."""
    watches: tuple[Watch, ...]
    """What is looked for across the county once a day."""
    reminders: Reminders
    """When people are reminded, and who is above whom."""
    calendar: WorkCalendar
    """The working days of the county."""

    @property
    def households_by(self) -> tuple[str, ...]:
        """The schemes of the county that classify households, in its order."""
        return tuple(id for id in self.county.schemes if self.packs[id].scheme.subject == "household")

    @property
    def running(self) -> tuple[Procedure, ...]:
        """The procedures that run here: of the county's schemes and library, and those of every county."""
        here = self.county
        return tuple(
            each
            for each in self.procedures.values()
            if (not each.scheme or each.scheme in here.schemes)
            and (not each.library or each.library in here.library)
        )

    def latest_forms(self) -> list[Form]:
        """The newest version of every questionnaire, by id."""
        return [self.form(id) for id in sorted({id for id, _ in self.forms})]

    def form(self, id: str, version: int | None = None) -> Form:
        """A released form; the newest version when none is named. KeyError when there is none."""
        if version is None:
            version = max(v for f, v in self.forms if f == id)
        return self.forms[id, version]

    def form_parameters(self, on: date) -> dict[str, float]:
        """The dated parameters that forms read, under `param_…`; one not yet in force is absent."""
        values: dict[str, float] = {}
        for parameter in self.parameters:
            try:
                values[f"param_{parameter.id}"] = parameter.at(on).value
            except NotInForce:
                continue
        return values


def in_county(name: str) -> Places:
    """The shipped content in a county: a name in `counties/`, or the path of a file of one's own."""
    own = Path(name)
    return replace(SHIPPED, county=own if own.suffix == ".toml" else COUNTIES / f"{name}.toml")


def county_of(places: Places) -> County:
    """What the county's file decides, whatever else is wrong."""
    found = Loading()
    if places.county is not None:
        found.decided(places.county)
    return found.county


def check(places: Places = SHIPPED) -> list[Problem]:
    """Every problem of the content, in file order; from `counties/` the other ones are tried too.

    Beside a file of one's own anything may stand, such as the settings of a project.
    """
    shelf = places.county is not None and places.county.parent.resolve() == COUNTIES
    beside = sorted(COUNTIES.glob("*.toml")) if shelf else []
    here = read(places)
    found = set(here.problems)
    for county in beside:
        if county != places.county:
            found.update(_elsewhere(here, county, places))
    return sorted(found)


def warnings(county: County, today: date) -> list[Problem]:
    """What still works and will soon be wrong: years whose days off the county needs and nobody knows yet."""
    hint = "update chinese-calendar, or write them down in the county's file: [calendar] off, on, years"
    return [
        Problem(
            f"{county.id}.toml",
            "calendar",
            f"the days off of {year} are not known: only weekends count",
            hint,
        )
        for year in calendar(county).unknown(today)
    ]


def _elsewhere(here: Loading, county: Path, places: Places) -> list[Problem]:
    """What is wrong in another county: only the schemes about which it decides something are read again."""
    there = copy(here)
    there.problems = []
    there.decided(county)
    lists = places.dialogs / "lists.toml"
    if (tables := there.toml(lists)) is not None:
        there.parameters, _ = read_parameters(tables, lists.name, there.county)
    decided = there.county
    touched = {scheme for scheme, _ in (*decided.values, *decided.options)}
    again = {*touched, *(decided.schemes if decided.departments or "" in touched else ())}
    there.packs = {id: pack for id, pack in here.packs.items() if id not in again}
    there.rules(places.rules, again)
    there.fits(places.rules)
    return there.problems


def _staffed(found: Loading) -> Offices:
    """The offices with the departments of the county's schemes; without a county those of every scheme."""
    packs = [found.packs[id] for id in found.county.schemes or found.packs if id in found.packs]
    return found.offices.with_departments(each for pack in packs for each in pack.departments)


def load(places: Places = SHIPPED) -> Content:
    """The content; ContentInvalid with every problem when there is any."""
    found = read(places)
    vocabulary, commands, ledger, reuse = found.vocabulary, found.commands, found.ledger, found.reuse
    if found.problems or vocabulary is None or commands is None or ledger is None or reuse is None:
        raise ContentInvalid(sorted(set(found.problems)))
    return Content(
        found.forms,
        found.packs,
        vocabulary,
        found.registry,
        found.parameters,
        commands,
        found.clauses,
        ledger,
        reuse,
        found.county,
        Messages(places.templates / "messages"),
        found.layouts,
        found.papers,
        _staffed(found),
        found.procedures,
        found.watches,
        found.reminders,
        calendar(found.county),
    )
