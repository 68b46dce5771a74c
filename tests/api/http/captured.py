"""Where a service's log lines go in a test: to what pytest captures, whenever they come.

A line is written after its answer went out, when the test may be over and pytest prints its own progress:
then standard error is the terminal's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest


class Captured:
    """Made while pytest captures: its file is kept, also for the moments between two tests."""

    def __init__(self) -> None:
        self._kept = os.fdopen(os.dup(2), "w", encoding="utf-8")

    def write(self, words: str) -> None:
        out = sys.stderr
        (self._kept if out is sys.__stderr__ else out).write(words)

    def flush(self) -> None:
        self._kept.flush()
        sys.stderr.flush()

    def close(self) -> None:
        self._kept.close()


@contextmanager
def log_captured() -> Iterator[None]:
    into = Captured()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.http.note.sys", SimpleNamespace(stderr=into))
        yield
    into.close()
