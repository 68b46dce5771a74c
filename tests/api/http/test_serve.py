"""`serve`: interface and worker together or apart, at an address that is printed."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.http.limits import Limits
from api.http.service import Service
from api.http.serving import listen, served
from api.service_key import service_key
from ledger.handle import open_ledger
from tests.api.asking import asker
from tests.api.http.process import ADDRESS, serving, stop, until


def test_both_together_print_their_address_and_stop_together(own_home: Path) -> None:
    with serving(own_home, "--interval", "0.5") as (process, said):
        url = until(said, ADDRESS.pattern)[1]
        assert url.startswith("http://127.0.0.1:")
        assert int(url.rpartition(":")[2]) < 32768
        until(said, "The worker runs for")
        answer = httpx.get(f"{url}/healthz", timeout=600)
        assert answer.status_code == 503
        states = {check["name"]: check["state"] for check in answer.json()["checks"]}
        # No chain runs here: that is bad, or not known yet; never good.
        assert states["checkpoint"] == "bad"
        assert states["chain"] != "good"
        assert states["service_key"] == "good"
        stop(process, said)


def test_the_interface_alone_takes_statements_while_no_worker_runs(own_home: Path) -> None:
    from api.client import Client
    from ledger.handle import open_ledger
    from tests.api.http.house import new_person, receive

    with serving(own_home, "--api", "--port", "0") as (process, said):
        url = until(said, ADDRESS.pattern)[1]
        with closing(open_ledger(own_home)) as ledger:
            key = new_person(ledger, own_home, "QingheTownship")
        with Client(url, key) as client:
            assert client.act(**receive())["duplicate"] is False
        states = {
            check["name"]: check["state"]
            for check in httpx.get(f"{url}/healthz", timeout=600).json()["checks"]
        }
        assert states["worker"] == "unknown"
        stop(process, said)
        lines = [json.loads(line) for line in said.read_text().splitlines() if line.startswith("{")]
        assert [line["operation"] for line in lines if line["event"] == "request"][-2] == "submit"


def test_the_worker_alone_opens_no_port_and_needs_no_key(own_home: Path) -> None:
    shutil.rmtree(own_home / "network" / "organisations" / "QingheTownship" / "ca")
    with serving(own_home, "--worker") as (process, said):
        until(said, "The worker runs for")
        assert "interface" not in said.read_text()
        stop(process, said)
    assert not (own_home / "service").exists()


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, own_home: Path) -> object:
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(own_home))
    return asker(capsys, monkeypatch)


def test_a_port_in_use_is_refused_by_its_code(ask: object) -> None:
    assert callable(ask)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = ask("serve", "--api", "--port", taken.getsockname()[1])
    assert (refused.exit, refused.code) == (3, "PORT_IN_USE")
    assert "--port" in refused.document["error"]["zh"]


def test_without_a_key_nothing_is_served(ask: object, own_home: Path) -> None:
    assert callable(ask)
    shutil.rmtree(own_home / "network" / "organisations" / "QingheTownship" / "ca")
    refused = ask("serve", "--api", "--port", "0")
    assert (refused.exit, refused.code) == (3, "SERVICE_KEY_MISSING")
    told = refused.document["error"]["zh"]
    assert "--ca" in told
    assert ("Bring the network up" in told, "。。" in told, "network up" in told) == (False, False, True)


def test_a_key_made_ready_where_the_ca_is_serves_where_it_is_not(ask: object, own_home: Path) -> None:
    assert callable(ask)
    ready = ask("serve", "--prepare")
    assert ready.exit == 0
    assert ready.document["service_key_until"][:4].isdigit()
    shutil.rmtree(own_home / "network" / "organisations" / "QingheTownship" / "ca")
    with serving(own_home, "--api", "--port", "0") as (process, said):
        until(said, ADDRESS.pattern)
        stop(process, said)


@pytest.mark.parametrize(("proxy", "waits"), [("127.0.0.1", False), ("192.0.2.7", True)])
def test_only_the_proxy_may_say_who_calls(own_home: Path, proxy: str, waits: bool) -> None:
    """Tries are counted by the caller's address: believed of the proxy, made up by anybody else."""
    ledger, listening = open_ledger(own_home), listen("127.0.0.1", 0)
    key, limits = service_key(ledger, own_home, None), Limits(attempts=2)
    service = Service(ledger, key, "https://archive.example", own_home, limits=limits)
    with served(service, listening, threading.Event(), proxy):
        tries = [
            httpx.post(
                f"{listening.url}/v1/session",
                json={
                    "challenge": "c",
                    "signature": "eA",
                    "certificate": "eA==",
                    "organisation": "YunlingAudit",
                },
                headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Forwarded-Proto": "https"},
                timeout=600,
            ).status_code
            for number in range(limits.attempts + 1)
        ]
    ledger.close()
    assert tries == [401, 401, 429 if waits else 401]


@pytest.mark.parametrize("url", ["archive.example", "https://archive.example/", "ftp://archive.example"])
def test_an_address_of_another_form(ask: object, url: str) -> None:
    assert callable(ask)
    refused = ask("serve", "--api", "--port", "0", "--url", url)
    assert (refused.exit, refused.code) == (2, "USAGE_VALUE")


def test_the_services_key_is_kept_and_renewed(own_home: Path) -> None:
    import datetime

    ledger = open_ledger(own_home)
    first = service_key(ledger, own_home, None)
    assert (first.role, first.iss) == ("service", "QingheTownship")
    assert service_key(ledger, own_home, None).certificate_der == first.certificate_der
    secret = own_home / "service" / "passphrase"
    assert secret.stat().st_mode & 0o077 == 0
    later = first.not_after - datetime.timedelta(days=1)
    object.__setattr__(ledger, "now", lambda: later)
    renewed = service_key(ledger, own_home, None)
    assert renewed.agent == first.agent
    assert renewed.certificate_der != first.certificate_der
    ledger.close()
