"""What is entered long after it happened says so (补录): else nobody could tell it from what was not.

In whole days. On acceptance `accepted` of them, so that two weeks without power or line at the signer's need
no mark; in the log `recorded`, as another two weeks may pass until the network takes a batch on, and all that
was accepted meanwhile is recorded after it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from verifier.clock import day_of
from verifier.custody_days import latest

UNMARKED = "CUSTODY_LATE_UNMARKED"


@dataclass(frozen=True)
class LateDays:
    accepted: int
    recorded: int

    @property
    def between(self) -> int:
        """So many may lie between the two."""
        return self.recorded - self.accepted


def unmarked(occurred_at: str, late: str | None, when: str, days: int) -> tuple[str, str] | None:
    """(the day from which on it needs no mark, when it happened), where that is earlier on every day that may
    be meant. `when`: an instant, of acceptance or of recording."""
    if late is not None:
        return None
    try:
        first = datetime.date.fromisoformat(day_of(when)) - datetime.timedelta(days=days)
    except (OverflowError, ValueError):  # the first days of the year 1
        return None
    return (first.isoformat(), occurred_at) if latest(occurred_at) < first.isoformat() else None
