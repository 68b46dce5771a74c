"""Two real processes at the same work, on the real network: one batch, one anchor, and neither fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.checking import checked
from ledger.configurations import history
from ledger.store.address import Postgres
from ledger.store.engine import reading
from ledger.store.tables import anchor, batch
from tests.e2e.world import World
from tests.fire.killing import ROOT

pytestmark = pytest.mark.usefixtures("database")


def started(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.fire.rivals", str(home), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def heard(rival: subprocess.Popen[str], line: str) -> None:
    assert rival.stdout is not None
    assert rival.stdout.readline() == f"{line}\n"


def tell(rival: subprocess.Popen[str]) -> None:
    assert rival.stdin is not None
    rival.stdin.write("go\n")
    rival.stdin.flush()


def homes(world: World, tmp_path: Path) -> tuple[Path, Path]:
    """Two machines over one server, or one machine with its file."""
    home = world.ledger.paths.home
    if not isinstance(world.ledger.place, Postgres):
        return home, home
    shutil.copytree(home, tmp_path / "other machine")
    return home, tmp_path / "other machine"


def one_batch_and_one_anchor(world: World) -> None:
    with reading(world.ledger.engine) as connection:
        assert connection.execute(select(func.count()).select_from(batch)).scalar() == 2
        assert connection.execute(select(func.count()).select_from(anchor)).scalar() == 2
    # What both fetched is one chain, without a gap or a repeat.
    history(world.ledger)
    assert checked(world.ledger, lambda *_: None, offline=False).findings == ()


def test_two_that_seal_and_anchor_at_once_make_one_anchor(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for title in ("甲", "乙"):
        world.receive(title, {"a.txt": title.encode()})
    rivals = [started(home) for home in homes(world, tmp_path_factory.mktemp("rivals"))]
    for rival in rivals:
        heard(rival, "ready")
    for rival in rivals:
        tell(rival)
    ended = [rival.communicate(timeout=600) for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0], [error for _, error in ended]
    said = [output.split() for output, _ in ended]
    assert sorted(one[0] for one in said) == ["False", "True"]
    assert len({one[1] for one in said} - {"-"}) == 1
    one_batch_and_one_anchor(world)


def test_a_sealer_killed_before_it_anchored_is_replaced_by_the_other(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world.receive("甲", {"a.txt": "甲".encode()})
    here, there = homes(world, tmp_path_factory.mktemp("rivals"))
    first, second = started(here, "seal"), started(there)
    for rival in (first, second):
        heard(rival, "ready")
    tell(first)
    heard(first, "sealed")
    first.kill()
    first.communicate(timeout=600)
    tell(second)
    output, error = second.communicate(timeout=600)
    assert second.returncode == 0, error
    sealed, txid = output.split()
    assert (sealed, len(txid)) == ("False", 64)
    one_batch_and_one_anchor(world)
