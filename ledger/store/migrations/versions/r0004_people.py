"""What is about people is found among what is pending."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_EVENTS = sa.text("event IN ('appoint', 'duty.handover', 'key.enrol', 'key.revoke', 'release')")


def upgrade() -> None:
    op.create_index(
        "ix_statement_people", "statement", ["id"], sqlite_where=_EVENTS, postgresql_where=_EVENTS
    )


def downgrade() -> None:
    op.drop_index("ix_statement_people", "statement")
