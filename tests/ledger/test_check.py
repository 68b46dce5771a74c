"""The check of the whole ledger: a sound one yields nothing; each thing spoiled is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String

from ledger.check import check
from ledger.files import content_path, store_file
from ledger.finding import Finding, Subject
from ledger.store.tables import metadata
from tests.ledger.ledger_world import RECORD, World, make_world
from verifier.digests import both, sha256
from verifier.errors import EvidenceError
from verifier.report import Outcome

OTHER = "0c1d7a52-5d0e-4b3a-8c55-2f6b0f6f9b10"
LISTED = [f"{n:08x}-1111-4111-8111-111111111111" for n in range(300)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two records, a list of 300, a file, four batches; made once and copied for each test."""
    home = tmp_path_factory.mktemp("sound")
    world = make_world(home)
    key = world.person()
    (home / "scan.pdf").write_bytes(RECORD.encode())
    store_file(world.ledger, home / "scan.pdf")
    world.accept([world.receive(key, RECORD), world.receive(key, OTHER)])
    world.seal_and_anchor()
    world.accept([world.receive_list(key, LISTED), world.receive(key, RECORD)])
    world.seal_and_anchor()
    world.accept([world.receive(key, OTHER)])
    world.seal()
    world.accept([world.receive(key, RECORD)])
    SOUND[str(home)] = world
    return home


SOUND: dict[str, World] = {}


@pytest.fixture
def world(sound: Path) -> Iterator[World]:
    """The sound ledger, put back as it was after the test."""
    made = SOUND[str(sound)]
    made.ledger.close()
    root = made.ledger.paths.root
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    yield made
    made.ledger.close()
    for path in root.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)


def findings(world: World) -> list[Finding]:
    """What failed; the chain is the kept anchors themselves."""
    found = check(world.ledger, lambda n: kept_anchor(world, n), lambda n: None, world.person_cas)
    return list(found)


def kept_anchor(world: World, number: int) -> bytes:
    with closing(sqlite3.connect(world.ledger.paths.database)) as connection:
        data: bytes = connection.execute("SELECT data FROM anchor WHERE batch = ?", (number,)).fetchone()[0]
    return data


def spoil(world: World, *statements: str) -> None:
    """As somebody does who has the database file and knows SQL."""
    with closing(sqlite3.connect(world.ledger.paths.database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        connection.commit()


def test_a_sound_ledger_yields_nothing(world: World) -> None:
    stages: dict[str, tuple[int, int]] = {}
    found = check(
        world.ledger,
        lambda n: kept_anchor(world, n),
        lambda n: None,
        world.person_cas,
        lambda stage, done, total: stages.__setitem__(stage, (done, total)),
    )
    assert list(found) == []
    assert stages["statements"] == (6, 6)
    assert stages["log"][0] == stages["log"][1] == 309
    assert stages["files"] == (1, 1)


def test_what_cannot_be_asked_is_not_passed(world: World) -> None:
    found = list(check(world.ledger))
    assert {f.outcome for f in found} == {Outcome.NOT_RUN}
    assert [f.code for f in found] == ["CONFIGURATION_NONE", "ANCHOR_BLOCKS_NOT_CHECKED", "CHAIN_NOT_CHECKED"]


def test_a_network_that_goes_away_leaves_the_rest_unchecked(world: World) -> None:
    def chain(number: int) -> bytes | None:
        return kept_anchor(world, number) if number < 1 else None

    (finding,) = check(world.ledger, chain, lambda n: None, world.person_cas)
    assert (finding.outcome, finding.code, finding.name) == (Outcome.NOT_RUN, "CHAIN_NOT_CHECKED", "1…2")


def test_a_network_that_holds_another_history_is_named(world: World) -> None:
    (finding,) = check(
        world.ledger,
        lambda n: b"other" if n == 2 else kept_anchor(world, n),
        lambda n: None,
        world.person_cas,
    )
    assert (finding.outcome, finding.code, finding.name) == (Outcome.FAILED, "CHAIN_OTHER_ANCHOR", "2")


# In the log: 0 and 1 markers, 2 RECORD, 3 OTHER, 4 marker, 5 the list, 6…305 its items, 306 RECORD, 307 marker, 308 OTHER.
CASES: list[tuple[str, list[str], set[tuple[Subject, str, str]], set[str]]] = [
    (
        "a statement's bytes",
        ["UPDATE statement SET data = replace(data, 'eyJhbGci', 'eyJhbGcj') WHERE id = 1"],
        {(Subject.STATEMENT, "STATEMENT_DIGEST", "1")},
        {RECORD},
    ),
    (
        "the event it is filed under",
        ["UPDATE statement SET event = 'capture' WHERE id = 2"],
        {(Subject.STATEMENT, "STORE_COLUMN", "2 event")},
        {OTHER},
    ),
    (
        "the record it is filed under",
        [f"UPDATE statement SET record = '{OTHER}' WHERE id = 1"],
        {(Subject.STATEMENT, "STORE_COLUMN", "1 record")},
        {RECORD, OTHER},
    ),
    (
        "its trails",
        ["UPDATE statement SET trails = replace(trails, 'content', 'contend') WHERE id = 1"],
        {(Subject.STATEMENT, "STORE_COLUMN", "1 trails"), (Subject.ENTRY, "ENTRY_TRAILS", "2")},
        {RECORD},
    ),
    (
        "a receipt",
        ["UPDATE statement SET receipt = replace(receipt, '09:30', '09:31') WHERE id = 1"],
        {(Subject.RECEIPT, "NOTE_SIGNATURE", "1")},
        {RECORD},
    ),
    (
        "when it was accepted",
        ["UPDATE statement SET accepted_at = '2026-01-12T09:30:01.500Z' WHERE id = 1"],
        {(Subject.RECEIPT, "RECEIPT_DIFFERS", "1"), (Subject.ENTRY, "ENTRY_TIME", "2")},
        {RECORD},
    ),
    (
        "a certificate",
        ["UPDATE certificate SET der = zeroblob(300)"],
        {(Subject.CERTIFICATE, "CERTIFICATE_DIGEST", str(n)) for n in range(1, 7)},
        {RECORD, OTHER, *LISTED},
    ),
    (
        "an item's bytes",
        ["UPDATE item SET data = replace(data, '\"pages\":8', '\"pages\":9') WHERE number = 7"],
        {(Subject.ITEM, "ITEM_DIGEST", "3 7"), (Subject.STATEMENT, "LIST_ROOTS", "3")},
        set(LISTED),
    ),
    (
        "an item taken away",
        ["DELETE FROM item WHERE number = 299"],
        {(Subject.STATEMENT, "LIST_SIZE", "3"), (Subject.ENTRY, "ITEM_MISSING", "305")},
        set(),
    ),
    (
        "a disclosure",
        [
            "UPDATE disclosure SET text = (SELECT text FROM disclosure WHERE statement_id = 2 AND name = 'title') WHERE statement_id = 1 AND name = 'title'"
        ],
        {(Subject.DISCLOSURE, "SD_NOT_BOUND", "1 -1 title")},
        {RECORD},
    ),
    (
        "the text it is looked up by",
        ["UPDATE disclosure SET value = 'X' WHERE statement_id = 1 AND name = 'title'"],
        {(Subject.DISCLOSURE, "STORE_COLUMN", "1 -1 title")},
        {RECORD},
    ),
    (
        "an entry's text",
        ["UPDATE entry SET text = replace(text, '2026-01-12', '2025-01-12') WHERE idx = 2"],
        {(Subject.ENTRY, "ENTRY_LEAF", "2")},
        {RECORD},
    ),
    (
        "an entry taken away",
        ["DELETE FROM entry WHERE idx = 2"],
        {(Subject.ENTRY, "ENTRY_MISSING", "2"), (Subject.STATEMENT, "STATEMENT_NOT_LOGGED", "1")},
        {RECORD},
    ),
    (
        "an item's entry taken away",
        ["DELETE FROM entry WHERE idx = 100"],
        {(Subject.ENTRY, "ENTRY_MISSING", "100"), (Subject.ENTRY, "ENTRY_ORDER", "101")},
        set(),
    ),
    (
        "a statement taken away",
        ["DELETE FROM statement WHERE id = 1"],
        {(Subject.ENTRY, "STATEMENT_MISSING", "2")},
        set(),
    ),
    (
        "a link moved",
        ["UPDATE link SET leaf = zeroblob(32) WHERE idx = 2"],
        {
            (Subject.LINK, "LINK_LEAF", "2"),
            (Subject.LINK, "LINK_PREVIOUS", "306"),
            (Subject.LINK, "LINK_PREVIOUS", "3"),
        },
        {RECORD, OTHER},
    ),
    (
        "a link taken away",
        ["DELETE FROM link WHERE idx = 306"],
        {(Subject.LINK, "LINK_MISSING", "306"), (Subject.LINK, "LINK_PREVIOUS", "308")},
        {RECORD, OTHER},
    ),
    (
        "a link too many",
        ["INSERT INTO link VALUES (zeroblob(32), 0, 3, zeroblob(32))"],
        {(Subject.LINK, "LINK_EXTRA", "3")},
        {OTHER},
    ),
    (
        "a hash in a tile",
        [
            "UPDATE tile SET hashes = zeroblob(64) || substr(hashes, 65) WHERE alg = 'sm3' AND level = 0 AND n = 0"
        ],
        {
            (Subject.TILE, "TILE_LEAF", "sm3 0/0 0"),
            (Subject.TILE, "TILE_LEAF", "sm3 0/0 1"),
            (Subject.TILE, "TILE_HASH", "sm3 1/0"),
        },
        set(),
    ),
    (
        "a tile above",
        ["UPDATE tile SET hashes = zeroblob(32) WHERE alg = 'sha256' AND level = 1"],
        {(Subject.TILE, "TILE_HASH", "sha256 1/0")},
        set(),
    ),
    (
        "a tile taken away",
        ["DELETE FROM tile WHERE alg = 'sha256' AND level = 0 AND n = 1"],
        {(Subject.TILE, "TILE_MISSING", "sha256 0/1"), (Subject.TILE, "TILE_WIDTH", "sha256 0/1")},
        set(),
    ),
    (
        "a tile too many",
        ["INSERT INTO tile VALUES ('sm3', 0, 9, zeroblob(32))"],
        {(Subject.TILE, "TILE_EXTRA", "sm3 0/9")},
        set(),
    ),
    (
        "a marker",
        ["UPDATE batch SET marker = replace(marker, 'T09', 'T08') WHERE number = 1"],
        {(Subject.BATCH, "MARKER_ANCHOR", "1"), (Subject.ENTRY, "ENTRY_LEAF", "1")},
        set(),
    ),
    (
        "a batch's root",
        ["UPDATE batch SET sha256 = zeroblob(32) WHERE number = 2"],
        {(Subject.BATCH, "BATCH_ROOT", "2 sha256"), (Subject.ANCHOR, "ANCHOR_BATCH", "2")},
        set(),
    ),
    (
        "a batch's time",
        ["UPDATE batch SET last_recorded_at = '2026-01-12T10:00:00.000Z' WHERE number = 3"],
        {(Subject.BATCH, "BATCH_TIME", "3")},
        set(),
    ),
    (
        "a batch taken away",
        ["DELETE FROM batch WHERE number = 2"],
        {(Subject.BATCH, "BATCH_MISSING", "2"), (Subject.BATCH, "BATCH_PLACE", "3")},
        set(),
    ),
    (
        "an anchor",
        ["UPDATE anchor SET data = CAST(replace(CAST(data AS TEXT), 'T09', 'T08') AS BLOB) WHERE batch = 1"],
        {(Subject.ANCHOR, "ANCHOR_COLUMN", "1"), (Subject.ANCHOR, "ANCHOR_CHAINED", "2")},
        set(),
    ),
    (
        "an anchor taken away",
        ["DELETE FROM anchor WHERE batch = 1"],
        {(Subject.ANCHOR, "ANCHOR_MISSING", "1"), (Subject.BATCH, "MARKER_ANCHOR", "2")},
        set(),
    ),
    (
        "the digest a file is kept under",
        ["UPDATE file SET sm3 = zeroblob(32)"],
        {(Subject.FILE, "FILE_DIGEST", "file")},
        {RECORD},
    ),
]


@pytest.mark.parametrize(
    ("statements", "expected", "records"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_was_spoiled_is_named(
    world: World, statements: list[str], expected: set[tuple[Subject, str, str]], records: set[str]
) -> None:
    numbers = {digest: str(n) for n, digest in enumerate(digests(world), 1)}
    spoil(world, *statements)
    found = findings(world)
    assert {f.outcome for f in found} == {Outcome.FAILED}
    named = {(f.subject, f.code, short(f, numbers)) for f in found}
    assert expected <= named
    assert records <= {record for f in found for record in f.records}
    if records:
        untouched = {RECORD, OTHER, *LISTED} - records
        assert untouched.isdisjoint(record for f in found for record in f.records)


def digests(world: World) -> list[str]:
    with closing(sqlite3.connect(world.ledger.paths.database)) as connection:
        return [row[0].hex() for row in connection.execute("SELECT sha256 FROM statement ORDER BY id")]


def short(finding: Finding, numbers: dict[str, str]) -> str:
    """The finding's name with a statement's number for its digest, and a file's path left out."""
    if finding.subject is Subject.FILE:
        return "file"
    first, space, rest = finding.name.partition(" ")
    return numbers.get(first, first) + space + rest


def test_a_whole_history_rewritten_disagrees_with_its_anchors(world: World) -> None:
    """Even if every table that we keep is made to agree, the anchors' bytes are the network's."""
    spoil(world, "UPDATE anchor SET data = data || 'x', sha256 = zeroblob(32) WHERE batch = 2")
    found = list(
        check(
            world.ledger,
            lambda n: b"held" if n == 2 else kept_anchor(world, n),
            lambda n: None,
            world.person_cas,
        )
    )
    assert {f.code for f in found if f.subject is Subject.ANCHOR} == {"LINE_FORM", "CHAIN_OTHER_ANCHOR"}


def test_only_the_batch_that_disagrees_is_named(world: World) -> None:
    spoil(world, "UPDATE entry SET text = replace(text, '2026', '2027') WHERE idx = 2")
    assert not [f for f in findings(world) if f.subject is Subject.BATCH and f.code == "BATCH_ROOT"]


@pytest.mark.parametrize(("how", "code"), [("changed", "FILE_DIGEST"), ("gone", "FILE_MISSING")])
def test_a_file_that_is_not_as_it_was_names_its_record(world: World, how: str, code: str) -> None:
    path = content_path(world.ledger.paths, both(RECORD.encode()).sha256)
    if how == "changed":
        path.write_bytes(b"another scan")
    else:
        path.unlink()
    (finding,) = findings(world)
    assert (finding.subject, finding.code, finding.name) == (Subject.FILE, code, str(path))
    assert finding.records == (RECORD,)
    assert finding.expected == sha256(RECORD.encode()).hex()


def test_a_certificate_of_another_ca_is_named(world: World) -> None:
    stranger = World(world.ledger, world.clock, {})
    found = list(check(world.ledger, lambda n: kept_anchor(world, n), lambda n: None, stranger.person_cas))
    assert {(f.subject, f.code) for f in found} == {(Subject.CERTIFICATE, "STATEMENT_ISSUER")}
    assert len(found) == 6


def test_what_the_kept_blocks_do_not_prove_is_named(world: World) -> None:
    def judge(number: int) -> None:
        if number == 1:
            raise EvidenceError("BLOCK_QUORUM", "block")

    (finding,) = check(world.ledger, lambda n: kept_anchor(world, n), judge, world.person_cas)
    assert (finding.subject, finding.code, finding.name) == (Subject.ANCHOR, "BLOCK_QUORUM", "1")


# What nothing else in the store repeats, so that a change cannot be seen: when the ledger's own work was done,
# and what the network alone can vouch for (`anchor_check` judges it).
UNCHECKED = {
    "anchor": {"block", "block_number", "transaction"},
    "batch": {"sealed_at", "state"},
    "file": {"modified_ns", "stored_at", "mode"},
}
CHECKED = (
    "anchor",
    "batch",
    "certificate",
    "disclosure",
    "entry",
    "file",
    "item",
    "link",
    "statement",
    "tile",
)


@pytest.mark.parametrize(
    ("table", "column"),
    [(t, c.name) for t in CHECKED for c in metadata.tables[t].c if c.name not in UNCHECKED.get(t, ())],
)
def test_a_change_in_any_column_is_found(world: World, table: str, column: str) -> None:
    kind = metadata.tables[table].c[column].type
    changed = {LargeBinary: f"zeroblob(1) || {column}", String: f"{column} || 'x'"}
    value = next((sql for of, sql in changed.items() if isinstance(kind, of)), f"{column} + 1000000")
    if isinstance(kind, LargeBinary):
        value = f"CAST({value} AS BLOB)"
    where = f"rowid = (SELECT min(rowid) FROM {table} WHERE {column} IS NOT NULL)"
    if table in ("link", "tile"):
        where = {"link": "seq = 1 AND idx = 306", "tile": "alg = 'sm3' AND level = 0 AND n = 1"}[table]
    spoil(world, f"UPDATE {table} SET {column} = {value} WHERE {where}")
    found = findings(world)
    assert found
    assert {f.outcome for f in found} == {Outcome.FAILED}
