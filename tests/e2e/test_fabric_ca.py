"""People are certified by a real Hyperledger Fabric CA, whose certificates every organisation takes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.command import run
from ledger.accept import accept
from ledger.people import Person, enrol, install_certificate, signing_key
from ledger.sign import Draft, sign_statement
from network.ca import certificates
from network.compose_secrets import REGISTRAR
from network.errors import NetworkError
from network.fabric_ca import Registrar, Server, enrol_registrar, register
from network.fabric_ca import enrol as enrol_at
from network.layout import layout
from tests.conftest import RunningNetwork
from tests.e2e.world import ORIGIN, World, file_claims
from tests.network.fabric_ca_server import SECRET, fabric_ca
from tests.people import PASSPHRASE
from verifier.report import Verdict

MSP = "YunlingArchives"
FILES = {"a.txt": b"a"}


@pytest.fixture(scope="module")
def server(network_home: RunningNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with fabric_ca(network_home.home, MSP, tmp_path_factory.mktemp("fabric-ca")) as found:
        yield found


def request_of(home: Path) -> tuple[str, bytes]:
    """A person of the device at `home`, and the request for their certificate."""
    agent = str(uuid.uuid4())
    return agent, enrol(home, Person(agent, MSP, "person", "陈七", ""), PASSPHRASE)


def test_what_it_certifies_every_organisation_takes(world: World, server: Server, tmp_path: Path) -> None:
    home = tmp_path / "device"
    home.mkdir()
    agent, request = request_of(home)
    secret = register(server, enrol_registrar(server, REGISTRAR, SECRET), agent, "person")
    signer = install_certificate(home, agent, enrol_at(server, agent, secret, request))
    assert (signer.agent, signer.role) == (agent, "person")
    record = str(uuid.uuid4())
    files, names = file_claims(FILES)
    fields = {"agent_name": "陈七", "title": "户档", "number": "QC03-1", **names}
    draft = Draft("receive", "2026-01-08", record, files, fields, late="offline")
    signing = world.enrol(signing_key(home, agent, PASSPHRASE))
    accept(world.ledger, [sign_statement(signing, ORIGIN, draft)])
    assert len(world.anchor_all().organisations) == 4
    assert world.verify(world.evidence(record).data, FILES).verdict is Verdict.CONSISTENT


def test_both_steps_as_they_are_typed(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_PASSPHRASE", PASSPHRASE.decode())
    (tmp_path / "tls.pem").write_bytes(server.tls)
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    common = ["--url", server.url, "--tls", str(tmp_path / "tls.pem"), "--json"]
    home = ["--home", str(tmp_path / "device")]
    assert run(["ca", "register", "--secret-file", str(tmp_path / "secret"), *common, *home]) == 0
    told = json.loads(capsys.readouterr().out)
    (tmp_path / "once").write_text(told["secret"], encoding="utf-8")
    who = ["--agent", told["agent"], "--name", "陈七", "--organisation", MSP]
    typed = ["ca", "enrol", *who, "--secret-file", str(tmp_path / "once"), *common, *home]
    assert run(typed) == 0, capsys.readouterr().err
    assert json.loads(capsys.readouterr().out)["person"]["agent"] == told["agent"]
    assert signing_key(tmp_path / "device", told["agent"], PASSPHRASE).iss == MSP
    (tmp_path / "device" / "people" / told["agent"] / "person.json").unlink()
    assert run(typed) == 3
    assert "口令只能用一次" in json.loads(capsys.readouterr().out)["error"]["zh"]
    assert not (tmp_path / "device" / "people" / told["agent"]).exists()


def test_a_secret_works_once(server: Server, tmp_path: Path) -> None:
    agent, request = request_of(tmp_path)
    secret = register(server, enrol_registrar(server, REGISTRAR, SECRET), agent, "person")
    enrol_at(server, agent, secret, request)
    with pytest.raises(NetworkError) as again:
        enrol_at(server, agent, secret, request)
    assert "口令只能用一次" in again.value.zh


def wrong_secret(server: Server, registrar: Registrar, home: Path) -> None:
    agent, request = request_of(home)
    register(server, registrar, agent, "person")
    enrol_at(server, agent, "wrong", request)


def another_persons_request(server: Server, registrar: Registrar, home: Path) -> None:
    agent, other = request_of(home)[0], request_of(home)[1]
    enrol_at(server, agent, register(server, registrar, agent, "person"), other)


def unknown_agent(server: Server, _: Registrar, home: Path) -> None:
    agent, request = request_of(home)
    enrol_at(server, agent, "any", request)


def no_role_of_ours(server: Server, registrar: Registrar, _: Path) -> None:
    register(server, registrar, str(uuid.uuid4()), "admin")


@pytest.mark.parametrize("attack", [wrong_secret, another_persons_request, unknown_agent, no_role_of_ours])
def test_refused(server: Server, tmp_path: Path, attack: Callable[[Server, Registrar, Path], None]) -> None:
    registrar = enrol_registrar(server, REGISTRAR, SECRET)
    with pytest.raises(NetworkError) as refused:
        attack(server, registrar, tmp_path)
    assert "未予办理" in refused.value.zh


def test_not_reached_and_not_trusted(server: Server, network_home: RunningNetwork) -> None:
    for other in (Server("https://127.0.0.1:9", server.tls), Server(server.url, another_ca(network_home))):
        with pytest.raises(NetworkError) as refused:
            enrol_registrar(other, REGISTRAR, SECRET)
        assert "连不上证书服务器" in refused.value.zh


def another_ca(network_home: RunningNetwork) -> bytes:
    return certificates(layout(network_home.home), "YunlingAudit").tls
