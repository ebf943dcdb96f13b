"""Every analysis in the catalogue's order (outputs.md D)."""

from __future__ import annotations

from typing import Final

from bot.services.reports import (
    analysis_classes,
    analysis_help,
    analysis_months,
    analysis_risks,
    analysis_villages,
)
from bot.services.reports.report import Report

REPORTS: Final[tuple[Report, ...]] = (
    *analysis_villages.REPORTS,
    *analysis_classes.REPORTS,
    *analysis_risks.REPORTS,
    *analysis_months.REPORTS,
    *analysis_help.REPORTS,
)
