"""Who is signed in, and the challenges answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.store.texts import text_of

revision = "0002"
down_revision = "0001"

_DIGEST = sa.LargeBinary(length=32)

_INSTANT = text_of(24)


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("token", _DIGEST, nullable=False),
        sa.Column("agent", text_of(36), nullable=False),
        sa.Column("iss", text_of(64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_agent"), "session", ["agent"], unique=False)
    op.create_table(
        "answered_challenge",
        sa.Column("sha256", _DIGEST, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_answered_challenge")),
    )
    op.create_index(
        op.f("ix_answered_challenge_expires_at"), "answered_challenge", ["expires_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("answered_challenge")
    op.drop_table("session")
