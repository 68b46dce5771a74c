"""An identity that signs proposals and transactions, as Fabric wants them."""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from network import protos
from network.ca import load_key

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Signer:
    """One certificate of one organisation, with its key."""

    msp: str
    certificate: bytes
    key: ec.EllipticCurvePrivateKey

    @property
    def creator(self) -> bytes:
        """Bytes of msp.SerializedIdentity."""
        identity = protos.identities.SerializedIdentity(mspid=self.msp, id_bytes=self.certificate)
        result: bytes = identity.SerializeToString()
        return result

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256, DER, with the lower of the two possible s: Fabric refuses the other."""
        return low_s(self.key.sign(message, ec.ECDSA(hashes.SHA256())))


def low_s(signature: bytes) -> bytes:
    """The same ECDSA signature (DER, over P-256) with the lower of its two possible s."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _ORDER - s))


@dataclass(frozen=True)
class Proposal:
    """A chaincode call ready to be endorsed: its transaction id, its message and the signed form."""

    transaction_id: str
    message: Any
    signed: Any


def load_signer(folder: Path, msp: str) -> Signer:
    """From an identity folder (layout.py). Raises OSError or ValueError when it does not hold one."""
    return Signer(msp, (folder / "certificate.pem").read_bytes(), load_key(folder / "key.pem"))


def propose(signer: Signer, channel: str, chaincode: str, arguments: tuple[bytes, ...]) -> Proposal:
    """A proposal for `chaincode` on `channel` ('' for calls that concern the peer alone)."""
    creator, nonce = signer.creator, os.urandom(24)
    transaction_id = hashlib.sha256(nonce + creator).hexdigest()
    name = protos.chaincode.ChaincodeID(name=chaincode)
    extension = protos.proposal.ChaincodeHeaderExtension(chaincode_id=name)
    channel_header = protos.common.ChannelHeader(
        type=protos.common.ENDORSER_TRANSACTION,
        channel_id=channel,
        tx_id=transaction_id,
        extension=extension.SerializeToString(),
    )
    channel_header.timestamp.FromNanoseconds(time.time_ns())
    header = protos.common.Header(
        channel_header=channel_header.SerializeToString(),
        signature_header=protos.common.SignatureHeader(creator=creator, nonce=nonce).SerializeToString(),
    )
    call = protos.chaincode.ChaincodeInvocationSpec(
        chaincode_spec=protos.chaincode.ChaincodeSpec(
            chaincode_id=name, input=protos.chaincode.ChaincodeInput(args=arguments)
        )
    )
    payload = protos.proposal.ChaincodeProposalPayload(input=call.SerializeToString())
    message = protos.proposal.Proposal(header=header.SerializeToString(), payload=payload.SerializeToString())
    body = message.SerializeToString()
    signed = protos.proposal.SignedProposal(proposal_bytes=body, signature=signer.sign(body))
    return Proposal(transaction_id, message, signed)


def assemble(signer: Signer, proposal: Proposal, responses: tuple[Any, ...]) -> Any:
    """common.Envelope of the transaction that these endorsements (peer.ProposalResponse) carry."""
    header = protos.common.Header.FromString(proposal.message.header)
    action = protos.transaction.ChaincodeActionPayload(
        chaincode_proposal_payload=proposal.message.payload,
        action=protos.transaction.ChaincodeEndorsedAction(
            proposal_response_payload=responses[0].payload,
            endorsements=[response.endorsement for response in responses],
        ),
    )
    transaction = protos.transaction.Transaction(
        actions=[
            protos.transaction.TransactionAction(
                header=header.signature_header, payload=action.SerializeToString()
            )
        ]
    )
    return envelope(signer, header, transaction.SerializeToString())


def envelope(signer: Signer, header: Any, data: bytes) -> Any:
    """A signed common.Envelope around common.Header and data."""
    payload = protos.common.Payload(header=header, data=data).SerializeToString()
    return protos.common.Envelope(payload=payload, signature=signer.sign(payload))
