"""Around every request: its id, its log line, its figures, and the limits that hold for all."""

from __future__ import annotations

import asyncio
import time
import traceback
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.invalid import problem_of_validation
from api.http.note import Note, begin, log
from api.http.problem import MEDIA_TYPE, Problem, ProblemError, body_of, of_error, refuse
from api.http.service import Service

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]
_BY_STATUS = {404: "PATH_UNKNOWN", 405: "METHOD_OTHER", 415: "MEDIA_TYPE"}


@dataclass(frozen=True)
class Envelope:
    """The outermost part of the application."""

    app: ASGIApp
    service: Service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        note = begin()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                sent = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _HEADERS if name not in sent]
                request = (b"x-request-id", note.request.encode())
                message = {**message, "headers": [*message["headers"], request, *added]}
            await send(message)

        try:
            check_headers(scope, self.service)
            await self.app(scope, limited(scope, receive, self.service), answer)
        except Exception as error:
            problem = problem_for(error, note)
            if status:
                # The answer has begun: it breaks off, which the client sees as an error.
                raise
            await problem_answer(problem, note)(scope, receive, answer)
        finally:
            _tell(self.service, scope, note, status)


def problem_for(error: Exception, note: Note) -> Problem:
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, RequestValidationError):
        return problem_of_validation(error.errors())
    if isinstance(error, HTTPException):
        return of_framework(error)
    found = of_error(error)
    if found is not None:
        return found
    # Where, not what: the words of an unforeseen error may quote what was sent.
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    log("bug", request=note.request, error=type(error).__name__, places=places[-12:])
    return Problem(500, "INTERNAL")


def of_framework(error: HTTPException) -> Problem:
    """What the framework itself refuses: an unknown address, a wrong method, a body that is no JSON."""
    code = _BY_STATUS.get(error.status_code, "REQUEST_UNREADABLE")
    return Problem(error.status_code, code, (), tuple((error.headers or {}).items()))


def problem_answer(problem: Problem, note: Note) -> JSONResponse:
    note.code = problem.code
    headers = dict(problem.headers)
    return JSONResponse(body_of(problem, note.request), problem.status, headers, MEDIA_TYPE)


def check_headers(scope: Scope, service: Service) -> None:
    """The address counts as well. Raises ProblemError HEADERS_TOO_LARGE."""
    headers, limits = scope["headers"], service.limits
    octets = sum(len(name) + len(value) for name, value in headers)
    octets += len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if len(headers) > limits.headers or octets > limits.header_octets:
        limit = f"≤ {limits.headers} headers, ≤ {limits.header_octets} octets"
        raise refuse("HEADERS_TOO_LARGE", "headers", limit, f"{len(headers)}, {octets}")


def limited(scope: Scope, receive: Receive, service: Service) -> Receive:
    """`receive` that refuses a body beyond its limit, and one that comes too slowly.

    Only the time counts in which we wait for the client: that a request waits here for its turn, or for the
    database, is not the client's fault.
    """
    limits, came, waited, done = service.limits, 0, 0.0, False

    async def receiving() -> Message:
        nonlocal came, waited, done
        if done:
            return await receive()
        allowed = limits.silence + came / limits.least_rate - waited
        began = time.monotonic()
        try:
            message = await asyncio.wait_for(receive(), max(0.0, min(limits.silence, allowed)))
            waited += time.monotonic() - began
        except TimeoutError:
            limit = f"≥ {limits.least_rate} octets/s, ≤ {limits.silence:g} s"
            raise refuse("REQUEST_SLOW", "body", limit, f"{came} octets", Connection="close") from None
        if message["type"] == "http.request":
            came += len(message.get("body", b""))
            done = not message.get("more_body", False)
            most = body_limit(scope, service)
            if came > most:
                raise too_large(most, came)
        else:
            done = True
        return message

    declared = dict(scope["headers"]).get(b"content-length", b"")

    async def first() -> Message:
        # Before the first octet is read: a client that waits for "100 Continue" sends nothing in vain.
        most = body_limit(scope, service)
        if declared.isdigit() and int(declared) > most:
            raise too_large(most, int(declared))
        return await receiving()

    return first


def too_large(most: int, came: int) -> ProblemError:
    return refuse("BODY_TOO_LARGE", "body", f"≤ {most} octets", f"{came}", Connection="close")


def body_limit(scope: Scope, service: Service) -> int:
    """By the end of the path: of the few that take much, each has a limit of its own."""
    limits, path = service.limits, str(scope["path"])
    if path == "/v1/files":
        return limits.upload
    if path == "/v1/statements:bulk":
        return limits.bulk
    return limits.statement if path in ("/v1/statements", "/v1/drafts") else limits.json


def _tell(service: Service, scope: Scope, note: Note, status: int) -> None:
    took = time.monotonic() - note.began
    service.metrics.requests.labels(note.operation, str(status)).inc()
    service.metrics.seconds.labels(note.operation).observe(took)
    if note.code:
        service.metrics.refused.labels(note.code).inc()
    facts: dict[str, Any] = {
        "request": note.request,
        "method": scope["method"] if scope["method"].isalpha() else "?",
        "operation": note.operation,
        "status": status,
        "ms": round(took * 1000, 1),
    }
    beside = {"agent": note.agent, "code": note.code, "statements": note.statements[:50]}
    log("request", **facts, **{name: value for name, value in beside.items() if value})
