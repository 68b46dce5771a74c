"""Days that may be known in part: a rule is broken only if it is on every day that may be meant."""

from __future__ import annotations

import datetime

from verifier.clock import day_of


def earliest(date: str) -> str:
    """The first day that a date of docs/formats.md section 3 may mean, `YYYY-MM-DD` in Beijing."""
    day = day_of(date)
    return day + "-01-01"[len(day) - 4 :]


def latest(date: str) -> str:
    """The last one; of a month, as if it had 31 days, which compares as well."""
    day = day_of(date.rpartition("/")[2])
    return day + "-12-31"[len(day) - 4 :]


def days_at_least(first: str, last: str) -> int:
    """How many days there are between two dates at least; below 0 where the second may come first."""
    return (_real(earliest(last)) - _real(latest(first))).days


def _real(day: str) -> datetime.date:
    """Of a day of `latest`, which may be the 31st of any month."""
    year, month, number = (int(part) for part in day.split("-"))
    while True:
        try:
            return datetime.date(year, month, number)
        except ValueError:
            number -= 1
