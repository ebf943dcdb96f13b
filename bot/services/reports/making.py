"""Making a report: the region, the days, the book of sheets; nothing is written before all of it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.render.table_layout import Layout
from bot.render.table_view import Book, Cell, Noted, Sheet
from bot.rules.calendar import Period, period_of
from bot.services.office import Office, veiled
from bot.services.reports.registry import REPORTS
from bot.services.reports.report import (
    Ask,
    LevelUnfit,
    NotOfOne,
    RegionEmpty,
    Report,
    SchemeOff,
    nothing,
)
from bot.storage import region_wide
from bot.storage.regions import Region


def usual_period(report: Report, today: date) -> Period:
    """The days for which the report is made when nobody says: up to now, or this month or year."""
    if report.per == "day":
        return Period(date(today.year, 1, 1), today)
    return period_of(today, report.per)


def period_meant(report: Report, when: str, today: date) -> Period:
    """The days that are meant by "now" or "last": the usual ones, or the month or year before them."""
    now = usual_period(report, today)
    if when != "last" or report.per == "day":
        return now
    return period_of(now.first - timedelta(days=1), report.per)


def available(office: Office, region: Region) -> list[Report]:
    """The reports that can be made for a region in this county, in the order of the catalogue."""
    running = office.content.county.schemes
    return [
        report
        for report in REPORTS.values()
        if region.level in report.levels and (not report.schemes or set(report.schemes) & set(running))
    ]


def ask_for(
    office: Office,
    report: Report,
    region: Region,
    now: datetime,
    *,
    period: Period | None = None,
    scheme: str = "",
    household: int | None = None,
    progress: Callable[[int, int | None], None] = nothing,
) -> Ask:
    """What is wanted; LevelUnfit or SchemeOff when the county or the region does not have it.

    NotOfOne when a household is named for a report about places: whoever may see the one may not see all.
    """
    layout: Layout = office.content.layouts[report.id]
    if household is not None and not report.of_one:
        raise NotOfOne(report=report.id)
    if region.level not in report.levels and household is None:
        fit = " or a ".join(report.levels)
        raise LevelUnfit(report=report.id, fit=fit, region=region.name, level=region.level)
    running = office.content.county.schemes
    own = [id for id in report.schemes if id in running]
    if scheme and scheme not in running:
        raise SchemeOff(report=report.id, scheme=scheme)
    if report.schemes and not own:
        raise SchemeOff(report=report.id, scheme=" / ".join(report.schemes))
    days = period or usual_period(report, office.today(now))
    return Ask(office, layout, region, days, now, scheme or next(iter(own), ""), household, progress)


async def make(conn: AsyncConnection, report: Report, ask: Ask) -> Book:
    """The book of a report; RegionEmpty when it is about households and there is none."""
    if report.of_households and not await region_wide.any_home(conn, ask.region.path):
        raise RegionEmpty(region=ask.region.name)
    sheets = tuple(_veiled(sheet) for sheet in await report.make(conn, ask))
    return Book(ask.layout.name, ask.today, sheets, ask.office.say("reports.foot"))


def _veiled(sheet: Sheet) -> Sheet:
    """The sheet without the identity numbers that somebody may have typed into any free text.

    This is the one place where tables are veiled, whatever they are made of.
    """

    def shown(cell: Cell) -> Cell:
        if isinstance(cell, Noted):
            return replace(cell, value=shown(cell.value), note=veiled(cell.note))  # type: ignore[arg-type]
        return veiled(cell) if isinstance(cell, str) else cell

    rows = [replace(row, cells={id: shown(cell) for id, cell in row.cells.items()}) for row in sheet.rows]
    return replace(
        sheet,
        title=veiled(sheet.title),
        about=tuple(map(veiled, sheet.about)),
        notes=tuple(map(veiled, sheet.notes)),
        rows=rows,
    )
