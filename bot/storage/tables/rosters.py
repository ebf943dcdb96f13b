"""Rosters that somebody sent in a chat and that are not taken in yet."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Json, Moment, SealedBytes, metadata

roster_files = Table(
    "roster_files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("size", Integer, nullable=True),
    Column("remote_id", Text, nullable=True),
    Column("content", SealedBytes("roster_files.content"), nullable=True),
    Column("state", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("counts", Json, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment, nullable=False),
)
Index("ix_roster_files_state", roster_files.c.state, roster_files.c.id)
Index("ix_roster_files_person_id", roster_files.c.person_id)
