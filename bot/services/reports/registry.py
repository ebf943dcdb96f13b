"""Every report that there is, by its id in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.services.reports.report import Report

FAMILIES: Final[tuple[tuple[Report, ...], ...]] = ()
REPORTS: Final[Mapping[str, Report]] = {report.id: report for family in FAMILIES for report in family}
