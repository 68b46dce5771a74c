"""docker-compose.yml is what the consortium file gives, and `make` makes in its volumes what containers read.

The rules that the file must keep are in tests/compose/test_file.py; that it runs, in test_deployment.py.
"""

import json
import shutil
import stat
from pathlib import Path

import pytest
import yaml

from api.doctor.finding import State
from api.doctor.network_checks import network_checks
from network.compose import main, make
from network.compose_file import (
    CLIENT,
    COMPOSE_FILE,
    DATABASE_LOGIN,
    DATABASE_PASSWORD,
    compose_text,
    every_mount,
)
from network.consortium import PACKAGED, read_consortium
from network.errors import NetworkError
from network.layout import Kind, Layout, Node
from network.marker import read_marker
from network.site import COMPOSE, authority_host, compose_host, sites
from network.up import up

CONSORTIUM = read_consortium(PACKAGED)
OPERATOR = CONSORTIUM.ledgers[0].operator


def test_the_committed_file_is_the_generated_one() -> None:
    assert COMPOSE_FILE.read_text(encoding="utf-8") == compose_text(CONSORTIUM), (
        "run: python -m network.compose write"
    )


def test_every_organisation_runs_its_four_processes() -> None:
    services = yaml.safe_load(compose_text(CONSORTIUM))["services"]
    nodes = [compose_host(one.msp, kind) for one in CONSORTIUM.organisations for kind in Kind]
    nodes += [authority_host(one.msp) for one in CONSORTIUM.organisations]
    others = {"volumes", "make", "setup", "database", "worker", "api", "ledger"}
    assert set(services) == {*others, *nodes}
    for name in nodes:
        kind = name.split("-")[0]
        version = "1.5" if kind == "ca" else "3.1"
        official = f"hyperledger/fabric-{kind}:{version}"
        assert services[name]["image"].startswith(
            "archive-ledger-chaincode:" if kind == "chaincode" else official
        )
    assert sorted(services["setup"]["depends_on"]) == sorted(["database", *nodes])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(tmp_path))
    # As the engine does it: the places where volumes are mounted are there before anything is in them.
    for path in every_mount(CONSORTIUM).values():
        (tmp_path / path.relative_to("/data")).mkdir(parents=True, exist_ok=True)
    make()
    return Layout(tmp_path)


def keys_under(folder: Path) -> list[str]:
    """Files in which a private key is, by where they lie under `folder`; each for its owner alone."""
    found = [
        path for path in sorted(folder.rglob("*")) if path.is_file() and b"PRIVATE KEY" in path.read_bytes()
    ]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in found)
    return [str(path.relative_to(folder)) for path in found]


def test_make_renders_what_the_containers_read(made: Layout) -> None:
    marker = read_marker(made)
    assert marker is not None
    assert marker.address == COMPOSE
    for site in sites(CONSORTIUM, COMPOSE):
        peer = yaml.safe_load((made.node(Node(site.msp, Kind.PEER)) / "core.yaml").read_text())
        assert peer["peer"]["listenAddress"] == f"0.0.0.0:{site.ports.peer}"
        assert peer["peer"]["gossip"]["externalEndpoint"] == f"peer-{site.msp.lower()}:{site.ports.peer}"
        assert peer["operations"]["listenAddress"] == f"127.0.0.1:{site.ports.peer_operations}"
        orderer = yaml.safe_load((made.node(Node(site.msp, Kind.ORDERER)) / "orderer.yaml").read_text())
        assert orderer["General"]["ListenPort"] == site.ports.orderer
        assert orderer["Operations"]["ListenAddress"] == f"127.0.0.1:{site.ports.orderer_operations}"
        environment = (made.node(Node(site.msp, Kind.CHAINCODE)) / "environment").read_text()
        assert f"CHAINCODE_SERVER_ADDRESS=0.0.0.0:{site.ports.chaincode}\n" in environment
        assert "CHAINCODE_ID=archive_" in environment


def test_a_node_needs_no_folder_but_its_own(made: Layout) -> None:
    """Settings name nothing outside the node's volume; the chaincode's replica is a volume of its own."""
    for site in sites(CONSORTIUM, COMPOSE):
        for kind, name in (
            (Kind.ORDERER, "orderer.yaml"),
            (Kind.PEER, "core.yaml"),
            (Kind.CHAINCODE, "environment"),
        ):
            own = made.node(Node(site.msp, kind))
            text = (own / name).read_text().replace(str(made.replica(site.msp)), "REPLICA")
            assert str(made.home) in text
            assert str(made.home) not in text.replace(str(own), "OWN"), name
            keys = ["tls/key.pem"] if kind is Kind.CHAINCODE else ["msp/keystore/key.pem", "tls/key.pem"]
            assert keys_under(own) == keys


def test_the_ledger_has_the_one_key_that_may_anchor(made: Layout) -> None:
    connection = json.loads(made.connection.read_bytes())
    assert connection["msp"] == OPERATOR
    assert connection["client"]["key"] == str(made.home / CLIENT / "key.pem")
    assert keys_under(made.home / CLIENT) == ["key.pem"]


def test_the_database_and_its_clients_are_told_one_password(made: Layout) -> None:
    password = (made.home / DATABASE_PASSWORD).read_text()
    login = made.home / DATABASE_LOGIN
    assert len(password) == 64
    assert login.read_text() == f"*:*:archive:archive:{password}\n"
    assert stat.S_IMODE(login.stat().st_mode) == 0o600


def test_make_again_keeps_the_network_and_its_secrets(made: Layout) -> None:
    kept = [made.genesis, made.home / DATABASE_PASSWORD, made.connection]
    for msp in ("YunlingAudit", OPERATOR):
        folder = made.root / "nodes" / msp / "ca"
        kept += [folder / "registrar.secret", folder / "tls.key", made.authority(msp) / "person.key"]
    before = [path.read_bytes() for path in kept]
    make()
    assert [path.read_bytes() for path in kept] == before


def test_a_making_that_was_broken_off_is_made_anew(made: Layout) -> None:
    """The marker comes last: without it no node was started, and nothing was built on what is there."""
    made.marker.unlink()
    made.genesis.unlink()
    before = (made.authority(OPERATOR) / "person.key").read_bytes()
    make()
    assert read_marker(made) is not None
    assert (made.authority(OPERATOR) / "person.key").read_bytes() != before


def test_a_lost_volume_is_told_and_nothing_is_made_in_its_place(made: Layout) -> None:
    shutil.rmtree(made.organisation("YunlingAudit"))
    with pytest.raises(NetworkError, match="yunlingaudit-keys"):
        make()
    assert not made.organisation("YunlingAudit").exists()


def test_nodes_of_another_network_are_not_given_new_keys(made: Layout) -> None:
    """The volume `network` was lost after the nodes ran: their blocks rest on keys that are gone."""
    (made.node(Node(OPERATOR, Kind.ORDERER)) / "data").mkdir()
    made.marker.unlink()
    before = (made.authority(OPERATOR) / "person.key").read_bytes()
    with pytest.raises(NetworkError, match="another network"):
        make()
    assert (made.authority(OPERATOR) / "person.key").read_bytes() == before


def test_the_embedded_network_does_not_touch_a_composed_one(made: Layout) -> None:
    with pytest.raises(NetworkError, match="another data folder"):
        up(made.home)


def test_the_doctor_asks_for_nothing_that_the_engine_provides(made: Layout) -> None:
    found = {check.name: check.look()[0] for check in network_checks(made.home)}
    assert {found[name] for name in ("programs", "chaincode", "address")} == {State.OK}


def test_an_unknown_step_is_told_the_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["start"]) == 2
    assert "network.compose make" in capsys.readouterr().err
