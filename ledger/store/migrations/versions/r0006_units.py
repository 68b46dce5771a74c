"""The organisations' departments, villages and stations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.texts import text_of

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "unit_tree",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", text_of(24), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_unit_tree")),
    )


def downgrade() -> None:
    op.drop_table("unit_tree")
