"""`up` is killed, hindered or run into by `down`: the next one goes on or makes it anew, and it is whole."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.down import down, reset
from network.errors import NetworkError
from network.layout import layout
from network.processes import running
from network.progress import Step
from network.up import up

# Kills itself, and no other process, at the nth call of a function that `up` comes through.
PROGRAM = """
import importlib, os, signal, sys
from pathlib import Path
from network.up import up
place, name, n = sys.argv[2], sys.argv[3], int(sys.argv[4])
module = importlib.import_module(place)
real, calls = getattr(module, name), []
def mortal(*arguments, **named):
    calls.append(1)
    if len(calls) == n:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **named)
setattr(module, name, mortal)
up(Path(sys.argv[1]))
"""
# In the order in which `up` comes to them: each run goes on from where the one before died.
POINTS = (
    ("certificates half made", "network.make", "make_organisation", 3),
    ("no genesis block yet", "network.make", "genesis_block", 1),
    ("all made, not yet in its place", "network.make", "encode_marker", 1),
    ("made, nothing started", "network.up", "make_packages", 1),
    ("half the processes started", "network.plans", "start", 6),
    ("two orderers on the channel", "network.together", "join_orderer", 3),
    ("one peer on the channel", "network.together", "join_peer", 2),
    ("chaincode installed on one peer", "network.lifecycle", "_install", 2),
    ("chaincode approved by one or two", "network.lifecycle", "_approve", 3),
    ("chaincode approved, not committed", "network.lifecycle", "_commit", 1),
    ("committed, not yet endorsed by all", "network.together", "endorsed_by_all", 1),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    down(folder)
    reset(folder)


def test_killed_at_every_step_and_gone_on_with(home: Path) -> None:
    for what, module, function, call in POINTS:
        command = [sys.executable, "-c", PROGRAM, str(home), module, function, str(call)]
        run = subprocess.run(command, timeout=300, capture_output=True, check=False)
        assert run.returncode == -9, (what, run.stderr.decode())
    assert up(home).healthy
    assert list(home.glob(".network-making-*")) == []


def test_down_while_up_is_under_way_waits_and_then_stops_all(home: Path) -> None:
    joining, told = threading.Event(), list[str]()

    def progress(step: Step) -> None:
        if step.en == "the nodes join the channel":
            joining.set()

    thread = threading.Thread(target=lambda: up(home, progress))
    thread.start()
    assert joining.wait(300)
    stopped = down(home, lambda step: told.append(step.en))
    thread.join(300)
    assert not thread.is_alive()
    assert stopped == 12
    assert told[0] == "another process is working on this network; waiting"
    assert running(layout(home)) == ()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 KiB. Its network runs on, so it is mounted for all to see: only the superuser may."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "none", folder], check=False)
    assert made.returncode == 0, (
        "could not run: only the superuser may mount a small disk; run this test as root · "
        "未能运行:挂载小磁盘须 root 权限,请以 root 运行此测试"
    )
    yield folder
    down(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)


def resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


@pytest.mark.long
@pytest.mark.parametrize("size", ["300k", "100m"])
def test_a_disk_that_is_too_full_is_said_and_up_works_when_there_is_room(small_disk: Path, size: str) -> None:
    resize(small_disk, size)
    with pytest.raises(NetworkError) as full:
        up(small_disk)
    assert "at least 128 are needed" in full.value.en
    assert "请先腾出空间" in full.value.zh
    assert list(small_disk.iterdir()) == []
    resize(small_disk, "600m")
    assert up(small_disk).healthy
