"""A back-up of the whole deployment, restored where nothing is: as docs/operations.md tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.command import run
from tests.compose.deployment import Deployment, deployment
from tests.compose.told import Told, counts, take_evidence, verdict

pytestmark = pytest.mark.compose

IN_MAKE = ("run", "--rm", "--no-deps", "-T", "make")


def test_all_comes_back_on_another_machine(composed: Deployment, told: Told, tmp_path: Path) -> None:
    dump, archive = tmp_path / "archive.dump", tmp_path / "archive.tar"
    before = counts(composed)
    composed.type("backup", "/data/out/day")
    day = composed.fetch("/data/out/day", tmp_path / "day")
    restored = ["restore", str(day), "--home", str(tmp_path / "desk")]
    assert run(restored) == 0, "the ledger's own back-up is read without Docker"
    composed.close_office()
    composed.compose("stop", "worker", "api")
    composed.into(dump, "exec", "-T", "database", "pg_dump", "-U", "archive", "-Fc", "archive")
    composed.compose("stop")
    secrets = ("--exclude", "./database-password", "--exclude", "./database-login")
    composed.into(archive, *IN_MAKE, "tar", "-C", "/data", *secrets, "-cf", "-", ".")
    with deployment(composed.engine, composed.shared) as other:
        other.compose("run", "--rm", "-T", "volumes")
        other.out_of(archive, *IN_MAKE, "tar", "-C", "/data", "--no-overwrite-dir", "-xf", "-")
        other.compose(*IN_MAKE)
        other.compose("up", "--detach", "--wait", "--no-deps", "database")
        other.out_of(dump, "exec", "-T", "database", "pg_restore", "-U", "archive", "-d", "archive")
        other.up()
        other.until_well()
        other.open_office()
        assert counts(other)["records"] == before["records"]
        assert counts(other)["entries"] >= before["entries"]
        other.type("check")
        files, evidence = take_evidence(other, told.case, tmp_path)
        assert verdict(evidence, files, told.trust) == 0
    composed.compose("start")
    composed.until_well()
    composed.open_office()
