"""What docs/api.md shows is run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ledger.query import statement_by_digest
from tests.api.http.house import PASSPHRASE, RECORD, House, receive

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_client_of_the_page(
    own_house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    shown = shown.replace("http://127.0.0.1:8600", own_house.url)
    monkeypatch.chdir(own_house.service.home.parent)
    (own_house.service.home.parent / ".archive-ledger").symlink_to(own_house.service.home)
    exec(compile(shown, "docs/api.md", "exec"), {})  # noqa: S102  it is the page's own
    assert "archive-ledger receipt v1" in capsys.readouterr().out
    (received,) = own_house.stated("receive")
    assert statement_by_digest(own_house.ledger, bytes.fromhex(received.statement)).receipt


def test_the_lines_for_openssl_and_curl(house: House, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    shown = shown.replace("openssl dgst", "openssl dgst -passin env:PASSPHRASE")
    with house.client() as client:
        client.act(**receive())
        person = house.ledger.paths.home / "people" / client.key.agent
    done = subprocess.run(
        ["bash", "-c", shown],
        env={**os.environ, "url": house.url, "person": str(person), "PASSPHRASE": PASSPHRASE.decode()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert RECORD in done.stdout, done


def test_every_address_of_the_page_is_one_of_the_service(house: House) -> None:
    paths = set(house.ask("GET", "/openapi.json").json()["paths"])
    named = re.findall(r"(/(?:v1/[a-z:{}/0-9_]+|checkpoint|healthz|metrics))[`,; ]", PAGE)
    assert len(set(named)) > 10
    assert set(named) - paths - {"/v1/jobs/check"} == set()
