"""What `check` finds is told within 80 columns, in both languages, and no fact is cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from api.check_command import _tell
from api.checking import Checked
from api.command import run
from api.conventions import Call
from api.errors import Exit
from api.language import choose_language
from api.output import Output
from ledger.finding import Finding, Subject
from tests.api.conftest import TAKING, Office
from verifier.report import Outcome

ROOT = "3f" * 32
FINDING = Finding(
    Outcome.FAILED, "CHAIN_OTHER_ANCHOR", Subject.ANCHOR, "17", ("r1",), f"40017 {ROOT}", f"40016 {ROOT}"
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_within_80_columns(office: Office, capsys: pytest.CaptureFixture[str], language: str) -> None:
    choose_language(language)
    try:
        _tell(
            Call(office.home, Output()),
            Checked((FINDING,), ()),
            {"r1": "QC03-ZY·TD-021 张三户承包地确权档案" * 3},
        )
    finally:
        choose_language(None)
    said = capsys.readouterr().out
    assert max(map(cell_len, said.splitlines())) <= 80
    for fact in (f"40017 {ROOT}", f"40016 {ROOT}", "CHAIN_OTHER_ANCHOR", "QC03-ZY·TD-021"):
        assert fact in " ".join(said.split())


def test_what_fixity_finds_is_told_by_the_record_and_apart_from_what_it_could_not_read(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in" / "QC03-1_张三户").mkdir(parents=True)
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / "QC03-1_张三户" / name).write_text(name, encoding="utf-8")
    assert office.ask("intake", tmp_path / "in", *TAKING).exit == Exit.OK
    changed, closed = sorted(path for path in (office.home / "ledger" / "files").rglob("*") if path.is_file())
    whole = {path: path.read_bytes() for path in (changed, closed)}
    closed.unlink()
    closed.mkdir()
    assert run(["fixity", "--lang", "zh"]) == Exit.UNAVAILABLE
    assert "0 个不符或缺失,1 个读不出、没有核验成" in capsys.readouterr().out
    changed.write_bytes(b"x")
    for command in (["fixity"], ["fixity", "--due"]):
        run([*command, "--lang", "zh"])
        assert capsys.readouterr().out.count("QC03-1 张三户") == 2
    closed.rmdir()
    for path, octets in whole.items():
        path.write_bytes(octets)
    assert run(["fixity", "--lang", "zh"]) == Exit.OK
    assert run(["status", "--lang", "zh"]) in (Exit.OK, Exit.UNAVAILABLE)
    assert "(清单共列 1 件)" in capsys.readouterr().out
