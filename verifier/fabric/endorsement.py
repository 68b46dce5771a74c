"""Who endorsed a transaction. docs/formats.md section 13."""

from __future__ import annotations

from verifier.errors import EvidenceError
from verifier.fabric.certificates import check_node_signature, public_key
from verifier.fabric.configuration import Configuration
from verifier.fabric.identity import check_role, read_node_identity
from verifier.fabric.transaction import EndorsedTransaction


def check_endorsements(
    endorsed: EndorsedTransaction, configuration: Configuration, at: str
) -> tuple[str, ...]:
    """The Application organisations whose peers signed, sorted; each once, however many of its peers signed.

    Every endorsement carried must hold, under `configuration` and at the transaction's time.
    Raises EvidenceError ENDORSEMENT_REPEATED, NODE_SIGNATURE_FORM, NODE_SIGNATURE, those of
    `read_node_identity`.
    """
    keys: set[bytes] = set()
    organisations: set[str] = set()
    for n, endorsement in enumerate(endorsed.endorsements):
        place = f"{at}.endorsements[{n}]"
        peer = read_node_identity(endorsement.endorser, configuration.organisations, endorsed.time, place)
        check_role(peer, "peer", place)
        signed = endorsed.proposal_response + endorsement.endorser
        check_node_signature(peer.certificate, endorsement.signature, signed, place)
        key = public_key(peer.certificate)
        if key in keys:
            raise EvidenceError("ENDORSEMENT_REPEATED", place, "each peer once", peer.msp)
        keys.add(key)
        organisations.add(peer.msp)
    return tuple(sorted(organisations))


def check_majority(organisations: tuple[str, ...], configuration: Configuration, at: str) -> None:
    """Raises EvidenceError ENDORSEMENT_MAJORITY: more than half of the Application organisations."""
    if len(set(organisations)) < configuration.majority:
        expected = f"≥ {configuration.majority} of {len(configuration.organisations)}"
        raise EvidenceError("ENDORSEMENT_MAJORITY", at, expected, " ".join(organisations))
