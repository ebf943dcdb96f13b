"""Cases: a household, region, questionnaire, problem or paper on its way through a procedure."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text

from bot.storage.columns import Id, Moment, SealedJson, SealedText, metadata
from bot.storage.tables.problems import problems

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure", Text, nullable=False),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True, index=True),
    Column("problem_id", Id, ForeignKey(problems.c.id), nullable=True, index=True),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("due", Date, nullable=True),
    Column("open", Integer, nullable=False),
    Column("department", Text, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
    Column("data", SealedJson("cases.data"), nullable=False),
    Column("opened_at", Moment, nullable=False),
    CheckConstraint("(household_id IS NULL) <> (region_id IS NULL)", name="ck_cases_one_subject"),
)
_open = cases.c.open == 1
Index("ix_cases_household_id", cases.c.household_id, cases.c.procedure)
Index("ix_cases_region_id", cases.c.region_id, cases.c.procedure)
Index("ix_cases_open", cases.c.procedure, cases.c.state, sqlite_where=_open, postgresql_where=_open)

case_events = Table(
    "case_events",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
    Column("post", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("comment", SealedText("case_events.comment"), nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("data", SealedJson("case_events.data"), nullable=False),
)
