"""docker-compose.yml as it stands, run by a real engine: it comes up, bears what befalls it, keeps all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from api.client import Client
from ledger.people import signing_key
from network.compose_file import DATABASE_PASSWORD
from tests.compose.deployment import PASSPHRASE, Deployment
from tests.compose.told import Told, await_anchored, counts, take_evidence, verdict

pytestmark = pytest.mark.compose

NETWORK = "/data/network"
ORGANISATION = "qinghetownship"


def test_one_port_is_open_and_only_to_this_machine(composed: Deployment) -> None:
    published = [
        (one["Service"], port["URL"], port["TargetPort"], port["PublishedPort"])
        for one in composed.services()
        for port in one["Publishers"] or ()
        if port["PublishedPort"]
    ]
    assert published == [("api", "127.0.0.1", 8600, composed.port)]


def test_each_process_sees_its_own_keys_only(composed: Deployment) -> None:
    """Of every container that keeps running: all private keys in its volumes."""
    held = {}
    for one in composed.services():
        if one["State"] != "running":
            continue
        name = str(one["Service"])
        grep = "find /data -type f -print0 | xargs -0 grep -l -s -- '-BEGIN.*PRIVATE KEY-' | sort"
        held[name] = composed.inside(name, grep, check=False).split()
    nodes = f"{NETWORK}/nodes"
    for name, keys in held.items():
        kind, _, host = name.partition("-")
        folder = next((one for one in _msps(composed) if one.lower() == host), "")
        expected = {
            "orderer": [
                f"{nodes}/{folder}/orderer/msp/keystore/key.pem",
                f"{nodes}/{folder}/orderer/tls/key.pem",
            ],
            "peer": [f"{nodes}/{folder}/peer/msp/keystore/key.pem", f"{nodes}/{folder}/peer/tls/key.pem"],
            "chaincode": [f"{nodes}/{folder}/chaincode/tls/key.pem"],
            "worker": ["/data/client/key.pem"],
            "database": [],
        }
        if kind == "ca":
            # The server makes keys of its own beside: for its credentials, and by its own crypto provider.
            assert {f"{nodes}/{folder}/ca/ca.key", f"{nodes}/{folder}/ca/tls.key"} <= set(keys)
            assert all(key.startswith(f"{nodes}/{folder}/ca/") for key in keys)
        else:
            # The service's and the ledger's own; and with which a peer calls its organisation's chaincode.
            own = [key for key in keys if not key.startswith(("/data/service/", "/data/ledger/"))]
            calls = [key for key in own if key.endswith("/connection.json")]
            assert all(key.startswith(f"{nodes}/{folder}/peer/data/externalbuilder/") for key in calls)
            assert sorted(set(own) - set(calls)) == expected.get(kind, []), name


def test_containers_are_held_close(composed: Deployment) -> None:
    for one in composed.services():
        if one["State"] != "running":
            continue
        name = str(one["Service"])
        told = composed.inside(
            name, "id -u; grep -E 'CapEff|NoNewPrivs' /proc/self/status; touch /x; echo $?"
        )
        assert told.split()[0] != "0", name
        assert "CapEff:\t0000000000000000" in told, name
        assert "NoNewPrivs:\t1" in told, name
        assert told.split()[-1] != "0", f"{name} may write to its own programs"


def test_no_secret_is_told_by_engine_or_logs(composed: Deployment) -> None:
    paths = [f"/data/{DATABASE_PASSWORD}", f"{NETWORK}/registrars/passphrase", "/data/service/passphrase"]
    paths += [f"{NETWORK}/nodes/{msp}/ca/registrar.secret" for msp in _msps(composed)]
    said = composed.engine.docker("exec", composed.office, "cat", *paths, check=False).stdout
    secrets = [said[start : start + 64] for start in range(0, len(said), 64)]
    assert len(secrets) >= 6
    ids = composed.compose("ps", "--all", "--quiet").stdout.split()
    everything = composed.engine.docker("inspect", *ids).stdout + composed.compose("logs").stdout
    assert not [secret for secret in secrets if secret in everything]


def test_the_story_is_told_and_verified_on_another_machine(told: Told, tmp_path: Path) -> None:
    assert verdict(told.evidence, told.files, told.trust) == 0
    changed = tmp_path / "changed"
    shutil.copytree(told.files, changed)
    target = next(path for path in sorted(changed.iterdir()) if path.suffix == ".pdf")
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    assert verdict(told.evidence, changed, told.trust) == 1


def test_a_person_comes_by_fabric_ca_and_signs_in_from_outside(composed: Deployment, tmp_path: Path) -> None:
    msp, folder = "QingheTownship", f"{NETWORK}/nodes/QingheTownship/ca"
    server = (
        "--url",
        f"https://ca-{ORGANISATION}:7054",
        "--tls",
        f"{NETWORK}/organisations/{msp}/ca/tls.pem",
    )
    registered = composed.told("ca", "register", *server, "--secret-file", f"{folder}/registrar.secret")
    once = composed.shared / "once"
    once.write_text(registered["secret"], encoding="utf-8")
    once.chmod(0o644)
    who = ("--agent", registered["agent"], "--name", "陈七", "--organisation", msp)
    enrolled = composed.told("ca", "enrol", *who, *server, "--secret-file", str(once))["person"]
    assert enrolled["agent"] == registered["agent"]
    elsewhere = ("--secret-file", str(once), "--home", "/data/out/another-device")
    again = composed.type("ca", "enrol", *who, *server, *elsewhere, check=False)
    assert again.returncode == 3
    assert "一次" in again.stderr
    for name, office in (("登记员甲", msp), ("登记员乙", "YunlingArchives")):
        composed.type("enrol", "--name", name, "--organisation", office, "--role", "registrar")
        composed.type("key", "enrol", registered["agent"], "--as", name)
    composed.fetch(f"/data/people/{registered['agent']}", tmp_path / "people")
    device = tmp_path / "device" / "people" / registered["agent"]
    shutil.move(tmp_path / "people", device)
    with Client(
        composed.url, signing_key(tmp_path / "device", registered["agent"], PASSPHRASE.encode())
    ) as client:
        assert client.sign_in()["agent"] == registered["agent"]


def _accepted(composed: Deployment, name: str) -> None:
    """A record is taken in: whatever happens then, it is in the log once."""
    number = len(list(composed.shared.glob("hand-in-*")))
    hand_in = composed.shared / f"hand-in-{number}"
    record = hand_in / f"QC99-{number}_{name}"
    record.mkdir(parents=True)
    (record / "a.txt").write_text(name, encoding="utf-8")
    for path in (hand_in, record):
        path.chmod(0o755)
    composed.type("intake", str(hand_in), "--as", "王五", "--carrier", "electronic")


def _killed(composed: Deployment, services: Sequence[str]) -> None:
    """Every process of theirs, by kill -9: the engine starts them again."""
    before = {name: _started(composed, name) for name in services}
    for name in services:
        composed.inside(name, "kill -9 -1", check=False)
    composed.until(
        "started again", lambda: all(_started(composed, name) not in ("", before[name]) for name in services)
    )


def _started(composed: Deployment, service: str) -> str:
    """Since when its container runs; empty while it does not."""
    found = composed.compose("ps", "--all", "--quiet", service).stdout.strip()
    state = json.loads(composed.engine.docker("inspect", "--format", "{{json .State}}", found).stdout)
    return str(state["StartedAt"]) if state["Running"] else ""


@pytest.mark.parametrize(
    "services",
    [
        ["worker"],
        ["database"],
        ["api"],
        [f"{kind}-{ORGANISATION}" for kind in ("orderer", "peer", "chaincode")],
    ],
    ids=["worker", "database", "api", "the operator's nodes"],
)
def test_what_is_killed_comes_back_and_nothing_is_lost(
    composed: Deployment, told: Told, services: list[str]
) -> None:
    before = counts(composed)["records"]
    _accepted(composed, f"before the end of {services[0]}")
    _killed(composed, services)
    composed.until_well()
    _accepted(composed, f"after the end of {services[0]}")
    await_anchored(composed)
    assert counts(composed)["records"] == before + 2


def test_an_organisation_that_is_away_holds_nobody_up(composed: Deployment, told: Told) -> None:
    away = [f"{kind}-yunlingaudit" for kind in ("orderer", "peer", "chaincode")]
    composed.compose("stop", *away)
    _accepted(composed, "while the audit bureau is away")
    await_anchored(composed)
    composed.compose("start", *away)
    composed.until_well()


def test_down_and_up_keeps_everything(composed: Deployment, told: Told, tmp_path: Path) -> None:
    before, trust = counts(composed)["entries"], told.trust.read_bytes()
    composed.close_office()
    composed.compose("down", "--timeout", "60")
    composed.up()
    composed.until_well()
    composed.open_office()
    composed.type("check")
    assert counts(composed)["entries"] >= before
    composed.type("trust-root", "-o", "/data/out/again.json")
    assert composed.fetch("/data/out/again.json", tmp_path / "again").read_bytes() == trust
    files, evidence = take_evidence(composed, told.case, tmp_path)
    assert verdict(evidence, files, told.trust) == 0


def _msps(composed: Deployment) -> list[str]:
    return composed.engine.docker("exec", composed.office, "ls", f"{NETWORK}/organisations").stdout.split()
