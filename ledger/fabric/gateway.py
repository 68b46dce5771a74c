"""Fabric Gateway calls over gRPC: endorse, submit, commit status, evaluate.

A gateway does not route around a failure of its own peer or chaincode, so every call tries the
organisations' gateways one after the other, the client's own first.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc

from ledger.fabric.client import Client, Proposal, load_client, propose, sign
from ledger.fabric.connection import Connection, Peer
from ledger.fabric.refusal import Refusal, chain_error, read_refusal
from verifier.errors import ChainError

T = TypeVar("T")

# A batch at its cap travels as base64 inside a proposal; the peers' own limit is 100 MiB.
MAX_MESSAGE = 64 * 1024 * 1024
CALL_SECONDS = 15.0
ENDORSE_SECONDS = 60.0


@dataclass(frozen=True)
class Gateway:
    peer: Peer
    stub: Any
    channel: grpc.Channel


@dataclass(frozen=True)
class Chain:
    """An open connection to the network: `gateways` in the order they are tried."""

    connection: Connection
    client: Client
    gateways: tuple[Gateway, ...]
    now: Callable[[], datetime.datetime] = field(default=lambda: datetime.datetime.now(datetime.UTC))

    @property
    def organisations(self) -> tuple[str, ...]:
        return tuple(peer.msp for peer in self.connection.peers)


@dataclass(frozen=True)
class Endorsed:
    """`payload` is common.Payload: the transaction with its endorsements, not yet signed by us."""

    txid: str
    payload: bytes


@dataclass(frozen=True)
class Commit:
    """`code` is peer.TxValidationCode, 0 for VALID."""

    block: int
    code: int


def connect(connection: Connection) -> Chain:
    """Opens no connection yet; calls do. Raises CallerError CLIENT_KEY."""
    client = load_client(connection)
    first = sorted(connection.peers, key=lambda peer: (peer.msp != connection.msp, peer.msp))
    return Chain(connection, client, tuple(_gateway(peer) for peer in first))


def _gateway(peer: Peer) -> Gateway:
    channel = grpc.secure_channel(
        peer.address,
        grpc.ssl_channel_credentials(root_certificates=peer.tls_ca),
        options=[
            ("grpc.max_send_message_length", MAX_MESSAGE),
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            # Loopback and office lines must not be sent through a web proxy.
            ("grpc.enable_http_proxy", 0),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),
        ],
    )
    return Gateway(peer, gateway_pb2_grpc.GatewayStub(channel), channel)


def close(chain: Chain) -> None:
    for gateway in chain.gateways:
        gateway.channel.close()


def proposal(
    chain: Chain, arguments: Sequence[str], transient: Mapping[str, bytes] | None = None
) -> Proposal:
    """A proposal to our own chaincode, timed now."""
    encoded = [argument.encode() for argument in arguments]
    connection = chain.connection
    return propose(
        chain.client, connection.channel, connection.chaincode, encoded, transient or {}, chain.now()
    )


def endorse(chain: Chain, offer: Proposal, organisations: Sequence[str] = ()) -> Endorsed:
    """Asks exactly `organisations` (or as many as the policy needs, chosen by the gateway).

    Raises ChainError CHAIN_REFUSED (a reasoned refusal, after every gateway was tried) or CHAIN_UNREACHABLE.
    """

    def call(gateway: Gateway) -> Endorsed:
        request = gateway_pb2.EndorseRequest(
            transaction_id=offer.txid,
            channel_id=chain.connection.channel,
            proposed_transaction=offer.message,
            endorsing_organizations=list(organisations),
        )
        answer = gateway.stub.Endorse(request, timeout=ENDORSE_SECONDS)
        return Endorsed(offer.txid, bytes(answer.prepared_transaction.payload))

    return _first(chain, call)


def endorse_widely(chain: Chain, make: Callable[[], Proposal]) -> Endorsed:
    """Endorsement by every organisation that answers, a majority at least.

    All are asked; those that fail are left out of the next try, so that one organisation's failure
    delays an anchor and does not stop it. Each try is a new proposal, as peers refuse a repeated one.
    Raises ChainError CHAIN_REFUSED or CHAIN_UNREACHABLE with every organisation's reason.
    """
    asked = list(chain.organisations)
    majority = len(asked) // 2 + 1
    refusals: list[Refusal] = []
    while len(asked) >= majority:
        try:
            return endorse(chain, make(), asked)
        except ChainError as error:
            new = [r for r in getattr(error, "refusals", ()) if r.msp in asked]
            if not new:
                raise
            refusals += new
            asked = [msp for msp in asked if msp not in {r.msp for r in new}]
    raise chain_error(refusals)


def submit(chain: Chain, endorsed: Endorsed) -> None:
    """Sends the transaction for ordering. An error does NOT mean that it was not ordered.

    Raises ChainError CHAIN_REFUSED or CHAIN_UNREACHABLE; ask `commit_status` and the chain's state then.
    """
    envelope = common_pb2.Envelope(payload=endorsed.payload, signature=sign(chain.client, endorsed.payload))

    def call(gateway: Gateway) -> None:
        request = gateway_pb2.SubmitRequest(
            transaction_id=endorsed.txid,
            channel_id=chain.connection.channel,
            prepared_transaction=envelope,
        )
        gateway.stub.Submit(request, timeout=CALL_SECONDS)

    _first(chain, call)


def commit_status(chain: Chain, txid: str, seconds: float = CALL_SECONDS) -> Commit:
    """Waits for the transaction to be in a block, at most `seconds` at each gateway.

    Raises ChainError CHAIN_UNREACHABLE when nobody could say in time.
    """

    def call(gateway: Gateway) -> Commit:
        request = gateway_pb2.CommitStatusRequest(
            transaction_id=txid, channel_id=chain.connection.channel, identity=chain.client.creator
        ).SerializeToString()
        signed = gateway_pb2.SignedCommitStatusRequest(request=request, signature=sign(chain.client, request))
        answer = gateway.stub.CommitStatus(signed, timeout=seconds)
        return Commit(answer.block_number, answer.result)

    return _first(chain, call)


def evaluate(chain: Chain, chaincode: str, arguments: Sequence[bytes]) -> bytes:
    """A read by one peer, not signed for anybody. Raises ChainError."""

    def call(gateway: Gateway) -> bytes:
        offer = propose(chain.client, chain.connection.channel, chaincode, arguments, {}, chain.now())
        request = gateway_pb2.EvaluateRequest(
            transaction_id=offer.txid,
            channel_id=chain.connection.channel,
            proposed_transaction=offer.message,
            target_organizations=[gateway.peer.msp],
        )
        return bytes(gateway.stub.Evaluate(request, timeout=CALL_SECONDS).result.payload)

    return _first(chain, call)


def _first(chain: Chain, call: Callable[[Gateway], T]) -> T:
    refusals: list[Refusal] = []
    for gateway in chain.gateways:
        try:
            return call(gateway)
        except grpc.RpcError as error:
            refusals += read_refusal(error, gateway.peer)
    raise chain_error(refusals)
