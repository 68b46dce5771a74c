"""The service on the real network: from a browser's or program's request to a verdict; and under a crowd."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from api.client import Client
from ledger.handle import open_ledger
from ledger.keys import SigningKey, certificate_of, certificate_request
from ledger.status import counts
from ledger.store.engine import reading
from ledger.store.tables import entry, statement
from network.people import issue_person_certificate
from tests.api.asking import Ask, asker
from tests.api.http.house import RECORD, TITLE, receive
from tests.api.http.process import ADDRESS, serving, stop, until
from tests.conftest import RunningNetwork
from tests.e2e.test_command_line import verify
from tests.e2e.world import ORIGIN

CROWD = 50


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
    with serving(office.home, "--interval", "0.5") as (process, said):
        url = until(said, ADDRESS.pattern)[1]
        with Client(url, office.person()) as clerk, Client(url, office.person("YunlingJustice")) as mediator:
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
            begun = Client(url, office.person("YunlingAudit"))
            with begun as auditor:
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


@dataclass
class Crowd:
    """`acknowledged`: SHA-256 of every statement for which somebody got a receipt."""

    url: str
    over: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, key: SigningKey) -> None:
        with Client(self.url, key) as client:
            while not self.over.is_set():
                record = str(uuid.uuid4())
                done = client.act(**receive(record))
                with self.lock:
                    self.acknowledged.append(done["statement"])


def crowded(office: Office, seconds: float, kills: int) -> None:
    """Many clients at once while the worker is killed and started again under them."""
    keys = [office.person() for _ in range(CROWD)]
    with ExitStack() as stack:
        process, said = stack.enter_context(serving(office.home, "--api", "--port", "0", name="api"))
        crowd, began = Crowd(until(said, ADDRESS.pattern)[1]), time.monotonic()
        with ThreadPoolExecutor(CROWD) as pool:
            working = [pool.submit(crowd.work, key) for key in keys]
            try:
                for number in range(kills):
                    with serving(office.home, "--worker", "--interval", "0.2", name=f"worker{number}") as (
                        worker,
                        heard,
                    ):
                        until(heard, "The worker runs for")
                        time.sleep(seconds / (kills + 1))
                        worker.kill()
                        worker.wait()
                time.sleep(max(0.0, began + seconds - time.monotonic()))
            finally:
                crowd.over.set()
            for one in working:
                one.result()
        with serving(office.home, "--worker", "--interval", "0.2", name="last") as (worker, heard):
            until(heard, "The worker runs for")
            wait("still pending", 1200, lambda: _settled(office))
            stop(worker, heard)
        stop(process, said)
    assert len(crowd.acknowledged) >= CROWD
    assert len(set(crowd.acknowledged)) == len(crowd.acknowledged)
    ledger = open_ledger(office.home)
    with reading(ledger.engine) as connection:
        query = select(statement.c.sha256, func.count(entry.c.idx).label("times")).join(
            entry, entry.c.statement_id == statement.c.id
        )
        times = {
            row.sha256.hex(): row.times for row in connection.execute(query.group_by(statement.c.sha256))
        }
    ledger.close()
    assert {times.get(digest) for digest in crowd.acknowledged} == {1}
    checked = office.ask("check")
    assert checked.document["agrees"], checked.document["findings"][:3]


def _settled(office: Office) -> bool:
    ledger = open_ledger(office.home)
    try:
        found = counts(ledger)
    finally:
        ledger.close()
    return found.pending == 0 and found.in_flight is None


def test_a_crowd_while_the_worker_is_killed_under_it(office: Office) -> None:
    crowded(office, 30.0, 2)


@pytest.mark.long
def test_a_crowd_for_ten_minutes(office: Office) -> None:
    crowded(office, 600.0, 12)
