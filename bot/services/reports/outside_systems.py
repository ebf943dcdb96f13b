"""What is to be entered, marked, struck off and updated in systems outside this one (O-23b).

Nothing is sent anywhere: people read the list and do it there. Where this record does not know whether it was
done, the cell stays blank for the hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell, Row, Sheet
from bot.services.reports.monitoring_ledgers import APART, Writer, secrecy
from bot.services.reports.report import Ask, Report
from bot.services.reports.watched import Watched, watch

RED: Final = "red"
MARK: Final = "system_mark_2019"
STATUS: Final = "reg_status"
LIFTED, OUTSIDE = 2, 3
"""Codes of the register's status."""
MARKS: Final = (1, 2)
"""Codes by which the system of 2019 has a household on its list."""
AGREED: Final = 1
"""Code of a county that takes a household in, and of one that lets it out (ap.8, ap.9)."""
FACTS: Final = (
    *(*APART, MARK, "marked_marginal", "monitor_kind", "county_approved_on", "county_paper"),
    *("department_asked_on", "department_asking", "county_exit", "county_exit_on", "system_closed_on"),
    *("department_updated_on", "department_updating", "county_conclusion", "county_decided_on"),
)


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be done in another system; `action` names its words in the layout.

    `on` is the day of its ground, `about` what the ground says beside, `who` overrides the words' own.
    """

    action: str
    on: date | None
    about: str | None = None
    done: date | None = None
    who: str | None = None


Finder = Callable[[Writer, Watched], Iterable[Todo]]


def entries(to: Writer, home: Watched) -> Iterable[Todo]:
    """A red household belongs into the national system: marked if lifted, else entered (004:323, 004:349)."""
    if home.outcome is None or home.outcome.id != RED or home.get(MARK) in MARKS:
        return
    action = {LIFTED: "mark", OUTSIDE: "enter"}.get(home.get(STATUS), "look_up")
    yield Todo(action, home.day("county_approved_on"), home.get("county_paper"))


def warnings(to: Writer, home: Watched) -> Iterable[Todo]:
    """What is lacking is marked on the platform, and struck off there (004:353, 004:357)."""
    if not home.kept or home.outcome is None:
        return
    lacking = home.gaps(to.indicators)
    asked, agreed = home.day("department_asked_on"), home.day("county_exit_on")
    if lacking:
        checked = home.checks[-1][0] if home.checks else None
        yield Todo("warn" if home.outcome.id == RED else "red_first", checked, to.named(lacking))
    elif home.outcome.id == RED and home.alerts and asked is None:
        raised = to.ask.office.today(home.alerts[-1].raised_at)
        yield Todo("apply", raised, home.alerts[-1].facts.get("text"))
    if asked is not None:
        done = agreed if home.get("county_exit") == AGREED and agreed and agreed >= asked else None
        yield Todo("approve", asked, home.get("department_asking"), done)


def updates(to: Writer, home: Watched) -> Iterable[Todo]:
    """Once struck off or let out, the departments bring their own systems up to date (004:357, 004:721)."""
    agreed = home.day("county_exit_on")
    if home.get("county_exit") == AGREED and agreed is not None:
        updated = home.day("department_updated_on")
        done = updated if updated and updated >= agreed else None
        yield Todo(
            "update", agreed, None, done, home.get("department_updating") or home.get("department_asking")
        )


def registrations(to: Writer, home: Watched) -> Iterable[Todo]:
    """Who is taken in goes into the system of poverty relief, who is let out ends there (004:719-721)."""
    taken, agreed = home.day("county_decided_on"), home.day("county_exit_on")
    if home.get("county_conclusion") == AGREED and taken is not None:
        yield Todo("register", taken)
    if home.get("county_exit") == AGREED and agreed is not None:
        closed = home.day("system_closed_on")
        yield Todo("close", agreed, None, closed if closed and closed >= agreed else None)


LISTS: Final[Mapping[str, Sequence[tuple[str, Finder]]]] = {
    "yb": (("national", entries), ("platform", warnings), ("departments", updates)),
    "n9": (("relief", registrations), ("departments", updates)),
    "gs": (),
}
"""The lists of each scheme; all of them compare with the national system beside."""


def listed(to: Writer, id: str, find: Finder, homes: Sequence[Watched], facts: Mapping[str, object]) -> Sheet:
    """One list, by household."""
    rows: list[Row] = []
    for home in homes:
        for todo in find(to, home):
            day = to.ask.office.say("reports.day", day=todo.on) if todo.on else to.say("no_day")
            ground = to.say(f"ground_{todo.action}", day=day, about=todo.about or "")
            cells: dict[str, Cell] = {
                **place(home, len(rows) + 1),
                "action": to.say(f"do_{todo.action}"),
                "ground": ground,
                "who": todo.who or to.say(f"who_{todo.action}"),
                "due": to.say(f"due_{todo.action}"),
                "done": todo.done,
            }
            rows.append(Row(cells))
    return to.ask.layout.sheet(id).filled(rows, facts)


def place(home: Watched, number: int) -> dict[str, Cell]:
    """Which household it is."""
    return {"no": number, "place": home.address, "head": home.household.head_name}


def differences(to: Writer, homes: Sequence[Watched], facts: Mapping[str, object]) -> Sheet:
    """Where an answer does not agree with the mark of the national system (001:45, 001:64)."""
    rows: list[Row] = []
    for home in homes:
        mark = home.get(MARK)
        for name in _against(home) if mark is not None else ():
            cells: dict[str, Cell] = {
                **place(home, len(rows) + 1),
                "what": to.say(f"name_{name}"),
                "there": to.shown(MARK, mark),
                "here": to.shown(name, home.get(name)),
            }
            rows.append(Row(cells))
    return to.ask.layout.sheet("differences").filled(rows, facts)


def _against(home: Watched) -> list[str]:
    """The answers that contradict the mark: one is for lifted households, the other for those outside."""
    mark, status = home.get(MARK), home.get(STATUS)
    kind, marginal = home.get("monitor_kind"), home.get("marked_marginal")
    lifted, outside = MARKS
    wrong = {
        STATUS: (mark == lifted and status not in (None, LIFTED))
        or (mark == outside and status not in (None, OUTSIDE)),
        "monitor_kind": kind is not None and mark != kind,
        "marked_marginal": marginal is not None and (marginal == AGREED) != (mark == outside),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-23b: a list for each outside system, and where the record and the national system differ."""
    seen = await watch(conn, ask, FACTS)
    to = Writer(ask, seen.pack, seen.indicators)
    facts = ask.said(scheme=seen.pack.scheme.name, secret=secrecy(ask, seen.pack))
    lists = LISTS.get(seen.pack.scheme.id, ())
    sheets = [listed(to, id, find, seen.homes, facts) for id, find in lists]
    return [*sheets, differences(to, seen.homes, facts)]


REPORTS: Final = (Report("O-23b", make, schemes=tuple(LISTS), shelf="list"),)
