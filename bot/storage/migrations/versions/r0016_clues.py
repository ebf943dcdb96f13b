"""Clues to households that may need help, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    points = {
        "household_id": "households",
        "region_id": "regions",
        "case_id": "cases",
        "person_id": "people",
        "settled_by": "people",
    }
    op.create_table(
        "clues",
        sa.Column("id", Id, nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("household_id", Id, nullable=True),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("case_id", Id, nullable=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("settled_by", Id, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_clues_{column}"))
            for column, to in points.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clues")),
    )
    op.create_index(op.f("ix_clues_household_id"), "clues", ["household_id"], unique=False)
    op.create_index("ix_clues_region_id", "clues", ["region_id", "state"], unique=False)
    op.create_index(op.f("ix_clues_case_id"), "clues", ["case_id"], unique=False)


def downgrade() -> None:
    """Take this revision back; the cases that clues opened stay."""
    for column in ("case_id", "household_id", "region_id"):
        op.drop_index(f"ix_clues_{column}", table_name="clues")
    op.drop_table("clues")
