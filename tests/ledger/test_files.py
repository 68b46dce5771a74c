"""Files, fixity, back-up and restoring."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger import backup as backup_module
from ledger.backup import backup, restore, verify_backup
from ledger.backup_manifest import Manifest, ManifestFile, read_manifest, write_manifest
from ledger.check import check
from ledger.files import content_path, store_file, stored_files
from ledger.fixity import FixityResult, check_fixity
from ledger.handle import open_ledger
from ledger.people import Person, enrol
from ledger.store.engine import reading
from ledger.store.tables import fixity
from tests.ledger import ledger_world
from tests.ledger.ledger_world import RECORD, World, make_world, new_uuid
from verifier.digests import Digests, both
from verifier.errors import CallerError, LedgerError

CONTENT = b"scan " * 100_000


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "04_指界签字表.pdf"
    path.write_bytes(CONTENT)
    return path


def test_a_copy_stands_under_its_digest(world: World, scan: Path) -> None:
    told: list[int] = []
    stored = store_file(world.ledger, scan, progress=told.append)
    assert (stored.digests, stored.size, stored.mode) == (both(CONTENT), len(CONTENT), "copy")
    name = stored.digests.sha256.hex()
    assert stored.path == world.ledger.paths.files / name[:2] / name[2:4] / name
    assert stored.path.read_bytes() == CONTENT
    assert stored.path.stat().st_mode & 0o077 == 0
    assert sum(told) == len(CONTENT)
    assert store_file(world.ledger, scan) == stored
    assert stored_files(world.ledger, stored.digests.sha256) == (stored,)
    assert [p for p in world.ledger.paths.files.iterdir() if p.name.startswith("incoming")] == []


def test_a_damaged_copy_is_made_whole_by_storing_it_again(world: World, scan: Path) -> None:
    stored = store_file(world.ledger, scan)
    stored.path.write_bytes(b"damaged")
    store_file(world.ledger, scan)
    assert stored.path.read_bytes() == CONTENT


def test_a_reference_stays_where_it_lies(world: World, scan: Path) -> None:
    stored = store_file(world.ledger, scan, "reference")
    assert (stored.mode, stored.path) == ("reference", scan.resolve())
    assert list(world.ledger.paths.files.iterdir()) == []
    copy = store_file(world.ledger, scan)
    assert stored_files(world.ledger, stored.digests.sha256) == (copy, stored)


def test_an_empty_file_is_a_file(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert store_file(world.ledger, tmp_path / "empty").digests == both(b"")


def test_what_is_no_file_is_refused(world: World, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, code in (("none", "FILE_ABSENT"), ("", "FILE_NOT_REGULAR"), ("pipe", "FILE_NOT_REGULAR")):
        with pytest.raises(CallerError, match=code):
            store_file(world.ledger, tmp_path / path)


def test_a_file_that_grows_while_it_is_read_is_refused(world: World, scan: Path) -> None:
    def grow(_: int) -> None:
        with scan.open("ab") as writer:
            writer.write(b"x")

    with pytest.raises(CallerError, match="FILE_CHANGED"):
        store_file(world.ledger, scan, "reference", grow)
    assert stored_files(world.ledger, both(CONTENT).sha256) == ()


def test_a_full_disk_is_named_and_leaves_nothing(
    world: World, scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.files.os.fsync", full)
    with pytest.raises(LedgerError, match="FILE_SPACE"):
        store_file(world.ledger, scan)
    monkeypatch.undo()
    assert list(world.ledger.paths.files.iterdir()) == []
    assert stored_files(world.ledger, both(CONTENT).sha256) == ()


def test_fixity_tells_same_changed_missing_and_unreadable_apart(world: World, tmp_path: Path) -> None:
    stored = []
    for n in range(4):
        (tmp_path / f"{n}.pdf").write_bytes(b"%d" % n)
        stored.append(store_file(world.ledger, tmp_path / f"{n}.pdf", "reference"))
    (tmp_path / "1.pdf").write_bytes(b"x")
    (tmp_path / "2.pdf").unlink()
    (tmp_path / "3.pdf").unlink()
    (tmp_path / "3.pdf").mkdir()
    told: list[tuple[int, int]] = []
    report = check_fixity(world.ledger, lambda done, total, path: told.append((done, total)))
    assert report.checked == 4
    found = {problem.path.name: problem for problem in report.problems}
    assert {name: problem.result for name, problem in found.items()} == {
        "1.pdf": FixityResult.CHANGED,
        "2.pdf": FixityResult.MISSING,
        "3.pdf": FixityResult.UNREADABLE,
    }
    x = both(b"x")
    assert found["1.pdf"].found == f"1 {x.sha256.hex()} {x.sm3.hex()}"
    assert sorted(told) == [(n, 4) for n in range(1, 5)]
    with reading(world.ledger.engine) as connection:
        results = connection.execute(select(fixity.c.sha256, fixity.c.result)).all()
    assert dict(tuple(row) for row in results)[stored[0].digests.sha256] == "same"
    assert len(results) == 4


def test_many_files_are_walked_in_portions(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.fixity._AT_ONCE", 3)
    for n in range(8):
        (tmp_path / "one").write_bytes(b"%d" % n)
        store_file(world.ledger, tmp_path / "one")
    assert check_fixity(world.ledger).checked == 8


@pytest.fixture
def full(world: World, scan: Path, tmp_path: Path) -> World:
    """A ledger with entries, a pending statement, a copy, a reference and a person."""
    key = world.person()
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
    assert (report.references, report.damaged, report.missing) == (1, (), ())
    assert (report.manifest.ledger, report.manifest.batch, report.manifest.size) == (full.ledger.id, 1, 9)
    assert read_manifest((tmp_path / "kept" / "manifest.json").read_bytes()) == report.manifest
    assert report.octets == sum(f.size for f in report.manifest.files)
    restore(tmp_path / "kept", tmp_path / "again")
    again = open_ledger(tmp_path / "again", full.clock)
    other = World(again, full.clock, full.cas)
    assert (again.id, again.settings) == (full.ledger.id, full.ledger.settings)
    found = list(check(again, None, None, full.person_cas))
    assert {f.code for f in found} == {"ANCHOR_BLOCKS_NOT_CHECKED", "CHAIN_NOT_CHECKED"}
    sealed = other.seal()
    assert sealed is not None
    assert (sealed.number, sealed.statements) == (2, 1)
    assert (tmp_path / "again/ledger/checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "again/people").rglob("key.pem"))) == 1
    assert [p for p in tmp_path.iterdir() if "restore-" in p.name] == []


def test_a_back_up_is_one_moment_while_the_ledger_goes_on(
    full: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = full.person()
    copy = backup_module._copy

    def slow(root: Path, source: Path, place: Path) -> object:
        full.accept([full.receive(key, new_uuid())])
        return copy(root, source, place)

    monkeypatch.setattr(backup_module, "_copy", slow)
    backup(full.ledger, tmp_path / "kept")
    with closing(sqlite3.connect(tmp_path / "kept/ledger/ledger.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM statement").fetchone() == (3,)
    verify_backup(tmp_path / "kept")


def test_further_files_of_the_data_folder_are_kept_on_request(full: World, tmp_path: Path) -> None:
    home = full.ledger.paths.home
    (home / "intake").mkdir()
    journal = sqlite3.connect(home / "intake/journal.sqlite")
    journal.execute("PRAGMA journal_mode = WAL")
    journal.execute("CREATE TABLE done AS SELECT 7 AS n")
    journal.commit()
    (home / "intake/notes.txt").write_text("n", encoding="utf-8")
    extra = [Path("intake/journal.sqlite"), Path("intake/notes.txt"), Path("intake/none")]
    backup(full.ledger, tmp_path / "kept", extra=extra)
    journal.close()
    restore(tmp_path / "kept", tmp_path / "again")
    with closing(sqlite3.connect(tmp_path / "again/intake/journal.sqlite")) as connection:
        assert connection.execute("SELECT n FROM done").fetchone() == (7,)
    assert (tmp_path / "again/intake/notes.txt").read_text(encoding="utf-8") == "n"


def test_a_folder_that_holds_something_is_not_backed_up_into(full: World, tmp_path: Path) -> None:
    with pytest.raises(CallerError, match="BACKUP_TARGET"):
        backup(full.ledger, tmp_path)


def test_damage_that_was_there_before_is_reported(full: World, tmp_path: Path) -> None:
    path = content_path(full.ledger.paths, both(CONTENT).sha256)
    path.write_bytes(b"damaged")
    report = backup(full.ledger, tmp_path / "kept")
    assert report.damaged == (path.name,)
    path.unlink()
    assert backup(full.ledger, tmp_path / "again").missing == (str(path),)


@pytest.fixture
def kept(full: World, tmp_path: Path) -> Path:
    backup(full.ledger, tmp_path / "kept")
    return tmp_path / "kept"


def test_every_file_of_a_back_up_is_verified_before_anything_is_restored(kept: Path, tmp_path: Path) -> None:
    whole = contents(kept)
    assert len(whole) == 8
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
        spoiled = Manifest(
            manifest.created_at,
            manifest.ledger,
            manifest.origin,
            manifest.batch,
            manifest.size,
            (changed, *manifest.files[1:]),
        )
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
    copy = backup_module._copy
    done: list[Path] = []

    def failing(root: Path, source: Path, place: Path) -> object:
        done.append(place)
        if len(done) == 4:
            raise OSError(28, "No space left on device")
        return copy(root, source, place)

    monkeypatch.setattr(backup_module, "_copy", failing)
    with pytest.raises(OSError, match="No space"):
        restore(kept, tmp_path / "again")
    assert not (tmp_path / "again").exists()
    assert [p for p in tmp_path.iterdir() if "restore-" in p.name] == []
