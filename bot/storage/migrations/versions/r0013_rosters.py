"""Rosters that are being taken in, and the codes by which they know regions and households."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    # A unique index beside the table, and not a constraint in it: no table is rebuilt for it.
    for table in ("regions", "households"):
        op.add_column(table, sa.Column("code", sa.Text(), nullable=True))
        op.create_index(op.f(f"ix_{table}_code"), table, ["code"], unique=True)
    op.create_table(
        "roster_files",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roster_files_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_files")),
    )
    op.create_index(op.f("ix_roster_files_state"), "roster_files", ["state", "id"], unique=False)
    op.create_index(op.f("ix_roster_files_person_id"), "roster_files", ["person_id"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_roster_files_person_id"), table_name="roster_files")
    op.drop_index(op.f("ix_roster_files_state"), table_name="roster_files")
    op.drop_table("roster_files")
    for table in ("households", "regions"):
        op.drop_index(op.f(f"ix_{table}_code"), table_name=table)
        op.drop_column(table, "code")
