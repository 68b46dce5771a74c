"""The process table as the register: found without files, never mistaken, always stopped."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from network.layout import Kind, Layout, Node
from network.processes import log_tail, running, start, stop

NODE = Node("Alpha", Kind.PEER)
# What takes milliseconds, on a machine that is busy with other things.
PATIENCE = 600.0


def until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for(layout: Layout, count: int) -> None:
    until(lambda: len(running(layout)) == count)


def sleeper(layout: Layout, node: Node = NODE, script: str = "exec sleep 60") -> None:
    start(layout, node, "digest", ("/bin/sh", "-c", script), {}, layout.home)


def test_a_process_is_found_by_its_home_alone(tmp_path: Path) -> None:
    one, other = Layout(tmp_path / "one"), Layout(tmp_path / "other")
    for layout in (one, other):
        layout.home.mkdir()
        sleeper(layout)
        wait_for(layout, 1)
    (found,) = running(one)
    assert (found.node, found.digest) == (NODE, "digest")
    stop([found], 2)
    assert running(one) == ()
    assert len(running(other)) == 1
    stop(running(other), 2)


def test_it_outlives_us_and_has_a_session_of_its_own(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    sleeper(layout)
    wait_for(layout, 1)
    (found,) = running(layout)
    assert os.getsid(found.pid) != os.getsid(0)
    assert found.pid not in {child.pid for child in psutil.Process().children()}
    stop([found], 2)


def test_one_that_ignores_the_request_is_made_to_end(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    deaf = tmp_path / "deaf"
    sleeper(layout, script=f"trap '' TERM; touch {deaf}; while true; do sleep 0.1; done")
    until(deaf.exists)
    begun = time.monotonic()
    stop([one for one in running(layout) if one.node == NODE], 0.5)
    assert 0.4 < time.monotonic() - begun < PATIENCE
    wait_for(layout, 0)


def test_a_dead_one_is_not_running(tmp_path: Path) -> None:
    """Also where its parent has not yet asked after it."""
    layout = Layout(tmp_path)
    marks = {"ARCHIVE_LEDGER_NETWORK": str(layout.root), "ARCHIVE_LEDGER_NODE": NODE.name}
    with subprocess.Popen(["sleep", "60"], env=os.environ | marks) as child:
        wait_for(layout, 1)
        child.kill()
        wait_for(layout, 0)
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE


def test_a_strange_environment_is_not_ours(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    marks = {"ARCHIVE_LEDGER_NETWORK": str(layout.root), "ARCHIVE_LEDGER_NODE": "Alpha/something"}
    with subprocess.Popen(["sleep", "60"], env=os.environ | marks) as child:
        # With its own environment, no longer ours.
        until(lambda: psutil.Process(child.pid).cmdline() == ["sleep", "60"])
        assert running(layout) == ()
        child.kill()


def test_output_goes_to_a_log_that_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("network.processes._LARGEST_LOG", 1000)
    layout = Layout(tmp_path)
    for number in range(3):
        start(
            layout,
            NODE,
            "",
            ("/bin/sh", "-c", f"seq -f 'run {number} line %g' 100; echo 结束 >&2"),
            {},
            tmp_path,
        )
        until(lambda: log_tail(layout, NODE)[-1:] == ("结束",))
    assert log_tail(layout, NODE, 2) == ("run 2 line 100", "结束")
    kept = sorted(path.name for path in (layout.root / "logs").iterdir())
    assert kept == ["Alpha-peer.log", "Alpha-peer.log.1"]
    assert "run 1 line 1\n" in (layout.root / "logs" / "Alpha-peer.log.1").read_text()


def test_the_tail_starts_where_a_process_says_why_it_died(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.log(NODE).parent.mkdir(parents=True)
    stack = "\n".join(f"goroutine frame {number}" for number in range(200))
    layout.log(NODE).write_text(f"starting\nbind failed\npanic: address already in use\n\n{stack}\n")
    tail = log_tail(layout, NODE)
    assert "panic: address already in use" in tail
    assert len(tail) == 15
    assert log_tail(layout, Node("Beta", Kind.PEER)) == ()
