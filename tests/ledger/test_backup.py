"""Back-up and restoring: all that the ledger needs, as of one moment, whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import backup as backup_module
from ledger.backup import backup
from ledger.backup_manifest import ManifestFile, NetworkPart, read_manifest, write_manifest
from ledger.backup_restore import restore, verify_backup
from ledger.check import check
from ledger.fabric.connection import read_connection
from ledger.files import content_path, store_file
from ledger.handle import open_ledger
from ledger.people import Person, enrol
from ledger.settings import write_settings
from tests.ledger import ledger_world
from tests.ledger.ledger_world import ENROLLING, FIRST, FIRST_INDEX, RECORD, World, make_world, new_uuid
from verifier.canonical import Json, encode
from verifier.digests import Digests, both
from verifier.errors import CallerError

pytestmark = pytest.mark.usefixtures("database")

CONTENT = b"\x00\x01scan\xff" * 1000


def connect(home: Path) -> None:
    """What a network would hand over; nobody answers at its address."""
    network = home / "network"
    network.mkdir()
    (network / "client.key").write_bytes(b"a key")
    peer: Json = {"address": "127.0.0.1:7051", "tls_ca": "pem"}
    organisation: Json = {
        "msp": ledger_world.TOWN,
        "name": {"zh": "镇", "en": "town"},
        "peer": peer,
        "node_ca": "",
        "person_cas": [],
    }
    tree: Json = {
        "version": "archive-ledger connection v1",
        "channel": "archive-test",
        "chaincode": "archive",
        "msp": ledger_world.TOWN,
        "client": {"certificate": "pem", "key": str(network / "client.key")},
        "genesis": str(network / "genesis.block"),
        "organisations": [organisation],
    }
    (network / "connection.json").write_bytes(encode(tree))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def full(world: World, tmp_path: Path) -> World:
    """A ledger with entries, a pending statement, a copy, a reference, a person and a connection."""
    key = world.person()
    connect(world.ledger.paths.home)
    scan = tmp_path / "扫描件.tif"
    scan.write_bytes(CONTENT)
    store_file(world.ledger, scan)
    (tmp_path / "elsewhere.pdf").write_bytes(b"elsewhere")
    store_file(world.ledger, tmp_path / "elsewhere.pdf", "reference")
    world.accept([world.receive(key, RECORD), world.receive_list(key, [new_uuid() for _ in range(5)])])
    world.seal_and_anchor()
    world.accept([world.receive(key, RECORD)])
    enrol(world.ledger.paths.home, Person(new_uuid(), ledger_world.TOWN, "person", "n", "d"), b"passphrase")
    return world


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_back_up_comes_back_as_it_was(full: World, tmp_path: Path) -> None:
    report = backup(full.ledger, tmp_path / "kept")
    manifest = report.manifest
    assert (manifest.channel, manifest.network) == ("archive-test", NetworkPart.ELSEWHERE)
    assert (manifest.references, manifest.damaged, manifest.missing) == (1, (), ())
    assert (manifest.ledger, manifest.batch, manifest.size) == (full.ledger.id, FIRST, FIRST_INDEX + 8)
    assert read_manifest((tmp_path / "kept" / "manifest.json").read_bytes()) == report.manifest
    assert report.octets == sum(f.size for f in report.manifest.files)
    restore(tmp_path / "kept", tmp_path / "again")
    again = open_ledger(tmp_path / "again", full.clock)
    other = World(again, full.clock, full.cas)
    # Whatever it was on before, it is on a file now.
    moved = replace(full.ledger.settings, connection="connection/connection.json", database="")
    assert (again.id, again.settings) == (full.ledger.id, moved)
    found = list(check(again, None, None, full.person_cas))
    assert {f.code for f in found} == {"ANCHOR_BLOCKS_NOT_CHECKED", "CHAIN_NOT_CHECKED"}
    sealed = other.seal()
    assert sealed is not None
    assert (sealed.number, sealed.statements) == (FIRST + 1, 1)
    assert (tmp_path / "again/ledger/checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "again/people").rglob("key.pem"))) == 1
    assert [p for p in tmp_path.iterdir() if "restore-" in p.name] == []


def test_a_back_up_is_one_moment_while_the_ledger_goes_on(
    full: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = full.person()
    copy = backup_module.copy_durably

    def slow(root: Path, source: Path, place: Path) -> object:
        full.accept([full.receive(key, new_uuid())])
        return copy(root, source, place)

    monkeypatch.setattr(backup_module, "copy_durably", slow)
    backup(full.ledger, tmp_path / "kept")
    with closing(sqlite3.connect(tmp_path / "kept/ledger/ledger.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM statement").fetchone() == (ENROLLING + 3,)
    verify_backup(tmp_path / "kept")


def test_what_belongs_to_the_same_moment_is_kept_with_its_digests(full: World, tmp_path: Path) -> None:
    @contextmanager
    def moment(target: Path) -> Iterator[None]:
        (target / "network" / "nodes").mkdir(parents=True)
        (target / "network" / "nodes" / "blocks").write_bytes(b"blocks")
        yield
        assert (target / "ledger" / "ledger.sqlite").is_file()

    report = backup(full.ledger, tmp_path / "kept", moment=moment, network=NetworkPart.HELD)
    assert "network/nodes/blocks" in [file.path for file in report.manifest.files]
    done = restore(tmp_path / "kept", tmp_path / "again")
    assert done.network
    assert (tmp_path / "again/network/nodes/blocks").read_bytes() == b"blocks"
    without = restore(tmp_path / "kept", tmp_path / "without", network=False)
    assert not without.network
    assert not (tmp_path / "without/network").exists()
    (tmp_path / "kept/network/nodes/blocks").write_bytes(b"block5")
    with pytest.raises(CallerError, match="network/nodes/blocks"):
        verify_backup(tmp_path / "kept")


def test_a_back_up_that_fails_leaves_nothing(full: World, tmp_path: Path) -> None:
    @contextmanager
    def moment(target: Path) -> Iterator[None]:
        (target / "network").mkdir()
        yield
        raise OSError(28, "No space left on device")

    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "new", tmp_path / "empty"):
        with pytest.raises(OSError, match="No space"):
            backup(full.ledger, target, moment=moment)
    assert not (tmp_path / "new").exists()
    assert list((tmp_path / "empty").iterdir()) == []


def test_the_connection_is_kept_so_that_it_works_elsewhere(full: World, tmp_path: Path) -> None:
    backup(full.ledger, tmp_path / "kept")
    kept = read_connection(tmp_path / "kept/connection/connection.json")
    assert kept.key == tmp_path / "kept/connection/client.key"
    first = full.ledger.settings.connection_path(full.ledger.paths.home)
    assert kept.key.read_bytes() == read_connection(first).key.read_bytes()
    done = restore(tmp_path / "kept", tmp_path / "again")
    again = open_ledger(tmp_path / "again", full.clock)
    assert again.settings.connection_path(again.paths.home) == done.connection
    found = read_connection(again.settings.connection_path(again.paths.home))
    assert (found.channel, found.key) == ("archive-test", tmp_path / "again/connection/client.key")
    assert found.key.stat().st_mode & 0o777 == 0o600
    # And a back-up of what was restored holds it as well.
    assert backup(again, tmp_path / "twice").manifest.missing == ()


def test_a_connection_that_leads_to_its_channel_stays_where_it_is(full: World, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_bytes(full.ledger.settings.connection_path(full.ledger.paths.home).read_bytes())
    settings = replace(full.ledger.settings, connection=str(outside))
    full.ledger.paths.settings.write_bytes(write_settings(settings))
    backup(open_ledger(full.ledger.paths.home), tmp_path / "kept")
    assert restore(tmp_path / "kept", tmp_path / "same").connection == outside
    outside.write_bytes(outside.read_bytes().replace(b'"archive-test"', b'"archive-anew"'))
    moved = restore(tmp_path / "kept", tmp_path / "moved")
    assert moved.connection == tmp_path / "moved/connection/connection.json"


@pytest.mark.parametrize("lost", ["connection.json", "client.key"])
def test_a_lost_connection_is_missing_and_the_rest_is_kept(full: World, tmp_path: Path, lost: str) -> None:
    path = full.ledger.paths.home / "network" / lost
    path.unlink()
    assert backup(full.ledger, tmp_path / "kept").manifest.missing == (str(path),)
    assert restore(tmp_path / "kept", tmp_path / "again").connection is None


def test_a_folder_that_holds_something_is_not_backed_up_into(full: World, tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="BACKUP_TARGET"):
        backup(full.ledger, tmp_path)


def test_damage_that_was_there_before_is_reported(full: World, tmp_path: Path) -> None:
    path = content_path(full.ledger.paths, both(CONTENT).sha256)
    path.write_bytes(b"damaged")
    assert backup(full.ledger, tmp_path / "kept").manifest.damaged == (path.name,)
    path.unlink()
    assert backup(full.ledger, tmp_path / "again").manifest.missing == (str(path),)


@pytest.fixture
def kept(full: World, tmp_path: Path) -> Path:
    backup(full.ledger, tmp_path / "kept")
    return tmp_path / "kept"


def test_every_file_of_a_back_up_is_verified_before_anything_is_restored(kept: Path, tmp_path: Path) -> None:
    whole = contents(kept)
    assert len(whole) == 10
    for name, data in whole.items():
        (kept / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(CallerError) as refused:
            restore(kept, tmp_path / "again")
        expected = "BACKUP_MANIFEST" if name == "manifest.json" else "BACKUP_DAMAGED"
        assert refused.value.code == expected
        assert name == "manifest.json" or name in refused.value.found
        (kept / name).unlink()
        with pytest.raises(CallerError, match=expected):
            restore(kept, tmp_path / "again")
        (kept / name).write_bytes(data)
        assert not (tmp_path / "again").exists()
    restore(kept, tmp_path / "again")


def test_a_digest_of_either_kind_in_the_manifest_counts(kept: Path) -> None:
    manifest = read_manifest((kept / "manifest.json").read_bytes())
    first = manifest.files[0]
    for digests in (Digests(bytes(32), first.digests.sm3), Digests(first.digests.sha256, bytes(32))):
        changed = ManifestFile(first.path, first.size, digests)
        spoiled = replace(manifest, files=(changed, *manifest.files[1:]))
        (kept / "manifest.json").write_bytes(write_manifest(spoiled))
        with pytest.raises(CallerError, match="BACKUP_DAMAGED"):
            verify_backup(kept)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b", "a//b", ".", "a/."])
def test_a_manifest_cannot_point_out_of_its_folder(kept: Path, path: str) -> None:
    data = (kept / "manifest.json").read_bytes()
    (kept / "manifest.json").write_bytes(data.replace(b'"ledger/checkpoint.key"', b'"%s"' % path.encode()))
    with pytest.raises(CallerError, match="BACKUP_MANIFEST"):
        verify_backup(kept)


def test_restoring_goes_into_an_empty_home_only(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "something").touch()
    with pytest.raises(CallerError, match="RESTORE_HOME"):
        restore(kept, tmp_path / "again")
    assert [p.name for p in (tmp_path / "again").iterdir()] == ["something"]
    (tmp_path / "again" / "something").unlink()
    restore(kept, tmp_path / "again")


def test_restoring_that_fails_half_way_leaves_nothing(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backup_module.copy_durably
    done: list[Path] = []

    def failing(root: Path, source: Path, place: Path) -> object:
        done.append(place)
        if len(done) == 4:
            raise OSError(28, "No space left on device")
        return copy(root, source, place)

    monkeypatch.setattr("ledger.backup_restore.copy_durably", failing)
    with pytest.raises(OSError, match="No space"):
        restore(kept, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert [p for p in tmp_path.iterdir() if "restore-" in p.name] == []
