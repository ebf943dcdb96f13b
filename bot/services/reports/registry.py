"""Every report that there is, by its id in the catalogue, in the catalogue's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.services.reports import (
    analysis_shelf,
    card_lists,
    dividends,
    due_and_done,
    housing,
    look_back,
    look_back_paper,
    monitoring_ledgers,
    network_reports,
    outside_systems,
    problem_lists,
    publicity,
    sharing,
    signatures,
    supervision,
    town_support,
    township,
    village_exit,
    village_month,
    work_counts,
    yearly,
)
from bot.services.reports.report import Report

FAMILIES: Final[tuple[tuple[Report, ...], ...]] = (
    yearly.REPORTS,
    look_back.REPORTS,
    township.REPORTS,
    village_exit.REPORTS,
    problem_lists.REPORTS,
    town_support.REPORTS,
    supervision.REPORTS,
    card_lists.REPORTS,
    publicity.REPORTS,
    monitoring_ledgers.REPORTS,
    network_reports.REPORTS,
    village_month.REPORTS,
    due_and_done.REPORTS,
    sharing.REPORTS,
    outside_systems.REPORTS,
    look_back_paper.REPORTS,
    work_counts.REPORTS,
    housing.REPORTS,
    dividends.REPORTS,
    signatures.REPORTS,
    analysis_shelf.REPORTS,
)
REPORTS: Final[Mapping[str, Report]] = {report.id: report for family in FAMILIES for report in family}
