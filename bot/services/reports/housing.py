"""The housing ledger of key households (O-25c, 004:39): rating, hazards, renovation, relocation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import DASH, Cell, Column, Row, Sheet, Sum
from bot.rules.reading import Reading, read
from bot.rules.updates import current, told_by
from bot.services.reports.answers import shown
from bot.services.reports.homes import households_of, named, register
from bot.services.reports.report import Ask, Places, Report, SchemeOff, places_of
from bot.storage import report_monitoring
from bot.storage.households import Household
from bot.storage.report_monitoring import Dated

SAFETY, HAZARDS, LATEST = "house_safety", "house_hazards", "new_house_hazards"
RENOVATION, ACCEPTED = "house_renovation", "renovation_accepted"
RELOCATED, MOVED_IN = "is_relocated", "relocation_moved_in"
REGISTERED: Final = ("unlifted", "lifted")
YES, SAFE, UNSAFE, UNRATED, NO_HAZARD = 1, 1, 2, 3, 0
"""Codes of the answers: yes; a house rated safe, unsafe, never rated; no new hazard."""
RENOVATED: Final = (1, 2)
"""Codes of a house that was repaired or built anew."""
ONLY: Final = "only."
"""Before the facts that belong to some households only, among the words of the layout."""
NEEDED: Final = (
    *REGISTERED,
    *("outside", "on_dibao", "tekun_in_any_list", "disabled_household", "special_household"),
    "marginal_in_any_list",
)
"""Facts of the shared rules that say which households are key ones."""


@dataclass(frozen=True, slots=True)
class Housed:
    """A key household: of which kinds it is, and what is known of its house."""

    household: Household
    kinds: tuple[str, ...]
    facts: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """A fact; None when it is not known."""
        return self.facts.get(name)

    def told(self, name: str, *codes: int) -> bool:
        """Whether a fact is one of these codes."""
        return self.get(name) in codes

    @property
    def hazards(self) -> list[int] | None:
        """The hazards named last, in the campaign or in a month's check; None when nobody asked."""
        known = [value for name in (HAZARDS, LATEST) if isinstance(value := self.get(name), list)]
        return sorted({code for value in known for code in value if code != NO_HAZARD}) if known else None


def kinds_of(reading: Reading) -> tuple[str, ...]:
    """Which key households of 004:39 it is, by column; a household may be of several kinds, or of none."""
    registered = any(reading.truth(fact) for fact in REGISTERED)
    dibao, tekun = reading.truth("on_dibao"), reading.truth("tekun_in_any_list")
    poor = registered or dibao or tekun
    hard = reading.truth("special_household") or reading.truth("marginal_in_any_list")
    said = {
        "registered": registered,
        "dibao": dibao,
        "tekun": tekun,
        "disabled": poor and reading.truth("disabled_household"),
        "special": reading.truth("outside") and hard,
    }
    return tuple(kind for kind, holds in said.items() if holds)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The key households of a region, in the register's order; the other ones are counted only."""

    ask: Ask
    places: Places
    homes: Sequence[Housed]
    others: int

    def of(self, region_id: int) -> list[Housed]:
        """Those of one of the region's parts."""
        return [home for home in self.homes if self.places.part(home.household.region_id).id == region_id]


async def read_ledger(conn: AsyncConnection, ask: Ask, columns: Iterable[Column]) -> Ledger:
    """Which households are key ones and what is known of their houses, as answered up to the last day.

    Later answers in other words count: `bot.rules.updates`. RegionEmpty when there is no household.
    """
    content, top = ask.office.content, ask.region.path
    if not content.households_by:
        raise SchemeOff(report=ask.layout.id, scheme="")
    pack = content.packs[content.households_by[0]]
    homes = await households_of(conn, ask)
    names = (
        {*_answers(ask, columns)}
        | {HAZARDS, LATEST}
        | {name for fact in NEEDED for name in pack.answers_of(fact)}
    )
    said = await report_monitoring.dated(
        conn, top, names | told_by(pack.updates, frozenset(names)), ask.until, ask.before
    )
    parameters, on = content.form_parameters(ask.until), max(ask.until, pack.scheme.start)
    found = []
    for home in homes:
        own = said.get(home.id, Dated({}, {}))
        facts = current(pack.updates, {**register(home), **own.values}, own.moments, parameters, ask.until)
        if kinds := kinds_of(read(pack, facts, on)):
            found.append(Housed(home, kinds, facts))
    return Ledger(ask, await places_of(conn, ask.region), found, len(homes) - len(found))


def _cell(ask: Ask, home: Housed, name: str) -> Cell:
    """A fact in words; a dash where it cannot apply, nothing while it is not known whether it applies."""
    if gate := ask.layout.under(ONLY).get(name):
        fact, *codes = gate.split()
        if not home.told(fact, *map(int, codes)):
            return None if home.get(fact) is None else DASH
    return shown(ask.office.content, name, home.get(name), ask.layout.say("joint"))


def _answers(ask: Ask, columns: Iterable[Column]) -> list[str]:
    """The columns that show an answer; where a household lies stands in the register."""
    own = set(ask.layout.say("register").split())
    return [
        column.id for column in columns if column.id in ask.office.content.registry and column.id not in own
    ]


def listed(ledger: Ledger) -> Sheet:
    """The ledger, household by household; above a village with a subtotal for each part."""
    ask = ledger.ask
    layout = ask.layout.sheet("main")
    answers = _answers(ask, layout.columns)
    rows: list[Row] = []
    number = 0
    for part in ledger.places.parts:
        homes = ledger.of(part.id)
        for home in homes:
            number += 1
            cells: dict[str, Cell] = {
                "no": number,
                **named(home.household, *ledger.places.names(home.household.region_id)),
                **{f"is_{kind}": 1 for kind in home.kinds},
                "homes": 1,
            }
            cells |= {name: _cell(ask, home, name) for name in answers}
            rows.append(Row(cells))
        if homes and part.id != ledger.places.top.id:
            rows.append(Row({"town": ask.layout.say("subtotal", name=part.name)}, standing="subtotal"))
    notes = [ask.layout.say("others", n=ledger.others)] if ledger.others else []
    return layout.filled(rows, ask.said(), notes=notes)


def counted(ledger: Ledger) -> Sheet:
    """The counts: a row for each part of the region, whatever was found there."""
    rows = [Row({"place": part.name, **count(ledger.of(part.id))}) for part in ledger.places.parts]
    return ledger.ask.layout.sheet("counts").filled(rows, ledger.ask.said())


def count(homes: Sequence[Housed]) -> dict[str, Cell]:
    """How many key households there are, of which kind, and how their houses stand."""
    told = {
        "safe": lambda home: home.told(SAFETY, SAFE),
        "unsafe": lambda home: home.told(SAFETY, UNSAFE),
        "unrated": lambda home: home.told(SAFETY, UNRATED),
        "unknown": lambda home: home.get(SAFETY) is None,
        "hazards": lambda home: bool(home.hazards),
        "renovation": lambda home: home.told(RENOVATION, *RENOVATED),
        "accepted": lambda home: home.told(RENOVATION, *RENOVATED) and home.told(ACCEPTED, YES),
        "relocated": lambda home: home.told(RELOCATED, YES),
        "moved_in": lambda home: home.told(RELOCATED, YES) and home.told(MOVED_IN, YES),
    }
    cells: dict[str, Cell] = {
        f"is_{kind}": sum(kind in home.kinds for home in homes)
        for kind in ("registered", "dibao", "tekun", "disabled", "special")
    }
    rated = Sum(("safe", "unsafe"))
    return {
        "homes": len(homes),
        "rated": rated,
        **cells,
        **{name: sum(map(test, homes)) for name, test in told.items()},
    }


async def make(conn: AsyncConnection, ask: Ask) -> Sequence[Sheet]:
    """O-25c: the ledger and its counts."""
    ledger = await read_ledger(conn, ask, ask.layout.sheet("main").columns)
    return [listed(ledger), counted(ledger)]


REPORTS: Final = (Report("O-25c", make, shelf="ledger"),)
