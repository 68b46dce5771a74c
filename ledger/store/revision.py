"""Which revision of the tables a store has, and bringing it to ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from ledger.store.address import Place, named
from ledger.store.engine import reading, writing
from verifier.errors import LedgerError

# Alembic takes a third of a command's start, and is needed only when there is something to bring up.
if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Oldest first. A store of any other revision was written by a newer program.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")


def upgrade_store(engine: Engine, place: Place) -> None:
    """Bring the store to the newest revision; a new one gets its tables.

    Raises LedgerError STORE_REVISION_UNKNOWN before touching a store that this program does not know.
    """
    with reading(engine) as connection:
        found = _revision(connection, place)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise LedgerError("STORE_REVISION_UNKNOWN", named(place), ", ".join(REVISIONS), found)
    from alembic import command

    with writing(engine) as connection:
        command.upgrade(_config(connection), REVISIONS[-1])


def _revision(connection: Connection, place: Place) -> str | None:
    """None if no table of ours is there."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise LedgerError("STORE_REVISION_UNKNOWN", named(place), "alembic_version", "no such table")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return found[0] if len(found) == 1 else f"{len(found)} revisions"


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
