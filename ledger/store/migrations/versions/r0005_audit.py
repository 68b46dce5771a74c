"""Acts are found by their kind; what an inquiry has not disclosed yet is kept sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_index("ix_statement_event", "statement", ["event", "id"])
    op.create_table(
        "sealed",
        sa.Column("statement_id", _ID, autoincrement=False, nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["statement.id"], name=op.f("fk_sealed_statement_id")),
        sa.PrimaryKeyConstraint("statement_id", name=op.f("pk_sealed")),
    )


def downgrade() -> None:
    op.drop_table("sealed")
    op.drop_index("ix_statement_event", "statement")
