"""Which post somebody holds beside the rights that go with it, and invitations back in after a lost phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import Id

revision = "r0009"
down_revision = "r0008"
branch_labels = None
depends_on = None

USUAL = {
    "cadre": "helper",
    "village": "village_cadre",
    "township": "township_office",
    "county": "county_office",
    "admin": "admin",
}
"""The posts of those who were appointed before there were any."""


def upgrade() -> None:
    """Bring the tables to this revision."""
    for table in ("appointments", "invitations"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("post", sa.Text(), nullable=False, server_default=""))
        for role, post in USUAL.items():
            op.execute(
                sa.text(f"UPDATE {table} SET post = :post WHERE role = :role").bindparams(  # noqa: S608
                    post=post, role=role
                )
            )
        with op.batch_alter_table(table) as batch:
            batch.alter_column("post", server_default=None)
    with op.batch_alter_table("invitations") as batch:
        batch.add_column(sa.Column("person_id", Id, nullable=True))
        batch.create_foreign_key(op.f("fk_invitations_person_id"), "people", ["person_id"], ["id"])


def downgrade() -> None:
    """Take this revision back."""
    with op.batch_alter_table("invitations") as batch:
        batch.drop_constraint(op.f("fk_invitations_person_id"), type_="foreignkey")
        batch.drop_column("person_id")
        batch.drop_column("post")
    with op.batch_alter_table("appointments") as batch:
        batch.drop_column("post")
