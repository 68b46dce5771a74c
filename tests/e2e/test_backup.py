"""One back-up from which everything can be put back; and what is said where something else is there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from network.down import down, reset
from network.layout import layout
from network.processes import running
from network.status import status
from tests.api.asking import Answer, Ask, asker
from tests.conftest import RunningNetwork

ORIGIN = "qinghe.yunling.example/archives"


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    return asker(capsys, monkeypatch)


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """The data folder of an office with its network in it, and the one that it comes back to."""
    both = tmp_path / "青禾镇 档案", tmp_path / "换了机器" / "data"
    yield both
    for home in both:
        down(home)
        reset(home)


@pytest.fixture
def served(network_home: RunningNetwork, ask: Ask, tmp_path: Path) -> Path:
    """The data folder of a ledger whose network lies elsewhere, and runs."""
    home = tmp_path / "home"
    made = ask("init", "--origin", ORIGIN, "--connection", network_home.connection, "--home", home)
    assert made.exit == 0, made.error
    return home


def well(answer: Answer) -> dict[str, Any]:
    assert answer.exit == 0, answer.error
    return answer.document


def codes(answer: Answer) -> list[tuple[str, str]]:
    return [(one["outcome"], one["code"]) for one in answer.document["findings"]]


def test_ledger_and_network_come_back_together(ask: Ask, homes: tuple[Path, Path], tmp_path: Path) -> None:
    home, again = homes
    well(ask("network", "up", "--home", home))
    well(ask("init", "--origin", ORIGIN, "--home", home))
    before = {(one.node, tuple(one.process.cmdline())) for one in running(layout(home))}
    kept = well(ask("backup", tmp_path / "kept", "--home", home))
    assert (kept["network"], kept["paused"], kept["missing"]) == ("held", 12, [])
    assert {(one.node, tuple(one.process.cmdline())) for one in running(layout(home))} == before
    assert status(home).healthy
    assert well(ask("check", "--home", home))["agrees"]
    well(ask("anchor", "--empty", "--home", home))
    newer = well(ask("backup", tmp_path / "newer", "--without-network", "--home", home))
    assert (newer["network"], newer["paused"], newer["batch"]) == ("left out", 0, 1)

    # The machine is lost.
    down(home)
    shutil.rmtree(home)
    back = well(ask("restore", tmp_path / "kept", "--home", again))
    assert (back["network"], back["channel"]) == (True, kept["channel"])
    connection = (again / "network" / "connection.json").read_text(encoding="utf-8")
    assert str(home) not in connection
    assert ask("check", "--home", again).exit == 3
    assert well(ask("network", "up", "--home", again))["channel"] == kept["channel"]
    assert well(ask("check", "--home", again))["agrees"]
    (anchored,) = well(ask("anchor", "--empty", "--home", again))["anchored"]
    assert anchored["batch"] == 1

    # A newer ledger on a network that is as old as the first back-up, or went another way since.
    shutil.rmtree(again / "ledger")
    shutil.copytree(tmp_path / "newer" / "ledger", again / "ledger")
    assert codes(ask("check", "--home", again)) == [("failed", "CHAIN_OTHER_ANCHOR")]
    down(again)
    shutil.rmtree(again / "network")
    shutil.copytree(tmp_path / "kept" / "network", again / "network")
    well(ask("network", "up", "--home", again))
    behind = ask("check", "--home", again)
    assert codes(behind) == [("failed", "CHAIN_BEHIND"), ("not run", "CHAIN_NOT_CHECKED")]
    assert [one["name"] for one in behind.document["findings"]] == ["1…1", "1…1"]


def test_a_ledger_comes_back_beside_its_network_that_runs_elsewhere(
    ask: Ask, served: Path, tmp_path: Path
) -> None:
    kept = well(ask("backup", tmp_path / "kept", "--home", served))
    assert (kept["network"], kept["paused"]) == ("elsewhere", 0)
    again = tmp_path / "again"
    back = well(ask("restore", tmp_path / "kept", "--home", again))
    assert back["network"] is False
    shutil.rmtree(served)
    assert well(ask("check", "--home", again))["agrees"]
    assert well(ask("anchor", "--empty", "--home", again))["anchored"][0]["batch"] == 1
    refused = ask("network", "up", "--home", again)
    assert (refused.exit, refused.code) == (3, "NETWORK_OTHER")
    assert kept["channel"] in refused.document["error"]["en"]
    assert not (again / "network").exists()


def test_what_another_network_holds_is_not_compared(ask: Ask, served: Path, tmp_path: Path) -> None:
    """As after `network reset` and `up`: the connection leads to a channel that is not the ledger's."""
    settings = json.loads((served / "ledger" / "ledger.json").read_text(encoding="utf-8"))
    tree = json.loads(Path(settings["connection"]).read_text(encoding="utf-8"))
    other = tmp_path / "connection.json"
    tree["channel"] = "archive-00000000"
    other.write_text(json.dumps(tree, ensure_ascii=False, separators=(",", ":"), sort_keys=True), "utf-8")
    settings["connection"] = str(other)
    (served / "ledger" / "ledger.json").write_text(
        json.dumps(settings, ensure_ascii=False, separators=(",", ":"), sort_keys=True), "utf-8"
    )
    checked = ask("check", "--home", served)
    assert (checked.exit, codes(checked)) == (
        3,
        [("not run", "CHANNEL_OTHER"), ("not run", "CHAIN_NOT_CHECKED")],
    )
    for command in (("anchor", "--empty"), ("serve",)):
        refused = ask(*command, "--home", served)
        assert (refused.exit, refused.code) == (3, "CHANNEL_OTHER")
        assert "archive-00000000" in refused.document["error"]["en"]
    assert ask("status", "--home", served).document["counts"]["batches"] == 1
    checks = {one["name"]: one for one in ask("doctor", "--home", served).document["checks"]}
    assert (checks["chain"]["state"], checks["network"]["state"]) == ("problem", "could not check")
    assert "restore" in checks["chain"]["remedy_en"]
