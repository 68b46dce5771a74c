"""The main job with the ledger on a PostgreSQL server, by command, on the real network; then onto a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.asking import asker
from tests.conftest import RunningNetwork
from tests.e2e.office import open_office
from tests.postgres_cluster import Cluster
from verifier.command import main as verify

VARIABLE = "ARCHIVE_LEDGER_DATABASE"
TITLE = "QC03-ZY·TD-021"

USE = ("--as", "王五", "--purpose", "核对", "--basis", "own_record")


def test_from_a_folder_to_a_verdict_and_onto_a_file(
    network_home: RunningNetwork,
    postgres: Cluster,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = postgres.url(postgres.database())
    monkeypatch.setenv("ARCHIVE_LEDGER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(VARIABLE, url)
    ask = asker(capsys, monkeypatch)
    open_office(ask, network_home)
    # From here on `ledger.json` says it.
    monkeypatch.delenv(VARIABLE)
    folder = tmp_path / "in" / f"{TITLE}_张三户"
    folder.mkdir(parents=True)
    (folder / "合同.txt").write_text("承包合同", encoding="utf-8")
    taken = ask("intake", tmp_path / "in", "--as", "王五", "--carrier", "electronic")
    assert (taken.exit, taken.document["records_taken"]) == (0, 1), taken.error
    assert ask("anchor").exit == 0
    assert ask("status").document["database"] == url
    assert ask("check").document["findings"] == []
    checks = {check["name"]: check for check in ask("doctor").document["checks"]}
    assert (checks["database"]["state"], url in checks["database"]["en"]) == ("ok", True)
    assert not (tmp_path / "home" / "ledger" / "ledger.sqlite").exists()

    trust, evidence, files = tmp_path / "trust.json", tmp_path / "e.evidence.json", tmp_path / "files"
    ask("trust-root", "-o", trust)
    assert ask("evidence", TITLE, "-o", evidence, "--files", files, *USE).exit == 0
    given = [str(evidence), *map(str, files.iterdir()), "--trust", str(trust)]
    assert verify(given) == 0
    capsys.readouterr()

    assert ask("backup", tmp_path / "kept").exit == 0
    again = ask("restore", tmp_path / "kept", "--home", tmp_path / "again")
    assert (again.exit, again.document["database"]) == (
        0,
        str(tmp_path / "again" / "ledger" / "ledger.sqlite"),
    )
    assert ask("check", "--home", tmp_path / "again").document["findings"] == []
    assert ask("evidence", TITLE, "-o", tmp_path / "f.json", "--home", tmp_path / "again").exit == 0
    assert verify([str(tmp_path / "f.json"), *map(str, files.iterdir()), "--trust", str(trust)]) == 0
    capsys.readouterr()

    # What cannot be used is refused with what to do, and leaves nothing.
    for address, code in (
        (url, "STORE_NOT_EMPTY"),
        ("postgresql://user:secret@db/x", "DATABASE_PASSWORD"),
        ("mysql://db/x", "DATABASE_ADDRESS"),
        ("postgresql:///x?host=/nowhere", "STORE_UNREACHABLE"),
    ):
        asked = ask("restore", tmp_path / "kept", "--home", tmp_path / "third", "--database", address)
        assert (asked.exit != 0, asked.code, "secret" in asked.error) == (True, code, False), asked.error
        assert not (tmp_path / "third").exists()
