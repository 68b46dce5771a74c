"""The check of the whole ledger: a sound one yields nothing; each thing spoiled is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import String, select

from ledger.check import check
from ledger.files import content_path, store_file
from ledger.finding import Finding, Subject
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import Octets, anchor, metadata, statement
from tests.ledger.databases import IN_USE, name_of
from tests.ledger.databases import spoil as spoil_ledger
from tests.ledger.ledger_world import ENROLLING, RECORD, World, make_world
from tests.ledger.spoiled_stores import CASES, LISTED, OTHER, Spoiled
from verifier.anchor import encode_anchor, parse_anchor
from verifier.digests import both, sha256
from verifier.errors import EvidenceError
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two records, a list of 300, a file, five batches; made once and copied for each test."""
    home = tmp_path_factory.mktemp("sound")
    world = make_world(home)
    world.clock.step(1)
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
    root, place = made.ledger.paths.root, made.ledger.place
    kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    server = IN_USE[-1].cluster
    saved = server.database(name_of(place)) if server and isinstance(place, Postgres) else ""
    yield made
    made.ledger.close()
    if server and isinstance(place, Postgres):
        server.drop(name_of(place))
        server.rename(saved, name_of(place))
    for path in root.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    for path, data in kept.items():
        path.write_bytes(data)


def findings(world: World) -> list[Finding]:
    """What failed; the chain is the kept anchors themselves."""
    found = check(world.ledger, lambda n: kept_anchor(world, n), lambda n: None, world.person_cas)
    return list(found)


def kept_anchor(world: World, number: int) -> bytes | None:
    """None for the batch in flight, beyond the newest anchor."""
    with reading(world.ledger.engine) as connection:
        return connection.execute(select(anchor.c.data).where(anchor.c.batch == number)).scalar()


def spoil(world: World, sql: str) -> None:
    spoil_ledger(world.ledger, sql)


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
    assert stages["statements"] == (ENROLLING + 6,) * 2
    assert stages["log"][0] == stages["log"][1] == ENROLLING + 310
    assert stages["store"] == (len(metadata.tables),) * 2
    assert stages["files"] == (1, 1)


def test_what_cannot_be_asked_is_not_passed(world: World) -> None:
    found = list(check(world.ledger))
    assert {f.outcome for f in found} == {Outcome.NOT_RUN}
    assert [f.code for f in found] == ["CONFIGURATION_NONE", "ANCHOR_BLOCKS_NOT_CHECKED", "CHAIN_NOT_CHECKED"]


def test_a_network_that_goes_away_leaves_the_rest_unchecked(world: World) -> None:
    def chain(number: int) -> bytes | None:
        return kept_anchor(world, number) if number < 1 else None

    (finding,) = check(world.ledger, chain, lambda n: None, world.person_cas)
    assert (finding.outcome, finding.code, finding.name) == (Outcome.NOT_RUN, "CHAIN_NOT_CHECKED", "1…3")


def test_a_network_that_holds_another_history_is_named(world: World) -> None:
    (finding,) = check(
        world.ledger,
        lambda n: b"other" if n == 2 else kept_anchor(world, n),
        lambda n: None,
        world.person_cas,
    )
    assert (finding.outcome, finding.code, finding.name) == (Outcome.FAILED, "CHAIN_OTHER_ANCHOR", "2")


def test_another_anchor_for_the_batch_in_flight_is_named(world: World) -> None:
    """Two that cannot be told apart by their size: another root."""
    newest = kept_anchor(world, 3)
    assert newest is not None
    before = parse_anchor(newest)
    other = encode_anchor(replace(before, batch=4, previous=sha256(newest), size=before.size + 1))

    def chain(number: int) -> bytes | None:
        return other if number == 4 else kept_anchor(world, number)

    (finding,) = check(world.ledger, chain, lambda n: None, world.person_cas)
    assert (finding.outcome, finding.code, finding.name) == (Outcome.FAILED, "CHAIN_OTHER_ANCHOR", "4")
    assert before.roots.sha256.hex() in finding.expected


def test_an_anchor_that_is_gone_from_the_network_is_named(world: World) -> None:
    (finding,) = check(
        world.ledger, lambda n: b"" if n == 1 else kept_anchor(world, n), lambda n: None, world.person_cas
    )
    named = (finding.outcome, finding.code, finding.name, finding.expected)
    assert named == (Outcome.FAILED, "CHAIN_OTHER_ANCHOR", "1", "-")


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_what_was_spoiled_is_named(world: World, case: Spoiled) -> None:
    numbers = {digest: str(n) for n, digest in enumerate(digests(world), 1)}
    spoil(world, case.sql)
    found = findings(world)
    assert {f.outcome for f in found} == {Outcome.FAILED}
    named = {(f.subject, f.code, short(f, numbers)) for f in found}
    assert case.findings <= named
    assert case.records <= {record for f in found for record in f.records}
    if case.records:
        untouched = {RECORD, OTHER, *LISTED} - case.records
        assert untouched.isdisjoint(record for f in found for record in f.records)


def digests(world: World) -> list[str]:
    with reading(world.ledger.engine) as connection:
        found = connection.execute(select(statement.c.sha256).order_by(statement.c.id)).scalars()
        return [digest.hex() for digest in found]


def short(finding: Finding, numbers: dict[str, str]) -> str:
    """The finding's name with a statement's number for its digest, and a file's path left out."""
    if finding.subject is Subject.FILE:
        return "file"
    first, space, rest = finding.name.partition(" ")
    return numbers.get(first, first) + space + rest


def test_a_whole_history_rewritten_disagrees_with_its_anchors(world: World) -> None:
    """Even if every table that we keep is made to agree, the anchors' bytes are the network's."""
    spoil(world, "UPDATE anchor SET data = CAST(data || 'x' AS BLOB), sha256 = zeroblob(32) WHERE batch = 3")
    found = list(
        check(
            world.ledger,
            lambda n: b"held" if n == 3 else kept_anchor(world, n),
            lambda n: None,
            world.person_cas,
        )
    )
    assert {f.code for f in found if f.subject is Subject.ANCHOR} == {"LINE_FORM", "CHAIN_OTHER_ANCHOR"}


def test_only_the_batch_that_disagrees_is_named(world: World) -> None:
    spoil(world, "UPDATE entry SET text = replace(text, '2026', '2027') WHERE idx = 11")
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
    assert len(found) == ENROLLING + 6


def test_what_the_kept_blocks_do_not_prove_is_named(world: World) -> None:
    def judge(number: int) -> None:
        if number == 1:
            raise EvidenceError("BLOCK_QUORUM", "block")

    (finding,) = check(world.ledger, lambda n: kept_anchor(world, n), judge, world.person_cas)
    assert (finding.subject, finding.code, finding.name) == (Subject.ANCHOR, "BLOCK_QUORUM", "1")


# What nothing else in the store repeats, so that a change cannot be seen: when the ledger's own work was
# done, and what the network alone can vouch for (`anchor_check` judges it).
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
    changed = {Octets: f"zeroblob(1) || {column}", String: f"{column} || 'x'"}
    value = next((sql for of, sql in changed.items() if isinstance(kind, of)), f"{column} + 1000000")
    if isinstance(kind, Octets):
        value = f"CAST({value} AS BLOB)"
    where = f"rowid = (SELECT min(rowid) FROM {table} WHERE {column} IS NOT NULL)"  # noqa: S608  names of our own tables
    if table in ("link", "tile"):
        where = {"link": "seq = 1 AND idx = 318", "tile": "alg = 'sm3' AND level = 0 AND n = 1"}[table]
    spoil(world, f"UPDATE {table} SET {column} = {value} WHERE {where}")  # noqa: S608  as above
    found = findings(world)
    assert found
    assert {f.outcome for f in found} == {Outcome.FAILED}


def test_what_was_set_aside_without_reason_is_named(world: World) -> None:
    """It would drop a pending statement for ever, receipt or not."""
    world.accept([world.receive(world.person(), RECORD)])
    last = digests(world)[-1]
    spoil(
        world,
        "INSERT INTO set_aside SELECT max(id), 'CERTIFICATE_DATE', '2999-01-01T00:00:00.000Z' FROM statement",
    )
    (finding,) = findings(world)
    assert (finding.subject, finding.code, finding.name) == (Subject.STATEMENT, "ASIDE_UNFOUNDED", last)
    assert finding.records == (RECORD,)


def test_set_aside_as_refused_without_a_decision_on_record_is_named(world: World) -> None:
    """A row in the database alone is no decision of the operator's."""
    world.accept([world.receive(world.person(), RECORD)])
    aside = "'REFUSED:CERTIFICATE_ISSUER', '2026-01-08T00:00:00.000Z'"
    spoil(world, f"INSERT INTO set_aside SELECT max(id), {aside} FROM statement")  # noqa: S608  a constant
    (finding,) = findings(world)
    assert (finding.code, finding.outcome) == ("ASIDE_UNFOUNDED", Outcome.FAILED)


def test_what_was_set_aside_with_reason_is_no_finding(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    short_lived = world.person(days=2)
    world.seal(empty=True)
    world.accept([world.receive(short_lived, RECORD)])
    world.clock.step(3600 * 24 * 3)
    world.anchor()
    assert world.seal() is None
    assert findings(world) == []
    spoil(world, "UPDATE set_aside SET code = 'CERTIFICATE_FORM'")
    (finding,) = findings(world)
    assert (finding.code, finding.expected, finding.found) == (
        "ASIDE_UNFOUNDED",
        "CERTIFICATE_DATE",
        "CERTIFICATE_FORM",
    )
