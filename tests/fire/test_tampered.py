"""Every column of every table changed, one row deleted, one added: the check names exactly it, or says why
not.

The store is real: anchored and attested on the network, whose blocks and signatures are judged each time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from api.checking import checked
from ledger.finding import Finding, Subject
from ledger.handle import open_ledger
from ledger.store.tables import metadata
from tests.conftest import RunningNetwork
from tests.fire.stored import PEOPLE, make_stored
from verifier.certificate import read_signer

# What changes → findings that must be among those made, "subject CODE name"; a statement is named by its
# number. The row is the middle one by primary key, without those that enrol and appoint people: batch 2,
# anchor 2, attestation of 1, item 1 of the list 13, entry 16.
CHANGED = {
    "anchor.batch": "anchor ANCHOR_MISSING 2, anchor ANCHOR_EXTRA 1002, attestation ATTESTATION_EXTRA 2",
    "anchor.data": "anchor LINE_FORM 2, anchor CHAIN_OTHER_ANCHOR 2",
    "anchor.sha256": "anchor ANCHOR_COLUMN 2",
    "anchor.txid": "anchor ANCHOR_COLUMN 2",
    "anchor.time": "anchor ANCHOR_COLUMN 2",
    "anchor.block_number": "anchor ANCHOR_COLUMN 2",
    "anchor.transaction": "anchor ANCHOR_INDEX 2",
    "anchor.block": "anchor JSON_SYNTAX 2",
    "anchor deleted": "anchor ANCHOR_MISSING 2, batch BATCH_STATE 2, attestation ATTESTATION_EXTRA 2",
    "anchor added": "anchor ANCHOR_EXTRA 99",
    "anchor_attempt.batch": "anchor ATTEMPT_EXTRA 1002",
    "attestation.batch": "attestation ATTESTATION_EXTRA 1001",
    "attestation.payload": "attestation NODE_SIGNATURE 1",
    "attestation.time": "attestation ATTESTATION_COLUMN 1",
    "attestation.organisations": "attestation ATTESTATION_COLUMN 1",
    "batch.number": "batch BATCH_MISSING 2, batch BATCH_MISSING 4…1001, batch BATCH_PLACE 1002",
    "batch.marker_index": "batch BATCH_PLACE 2, batch MARKER_PLACE 2",
    "batch.marker": "batch MARKER_ANCHOR 2, entry ENTRY_LEAF 13",
    "batch.size": "anchor ANCHOR_BATCH 2, batch BATCH_PLACE 3",
    "batch.sha256": "batch BATCH_ROOT 2 sha256, anchor ANCHOR_BATCH 2",
    "batch.sm3": "batch BATCH_ROOT 2 sm3, anchor ANCHOR_BATCH 2",
    "batch.last_recorded_at": "batch BATCH_TIME 2, anchor ANCHOR_BATCH 2",
    "batch.state": "batch BATCH_STATE 2",
    "batch deleted": "batch BATCH_MISSING 2, anchor ANCHOR_EXTRA 2, anchor ATTEMPT_EXTRA 2",
    "batch added": "batch BATCH_MISSING 4…98, batch BATCH_PLACE 99",
    "certificate.sha256": "certificate CERTIFICATE_MISSING 11, certificate CERTIFICATE_MISSING 15",
    "certificate.der": "certificate CERTIFICATE_DIGEST 11, certificate CERTIFICATE_DIGEST 15",
    "certificate deleted": "certificate CERTIFICATE_MISSING 11, certificate CERTIFICATE_MISSING 15",
    "certificate added": "certificate CERTIFICATE_SPARE",
    "configuration.number": "configuration STORE_COLUMN 1000",
    "configuration.block": "configuration JSON_SYNTAX 0",
    "configuration deleted": "configuration CONFIGURATION_NONE 0",
    "configuration added": "configuration STORE_COLUMN 99",
    "disclosure.statement_id": "disclosure STATEMENT_MISSING 1013 number",
    "disclosure.item_number": "disclosure SD_NOT_BOUND 13 1001 number",
    "disclosure.name": "disclosure STORE_COLUMN 13 1 numbex",
    "disclosure.text": "disclosure SD_NOT_BOUND 13 1 number|disclosure BASE64URL 13 1 number|"
    "disclosure SD_FORM 13 1 number|disclosure JSON_SYNTAX 13 1 number",
    "disclosure.value": "disclosure STORE_COLUMN 13 1 number",
    "disclosure added": "disclosure STATEMENT_MISSING 99 numbex",
    "entry.idx": "entry ENTRY_MISSING 16, entry ENTRY_EXTRA 1016",
    "entry.statement_id": "entry ENTRY_ORDER 16, entry STATEMENT_MISSING 16",
    "entry.item_number": "entry ENTRY_ORDER 16, entry ITEM_MISSING 16",
    "entry.recorded_at": "entry ENTRY_COLUMN 16",
    "entry.text": "entry ENTRY_LEAF 16",
    "entry.leaf": "entry ENTRY_LEAF 16",
    "entry deleted": "entry ENTRY_MISSING 16",
    "entry added": "entry ENTRY_EXTRA 99",
    "file.sha256": "file FILE_DIGEST file",
    "file.path": "file FILE_MISSING file, file FILE_UNLISTED file",
    "file.sm3": "file FILE_DIGEST file",
    "file.size": "file FILE_DIGEST file",
    "file.mode": "file FILE_UNLISTED file",
    "file deleted": "file FILE_UNLISTED file",
    "file added": "file FILE_MISSING file",
    "item.statement_id": "statement LIST_SIZE 13, item STATEMENT_MISSING 1013 1",
    "item.number": "statement LIST_SIZE 13, entry ITEM_MISSING 17",
    "item.record": "item STORE_COLUMN 13 1",
    "item.data": "item ITEM_DIGEST 13 1, statement LIST_ROOTS 13",
    "item.sha256": "item ITEM_DIGEST 13 1, entry ENTRY_ITEM 17",
    "item.sm3": "item ITEM_DIGEST 13 1, entry ENTRY_ITEM 17",
    "item.trails": "item STORE_COLUMN 13 1, entry ENTRY_TRAILS 17",
    "item deleted": "statement LIST_SIZE 13, entry ITEM_MISSING 17",
    "item added": "item STATEMENT_MISSING 99 99",
    "link.trail_key": "link LINK_MISSING, link LINK_EXTRA",
    "link.seq": "link LINK_MISSING, link LINK_EXTRA",
    "link.idx": "link LINK_MISSING, link LINK_EXTRA",
    "link.leaf": "link LINK_LEAF",
    "link deleted": "link LINK_MISSING",
    "link added": "link LINK_EXTRA",
    "statement.id": "item STATEMENT_MISSING 13 1, entry STATEMENT_MISSING 15",
    "statement.sha256": "entry ENTRY_STATEMENT 15",
    "statement.sm3": "statement STATEMENT_DIGEST 13, entry ENTRY_STATEMENT 15",
    "statement.jti": "statement STORE_COLUMN 13 jti",
    "statement.data": "statement STATEMENT_DIGEST 13",
    "statement.certificate": "statement STORE_COLUMN 13 certificate",
    "statement.event": "statement STORE_COLUMN 13 event",
    "statement.iss": "statement STORE_COLUMN 13 iss",
    "statement.agent": "statement STORE_COLUMN 13 agent",
    "statement.record": "statement STORE_COLUMN 13 record",
    "statement.list_id": "statement STORE_COLUMN 13 list_id",
    "statement.item_count": "statement STORE_COLUMN 13 item_count",
    "statement.trails": "statement STORE_COLUMN 13 trails, entry ENTRY_TRAILS 15",
    "statement.accepted_at": "receipt RECEIPT_DIFFERS 13, entry ENTRY_TIME 15",
    "statement.due": "receipt RECEIPT_DIFFERS 13",
    "statement.receipt": "receipt NOTE_SIGNATURE 13|receipt BASE64 13",
    "statement deleted": "entry STATEMENT_MISSING 15, item STATEMENT_MISSING 13 1",
    "statement added": "statement STATEMENT_DIGEST",
    "tile.alg": "tile TILE_MISSING sm3 0/0, tile TILE_EXTRA sm4 0/0",
    "tile.level": "tile TILE_MISSING sm3 0/0, tile TILE_EXTRA sm3 1000/0",
    "tile.n": "tile TILE_MISSING sm3 0/0, tile TILE_EXTRA sm3 0/1000",
    "tile.hashes": "tile TILE_LEAF sm3 0/0 20",
    "tile deleted": "tile TILE_MISSING sm3 0/0",
    "tile added": "tile TILE_EXTRA sm4 99/99",
}
# Notes that nothing else repeats (docs/operations.md says so): of the ledger's own work, or of what may be
# withheld.
NOTES = {
    "anchor_attempt": {"id", "txid", "started_at", "ended_at", "outcome", "detail", "deleted", "added"},
    "attestation": {"id", "deleted", "added"},
    "batch": {"sealed_at"},
    "disclosure": {"deleted"},
    "file": {"modified_ns", "stored_at"},
    "fixity": {"id", "sha256", "path", "checked_at", "result", "found", "deleted", "added"},
    "unit_tree": {"number", "at", "data", "deleted", "added"},
}
# Nothing of this kind is made here; tests of their own have them. Sessions are no part of what is kept.
ELSEWHERE = {"recovery", "set_aside", "session", "answered_challenge", "refusal", "sealed"}
# Whose judging needs the real network's blocks; the rest is in the long run, and on paper in tests/ledger.
SHORT = (
    "anchor.",
    "anchor ",
    "attestation",
    "batch.state",
    "certificate added",
    "configuration",
    "file deleted",
)

CASES = [
    pytest.param(what, marks=[] if what.startswith(SHORT) else pytest.mark.long, id=what) for what in CHANGED
]


@pytest.fixture(scope="module")
def home(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_stored(network_home, tmp_path_factory.mktemp("stored"))


@pytest.fixture
def database(home: Path) -> Iterator[Path]:
    """The sound ledger's database, put back as it was after the test."""
    path = home / "ledger" / "ledger.sqlite"
    kept = path.read_bytes()
    yield path
    for left in path.parent.glob("ledger.sqlite*"):
        left.unlink()
    path.write_bytes(kept)


def found_in(home: Path) -> list[Finding]:
    ledger = open_ledger(home)
    try:
        return list(checked(ledger, lambda *_: None, offline=False).findings)
    finally:
        ledger.close()


def execute(database: Path, sql: str, values: Sequence[Any] = ()) -> None:
    """As somebody does who has the database file and knows SQL."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(sql, values)
        connection.commit()


def other(value: Any) -> Any:
    """Nearly the same."""
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    for at in range(len(value or "") - 1, -1, -1):
        if value[at].isdigit():
            return value[:at] + str((int(value[at]) + 1) % 10) + value[at + 1 :]
    return f"{value[:-1]}x" if value else "x"


def middle(table: str, rows: Sequence[sqlite3.Row]) -> sqlite3.Row:
    if table == "certificate":
        # 王五's, and no registrar's.
        return next(row for row in rows if read_signer(row["der"]).role == "person")
    if table in ("statement", "entry", "disclosure"):
        rows = rows[PEOPLE:]
    return rows[len(rows) // 2]


def tamper(database: Path, what: str) -> None:
    table, _, column = what.replace(" ", ".").partition(".")
    keys = [key.name for key in metadata.tables[table].primary_key]
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        order = ", ".join(keys)
        rows = connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()  # noqa: S608
    row = dict(middle(table, rows))
    where = " AND ".join(f"{key} = ?" for key in keys)
    its = [row[key] for key in keys]
    if column == "deleted":
        execute(database, f"DELETE FROM {table} WHERE {where}", its)  # noqa: S608
    elif column == "added":
        # Another key, and another value where the table asks for one of its own.
        row |= {key: 99 if isinstance(row[key], int) else other(row[key]) for key in keys}
        own = {"statement": ("sha256", "jti"), "batch": ("marker_index",), "entry": ("item_number",)}
        row |= {name: other(row[name]) for name in own.get(table, ())}
        places = ", ".join("?" * len(row))
        execute(database, f"INSERT INTO {table} VALUES ({places})", list(row.values()))  # noqa: S608
    else:
        changed = [other(row[column]), *its]
        execute(database, f'UPDATE {table} SET "{column}" = ? WHERE {where}', changed)  # noqa: S608


def short(finding: Finding, numbers: dict[str, str]) -> str:
    """With a statement's number for its digest, and a file's path left out."""
    first, space, rest = finding.name.partition(" ")
    name = "file" if finding.subject is Subject.FILE else numbers.get(first, first) + space + rest
    return f"{finding.subject} {finding.code} {name}"


@pytest.mark.parametrize("what", CASES)
def test_what_was_changed_is_named(home: Path, database: Path, what: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT lower(hex(sha256)), id FROM statement").fetchall()
    tamper(database, what)
    said = [short(finding, {digest: str(number) for digest, number in rows}) for finding in found_in(home)]
    for expected in CHANGED[what].split(", "):
        assert any(_is(one, choice) for one in said for choice in expected.split("|")), said


def _is(said: str, expected: str) -> bool:
    """Where the name depends on digests that each run draws anew, the code alone is expected; and one of two
    where it depends on them what the change makes of a text."""
    return said == expected or (expected.count(" ") == 1 and said.startswith(expected))


def test_a_sound_ledger_yields_nothing(home: Path) -> None:
    assert found_in(home) == []


def test_every_column_is_looked_at() -> None:
    every = {
        f"{table.name}{what}"
        for table in metadata.sorted_tables
        if table.name not in ELSEWHERE
        for what in (*(f".{column.name}" for column in table.c), " deleted", " added")
    }
    notes = {
        f"{table}{' ' if name in ('deleted', 'added') else '.'}{name}"
        for table, names in NOTES.items()
        for name in names
    }
    assert every == CHANGED.keys() | notes
    assert not notes & CHANGED.keys()


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM link; END", "trigger t"),
        ("CREATE VIEW v AS SELECT 1", "view v"),
        ("DROP INDEX ix_statement_record", "index ix_statement_record"),
        ("CREATE TABLE t (a)", "table t"),
    ],
)
def test_a_database_of_another_make_is_named(home: Path, database: Path, sql: str, name: str) -> None:
    execute(database, sql)
    found = found_in(home)
    assert ("STORE_SCHEMA", name) in {(one.code, one.name) for one in found}
