"""One endorsed transaction, from the octets of its Payload. docs/formats.md section 13.

Submitted (in a block's envelope) or not (an attestation), it has the same form. What is recomputed here ties
its parts together: the transaction id to creator and nonce, the proposal hash in what the peers signed to
channel, time, creator, chaincode and arguments.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from verifier.digests import sha256
from verifier.errors import EvidenceError, found_text
from verifier.fabric.messages import (
    HEADER_TYPE_ENDORSER_TRANSACTION,
    ChaincodeAction,
    ChaincodeActionPayload,
    ChaincodeHeaderExtension,
    ChaincodeID,
    ChaincodeInvocationSpec,
    ChaincodeProposalPayload,
    ChannelHeader,
    Endorsement,
    Payload,
    ProposalResponsePayload,
    SignatureHeader,
    Timestamp,
    Transaction,
    TransactionAction,
)
from verifier.fabric.rwset import Read, Write, read_results
from verifier.fabric.wire import read
from verifier.shape import instant_of

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z


@dataclass(frozen=True)
class EndorsedTransaction:
    """`time`: the channel header's, an instant. `creator`: a SerializedIdentity, not judged here.

    `status`, `response`, `events`: the chaincode's answer. `proposal_response`: what each endorser signed,
    followed by its own identity.
    """

    channel: str
    chaincode: str
    arguments: tuple[bytes, ...]
    txid: bytes
    time: str
    creator: bytes
    status: int
    response: bytes
    events: bytes
    reads: tuple[Read, ...]
    writes: tuple[Write, ...]
    proposal_response: bytes
    endorsements: tuple[Endorsement, ...]


def read_transaction(octets: bytes, at: str) -> EndorsedTransaction:
    """`octets`: a Payload.

    Raises EvidenceError WIRE_…, TX_TYPE, TX_MISSING, TX_TIME, TX_ID, TX_ACTIONS, TX_ACTION_HEADER,
    TX_CHAINCODE, TX_PROPOSAL_HASH, RWSET_…
    """
    payload = read(Payload, octets, at)
    if payload.header is None:
        raise EvidenceError("TX_MISSING", at, "header")
    channel_octets, signature_octets = payload.header.channel_header, payload.header.signature_header
    channel = read(ChannelHeader, channel_octets, f"{at}.channel_header")
    signer = read(SignatureHeader, signature_octets, f"{at}.signature_header")
    if channel.type != HEADER_TYPE_ENDORSER_TRANSACTION or channel.epoch != 0:
        found = f"type {channel.type}, epoch {channel.epoch}"
        raise EvidenceError("TX_TYPE", at, "ENDORSER_TRANSACTION, epoch 0", found)
    if not signer.creator or not signer.nonce:
        raise EvidenceError("TX_MISSING", at, "creator and nonce")
    txid = sha256(signer.nonce + signer.creator)
    if channel.tx_id != txid.hex():
        raise EvidenceError("TX_ID", at, txid.hex(), found_text(channel.tx_id))

    action = _only_action(payload.data, signature_octets, at)
    body = read(ChaincodeActionPayload, action.payload, f"{at}.action")
    if body.action is None or not body.action.endorsements:
        raise EvidenceError("TX_MISSING", at, "endorsements")
    proposal = body.chaincode_proposal_payload
    signed = body.action.proposal_response_payload
    response = read(ProposalResponsePayload, signed, f"{at}.proposal_response")
    proposal_hash = sha256(channel_octets + signature_octets + proposal)
    if response.proposal_hash != proposal_hash:
        raise EvidenceError("TX_PROPOSAL_HASH", at, proposal_hash.hex(), response.proposal_hash.hex())
    result = read(ChaincodeAction, response.extension, f"{at}.chaincode_action")
    if result.response is None:
        raise EvidenceError("TX_MISSING", at, "response")

    extension = read(ChaincodeHeaderExtension, channel.extension, f"{at}.extension")
    called, arguments = _call(proposal, f"{at}.proposal")
    names = {_name(chaincode) for chaincode in (extension.chaincode_id, called, result.chaincode_id)}
    if len(names) != 1 or "" in names:
        raise EvidenceError("TX_CHAINCODE", at, "one chaincode", found_text(" ".join(sorted(names))))
    reads, writes = read_results(result.results, f"{at}.results")
    return EndorsedTransaction(
        channel=channel.channel_id,
        chaincode=names.pop(),
        arguments=arguments,
        txid=txid,
        time=_instant(channel.timestamp, at),
        creator=signer.creator,
        status=result.response.status,
        response=result.response.payload,
        events=result.events,
        reads=reads,
        writes=writes,
        proposal_response=signed,
        endorsements=body.action.endorsements,
    )


def _only_action(data: bytes, signature_header: bytes, at: str) -> TransactionAction:
    """The one action. Peers hash the action's own header with the proposal, so it must be the outer one."""
    actions = read(Transaction, data, f"{at}.data").actions
    if len(actions) != 1:
        raise EvidenceError("TX_ACTIONS", at, "1", str(len(actions)))
    if actions[0].header != signature_header:
        raise EvidenceError("TX_ACTION_HEADER", at)
    return actions[0]


def _call(proposal: bytes, at: str) -> tuple[ChaincodeID | None, tuple[bytes, ...]]:
    """Which chaincode was called, with which arguments."""
    octets = read(ChaincodeProposalPayload, proposal, at).input
    call = read(ChaincodeInvocationSpec, octets, f"{at}.input").chaincode_spec
    if call is None or call.input is None:
        raise EvidenceError("TX_MISSING", at, "chaincode input")
    return call.chaincode_id, call.input.args


def _name(chaincode: ChaincodeID | None) -> str:
    return "" if chaincode is None else chaincode.name


def _instant(timestamp: Timestamp | None, at: str) -> str:
    if timestamp is None or timestamp.seconds > _LAST_SECOND or timestamp.nanos > 999_999_999:
        raise EvidenceError("TX_TIME", at, "a timestamp between 1970 and 9999", found_text(timestamp))
    cut = datetime.timedelta(seconds=timestamp.seconds, milliseconds=timestamp.nanos // 1_000_000)
    return instant_of(_EPOCH + cut)
