"""Asking several organisations at once, so that one that does not answer costs a little time and no more."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Once enough have answered, the others have this much longer, or as long again as it took until then.
GRACE_SECONDS = 5.0
# One that did not answer lately is not waited for as long, but asked each time.
DOUBTED_GRACE_SECONDS = 0.5
DOUBT_SECONDS = 60.0


@dataclass
class Doubt:
    """Which organisations did not answer lately; until when that is remembered, by time.monotonic()."""

    _until: dict[str, float] = field(default_factory=dict)

    def of(self, msp: str) -> bool:
        return time.monotonic() < self._until.get(msp, 0.0)

    def silent(self, msp: str) -> None:
        self._until[msp] = time.monotonic() + DOUBT_SECONDS

    def answered(self, msp: str) -> None:
        self._until.pop(msp, None)


class Asking:
    """Calls under way, by organisation. `outstanding`: those that have not answered yet."""

    def __init__(self, calls: Mapping[str, Callable[[], Any]], doubt: Doubt) -> None:
        """`calls` start a grpc future each."""
        self._answers: queue.Queue[str] = queue.Queue()
        self._doubt = doubt
        self._started = time.monotonic()
        self._deadline: float | None = None
        self.outstanding: dict[str, Any] = {}
        for msp, start in calls.items():
            self.outstanding[msp] = start()
        for msp, future in tuple(self.outstanding.items()):
            future.add_done_callback(lambda _, msp=msp: self._answers.put(msp))

    def next(self, *, enough: bool) -> tuple[str, Any] | None:
        """The next one to be done, with its future; None when nobody is left or those left are not waited
        for any longer. `enough`: whether the answers until now decide already. Every call has a deadline
        of its own, so this ends in any case."""
        if not self.outstanding:
            return None
        now = time.monotonic()
        if enough and self._deadline is None:
            doubted = all(self._doubt.of(msp) for msp in self.outstanding)
            grace = DOUBTED_GRACE_SECONDS if doubted else GRACE_SECONDS
            self._deadline = now + max(grace, now - self._started)
        try:
            left = None if self._deadline is None else max(0.0, self._deadline - now)
            msp = self._answers.get(timeout=left)
        except queue.Empty:
            return None
        self._doubt.answered(msp)
        return msp, self.outstanding.pop(msp)

    def give_up(self) -> tuple[str, ...]:
        """Breaks off what is under way; the organisations that did not answer."""
        silent = tuple(self.outstanding)
        for msp, future in self.outstanding.items():
            future.cancel()
            self._doubt.silent(msp)
        self.outstanding.clear()
        return silent
