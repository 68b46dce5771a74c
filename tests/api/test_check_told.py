"""What `check` finds is told within 80 columns, in both languages, and no fact is cut."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from api.check_command import _tell
from api.checking import Checked
from api.conventions import Call
from api.language import choose_language
from api.output import Output
from ledger.finding import Finding, Subject
from tests.api.conftest import Office
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
