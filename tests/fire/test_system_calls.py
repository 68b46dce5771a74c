"""Every system call of the writing path fails once, or is the last one that comes; the store stays sound.

Needs strace and leave to trace a process; without either it fails and says what to install.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select

from ledger.check import check
from ledger.files import content_path
from ledger.handle import open_ledger
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.fire.killing import ROOT
from tests.ledger.ledger_world import START, TOWN, Clock
from verifier.digests import sha256
from verifier.report import Outcome

CALLS = {
    "write": "ENOSPC",
    "pwrite64": "ENOSPC",
    "fsync": "EIO",
    "fdatasync": "EIO",
    "ftruncate": "EIO",
    "openat": "EACCES",
    "rename": "ENOSPC",
    "mkdir": "ENOSPC",
    "unlink": "EIO",
}
FAULTS = [(call, f"error={error}") for call, error in CALLS.items()]
KILLED = [
    (call, "signal=SIGKILL") for call in ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink")
]


def strace() -> str:
    found = shutil.which("strace")
    assert found, "strace is needed: apt install strace · 需要 strace:apt install strace"
    return found


def run_with(folder: Path, call: str, fault: str, number: int) -> tuple[list[str], bool]:
    """What the process said, and whether the fault was put in."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.fire.failing_child", str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    before = []
    while (line := child.stdout.readline().strip()) != "ready":
        assert line, "the process ended before it was put under fire"
        before.append(line)
    log = folder / "strace"
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={number}"]
    tracer = subprocess.Popen(
        [strace(), "-f", "-o", str(log), *inject, "-p", str(child.pid)], stderr=subprocess.PIPE
    )
    while not traced(child.pid):
        assert tracer.poll() is None, f"strace may not trace here (ptrace is forbidden): {tracer.stderr!r}"
        time.sleep(0.01)
    said, _ = child.communicate("go\n", timeout=300)
    tracer.communicate(timeout=300)
    text = log.read_text()
    return before + said.splitlines(), "INJECTED" in text or "SIGKILL" in text


def traced(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    return "TracerPid:\t0\n" not in status


def judge(folder: Path, said: list[str], killed: bool) -> None:
    assert not [line for line in said if line.startswith("traceback")], said
    assert killed or said[-1] == "done" or "error SYSTEM" in said[-1], said
    ledger = open_ledger(folder / "home", Clock(START))
    ca = x509.load_der_x509_certificate((folder / "ca.der").read_bytes())
    found = [
        one for one in check(ledger, membership=lambda _: {TOWN: (ca,)}) if one.outcome is Outcome.FAILED
    ]
    assert found == [], found
    with reading(ledger.engine) as connection:
        kept = {digest.hex() for digest in connection.execute(select(statement.c.sha256)).scalars()}
    promised = [line.split() for line in said if line.count(" ") == 1 and len(line.split()[1]) == 64]
    assert {digest for what, digest in promised if what == "accepted"} <= kept
    for what, digest in promised:
        if what == "file":
            data = content_path(ledger.paths, bytes.fromhex(digest)).read_bytes()
            assert sha256(data).hex() == digest
    ledger.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("call", "fault"), [*FAULTS, *KILLED], ids=[f"{c} {f}" for c, f in [*FAULTS, *KILLED]]
)
def test_the_store_stays_sound(tmp_path: Path, call: str, fault: str) -> None:
    number, reached = 0, True
    while reached:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        said, reached = run_with(folder, call, fault, number)
        judge(folder, said, "SIGKILL" in fault)
        shutil.rmtree(folder)
    # The path does make this call, but for what this platform's SQLite does by another.
    assert number > 1 or call in ("fdatasync", "fsync", "ftruncate")
