"""`doctor` sees what `network up` would miss, before anything is built or fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Office


def chaincode(office: Office) -> dict[str, Any]:
    checks = {check["name"]: check for check in office.ask("doctor").document["checks"]}
    found: dict[str, Any] = checks["chaincode"]
    return found


def test_the_chaincode_is_found_where_it_is_installed(office: Office) -> None:
    found = chaincode(office)
    assert found["state"] == "ok"
    assert "chaincode" in found["en"]


def test_missing_chaincode_sources_are_a_problem(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARCHIVE_LEDGER_CHAINCODE", str(tmp_path))
    found = chaincode(office)
    assert found["state"] == "problem"
    assert "go.mod" in found["en"]
    for remedy in (found["remedy_zh"], found["remedy_en"]):
        assert "ARCHIVE_LEDGER_CHAINCODE" in remedy


def test_no_go_and_none_to_be_had_is_a_problem_even_with_an_official_fabric(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("peer", "orderer"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("FABRIC_BIN", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    found = chaincode(office)
    assert found["state"] == "problem"
    assert "riscv64" in found["en"]
    assert "PATH" in found["remedy_en"]
