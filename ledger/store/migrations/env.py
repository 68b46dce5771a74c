"""Run by Alembic: upgrades the connection that `ledger.store.revision` hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from ledger.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
