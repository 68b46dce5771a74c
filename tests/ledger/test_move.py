"""A back-up of a ledger on either database comes back onto either: so a ledger moves between them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from ledger.backup import backup
from ledger.backup_restore import restore
from ledger.check import check
from ledger.handle import open_ledger
from ledger.store import copy
from ledger.store.address import Postgres
from tests.ledger.databases import FILES, IN_USE, Databases, spoil
from tests.ledger.every_row import rows
from tests.ledger.ledger_world import FIRST_INDEX, RECORD, World, make_world, new_uuid
from verifier.errors import CallerError, LedgerError
from verifier.report import Outcome

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="module")


@pytest.fixture
def world(database: Databases, request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Two batches, a list, something erased, something pending."""
    if request.param == "sqlite":
        IN_USE.append(FILES)
    try:
        world = make_world(tmp_path)
    finally:
        if request.param == "sqlite":
            IN_USE.pop()
    key = world.person()
    world.accept([world.receive(key, RECORD), world.receive_list(key, [new_uuid() for _ in range(30)])])
    world.seal_and_anchor()
    world.accept([world.receive(key, RECORD)])
    return world


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
@pytest.mark.parametrize("world", ["sqlite", "postgresql"], indirect=True)
def test_a_ledger_comes_back_onto_either_and_goes_on(
    world: World, database: Databases, to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small portions, so that there are several.
    monkeypatch.setattr(copy, "_ROWS", 7)
    report = backup(world.ledger, tmp_path / "kept")
    address = database.new() if to == "postgresql" else ""
    done = restore(tmp_path / "kept", tmp_path / "again", database=address)
    again = open_ledger(tmp_path / "again", world.clock)
    assert str(done.place) == str(again.place)
    assert isinstance(again.place, Postgres) == (to == "postgresql")
    assert again.paths.database.exists() == (to == "sqlite")
    assert (again.id, report.manifest.size) == (world.ledger.id, FIRST_INDEX + 33)
    assert rows(again) == rows(world.ledger)
    found = check(again, membership=world.person_cas)
    assert [one for one in found if one.outcome is Outcome.FAILED] == []
    other = World(again, world.clock, world.cas)
    assert other.seal() is not None
    # A row numbered by the database itself: its counter goes on where it stood.
    other.anchor()


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_what_already_holds_something_is_not_restored_into(world: World, tmp_path: Path) -> None:
    backup(world.ledger, tmp_path / "kept")
    before = rows(world.ledger)
    with pytest.raises(CallerError, match="STORE_NOT_EMPTY"):
        restore(tmp_path / "kept", tmp_path / "again", database=str(world.ledger.place))
    assert not (tmp_path / "again").exists()
    assert rows(world.ledger) == before


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_row_that_does_not_fit_is_named_and_nothing_is_left(
    world: World, database: Databases, tmp_path: Path
) -> None:
    """A SQLite file holds what somebody puts there; a server does not."""
    spoil(world.ledger, "UPDATE statement SET event = replace(printf('%0100d', 0), '0', 'x') WHERE id = 2")
    backup(world.ledger, tmp_path / "kept")
    address = database.new()
    with pytest.raises(LedgerError) as refused:
        restore(tmp_path / "kept", tmp_path / "again", database=address)
    assert refused.value.code == "STORE_ROW"
    assert refused.value.at.startswith("statement 1")
    assert not (tmp_path / "again").exists()
    with psycopg.connect(address) as server:
        assert server.execute("SELECT count(*) FROM batch").fetchone() == (0,)
