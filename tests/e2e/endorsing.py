"""Endorsement as whoever writes a client of their own gets it: by exactly these organisations, unjudged."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.msp import identities_pb2

from ledger.fabric.client import Proposal
from ledger.fabric.endorse import endorse as endorse_judged
from ledger.fabric.gateway import Chain, Endorsed
from verifier.fabric.transaction import read_transaction


def endorse(chain: Chain, offer: Proposal, organisations: Sequence[str]) -> Endorsed:
    """All of them must answer. Raises RefusedError."""
    return endorse_judged(chain, offer, organisations, len(organisations), _signers)


def _signers(payload: bytes) -> tuple[str, ...]:
    endorsements = read_transaction(payload, "answer").endorsements
    return tuple(identities_pb2.SerializedIdentity.FromString(one.endorser).mspid for one in endorsements)
