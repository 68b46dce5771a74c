"""What only a SQLite file can be made to hold: a value of another type than its column's, broken pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.check import check
from ledger.finding import Finding
from tests.ledger.databases import spoil
from tests.ledger.ledger_world import RECORD, World, make_world
from tests.ledger.spoiled_stores import LISTED, OTHER
from verifier.report import Outcome


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two records, and a list of 300."""
    world = make_world(tmp_path)
    key = world.person()
    world.accept([world.receive(key, RECORD), world.receive(key, OTHER), world.receive_list(key, LISTED)])
    world.seal_and_anchor()
    world.ledger.close()
    return world


def found_in(world: World) -> list[Finding]:
    """But for what only a network can say."""
    found = list(check(world.ledger, membership=world.person_cas))
    return [one for one in found if one.code not in ("ANCHOR_BLOCKS_NOT_CHECKED", "CHAIN_NOT_CHECKED")]


def test_a_text_for_octets_is_named_and_the_walk_goes_on(world: World) -> None:
    """What `UPDATE … SET data = replace(data, …)` leaves behind."""
    spoil(world.ledger, "UPDATE item SET data = replace(data, ':8,', ':9,') WHERE number = 7")
    found = found_in(world)
    assert [f.code for f in found] == ["STORE_TEXT_FOR_OCTETS", "ITEM_DIGEST", "LIST_ROOTS"]
    assert found[0].name.startswith("item.data ")
    assert {record for f in found for record in f.records} == {LISTED[7]}


def test_a_value_of_another_type_is_named_and_the_rest_has_not_passed(world: World) -> None:
    spoil(world.ledger, "UPDATE statement SET event = zeroblob(3) WHERE id = 2")
    found = found_in(world)
    assert [(f.outcome, f.code) for f in found] == [
        (Outcome.FAILED, "STORE_TYPE"),
        (Outcome.NOT_RUN, "STORE_UNSOUND"),
    ]
    assert found[0].name.startswith("statement.event ")


def test_a_damaged_database_file_is_a_finding(world: World) -> None:
    path = world.ledger.paths.database
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = bytes(8192)
    path.write_bytes(data)
    found = found_in(world)
    assert "STORE_INTEGRITY" in {f.code for f in found} or "STORE_UNREADABLE" in {f.code for f in found}
    assert Outcome.FAILED in {f.outcome for f in found}
