"""Which files are to be read again: never checked, good, due, failed, could not be checked are kept apart."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.files import StoredFile, store_file
from ledger.fixity import FixityResult, compare
from ledger.fixity_due import DAYS, FixityRow, FixityState, check_due, due_list, summary
from tests.ledger.ledger_world import World, make_world
from verifier.digests import Digests

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def kept(world: World, tmp_path: Path, text: str) -> StoredFile:
    source = tmp_path / text
    source.write_text(text)
    return store_file(world.ledger, source)


def states(world: World) -> dict[str, int]:
    return {state.value: number for state, number in summary(world.ledger).states if number}


def spoil(file: StoredFile) -> None:
    file.path.chmod(0o600)
    file.path.write_text("spoiled")


# name → what befalls a file after it was found good, and its state then; None: days pass.
CASES: dict[str, tuple[Callable[[StoredFile], None] | None, str]] = {
    "it was changed": (spoil, "failed"),
    "it is gone": (lambda file: file.path.unlink(), "failed"),
    "days passed": (None, "due"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_state_is_told_apart(world: World, tmp_path: Path, name: str) -> None:
    befalls, state = CASES[name]
    file, other = kept(world, tmp_path, "a"), kept(world, tmp_path, "b")
    assert states(world) == {"never": 2}
    run = check_due(world.ledger)
    assert (run.read, dict(run.results)[FixityResult.SAME]) == (2, 2)
    assert (states(world), due_list(world.ledger), check_due(world.ledger).read) == ({"good": 2}, (), 0)
    world.clock.when += datetime.timedelta(days=DAYS, seconds=1)
    if befalls is None:
        assert states(world) == {"due": 2}
        return
    befalls(file)
    assert check_due(world.ledger).read == 2
    assert states(world) == {"good": 1, state: 1}
    (bad,) = due_list(world.ledger)
    assert (bad.sha256, bad.state.value) == (file.digests.sha256.hex(), state)
    assert due_list(world.ledger, FixityState.GOOD)[0].sha256 == other.digests.sha256.hex()


def test_what_could_not_be_read_has_not_failed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept(world, tmp_path, "a")

    def locked(path: Path, size: int, digests: Digests) -> tuple[FixityResult, str]:
        return FixityResult.UNREADABLE, "Input/output error"

    monkeypatch.setattr("ledger.fixity_due.compare", locked)
    check_due(world.ledger)
    assert states(world) == {"could_not_check": 1}
    assert [one.found for one in due_list(world.ledger)] == ["Input/output error"]
    monkeypatch.setattr("ledger.fixity_due.compare", compare)
    check_due(world.ledger)
    assert states(world) == {"good": 1}
    assert due_list(world.ledger, FixityState.GOOD)[0].path == str(
        file.path.relative_to(world.ledger.paths.files)
    )


def test_a_run_that_is_broken_off_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    for n in range(3):
        kept(world, tmp_path, f"file {n}")

    def stop(done: int, total: int, path: str) -> None:
        assert total == 3
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_due(world.ledger, progress=stop)
    assert states(world) == {"good": 2, "never": 1}
    assert check_due(world.ledger).read == 1


def test_the_list_comes_in_pages(world: World, tmp_path: Path) -> None:
    for n in range(5):
        kept(world, tmp_path, f"file {n}")
    found: list[FixityRow] = []
    after = (b"", "")
    while page := due_list(world.ledger, limit=2, after=after):
        found += page
        after = bytes.fromhex(page[-1].sha256), page[-1].path
    assert len({one.sha256 for one in found}) == len(found) == 5
