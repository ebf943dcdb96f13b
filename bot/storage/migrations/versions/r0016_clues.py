"""Clues to households that may need help, and what became of them."""

from __future__ import annotations

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""


def downgrade() -> None:
    """Take this revision back."""
