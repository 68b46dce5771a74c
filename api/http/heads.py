"""Requests whose heads are none, too large or too slow: no more than the connection is known of them.

A connection whose request does not begin, or whose headers do not end, is closed: else whoever opens many and
says nothing would keep everybody out. The body's pace is watched in `api.http.envelope`.
"""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.note import Note
from api.http.problem import MEDIA_TYPE, ProblemError, body_of, refuse
from api.http.service import Service

# How long what a refused client still sends is taken and dropped: with octets unread, a closed connection
# is reset, and the client never reads why.
_DRAINED_SECONDS = 2.0


class Heads(H11Protocol):
    """The limit `silence` counts from a connection's opening, or a later request's first octet, to the end of
    its headers."""

    service: Service
    _timer: asyncio.TimerHandle | None = None
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        super().data_received(data)
        if self._is_refused:
            return
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What uvicorn does with a head that is none; `msg` is its own word for it."""
        came, limits = len(self.conn.trailing_data[0]), self.service.limits
        if came > limits.head_octets:
            limit = f"≤ {limits.headers} headers, ≤ {limits.header_octets} octets"
            self._refuse(refuse("HEADERS_TOO_LARGE", "headers", limit, f"≥ {came}"))
        else:
            self._refuse(refuse("REQUEST_UNREADABLE", "headers", "HTTP/1.1", msg))

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.service.limits.silence, self._slow)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _slow(self) -> None:
        if not self.transport.is_closing():
            self._refuse(refuse("REQUEST_SLOW", "headers", f"≤ {self.service.limits.silence:g} s", "no end"))

    def _refuse(self, error: ProblemError) -> None:
        self._stop()
        self._is_refused = True
        begun = self.cycle is not None and not self.cycle.response_complete
        if begun:
            # As when the connection is lost: whatever serves the request gets no more of it.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if begun and self.cycle.response_started:
            self.transport.close()
            return
        problem = error.problem
        self.service.metrics.refused.labels(problem.code).inc()
        document = body_of(problem, Note().request)
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        status = HTTPStatus(problem.status)
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.write_eof()
        asyncio.get_running_loop().call_later(_DRAINED_SECONDS, self.transport.close)


def heads_of(service: Service) -> type[Heads]:
    return type("HeadsOf", (Heads,), {"service": service})
