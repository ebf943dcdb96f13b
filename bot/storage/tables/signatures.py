"""Plan papers under signature: what was laid before everybody, who looked, who signed, who keeps a copy."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, SealedBytes, SealedText, metadata

signings = Table(
    "signings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=False),
    Column("form", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("content", SealedBytes("signings.content"), nullable=False),
    Column("state", Text, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("late_on", Date, nullable=True),
    Column("warned_at", Moment, nullable=True),
    Column("signed_at", Moment, nullable=True),
    Column("signed_digest", Text, nullable=True),
    Column("signed_content", SealedBytes("signings.signed_content"), nullable=True),
)
Index("ix_signings_household_id", signings.c.household_id, signings.c.form)
_open = signings.c.state == "open"
Index(
    "uq_signings_open",
    signings.c.household_id,
    signings.c.form,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)

signatures = Table(
    "signatures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("signing_id", Id, ForeignKey("signings.id"), nullable=False, index=True),
    Column("party", Text, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("name", SealedText("signatures.name"), nullable=False),
    Column("post", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("note", SealedText("signatures.note"), nullable=False),
    Column("evidence_id", Id, ForeignKey("evidence.id"), nullable=True, index=True),
    Column("digest", Text, nullable=False),
    Column("signed_at", Moment, nullable=False),
    Column("void_at", Moment, nullable=True),
)
_valid = signatures.c.void_at.is_(None)
Index(
    "uq_signatures_party",
    signatures.c.signing_id,
    signatures.c.party,
    unique=True,
    sqlite_where=_valid,
    postgresql_where=_valid,
)

signature_looks = Table(
    "signature_looks",
    metadata,
    Column("signing_id", Id, ForeignKey("signings.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("at", Moment, nullable=False),
)

signature_copies = Table(
    "signature_copies",
    metadata,
    Column("signing_id", Id, ForeignKey("signings.id"), primary_key=True),
    Column("keeper", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("at", Moment, nullable=False),
)

signature_links = Table(
    "signature_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("signing_id", Id, ForeignKey("signings.id"), nullable=False),
    Column("name", SealedText("signature_links.name"), nullable=False),
    Column("note", SealedText("signature_links.note"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=True),
)
