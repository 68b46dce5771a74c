"""What was refused though it was well signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.texts import TEXT, text_of

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UUID = text_of(36)


def upgrade() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", text_of(24), nullable=False),
        sa.Column("statement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event", text_of(64), nullable=False),
        sa.Column("iss", text_of(64), nullable=False),
        sa.Column("agent", _UUID, nullable=False),
        sa.Column("record", _UUID, nullable=True),
        sa.Column("list_id", _UUID, nullable=True),
        sa.Column("code", text_of(64), nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("expected", TEXT, nullable=False),
        sa.Column("found", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
    )
    op.create_index(op.f("ix_refusal_agent"), "refusal", ["agent"], unique=False)


def downgrade() -> None:
    op.drop_table("refusal")
