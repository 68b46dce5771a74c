"""Which duties somebody holds now. The only place that says so."""

from __future__ import annotations

from collections.abc import Mapping

from api.http.sessions import Session
from ledger.handle import Ledger

DUTIES = (
    "village_archivist",
    "department_reviewer",
    "township_archivist",
    "authority_reviewer",
    "reader",
    "mediator",
    "auditor",
    "system_admin",
    "security_admin",
    "audit_admin",
    "head",
    "counter_clerk",
)
# By the kind of organisation, as the event catalogue knows kinds.
_OF_KIND: Mapping[str, frozenset[str]] = {
    "township": frozenset(
        ["village_archivist", "department_reviewer", "township_archivist", "counter_clerk"]
    ),
    "archive": frozenset(["authority_reviewer", "counter_clerk"]),
    "audit": frozenset(["auditor"]),
    "justice": frozenset(["mediator"]),
}


def duties_of(ledger: Ledger, session: Session) -> frozenset[str]:
    """Asked anew for every request, so that a duty ends when it ends and not with the session."""
    return _OF_KIND.get(ledger.settings.kinds.get(session.iss, ""), frozenset())
