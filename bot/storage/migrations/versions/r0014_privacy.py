"""Sealed columns, the blind index and the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Moment

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None

# Numbers and hashes are set once. Details may be sealed anew (hb1: is the mark of a sealed value) or emptied
# when a household is erased, but not written. What is dropped for its age lies below the floor.
SQLITE_KEPT = """
CREATE TRIGGER audit_kept BEFORE UPDATE ON audit
WHEN NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.person_id IS NOT OLD.person_id
  OR NEW.deed IS NOT OLD.deed OR NEW.subject IS NOT OLD.subject OR NEW.subject_id IS NOT OLD.subject_id
  OR NEW.digest IS NOT OLD.digest
  OR (OLD.seq IS NOT NULL AND (NEW.seq IS NOT OLD.seq OR NEW.hash IS NOT OLD.hash))
  OR (NEW.what IS NOT OLD.what AND NEW.what IS NOT NULL AND NEW.what NOT LIKE 'hb1:%')
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
SQLITE_STAYS = """
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
WHEN OLD.seq IS NULL OR OLD.seq > coalesce((SELECT max(seq) FROM audit_floor), 0)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.id, NEW.at, NEW.person_id, NEW.deed, NEW.subject, NEW.subject_id, NEW.digest)
      IS DISTINCT FROM (OLD.id, OLD.at, OLD.person_id, OLD.deed, OLD.subject, OLD.subject_id, OLD.digest)
      OR (OLD.seq IS NOT NULL AND (NEW.seq IS DISTINCT FROM OLD.seq OR NEW.hash IS DISTINCT FROM OLD.hash))
      OR (NEW.what IS DISTINCT FROM OLD.what AND NEW.what IS NOT NULL AND NEW.what NOT LIKE 'hb1:%')
    THEN RAISE EXCEPTION 'the audit is append-only'; END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.seq IS NULL OR OLD.seq > coalesce((SELECT max(seq) FROM audit_floor), 0)
    THEN RAISE EXCEPTION 'the audit is append-only'; END IF;
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the audit is append-only';
END $$
"""
POSTGRESQL_KEPT = """
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
"""
POSTGRESQL_STAYS = """
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.drop_index(op.f("ix_households_head_id_number"), table_name="households")
    op.add_column("households", sa.Column("id_number_index", sa.Text(), nullable=True))
    op.add_column("households", sa.Column("erased_at", Moment(), nullable=True))
    op.create_index(op.f("ix_households_id_number_index"), "households", ["id_number_index"], unique=False)
    _audit()
    _guards()


def downgrade() -> None:
    """Take this revision back: the audit goes with its table."""
    op.drop_table("audit")
    op.drop_table("audit_floor")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_index(op.f("ix_households_id_number_index"), table_name="households")
    with op.batch_alter_table("households") as batch:
        batch.drop_column("erased_at")
        batch.drop_column("id_number_index")
    op.create_index(op.f("ix_households_head_id_number"), "households", ["head_id_number"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", Id, nullable=True),
        sa.Column("what", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seq", Id, nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_seq")),
        sqlite_autoincrement=True,
    )
    where = sa.text("seq IS NULL")
    op.create_index(
        "ix_audit_unchained", "audit", ["id"], unique=False, sqlite_where=where, postgresql_where=where
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id", "id"], unique=False)
    op.create_index("ix_audit_person_id", "audit", ["person_id", "id"], unique=False)
    op.create_table(
        "audit_floor",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_audit_floor")),
    )


def _guards() -> None:
    """The database itself refuses to change or drop what is on record."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_KEPT)
        op.execute(SQLITE_STAYS)
        return
    op.execute(POSTGRESQL)
    op.execute(POSTGRESQL_KEPT)
    op.execute(POSTGRESQL_STAYS)
