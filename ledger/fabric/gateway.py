"""Fabric Gateway calls over gRPC: submit, commit status, evaluate. Every call has a deadline.

A gateway does not route around a failure of its own peer or chaincode, so a call tries the organisations'
gateways one after the other: the client's own first, those that did not answer lately last.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.peer import peer_pb2_grpc

from ledger.fabric.about_us import CLIENT_DENIED
from ledger.fabric.answers import NO_ANSWER
from ledger.fabric.asking import Asking, Doubt
from ledger.fabric.client import Client, Proposal, load_client, propose, sign
from ledger.fabric.connection import Connection, Peer
from ledger.fabric.refusal import (
    Refusal,
    RefusedError,
    chain_error,
    read_refusal,
    refusal_of,
    silent,
    too_few_orderers,
)

T = TypeVar("T")

# A batch at its cap travels as base64 inside a proposal; the peers' own limit is 100 MiB.
MAX_MESSAGE = 64 * 1024 * 1024
CALL_SECONDS = 15.0
# peer.TxValidationCode: every other is invalid.
VALID = 0


@dataclass(frozen=True)
class Gateway:
    """An organisation's peer: `stub` speaks to its gateway, `endorser` to itself."""

    peer: Peer
    stub: Any
    endorser: Any
    channel: grpc.Channel


@dataclass(frozen=True)
class Chain:
    """An open connection to the network: `gateways` in the order they are tried."""

    connection: Connection
    client: Client
    gateways: tuple[Gateway, ...]
    doubt: Doubt = field(default_factory=Doubt)
    now: Callable[[], datetime.datetime] = field(default=lambda: datetime.datetime.now(datetime.UTC))

    @property
    def organisations(self) -> tuple[str, ...]:
        return tuple(peer.msp for peer in self.connection.peers)


@dataclass(frozen=True)
class Endorsed:
    """`payload` is common.Payload: the transaction with its endorsements, not yet signed by us.

    `organisations` (sorted) endorsed; `refusals` says why each of the others that were asked did not.
    """

    txid: str
    payload: bytes
    organisations: tuple[str, ...]
    refusals: tuple[Refusal, ...]


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
    return Gateway(peer, gateway_pb2_grpc.GatewayStub(channel), peer_pb2_grpc.EndorserStub(channel), channel)


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


def submit(chain: Chain, endorsed: Endorsed) -> None:
    """Sends the transaction for ordering. An error does NOT mean that it was not ordered.

    Raises ChainError CHAIN_NO_QUORUM (too few orderers), CLIENT_DENIED, CHAIN_REFUSED or CHAIN_UNREACHABLE;
    ask `commit_status` and the chain's state then.
    """
    signature = sign(chain.client, endorsed.payload)
    envelope = common_pb2.Envelope(payload=endorsed.payload, signature=signature)

    def call(gateway: Gateway) -> None:
        request = gateway_pb2.SubmitRequest(
            transaction_id=endorsed.txid,
            channel_id=chain.connection.channel,
            prepared_transaction=envelope,
        )
        gateway.stub.Submit(request, timeout=CALL_SECONDS)

    try:
        next(_each(chain, call))
    except RefusedError as error:
        if error.code == CLIENT_DENIED or not any(one.orderer for one in error.refusals):
            raise
        few = too_few_orderers(error.refusals, len(chain.organisations))
        if few is not None:
            raise few from None


def commit_status(chain: Chain, txid: str, seconds: float = CALL_SECONDS) -> Commit:
    """Waits for the transaction to be in a block, at most `seconds`: the first gateway that knows.

    Raises ChainError CHAIN_UNREACHABLE when nobody could say in time.
    """
    request = gateway_pb2.CommitStatusRequest(
        transaction_id=txid, channel_id=chain.connection.channel, identity=chain.client.creator
    ).SerializeToString()
    signed = gateway_pb2.SignedCommitStatusRequest(request=request, signature=sign(chain.client, request))

    def start(gateway: Gateway) -> Callable[[], Any]:
        return lambda: gateway.stub.CommitStatus.future(signed, timeout=seconds)

    # One that waits for the block has not failed to answer: no doubt is remembered.
    asking = Asking({one.peer.msp: start(one) for one in chain.gateways}, Doubt())
    peers = {one.peer.msp: one.peer for one in chain.gateways}
    refusals: list[Refusal] = []
    while (done := asking.next(enough=False)) is not None:
        msp, future = done
        try:
            answer = future.result()
        except grpc.RpcError as error:
            refusals += read_refusal(error, peers[msp])
            continue
        asking.give_up()
        return Commit(answer.block_number, answer.result)
    raise chain_error(refusals, len(chain.organisations))


def evaluate(chain: Chain, chaincode: str, arguments: Sequence[bytes]) -> bytes:
    """A read by one peer, not signed for anybody. Raises ChainError."""
    return next(evaluate_each(chain, chaincode, arguments))


def evaluate_each(chain: Chain, chaincode: str, arguments: Sequence[bytes]) -> Iterator[bytes]:
    """A read by one peer after the other, of those that answer. Raises ChainError when none does."""
    return _each(chain, lambda one: _result(_evaluating(chain, one, chaincode, arguments)))


def evaluate_all(chain: Chain, arguments: Sequence[bytes]) -> tuple[dict[str, bytes], tuple[Refusal, ...]]:
    """A read of our own chaincode by every organisation that answers: what each says, and why others did
    not. Once a majority has, the rest are waited for a little."""
    name, peers = chain.connection.chaincode, {one.peer.msp: one.peer for one in chain.gateways}
    calls: dict[str, Callable[[], Any]] = {
        one.peer.msp: lambda one=one: _evaluating(chain, one, name, arguments)  # type: ignore[misc]
        for one in chain.gateways
    }
    asking, answers = Asking(calls, chain.doubt), dict[str, bytes]()
    refusals: list[Refusal] = []
    while (done := asking.next(enough=len(answers) > len(calls) // 2)) is not None:
        msp, future = done
        try:
            answers[msp] = _result(future)
        except grpc.RpcError as error:
            refusals += read_refusal(error, peers[msp])
    refusals += [refusal_of(peers[msp], NO_ANSWER) for msp in asking.give_up()]
    return answers, tuple(refusals)


def _evaluating(chain: Chain, gateway: Gateway, chaincode: str, arguments: Sequence[bytes]) -> Any:
    offer = propose(chain.client, chain.connection.channel, chaincode, arguments, {}, chain.now())
    request = gateway_pb2.EvaluateRequest(
        transaction_id=offer.txid,
        channel_id=chain.connection.channel,
        proposed_transaction=offer.message,
        target_organizations=[gateway.peer.msp],
    )
    return gateway.stub.Evaluate.future(request, timeout=CALL_SECONDS)


def _result(future: Any) -> bytes:
    return bytes(future.result().result.payload)


def _each(chain: Chain, call: Callable[[Gateway], T]) -> Iterator[T]:
    """What each gateway answers that does, asked when it is wanted. Raises ChainError when none does."""
    refusals: list[Refusal] = []
    answered = False
    for gateway in sorted(chain.gateways, key=lambda one: chain.doubt.of(one.peer.msp)):
        try:
            found = call(gateway)
        except grpc.RpcError as error:
            if silent(error):
                chain.doubt.silent(gateway.peer.msp)
            refusals += read_refusal(error, gateway.peer)
        else:
            answered = True
            chain.doubt.answered(gateway.peer.msp)
            yield found
    if not answered:
        raise chain_error(refusals, len(chain.organisations))
