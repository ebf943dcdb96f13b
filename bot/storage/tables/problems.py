"""What is wrong, or may be, at a household or in a region: the ledger of problems."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, SealedJson, SealedText, metadata

problems = Table(
    "problems",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("sub_problem", Text, nullable=False),
    Column("source", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("description", SealedText("problems.description"), nullable=False),
    Column("persons", SealedJson("problems.persons"), nullable=False),
    Column("reason", SealedText("problems.reason"), nullable=False),
    Column("grounds", SealedJson("problems.grounds"), nullable=False),
    Column("handling", SealedJson("problems.handling"), nullable=False),
    Column("deadline", Date, nullable=True),
    Column("recorded_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
    CheckConstraint("(household_id IS NULL) <> (region_id IS NULL)", name="ck_problems_one_subject"),
)
_open = problems.c.status.in_(["candidate", "confirmed"])
# One index for each kind of subject: in the other's index its NULL never equals another.
Index(
    "uq_problems_open",
    problems.c.household_id,
    problems.c.sub_problem,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index(
    "uq_problems_open_of_region",
    problems.c.region_id,
    problems.c.sub_problem,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("ix_problems_household_id", problems.c.household_id)
Index("ix_problems_region_id", problems.c.region_id)
