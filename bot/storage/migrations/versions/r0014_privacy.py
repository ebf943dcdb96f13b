"""Sealed columns, the blind index and the audit."""

from __future__ import annotations

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""


def downgrade() -> None:
    """Take this revision back."""
