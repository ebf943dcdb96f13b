"""Duties and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "alerts",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_alerts_household_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_alerts_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint(
            "household_id",
            "kind",
            "subject",
            "interview_id",
            name=op.f("uq_alerts_household_id_kind_subject_interview_id"),
        ),
    )
    op.create_index(
        "uq_alerts_without_interview",
        "alerts",
        ["household_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("interview_id IS NULL"),
        postgresql_where=sa.text("interview_id IS NULL"),
    )
    op.create_table(
        "duties",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("remind_at", Moment(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_by_interview", Id, nullable=True),
        sa.Column("text", Json(), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["done_by_interview"], ["interviews.id"], name=op.f("fk_duties_done_by_interview")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_duties_household_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_duties_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint("household_id", "kind", "due", name=op.f("uq_duties_household_id_kind_due")),
    )
    op.create_index(
        "ix_duties_open_due",
        "duties",
        ["due"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'reminded')"),
        postgresql_where=sa.text("state IN ('planned', 'reminded')"),
    )
    op.create_index(
        "ix_duties_person_id",
        "duties",
        ["person_id", "due"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'reminded')"),
        postgresql_where=sa.text("state IN ('planned', 'reminded')"),
    )
    op.create_index(
        "ix_duties_remind_at",
        "duties",
        ["remind_at"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "alert_recipients",
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("handed_to", Id, nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_alert_recipients_alert_id")),
        sa.ForeignKeyConstraint(["handed_to"], ["people.id"], name=op.f("fk_alert_recipients_handed_to")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_alert_recipients_person_id")),
        sa.PrimaryKeyConstraint("alert_id", "person_id", name=op.f("pk_alert_recipients")),
    )
    op.create_index(
        "ix_alert_recipients_person_id_state", "alert_recipients", ["person_id", "state"], unique=False
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index("ix_alert_recipients_person_id_state", table_name="alert_recipients")
    op.drop_table("alert_recipients")
    op.drop_index(
        "ix_duties_remind_at",
        table_name="duties",
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.drop_index(
        "ix_duties_person_id",
        table_name="duties",
        sqlite_where=sa.text("state IN ('planned', 'reminded')"),
        postgresql_where=sa.text("state IN ('planned', 'reminded')"),
    )
    op.drop_index(
        "ix_duties_open_due",
        table_name="duties",
        sqlite_where=sa.text("state IN ('planned', 'reminded')"),
        postgresql_where=sa.text("state IN ('planned', 'reminded')"),
    )
    op.drop_table("duties")
    op.drop_index(
        "uq_alerts_without_interview",
        table_name="alerts",
        sqlite_where=sa.text("interview_id IS NULL"),
        postgresql_where=sa.text("interview_id IS NULL"),
    )
    op.drop_table("alerts")
