"""Plan papers with what they were made from, and orders for tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "paper_frames",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sentences", sa.Text(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_paper_frames")),
    )
    op.create_table(
        "papers",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("frame_digest", sa.Text(), nullable=False),
        sa.Column("snapshot", Json(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_papers_household_id")),
        sa.ForeignKeyConstraint(
            ["frame_digest"], ["paper_frames.digest"], name=op.f("fk_papers_frame_digest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint(
            "household_id", "form", "version", name=op.f("uq_papers_household_id_form_version")
        ),
    )
    op.create_table(
        "orders",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wanted", Json(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ordered_at", Moment(), nullable=False),
        sa.Column("file_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_orders_person_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_orders_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    op.create_index(
        "ix_orders_waiting",
        "orders",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_orders_person_id"), "orders", ["person_id"], unique=False)


def downgrade() -> None:
    """Take this revision back; what was made of it stays among the files."""
    op.drop_index(op.f("ix_orders_person_id"), table_name="orders")
    op.drop_index(
        "ix_orders_waiting",
        table_name="orders",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_table("orders")
    op.drop_table("papers")
    op.drop_table("paper_frames")
