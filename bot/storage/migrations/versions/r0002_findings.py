"""Interviews, facts, verdicts, plans and files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "files",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_files_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("household_id", "name", name=op.f("uq_files_household_id_name")),
    )
    op.create_table(
        "interviews",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("session", Json(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("visited_at", Moment(), nullable=True),
        sa.Column("context", Json(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_interviews_household_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_interviews_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    op.create_index("ix_interviews_household_id_form", "interviews", ["household_id", "form"], unique=False)
    op.create_index("ix_interviews_person_id_state", "interviews", ["person_id", "state"], unique=False)
    op.create_table(
        "answer_log",
        sa.Column("interview_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", Json(absent=True), nullable=True),
        sa.Column("after", Json(absent=True), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("update_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_answer_log_interview_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_answer_log_person_id")),
        sa.PrimaryKeyConstraint("interview_id", "seq", name=op.f("pk_answer_log")),
    )
    op.create_table(
        "facts",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("value", Json(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("superseded_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_facts_household_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_facts_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_household_id_name", "facts", ["household_id", "name"], unique=False)
    op.create_index("ix_facts_interview_id", "facts", ["interview_id"], unique=False)
    op.create_index(
        "uq_facts_current",
        "facts",
        ["household_id", "name", "row", "period"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "plans",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot", Json(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("document_name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_plans_household_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_plans_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("household_id", "version", name=op.f("uq_plans_household_id_version")),
    )
    op.create_table(
        "verdicts",
        sa.Column("id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=True),
        sa.Column("missing", Json(), nullable=False),
        sa.Column("flags", Json(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("numbers", Json(), nullable=False),
        sa.Column("parameters", Json(), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("interview_id", Id, nullable=True),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_verdicts_household_id")),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name=op.f("fk_verdicts_interview_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index(
        "ix_verdicts_household_id_scheme_on", "verdicts", ["household_id", "scheme", "on", "id"], unique=False
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index("ix_verdicts_household_id_scheme_on", table_name="verdicts")
    op.drop_table("verdicts")
    op.drop_table("plans")
    op.drop_index(
        "uq_facts_current",
        table_name="facts",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index("ix_facts_interview_id", table_name="facts")
    op.drop_index("ix_facts_household_id_name", table_name="facts")
    op.drop_table("facts")
    op.drop_table("answer_log")
    op.drop_index("ix_interviews_person_id_state", table_name="interviews")
    op.drop_index("ix_interviews_household_id_form", table_name="interviews")
    op.drop_table("interviews")
    op.drop_table("files")
