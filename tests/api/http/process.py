"""`serve` as a process of its own, and what it says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api.asking import PASSPHRASE

ADDRESS = re.compile(r"The interface is at (http://[^\s]+)\s")


@contextmanager
def serving(home: Path, *options: str, name: str = "said") -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The process, and the file that holds what it says."""
    said = home.parent / f"{name}.txt"
    environment = os.environ | {
        "ARCHIVE_LEDGER_HOME": str(home),
        "ARCHIVE_LEDGER_PASSPHRASE": PASSPHRASE,
        "ARCHIVE_LEDGER_LANG": "en",
    }
    command = [sys.executable, "-c", "from api.command import main; main()", "serve", *options]
    with said.open("w") as out:
        process = subprocess.Popen(command, env=environment, stderr=out, stdout=out, text=True)
    try:
        yield process, said
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(600)


def until(said: Path, pattern: str) -> re.Match[str]:
    deadline = time.monotonic() + 600
    while (found := re.search(pattern, said.read_text())) is None:
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.1)
    return found


def stop(process: subprocess.Popen[str], said: Path) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(600) == 0, said.read_text()
    assert "Traceback" not in said.read_text()
