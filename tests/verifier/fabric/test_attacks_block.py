"""Attacks on blocks and on the chain of configurations (checks 6 and 9)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.verifier.fabric.attacks import Attack, adding, code_of, setting
from tests.verifier.fabric.forge import (
    ANCHOR_BLOCK,
    Case,
    config_block,
    good,
    judge,
    orderers,
    seal,
)
from tests.verifier.fabric.forge_channel import Edits
from tests.verifier.fabric.forge_keys import Holder, orgs, other_s
from verifier.canonical import Json
from verifier.errors import EvidenceError
from verifier.fabric.block import BlockSignature, block_json, header_bytes, read_block
from verifier.fabric.quorum import quorum_of


def _block(**changes: Any) -> Case:
    """The good case with members of the anchor's block replaced; the signatures stay."""
    return dataclasses.replace(good(), block=dataclasses.replace(good().block, **changes))


def _sealed(
    signers: list[tuple[int, Holder]] | None = None,
    last_config: int = 3,
    number: int = ANCHOR_BLOCK,
    previous: bytes = b"\x05" * 32,
    edits: Edits | None = None,
) -> Case:
    """The good case with the anchor's block sealed anew."""
    block = seal(number, previous, good().block.envelopes, last_config, signers, edits)
    return dataclasses.replace(good(), block=block)


def _signatures(*signatures: BlockSignature) -> Case:
    return _block(signatures=signatures)


def _first_signature(**changes: Any) -> Case:
    first, *rest = good().block.signatures
    return _signatures(dataclasses.replace(first, **changes), *rest)


def _with_envelopes(*envelopes: bytes) -> Case:
    """A block that the orderers signed over these envelopes."""
    return dataclasses.replace(good(), block=seal(ANCHOR_BLOCK, b"\x05" * 32, envelopes, 3))


def _cut_elsewhere() -> Case:
    """The same octets, so the same data hash and signatures, cut into other envelopes."""
    first, second, third = good().block.envelopes
    return _block(envelopes=(first + second[:1], second[1:], third))


def _merged() -> Case:
    """The same octets, so the same data hash and signatures, in one envelope less."""
    first, second, third = good().block.envelopes
    return _block(envelopes=(first + second, third))


def _with_first(envelope: bytes) -> Case:
    """The orderers signed these octets as the block's first envelope."""
    return _with_envelopes(envelope, *good().block.envelopes[1:])


def _swapped() -> Case:
    first, second, third = good().block.envelopes
    return _block(envelopes=(second, first, third))


def _split_in_fields() -> Case:
    """Each field of an envelope is by itself a readable Envelope, with the same data hash."""
    first, second, third = good().block.envelopes
    size = 2 + len(b"other")
    return _block(envelopes=(first[:size], first[size:], second, third))


BLOCK: dict[str, Attack] = {
    "two signatures of four consenters": (lambda: _sealed(orderers(1, 2)), "BLOCK_QUORUM"),
    "no signature": (lambda: _sealed([]), "BLOCK_QUORUM"),
    "one consenter three times": (
        lambda: _signatures(*good().block.signatures[:1] * 3),
        "BLOCK_SIGNATURE_ORDER",
    ),
    "one consenter twice beside another": (
        lambda: _signatures(*good().block.signatures[:2], good().block.signatures[1]),
        "BLOCK_SIGNATURE_ORDER",
    ),
    "signatures in another order": (
        lambda: _signatures(*good().block.signatures[::-1]),
        "BLOCK_SIGNATURE_ORDER",
    ),
    "three signatures, one of another block": (
        lambda: _signatures(
            *good().block.signatures[:2],
            _sealed(number=6).block.signatures[2],
        ),
        "NODE_SIGNATURE",
    ),
    "three signatures, one of them another's": (
        lambda: _signatures(
            *good().block.signatures[:2],
            dataclasses.replace(good().block.signatures[2], signature=good().block.signatures[1].signature),
        ),
        "NODE_SIGNATURE",
    ),
    "a fourth signature that does not hold": (
        lambda: _signatures(
            *good().block.signatures,
            dataclasses.replace(
                good().block.signatures[0],
                identifier_header=_sealed(orderers(4)).block.signatures[0].identifier_header,
            ),
        ),
        "NODE_SIGNATURE",
    ),
    "a consenter nobody knows": (
        lambda: _sealed([*orderers(1, 2), (9, orgs()[2].orderer)]),
        "BLOCK_SIGNER_UNKNOWN",
    ),
    "one orderer under another's number": (
        lambda: _sealed([*orderers(1, 2), (3, orgs()[0].orderer)]),
        "NODE_SIGNATURE",
    ),
    "a peer in an orderer's place": (
        lambda: _sealed([*orderers(1, 2), (3, orgs()[2].peer)]),
        "NODE_SIGNATURE",
    ),
    "the other S of a signature": (
        lambda: _first_signature(signature=other_s(good().block.signatures[0].signature)),
        "NODE_SIGNATURE_FORM",
    ),
    "an octet behind a signature": (
        lambda: _first_signature(signature=good().block.signatures[0].signature + b"\0"),
        "NODE_SIGNATURE_FORM",
    ),
    "a signature that is none": (lambda: _first_signature(signature=b""), "NODE_SIGNATURE_FORM"),
    "a signature of zeros": (
        lambda: _first_signature(signature=bytes.fromhex("3006020100020100")),
        "NODE_SIGNATURE_FORM",
    ),
    "an identifier header with something more": (
        lambda: _sealed(edits={"identifier_header!": adding(b"\x1a\x01x")}),
        "WIRE_UNKNOWN_FIELD",
    ),
    "an identifier header without nonce": (
        lambda: _sealed(edits={"identifier_header": setting(nonce=b"")}),
        "BLOCK_IDENTIFIER",
    ),
    "metadata moved into the identifier header": (
        lambda: _block(
            metadata=good().block.metadata[:4],
            signatures=tuple(
                BlockSignature(good().block.metadata[4:] + s.identifier_header, s.signature)
                for s in good().block.signatures
            ),
        ),
        "WIRE_ORDER",
    ),
    "another number": (lambda: _block(number=6), "NODE_SIGNATURE"),
    "another previous hash": (lambda: _block(previous=b"\x06" * 32), "NODE_SIGNATURE"),
    "a short previous hash": (lambda: _block(previous=b"\x05" * 31), "BLOCK_PREVIOUS_SIZE"),
    "no previous hash": (lambda: _block(previous=b""), "BLOCK_PREVIOUS_SIZE"),
    "an envelope left out": (lambda: _block(envelopes=good().block.envelopes[:2]), "NODE_SIGNATURE"),
    "envelopes in another order": (_swapped, "NODE_SIGNATURE"),
    "no envelope": (lambda: _with_envelopes(), "BLOCK_ENVELOPE"),
    "the same octets cut elsewhere": (_cut_elsewhere, "WIRE_ORDER"),
    "two envelopes merged into one": (_merged, "WIRE_ORDER"),
    "all envelopes merged into one": (
        lambda: _block(envelopes=(b"".join(good().block.envelopes),)),
        "WIRE_ORDER",
    ),
    "a payload's length in more octets than it needs": (
        lambda: _with_first(b"\x0a\x85\x00other\x12\x06theirs"),
        "WIRE_VARINT",
    ),
    "an envelope's fields in another order": (
        lambda: _with_first(b"\x12\x06theirs\x0a\x05other"),
        "WIRE_ORDER",
    ),
    "an envelope cut between its fields": (_split_in_fields, "BLOCK_ENVELOPE"),
    "somebody else's envelope without signature": (
        lambda: _with_envelopes(b"\x0a\x01p", good().block.envelopes[1]),
        "BLOCK_ENVELOPE",
    ),
    "somebody else's envelope without payload": (
        lambda: _with_envelopes(b"\x12\x01s", good().block.envelopes[1]),
        "BLOCK_ENVELOPE",
    ),
    "somebody else's envelope with two payloads": (
        lambda: _with_envelopes(b"\x0a\x01p\x0a\x01q\x12\x01s", good().block.envelopes[1]),
        "WIRE_REPEATED_FIELD",
    ),
    "somebody else's envelope with something more": (
        lambda: _with_envelopes(b"\x0a\x01p\x12\x01s\x1a\x00", good().block.envelopes[1]),
        "WIRE_UNKNOWN_FIELD",
    ),
    "metadata that is changed": (
        lambda: _block(metadata=good().block.metadata[:-1] + b"\x06"),
        "NODE_SIGNATURE",
    ),
    "metadata without last_config": (
        lambda: _sealed(edits={"metadata": lambda message: message.ClearField("last_config")}),
        "BLOCK_METADATA",
    ),
    "an older configuration named as last": (lambda: _sealed(last_config=0), "BLOCK_LAST_CONFIG"),
    "a later configuration named as last": (lambda: _sealed(last_config=4), "BLOCK_LAST_CONFIG"),
    "itself named as last": (lambda: _sealed(last_config=5), "BLOCK_LAST_CONFIG"),
    "dismissed orderers: above a configuration, signed under the one before": (
        lambda: _sealed(number=12, last_config=3),
        "BLOCK_LAST_CONFIG",
    ),
    "the pinned block's own number": (
        lambda: _sealed(number=0, previous=b"", last_config=0),
        "BLOCK_BEFORE_BASIS",
    ),
    "a second block beside a configuration block": (lambda: _sealed(number=9), "BLOCK_NUMBER_TAKEN"),
    "right after a configuration block, not on it": (lambda: _sealed(number=4), "BLOCK_PREVIOUS"),
    "right before a configuration block that is not on it": (lambda: _sealed(number=8), "BLOCK_PREVIOUS"),
}


@pytest.mark.parametrize(("make", "code"), BLOCK.values(), ids=BLOCK)
def test_block(make: Any, code: str) -> None:
    assert code_of(make) == code


def test_the_good_case_holds() -> None:
    outcome = judge(good())
    assert [c.sequence for c in outcome.history.configurations] == [0, 1, 2]
    assert outcome.endorsed == tuple(sorted(org.msp for org in orgs()))
    assert outcome.attested.organisations == outcome.endorsed


def test_a_block_on_its_configuration_block_holds() -> None:
    previous = config_block(3, 1).header_hash
    judge(dataclasses.replace(_reattested(4, previous, 3), attestations=()))


def _reattested(number: int, previous: bytes, last_config: int) -> Case:
    block = seal(number, previous, good().block.envelopes, last_config)
    return dataclasses.replace(good(), block=block)


def test_all_four_may_sign() -> None:
    judge(_sealed(orderers(1, 2, 3, 4)))
    judge(_sealed(orderers(2, 3, 4)))


# n, quorum: Fabric's own table (orderer/consensus/smartbft) up to ten.
@pytest.mark.parametrize(
    ("n", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (7, 5), (8, 6), (9, 6), (10, 7)]
)
def test_quorum_of(n: int, quorum: int) -> None:
    faulty = (n - 1) // 3
    assert quorum_of(n) == quorum
    assert 2 * quorum - n > faulty, "two quorums share an honest consenter"


@pytest.mark.parametrize(
    ("number", "der"), [(0, "020100"), (127, "02017f"), (128, "02020080"), (65535, "020300ffff")]
)
def test_header_octets_are_der(number: int, der: str) -> None:
    previous = bytes(32) if number else b""
    body = bytes.fromhex(der) + bytes([4, len(previous)]) + previous + b"\x04\x20" + b"\x01" * 32
    assert header_bytes(number, previous, b"\x01" * 32) == b"\x30" + bytes([len(body)]) + body


JSON: dict[str, tuple[str, Json, str]] = {
    "a member nobody knows": ("extra", 1, "SHAPE_MEMBERS"),
    "a number that is text": ("number", "5", "SHAPE_TYPE"),
    "a negative number": ("number", -1, "SHAPE_VALUE"),
    "an odd previous hash": ("previous", "050", "HEX"),
    "a short previous hash": ("previous", "05" * 31, "HEX"),
    "no envelope": ("envelopes", [], "SHAPE_VALUE"),
    "base64 with stray bits": ("metadata", "CgIIAx==", "BASE64"),
    "a signature that is text": ("signatures", ["c2lnbmF0dXJl"], "SHAPE_TYPE"),
}


@pytest.mark.parametrize(("member", "value", "code"), JSON.values(), ids=JSON)
def test_block_object(member: str, value: Json, code: str) -> None:
    carried = block_json(good().block)
    assert isinstance(carried, dict)
    assert read_block(carried, "block") == good().block
    with pytest.raises(EvidenceError) as refused:
        read_block({**carried, member: value}, "block")
    assert refused.value.code == code


def test_block_object_has_signatures_in_order() -> None:
    reversed_ = dataclasses.replace(good().block, signatures=good().block.signatures[::-1])
    with pytest.raises(EvidenceError) as refused:
        read_block(block_json(reversed_), "block")
    assert refused.value.code == "BLOCK_SIGNATURE_ORDER"
