"""Two real processes at the same work, on the real network: one batch, one anchor, and neither fails."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import func, select

from api.checking import checked
from ledger.configurations import history
from ledger.store.engine import reading
from ledger.store.tables import anchor, batch
from tests.conftest import RunningNetwork
from tests.e2e.world import World
from tests.fire.killing import ROOT


def test_two_that_seal_and_anchor_at_once_make_one_anchor(world: World, network_home: RunningNetwork) -> None:
    for title in ("甲", "乙"):
        world.receive(title, {"a.txt": title.encode()})
    home = world.ledger.paths.home
    command = [sys.executable, "-m", "tests.fire.rivals", str(home)]
    rivals = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    ended = [rival.communicate(timeout=300) for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0], [error for _, error in ended]
    said = [output.split() for output, _ in ended]
    assert sorted(one[0] for one in said) == ["False", "True"]
    assert len({one[1] for one in said} - {"-"}) == 1
    with reading(world.ledger.engine) as connection:
        assert connection.execute(select(func.count()).select_from(batch)).scalar() == 2
        assert connection.execute(select(func.count()).select_from(anchor)).scalar() == 2
    # What both fetched is one chain, without a gap or a repeat.
    history(world.ledger)
    assert checked(world.ledger, lambda *_: None, offline=False).findings == ()
