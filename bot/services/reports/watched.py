"""The households of a scheme as its ledgers see them: standing, gaps, alerts, help, and how it went on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_view import Cell
from bot.rules.consequences import MeasureRule, Refusal
from bot.rules.measures import Measure, match_measures
from bot.rules.pack import Outcome, Pack
from bot.rules.reading import Reading, read
from bot.rules.updates import current, told_by
from bot.services.reports.answers import day_of
from bot.services.reports.homes import households_of, named, register
from bot.services.reports.report import Ask, Places, SchemeOff, places_of
from bot.services.reports.standing import Standings, read_standings
from bot.storage import region_wide, report_monitoring
from bot.storage.households import Household
from bot.storage.region_wide import Keeper
from bot.storage.report_monitoring import Dated, Told

ALL_INDICATORS: Final = "ind_all"
"""The fact of the shared rules that is made of the six indicators (R-IND-08)."""
OWN_INDICATORS: Final[Mapping[str, str]] = {"yb": "all_met"}
"""What stands for it in a scheme with a reading of its own: what may fall short is a gap there (R-YB-02)."""
CHECKED: Final = "monitoring_method"
"""An answer of every monthly check: when it has a value of a day, there was a check on that day."""
ON_THE_SPOT: Final = 1
"""Code of a check at the household's home (mc.h2)."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A household under a scheme on the last day that counts; `outcome` None: nothing was said of it yet.

    `official` is what the county approved in words, "" before. `checks` are its monthly checks, (day, way).
    """

    household: Household
    town: str
    village: str
    part: int
    facts: Mapping[str, Any]
    reading: Reading
    outcome: Outcome | None
    before: Outcome | None
    """How it stood on the day before the period."""
    official: str
    since: date | None
    """Since when it has stood as it does without a break."""
    alerts: Sequence[Told]
    checks: Sequence[tuple[date, Any]]
    measures: Sequence[Measure]
    rules: Mapping[str, MeasureRule]
    keeper: Keeper | None

    def get(self, name: str) -> Any:
        """A fact; None when it is not known."""
        return self.facts.get(name)

    @property
    def kept(self) -> bool:
        """Whether it is in the scheme's range."""
        return self.outcome is not None and not self.outcome.silent

    def day(self, name: str) -> date | None:
        """A fact that is a day."""
        return day_of(self.facts.get(name))

    @property
    def address(self) -> str:
        """Where it lives, in one cell."""
        return f"{self.town}{self.village}{self.household.village_group}"

    @property
    def named(self) -> dict[str, Cell]:
        """Where it lives and who it is, in cells."""
        return named(self.household, self.town, self.village)

    def gaps(self, indicators: Iterable[str], truth: bool | None = False) -> list[str]:
        """The indicators that are not met; with `truth` None those that are not known."""
        return [name for name in indicators if self.reading.truth(name) is truth]

    @property
    def departments(self) -> list[str]:
        """Whose business its situation is: of what mends its gaps, without any of what else it calls for."""
        mending = [each for each in self.measures if each.mends]
        called = mending or [each for each in self.measures if self.rules[each.id].when]
        return list(dict.fromkeys(office.name for each in called for office in each.departments))


@dataclass(frozen=True, slots=True)
class Watch:
    """The households of a region under a scheme, in the register's order."""

    pack: Pack
    places: Places
    indicators: tuple[str, ...]
    homes: Sequence[Watched]

    @property
    def kept(self) -> list[Watched]:
        """Those in the scheme's range."""
        return [home for home in self.homes if home.kept]

    @property
    def unsaid(self) -> int:
        """How many households nothing was said of, or nothing that could be settled."""
        return sum(home.outcome is None for home in self.homes)

    @property
    def outcomes(self) -> list[Outcome]:
        """What a household in the range can be, the worst off first."""
        return sorted((each for each in self.pack.outcomes if not each.silent), key=lambda each: each.rank)


def pack_of(ask: Ask) -> Pack:
    """The scheme that the report is about: the one asked for, or the county's first about households."""
    content = ask.office.content
    scheme = ask.scheme or next(iter(content.households_by), "")
    if scheme not in content.households_by:
        raise SchemeOff(report=ask.layout.id, scheme=scheme)
    return content.packs[scheme]


def indicators_of(pack: Pack) -> tuple[str, ...]:
    """The indicators by which the scheme finds gaps, in the order of the shared rules."""
    whole = OWN_INDICATORS.get(pack.scheme.id, ALL_INDICATORS)
    return tuple(term.fact for term in pack.facts[whole].all_of)


def shared_names(pack: Pack) -> dict[str, str]:
    """Which indicator of the shared rules each of the scheme's is."""
    shared = (term.fact for term in pack.facts[ALL_INDICATORS].all_of)
    return dict(zip(indicators_of(pack), shared, strict=True))


def _answers(pack: Pack, names: Iterable[str]) -> frozenset[str]:
    """The answers on which gaps and help rest, with those that say something of them, and `names`."""
    rules: list[MeasureRule | Refusal] = [*pack.measures, *pack.refusals]
    terms = [term for rule in rules for term in rule.when]
    mended = {fact for rule in pack.measures for fact in rule.mends}
    facts = {*indicators_of(pack), *mended, *(term.fact for term in terms)}
    answers = frozenset(name for fact in facts for name in pack.answers_of(fact))
    return told_by(pack.updates, answers) | frozenset(names)


async def watch(conn: AsyncConnection, ask: Ask, names: Iterable[str] = ()) -> Watch:
    """Everything about the region's households under the scheme, with the facts `names` beside.

    RegionEmpty when there is no household, SchemeOff when the county does not run the scheme.
    """
    pack = pack_of(ask)
    top, places = ask.region.path, await places_of(conn, ask.region)
    homes = await households_of(conn, ask)
    answers = await report_monitoring.dated(conn, top, _answers(pack, names), ask.until, ask.before)
    told = await report_monitoring.told(conn, top, ask.before)
    checks = await region_wide.history(conn, top, [CHECKED], ask.until)
    keepers = await region_wide.keepers(conn, top)
    reader = _Reader(ask, pack, places, await read_standings(conn, ask, pack))
    found: list[Watched] = []
    for home in homes:
        seen = reader.watched(
            home,
            answers.get(home.id) or Dated({}, {}),
            told.get(home.id, ()),
            checks.get(home.id, {}).get(CHECKED, ()),
            keepers.get(home.id),
        )
        found.append(seen)
        ask.progress(len(found), len(homes))
    return Watch(pack, places, indicators_of(pack), found)


class _Reader:
    """Reads households one by one, with what is the same for all of them at hand."""

    def __init__(self, ask: Ask, pack: Pack, places: Places, standings: Standings) -> None:
        self.ask = ask
        self.pack = pack
        self.places = places
        self.standings = standings
        self.parameters = ask.office.content.form_parameters(ask.until)
        self.rules = {rule.id: rule for rule in pack.measures}
        self.warns = {rule.id for rule in pack.alerts}
        self.on = max(ask.until, pack.scheme.start)

    def watched(
        self,
        home: Household,
        said: Dated,
        told: Sequence[Told],
        checks: Sequence[tuple[date, Any]],
        keeper: Keeper | None,
    ) -> Watched:
        until, stood = self.ask.until, self.standings
        facts = current(
            self.pack.updates, {**register(home), **said.values}, said.moments, self.parameters, until
        )
        outcome = stood.outcome(home.id, until)
        help_ = match_measures(self.pack, facts, outcome.id, self.on) if outcome is not None else ()
        return Watched(
            home,
            *self.places.names(home.region_id),
            self.places.part(home.region_id).id,
            facts,
            read(self.pack, facts, self.on),
            outcome,
            stood.outcome(home.id, self.ask.eve),
            stood.official(home.id, until),
            stood.since(home.id, until),
            [alert for alert in told if alert.rule in self.warns],
            checks,
            help_,
            self.rules,
            keeper,
        )
