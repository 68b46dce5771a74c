"""Writing a trust root: what a verifier must get by another road. docs/formats.md section 11.

`verifier/trust.py` is the check side.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.anchor import ledger_id
from verifier.canonical import Json, base64_text, encode
from verifier.digests import sha256
from verifier.errors import CallerError
from verifier.fabric.block import CarriedBlock
from verifier.fabric.history import pin


@dataclass(frozen=True)
class TrustRoot:
    """`data` is the file's bytes, `fingerprint` 32 octets."""

    data: bytes
    fingerprint: bytes


def build_trust_root(
    origin: str,
    checkpoint_key: bytes,
    channel: str,
    chaincode: str,
    configuration: CarriedBlock,
    least_attesters: int | None = None,
) -> TrustRoot:
    """Pins `configuration`; `least_attesters` defaults to a majority of its organisations.

    Raises CallerError LEAST_ATTESTERS, EvidenceError when the block is no usable configuration.
    """
    pinned = pin(configuration.number, configuration.previous, configuration.envelopes)
    organisations = len(pinned.organisations)
    least = pinned.majority if least_attesters is None else least_attesters
    if not 1 <= least <= organisations:
        raise CallerError("LEAST_ATTESTERS", "trust root", f"1…{organisations}", str(least))
    body: dict[str, Json] = {
        "chaincode": chaincode,
        "channel": channel,
        "checkpoint_key": checkpoint_key.hex(),
        "configuration": {
            "envelopes": [base64_text(envelope) for envelope in configuration.envelopes],
            "number": configuration.number,
            "previous": configuration.previous.hex(),
        },
        "least_attesters": least,
        "ledger": {"id": ledger_id(origin, checkpoint_key).hex(), "origin": origin},
        "version": "archive-ledger trust v1",
    }
    fingerprint = sha256(encode(body))
    return TrustRoot(encode({**body, "fingerprint": fingerprint.hex()}), fingerprint)


def spoken(fingerprint: bytes) -> str:
    """The fingerprint in groups of four, for two people to compare by voice."""
    text = fingerprint.hex().upper()
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))
