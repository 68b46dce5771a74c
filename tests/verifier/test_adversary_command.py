"""Files whose names are options: whoever hands over the folder must not steer the command.

`archive-verify ../case.evidence.json *` runs with whatever names the shell finds.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from tests.verifier.forge_evidence import EXTRA, FORM, MAP, STRANGE, good
from verifier.command import main


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Evidence and trust root beside the folder in which the command runs."""
    (tmp_path / "case.evidence.json").write_bytes(good().octets)
    (tmp_path / "county.trust.json").write_bytes(good().trust_octets)
    folder = tmp_path / "files"
    folder.mkdir()
    for file in (FORM, MAP, EXTRA):
        (folder / file.name).write_bytes(file.content)
    monkeypatch.chdir(folder)
    return folder


def run(*words: str) -> tuple[int, str]:
    """The exit code and what was written to standard error."""
    complaints = io.StringIO()
    with contextlib.redirect_stderr(complaints), contextlib.redirect_stdout(io.StringIO()):
        return main(words), complaints.getvalue()


FIRST = ("--trust", "../county.trust.json", "../case.evidence.json")


def test_the_folder_as_it_should_be(table: Path) -> None:
    assert run(*FIRST, *sorted(path.name for path in table.iterdir()))[0] == 0


@pytest.mark.parametrize(
    "name", ["--help", "-h", "--json", "--", "--lang=en", "--receipt=x", "--trust=theirs.trust.json"]
)
def test_a_file_that_is_named_like_an_option(table: Path, name: str) -> None:
    """Among them a file that differs: none of these names may turn that into exit code 0."""
    (table / STRANGE.name).write_bytes(STRANGE.content)
    (table / name).write_bytes(b"")
    code, complaint = run(*FIRST, *sorted(path.name for path in table.iterdir()))
    assert code == 3
    assert f"./{name}" in complaint


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_stands_alone(table: Path, word: str) -> None:
    """Exit code 0 says "consistent" to a script."""
    assert run(word)[0] == 0
    assert run(*FIRST, STRANGE.name, word)[0] == 3


@pytest.mark.parametrize(
    "words",
    [
        ("--trust", "../county.trust.json"),
        ("--trust=../county.trust.json",),
    ],
)
def test_a_second_trust_root(table: Path, words: tuple[str, ...]) -> None:
    code, complaint = run(*FIRST, FORM.name, *words)
    assert code == 3
    assert "--trust" in complaint


def test_a_path_that_starts_with_a_folder_is_no_option(table: Path) -> None:
    (table / "--json").write_bytes(EXTRA.content)
    assert run(*FIRST, f"./{FORM.name}", f"./{MAP.name}", "./--json")[0] == 0
