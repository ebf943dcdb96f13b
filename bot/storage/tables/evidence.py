"""Photos that were sent with a questionnaire; the files themselves lie in a folder beside the database."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, metadata

evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=False, index=True),
    Column("key", Text, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("file_name", Text, nullable=False, unique=True),
    Column("remote_id", Text, nullable=True),
    Column("size", Integer, nullable=True),
    Column("sha256", Text, nullable=True),
    Column("state", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)
_pending = evidence.c.state == "pending"
Index("ix_evidence_pending", evidence.c.id, sqlite_where=_pending, postgresql_where=_pending)
