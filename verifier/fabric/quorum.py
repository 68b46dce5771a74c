"""The orderers' signatures on a block. docs/formats.md section 13."""

from __future__ import annotations

from verifier.errors import EvidenceError
from verifier.fabric.block import BlockSignature, CarriedBlock, check_signature_order, identifier_of
from verifier.fabric.certificates import check_node_signature
from verifier.fabric.configuration import Configuration, Consenter


def quorum_of(consenters: int) -> int:
    """SmartBFT: ⌈(n+f+1)/2⌉ of n, where f = ⌊(n−1)/3⌋ may be faulty. Two quorums share an honest one."""
    faulty = (consenters - 1) // 3
    return (consenters + faulty + 2) // 2


def check_block_signature(
    block: CarriedBlock, signature: BlockSignature, configuration: Configuration, at: str
) -> Consenter:
    """One signature over metadata value ‖ identifier header ‖ header, by a consenter of `configuration`.

    Raises EvidenceError WIRE_…, BLOCK_IDENTIFIER, BLOCK_SIGNER_UNKNOWN, BLOCK_SIGNER_REVOKED,
    NODE_SIGNATURE_FORM, NODE_SIGNATURE.
    """
    identifier = identifier_of(signature.identifier_header, at)
    consenter = next((c for c in configuration.consenters if c.id == identifier), None)
    if consenter is None:
        known = " ".join(str(c.id) for c in configuration.consenters)
        raise EvidenceError("BLOCK_SIGNER_UNKNOWN", at, known, str(identifier))
    if consenter.revoked:
        raise EvidenceError("BLOCK_SIGNER_REVOKED", at, found=f"{identifier} {consenter.msp}")
    signed = block.metadata + signature.identifier_header + block.header_bytes
    check_node_signature(consenter.certificate, signature.signature, signed, at)
    return consenter


def check_quorum(block: CarriedBlock, configuration: Configuration, at: str) -> tuple[Consenter, ...]:
    """Those who signed: distinct, enough, and every signature carried holds.

    Raises EvidenceError BLOCK_SIGNATURE_ORDER, BLOCK_QUORUM, and those of `check_block_signature`.
    """
    place = f"{at}.signatures"
    check_signature_order(block.signatures, place)
    signers = tuple(
        check_block_signature(block, signature, configuration, f"{place}[{n}]")
        for n, signature in enumerate(block.signatures)
    )
    needed = quorum_of(len(configuration.consenters))
    if len({signer.id for signer in signers}) < needed:
        raise EvidenceError(
            "BLOCK_QUORUM", place, f"≥ {needed} of {len(configuration.consenters)}", str(len(signers))
        )
    return signers
