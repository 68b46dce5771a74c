"""A lock between processes: held while the block runs, released by the system if the process dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verifier.errors import LedgerError

_STEP = 0.02  # seconds between tries


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Raises LedgerError LOCK_HELD if another process still holds the lock after `seconds`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, path, time.monotonic() + seconds, seconds)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, deadline: float, seconds: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LedgerError("LOCK_HELD", path.name, f"{seconds:g} s", "held") from None
            time.sleep(_STEP)
        else:
            return
