"""Running a command in this process and reading what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

from api.command import run

PASSPHRASE = "for tests only"


@dataclass(frozen=True)
class Answer:
    """What a command said: its exit code, its JSON document, and standard error."""

    exit: int
    document: dict[str, Any]
    error: str

    @property
    def code(self) -> str:
        return str(self.document.get("error", {}).get("code", ""))


Ask: TypeAlias = Callable[..., Answer]


def asker(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """A function that runs `archive-ledger ARGUMENTS --json`, in English, with the tests' passphrase."""
    monkeypatch.setenv("ARCHIVE_LEDGER_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("ARCHIVE_LEDGER_LANG", "en")

    def asked(*arguments: object) -> Answer:
        capsys.readouterr()
        exit_code = run([*map(str, arguments), "--json"])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(exit_code, json.loads(said.out) if said.out else {}, said.err)

    return asked
