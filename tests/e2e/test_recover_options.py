"""`recover` in a folder that holds a ledger: what the options name must be this ledger, or they are refused
by name; given again after an interruption they change nothing."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from api.errors import Exit
from ledger.configurations import kept_configurations
from ledger.trust import build_trust_root
from tests.api.asking import Ask, asker
from tests.conftest import RunningNetwork
from tests.e2e.world import World


@pytest.fixture
def ask(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Ask:
    (tmp_path / "replica").mkdir()
    trust = world.trust_root()
    (tmp_path / "own.trust.json").write_bytes(trust)
    settings = world.ledger.settings
    other = build_trust_root(
        "other.example/archives",
        bytes(32),
        settings.channel,
        settings.chaincode,
        kept_configurations(world.ledger)[0],
    )
    (tmp_path / "other.trust.json").write_bytes(other.data)
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(world.ledger.paths.home))
    return asker(capsys, monkeypatch)


def test_the_same_command_again_is_no_mistake(ask: Ask, network_home: RunningNetwork, tmp_path: Path) -> None:
    for look in (("--dry-run",), ()):
        said = ask(
            "recover", *look, "--replica", tmp_path / "replica", "--trust", tmp_path / "own.trust.json",
            "--operator", "QingheTownship", "--connection", network_home.connection,
        )  # fmt: skip
        assert said.exit == Exit.OK, said.error


def test_every_option_that_names_another_ledger_is_refused_by_its_name(
    ask: Ask, world: World, network_home: RunningNetwork, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "connection.json"
    shutil.copyfile(network_home.connection, elsewhere)
    options = {
        "--trust": tmp_path / "other.trust.json",
        "--operator": "YunlingArchives",
        "--connection": elsewhere,
    }
    before = dataclasses.asdict(world.ledger.settings)
    for given in [*({name: value} for name, value in options.items()), options]:
        words = [word for option in given.items() for word in option]
        for look in (("--dry-run",), ()):
            said = ask("recover", *look, "--replica", tmp_path / "replica", *words)
            assert (said.exit, said.code) == (Exit.USAGE, "OPTIONS_OTHER")
            for told in (said.document["error"]["zh"], said.document["error"]["en"]):
                assert {name for name in options if name in told} == set(given)
    assert dataclasses.asdict(world.ledger.settings) == before
