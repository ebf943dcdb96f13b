"""Every report that there is, by its id in the catalogue, in the catalogue's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.services.reports import (
    card_lists,
    look_back,
    monitoring_ledgers,
    problem_lists,
    publicity,
    village_month,
)
from bot.services.reports.report import Report

FAMILIES: Final[tuple[tuple[Report, ...], ...]] = (
    look_back.REPORTS,
    problem_lists.REPORTS,
    card_lists.REPORTS,
    publicity.REPORTS,
    monitoring_ledgers.REPORTS,
    village_month.REPORTS,
)
REPORTS: Final[Mapping[str, Report]] = {report.id: report for family in FAMILIES for report in family}
