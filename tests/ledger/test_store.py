"""The store: its tables, its revision, how it is opened and made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from ledger import create
from ledger.create import create_ledger
from ledger.handle import open_ledger
from ledger.settings import read_settings, write_settings
from ledger.store.engine import reading, writing
from ledger.store.tables import batch, metadata
from tests.ledger.ledger_world import SETTINGS, make_world
from verifier.anchor import ledger_id
from verifier.errors import CallerError, LedgerError


def test_the_migration_makes_the_tables_that_the_code_reads(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, SETTINGS)
    with reading(ledger.engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_new_ledger_has_an_id_of_its_own_and_an_empty_first_batch(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, SETTINGS)
    assert ledger.id == ledger_id(SETTINGS.origin, ledger.public_key)
    assert ledger.paths.checkpoint_key.stat().st_mode & 0o777 == 0o600
    with reading(ledger.engine) as connection:
        first = connection.execute(select(batch)).one()
    assert (first.number, first.marker_index, first.size, first.state) == (0, 0, 1, "sealed")
    assert ledger.id.hex() in first.marker
    again = open_ledger(tmp_path)
    assert (again.id, again.settings) == (ledger.id, SETTINGS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger"]


def test_a_ledger_is_not_made_twice(tmp_path: Path) -> None:
    create_ledger(tmp_path, SETTINGS)
    with pytest.raises(CallerError, match="LEDGER_EXISTS"):
        create_ledger(tmp_path, SETTINGS)


def test_a_ledger_whose_making_fails_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(create, "seal", broken)
    with pytest.raises(OSError, match="disk full"):
        create_ledger(tmp_path, SETTINGS)
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, SETTINGS)
    ledger.close()
    with sqlite3.connect(ledger.paths.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path)
    assert (refused.value.code, refused.value.found) == ("STORE_REVISION_UNKNOWN", "9999")


def test_a_database_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, SETTINGS)
    ledger.close()
    ledger.paths.database.unlink()
    with sqlite3.connect(ledger.paths.database) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    with pytest.raises(LedgerError, match="STORE_REVISION_UNKNOWN"):
        open_ledger(tmp_path)


@pytest.mark.parametrize("missing", ["ledger.json", "ledger.sqlite", "checkpoint.key"])
def test_a_ledger_without_one_of_its_parts_is_not_opened(tmp_path: Path, missing: str) -> None:
    create_ledger(tmp_path, SETTINGS).close()
    (tmp_path / "ledger" / missing).unlink()
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path)
    assert (refused.value.code, refused.value.expected) == ("LEDGER_ABSENT", missing)


def test_settings_come_back_as_they_were_written() -> None:
    assert read_settings(write_settings(SETTINGS)) == SETTINGS
    with pytest.raises(LedgerError, match="SETTINGS_UNREADABLE"):
        read_settings(write_settings(SETTINGS).replace(b'"role"', b'"rule"'))


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
