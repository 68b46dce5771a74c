"""What holds of a person at this moment: which duties they have, and whether their key still counts."""

from __future__ import annotations

from ledger.handle import Ledger
from ledger.people_trails import AFTER_ALL, acts_about
from ledger.store.engine import reading
from verifier.certificate import Signer
from verifier.duties import DutyAct, Held, duties_at
from verifier.keys import REGISTRAR, KeyAct, Keys
from verifier.people import DUTIES, KEYS
from verifier.shape import instant_of


def held_in(ledger: Ledger, agent: str, iss: str) -> tuple[Held, ...]:
    """What somebody holds in an organisation, by every appointment accepted so far."""
    with reading(ledger.engine) as connection:
        acts = acts_about(connection, DUTIES, [agent], AFTER_ALL)[agent]
    held = duties_at((a for a in acts if isinstance(a, DutyAct)), AFTER_ALL, instant_of(ledger.now()))
    return tuple(one for one in held if one.iss == iss)


def duties_now(ledger: Ledger, agent: str, iss: str) -> frozenset[str]:
    return frozenset(one.duty for one in held_in(ledger, agent, iss))


def check_key_now(ledger: Ledger, signer: Signer, iss: str) -> None:
    """Raises EvidenceError with the codes of `Keys.check`."""
    with reading(ledger.engine) as connection:
        acts = acts_about(connection, KEYS, [signer.agent], AFTER_ALL)[signer.agent]
    keys = Keys(act for act in acts if isinstance(act, KeyAct))
    if signer.role == REGISTRAR:
        keys.check_not_revoked(signer.key_sha256, AFTER_ALL)
    else:
        keys.check(signer.key_sha256, iss, AFTER_ALL)


def units_now(ledger: Ledger, agent: str, iss: str) -> frozenset[str]:
    """The units for which somebody has a duty in an organisation."""
    return frozenset(one.unit for one in held_in(ledger, agent, iss) if one.unit is not None)
