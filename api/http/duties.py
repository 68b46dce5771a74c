"""Which duties somebody holds now. The only place that says so."""

from __future__ import annotations

from api.http.sessions import Session
from ledger.handle import Ledger
from ledger.people_now import duties_now
from verifier.certificate import read_signer
from verifier.duties import REGISTRAR, duties

# A registrar is one by certificate: somebody must be first, and appoints the others.
DUTIES = (*duties(), REGISTRAR)


def duties_of(ledger: Ledger, session: Session) -> frozenset[str]:
    """By appointment. Asked anew for every request: a duty ends when it ends, not with the session."""
    held = duties_now(ledger, session.agent, session.iss)
    return held | {REGISTRAR} if read_signer(session.certificate).role == REGISTRAR else held
