"""docker-compose.yml is what the consortium file gives, and its two steps work on their own folder."""

from pathlib import Path

import pytest
import yaml

from network.compose import COMPOSE_FILE, compose_text, main, make
from network.consortium import PACKAGED, read_consortium
from network.errors import NetworkError
from network.layout import Kind, Layout, Node
from network.marker import read_marker
from network.site import COMPOSE, compose_host, sites
from network.up import up

CONSORTIUM = read_consortium(PACKAGED)


def test_the_committed_file_is_the_generated_one() -> None:
    assert COMPOSE_FILE.read_text(encoding="utf-8") == compose_text(CONSORTIUM), (
        "run: python -m network.compose write"
    )


def test_every_organisation_runs_its_three_processes() -> None:
    services = yaml.safe_load(compose_text(CONSORTIUM))["services"]
    nodes = [compose_host(one.msp, kind) for one in CONSORTIUM.organisations for kind in Kind]
    assert set(services) == {"make", "deploy", "ledger", *nodes}
    for name in nodes:
        image = services[name]["image"]
        kind = name.split("-")[0]
        expected = "archive-ledger-chaincode" if kind == "chaincode" else f"hyperledger/fabric-{kind}:3.1"
        assert image == expected
    assert sorted(services["deploy"]["depends_on"]) == sorted(nodes)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(tmp_path))
    make()
    return Layout(tmp_path)


def test_make_renders_what_the_containers_read(made: Layout) -> None:
    marker = read_marker(made)
    assert marker is not None
    assert marker.address == COMPOSE
    for site in sites(CONSORTIUM, COMPOSE):
        peer = yaml.safe_load((made.node(Node(site.msp, Kind.PEER)) / "core.yaml").read_text())["peer"]
        assert peer["listenAddress"] == f"0.0.0.0:{site.ports.peer}"
        assert peer["gossip"]["externalEndpoint"] == f"peer-{site.msp.lower()}:{site.ports.peer}"
        orderer = yaml.safe_load((made.node(Node(site.msp, Kind.ORDERER)) / "orderer.yaml").read_text())
        assert orderer["General"]["ListenPort"] == site.ports.orderer
        environment = (made.node(Node(site.msp, Kind.CHAINCODE)) / "environment").read_text()
        assert f"CHAINCODE_SERVER_ADDRESS=0.0.0.0:{site.ports.chaincode}\n" in environment
        assert "CHAINCODE_ID=archive_" in environment


def test_make_again_keeps_the_network(made: Layout) -> None:
    before = made.genesis.read_bytes()
    make()
    assert made.genesis.read_bytes() == before


def test_the_embedded_network_does_not_touch_a_composed_one(made: Layout) -> None:
    with pytest.raises(NetworkError, match="another data folder"):
        up(made.home)


def test_an_unknown_step_is_told_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["start"]) == 2
    assert "network.compose make" in capsys.readouterr().err
