"""Cases on their way through procedures, and what each step was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "cases",
        sa.Column("id", Id, nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("household_id", Id, nullable=True),
        sa.Column("region_id", Id, nullable=True),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("problem_id", Id, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("data", Json(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_cases_household_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_cases_region_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_cases_interview_id")),
        sa.ForeignKeyConstraint(["problem_id"], ["problems.id"], name=op.f("fk_cases_problem_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_cases_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.CheckConstraint(
            "(household_id IS NULL) <> (region_id IS NULL)", name=op.f("ck_cases_one_subject")
        ),
    )
    op.create_index("ix_cases_household_id", "cases", ["household_id", "procedure"], unique=False)
    op.create_index("ix_cases_region_id", "cases", ["region_id", "procedure"], unique=False)
    op.create_index(op.f("ix_cases_interview_id"), "cases", ["interview_id"], unique=False)
    op.create_index(op.f("ix_cases_problem_id"), "cases", ["problem_id"], unique=False)
    op.create_index(
        "ix_cases_open",
        "cases",
        ["procedure", "state"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_table(
        "case_events",
        sa.Column("case_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("data", Json(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_events_person_id")),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_case_events_interview_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_case_events")),
    )


def downgrade() -> None:
    """Take this revision back; what was decided in procedures has no place in the earlier shape."""
    op.drop_table("case_events")
    op.drop_table("cases")
