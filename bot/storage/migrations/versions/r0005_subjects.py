"""Interviews and facts about a region besides those about a household."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None

ONE_SUBJECT = "(household_id IS NULL) <> (region_id IS NULL)"


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table in ("interviews", "facts"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("region_id", Id, nullable=True))
            batch.alter_column("household_id", existing_type=Id, nullable=True)
            batch.create_foreign_key(op.f(f"fk_{table}_region_id"), "regions", ["region_id"], ["id"])
            batch.create_check_constraint(op.f(f"ck_{table}_one_subject"), sa.text(ONE_SUBJECT))
    op.create_index("ix_interviews_region_id_form", "interviews", ["region_id", "form"], unique=False)
    op.create_index("ix_facts_region_id_name", "facts", ["region_id", "name"], unique=False)
    op.create_index(
        "uq_facts_current_of_region",
        "facts",
        ["region_id", "name", "row", "period"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def downgrade() -> None:
    """Take this revision back; what was learnt of regions has no place in the earlier shape."""
    of_region = "SELECT id FROM interviews WHERE region_id IS NOT NULL"
    op.execute("DELETE FROM facts WHERE region_id IS NOT NULL")
    op.execute(f"DELETE FROM answer_log WHERE interview_id IN ({of_region})")  # noqa: S608 (no value in it)
    op.execute(
        f"UPDATE chats SET open_interview_id = NULL WHERE open_interview_id IN ({of_region})"  # noqa: S608
    )
    op.execute("DELETE FROM interviews WHERE region_id IS NOT NULL")
    op.drop_index(
        "uq_facts_current_of_region",
        table_name="facts",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index("ix_facts_region_id_name", table_name="facts")
    op.drop_index("ix_interviews_region_id_form", table_name="interviews")
    for table in ("facts", "interviews"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_one_subject"), type_="check")
            batch.drop_constraint(op.f(f"fk_{table}_region_id"), type_="foreignkey")
            batch.alter_column("household_id", existing_type=Id, nullable=False)
            batch.drop_column("region_id")
