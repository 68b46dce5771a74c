"""A block as its authenticated parts, and the hashes over them. docs/formats.md sections 12 and 13."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from verifier.canonical import Json, base64_bytes, base64_text, hex_bytes
from verifier.digests import sha256
from verifier.errors import EvidenceError, found_text
from verifier.fabric.messages import Envelope, IdentifierHeader, OrdererBlockMetadata
from verifier.fabric.wire import read
from verifier.shape import members

MAX_ENVELOPES = 10_000
MAX_SIGNATURES = 1_000


@dataclass(frozen=True)
class BlockSignature:
    """`identifier_header`: octets of an IdentifierHeader; `signature`: DER."""

    identifier_header: bytes
    signature: bytes


@dataclass(frozen=True)
class CarriedBlock:
    """`previous`: header hash of the block before, empty in block 0. `metadata`: the signed value."""

    number: int
    previous: bytes
    envelopes: tuple[bytes, ...]
    metadata: bytes
    signatures: tuple[BlockSignature, ...]

    @property
    def data_hash(self) -> bytes:
        return data_hash(self.envelopes)

    @property
    def header_bytes(self) -> bytes:
        return header_bytes(self.number, self.previous, self.data_hash)

    @property
    def header_hash(self) -> bytes:
        return sha256(self.header_bytes)


def data_hash(envelopes: tuple[bytes, ...]) -> bytes:
    """SHA-256 of the envelopes one after another, with nothing between them."""
    return sha256(b"".join(envelopes))


def header_bytes(number: int, previous: bytes, data: bytes) -> bytes:
    """DER SEQUENCE { INTEGER number, OCTET STRING previous, OCTET STRING data }.

    `previous`: 32 octets, none for block 0. Raises EvidenceError BLOCK_PREVIOUS_SIZE.
    """
    size = 32 if number else 0
    if len(previous) != size:
        raise EvidenceError("BLOCK_PREVIOUS_SIZE", f"block {number}", f"{size} octets", str(len(previous)))
    integer = number.to_bytes(number.bit_length() // 8 + 1, "big")
    body = b"".join(
        bytes((tag, len(content))) + content for tag, content in ((2, integer), (4, previous), (4, data))
    )
    return bytes((0x30, len(body))) + body


def header_hash(number: int, previous: bytes, envelopes: tuple[bytes, ...]) -> bytes:
    return sha256(header_bytes(number, previous, data_hash(envelopes)))


def last_config(metadata: bytes, at: str) -> int:
    """The number of the configuration block in force, which the orderers signed.

    Raises EvidenceError WIRE_…, BLOCK_METADATA.
    """
    index = read(OrdererBlockMetadata, metadata, f"{at}.metadata").last_config
    if index is None:
        raise EvidenceError("BLOCK_METADATA", at, "last_config")
    return index.index


def identifier_of(header: bytes, at: str) -> int:
    """The consenter's number in an IdentifierHeader. Raises EvidenceError WIRE_…, BLOCK_IDENTIFIER."""
    value = read(IdentifierHeader, header, f"{at}.identifier_header")
    if not value.nonce:
        raise EvidenceError("BLOCK_IDENTIFIER", at, "a nonce")
    return value.identifier


def read_envelopes(block: CarriedBlock, at: str) -> tuple[Envelope, ...]:
    """Every envelope of the block: strictly an Envelope with payload and signature.

    The data hash has no marks between envelopes. With two fields always there, each once and in order, their
    concatenation can be cut in one way only. Raises EvidenceError WIRE_…, BLOCK_ENVELOPE.
    """
    if not block.envelopes:
        raise EvidenceError("BLOCK_ENVELOPE", at, "at least one envelope")
    envelopes = []
    for n, octets in enumerate(block.envelopes):
        place = f"{at}.envelopes[{n}]"
        envelope = read(Envelope, octets, place)
        if not envelope.payload or not envelope.signature:
            raise EvidenceError("BLOCK_ENVELOPE", place, "payload and signature")
        envelopes.append(envelope)
    return tuple(envelopes)


def read_block(value: Json, at: str) -> CarriedBlock:
    """The object Block of docs/formats.md section 12.

    Raises EvidenceError SHAPE_…, BASE64, HEX, BLOCK_SIGNATURE_ORDER, BLOCK_IDENTIFIER, WIRE_…
    """
    parts = members(value, at, ("envelopes", "metadata", "number", "previous", "signatures"))
    number = parts.integer("number")
    previous = hex_bytes(parts.text("previous"), 32 if number else 0, f"{at}.previous")
    signatures = []
    for place, item in parts.objects("signatures", MAX_SIGNATURES):
        signature = members(item, place, ("identifier_header", "signature"))
        signatures.append(
            BlockSignature(signature.base64("identifier_header"), signature.base64("signature"))
        )
    check_signature_order(tuple(signatures), f"{at}.signatures")
    return CarriedBlock(
        number=number,
        previous=previous,
        envelopes=tuple(
            base64_bytes(text, f"{at}.envelopes[{n}]")
            for n, text in enumerate(parts.texts("envelopes", None, MAX_ENVELOPES, 1, ordered=False))
        ),
        metadata=parts.base64("metadata"),
        signatures=tuple(signatures),
    )


def check_signature_order(signatures: tuple[BlockSignature, ...], at: str) -> None:
    """Raises EvidenceError BLOCK_SIGNATURE_ORDER unless the identifiers ascend without repeats."""
    identifiers = [identifier_of(s.identifier_header, f"{at}[{n}]") for n, s in enumerate(signatures)]
    if any(a >= b for a, b in itertools.pairwise(identifiers)):
        raise EvidenceError("BLOCK_SIGNATURE_ORDER", at, "ascending, no repeats", found_text(identifiers))


def block_json(block: CarriedBlock) -> Json:
    """The inverse of `read_block`."""
    return {
        "envelopes": [base64_text(envelope) for envelope in block.envelopes],
        "metadata": base64_text(block.metadata),
        "number": block.number,
        "previous": block.previous.hex(),
        "signatures": [
            {
                "identifier_header": base64_text(signature.identifier_header),
                "signature": base64_text(signature.signature),
            }
            for signature in block.signatures
        ],
    }
