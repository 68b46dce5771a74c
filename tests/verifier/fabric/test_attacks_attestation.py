"""Attacks on attestations: who says that the anchor is committed (check 8)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from tests.verifier.fabric.attacks import Attack, adding, code_of, setting
from tests.verifier.fabric.forge import (
    ANCHOR_BLOCK,
    ANCHOR_TRANSACTION,
    BATCH,
    LEDGER,
    TIME,
    Case,
    Draft,
    anchor_draft,
    get_draft,
    good,
    judge,
    peers,
    seal,
)
from tests.verifier.fabric.forge_channel import SECONDS, Edit, config_envelope
from tests.verifier.fabric.forge_keys import new_key, node, orgs, revocations
from verifier.anchor import absent, anchor_key, head_key, ledger_id
from verifier.fabric.attestation import Attested

TOWN = orgs()[0]
KEY = anchor_key(LEDGER, BATCH)
VERSION = (ANCHOR_BLOCK, ANCHOR_TRANSACTION)


def _case(*drafts: Draft) -> Case:
    return dataclasses.replace(good(), attestations=tuple(draft.payload() for draft in drafts))


def _drafted(**members: Any) -> Callable[[], Case]:
    return lambda: _case(dataclasses.replace(get_draft(), **members))


def _edited(stage: str, edit: Edit) -> Callable[[], Case]:
    return lambda: _case(get_draft(edits={stage: edit}))


def _asked(*arguments: bytes) -> Callable[[], Case]:
    return _drafted(arguments=list(arguments))


def _read(key: str, version: tuple[int, int] | None) -> Callable[[], Case]:
    return _drafted(reads=[(key, version)])


def _revoked() -> Case:
    """A peer that the newest configuration revokes, and no earlier one."""
    crl = revocations(TOWN.node_ca, TOWN.peer.certificate.serial_number)
    envelope = config_envelope(orgs(), 2, orgs()[1], crls={TOWN.msp: (crl,)})
    newest = seal(9, b"\x09" * 32, [envelope], 9)
    return dataclasses.replace(good(), configurations=(good().configurations[0], newest))


def _lenient_wrapper(octets: bytes) -> bytes:
    """The payload a second time behind itself: lenient readers merge, and take the last."""
    return octets + octets


ID = LEDGER.hex().encode()
NUMBER = str(BATCH).encode()
ATTACKS: dict[str, Attack] = {
    "the anchor's own, submitted transaction": (
        lambda: dataclasses.replace(good(), attestations=(anchor_draft().payload(),)),
        "TX_ARGUMENTS",
    ),
    "another function": (_asked(b"Head", ID), "TX_ARGUMENTS"),
    "another batch": (_asked(b"Get", ID, b"8"), "TX_ARGUMENTS"),
    "the batch's number padded": (_asked(b"Get", ID, b"07"), "TX_ARGUMENTS"),
    "another ledger": (_asked(b"Get", ledger_id("other", bytes(32)).hex().encode(), NUMBER), "TX_ARGUMENTS"),
    "one argument more": (_asked(b"Get", ID, NUMBER, b"x"), "TX_ARGUMENTS"),
    "another channel": (_edited("channel_header", setting(channel_id="archive-00000000")), "TX_CHANNEL"),
    "another type": (_edited("channel_header", setting(type=0)), "TX_TYPE"),
    "a refusal": (_drafted(status=500), "TX_STATUS"),
    "a write": (_drafted(writes=[(KEY, b"x")]), "ATTESTATION_WRITES"),
    "a write elsewhere": (
        _edited(
            "rwset",
            lambda m: m.ns_rwset.add(
                namespace="another",
                rwset=kv_rwset_pb2.KVRWSet(
                    writes=[kv_rwset_pb2.KVWrite(key="k", value=b"v")]
                ).SerializeToString(),
            ),
        ),
        "ATTESTATION_WRITES",
    ),
    "no read": (_drafted(reads=[]), "ATTESTATION_READS"),
    "a read of the head instead": (_read(head_key(LEDGER), VERSION), "ATTESTATION_READS"),
    "a read of another batch": (_read(anchor_key(LEDGER, BATCH + 1), VERSION), "ATTESTATION_READS"),
    "a read of another ledger": (
        _read(anchor_key(ledger_id("other", bytes(32)), BATCH), VERSION),
        "ATTESTATION_READS",
    ),
    "a second read": (_drafted(reads=[(KEY, VERSION), (head_key(LEDGER), VERSION)]), "ATTESTATION_READS"),
    "the read in another namespace": (
        _edited("rwset", lambda m: setattr(m.ns_rwset[1], "namespace", "another")),
        "TX_NAMESPACE",
    ),
    "the read in the lifecycle's namespace": (
        _edited("rwset", lambda m: m.ns_rwset.__delitem__(1)),
        "ATTESTATION_READS",
    ),
    "another block's version": (_read(KEY, (ANCHOR_BLOCK + 1, ANCHOR_TRANSACTION)), "ATTESTATION_VERSION"),
    "another transaction's version": (_read(KEY, (ANCHOR_BLOCK, 0)), "ATTESTATION_VERSION"),
    "no version: the key has no value": (_read(KEY, None), "ATTESTATION_VERSION"),
    "the answer that there is none": (_drafted(response=absent(KEY)), "ATTESTATION_VALUE"),
    "another anchor": (_drafted(response=get_draft().response + b"\n"), "ATTESTATION_VALUE"),
    "no answer": (_drafted(response=b""), "ATTESTATION_VALUE"),
    "asked before the anchor was made": (_drafted(seconds=SECONDS - 1), "ATTESTATION_TIME"),
    "no endorsement": (_drafted(endorsers=[]), "TX_MISSING"),
    "a client's endorsement": (_drafted(endorsers=[(TOWN.msp, TOWN.client)]), "NODE_CERTIFICATE_ROLE"),
    "a peer of the person CA": (
        _drafted(endorsers=[*peers(), (TOWN.msp, node(TOWN.person_ca, "peer", "peer"))]),
        "NODE_CERTIFICATE_ISSUER",
    ),
    "a peer twice": (_drafted(endorsers=[*peers(), peers()[0]]), "ENDORSEMENT_REPEATED"),
    "an endorsement that does not hold": (
        _drafted(endorsers=[*peers(3), (orgs()[3].msp, dataclasses.replace(orgs()[3].peer, key=new_key()))]),
        "NODE_SIGNATURE",
    ),
    "a peer that the newest configuration revokes": (_revoked, "NODE_CERTIFICATE_REVOKED"),
    "a payload twice": (_edited("payload!", _lenient_wrapper), "WIRE_ORDER"),
    "something more behind the payload": (_edited("payload!", adding(b"\x1a\x01x")), "WIRE_UNKNOWN_FIELD"),
    "an envelope instead of a payload": (
        lambda: dataclasses.replace(
            good(),
            attestations=(
                common_pb2.Envelope(payload=get_draft().payload(), signature=b"s").SerializeToString(),
            ),
        ),
        "WIRE_TYPE",
    ),
    "a good one and one that is not": (
        lambda: _case(get_draft(), dataclasses.replace(get_draft(), response=b"x")),
        "ATTESTATION_VALUE",
    ),
}


@pytest.mark.parametrize(("make", "code"), ATTACKS.values(), ids=ATTACKS)
def test_attestation(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


def test_fewer_organisations_are_named_as_they_are() -> None:
    """How many are needed is the trust root's to say."""
    attested = judge(_drafted(endorsers=peers(2))()).attested
    assert attested.organisations == tuple(sorted(o.msp for o in orgs()[:2]))
    assert attested.irrevocable_by(2) == "2026-01-12T09:31:00.123Z"
    assert attested.irrevocable_by(3) is None


def test_one_organisation_counts_once_however_often_it_attests() -> None:
    first = dataclasses.replace(get_draft(), endorsers=[(TOWN.msp, TOWN.peer)])
    again = dataclasses.replace(first, endorsers=[(TOWN.msp, TOWN.peer2)], seconds=SECONDS + 90)
    assert judge(_case(first, again)).attested == Attested({TOWN.msp: "2026-01-12T09:31:00.123Z"})
    assert judge(_case(again, first)).attested == Attested({TOWN.msp: "2026-01-12T09:31:00.123Z"})


def test_the_time_is_when_enough_had_attested() -> None:
    drafts = [
        dataclasses.replace(get_draft(), endorsers=[(o.msp, o.peer)], seconds=SECONDS + 60 * n)
        for n, o in enumerate(orgs(), 1)
    ]
    attested = judge(_case(*drafts)).attested
    assert len(attested.organisations) == 4
    assert attested.irrevocable_by(1) == "2026-01-12T09:31:00.123Z"
    assert attested.irrevocable_by(3) == "2026-01-12T09:33:00.123Z"
    assert attested.irrevocable_by(4) == "2026-01-12T09:34:00.123Z"
    assert attested.irrevocable_by(0) is None
    assert attested.irrevocable_by(5) is None


def test_none_is_nobody() -> None:
    assert judge(_case()).attested.organisations == ()


def test_an_attestation_at_the_anchors_own_time_is_taken() -> None:
    attested = judge(_drafted(seconds=SECONDS)()).attested
    assert attested.irrevocable_by(4) == TIME
