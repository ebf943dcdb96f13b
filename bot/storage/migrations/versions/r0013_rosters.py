"""Rosters that are being taken in, and the codes by which they know regions and households."""

from __future__ import annotations

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""


def downgrade() -> None:
    """Take this revision back."""
