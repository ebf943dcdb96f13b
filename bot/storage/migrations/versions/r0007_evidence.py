"""Photos that were sent with a questionnaire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "evidence",
        sa.Column("id", Id, nullable=False),
        sa.Column("interview_id", Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_evidence_interview_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_evidence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("file_name", name=op.f("uq_evidence_file_name")),
    )
    op.create_index(op.f("ix_evidence_interview_id"), "evidence", ["interview_id"], unique=False)
    op.create_index(
        "ix_evidence_pending",
        "evidence",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def downgrade() -> None:
    """Take this revision back; the files stay where they are."""
    op.drop_index(
        "ix_evidence_pending",
        table_name="evidence",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_index(op.f("ix_evidence_interview_id"), table_name="evidence")
    op.drop_table("evidence")
