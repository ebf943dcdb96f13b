"""All tables of the product, gathered so that `metadata` knows every one of them."""

from __future__ import annotations

from bot.storage.columns import metadata
from bot.storage.tables.audit import audit, audit_floor
from bot.storage.tables.cases import case_events, cases
from bot.storage.tables.clues import clues
from bot.storage.tables.duties import alert_recipients, alerts, duties, postponements
from bot.storage.tables.evidence import evidence
from bot.storage.tables.findings import answer_log, facts, files, interviews, plans, verdicts
from bot.storage.tables.handovers import handover_events, handovers
from bot.storage.tables.households import assignments, households, members
from bot.storage.tables.papers import orders, paper_frames, papers
from bot.storage.tables.people import accounts, appointments, invitations, people, regions
from bot.storage.tables.post import chats, inbox, lanes, outbox, pauses
from bot.storage.tables.problems import problems
from bot.storage.tables.rosters import roster_files
from bot.storage.tables.signatures import (
    signature_copies,
    signature_links,
    signature_looks,
    signatures,
    signings,
)

__all__ = [
    "accounts",
    "alert_recipients",
    "alerts",
    "answer_log",
    "appointments",
    "assignments",
    "audit",
    "audit_floor",
    "case_events",
    "cases",
    "chats",
    "clues",
    "duties",
    "evidence",
    "facts",
    "files",
    "handover_events",
    "handovers",
    "households",
    "inbox",
    "interviews",
    "invitations",
    "lanes",
    "members",
    "metadata",
    "orders",
    "outbox",
    "paper_frames",
    "papers",
    "pauses",
    "people",
    "plans",
    "postponements",
    "problems",
    "regions",
    "roster_files",
    "signature_copies",
    "signature_links",
    "signature_looks",
    "signatures",
    "signings",
    "verdicts",
]
