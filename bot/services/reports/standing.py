"""How households stand under a scheme day by day: as the county approved, before that as the rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.pack import Outcome, Pack
from bot.services.reports.report import Ask
from bot.storage import region_wide, report_monitoring
from bot.storage.report_monitoring import Standing

OFFICIAL: Final[Mapping[str, str]] = {"yb": "county_colour", "hr": "filed_card"}
"""Where the procedure of a scheme ends in a standing of its own, the answer that tells it (ap.7, ap.6)."""


@dataclass(frozen=True, slots=True)
class Standings:
    """What was said of the households of a region, and what was approved in words, each oldest first."""

    pack: Pack
    said: Mapping[int, Sequence[Standing]]
    approved: Mapping[int, Sequence[tuple[date, str]]]
    _by_name: Mapping[str, Outcome] = field(init=False)
    _outside: Outcome | None = field(init=False)

    def __post_init__(self) -> None:
        """What was approved and is no outcome of the scheme lies outside its range."""
        outcomes = self.pack.outcomes
        object.__setattr__(self, "_by_name", {each.name: each for each in outcomes})
        object.__setattr__(self, "_outside", next((each for each in outcomes if each.silent), None))

    def official(self, household_id: int, on: date) -> str:
        """What was approved last up to that day; "" before."""
        approved = self.approved.get(household_id, ())
        return next((label for day, label in reversed(approved) if day <= on), "")

    def outcome(self, household_id: int, on: date) -> Outcome | None:
        """How a household stood on that day; None when nothing was said, or nothing that could be settled."""
        if label := self.official(household_id, on):
            return self._by_name.get(label, self._outside)
        said = self.said.get(household_id, ())
        verdict = next((each.verdict for each in reversed(said) if each.on <= on), "")
        return self.pack.outcome_by_id.get(verdict)

    def since(self, household_id: int, on: date) -> date | None:
        """The day from which on it has stood as on the day `on`; None when nothing was said."""
        now, found = self.outcome(household_id, on), None
        days = {each.on for each in self.said.get(household_id, ())}
        days |= {day for day, _ in self.approved.get(household_id, ())}
        for day in sorted((day for day in days if day <= on), reverse=True):
            if now is None or self.outcome(household_id, day) != now:
                break
            found = day
        return found


async def read_standings(conn: AsyncConnection, ask: Ask, pack: Pack) -> Standings:
    """Everything that was said and approved up to the last day that counts."""
    top, fact = ask.region.path, OFFICIAL.get(pack.scheme.id)
    said = await report_monitoring.standings(conn, top, pack.scheme.id, ask.until)
    if fact is None:
        return Standings(pack, said, {})
    info = ask.office.content.registry.get(fact)
    labels = info.options if info is not None else {}
    told = await region_wide.history(conn, top, [fact], ask.until)
    approved = {
        id: [(on, labels[code]) for on, code in course[fact] if code in labels] for id, course in told.items()
    }
    return Standings(pack, said, approved)
