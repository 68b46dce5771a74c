"""The network's commands as they are typed, in both languages and as JSON."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from api.command import run
from network.consortium import PACKAGED
from network.layout import Layout
from network.marker import Marker, encode_marker
from tests.conftest import RunningNetwork


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


class Typed(Protocol):
    def __call__(self, *arguments: str, lang: str = "zh") -> Run: ...


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Runs `archive-ledger network …` as the program itself would."""

    def run_it(*arguments: str, lang: str = "zh") -> Run:
        code = run(["network", *arguments, "--lang", lang])
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return run_it


def test_status_shows_every_process_and_that_blocks_advance(
    network_home: RunningNetwork, typed: Typed
) -> None:
    done = typed("status", "--home", str(network_home.home))
    assert done.code == 0, done.err
    assert len([line for line in done.out.splitlines() if "正常" in line]) == 12
    for name in ("云岭县档案馆", "青禾镇人民政府", "云岭县审计局", "云岭县司法局"):
        assert done.out.count(name) == 3
    assert "可以继续上链" in done.out
    english = typed("status", "--home", str(network_home.home), lang="en")
    assert "Yunling County Audit Bureau" in english.out
    assert "new ones can be added" in english.out


def test_status_as_json_is_one_document(network_home: RunningNetwork, typed: Typed) -> None:
    done = typed("status", "--home", str(network_home.home), "--json")
    tree = json.loads(done.out)
    assert tree["healthy"] is True
    assert tree["connection"] == str(network_home.connection)
    kinds = [one["kind"] for one in tree["processes"]]
    assert sorted(set(kinds)) == ["chaincode", "orderer", "peer"]
    assert all(one["alive"] and one["pid"] and one["trouble"] is None for one in tree["processes"])


def test_up_of_a_running_network_changes_nothing(network_home: RunningNetwork, typed: Typed) -> None:
    before = json.loads(typed("status", "--home", str(network_home.home), "--json").out)
    done = typed("up", "--home", str(network_home.home), "--json")
    after = json.loads(done.out)
    assert [one["pid"] for one in after["processes"]] == [one["pid"] for one in before["processes"]]


def test_status_where_there_is_none_says_what_to_do(tmp_path: Path, typed: Typed) -> None:
    done = typed("status", "--home", str(tmp_path / "none"))
    assert done.code == 3
    assert "archive-ledger network up" in done.out
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_down_and_reset_where_there_is_none(tmp_path: Path, lang: str, typed: Typed) -> None:
    home = tmp_path / "none"
    down = typed("down", "--home", str(home), lang=lang)
    assert (down.code, down.out.strip()) == (
        0,
        "网络没有在运行。" if lang == "zh" else "The network was not running.",
    )
    reset = typed("reset", "--home", str(home), "--yes", lang=lang)
    assert reset.code == 0
    assert str(home) in reset.out
    assert not home.exists()


def test_reset_asks_and_without_an_answer_keeps_everything(tmp_path: Path, typed: Typed) -> None:
    marker = Layout(tmp_path).marker
    marker.parent.mkdir()
    marker.write_bytes(encode_marker(Marker("127.9.9.9", "archive-00000000")))
    Layout(tmp_path).consortium.write_bytes(PACKAGED.read_bytes())
    done = typed("reset", "--home", str(tmp_path))
    assert done.code == 2
    assert "archive-00000000" in done.err
    assert "--yes" in done.err
    assert marker.exists()


def test_a_consortium_with_mistakes_is_refused_naming_each(tmp_path: Path, typed: Typed) -> None:
    (tmp_path / "consortium.yaml").write_text("version: 1\norganisations: []\n")
    done = typed("up", "--home", str(tmp_path), lang="en")
    assert done.code != 0
    for words in ("version", "organisations: 4 to 20", "ledgers: missing"):
        assert words in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "network").exists()


def test_revoke_asks_and_names_what_there_is(network_home: RunningNetwork, typed: Typed) -> None:
    home = str(network_home.home)
    unasked = typed("revoke", "YunlingAudit", "peer", "--home", home)
    assert unasked.code == 2, unasked.err
    assert "--yes" in unasked.err
    unknown = typed("revoke", "YunlingAudit", "chaincode", "--yes", "--home", home)
    assert unknown.code == 2, unknown.err
    for identity in ("orderer", "peer", "admin", "ledger", "reader"):
        assert f"({identity})" in unknown.err
