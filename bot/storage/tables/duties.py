"""What is due at households and in regions, what was put off, and what supervisors were warned of."""

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

from bot.storage.columns import Id, Moment, SealedJson, SealedText, metadata

duties = Table(
    "duties",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=True, index=True),
    Column("kind", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("window_start", Date, nullable=False),
    Column("remind_at", Moment, nullable=True),
    Column("stage", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("done_by_interview", Id, ForeignKey("interviews.id"), nullable=True),
    Column("text", SealedJson("duties.text"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=True),
    UniqueConstraint("household_id", "kind", "due"),
    UniqueConstraint("region_id", "kind", "due"),
    CheckConstraint("(household_id IS NULL) <> (region_id IS NULL)", name="ck_duties_one_subject"),
)
_open = duties.c.state.in_(["planned", "reminded"])
Index("ix_duties_remind_at", duties.c.remind_at, sqlite_where=_open, postgresql_where=_open)
Index("ix_duties_person_id", duties.c.person_id, duties.c.due, sqlite_where=_open, postgresql_where=_open)
Index("ix_duties_open_due", duties.c.due, sqlite_where=_open, postgresql_where=_open)

postponements = Table(
    "postponements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("duty_id", Id, ForeignKey("duties.id"), nullable=False, index=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("until", Date, nullable=True),
    Column("reason", SealedText("postponements.reason"), nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_by", Id, ForeignKey("people.id"), nullable=True),
    Column("decided_at", Moment, nullable=True),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("household_id", Id, ForeignKey("households.id"), nullable=True),
    Column("region_id", Id, ForeignKey("regions.id"), nullable=True),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("facts", SealedJson("alerts.facts"), nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("interview_id", Id, ForeignKey("interviews.id"), nullable=True),
    Column("state", Text, nullable=False),
    UniqueConstraint("household_id", "kind", "subject", "interview_id"),
    CheckConstraint("(household_id IS NULL) <> (region_id IS NULL)", name="ck_alerts_one_subject"),
)
_uncaused = alerts.c.interview_id.is_(None)
# NULLs never equal one another: an alert that no interview caused needs its own guard.
Index(
    "uq_alerts_without_interview",
    alerts.c.household_id,
    alerts.c.kind,
    alerts.c.subject,
    unique=True,
    sqlite_where=_uncaused,
    postgresql_where=_uncaused,
)
_of_region = alerts.c.region_id.is_not(None)
Index(
    "uq_alerts_of_region",
    alerts.c.region_id,
    alerts.c.kind,
    alerts.c.subject,
    unique=True,
    sqlite_where=_of_region,
    postgresql_where=_of_region,
)

alert_recipients = Table(
    "alert_recipients",
    metadata,
    Column("alert_id", Id, ForeignKey("alerts.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("handed_to", Id, ForeignKey("people.id"), nullable=True),
    Column("at", Moment, nullable=False),
)
Index("ix_alert_recipients_person_id_state", alert_recipients.c.person_id, alert_recipients.c.state)
_waiting = alert_recipients.c.state == "waiting"
Index(
    "ix_alert_recipients_waiting",
    alert_recipients.c.at,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
