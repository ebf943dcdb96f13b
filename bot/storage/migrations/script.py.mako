"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id, Json, Moment, Path

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take this revision back."""
    ${downgrades if downgrades else "pass"}
