"""Attacks on the transaction that writes the anchor, and on its endorsements (checks 6 and 7)."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import transaction_pb2

from tests.verifier.fabric.attacks import Attack, adding, code_of, setting
from tests.verifier.fabric.forge import (
    BATCH,
    CHAINCODE,
    LEDGER,
    Case,
    Draft,
    anchor_draft,
    block_with,
    good,
    judge,
    peers,
    seal,
)
from tests.verifier.fabric.forge_channel import Edit, config_envelope, serialized
from tests.verifier.fabric.forge_keys import (
    START,
    Holder,
    certificate,
    name,
    new_key,
    node,
    orgs,
    other_s,
    revocations,
    sign,
)
from verifier.anchor import Anchor, anchor_key, head_key, ledger_id
from verifier.digests import Digests

TOWN, COUNTY, VILLAGE, JUSTICE = orgs()
AT_ANCHOR = datetime.datetime(2026, 1, 12, 9, 30, tzinfo=datetime.UTC)
STRANGER = node(TOWN.node_ca, "stranger", "client")


def _case(draft: Draft) -> Case:
    """Attestations are left out: they come after everything that is attacked here."""
    return dataclasses.replace(good(), block=block_with(draft), attestations=())


def _edited(**edits: Edit) -> Callable[[], Case]:
    """The anchor's call with edits; a name ending in `_octets` edits the octets of that stage."""
    stages = {key.removesuffix("_octets") + ("!" if key.endswith("_octets") else ""): e for key, e in edits.items()}
    return lambda: _case(anchor_draft(edits=stages))


def _anchor(**members: Any) -> Callable[[], Case]:
    """The anchor says something else."""
    return lambda: _case(anchor_draft(lambda anchor: dataclasses.replace(anchor, **members)))


def _draft(**members: Any) -> Callable[[], Case]:
    return lambda: _case(dataclasses.replace(anchor_draft(), **members))


def _by(msp: str, holder: Holder) -> Callable[[], Case]:
    """Somebody else sends the call; the anchor names the transaction id that follows from that."""

    def make() -> Case:
        txid = dataclasses.replace(anchor_draft(), creator=(msp, holder)).txid
        draft = anchor_draft(lambda anchor: dataclasses.replace(anchor, txid=txid))
        return _case(dataclasses.replace(draft, creator=(msp, holder)))

    return make


def _writes(change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]) -> Callable[[], Case]:
    def make() -> Case:
        draft = anchor_draft()
        return _case(dataclasses.replace(draft, writes=change(draft.writes)))

    return make


def _namespace(**members: Any) -> Edit:
    """One more namespace in the results."""

    def edit(message: Any) -> None:
        message.ns_rwset.add(**members)

    return edit


def _kv(**members: Any) -> bytes:
    octets: bytes = kv_rwset_pb2.KVRWSet(**members).SerializeToString()
    return octets


def _collection(message: Any) -> None:
    message.ns_rwset[1].collection_hashed_rwset.add(collection_name="private", hashed_rwset=b"x")


def _twice_our_namespace(message: Any) -> None:
    message.ns_rwset.append(message.ns_rwset[1])


def _second_action(message: Any) -> None:
    message.actions.append(message.actions[0])


def _other_header(message: Any) -> None:
    header = common_pb2.SignatureHeader.FromString(message.actions[0].header)
    header.nonce = b"another nonce"
    message.actions[0].header = header.SerializeToString()


def _inside_action(change: Callable[[Any], None]) -> Edit:
    """Changes the ChaincodeActionPayload after it was endorsed."""

    def edit(message: Any) -> None:
        body = transaction_pb2.ChaincodeActionPayload.FromString(message.actions[0].payload)
        change(body)
        message.actions[0].payload = body.SerializeToString()

    return edit


def _deleting(message: Any) -> None:
    message.writes[0].is_delete = True
    message.writes[0].ClearField("value")


def _signature(octets: bytes) -> Edit:
    return setting(signature=octets)


def _high_s(message: Any) -> None:
    message.signature = other_s(message.signature)


CREATOR: dict[str, Attack] = {
    "signed by somebody else": (
        _edited(envelope=lambda m: setattr(m, "signature", sign(STRANGER, m.payload))),
        "NODE_SIGNATURE",
    ),
    "the other S": (_edited(envelope=_high_s), "NODE_SIGNATURE_FORM"),
    "no DER": (_edited(envelope=_signature(b"signature")), "NODE_SIGNATURE_FORM"),
    "sent by a peer": (_by(TOWN.msp, TOWN.peer), "NODE_CERTIFICATE_ROLE"),
    "sent by an orderer": (_by(TOWN.msp, TOWN.orderer), "NODE_CERTIFICATE_ROLE"),
    "sent under another organisation's name": (_by(COUNTY.msp, TOWN.client), "NODE_CERTIFICATE_ISSUER"),
    "sent by an organisation that is not there": (_by("NobodyMSP", TOWN.client), "NODE_MSP_UNKNOWN"),
    "sent by a client of the person CA": (
        _by(TOWN.msp, node(TOWN.person_ca, "gateway", "client")),
        "NODE_CERTIFICATE_ISSUER",
    ),
    "sent by a client of its own CA": (
        _by(TOWN.msp, dataclasses.replace(node(_impostor(), "gateway", "client")))
        if False
        else _by("", TOWN.client),
        "NODE_MSP_UNKNOWN",
    ),
}
