"""A whole invented network: configuration blocks, an anchor in a block, attestations. All signatures hold.

Each test changes one thing with an `Edit` (see `forge_channel.pack`); whatever is computed after that stage
follows it, as it would for an adversary who holds the keys for it.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2

from tests.verifier.fabric.forge_channel import (
    CHANNEL,
    NONCE,
    SECONDS,
    Edits,
    config_envelope,
    pack,
    serialized,
)
from tests.verifier.fabric.forge_keys import Holder, orgs, sign
from verifier.anchor import Anchor, anchor_key, encode_anchor, head_key, ledger_id
from verifier.digests import Digests
from verifier.fabric.anchoring import AnchoredTransaction, Place, check_anchor_transaction
from verifier.fabric.attestation import Attested, check_attestations
from verifier.fabric.block import BlockSignature, CarriedBlock
from verifier.fabric.endorsement import check_endorsements, check_majority
from verifier.fabric.history import History, follow_all, pin
from verifier.fabric.quorum import check_quorum

CHAINCODE = "archive"
LEDGER = ledger_id("township.example/archive", bytes(32))
PLACE = Place(CHANNEL, CHAINCODE, LEDGER)
BATCH = 7
ANCHOR_BLOCK, ANCHOR_TRANSACTION = 5, 1
TIME = "2026-01-12T09:30:00.123Z"
LATER = 60  # seconds after the anchor at which the attestation is asked for
NANOS = 123_456_789

Peers = Sequence[tuple[str, Holder]]


def peers(count: int = 4) -> list[tuple[str, Holder]]:
    return [(org.msp, org.peer) for org in orgs()[:count]]


def orderers(*numbers: int) -> list[tuple[int, Holder]]:
    """Consenters by number, from 1."""
    return [(n, orgs()[n - 1].orderer) for n in numbers]


def seal(
    number: int,
    previous: bytes,
    envelopes: Sequence[bytes],
    last_config: int,
    signers: Sequence[tuple[int, Holder]] | None = None,
    edits: Edits | None = None,
) -> CarriedBlock:
    """A block signed by these consenters (the first three). Stages: metadata, identifier_header."""
    edits = edits or {}
    if signers is None:
        signers = orderers(1, 2, 3)
    value = common_pb2.OrdererBlockMetadata(
        last_config=common_pb2.LastConfig(index=last_config), consenter_metadata=b"\x08\x01\x10\x05"
    )
    block = CarriedBlock(number, previous, tuple(envelopes), pack("metadata", value, edits), ())
    signatures = []
    for identifier, holder in signers:
        header = common_pb2.IdentifierHeader(identifier=identifier, nonce=NONCE)
        octets = pack("identifier_header", header, edits)
        signature = sign(holder, block.metadata + octets + block.header_bytes)
        signatures.append(BlockSignature(octets, signature))
    return dataclasses.replace(block, signatures=tuple(signatures))


@dataclass
class Draft:
    """A call of the chaincode. `reads` and `writes` stand in our namespace; edits see the finished messages.

    Stages: channel_header, signature_header, extension, spec, proposal, kv, rwset, action, response_payload,
    action_payload, transaction, payload, envelope.
    """

    arguments: list[bytes]
    reads: list[tuple[str, tuple[int, int] | None]]
    writes: list[tuple[str, bytes]]
    response: bytes
    status: int = 200
    seconds: int = SECONDS
    endorsers: Peers = dataclasses.field(default_factory=peers)
    creator: tuple[str, Holder] = dataclasses.field(default_factory=lambda: (orgs()[0].msp, orgs()[0].client))
    creator_octets: bytes | None = None
    edits: Edits = dataclasses.field(default_factory=dict)

    @property
    def creator_bytes(self) -> bytes:
        return self.creator_octets or serialized(*self.creator)

    @property
    def txid(self) -> bytes:
        return hashlib.sha256(NONCE + self.creator_bytes).digest()

    def payload(self) -> bytes:
        edits = self.edits
        chaincode = chaincode_pb2.ChaincodeID(name=CHAINCODE)
        extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode)
        channel_header = common_pb2.ChannelHeader(
            type=common_pb2.ENDORSER_TRANSACTION,
            timestamp={"seconds": self.seconds, "nanos": NANOS},
            channel_id=CHANNEL,
            tx_id=self.txid.hex(),
            extension=pack("extension", extension, edits),
        )
        signature_header = common_pb2.SignatureHeader(creator=self.creator_bytes, nonce=NONCE)
        header = common_pb2.Header(
            channel_header=pack("channel_header", channel_header, edits),
            signature_header=pack("signature_header", signature_header, edits),
        )
        spec = chaincode_pb2.ChaincodeInvocationSpec(
            chaincode_spec=chaincode_pb2.ChaincodeSpec(
                type=chaincode_pb2.ChaincodeSpec.NODE,
                chaincode_id=chaincode,
                input=chaincode_pb2.ChaincodeInput(args=self.arguments),
            )
        )
        proposal = pack(
            "proposal", proposal_pb2.ChaincodeProposalPayload(input=pack("spec", spec, edits)), edits
        )
        digest = hashlib.sha256(header.channel_header + header.signature_header + proposal).digest()
        response = proposal_response_pb2.ProposalResponsePayload(
            proposal_hash=digest, extension=pack("action", self._action(), edits)
        )
        signed = pack("response_payload", response, edits)
        endorsed = transaction_pb2.ChaincodeEndorsedAction(proposal_response_payload=signed)
        for msp, holder in self.endorsers:
            endorser = serialized(msp, holder)
            endorsed.endorsements.add(endorser=endorser, signature=sign(holder, signed + endorser))
        body = transaction_pb2.ChaincodeActionPayload(chaincode_proposal_payload=proposal, action=endorsed)
        transaction = transaction_pb2.Transaction()
        transaction.actions.add(header=header.signature_header, payload=pack("action_payload", body, edits))
        data = pack("transaction", transaction, edits)
        return pack("payload", common_pb2.Payload(header=header, data=data), edits)

    def _action(self) -> Any:
        edits = self.edits
        kv = kv_rwset_pb2.KVRWSet()
        for key, version in self.reads:
            read = kv.reads.add(key=key)
            if version is not None:
                read.version.block_num, read.version.tx_num = version
        for key, value in self.writes:
            kv.writes.add(key=key, value=value)
        lifecycle = kv_rwset_pb2.KVRWSet()
        lifecycle.reads.add(key="namespaces/fields/archive/Sequence").version.block_num = 2
        results = rwset_pb2.TxReadWriteSet(data_model=rwset_pb2.TxReadWriteSet.KV)
        results.ns_rwset.add(namespace="_lifecycle", rwset=lifecycle.SerializeToString(deterministic=True))
        results.ns_rwset.add(namespace=CHAINCODE, rwset=pack("kv", kv, edits))
        return proposal_pb2.ChaincodeAction(
            results=pack("rwset", results, edits),
            response=proposal_response_pb2.Response(status=self.status, payload=self.response),
            chaincode_id=chaincode_pb2.ChaincodeID(name=CHAINCODE, version="1.0"),
        )

    def envelope(self) -> bytes:
        payload = self.payload()
        envelope = common_pb2.Envelope(payload=payload, signature=sign(self.creator[1], payload))
        return pack("envelope", envelope, self.edits)


def anchor_of(draft_txid: bytes) -> Anchor:
    return Anchor(
        ledger=LEDGER,
        batch=BATCH,
        size=4242,
        roots=Digests(b"\x01" * 32, b"\x02" * 32),
        last_recorded_at="2026-01-12T09:29:59.000Z",
        previous=b"\x03" * 32,
        txid=draft_txid,
        time=TIME,
    )


def anchor_draft(
    change: Callable[[Anchor], Anchor] = lambda anchor: anchor, edits: Edits | None = None
) -> Draft:
    """The call that writes the anchor; `change` acts on the anchor before it is written."""
    draft = Draft([b"Anchor", LEDGER.hex().encode()], [], [], b"", edits=edits or {})
    value = encode_anchor(change(anchor_of(draft.txid)))
    draft.response = value
    draft.reads = [(head_key(LEDGER), (4, 0)), (anchor_key(LEDGER, BATCH - 1), (4, 0))]
    draft.writes = [(anchor_key(LEDGER, BATCH), value), (head_key(LEDGER), str(BATCH).encode())]
    return draft


def get_draft(edits: Edits | None = None) -> Draft:
    """The read that attests the anchor."""
    return Draft(
        arguments=[b"Get", LEDGER.hex().encode(), str(BATCH).encode()],
        reads=[(anchor_key(LEDGER, BATCH), (ANCHOR_BLOCK, ANCHOR_TRANSACTION))],
        writes=[],
        response=encode_anchor(anchor_of(anchor_draft().txid)),
        seconds=SECONDS + LATER,
        edits=edits or {},
    )


@dataclass(frozen=True)
class Case:
    """What evidence carries of the chain, with the trust root's block."""

    pinned: tuple[int, bytes, tuple[bytes, ...]]
    configurations: tuple[CarriedBlock, ...]
    block: CarriedBlock
    attestations: tuple[bytes, ...]
    transaction: int = ANCHOR_TRANSACTION
    place: Place = PLACE


@dataclass(frozen=True)
class Outcome:
    history: History
    anchored: AnchoredTransaction
    endorsed: tuple[str, ...]
    attested: Attested


@functools.cache
def first_config() -> bytes:
    return config_envelope(orgs(), 0, None)


@functools.cache
def config_block(number: int, sequence: int) -> CarriedBlock:
    return seal(number, bytes([number]) * 32, [config_envelope(orgs(), sequence, orgs()[0])], number)


def block_with(draft: Draft) -> CarriedBlock:
    """Block 5: somebody else's envelope, the anchor's, somebody else's."""
    other = common_pb2.Envelope(payload=b"other", signature=b"theirs").SerializeToString()
    return seal(ANCHOR_BLOCK, b"\x05" * 32, [other, draft.envelope(), other], 3)


@functools.cache
def good() -> Case:
    """Pinned block 0, configurations in blocks 3 and 9, the anchor in block 5."""
    return Case(
        pinned=(0, b"", (first_config(),)),
        configurations=(config_block(3, 1), config_block(9, 2)),
        block=block_with(anchor_draft()),
        attestations=(get_draft().payload(),),
    )


@functools.lru_cache(maxsize=8)
def _history(
    pinned: tuple[int, bytes, tuple[bytes, ...]], configurations: tuple[CarriedBlock, ...]
) -> History:
    return follow_all(pin(*pinned), configurations)


def judge(case: Case) -> Outcome:
    """Checks 6 to 9 in the order in which one thing makes the next believable."""
    history = _history(case.pinned, case.configurations)
    configuration = history.in_force(case.block, "block")
    check_quorum(case.block, configuration, "block")
    anchored = check_anchor_transaction(case.block, case.transaction, case.place, configuration, "block")
    endorsed = check_endorsements(anchored.endorsed, configuration, "block")
    check_majority(endorsed, configuration, "block")
    attested = check_attestations(case.attestations, anchored, case.place, history.newest, "attestations")
    return Outcome(history, anchored, endorsed, attested)
