"""Starting, finding and stopping the network's processes.

The process table is the only register: every process carries its data folder and its name in its
environment, so one that runs is found whatever became of any file, and a number that another program
now has is never taken for ours.
"""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from network.layout import Kind, Layout, Node

_NETWORK = "ARCHIVE_LEDGER_NETWORK"
_NODE = "ARCHIVE_LEDGER_NODE"
_DIGEST = "ARCHIVE_LEDGER_START"
_LARGEST_LOG = 4 * 1024 * 1024
# What a started process inherits from ours; settings meant for other programs must not leak in.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "TZ")


@dataclass(frozen=True)
class Running:
    """A live process of the network; `process` keeps its start time, so a reused number is not it.
    `digest` is of how it was started."""

    node: Node
    digest: str
    process: psutil.Process

    @property
    def pid(self) -> int:
        return self.process.pid


def running(layout: Layout) -> tuple[Running, ...]:
    """Every live process of this network, whoever started it."""
    found = [one for process in psutil.process_iter() if (one := _ours(process, layout)) is not None]
    return tuple(sorted(found, key=lambda one: (one.node.msp, one.node.kind, one.pid)))


def start(
    layout: Layout,
    node: Node,
    digest: str,
    command: tuple[str, ...],
    environment: Mapping[str, str],
    folder: Path,
) -> None:
    """Starts a process of its own session, so that it outlives us, with its output in its log.

    A shell starts it in the background and ends: the process has no parent that must wait for it.
    """
    log = layout.log(node)
    _rotate(log)
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    marks = {_NETWORK: str(layout.root), _NODE: node.name, _DIGEST: digest}
    with log.open("ab") as out:
        subprocess.run(
            ["/bin/sh", "-c", '"$@" </dev/null &', "sh", *command],
            cwd=folder,
            env={**inherited, **environment, **marks},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=True,
        )


def stop(processes: Iterable[Running], seconds: float) -> None:
    """Asks them to end, and after `seconds` makes them. Returns when none is left."""
    left = [one.process for one in processes]
    for process in left:
        _signal(process, kill=False)
    deadline = time.monotonic() + seconds
    while left := [process for process in left if alive(process)]:
        if time.monotonic() > deadline:
            for process in left:
                _signal(process, kill=True)
        time.sleep(0.02)


def alive(process: psutil.Process) -> bool:
    """A zombie has ended: only its number is left."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def log_tail(layout: Layout, node: Node, lines: int = 15) -> tuple[str, ...]:
    """The last lines of a process's log, () when it has none. Where the process says why it died,
    the lines from there on: what follows is only its stack."""
    try:
        with layout.log(node).open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 64 * 1024))
            text = stream.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    all_lines = text.splitlines()
    deaths = [index for index, line in enumerate(all_lines) if line.startswith(("panic:", "fatal error:"))]
    begin = max(0, deaths[-1] - 3 if deaths else len(all_lines) - lines)
    return tuple(line[:500] for line in all_lines[begin : begin + lines])


def _ours(process: psutil.Process, layout: Layout) -> Running | None:
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        # Ended meanwhile, a zombie, or another user's: not one that we could have started.
        return None
    if environment.get(_NETWORK) != str(layout.root):
        return None
    msp, _, kind = environment.get(_NODE, "").partition("/")
    if kind not in set(Kind) or not alive(process):
        return None
    return Running(Node(msp, Kind(kind)), environment.get(_DIGEST, ""), process)


def _signal(process: psutil.Process, kill: bool) -> None:
    try:
        # psutil compares the start time first: a reused number gets no signal.
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        return


def _rotate(log: Path) -> None:
    """A log that has grown large is set aside at start; the one set aside before is dropped."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
