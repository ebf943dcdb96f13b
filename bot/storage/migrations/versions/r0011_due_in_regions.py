"""Duties and alerts of villages, townships, the county and cases, and how far each reminder has climbed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None

ONE_SUBJECT = "(household_id IS NULL) <> (region_id IS NULL)"
OPEN = "state IN ('planned', 'reminded')"
PLANNED = "state = 'planned'"


def upgrade() -> None:
    """Bring the tables to this revision."""
    _index_of_reminders(drop=PLANNED)
    with op.batch_alter_table("duties") as batch:
        batch.add_column(sa.Column("region_id", Id, nullable=True))
        batch.add_column(sa.Column("case_id", Id, nullable=True))
        batch.add_column(sa.Column("stage", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("role", sa.Text(), nullable=False, server_default=""))
        batch.alter_column("household_id", existing_type=Id, nullable=True)
        batch.alter_column("remind_at", existing_type=Moment(), nullable=True)
        batch.create_foreign_key(op.f("fk_duties_region_id"), "regions", ["region_id"], ["id"])
        batch.create_foreign_key(op.f("fk_duties_case_id"), "cases", ["case_id"], ["id"])
        batch.create_check_constraint(op.f("ck_duties_one_subject"), sa.text(ONE_SUBJECT))
        batch.create_unique_constraint(op.f("uq_duties_region_id_kind_due"), ["region_id", "kind", "due"])
    # Whoever was reminded before this revision is not reminded of the same day again.
    op.execute("UPDATE duties SET stage = 1, remind_at = NULL WHERE state <> 'planned'")
    with op.batch_alter_table("duties") as batch:
        batch.alter_column("stage", server_default=None)
        batch.alter_column("role", server_default=None)
    _index_of_reminders(add=OPEN)
    op.create_index(op.f("ix_duties_case_id"), "duties", ["case_id"], unique=False)
    with op.batch_alter_table("alerts") as batch:
        batch.add_column(sa.Column("region_id", Id, nullable=True))
        batch.alter_column("household_id", existing_type=Id, nullable=True)
        batch.create_foreign_key(op.f("fk_alerts_region_id"), "regions", ["region_id"], ["id"])
        batch.create_check_constraint(op.f("ck_alerts_one_subject"), sa.text(ONE_SUBJECT))
    op.create_index(
        "uq_alerts_of_region",
        "alerts",
        ["region_id", "kind", "subject"],
        unique=True,
        sqlite_where=sa.text("region_id IS NOT NULL"),
        postgresql_where=sa.text("region_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take this revision back; what is due of regions and cases has no place in the earlier shape."""
    op.drop_index(
        "uq_alerts_of_region",
        table_name="alerts",
        sqlite_where=sa.text("region_id IS NOT NULL"),
        postgresql_where=sa.text("region_id IS NOT NULL"),
    )
    op.execute(
        "DELETE FROM alert_recipients WHERE alert_id IN (SELECT id FROM alerts WHERE region_id IS NOT NULL)"
    )
    op.execute("DELETE FROM alerts WHERE region_id IS NOT NULL")
    with op.batch_alter_table("alerts") as batch:
        batch.drop_constraint(op.f("ck_alerts_one_subject"), type_="check")
        batch.drop_constraint(op.f("fk_alerts_region_id"), type_="foreignkey")
        batch.alter_column("household_id", existing_type=Id, nullable=False)
        batch.drop_column("region_id")
    op.drop_index(op.f("ix_duties_case_id"), table_name="duties")
    _index_of_reminders(drop=OPEN)
    op.execute("DELETE FROM duties WHERE region_id IS NOT NULL OR case_id IS NOT NULL")
    op.execute("UPDATE duties SET remind_at = '2000-01-01 00:00:00' WHERE remind_at IS NULL")
    with op.batch_alter_table("duties") as batch:
        batch.drop_constraint(op.f("uq_duties_region_id_kind_due"), type_="unique")
        batch.drop_constraint(op.f("ck_duties_one_subject"), type_="check")
        batch.drop_constraint(op.f("fk_duties_case_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_duties_region_id"), type_="foreignkey")
        batch.alter_column("remind_at", existing_type=Moment(), nullable=False)
        batch.alter_column("household_id", existing_type=Id, nullable=False)
        batch.drop_column("role")
        batch.drop_column("stage")
        batch.drop_column("case_id")
        batch.drop_column("region_id")
    _index_of_reminders(add=PLANNED)


def _index_of_reminders(*, drop: str = "", add: str = "") -> None:
    """The partial index by which reminders are found, of the rows that the condition names."""
    if drop:
        where = sa.text(drop)
        op.drop_index("ix_duties_remind_at", table_name="duties", sqlite_where=where, postgresql_where=where)
    if add:
        where = sa.text(add)
        op.create_index(
            "ix_duties_remind_at",
            "duties",
            ["remind_at"],
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )
