"""What a report is, what it is asked for, and what can stand in its way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import HubangError
from bot.render.table_layout import Layout
from bot.render.table_view import Sheet
from bot.rules.calendar import Period
from bot.services.office import Office
from bot.storage import regions
from bot.storage.regions import Level, Region

if TYPE_CHECKING:
    from bot.render.chart_view import Chart

Per: TypeAlias = Literal["month", "year", "day"]
"""What a report is made for when nobody says: this month, this year, or as things stand today."""
LEVELS: Final[tuple[Level, ...]] = ("village", "town", "county")


class ReportRefused(HubangError):
    """The table cannot be made. `reason` names the sentence for a chat: `reports.refused`."""

    reason = "failed"


class LevelUnfit(ReportRefused):
    """{report} is made for a {fit}; {region} is a {level}."""

    reason = "level"


class RegionEmpty(ReportRefused):
    """There is no household in {region}: nothing to count."""

    reason = "empty"


class SchemeOff(ReportRefused):
    """{report} belongs to the scheme {scheme}, which the county does not run."""

    reason = "scheme"


class Forbidden(ReportRefused):
    """{report} is forbidden under the scheme {scheme} ({clause})."""

    reason = "forbidden"


class NotOfOne(ReportRefused):
    """{report} is about a whole place: it cannot be made of a single household."""

    reason = "right"


def nothing(done: int, total: int | None) -> None:
    """Nobody wants to know how far the work is."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A report that is wanted: of which region, for which days, at which moment; and its words."""

    office: Office
    layout: Layout
    region: Region
    period: Period
    now: datetime
    scheme: str = ""
    """The scheme that it is about, for reports that exist for each of several; "" for the county's first."""
    household: int | None = None
    """The one household that it is about, for a report that can be of a single one."""
    progress: Callable[[int, int | None], None] = field(default=nothing)

    @property
    def today(self) -> date:
        """The county's day."""
        return self.office.today(self.now)

    @property
    def until(self) -> date:
        """The last day that counts: what is still to come is not known yet."""
        return min(self.period.last, self.today)

    @property
    def before(self) -> datetime:
        """The moment at which the last day that counts is over, in the county."""
        return self.end_of(self.until)

    @property
    def since(self) -> datetime:
        """The moment at which the period begins, in the county."""
        return datetime.combine(self.period.first, time(), self.office.zone)

    def end_of(self, day: date) -> datetime:
        """The moment at which a day is over in the county."""
        return datetime.combine(day + timedelta(days=1), time(), self.office.zone)

    @property
    def eve(self) -> date:
        """The day before the period."""
        return self.period.first - timedelta(days=1)

    def said(self, **facts: object) -> dict[str, object]:
        """What texts of every layout may name: region, period and its parts; and `facts`."""
        first, last, until = self.period.first, self.period.last, self.until
        return {
            "county": self.office.content.county.name,
            "region": self.region.name,
            "period": self.office.say("reports.period", first=first, last=last),
            "until": self.office.say("reports.day", day=until),
            "year": first.year,
            "month": last.month,
            "day": self.office.say("reports.day", day=self.today),
            **facts,
        }


Maker: TypeAlias = Callable[[AsyncConnection, Ask], Awaitable[Sequence[Sheet]]]
Drawer: TypeAlias = "Callable[[AsyncConnection, Ask], Awaitable[Sequence[Chart]]]"
Shelf: TypeAlias = Literal["table", "ledger", "list", "monthly", "targets", "analysis"]
"""Where a report stands among the others when somebody asks for a kind of them."""


@dataclass(frozen=True, slots=True)
class Report:
    """A kind of report: for which levels of region, per what, and how it is made.

    `schemes` are those of which the county must run one; none: it is not about a scheme.
    """

    id: str
    make: Maker
    levels: tuple[Level, ...] = LEVELS
    per: Per = "day"
    schemes: tuple[str, ...] = ()
    of_households: bool = True
    """Whether it has nothing to say where there is no household."""
    shelf: Shelf = "table"
    of_one: bool = False
    """Whether it can be made of a single household, by whoever may see that."""
    draw: Drawer | None = None
    """The charts that go with it."""


@dataclass(frozen=True)
class Places:
    """The region of a report with everything under it, in the order in which it was entered."""

    top: Region
    by_id: Mapping[int, Region]

    def at(self, level: Level) -> list[Region]:
        """The regions of a level, in order; the top itself when it is of that level."""
        return [region for region in self.by_id.values() if region.level == level]

    def of(self, region_id: int, level: Level) -> Region | None:
        """The region of a level in which this one lies, or which it is; None when it lies above the top."""
        found = (self.by_id[id] for id in self.by_id[region_id].lineage if id in self.by_id)
        return next((region for region in found if region.level == level), None)

    def name(self, region_id: int, level: Level) -> str:
        """The name of that region; "" when it lies above the top."""
        region = self.of(region_id, level)
        return "" if region is None else region.name

    def names(self, region_id: int) -> tuple[str, str]:
        """The names of the township and of the village of a region."""
        return self.name(region_id, "town"), self.name(region_id, "village")

    def within(self, region: Region, level: Level) -> list[Region]:
        """The regions of a level in another one, in order."""
        return [each for each in self.at(level) if region.id in each.lineage]

    @cached_property
    def parts(self) -> list[Region]:
        """The regions right under the top, or the top itself when there is none."""
        under = [region for region in self.by_id.values() if region.parent_id == self.top.id]
        return under or [self.top]

    @cached_property
    def _part_of(self) -> Mapping[int, Region]:
        parts = {part.id: part for part in self.parts}
        found = ((region.id, parts.keys() & set(region.lineage)) for region in self.by_id.values())
        return {id: parts[own.pop()] for id, own in found if own}

    def part(self, region_id: int) -> Region:
        """Which of the parts a region lies in; the top for itself, and for what lies above it."""
        return self._part_of.get(region_id, self.top)


async def places_of(conn: AsyncConnection, region: Region) -> Places:
    """The region with its ancestors' names at hand and everything under it."""
    above = await regions.get_many(conn, list(region.lineage))
    under = await regions.subtree(conn, region.id)
    # By the order in which they were entered: paths as text would put the tenth before the second.
    return Places(region, {each.id: each for each in sorted((*above, *under), key=lambda at: at.lineage)})
