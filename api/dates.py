"""Dates as people type them, and the present moment."""

from __future__ import annotations

import datetime

from api.errors import CommandError
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


def now() -> str:
    """The present moment as `occurred_at` writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
