"""Listening: a socket of its own, and the server on it until it is told to stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from api.errors import CommandError, Exit
from api.http.app import build_app
from api.http.heads import heads_of
from api.http.service import Service

# Below 32768, where systems begin to hand out ports of their own.
PORT, LAST_PORT = 8600, 8699
_MOST_CONNECTIONS = 512


@dataclass(frozen=True)
class Listening:
    """`stopped` is set when the server ends, whatever ended it."""

    socket: socket.socket
    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def listen(host: str, port: int | None) -> Listening:
    """On `port`, or the first free one of a hundred. Raises CommandError PORT_IN_USE, HOST_UNUSABLE."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for one in range(PORT, LAST_PORT + 1) if port is None else (port,):
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind((host, one))
            opened.listen(256)
        except OSError as error:
            opened.close()
            if isinstance(error, socket.gaierror) or error.errno in _NO_SUCH_ADDRESS:
                raise CommandError(
                    "HOST_UNUSABLE",
                    f"--host {host}:本机没有这个地址。",
                    f"--host {host}: this machine has no such address.",
                ) from error
            continue
        return Listening(opened, host, opened.getsockname()[1])
    asked = f"{PORT}-{LAST_PORT}" if port is None else str(port)
    raise CommandError(
        "PORT_IN_USE",
        f"{host} 的端口 {asked} 已被占用或不许使用。请用 --port 另选一个 1024 至 32767 之间的端口。",
        f"Port {asked} of {host} is in use or not allowed. Choose another with --port, from 1024 to 32767.",
        Exit.UNAVAILABLE,
    )


_NO_SUCH_ADDRESS = (99, 49)  # EADDRNOTAVAIL of Linux and of macOS


@contextmanager
def served(
    service: Service, listening: Listening, stop: threading.Event, proxy: str = "127.0.0.1"
) -> Iterator[threading.Thread]:
    """Serves in a thread of its own until the block is left; `stop` is set when the server ends by itself.

    `proxy`: where the TLS proxy calls from, if there is one.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            build_app(service),
            http=heads_of(service),
            loop="asyncio",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            # Behind TLS the address of the client is what the proxy says, and nobody else.
            proxy_headers=service.secure,
            forwarded_allow_ips=proxy,
            limit_concurrency=_MOST_CONNECTIONS,
            h11_max_incomplete_event_size=service.limits.head_octets,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=10,
        )
    )

    def run() -> None:
        try:
            server.run(sockets=[listening.socket])
        finally:
            stop.set()

    thread = threading.Thread(target=run, name="http")
    thread.start()
    try:
        yield thread
    finally:
        server.should_exit = True
        thread.join()
        listening.socket.close()
