"""What holds of SQLite alone: how the file is opened, and that its writer has it to itself."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ledger.create import create_ledger
from ledger.handle import open_ledger
from ledger.store.engine import reading, writing
from tests.ledger.ledger_world import SETTINGS, make_world
from verifier.errors import LedgerError


def test_a_database_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, SETTINGS)
    ledger.close()
    ledger.paths.database.unlink()
    with sqlite3.connect(ledger.paths.database) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(LedgerError, match="STORE_REVISION_UNKNOWN"):
        open_ledger(tmp_path)


def test_commits_reach_the_disk_before_they_are_acknowledged(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    with reading(world.ledger.engine) as connection:
        asked = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in _PRAGMAS}
    assert asked == _PRAGMAS


# synchronous 2 is FULL.
_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_writer_holds_the_lock_from_its_start(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    with writing(world.ledger.engine):
        other = sqlite3.connect(world.ledger.paths.database, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
