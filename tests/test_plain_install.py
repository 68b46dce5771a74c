"""Plain `pip install .` in a fresh virtual environment: the verifier works, and nothing more came along."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from network.binaries import chaincode_version
from tests.verifier.forge_evidence import EXTRA, FORM, MAP, good

ROOT = Path(__file__).parent.parent
# What the verifier stands on: cryptography, with its binding to C, and canonical JSON.
ALLOWED = {"archive-ledger", "cryptography", "rfc8785", "cffi", "pycparser", "typing_extensions"}
SOURCES = ("verifier", "ledger", "network", "api", "chaincode", "pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True)
class Plain:
    """A fresh environment's programs, and a folder with evidence, trust root and files."""

    programs: Path
    case: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.case,
            env=environment | {"PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plain:
    base = tmp_path_factory.mktemp("plain")
    source = base / "source"
    source.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    venv.create(base / "venv", with_pip=True)
    programs = base / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # No compiler is asked for: wheels only, but for our own source.
    wheels = ["--only-binary", "cryptography,cffi"]
    done = subprocess.run(
        [programs / "python", *install, *wheels, str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    case = base / "case"
    (case / "files").mkdir(parents=True)
    (case / "case.evidence.json").write_bytes(good().octets)
    (case / "trust.json").write_bytes(good().trust_octets)
    for file in (FORM, MAP, EXTRA):
        (case / "files" / file.name).write_bytes(file.content)
    return Plain(programs, case)


def test_only_what_the_verifier_needs_was_installed(plain: Plain) -> None:
    listed = plain.run("python", "-m", "pip", "list", "--format=freeze").stdout.split()
    names = {line.partition("==")[0] for line in listed}
    assert names - {"pip", "setuptools"} <= ALLOWED


def test_it_verifies(plain: Plain) -> None:
    done = plain.run("archive-verify", "case.evidence.json", "files", "--trust", "trust.json", "--lang", "zh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("核验结论:一致")


def test_it_sees_a_changed_file(plain: Plain) -> None:
    (plain.case / "changed.png").write_bytes(FORM.content + b"?")
    done = plain.run("archive-verify", "case.evidence.json", "changed.png", "--trust", "trust.json")
    assert done.returncode == 1, done.stdout + done.stderr


def test_the_chaincode_came_along_whole_without_its_tests(plain: Plain) -> None:
    """`network up` builds it from the installation: no checkout is needed, nor a variable set."""
    program = (
        "from network.binaries import chaincode_source as source, chaincode_version as version\n"
        "print(source(None), version(source(None)), sep='\\n')"
    )
    done = plain.run("python", "-c", program)
    assert done.returncode == 0, done.stderr
    folder, version = done.stdout.splitlines()
    assert Path(folder).is_relative_to(plain.programs.parent)
    assert version == chaincode_version(ROOT / "chaincode")
    names = {path.name for path in Path(folder).iterdir() if path.name != "__pycache__"}
    assert {"go.mod", "go.sum", "main.go"} <= names
    assert [name for name in names if name.endswith("_test.go") or name == "testdata"] == []


def test_the_ledger_command_says_what_it_lacks(plain: Plain) -> None:
    done = plain.run("archive-ledger", "status", "--lang", "en")
    assert done.returncode == 3
    assert "pip install" in done.stderr
    assert "Traceback" not in done.stderr
