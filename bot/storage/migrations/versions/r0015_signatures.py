"""Who signed which version of a paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None

OPEN = "state = 'open'"
VALID = "void_at IS NULL"


def upgrade() -> None:
    """Bring the tables to this revision."""
    _signings()
    _signatures()
    _beside()


def downgrade() -> None:
    """Take this revision back; the images of signatures stay with the photos."""
    op.drop_table("signature_links")
    op.drop_table("signature_copies")
    op.drop_table("signature_looks")
    _drop_unique("uq_signatures_party", "signatures", VALID)
    op.drop_index(op.f("ix_signatures_evidence_id"), table_name="signatures")
    op.drop_index(op.f("ix_signatures_signing_id"), table_name="signatures")
    op.drop_table("signatures")
    _drop_unique("uq_signings_open", "signings", OPEN)
    op.drop_index("ix_signings_household_id", table_name="signings")
    op.drop_index(op.f("ix_signings_case_id"), table_name="signings")
    op.drop_table("signings")


def _drop_unique(name: str, table: str, condition: str) -> None:
    where = sa.text(condition)
    op.drop_index(name, table_name=table, sqlite_where=where, postgresql_where=where)


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _signings() -> None:
    op.create_table(
        "signings",
        sa.Column("id", Id, nullable=False),
        sa.Column("case_id", Id, nullable=False),
        sa.Column("household_id", Id, nullable=False),
        sa.Column("interview_id", Id, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.Column("warned_at", Moment(), nullable=True),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("signed_digest", sa.Text(), nullable=True),
        sa.Column("signed_content", sa.LargeBinary(), nullable=True),
        _points("signings", "case_id", "cases"),
        _points("signings", "household_id", "households"),
        _points("signings", "interview_id", "interviews"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signings")),
    )
    op.create_index(op.f("ix_signings_case_id"), "signings", ["case_id"], unique=False)
    op.create_index("ix_signings_household_id", "signings", ["household_id", "form"], unique=False)
    where = sa.text(OPEN)
    op.create_index(
        "uq_signings_open",
        "signings",
        ["household_id", "form"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", Id, nullable=False),
        sa.Column("signing_id", Id, nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("evidence_id", Id, nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signed_at", Moment(), nullable=False),
        sa.Column("void_at", Moment(), nullable=True),
        _points("signatures", "signing_id", "signings"),
        _points("signatures", "person_id", "people"),
        _points("signatures", "evidence_id", "evidence"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
    )
    for name in ("evidence_id", "signing_id"):
        op.create_index(op.f(f"ix_signatures_{name}"), "signatures", [name], unique=False)
    where = sa.text(VALID)
    op.create_index(
        "uq_signatures_party",
        "signatures",
        ["signing_id", "party"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _beside() -> None:
    op.create_table(
        "signature_looks",
        sa.Column("signing_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        _points("signature_looks", "signing_id", "signings"),
        _points("signature_looks", "person_id", "people"),
        sa.PrimaryKeyConstraint("signing_id", "person_id", name=op.f("pk_signature_looks")),
    )
    op.create_table(
        "signature_copies",
        sa.Column("signing_id", Id, nullable=False),
        sa.Column("keeper", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        _points("signature_copies", "signing_id", "signings"),
        _points("signature_copies", "person_id", "people"),
        sa.PrimaryKeyConstraint("signing_id", "keeper", name=op.f("pk_signature_copies")),
    )
    op.create_table(
        "signature_links",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signing_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        _points("signature_links", "signing_id", "signings"),
        _points("signature_links", "person_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_links")),
        sa.UniqueConstraint("digest", name=op.f("uq_signature_links_digest")),
    )
