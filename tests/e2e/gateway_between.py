"""Gateways in between: real TLS servers that pass every call on to a real peer, and lie about some."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.fabric.connection import Connection, Peer

# What becomes of a call: its method, and the real peer's answer still to be fetched.
Treat = Callable[[str, Callable[[], bytes], grpc.ServicerContext], bytes]


@contextmanager
def between(connection: Connection, treat: Treat) -> Iterator[Connection]:
    """The connection with every gateway replaced by one that treats calls so."""
    with ExitStack() as stack:
        yield replace(
            connection, peers=tuple(stack.enter_context(_served(peer, treat)) for peer in connection.peers)
        )


@contextmanager
def _served(peer: Peer, treat: Treat) -> Iterator[Peer]:
    key, certificate = _certificate()
    server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", -1)])
    with grpc.secure_channel(peer.address, grpc.ssl_channel_credentials(peer.tls_ca)) as channel:
        server.add_generic_rpc_handlers((_Passing(channel, treat),))
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
        server.start()
        yield replace(peer, address=f"127.0.0.1:{port}", tls_ca=certificate)
        server.stop(None).wait()


class _Passing(grpc.GenericRpcHandler):
    def __init__(self, channel: grpc.Channel, treat: Treat) -> None:
        self._channel = channel
        self._treat = treat

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = str(handler_call_details.method)
        call: Any = self._channel.unary_unary(method)

        def passed(request: bytes, context: grpc.ServicerContext) -> bytes:
            return self._treat(method, lambda: _answer(call, request, context), context)

        return grpc.unary_unary_rpc_method_handler(passed)


def _answer(call: Any, request: bytes, context: grpc.ServicerContext) -> bytes:
    try:
        return bytes(call(request, timeout=context.time_remaining()))
    except grpc.RpcError as error:
        # What a call raises is the call itself: it has code, details and metadata.
        said: Any = error
        context.set_trailing_metadata(said.trailing_metadata() or ())
        context.abort(said.code(), said.details())
        raise


def _certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "in between")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, certificate.public_bytes(Encoding.PEM)
