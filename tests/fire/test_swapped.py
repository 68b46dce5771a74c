"""Rows that change places, another ledger's settings and key: each genuine, and not in its place.

The store is real: anchored and attested on the network.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from api.checking import checked
from ledger.checkpoint_key import create_checkpoint_key
from ledger.handle import open_ledger
from tests.conftest import RunningNetwork
from tests.fire.stored import PEOPLE, make_stored
from verifier.canonical import encode, parse
from verifier.report import Outcome


@pytest.fixture(scope="module")
def sound(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_stored(network_home, tmp_path_factory.mktemp("sound"))


@pytest.fixture
def home(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound, tmp_path / "home")
    return tmp_path / "home"


def named(home: Path) -> set[str]:
    """ "subject CODE name" of all that failed, a statement named by its number."""
    with closing(sqlite3.connect(home / "ledger" / "ledger.sqlite")) as connection:
        numbers = dict(connection.execute("SELECT lower(hex(sha256)), id FROM statement").fetchall())
    ledger = open_ledger(home)
    try:
        found = checked(ledger, lambda *_: None, offline=False).findings
    finally:
        ledger.close()
    return {
        " ".join([str(one.subject), one.code, *(str(numbers.get(w, w)) for w in one.name.split())])
        for one in found
        if one.outcome is Outcome.FAILED
    }


def swap(home: Path, table: str, key: str, columns: str, one: int, other: int) -> None:
    names = columns.split()
    picked = ", ".join(names)
    values = ", ".join(f"{name} = ?" for name in names)
    with closing(sqlite3.connect(home / "ledger" / "ledger.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        rows = {
            at: connection.execute(f"SELECT {picked} FROM {table} WHERE {key} = ?", (at,)).fetchone()  # noqa: S608
            for at in (one, other)
        }
        # By way of a third key, as a key may not stand twice.
        steps = ((one, 9999), (other, one), (9999, other)) if names == [key] else ()
        for old, new in steps:
            connection.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (new, old))  # noqa: S608
        if not steps:
            for at, value in ((one, rows[other]), (other, rows[one])):
                connection.execute(f"UPDATE {table} SET {values} WHERE {key} = ?", (*value, at))  # noqa: S608
        connection.commit()


# table, key, columns, the two rows → who is named
SWAPPED = {
    "two statements' data": (
        ("statement", "id", "data", 11, 12),
        {"statement STATEMENT_DIGEST 11", "statement STATEMENT_DIGEST 12"},
    ),
    "two statements": (
        ("statement", "id", "id", 11, 12),
        {"entry ENTRY_STATEMENT 12", "entry ENTRY_STATEMENT 14"},
    ),
    "two receipts": (
        ("statement", "id", "receipt", 11, 12),
        {"receipt RECEIPT_DIFFERS 11", "receipt RECEIPT_DIFFERS 12"},
    ),
    "two entries' texts": (
        ("entry", "idx", "text", 15, 16),
        {"entry ENTRY_LEAF 15", "entry ENTRY_LEAF 16"},
    ),
    "two entries' texts and leaves": (
        ("entry", "idx", "text leaf", 15, 16),
        {"entry ENTRY_LEAF 15", "entry ENTRY_LEAF 16"},
    ),
    "two items' data": (
        ("item", "number", "data", 0, 1),
        {"item ITEM_DIGEST 13 0", "item ITEM_DIGEST 13 1"},
    ),
    "two items": (
        ("item", "number", "number", 0, 1),
        {"statement LIST_ROOTS 13"},
    ),
    "two anchors' blocks": (
        ("anchor", "batch", "block", 1, 2),
        {"anchor ANCHOR_COLUMN 1", "anchor ANCHOR_COLUMN 2"},
    ),
    "two attestations' payloads": (
        ("attestation", "batch", "payload", 0, 1),
        {"attestation TX_ARGUMENTS 0", "attestation TX_ARGUMENTS 1"},
    ),
}


@pytest.mark.parametrize("what", SWAPPED)
def test_what_changed_places_is_named(home: Path, what: str) -> None:
    (table, key, columns, one, other), expected = SWAPPED[what]
    swap(home, table, key, columns, one, other)
    assert expected <= named(home)


_OF_EVERY_ANCHOR = {f"anchor ANCHOR_BATCH {number}" for number in range(4)}
# `operator` and `role` are told to the organisations when the ledger is opened, and used for nothing later.
SETTINGS = {
    "origin": _OF_EVERY_ANCHOR
    | {f"statement STATEMENT_AUDIENCE {number}" for number in range(1, PEOPLE + 6)},
    "channel": {"configuration CHANNEL_OTHER 0"},
    "chaincode": {f"anchor TX_OTHER_CHAINCODE {number}" for number in range(4)},
}


@pytest.mark.parametrize("member", SETTINGS)
def test_another_ledgers_settings_are_named(home: Path, member: str) -> None:
    path = home / "ledger" / "ledger.json"
    value = parse(path.read_bytes(), "ledger.json")
    assert isinstance(value, dict)
    path.write_bytes(encode({**value, member: f"{value[member]}x"}))
    assert SETTINGS[member] <= named(home)


def test_another_ledgers_key_is_named(home: Path) -> None:
    path = home / "ledger" / "checkpoint.key"
    path.unlink()
    create_checkpoint_key(path)
    receipts = {f"receipt NOTE_FORM {number}" for number in range(1, PEOPLE + 6)}
    assert _OF_EVERY_ANCHOR | receipts <= named(home)
