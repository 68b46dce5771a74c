"""Dates as people type them, and the present moment."""

from __future__ import annotations

import datetime

from api.errors import CommandError
from verifier.clock import is_ahead
from verifier.errors import EvidenceError
from verifier.shape import date_or_span


def read_date(value: str | None, option: str) -> str | None:
    """Raises CommandError DATE_FORM."""
    if value is None:
        return None
    try:
        return date_or_span(value, option)
    except EvidenceError:
        raise CommandError(
            "DATE_FORM",
            f"{option} 应为 2026、2026-01、2026-01-08 或带时区的时刻(2026-01-08T09:30:00+08:00),"
            f"可用“/”连接起止;现为“{value}”。",
            f"{option} is 2026, 2026-01, 2026-01-08 or a time with its zone (2026-01-08T09:30:00+08:00), "
            f"or two of them joined by '/'; found '{value}'.",
        ) from None


def read_occurred(value: str | None) -> str | None:
    """`--occurred`: a date, but none that lies ahead. Raises CommandError DATE_FORM, OCCURRED_AHEAD."""
    date = read_date(value, "--occurred")
    if date is not None and is_ahead(date, datetime.datetime.now(datetime.UTC)):
        raise CommandError(
            "OCCURRED_AHEAD",
            f"--occurred {date} 晚于现在一天以上:还没有发生的事不能登记。请核对日期(尤其是年份)和本机时钟。",
            f"--occurred {date} lies more than a day ahead: what has not happened cannot be recorded. "
            "Check the date (above all the year) and this machine's clock.",
        )
    return date


def now() -> str:
    """The present moment as `occurred_at` writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
