"""A real network: made, killed, resumed, stopped, removed; beside another; used by the wrong people."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from network import binaries
from network.connection import CHAINCODE
from network.consortium import PACKAGED
from network.down import down, reset
from network.errors import NetworkError
from network.layout import Kind, Layout, Node, layout
from network.lifecycle import committed
from network.marker import read_marker
from network.processes import running
from network.status import NetworkStatus, status
from network.up import up
from tests.network.reconfigure import callers

SOURCE = Path(binaries.__file__).resolve().parents[1] / "chaincode"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose path has spaces, Chinese and is long: Unix socket paths would not bear it."""
    folder = tmp_path / "青禾镇 档案" / ("x" * 100)
    yield folder
    down(folder)
    reset(folder)


def kill(home: Path, *nodes: Node) -> None:
    """kill -9 of these nodes, or of all; returns once none of them lives."""
    doomed = [one for one in running(layout(home)) if not nodes or one.node in nodes]
    for one in doomed:
        one.process.kill()
    deadline = time.monotonic() + 300
    while {one.pid for one in doomed} & {one.pid for one in running(layout(home))}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(found: NetworkStatus) -> dict[str, bool]:
    return {f"{one.msp}/{one.kind}": one.alive for one in found.processes}


def listening(places: Layout) -> bool:
    marker = read_marker(places)
    assert marker is not None
    with socket.socket() as probe:
        return probe.connect_ex((marker.address, 7051)) == 0


def test_a_network_from_nothing_to_nothing(home: Path) -> None:
    assert not status(home).made
    first = up(home)
    assert first.healthy
    assert first.advancing
    assert len(first.processes) == 12
    assert {one.height for one in first.processes if one.kind is not Kind.CHAINCODE} == {first.height}
    assert first.connection == layout(home).root / "connection.json"

    again = up(home)
    assert {one.pid for one in again.processes} == {one.pid for one in first.processes}

    kill(home)
    dead = status(home)
    assert set(alive(dead).values()) == {False}
    assert dead.advancing is None
    resumed = up(home)
    assert resumed.healthy
    assert (resumed.channel, resumed.address) == (first.channel, first.address)
    assert resumed.height == first.height

    assert down(home) == 12
    assert running(layout(home)) == ()
    assert not listening(layout(home))
    assert down(home) == 0
    assert up(home).height == first.height

    assert reset(home)
    assert running(layout(home)) == ()
    assert not layout(home).root.exists()
    assert not reset(home)


def test_two_networks_at_once_and_one_of_five(home: Path, tmp_path: Path) -> None:
    tree = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    court = {
        "msp": "YunlingCourt",
        "name": {"zh": "云岭县人民法院", "en": "Court"},
        "role": {"zh": "核验", "en": "x"},
    }
    tree["organisations"].append(court)
    other = tmp_path / "other"
    other.mkdir()
    (other / "consortium.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    try:
        one, five = up(home), up(other)
        assert one.healthy
        assert five.healthy
        assert len(five.processes) == 15
        assert one.address != five.address
        assert one.channel != five.channel
        assert down(other) == 15
        assert status(home).healthy
    finally:
        down(other)
        reset(other)


def test_what_fails_is_named_and_up_mends_it(home: Path) -> None:
    up(home)
    kill(home, Node("YunlingAudit", Kind.PEER), Node("YunlingJustice", Kind.CHAINCODE))
    found = status(home)
    assert not found.healthy
    assert found.advancing
    assert [name for name, lives in alive(found).items() if not lives] == [
        "YunlingAudit/peer",
        "YunlingJustice/chaincode",
    ]
    (peer,) = [one for one in found.processes if (one.msp, one.kind) == ("YunlingAudit", Kind.PEER)]
    assert (peer.pid, peer.height) == (None, None)
    assert peer.log

    kill(home, Node("YunlingAudit", Kind.ORDERER), Node("YunlingJustice", Kind.ORDERER))
    assert status(home).advancing is False

    before = {one.pid for one in found.processes if one.alive}
    mended = up(home)
    assert mended.healthy
    assert len(before & {one.pid for one in mended.processes}) == 8

    # A process that cannot start: the error names it and shows why.
    kill(home, Node("YunlingAudit", Kind.CHAINCODE))
    site = callers(home)["YunlingAudit"].site
    with socket.create_server((site.listen, site.ports.chaincode)), pytest.raises(NetworkError) as caught:
        up(home)
    assert "YunlingAudit/chaincode" in caught.value.zh
    assert f"{site.listen}:{site.ports.chaincode}" in caught.value.en


def test_two_ups_at_once_make_one_network(home: Path) -> None:
    results: list[NetworkStatus] = []
    told: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(up(home, lambda step: told.append(step.en))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.healthy for one in results] == [True, True]
    assert {one.channel for one in results} == {results[0].channel}
    assert len(running(layout(home))) == 12
    assert "another process is working on this network; waiting" in told


def test_an_up_that_was_killed_is_gone_on_with(home: Path) -> None:
    """kill -9 of `up` itself, first while it makes the network and then while nodes join."""
    program = """
import os, sys
from pathlib import Path
from network.up import up
def progress(step):
    if step.en == sys.argv[2]:
        os.kill(os.getpid(), 9)
up(Path(sys.argv[1]), progress)
"""
    for step in ("making certificates and the genesis block", "the nodes join the channel"):
        run = subprocess.run([sys.executable, "-c", program, str(home), step], timeout=600, check=False)
        assert run.returncode == -9
    assert up(home).healthy


def test_a_process_that_dies_is_named_with_its_last_words(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "broken"
    source.mkdir()
    (source / "go.mod").write_text("module broken\n\ngo 1.26\n")
    (source / "main.go").write_text('package main\n\nfunc main() { panic("no policy to be found") }\n')
    with pytest.raises(NetworkError) as caught:
        up(home, chaincode_source=source)
    for text in (caught.value.zh, caught.value.en):
        assert "YunlingAudit/chaincode" in text
        assert "orderer" not in text
    assert "panic: no policy to be found" in caught.value.detail


def test_changed_chaincode_is_an_upgrade(home: Path, tmp_path: Path) -> None:
    up(home)
    one = callers(home)["QingheTownship"]
    channel = status(home).channel
    assert channel is not None
    first = committed(one, channel, CHAINCODE)
    assert first is not None
    assert first.sequence == 1
    changed = tmp_path / "chaincode"
    shutil.copytree(SOURCE, changed)
    (changed / "another.go").write_text("package main\n\n// Nothing but another version.\n")
    assert up(home, chaincode_source=changed).healthy
    second = committed(one, channel, CHAINCODE)
    assert second is not None
    assert second.sequence == 2
    assert second.version != first.version


def test_a_changed_list_of_organisations_is_refused_and_of_ledgers_taken(home: Path, tmp_path: Path) -> None:
    up(home)
    down(home)
    tree = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    tree["ledgers"].append(
        {"origin": "second.example/archives", "operator": "YunlingArchives", "role": "ledger"}
    )
    edited = tmp_path / "edited.yaml"
    edited.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    assert up(home, consortium=edited).healthy
    assert b"second.example/archives" in layout(home).policy("YunlingAudit").read_bytes()
    tree["organisations"][0]["name"]["zh"] = "另一家"
    edited.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    with pytest.raises(NetworkError, match="stand in the channel"):
        up(home, consortium=edited)


def test_reset_leaves_alone_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "thesis.doc").write_text("years of work")
    with pytest.raises(NetworkError, match=r"no network\.json"):
        reset(tmp_path)
    (tmp_path / "network" / "network.json").write_text('{"version":"something else"}')
    with pytest.raises(NetworkError, match="not a network marker"):
        reset(tmp_path)
    with pytest.raises(NetworkError, match="not a network marker"):
        up(tmp_path)
    assert (tmp_path / "network" / "thesis.doc").read_text() == "years of work"


def test_reset_does_not_follow_a_link(tmp_path: Path, home: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "network.json").write_text("{}")
    home.mkdir(parents=True)
    (home / "network").symlink_to(real)
    with pytest.raises(NetworkError, match="not a network that this program made"):
        reset(home)
    (home / "network").unlink()
    assert (real / "network.json").exists()
