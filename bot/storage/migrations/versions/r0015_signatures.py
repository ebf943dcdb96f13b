"""Who signed which version of a paper."""

from __future__ import annotations

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""


def downgrade() -> None:
    """Take this revision back."""
