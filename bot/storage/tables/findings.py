"""What was said at the door and what followed from it: interviews, facts, verdicts, plans, papers."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.storage.columns import Id, Json, Moment, SealedBytes, SealedJson, SealedText, metadata

_ONE_SUBJECT = "(household_id IS NULL) <> (region_id IS NULL)"

interviews = Table(
    "interviews",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("form", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("session", SealedJson("interviews.session"), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("submitted_at", Moment, nullable=True),
    Column("visited_at", Moment, nullable=True),
    Column("context", SealedJson("interviews.context"), nullable=False),
    CheckConstraint(_ONE_SUBJECT, name="ck_interviews_one_subject"),
)
Index("ix_interviews_household_id_form", interviews.c.household_id, interviews.c.form)
Index("ix_interviews_region_id_form", interviews.c.region_id, interviews.c.form)
Index("ix_interviews_person_id_state", interviews.c.person_id, interviews.c.state)

answer_log = Table(
    "answer_log",
    metadata,
    Column("interview_id", Id, ForeignKey("interviews.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("before", SealedJson("answer_log.before", absent=True), nullable=True),
    Column("after", SealedJson("answer_log.after", absent=True), nullable=True),
    Column("at", Moment, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("update_id", Id, nullable=True),
)

facts = Table(
    "facts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("name", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("period", Text, nullable=False),
    Column("value", SealedJson("facts.value"), nullable=True),
    Column("as_of", Date, nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("source", Text, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("superseded_at", Moment, nullable=True),
    CheckConstraint(_ONE_SUBJECT, name="ck_facts_one_subject"),
)
_current = facts.c.superseded_at.is_(None)
# One index for each kind of subject: in the other's index its NULL never equals another.
Index(
    "uq_facts_current",
    facts.c.household_id,
    facts.c.name,
    facts.c.row,
    facts.c.period,
    unique=True,
    sqlite_where=_current,
    postgresql_where=_current,
)
Index(
    "uq_facts_current_of_region",
    facts.c.region_id,
    facts.c.name,
    facts.c.row,
    facts.c.period,
    unique=True,
    sqlite_where=_current,
    postgresql_where=_current,
)
Index("ix_facts_household_id_name", facts.c.household_id, facts.c.name)
Index("ix_facts_region_id_name", facts.c.region_id, facts.c.name)
Index("ix_facts_interview_id", facts.c.interview_id)

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=False),
    Column("scheme", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("row", Text, nullable=True),
    Column("missing", Json, nullable=False),
    Column("flags", Json, nullable=False),
    Column("facts", SealedJson("verdicts.facts"), nullable=False),
    Column("numbers", SealedJson("verdicts.numbers"), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("decided_at", Moment, nullable=False),
)
Index(
    "ix_verdicts_household_id_scheme_on",
    verdicts.c.household_id,
    verdicts.c.scheme,
    verdicts.c.on,
    verdicts.c.id,
)

plans = Table(
    "plans",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("snapshot", SealedJson("plans.snapshot"), nullable=False),
    Column("summary", SealedText("plans.summary"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("document_name", Text, nullable=True),
    UniqueConstraint("household_id", "version"),
)

files = Table(
    "files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("content", SealedBytes("files.content"), nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("household_id", "name"),
)
