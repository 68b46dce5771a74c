"""Files, fixity, back-up and restoring."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.check import check
from ledger.files import store_file, stored_files
from ledger.fixity import FixityResult, check_fixity
from ledger.store.engine import reading
from ledger.store.tables import fixity
from tests.ledger.ledger_world import World, make_world
from verifier.digests import both
from verifier.errors import CallerError, LedgerError
from verifier.report import Outcome

pytestmark = pytest.mark.usefixtures("database")

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
    told_by_check = {
        Path(one.name).name: (one.code, one.outcome) for one in check(world.ledger) if one.expected
    }
    assert told_by_check == {
        "1.pdf": ("FILE_DIGEST", Outcome.FAILED),
        "2.pdf": ("FILE_MISSING", Outcome.FAILED),
        "3.pdf": ("FILE_UNREADABLE", Outcome.NOT_RUN),
    }


def test_many_files_are_walked_in_portions(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.fixity._AT_ONCE", 3)
    for n in range(8):
        (tmp_path / "one").write_bytes(b"%d" % n)
        store_file(world.ledger, tmp_path / "one")
    assert check_fixity(world.ledger).checked == 8
