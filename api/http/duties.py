"""Which duties somebody holds now. The only place that says so."""

from __future__ import annotations

from collections.abc import Mapping

from api.http.sessions import Session
from ledger.handle import Ledger
from ledger.people_now import duties_now

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
# Of somebody of whose duties nothing was ever stated: by the kind of organisation.
_OF_KIND: Mapping[str, frozenset[str]] = {
    "township": frozenset(
        ["village_archivist", "department_reviewer", "township_archivist", "counter_clerk"]
    ),
    "archive": frozenset(["authority_reviewer", "counter_clerk"]),
    "audit": frozenset(["auditor"]),
    "justice": frozenset(["mediator"]),
}


def duties_of(ledger: Ledger, session: Session) -> frozenset[str]:
    """By appointment, where anything was ever stated of them or the ledger asks for enrolment.

    Asked anew for every request, so that a duty ends when it ends and not with the session.
    """
    appointed = duties_now(ledger, session.agent, session.iss)
    if appointed is not None:
        return appointed
    return duties_by_kind(ledger, session.iss)


def duties_by_kind(ledger: Ledger, iss: str) -> frozenset[str]:
    return _OF_KIND.get(ledger.settings.kinds.get(iss, ""), frozenset())
