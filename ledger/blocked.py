"""Which records have an open case about something received by mistake: nothing of them is shown meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from ledger.store.tables import statement
from verifier.errors import CallerError

REPORT, DISMISS, CLOSE = "secrecy.report", "secrecy.dismiss", "secrecy.close"


def blocked(connection: Connection, record: str) -> bool:
    last = connection.execute(
        select(statement.c.event)
        .where(statement.c.record == record, statement.c.event.in_((REPORT, DISMISS, CLOSE)))
        .order_by(statement.c.id.desc())
        .limit(1)
    ).scalar()
    return last == REPORT


def refuse_blocked(connection: Connection, records: Iterable[str]) -> None:
    """Raises CallerError RECORD_BLOCKED naming every one of which nothing may leave the house."""
    found = [record for record in records if blocked(connection, record)]
    if found:
        raise CallerError("RECORD_BLOCKED", " ".join(found[:20]))
