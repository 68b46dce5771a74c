"""Who may do what: each operation of the service × each duty. All of it is here, and nowhere else.

A right opens the door only. What a statement may say, and who may sign it, the ledger's own rules decide.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.http.duties import DUTIES
from verifier.duties import REGISTRAR

# Whoever asks; whoever is signed in, with or without a duty.
ANYONE, SIGNED_IN = "anyone", "signed in"

_V, _P = "village_archivist", "village_supervisor"
_D, _T, _A = "department_reviewer", "township_archivist", "authority_reviewer"
_M, _AUD, _H, _C = "mediator", "auditor", "head", "counter_clerk"
_SYS, _SEC, _ADM = "system_admin", "security_admin", "audit_admin"

_ARCHIVISTS = frozenset([_V, _D, _T, _A])
_OFFICE = _ARCHIVISTS | {_P, _H, _C}
_ALL = frozenset(DUTIES)

SEES_ALL_LOANS = _OFFICE | {_AUD}

RIGHTS: Mapping[str, frozenset[str] | str] = {
    # About the service itself: counts and times only.
    "health": ANYONE,
    "metrics": ANYONE,
    "openapi": ANYONE,
    # Signing in and out.
    "challenge": ANYONE,
    "sign_in": ANYONE,
    "show_session": SIGNED_IN,
    "sign_out": SIGNED_IN,
    # Statements: whoever has a duty states what it asks for; readers state nothing.
    "list_events": SIGNED_IN,
    "draft": _ALL - {"reader"},
    "submit": _ALL - {"reader"},
    "submit_many": _ALL - {"reader"},
    "show_statement": _OFFICE | {_AUD, _ADM},
    "show_receipt": _ALL,
    # Records and what they consist of.
    "upload": _ARCHIVISTS | {_C},
    "list_records": _OFFICE | {_AUD},
    "show_record": _OFFICE | {_M, _AUD},
    "open_file": _OFFICE | {_M, _AUD},
    # Who is where, with which duty; readers see the departments, not the people.
    "list_units": _ALL,
    "list_people": _OFFICE | {_AUD, _SYS, _SEC, _ADM, REGISTRAR},
    # Work: lists on their way, loans, repairs, volumes, originals. Who may do a step, the ledger decides.
    "show_work": _ALL,
    "list_lists": _OFFICE | {_AUD},
    "show_list": _OFFICE | {_AUD},
    "draft_list": _OFFICE,
    "draft_on_list": _OFFICE,
    "draft_on_record": _ALL - {"reader"},
    # Whoever mediates sees what they applied for themselves.
    "list_loans": SEES_ALL_LOANS | {_M},
    "list_repairs": _OFFICE | {_AUD},
    "list_volumes": _OFFICE | {_AUD},
    "show_volume": _OFFICE | {_AUD},
    "list_originals": _OFFICE | {_AUD},
    # Proof.
    "show_trail": frozenset([_T, _A, _AUD, _SEC, _ADM]),
    "evidence": frozenset([_T, _A, _C, _H, _M, _AUD]),
    "checkpoint": frozenset([_A, _M, _AUD, _ADM]),
    "tile": frozenset([_A, _M, _AUD, _ADM]),
    # Looking into uses. That somebody did is known to all.
    "begin_inquiry": frozenset([_AUD, _ADM]),
    "read_inquiry": frozenset([_AUD, _ADM]),
    "start_export": frozenset([_AUD, _ADM]),
    "show_envelope": frozenset([_AUD]),
    "release_inquiry": frozenset([_AUD]),
    "list_inquiries": _ALL,
    # Unusual uses: the security administrator handles them, the audit administrator sees that.
    "list_alerts": frozenset([_SEC, _ADM]),
    "handle_alert": frozenset([_SEC]),
    "show_alert_rules": frozenset([_SYS, _SEC, _ADM]),
    "set_alert_rules": frozenset([_SEC]),
    # Files to be read again.
    "list_fixity": frozenset([_SYS, _ADM, _T, _A]),
    "start_fixity": frozenset([_SYS, _A]),
    # Long work.
    "start_check": frozenset([_SYS, _ADM, _AUD, _A]),
    "start_evidence": frozenset([_T, _A, _AUD]),
    "show_job": frozenset([_SYS, _ADM, _AUD, _A, _T]),
    "watch_job": frozenset([_SYS, _ADM, _AUD, _A, _T]),
    "job_result": frozenset([_SYS, _ADM, _AUD, _A, _T]),
}


def may(operation: str, duties: frozenset[str]) -> bool:
    """Of somebody who is signed in."""
    allowed = RIGHTS[operation]
    return True if isinstance(allowed, str) else not allowed.isdisjoint(duties)
