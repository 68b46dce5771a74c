"""Every system call of the writing path fails once, or is the last one that comes; the store stays sound.

Needs strace and leave to trace a process; without either it fails and says what to do. About 260 runs, each a
fork of this process: 80 seconds, on a very busy machine 18 minutes.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from api.failure import problem_of
from ledger.check import check
from ledger.files import content_path, store_file
from ledger.handle import open_ledger
from ledger.store.engine import reading
from ledger.store.tables import statement
from tests.ledger.ledger_world import START, Clock, World, make_world, new_uuid
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
# How whoever works with the ledger is told of it. SYSTEM has the system's own words, and names the file.
TOLD = {
    "ENOSPC": {"SYSTEM", "STORE_SPACE", "FILE_SPACE"},
    "EIO": {"SYSTEM", "STORE_FAILED"},
    "EACCES": {"SYSTEM", "STORE_READONLY", "FILE_READONLY", "FILE_UNREADABLE"},
    "SIGKILL": set(),
}
# One run takes a second; a machine that is busy may take long, and one that hangs is not waited for.
SECONDS = 300


@dataclass(frozen=True)
class Run:
    """`reached`: whether the fault was put in. `code`: how the process ended."""

    said: list[str]
    reached: bool
    code: int | None


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    assert found, "could not run: strace is needed (apt install strace) · 未能运行:需要 strace"
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Of a ledger that once did all that comes under fire, so that everything is loaded. It is closed."""
    folder = tmp_path_factory.mktemp("world")
    made = make_world(folder)
    with (folder / "said").open("ab", buffering=0) as said:
        work(made, folder, b"before", said.fileno())
    made.clock.step(1)
    made.anchor()
    made.ledger.close()
    return made


def work(world: World, folder: Path, content: bytes, said: int) -> None:
    """All that writes, and what was promised after each."""
    path = folder / f"{content.hex()}.pdf"
    path.write_bytes(content)
    say(said, f"file {store_file(world.ledger, path).digests.sha256.hex()}")
    key = world.person()
    made = [world.receive(key, new_uuid()), world.receive_list(key, [new_uuid() for _ in range(2)])]
    for accepted in world.accept(made):
        say(said, f"accepted {accepted.statement.hex()}")
    sealed = world.seal()
    say(said, f"sealed {sealed.number if sealed else '-'}")


def say(said: int, line: str) -> None:
    data = f"{line}\n".encode()
    try:
        os.write(said, data)
    except OSError:
        # The fault, which comes once, has struck what is not under test.
        os.write(said, data)


def under_fire(world: World, folder: Path) -> None:
    """Stops, so that it can be traced; then does the work, says how it went, and ends."""
    said = os.open(folder / "said", os.O_WRONLY | os.O_APPEND)
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        clock = Clock(world.clock.when)
        own = replace(world, ledger=open_ledger(folder / "home", clock), clock=clock)
        work(own, folder, b"under fire", said)
        own.ledger.close()
    except Exception as error:  # noqa: BLE001  told apart below
        problem = problem_of(error)
        say(said, f"error {problem.code}" if problem else f"traceback {traceback.format_exc()!r}")
    say(said, "done")
    os._exit(0)


def run_with(strace: str, world: World, folder: Path, inject: str) -> Run:
    shutil.copytree(world.ledger.paths.home.parent, folder)
    child = multiprocessing.get_context("fork").Process(target=under_fire, args=(world, folder))
    child.start()
    assert child.pid is not None
    until(child.pid, "State:\tT")
    log, call = folder / "strace", inject.partition(":")[0]
    options = ["-f", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={inject}"]
    tracer = subprocess.Popen([strace, *options, "-p", str(child.pid)], stderr=subprocess.PIPE, text=True)
    try:
        until(child.pid, f"TracerPid:\t{tracer.pid}\n", tracer)
        os.kill(child.pid, signal.SIGCONT)
        _, words = tracer.communicate(timeout=SECONDS)
        child.join(SECONDS)
        assert child.exitcode is not None, f"hangs: {words}"
    finally:
        child.kill()
        child.join()
        tracer.kill()
    traced = log.read_text()
    return Run(
        (folder / "said").read_text().splitlines(),
        "INJECTED" in traced or "SIGKILL" in traced,
        child.exitcode,
    )


def until(pid: int, state: str, tracer: subprocess.Popen[str] | None = None) -> None:
    """The process is in this state, by what Linux says of it."""
    deadline = time.monotonic() + SECONDS
    while state not in Path(f"/proc/{pid}/status").read_text():
        if tracer is not None and tracer.poll() is not None:
            pytest.fail(
                "could not run: strace may not trace a process here; run the tests as root · "
                f"未能运行:此处不许跟踪进程,请以 root 运行测试: {tracer.communicate()[1]}"
            )
        assert time.monotonic() < deadline, f"not {state!r}"
        time.sleep(0.002)


def judge(world: World, folder: Path, run: Run, fault: str) -> None:
    said = run.said
    assert not [line for line in said if line.startswith("traceback")], said
    assert run.code == (-signal.SIGKILL if fault == "SIGKILL" and run.reached else 0), run
    told = {line.removeprefix("error ") for line in said if line.startswith("error ")}
    assert told <= (TOLD[fault] if run.reached else set()), said
    assert (said[-1] == "done") == (run.code == 0), said
    ledger = open_ledger(folder / "home", Clock(START))
    try:
        found = [one for one in check(ledger, membership=world.person_cas) if one.outcome is Outcome.FAILED]
        assert found == [], found
        with reading(ledger.engine) as connection:
            kept = {digest.hex() for digest in connection.execute(select(statement.c.sha256)).scalars()}
        promised = [line.split() for line in said if line.count(" ") == 1 and len(line.split()[1]) == 64]
        assert len(promised) >= 3, said
        assert {digest for what, digest in promised if what == "accepted"} <= kept
        for what, digest in promised:
            if what == "file":
                data = content_path(ledger.paths, bytes.fromhex(digest)).read_bytes()
                assert sha256(data).hex() == digest
    finally:
        ledger.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("call", "fault"), [*FAULTS, *KILLED], ids=[f"{c} {f}" for c, f in [*FAULTS, *KILLED]]
)
def test_the_store_stays_sound(strace: str, world: World, tmp_path: Path, call: str, fault: str) -> None:
    number, reached = 0, True
    while reached:
        number += 1
        folder = tmp_path / str(number)
        run = run_with(strace, world, folder, f"{call}:{fault}:when={number}")
        judge(world, folder, run, fault.partition("=")[2])
        reached = run.reached
        shutil.rmtree(folder)
    # The path does make this call, but for what this platform's SQLite does by another.
    assert number > 1 or call in ("fdatasync", "fsync", "ftruncate")
