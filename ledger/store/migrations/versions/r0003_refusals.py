"""What was refused though it was well signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UUID = sa.String(length=36)


def upgrade() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.String(length=24), nullable=False),
        sa.Column("statement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("iss", sa.String(length=64), nullable=False),
        sa.Column("agent", _UUID, nullable=False),
        sa.Column("record", _UUID, nullable=True),
        sa.Column("list_id", _UUID, nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_index(op.f("ix_refusal_agent"), "refusal", ["agent"], unique=False)


def downgrade() -> None:
    op.drop_table("refusal")
