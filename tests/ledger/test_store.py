"""The store: its tables, its revision, how it is opened and made."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from ledger import create
from ledger.create import create_ledger
from ledger.handle import open_ledger
from ledger.settings import read_settings, write_settings
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import batch, metadata
from tests.ledger.databases import on_its_database, spoil
from tests.ledger.ledger_world import SETTINGS
from verifier.anchor import ledger_id
from verifier.errors import CallerError, LedgerError

pytestmark = pytest.mark.usefixtures("database")


def test_the_migration_makes_the_tables_that_the_code_reads(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, on_its_database(SETTINGS))
    with reading(ledger.engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_new_ledger_has_an_id_of_its_own_and_an_empty_first_batch(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, on_its_database(SETTINGS))
    assert ledger.id == ledger_id(SETTINGS.origin, ledger.public_key)
    assert ledger.paths.checkpoint_key.stat().st_mode & 0o777 == 0o600
    with reading(ledger.engine) as connection:
        first = connection.execute(select(batch)).one()
    assert (first.number, first.marker_index, first.size, first.state) == (0, 0, 1, "sealed")
    assert ledger.id.hex() in first.marker
    again = open_ledger(tmp_path)
    assert (again.id, again.settings) == (ledger.id, ledger.settings)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ledger"]


def test_a_ledger_is_not_made_twice(tmp_path: Path) -> None:
    create_ledger(tmp_path, on_its_database(SETTINGS))
    with pytest.raises(CallerError, match="LEDGER_EXISTS"):
        create_ledger(tmp_path, on_its_database(SETTINGS))


def test_a_ledger_whose_making_fails_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(create, "write_batch", broken)
    with pytest.raises(OSError, match="disk full"):
        create_ledger(tmp_path, on_its_database(SETTINGS))
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    ledger = create_ledger(tmp_path, on_its_database(SETTINGS))
    ledger.close()
    spoil(ledger, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path)
    assert (refused.value.code, refused.value.found) == ("STORE_REVISION_UNKNOWN", "9999")


@pytest.mark.parametrize("missing", ["ledger.json", "ledger.sqlite", "checkpoint.key"])
def test_a_ledger_without_one_of_its_parts_is_not_opened(tmp_path: Path, missing: str) -> None:
    ledger = create_ledger(tmp_path, on_its_database(SETTINGS))
    ledger.close()
    if missing == "ledger.sqlite" and isinstance(ledger.place, Postgres):
        assert not (tmp_path / "ledger" / missing).exists()
        return
    (tmp_path / "ledger" / missing).unlink()
    with pytest.raises(LedgerError) as refused:
        open_ledger(tmp_path)
    assert (refused.value.code, refused.value.expected) == ("LEDGER_ABSENT", missing)


def test_settings_come_back_as_they_were_written() -> None:
    assert read_settings(write_settings(SETTINGS)) == SETTINGS
    with pytest.raises(LedgerError, match="SETTINGS_UNREADABLE"):
        read_settings(write_settings(SETTINGS).replace(b'"role"', b'"rule"'))
