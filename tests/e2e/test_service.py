"""The service on the real network: from a browser's or program's request to a verdict."""

from __future__ import annotations

import time
import uuid
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.client import Client
from ledger.handle import open_ledger
from ledger.keys import SigningKey, certificate_of, certificate_request
from network.people import issue_person_certificate
from tests.api.asking import Ask, asker
from tests.api.http.house import RECORD, TITLE, receive
from tests.api.http.process import ADDRESS, serving, stop, until
from tests.conftest import RunningNetwork
from tests.e2e.test_command_line import verify
from tests.e2e.world import ORIGIN
from tests.people import AUDIT, JUSTICE, TOWN, enrol_all


@dataclass(frozen=True)
class Office:
    home: Path
    network: RunningNetwork
    ask: Ask

    def person(self, msp: str = "QingheTownship", role: str = "person") -> SigningKey:
        """As a person's own device would: the key is made here, and nowhere else."""
        key, agent = ec.generate_private_key(ec.SECP256R1()), str(uuid.uuid4())
        request = certificate_request(key, agent)
        pem = issue_person_certificate(self.network.home, msp, request, agent, role, 365)
        signer = certificate_of(pem, "certificate")
        return SigningKey(agent, msp, role, key, signer.der, signer.not_after)

    def enrolled(self, *keys: SigningKey) -> tuple[SigningKey, ...]:
        with closing(open_ledger(self.home)) as ledger:
            enrol_all(ledger, self.network.home, keys)
        return keys


@pytest.fixture
def office(
    network_home: RunningNetwork,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    home = tmp_path / "home"
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(home))
    ask = asker(capsys, monkeypatch)
    made = ask("init", "--origin", ORIGIN, "--connection", network_home.connection)
    assert made.exit == 0, made.error
    return Office(home, network_home, ask)


def wait(said: str, seconds: float, done: object) -> None:
    deadline = time.monotonic() + seconds
    assert callable(done)
    while not done():
        assert time.monotonic() < deadline, said
        time.sleep(0.5)


def test_from_a_request_to_a_verdict(office: Office, tmp_path: Path) -> None:
    scan = tmp_path / "files" / "界址图.txt"
    scan.parent.mkdir()
    scan.write_text("张三户宅基地界址草图", encoding="utf-8")
    people = office.enrolled(*(office.person(msp) for msp in (TOWN, JUSTICE, AUDIT)))
    with serving(office.home, "--interval", "0.5") as (process, said):
        url = until(said, ADDRESS.pattern)[1]
        with Client(url, people[0]) as clerk, Client(url, people[1]) as mediator:
            file = {"role": "content", "format": "text/plain", "carrier": "electronic", "copy": "original"}
            fields = {**TITLE, "file.0.name": scan.name}
            done = clerk.act(**receive(files=[{**file, "digests": clerk.upload(scan)}], fields=fields))

            def attested() -> bool:
                steps = clerk.ask("GET", f"/v1/records/{RECORD}").json()["steps"]
                return bool(steps[-1]["state"] == "attested")

            wait("not attested", 600, attested)
            wait("not well", 600, lambda: httpx.get(f"{url}/healthz", timeout=60).status_code == 200)
            asked = {"records": [RECORD], "purpose": "调解委员会核验"}
            evidence = tmp_path / "case.evidence.json"
            evidence.write_bytes(mediator.ask("POST", "/v1/evidence", json=asked).content)
            use = {"act": "view", "purpose": "土地纠纷调解", "basis": "open"}
            sha256 = clerk.ask("GET", f"/v1/records/{RECORD}").json()["files"][0]["sha256"]
            opened = mediator.ask("POST", f"/v1/records/{RECORD}/files/{sha256}", json=use)
            assert opened.content == scan.read_bytes()
            with Client(url, people[2]) as auditor:
                job = auditor.ask("POST", "/v1/jobs/check", json={}).json()["job"]
                events = auditor.ask("GET", f"/v1/jobs/{job}/events").text
                assert events.rstrip().rpartition("event: ")[2].startswith("end")
                found = auditor.ask("GET", f"/v1/jobs/{job}").json()
                assert (found["state"], found["summary"].get("agrees")) == ("done", True), found
        stop(process, said)
    trust = tmp_path / "trust.json"
    assert office.ask("trust-root", "-o", trust).exit == 0
    assert verify(evidence, scan, "--trust", trust) == 0
    shown = office.ask("show", RECORD).document["steps"]
    assert [step["event"] for step in shown] == ["receive", "access.view"]
    assert shown[0]["statement"] == done["statement"]
