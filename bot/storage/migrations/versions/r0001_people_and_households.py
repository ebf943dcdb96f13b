"""People, their regions, the households."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment, Path

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "people",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "regions",
        sa.Column("id", Id, nullable=False),
        sa.Column("parent_id", Id, nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", Path, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["regions.id"], name=op.f("fk_regions_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
    )
    op.create_index(op.f("ix_regions_parent_id"), "regions", ["parent_id"], unique=False)
    op.create_index(op.f("ix_regions_path"), "regions", ["path"], unique=False)
    op.create_table(
        "accounts",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id")),
        sa.PrimaryKeyConstraint("channel", "address", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_person_id"), "accounts", ["person_id"], unique=False)
    op.create_table(
        "appointments",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_appointments_person_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_appointments_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_person_id", "appointments", ["person_id"], unique=False)
    op.create_index("ix_appointments_region_id_role", "appointments", ["region_id", "role"], unique=False)
    op.create_table(
        "households",
        sa.Column("id", Id, nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("village_group", sa.Text(), nullable=False),
        sa.Column("head_name", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("head_id_number", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("reg_status", sa.Integer(), nullable=True),
        sa.Column("exit_year", sa.Integer(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("file", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_households_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
    )
    op.create_index(op.f("ix_households_head_id_number"), "households", ["head_id_number"], unique=False)
    op.create_index(
        "ix_households_region_id_village_group", "households", ["region_id", "village_group"], unique=False
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("invited_by", Id, nullable=True),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("used_by", Id, nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_invitations_region_id")),
        sa.ForeignKeyConstraint(["used_by"], ["people.id"], name=op.f("fk_invitations_used_by")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_table(
        "assignments",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name=op.f("fk_assignments_household_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assignments_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_person_id", "assignments", ["person_id", "until"], unique=False)
    op.create_index(
        "uq_assignments_open",
        "assignments",
        ["household_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "members",
        sa.Column("household_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.Integer(), nullable=True),
        sa.Column("insured", sa.Integer(), nullable=True),
        sa.Column("labor", sa.Integer(), nullable=True),
        sa.Column("extra", Json(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_members_household_id")),
        sa.PrimaryKeyConstraint("household_id", "position", name=op.f("pk_members")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("members")
    op.drop_index(
        "uq_assignments_open",
        table_name="assignments",
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.drop_index("ix_assignments_person_id", table_name="assignments")
    op.drop_table("assignments")
    op.drop_table("invitations")
    op.drop_index("ix_households_region_id_village_group", table_name="households")
    op.drop_index(op.f("ix_households_head_id_number"), table_name="households")
    op.drop_table("households")
    op.drop_index("ix_appointments_region_id_role", table_name="appointments")
    op.drop_index("ix_appointments_person_id", table_name="appointments")
    op.drop_table("appointments")
    op.drop_index(op.f("ix_accounts_person_id"), table_name="accounts")
    op.drop_table("accounts")
    op.drop_index(op.f("ix_regions_path"), table_name="regions")
    op.drop_index(op.f("ix_regions_parent_id"), table_name="regions")
    op.drop_table("regions")
    op.drop_table("people")
