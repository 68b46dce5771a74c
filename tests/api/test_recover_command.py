"""`recover` says what is so: a look changes nothing, and what is missing is not called complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from api import recover_command
from api.conventions import Call
from api.errors import CommandError
from api.output import Output
from ledger import recover
from ledger.replica import ReplicaNoneError
from tests.api.asking import Ask


def test_a_look_where_there_is_no_ledger_makes_none(ask: Ask, tmp_path: Path) -> None:
    home, trust = tmp_path / "home", tmp_path / "county.trust.json"
    trust.write_bytes(b"{}")
    looked = ask("recover", "--dry-run", "--trust", trust, "--home", home)
    assert looked.code == "USAGE_VALUE"
    assert not (home / "ledger").exists()


def test_a_gap_before_the_first_batch_is_not_told_as_nothing_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object, **__: object) -> None:
        raise ReplicaNoneError(1, [])

    left = [recover.Candidate(number, b"", ()) for number in (1, 2)]
    monkeypatch.setattr(recover, "missing", lambda *_: range(1, 3))
    monkeypatch.setattr(recover, "look", lambda *_: iter(left))
    monkeypatch.setattr(recover, "recover", stops)
    nobody = cast("Any", None)
    with pytest.raises(CommandError, match="REPLICA_NONE") as told:
        recover_command._bring_back(
            Call(tmp_path, Output(as_json=False)), nobody, nobody, [], give_up_own=False
        )
    assert "第 1 至 2 批次" in told.value.zh
    said = capsys.readouterr()
    assert "不缺批次" not in said.out
    assert "lacks no batch" not in said.out
