"""The households of the four cards: what the rules suggest, what the county decided, what is done (O-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.rules.pack import Outcome, Pack
from bot.services.reports.card_procedure import Course, courses
from bot.services.reports.report import Ask
from bot.services.reports.watched import Watch, Watched
from bot.storage import report_lists, report_monitoring
from bot.storage.report_lists import Done, Planned

UNLIFTED, LIFTED, OUTSIDE = 1, 2, 3
"""Codes of the register status."""
VISITS, CONTACTS = "visit", "contact"


@dataclass(frozen=True, slots=True)
class Carded:
    """A household with the card that the rules suggest and how far its procedure is.

    `said` is None while nothing was said of it; `outcome` also while what was said is to verify.
    """

    home: Watched
    said: str | None
    outcome: Outcome | None
    course: Course
    plan: Planned | None
    done: Mapping[str, Done]

    @property
    def status(self) -> int | None:
        """Its status on the register."""
        found: int | None = self.home.get("reg_status")
        return found

    @property
    def listed(self) -> bool:
        """Whether it belongs on the list: registered, with a card, or in the procedure for one."""
        suggested = self.outcome is not None and not self.outcome.silent
        return self.status in (UNLIFTED, LIFTED) or suggested or self.course.step > 0


async def carded(conn: AsyncConnection, ask: Ask, pack: Pack, seen: Watch) -> list[Carded]:
    """The households with cards and procedures, in the register's order."""
    top = ask.region.path
    said = await report_monitoring.standings(conn, top, pack.scheme.id, ask.until)
    procedures = await courses(conn, ask, pack.scheme.code)
    plans = await report_lists.plans_until(conn, top, ask.before)
    year = date(ask.until.year, 1, 1), date(ask.until.year, 12, 31)
    done: dict[int, dict[str, Done]] = {}
    counted = await report_lists.done_of(conn, top, (VISITS, CONTACTS), *year, ask.before)
    for (household, kind), each in counted.items():
        done.setdefault(household, {})[kind] = each
    found = []
    for home in seen.homes:
        id = home.household.id
        verdict = said[id][-1].verdict if id in said else None
        found.append(
            Carded(
                home,
                verdict,
                pack.outcome_by_id.get(verdict or ""),
                procedures.get(id) or Course(),
                plans.get(id),
                done.get(id, {}),
            )
        )
    return found
