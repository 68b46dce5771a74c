"""The client's identity, and the proposals it signs.

Message layout: hyperledger/fabric-protos peer/proposal.proto; the transaction id is
SHA-256(nonce || creator) (protoutil.ComputeTxID).
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fabric_protos.common import common_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, transaction_pb2

from ledger.fabric.connection import Connection
from verifier.digests import sha256
from verifier.errors import CallerError
from verifier.statement import P256_ORDER


@dataclass(frozen=True)
class Client:
    """`creator` is the serialised identity that peers see."""

    key: ec.EllipticCurvePrivateKey
    creator: bytes


@dataclass(frozen=True)
class Proposal:
    """A signed proposal: `message` is a peer.SignedProposal, `txid` 64 hex digits.

    `header` is common.Header; `call` the peer.ChaincodeProposalPayload without transient data: what of it
    goes into the transaction.
    """

    txid: str
    message: Any
    header: bytes
    call: bytes


def load_client(connection: Connection) -> Client:
    """Raises CallerError CLIENT_KEY."""
    try:
        key = load_pem_private_key(connection.key.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise CallerError("CLIENT_KEY", str(connection.key), "an unencrypted P-256 key", str(error)) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CallerError("CLIENT_KEY", str(connection.key), "a P-256 key")
    identity = identities_pb2.SerializedIdentity(mspid=connection.msp, id_bytes=connection.certificate)
    return Client(key, identity.SerializeToString())


def sign(client: Client, data: bytes) -> bytes:
    """DER ECDSA in the lower half: Fabric refuses the other form of the same signature."""
    r, s = decode_dss_signature(client.key.sign(data, ec.ECDSA(SHA256())))
    return encode_dss_signature(r, min(s, P256_ORDER - s))


def propose(
    client: Client,
    channel: str,
    chaincode: str,
    arguments: Sequence[bytes],
    transient: Mapping[str, bytes],
    when: datetime.datetime,
) -> Proposal:
    """A signed proposal to call `chaincode`. `when`, an aware time, becomes the transaction's time."""
    nonce = secrets.token_bytes(24)
    txid = sha256(nonce + client.creator).hex()
    chaincode_id = chaincode_pb2.ChaincodeID(name=chaincode)
    channel_header = common_pb2.ChannelHeader(
        type=common_pb2.HeaderType.ENDORSER_TRANSACTION,
        channel_id=channel,
        tx_id=txid,
        extension=proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_id).SerializeToString(),
    )
    channel_header.timestamp.FromDatetime(when.astimezone(datetime.UTC).replace(tzinfo=None))
    signature_header = common_pb2.SignatureHeader(creator=client.creator, nonce=nonce)
    header = common_pb2.Header(
        channel_header=channel_header.SerializeToString(),
        signature_header=signature_header.SerializeToString(),
    )
    invocation = chaincode_pb2.ChaincodeInvocationSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            type=chaincode_pb2.ChaincodeSpec.Type.GOLANG,
            chaincode_id=chaincode_id,
            input=chaincode_pb2.ChaincodeInput(args=list(arguments)),
        )
    )
    call = proposal_pb2.ChaincodeProposalPayload(input=invocation.SerializeToString())
    payload = proposal_pb2.ChaincodeProposalPayload(input=call.input, TransientMap=dict(transient))
    proposal = proposal_pb2.Proposal(
        header=header.SerializeToString(), payload=payload.SerializeToString()
    ).SerializeToString()
    signed = proposal_pb2.SignedProposal(proposal_bytes=proposal, signature=sign(client, proposal))
    return Proposal(txid, signed, header.SerializeToString(), call.SerializeToString())


def assemble(offer: Proposal, response: bytes, endorsements: Sequence[Any]) -> bytes:
    """common.Payload of the transaction: our own proposal, what the peers answered (`response`, a
    peer.ProposalResponsePayload) and their signatures (peer.Endorsement)."""
    header = common_pb2.Header.FromString(offer.header)
    action = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=offer.call,
        action=transaction_pb2.ChaincodeEndorsedAction(
            proposal_response_payload=response, endorsements=endorsements
        ),
    )
    transaction = transaction_pb2.Transaction(
        actions=[
            transaction_pb2.TransactionAction(
                header=header.signature_header, payload=action.SerializeToString()
            )
        ]
    )
    payload = common_pb2.Payload(header=header, data=transaction.SerializeToString())
    return bytes(payload.SerializeToString())
