"""Households handed over from one cadre to the next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0012"
down_revision = "r0011a"
branch_labels = None
depends_on = None


OPEN = "state IN ('leaving', 'handover')"


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "handovers",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("leaves_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("successor_id", Id, nullable=True),
        sa.Column("named_by", Id, nullable=True),
        sa.Column("registered_by", Id, nullable=False),
        sa.Column("registered_at", Moment(), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("warned_at", Moment(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["people.id"], name=op.f(f"fk_handovers_{name}"))
            for name in ("person_id", "successor_id", "named_by", "registered_by")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_handovers_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index(op.f("ix_handovers_region_id"), "handovers", ["region_id"], unique=False)
    op.create_index(op.f("ix_handovers_successor_id"), "handovers", ["successor_id"], unique=False)
    where = sa.text(OPEN)
    op.create_index(
        "uq_handovers_open",
        "handovers",
        ["person_id", "region_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "handover_events",
        sa.Column("handover_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("household_ids", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_handover_events_handover_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_handover_events_person_id")),
        sa.PrimaryKeyConstraint("handover_id", "seq", name=op.f("pk_handover_events")),
    )


def downgrade() -> None:
    """Take this revision back; who is responsible for which household stays with the assignments."""
    op.drop_table("handover_events")
    where = sa.text(OPEN)
    op.drop_index("uq_handovers_open", table_name="handovers", sqlite_where=where, postgresql_where=where)
    op.drop_index(op.f("ix_handovers_successor_id"), table_name="handovers")
    op.drop_index(op.f("ix_handovers_region_id"), table_name="handovers")
    op.drop_table("handovers")
