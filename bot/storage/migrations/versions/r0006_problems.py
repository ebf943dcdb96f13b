"""The ledger of problems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None

OPEN = "status IN ('candidate', 'confirmed')"


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "problems",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=True),
        sa.Column("region_id", Id, nullable=True),
        sa.Column("sub_problem", sa.Text(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("persons", Json(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("grounds", Json(), nullable=False),
        sa.Column("handling", Json(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.CheckConstraint(
            "(household_id IS NULL) <> (region_id IS NULL)", name=op.f("ck_problems_one_subject")
        ),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_problems_household_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_problems_region_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_problems_interview_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_problems_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
    )
    op.create_index("ix_problems_household_id", "problems", ["household_id"], unique=False)
    op.create_index("ix_problems_region_id", "problems", ["region_id"], unique=False)
    op.create_index(
        "uq_problems_open",
        "problems",
        ["household_id", "sub_problem"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index(
        "uq_problems_open_of_region",
        "problems",
        ["region_id", "sub_problem"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    """Take this revision back."""
    for name in ("uq_problems_open_of_region", "uq_problems_open"):
        op.drop_index(name, table_name="problems", sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN))
    op.drop_index("ix_problems_region_id", table_name="problems")
    op.drop_index("ix_problems_household_id", table_name="problems")
    op.drop_table("problems")
