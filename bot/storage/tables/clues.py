"""Clues to households that may need help, each with where it came from."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text

from bot.storage.columns import Id, Moment, SealedText, metadata

clues = Table(
    "clues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=False),
    Column("name", SealedText("clues.name"), nullable=False),
    Column("village", Text, nullable=False),
    Column("id_number", SealedText("clues.id_number"), nullable=True),
    Column("words", SealedText("clues.words"), nullable=False),
    Column("state", Text, nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("settled_by", Id, ForeignKey("people.id"), nullable=True),
    Column("reason", SealedText("clues.reason"), nullable=False),
)
Index("ix_clues_household_id", clues.c.household_id)
Index("ix_clues_region_id", clues.c.region_id, clues.c.state)
Index("ix_clues_case_id", clues.c.case_id)
