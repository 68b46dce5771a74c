"""Attacks on the transaction that writes the anchor (check 6, second part)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.peer import proposal_pb2, transaction_pb2

from tests.verifier.fabric.attacks import Attack, adding, code_of, setting
from tests.verifier.fabric.forge import (
    BATCH,
    CHAINCODE,
    LEDGER,
    PLACE,
    Case,
    Draft,
    anchor_draft,
    block_with,
    good,
    judge,
)
from tests.verifier.fabric.forge_channel import Edit
from tests.verifier.fabric.forge_keys import node, orgs, other_s, sign
from verifier.anchor import Anchor, anchor_key, head_key, ledger_id

TOWN = orgs()[0]
OTHER_LEDGER = ledger_id("other.example", bytes(32))
STRANGER = node(TOWN.node_ca, "stranger", "client")


def _case(draft: Draft) -> Case:
    """Attestations are left out: they come after everything that is attacked here."""
    return dataclasses.replace(good(), block=block_with(draft), attestations=())


def _edited(stage: str, edit: Edit) -> Callable[[], Case]:
    return lambda: _case(anchor_draft(edits={stage: edit}))


def _anchor(**members: Any) -> Callable[[], Case]:
    """The anchor says something else, wherever it stands."""

    def change(anchor: Anchor) -> Anchor:
        return dataclasses.replace(anchor, **members)

    return lambda: _case(anchor_draft(change))


def _drafted(**members: Any) -> Callable[[], Case]:
    return lambda: _case(dataclasses.replace(anchor_draft(), **members))


def _writes(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Callable[[], Case]:
    """Other writes in our namespace."""
    return _drafted(writes=list(change(dict(anchor_draft().writes)).items()))


def _namespace(name: str, **members: Any) -> Edit:
    """One more namespace in the results."""
    rwset = kv_rwset_pb2.KVRWSet(**members).SerializeToString()
    return lambda message: message.ns_rwset.add(namespace=name, rwset=rwset)


def _collection(message: Any) -> None:
    message.ns_rwset[1].collection_hashed_rwset.add(collection_name="private", hashed_rwset=b"x")


def _in_another_namespace(message: Any) -> None:
    message.ns_rwset[1].namespace = "another"
    message.ns_rwset.add(namespace=CHAINCODE)


def _deletion(message: Any) -> None:
    message.writes[0].is_delete = True
    message.writes[0].ClearField("value")


def _afterwards(change: Callable[[Any], None]) -> Edit:
    """Changes what the endorsers signed, after they did: an edit of the stage `transaction`."""

    def edit(message: Any) -> None:
        body = transaction_pb2.ChaincodeActionPayload.FromString(message.actions[0].payload)
        change(body)
        message.actions[0].payload = body.SerializeToString()

    return edit


def _without_endorsements(body: Any) -> None:
    del body.action.endorsements[:]


def _transient(message: Any) -> None:
    message.TransientMap["batch"] = b"kept"


def _other_nonce(message: Any) -> None:
    header = common_pb2.SignatureHeader.FromString(message.actions[0].header)
    header.nonce = b"another nonce"
    message.actions[0].header = header.SerializeToString()


def _called(message: Any) -> None:
    message.chaincode_spec.chaincode_id.name = "another"


def _everywhere(name: str) -> Case:
    """A chaincode of another name, consistently, that calls ours and so writes to our namespace."""
    edits: dict[str, Edit] = {
        "extension": lambda m: setattr(m.chaincode_id, "name", name),
        "spec": lambda m: setattr(m.chaincode_spec.chaincode_id, "name", name),
        "action": lambda m: setattr(m.chaincode_id, "name", name),
    }
    return _case(anchor_draft(edits=edits))


HEADERS: dict[str, Attack] = {
    "a CONFIG": (_edited("channel_header", setting(type=1)), "TX_TYPE"),
    "a message": (_edited("channel_header", setting(type=0)), "TX_TYPE"),
    "another epoch": (_edited("channel_header", setting(epoch=1)), "TX_TYPE"),
    "another channel": (_edited("channel_header", setting(channel_id="archive-00000000")), "TX_CHANNEL"),
    "no header": (_edited("payload", lambda m: m.ClearField("header")), "TX_MISSING"),
    "no timestamp": (_edited("channel_header", lambda m: m.ClearField("timestamp")), "TX_TIME"),
    "a timestamp beyond its second": (
        _edited("channel_header", lambda m: setattr(m.timestamp, "nanos", 1_000_000_000)),
        "TX_TIME",
    ),
    "a timestamp beyond the year 9999": (
        _edited("channel_header", lambda m: setattr(m.timestamp, "seconds", 253_402_300_800)),
        "TX_TIME",
    ),
    "a timestamp before 1970": (
        _edited("channel_header", lambda m: setattr(m.timestamp, "seconds", -1)),
        "WIRE_RANGE",
    ),
    "another time than the anchor's": (
        _edited("channel_header", lambda m: setattr(m.timestamp, "nanos", 124_000_000)),
        "ANCHOR_TIME",
    ),
    "another transaction id": (_edited("channel_header", setting(tx_id="00" * 32)), "TX_ID"),
    "the transaction id in capitals": (
        _edited("channel_header", lambda m: setattr(m, "tx_id", m.tx_id.upper())),
        "TX_ID",
    ),
    "another nonce": (_edited("signature_header", setting(nonce=b"other")), "TX_ID"),
    "no nonce": (_edited("signature_header", setting(nonce=b"")), "TX_MISSING"),
    "no creator": (_edited("signature_header", setting(creator=b"")), "TX_MISSING"),
    "a header with something more": (_edited("channel_header!", adding(b"\x4a\x00")), "WIRE_UNKNOWN_FIELD"),
}

BODY: dict[str, Attack] = {
    "no action": (_edited("transaction", lambda m: m.ClearField("actions")), "TX_ACTIONS"),
    "two actions": (_edited("transaction", lambda m: m.actions.append(m.actions[0])), "TX_ACTIONS"),
    "the action of another proposal": (_edited("transaction", _other_nonce), "TX_ACTION_HEADER"),
    "no endorsement": (_edited("transaction", _afterwards(_without_endorsements)), "TX_MISSING"),
    "no endorsed action": (
        _edited("transaction", _afterwards(lambda body: body.ClearField("action"))),
        "TX_MISSING",
    ),
    "another proposal than was endorsed": (
        _edited(
            "transaction",
            _afterwards(
                lambda body: setattr(
                    body,
                    "chaincode_proposal_payload",
                    proposal_pb2.ChaincodeProposalPayload(input=b"other").SerializeToString(),
                )
            ),
        ),
        "TX_PROPOSAL_HASH",
    ),
    "another proposal hash": (
        _edited("response_payload", setting(proposal_hash=b"\x01" * 32)),
        "TX_PROPOSAL_HASH",
    ),
    "no proposal hash": (_edited("response_payload", setting(proposal_hash=b"")), "TX_PROPOSAL_HASH"),
    "a proposal with transient data": (_edited("proposal", _transient), "WIRE_UNKNOWN_FIELD"),
    "a call that initialises": (
        _edited("spec", lambda m: setattr(m.chaincode_spec.input, "is_init", True)),
        "WIRE_UNKNOWN_FIELD",
    ),
    "a call with decorations": (
        _edited("spec", lambda m: m.chaincode_spec.input.decorations.update({"x": b"y"})),
        "WIRE_UNKNOWN_FIELD",
    ),
    "no call": (_edited("spec", lambda m: m.ClearField("chaincode_spec")), "TX_MISSING"),
    "a call without input": (
        _edited("spec", lambda m: m.chaincode_spec.ClearField("input")),
        "TX_MISSING",
    ),
    "a chaincode without name, all through": (lambda: _everywhere(""), "TX_CHAINCODE"),
    "no response": (_edited("action", lambda m: m.ClearField("response")), "TX_MISSING"),
    "another chaincode in the header": (
        _edited("extension", lambda m: setattr(m.chaincode_id, "name", "another")),
        "TX_CHAINCODE",
    ),
    "another chaincode called": (_edited("spec", _called), "TX_CHAINCODE"),
    "another chaincode answered": (
        _edited("action", lambda m: setattr(m.chaincode_id, "name", "another")),
        "TX_CHAINCODE",
    ),
    "no chaincode in the answer": (
        _edited("action", lambda m: m.ClearField("chaincode_id")),
        "TX_CHAINCODE",
    ),
    "another chaincode, all through": (lambda: _everywhere("another"), "TX_OTHER_CHAINCODE"),
    "another function": (_drafted(arguments=[b"Open", LEDGER.hex().encode()]), "TX_ARGUMENTS"),
    "another ledger asked for": (
        _drafted(arguments=[b"Anchor", OTHER_LEDGER.hex().encode()]),
        "TX_ARGUMENTS",
    ),
    "one argument more": (_drafted(arguments=[b"Anchor", LEDGER.hex().encode(), b""]), "TX_ARGUMENTS"),
    "a refusal": (_drafted(status=500), "TX_STATUS"),
    "almost a success": (_drafted(status=201), "TX_STATUS"),
    "an event": (_edited("action", setting(events=b"event")), "TX_EVENTS"),
    "another response": (_drafted(response=b"something else"), "ANCHOR_RESPONSE"),
    "something more behind the payload": (_edited("payload!", adding(b"\x1a\x01x")), "WIRE_UNKNOWN_FIELD"),
    "something more in the endorsed action": (_edited("action!", adding(b"\x2a\x01x")), "WIRE_UNKNOWN_FIELD"),
}

RESULTS: dict[str, Attack] = {
    "results of another kind": (_edited("rwset", setting(data_model=1)), "RWSET_MODEL"),
    "our namespace twice": (_edited("rwset", lambda m: m.ns_rwset.append(m.ns_rwset[1])), "RWSET_REPEATED"),
    "a key written twice": (_edited("kv", lambda m: m.writes.append(m.writes[0])), "RWSET_REPEATED"),
    "a key read twice": (_edited("kv", lambda m: m.reads.append(m.reads[0])), "RWSET_REPEATED"),
    "a key deleted": (_edited("kv", _deletion), "RWSET_EXTRA"),
    "a private collection": (_edited("rwset", _collection), "RWSET_EXTRA"),
    "a range query": (_edited("kv", lambda m: m.range_queries_info.add(start_key="a")), "RWSET_EXTRA"),
    "a key's own endorsement policy": (
        _edited("kv", lambda m: m.metadata_writes.add(key=head_key(LEDGER))),
        "RWSET_EXTRA",
    ),
    "a read of another chaincode's state": (
        _edited("rwset", _namespace("another", reads=[kv_rwset_pb2.KVRead(key="k")])),
        "TX_NAMESPACE",
    ),
    "a write to another chaincode's state": (
        _edited("rwset", _namespace("another", writes=[kv_rwset_pb2.KVWrite(key="k", value=b"v")])),
        "ANCHOR_WRITES",
    ),
    "the anchor in another chaincode's state": (
        _edited(
            "rwset",
            _in_another_namespace,
        ),
        "TX_NAMESPACE",
    ),
    "a write to the lifecycle's state": (
        _edited(
            "rwset",
            lambda m: setattr(
                m.ns_rwset[0],
                "rwset",
                kv_rwset_pb2.KVRWSet(
                    writes=[kv_rwset_pb2.KVWrite(key="namespaces/x", value=b"v")]
                ).SerializeToString(),
            ),
        ),
        "ANCHOR_WRITES",
    ),
    "one key more": (_writes(lambda w: w | {"other": b"x"}), "ANCHOR_WRITES"),
    "no head": (_writes(lambda w: {k: v for k, v in w.items() if k != head_key(LEDGER)}), "ANCHOR_WRITES"),
    "no anchor": (_writes(lambda w: {head_key(LEDGER): b"7"}), "ANCHOR_WRITES"),
    "two anchors": (
        _writes(lambda w: w | {anchor_key(LEDGER, BATCH + 1): w[anchor_key(LEDGER, BATCH)]}),
        "ANCHOR_WRITES",
    ),
    "an older head": (_writes(lambda w: w | {head_key(LEDGER): b"6"}), "ANCHOR_WRITES"),
    "a head that is padded": (_writes(lambda w: w | {head_key(LEDGER): b"07"}), "ANCHOR_WRITES"),
    "the head of another ledger": (
        _writes(
            lambda w: {k: v for k, v in w.items() if k.startswith("anchor/")} | {head_key(OTHER_LEDGER): b"7"}
        ),
        "ANCHOR_WRITES",
    ),
    "another ledger's anchor and head": (
        _writes(
            lambda w: {
                anchor_key(OTHER_LEDGER, BATCH): w[anchor_key(LEDGER, BATCH)],
                head_key(OTHER_LEDGER): b"7",
            }
        ),
        "ANCHOR_WRITES",
    ),
    "an anchor under another number": (
        _writes(
            lambda w: {
                anchor_key(LEDGER, BATCH + 1): w[anchor_key(LEDGER, BATCH)],
                head_key(LEDGER): b"8",
            }
        ),
        "ANCHOR_WRITES",
    ),
    "an anchor of another batch": (_anchor(batch=BATCH + 1), "ANCHOR_WRITES"),
    "an anchor of another ledger": (_anchor(ledger=OTHER_LEDGER), "ANCHOR_LEDGER"),
    "an anchor of another transaction": (_anchor(txid=b"\x09" * 32), "ANCHOR_TXID"),
    "an anchor of a millisecond later": (_anchor(time="2026-01-12T09:30:00.124Z"), "ANCHOR_TIME"),
    "an anchor without the one before": (_anchor(previous=None), "ANCHOR_PREVIOUS"),
    "an anchor with a line more": (
        _writes(lambda w: w | {anchor_key(LEDGER, BATCH): w[anchor_key(LEDGER, BATCH)] + b"x\n"}),
        "LINE_FORM",
    ),
}

CREATOR: dict[str, Attack] = {
    "signed by somebody else": (
        _edited("envelope", lambda m: setattr(m, "signature", sign(STRANGER, m.payload))),
        "NODE_SIGNATURE",
    ),
    "the other S": (
        _edited("envelope", lambda m: setattr(m, "signature", other_s(m.signature))),
        "NODE_SIGNATURE_FORM",
    ),
    "no DER": (_edited("envelope", setting(signature=b"signature")), "NODE_SIGNATURE_FORM"),
    "signed over something else": (
        _edited("envelope", lambda m: setattr(m, "signature", sign(TOWN.client, m.payload + b"x"))),
        "NODE_SIGNATURE",
    ),
}


@pytest.mark.parametrize(("make", "code"), HEADERS.values(), ids=HEADERS)
def test_headers(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(("make", "code"), BODY.values(), ids=BODY)
def test_body(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(("make", "code"), RESULTS.values(), ids=RESULTS)
def test_results(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(("make", "code"), CREATOR.values(), ids=CREATOR)
def test_creator(make: Callable[[], Case], code: str) -> None:
    assert code_of(make) == code


@pytest.mark.parametrize(
    ("transaction", "code"), [(3, "ANCHOR_INDEX"), (-1, "ANCHOR_INDEX"), (0, "WIRE_UNKNOWN_FIELD")]
)
def test_the_transaction_named(transaction: int, code: str) -> None:
    assert code_of(lambda: dataclasses.replace(good(), transaction=transaction)) == code


PLACES = {
    "another channel": (dataclasses.replace(PLACE, channel="archive-00000000"), "TX_CHANNEL"),
    "another chaincode": (dataclasses.replace(PLACE, chaincode="another"), "TX_OTHER_CHAINCODE"),
    "another ledger": (dataclasses.replace(PLACE, ledger=OTHER_LEDGER), "TX_ARGUMENTS"),
}


@pytest.mark.parametrize(("place", "code"), PLACES.values(), ids=PLACES)
def test_a_trust_root_of_another_place(place: Any, code: str) -> None:
    assert code_of(lambda: dataclasses.replace(good(), place=place)) == code


def test_what_the_good_anchor_says() -> None:
    anchored = judge(good()).anchored
    assert (anchored.block, anchored.transaction, anchored.anchor.batch) == (5, 1, BATCH)
    assert (anchored.creator.msp, anchored.creator.units) == (TOWN.msp, ("client", "ledger"))
    assert anchored.endorsed.time == "2026-01-12T09:30:00.123Z"
