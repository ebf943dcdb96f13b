"""All tables of the product, gathered so that `metadata` knows every one of them."""

from __future__ import annotations

from bot.storage.columns import metadata
from bot.storage.tables.cases import case_events, cases
from bot.storage.tables.duties import alert_recipients, alerts, duties
from bot.storage.tables.evidence import evidence
from bot.storage.tables.findings import answer_log, facts, files, interviews, plans, verdicts
from bot.storage.tables.households import assignments, households, members
from bot.storage.tables.papers import orders, paper_frames, papers
from bot.storage.tables.people import accounts, appointments, invitations, people, regions
from bot.storage.tables.post import chats, inbox, lanes, outbox, pauses
from bot.storage.tables.problems import problems

__all__ = [
    "accounts",
    "alert_recipients",
    "alerts",
    "answer_log",
    "appointments",
    "assignments",
    "case_events",
    "cases",
    "chats",
    "duties",
    "evidence",
    "facts",
    "files",
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
    "problems",
    "regions",
    "verdicts",
]
