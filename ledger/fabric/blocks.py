"""Reading blocks and configuration blocks from a peer."""

from __future__ import annotations

from collections.abc import Iterator

from fabric_protos.common import common_pb2

from ledger.fabric.gateway import VALID, Chain, evaluate, evaluate_each
from verifier.errors import ChainError
from verifier.fabric.block import BlockSignature, CarriedBlock, identifier_of, last_config

# common.BlockMetadataIndex
_SIGNATURES, _TRANSACTIONS_FILTER = 0, 2


def block_by_number(chain: Chain, number: int) -> bytes:
    """The bytes of common.Block. Raises ChainError."""
    return evaluate(
        chain, "qscc", [b"GetBlockByNumber", chain.connection.channel.encode(), str(number).encode()]
    )


def blocks_by_txid(chain: Chain, txid: str) -> Iterator[bytes]:
    """The bytes of the block that holds the transaction, as one organisation after the other has it.
    Raises ChainError when none has it."""
    return evaluate_each(chain, "qscc", [b"GetBlockByTxID", chain.connection.channel.encode(), txid.encode()])


def newest_configuration(chain: Chain) -> bytes:
    """The bytes of the newest configuration block. Raises ChainError."""
    return evaluate(chain, "cscc", [b"GetConfigBlock", chain.connection.channel.encode()])


def carried(block: bytes) -> CarriedBlock:
    """The authenticated parts of a peer's block, signatures by ascending identifier."""
    message = common_pb2.Block.FromString(block)
    metadata = common_pb2.Metadata.FromString(message.metadata.metadata[_SIGNATURES])
    signatures = sorted(
        (BlockSignature(bytes(s.identifier_header), bytes(s.signature)) for s in metadata.signatures),
        key=lambda signature: identifier_of(signature.identifier_header, "block"),
    )
    return CarriedBlock(
        number=message.header.number,
        previous=bytes(message.header.previous_hash),
        envelopes=tuple(bytes(e) for e in message.data.data),
        metadata=bytes(metadata.value),
        signatures=tuple(signatures),
    )


def transaction_number(block: bytes, txid: str) -> int:
    """The number in the block of the valid transaction `txid`. Raises ChainError TRANSACTION_INVALID."""
    message = common_pb2.Block.FromString(block)
    flags = message.metadata.metadata[_TRANSACTIONS_FILTER]
    for number, data in enumerate(message.data.data):
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(data).payload)
        header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        if header.tx_id == txid and flags[number] == VALID:
            return number
    raise ChainError("TRANSACTION_INVALID", f"block {message.header.number}", "a valid transaction", txid)


def configurations_after(chain: Chain, known: int) -> list[bytes]:
    """The configuration blocks with numbers above `known`, ascending.

    Walks back from the newest: the block before a configuration block names, in its signed
    metadata, the configuration that was in force until then.
    """
    found: list[bytes] = []
    block = newest_configuration(chain)
    number = carried(block).number
    while number > known:
        found.append(block)
        if number == 0:
            break
        before = carried(block_by_number(chain, number - 1))
        number = last_config(before.metadata, "block") if before.number else 0
        if number > known:
            block = block_by_number(chain, number)
    return found[::-1]
