"""Portions of a check, judged by all processors, in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TypeAlias

from ledger.check_portions import Portion
from ledger.finding import Finding
from ledger.processes import forget_processes, processes

_Judge: TypeAlias = Callable[[Portion], list[Finding]]

# Items, of which a process judges some five thousand a second; two take as long to start as that.
WORTH_STARTING = 20_000


def judge_portions(
    judge: _Judge, portions: Iterator[Portion], weight: int
) -> Iterator[tuple[Portion, list[Finding]]]:
    """Each portion with what `judge` finds in it. `weight`: how many items would take as long."""
    if weight < WORTH_STARTING:
        for portion in portions:
            yield portion, judge(portion)
        return
    cores = os.cpu_count() or 1
    waiting: deque[tuple[Portion, Future[list[Finding]] | None]] = deque()
    for portion in portions:
        waiting.append((portion, _begin(judge, portion)))
        # So many are in memory, however large the archive is.
        if len(waiting) > cores + 1:
            yield _end(judge, *waiting.popleft())
    while waiting:
        yield _end(judge, *waiting.popleft())


def _begin(judge: _Judge, portion: Portion) -> Future[list[Finding]] | None:
    try:
        return processes().submit(judge, portion)
    except BrokenProcessPool:
        forget_processes()
        return None


def _end(
    judge: _Judge, portion: Portion, future: Future[list[Finding]] | None
) -> tuple[Portion, list[Finding]]:
    """Where a process was killed it is done here."""
    if future is not None:
        with suppress(BrokenProcessPool):
            return portion, future.result()
    return portion, judge(portion)
