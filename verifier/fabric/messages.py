"""Field tables of transactions and blocks, named as Fabric names them. docs/formats.md section 14.

Only what is judged is listed. A field of the official message that is missing here is one that must not
occur, because nothing of ours writes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.fabric.wire import (
    INT32,
    INT64,
    UINT32,
    UINT64,
    flag,
    message,
    messages,
    number,
    octets,
    octets_list,
    text,
)

HEADER_TYPE_CONFIG = 1
HEADER_TYPE_ENDORSER_TRANSACTION = 3


@dataclass(frozen=True)
class Timestamp:
    """google.protobuf.Timestamp. Before 1970 is refused."""

    seconds: int = number(1, INT64)
    nanos: int = number(2, INT32)


@dataclass(frozen=True)
class Envelope:
    payload: bytes = octets(1)
    signature: bytes = octets(2)


@dataclass(frozen=True)
class Header:
    channel_header: bytes = octets(1)
    signature_header: bytes = octets(2)


@dataclass(frozen=True)
class Payload:
    header: Header | None = message(1, lambda: Header)
    data: bytes = octets(2)


@dataclass(frozen=True)
class ChannelHeader:
    type: int = number(1, INT32)
    version: int = number(2, INT32)
    timestamp: Timestamp | None = message(3, lambda: Timestamp)
    channel_id: str = text(4)
    tx_id: str = text(5)
    epoch: int = number(6, UINT64)
    extension: bytes = octets(7)
    tls_cert_hash: bytes = octets(8)


@dataclass(frozen=True)
class SignatureHeader:
    creator: bytes = octets(1)
    nonce: bytes = octets(2)


@dataclass(frozen=True)
class SerializedIdentity:
    mspid: str = text(1)
    id_bytes: bytes = octets(2)


@dataclass(frozen=True)
class LastConfig:
    index: int = number(1, UINT64)


@dataclass(frozen=True)
class OrdererBlockMetadata:
    """The value of a block's metadata item SIGNATURES. `consenter_metadata` is SmartBFT's own."""

    last_config: LastConfig | None = message(1, lambda: LastConfig)
    consenter_metadata: bytes = octets(2)


@dataclass(frozen=True)
class IdentifierHeader:
    identifier: int = number(1, UINT32)
    nonce: bytes = octets(2)


@dataclass(frozen=True)
class ChaincodeID:
    path: str = text(1)
    name: str = text(2)
    version: str = text(3)


@dataclass(frozen=True)
class ChaincodeHeaderExtension:
    chaincode_id: ChaincodeID | None = message(2, lambda: ChaincodeID)


@dataclass(frozen=True)
class Transaction:
    actions: tuple[TransactionAction, ...] = messages(1, lambda: TransactionAction)


@dataclass(frozen=True)
class TransactionAction:
    header: bytes = octets(1)
    payload: bytes = octets(2)


@dataclass(frozen=True)
class ChaincodeActionPayload:
    chaincode_proposal_payload: bytes = octets(1)
    action: ChaincodeEndorsedAction | None = message(2, lambda: ChaincodeEndorsedAction)


@dataclass(frozen=True)
class ChaincodeEndorsedAction:
    proposal_response_payload: bytes = octets(1)
    endorsements: tuple[Endorsement, ...] = messages(2, lambda: Endorsement)


@dataclass(frozen=True)
class Endorsement:
    endorser: bytes = octets(1)
    signature: bytes = octets(2)


@dataclass(frozen=True)
class ChaincodeProposalPayload:
    """Without TransientMap: a transaction carries the proposal with the transient data removed."""

    input: bytes = octets(1)


@dataclass(frozen=True)
class ChaincodeInvocationSpec:
    chaincode_spec: ChaincodeSpec | None = message(1, lambda: ChaincodeSpec)


@dataclass(frozen=True)
class ChaincodeSpec:
    type: int = number(1, INT32)
    chaincode_id: ChaincodeID | None = message(2, lambda: ChaincodeID)
    input: ChaincodeInput | None = message(3, lambda: ChaincodeInput)


@dataclass(frozen=True)
class ChaincodeInput:
    args: tuple[bytes, ...] = octets_list(1)


@dataclass(frozen=True)
class ProposalResponsePayload:
    proposal_hash: bytes = octets(1)
    extension: bytes = octets(2)


@dataclass(frozen=True)
class ChaincodeAction:
    results: bytes = octets(1)
    events: bytes = octets(2)
    response: Response | None = message(3, lambda: Response)
    chaincode_id: ChaincodeID | None = message(4, lambda: ChaincodeID)


@dataclass(frozen=True)
class Response:
    status: int = number(1, INT32)
    message: str = text(2)
    payload: bytes = octets(3)


@dataclass(frozen=True)
class TxReadWriteSet:
    """`data_model` 0 is KV."""

    data_model: int = number(1, INT32)
    ns_rwset: tuple[NsReadWriteSet, ...] = messages(2, lambda: NsReadWriteSet)


@dataclass(frozen=True)
class NsReadWriteSet:
    namespace: str = text(1)
    rwset: bytes = octets(2)
    collection_hashed_rwset: tuple[bytes, ...] = octets_list(3)


@dataclass(frozen=True)
class KVRWSet:
    """Fields 2 and 4 are kept as octets, to be refused by name where they occur."""

    reads: tuple[KVRead, ...] = messages(1, lambda: KVRead)
    range_queries_info: tuple[bytes, ...] = octets_list(2)
    writes: tuple[KVWrite, ...] = messages(3, lambda: KVWrite)
    metadata_writes: tuple[bytes, ...] = octets_list(4)


@dataclass(frozen=True)
class KVRead:
    key: str = text(1)
    version: Version | None = message(2, lambda: Version)


@dataclass(frozen=True)
class Version:
    block_num: int = number(1, UINT64)
    tx_num: int = number(2, UINT64)


@dataclass(frozen=True)
class KVWrite:
    key: str = text(1)
    is_delete: bool = flag(2)
    value: bytes = octets(3)
