"""What somebody asked to put off or to leave undone, and alerts that wait for the morning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0011a"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "postponements",
        sa.Column("id", Id, nullable=False),
        sa.Column("duty_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("decided_by", Id, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duties.id"], name=op.f("fk_postponements_duty_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_postponements_person_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_postponements_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postponements")),
    )
    op.create_index(op.f("ix_postponements_duty_id"), "postponements", ["duty_id"], unique=False)
    op.create_index(
        "ix_alert_recipients_waiting",
        "alert_recipients",
        ["at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    """Take this revision back: what waited for the morning is as good as sent."""
    op.drop_index(
        "ix_alert_recipients_waiting",
        table_name="alert_recipients",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.execute("UPDATE alert_recipients SET state = 'sent' WHERE state = 'waiting'")
    op.drop_index(op.f("ix_postponements_duty_id"), table_name="postponements")
    op.drop_table("postponements")
    op.execute("UPDATE duties SET state = 'cancelled' WHERE state = 'waived'")
