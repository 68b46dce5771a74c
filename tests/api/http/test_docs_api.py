"""What docs/api.md shows is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.query import statement_by_digest
from tests.api.http.house import House

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


def test_every_address_of_the_page_is_one_of_the_service(house: House) -> None:
    paths = set(house.ask("GET", "/openapi.json").json()["paths"])
    named = re.findall(r"(/(?:v1/[a-z:{}/0-9_]+|checkpoint|healthz|metrics))[`,; ]", PAGE)
    assert len(set(named)) > 10
    assert set(named) - paths - {"/v1/jobs/check"} == set()
