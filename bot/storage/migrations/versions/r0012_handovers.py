"""Households handed over from one cadre to the next."""

from __future__ import annotations

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""


def downgrade() -> None:
    """Take this revision back."""
