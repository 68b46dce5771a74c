"""Calls to one organisation's peer and orderer: endorse, order, join, heights."""

import http.client
import json
import secrets
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from network import protos
from network.layout import Kind
from network.signing import Proposal, Signer, propose
from network.site import Site

_LIMIT = 100 * 1024 * 1024
_OPTIONS = (
    ("grpc.max_receive_message_length", _LIMIT),
    ("grpc.max_send_message_length", _LIMIT),
    # These calls stay on this machine; a proxy meant for the web must not see them.
    ("grpc.enable_http_proxy", 0),
)


class CallError(Exception):
    """A peer or orderer could not be reached or refused; the text is its own."""


@dataclass(frozen=True)
class Caller:
    """One organisation's admin, its peer and its orderer."""

    site: Site
    signer: Signer
    tls_ca: bytes
    orderer_admin: Path

    @property
    def msp(self) -> str:
        return self.site.msp


@contextmanager
def dialled(caller: Caller, kind: Kind) -> Iterator[grpc.Channel]:
    credentials = grpc.ssl_channel_credentials(caller.tls_ca)
    with grpc.secure_channel(caller.site.at(kind), credentials, options=_OPTIONS) as channel:
        yield channel


def reached(caller: Caller, kind: Kind) -> None:
    """Raises CallError when nothing accepts connections there."""
    try:
        with socket.create_connection((caller.site.host(kind), caller.site.ports.of(kind)), timeout=2):
            return
    except OSError as error:
        raise CallError(str(error)) from error


def endorse(caller: Caller, proposal: Proposal, seconds: float = 20) -> Any:
    """peer.ProposalResponse of this organisation's peer. Raises CallError unless its status is 200."""
    try:
        with dialled(caller, Kind.PEER) as channel:
            answer = protos.peer_grpc.EndorserStub(channel).ProcessProposal(proposal.signed, timeout=seconds)
    except grpc.RpcError as error:
        raise CallError(said(error)) from error
    if answer.response.status != 200:
        raise CallError(answer.response.message)
    return answer


def query(caller: Caller, channel: str, chaincode: str, *arguments: bytes, seconds: float = 20) -> bytes:
    """Result of a call that nothing is written by. Raises CallError."""
    answer = endorse(caller, propose(caller.signer, channel, chaincode, arguments), seconds)
    result: bytes = answer.response.payload
    return result


def order(caller: Caller, envelope: Any) -> None:
    """Hands an envelope to this organisation's orderer. Raises CallError when it is not accepted."""
    try:
        with dialled(caller, Kind.ORDERER) as channel:
            stub = protos.ab_grpc.AtomicBroadcastStub(channel)
            answer = next(iter(stub.Broadcast(iter([envelope]), timeout=20)))
    except grpc.RpcError as error:
        raise CallError(said(error)) from error
    if answer.status != protos.common.SUCCESS:
        raise CallError(f"{protos.common.Status.Name(answer.status)}: {answer.info}")


def peer_height(caller: Caller, channel: str, seconds: float = 5) -> int:
    """Blocks the peer has of the channel. Raises CallError."""
    raw = query(caller, channel, "qscc", b"GetChainInfo", channel.encode(), seconds=seconds)
    height: int = protos.ledger.BlockchainInfo.FromString(raw).height
    return height


def peer_channels(caller: Caller) -> tuple[str, ...]:
    raw = query(caller, "", "cscc", b"GetChannels", seconds=5)
    return tuple(one.channel_id for one in protos.query.ChannelQueryResponse.FromString(raw).channels)


def join_peer(caller: Caller, genesis: bytes) -> None:
    query(caller, "", "cscc", b"JoinChain", genesis)


def orderer_height(caller: Caller, channel: str) -> int | None:
    """Blocks the orderer has of the channel; None when it has not joined it. Raises CallError."""
    status, body = _admin(caller, "GET", f"/participation/v1/channels/{channel}")
    if status == http.client.NOT_FOUND:
        return None
    if status != http.client.OK:
        raise CallError(f"{status}: {body.decode(errors='replace')}")
    height = json.loads(body).get("height")
    if not isinstance(height, int):
        raise CallError(f"no height in {body.decode(errors='replace')}")
    return height


def join_orderer(caller: Caller, genesis: bytes) -> None:
    """Raises CallError when the orderer does not take the block."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="config-block"; filename="genesis.block"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + genesis + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    status, said = _admin(caller, "POST", "/participation/v1/channels", body, kind)
    if status != http.client.CREATED:
        raise CallError(f"{status}: {said.decode(errors='replace')}")


def _admin(
    caller: Caller, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
) -> tuple[int, bytes]:
    """One request to the orderer's admin endpoint, under mutual TLS."""
    context = ssl.create_default_context(cadata=caller.tls_ca.decode())
    context.load_cert_chain(caller.orderer_admin / "tls.pem", caller.orderer_admin / "tls.key")
    site = caller.site
    connection = http.client.HTTPSConnection(
        site.orderer, site.ports.orderer_admin, timeout=10, context=context
    )
    try:
        connection.request(method, path, body=body, headers={"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise CallError(str(error)) from error
    finally:
        connection.close()


def said(error: grpc.RpcError) -> str:
    """grpc raises call objects: they have a code and details."""
    if isinstance(error, grpc.Call):
        return f"{error.code().name}: {error.details()}"
    return str(error)
