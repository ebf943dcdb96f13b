"""Who saw or changed what: rows that are only ever added, and chained to one another afterwards."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, SealedText, metadata

# No foreign keys: what was done stays on record whatever becomes of whom it was done to.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("person_id", Id, nullable=True),
    Column("deed", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Id, nullable=True),
    Column("what", SealedText("audit.what"), nullable=True),
    Column("digest", Text, nullable=False),
    Column("seq", Id, nullable=True, unique=True),
    Column("hash", Text, nullable=True),
    sqlite_autoincrement=True,
)
_unchained = audit.c.seq.is_(None)
Index("ix_audit_unchained", audit.c.id, sqlite_where=_unchained, postgresql_where=_unchained)
Index("ix_audit_subject", audit.c.subject, audit.c.subject_id, audit.c.id)
Index("ix_audit_person_id", audit.c.person_id, audit.c.id)

audit_floor = Table(
    "audit_floor",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", Id, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
"""Where the chain begins once its oldest rows were dropped: their number and the hash of the last of them."""
