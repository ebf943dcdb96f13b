"""Households changing hands: a cadre who leaves, whoever is to follow, and what each of them did."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Json, Moment, SealedText, metadata

handovers = Table(
    "handovers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=False, index=True),
    Column("leaves_on", Date, nullable=False),
    Column("reason", SealedText("handovers.reason"), nullable=False),
    Column("state", Text, nullable=False),
    Column("successor_id", Id, ForeignKey("people.id"), nullable=True, index=True),
    Column("named_by", Id, ForeignKey("people.id"), nullable=True),
    Column("registered_by", Id, ForeignKey("people.id"), nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("closed_at", Moment, nullable=True),
    Column("warned_at", Moment, nullable=True),
)
_open = handovers.c.state.in_(["leaving", "handover"])
Index(
    "uq_handovers_open",
    handovers.c.person_id,
    handovers.c.region_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)

handover_events = Table(
    "handover_events",
    metadata,
    Column("handover_id", Id, ForeignKey("handovers.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("comment", SealedText("handover_events.comment"), nullable=False),
    Column("household_ids", Json, nullable=False),
)
