"""Attestations: organisations sign that an anchor is committed. docs/formats.md section 13.

Orderers sign the order of transactions, not that the peers found them valid. So every organisation is asked
to endorse a read of the anchor: the read set that it signs gives the version (block, transaction) under which
its own peer holds the value. The transaction is never submitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.anchor import anchor_key
from verifier.errors import EvidenceError, found_text
from verifier.fabric.anchoring import AnchoredTransaction, Place, check_call
from verifier.fabric.configuration import Configuration
from verifier.fabric.endorsement import check_endorsements
from verifier.fabric.transaction import read_transaction


@dataclass(frozen=True)
class Attestation:
    """The organisations (MSP ids, sorted) that signed it, and the time of the request."""

    organisations: tuple[str, ...]
    time: str


@dataclass(frozen=True)
class Attested:
    """`times`: for each organisation the earliest time at which it attested; by MSP id, sorted."""

    times: dict[str, str]

    @property
    def organisations(self) -> tuple[str, ...]:
        return tuple(self.times)

    def irrevocable_by(self, least: int) -> str | None:
        """The time by which `least` (≥ 1) organisations had attested, or None if so many did not."""
        return sorted(self.times.values())[least - 1] if 1 <= least <= len(self.times) else None


def check_attestation(
    payload: bytes, anchored: AnchoredTransaction, place: Place, newest: Configuration, at: str
) -> Attestation:
    """`payload`: the octets of a Payload; `newest`: the newest configuration carried.

    Raises EvidenceError WIRE_…, TX_…, RWSET_…, NODE_…, ENDORSEMENT_REPEATED, ATTESTATION_WRITES,
    ATTESTATION_READS, ATTESTATION_VERSION, ATTESTATION_VALUE, ATTESTATION_TIME.
    """
    endorsed = read_transaction(payload, at)
    batch = anchored.anchor.batch
    check_call(endorsed, place, (b"Get", place.ledger.hex().encode(), str(batch).encode()), at)
    if endorsed.writes:
        raise EvidenceError("ATTESTATION_WRITES", at, "none", str(len(endorsed.writes)))
    key = anchor_key(place.ledger, batch)
    reads = [item for item in endorsed.reads if item.namespace == place.chaincode]
    if [item.key for item in reads] != [key]:
        raise EvidenceError(
            "ATTESTATION_READS", at, key, found_text(" ".join(item.key for item in reads), 300)
        )
    version = (anchored.block, anchored.transaction)
    if reads[0].version != version:
        raise EvidenceError("ATTESTATION_VERSION", at, str(version), str(reads[0].version))
    if endorsed.response != anchored.anchor_bytes:
        raise EvidenceError("ATTESTATION_VALUE", at, "the anchor", found_text(endorsed.response))
    if endorsed.time < anchored.anchor.time:
        raise EvidenceError("ATTESTATION_TIME", at, f"≥ {anchored.anchor.time}", endorsed.time)
    return Attestation(check_endorsements(endorsed, newest, at), endorsed.time)


def check_attestations(
    payloads: Iterable[bytes], anchored: AnchoredTransaction, place: Place, newest: Configuration, at: str
) -> Attested:
    """Every attestation carried must hold. Raises EvidenceError, those of `check_attestation`."""
    times: dict[str, str] = {}
    for n, payload in enumerate(payloads):
        attestation = check_attestation(payload, anchored, place, newest, f"{at}[{n}]")
        for msp in attestation.organisations:
            times[msp] = min(attestation.time, times.get(msp, attestation.time))
    return Attested(dict(sorted(times.items())))
