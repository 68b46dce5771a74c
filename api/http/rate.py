"""Counting what somebody did lately, so that one of many cannot keep all others waiting."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_NAMES = 50_000


@dataclass
class Rates:
    """`clock`: seconds, ever rising. Kept by this process alone: with several, each admits as many."""

    clock: Callable[[], float] = time.monotonic
    _seen: OrderedDict[tuple[str, str], deque[float]] = field(default_factory=OrderedDict)
    _beyond: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, kind: str, name: str, most: int, seconds: float) -> float:
        """Counts one, and says 0; beyond `most` in `seconds` counts nothing and says how long to wait."""
        now = self.clock()
        with self._lock:
            times = self._seen.setdefault((kind, name), deque())
            self._seen.move_to_end((kind, name))
            while times and times[0] <= now - seconds:
                times.popleft()
            if len(times) >= most:
                self._beyond[kind, name] = self._beyond.pop((kind, name), 0) + 1
                if len(self._beyond) > _MOST_NAMES:
                    self._beyond.popitem(last=False)
                return times[0] + seconds - now
            times.append(now)
            if len(self._seen) > _MOST_NAMES:
                self._seen.popitem(last=False)
            return 0.0

    def take_beyond(self, kind: str, name: str) -> int:
        """How many were beyond the limit since this was last asked."""
        with self._lock:
            return self._beyond.pop((kind, name), 0)
