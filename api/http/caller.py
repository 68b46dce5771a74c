"""Who calls: found before anything else of a request is looked at, and whether they may."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, cast

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from api.http import duties
from api.http.envelope import problem_answer, problem_for
from api.http.note import current
from api.http.problem import Problem, ProblemError, refuse
from api.http.rights import ANYONE, RIGHTS, may
from api.http.service import Service
from api.http.sessions import Session, find_session
from api.http.states import state_denied
from ledger.people_now import check_key_now
from verifier.certificate import read_signer
from verifier.errors import EvidenceError
from verifier.report import Reason

COOKIE = "archive_session"
_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])


@dataclass(frozen=True)
class Caller:
    session: Session
    duties: frozenset[str]


def service_of(request: Request) -> Service:
    return cast("Service", request.app.state.service)


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


ServiceOf: TypeAlias = Annotated[Service, Depends(service_of)]


class Guarded(APIRoute):
    """A route that lets in who has the right, before a body is read, and puts its refusals into words."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle, operation = super().get_route_handler(), self.operation_id or ""
        rule = RIGHTS[operation]

        async def handled(request: Request) -> Response:
            note = current()
            note.operation = operation
            try:
                if rule != ANYONE:
                    request.state.caller = await run_in_threadpool(let_in, request, operation)
                return await handle(request)
            except Exception as error:  # noqa: BLE001  whatever it is, the client gets a document
                return problem_answer(problem_for(error, note), note)

        return handled


def let_in(request: Request, operation: str) -> Caller:
    """Raises ProblemError SESSION_NONE, KEY_REVOKED, ORIGIN_OTHER, RIGHT_MISSING (recorded), TOO_MANY."""
    service = service_of(request)
    session = _session(service, request)
    current().agent = session.agent
    held = duties.duties_of(service.ledger, session)
    if not may(operation, held):
        raise _denied(service, request, session, operation)
    return Caller(session, held)


def caller_of(request: Request) -> Caller:
    """Of a request that was let in."""
    return cast("Caller", request.state.caller)


CallerOf: TypeAlias = Annotated[Caller, Depends(caller_of)]


def _session(service: Service, request: Request) -> Session:
    token = _token(service, request)
    session = find_session(service, token) if token else None
    if session is None:
        raise refuse("SESSION_NONE", WWW_Authenticate='Bearer realm="archive-ledger"')
    try:
        check_key_now(service.ledger, read_signer(session.certificate), session.iss)
    except EvidenceError as error:
        reason = Reason(error.code, error.at, error.expected, error.found)
        raise ProblemError(Problem(401, error.code, (reason,), like="SESSION_NONE")) from error
    return session


def _token(service: Service, request: Request) -> str:
    """From the header of a program, else from a browser's cookie, which other sites can make it send."""
    given = request.headers.get("authorization", "")
    scheme, _, token = given.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    cookie = request.cookies.get(COOKIE, "")
    if cookie and request.method not in _SAFE:
        check_origin(service, request)
    return cookie


def check_origin(service: Service, request: Request) -> None:
    """Raises ProblemError ORIGIN_OTHER unless the browser says that the request is from our own pages."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if origin != service.url or site not in ("same-origin", "none"):
        raise refuse("ORIGIN_OTHER", "Origin", service.url, (origin or "none")[:200])


def _denied(service: Service, request: Request, session: Session, operation: str) -> ProblemError:
    """Recorded, and refused. Beyond the limit nothing is recorded, and nothing else is answered."""
    wait = service.rates.wait("denied", session.agent, service.limits.denials, 300.0)
    if wait:
        return refuse(
            "TOO_MANY", "requests", f"≤ {service.limits.denials} / 300 s", Retry_After=str(int(wait) + 1)
        )
    state_denied(service, "RIGHT_MISSING", session.agent, address_of(request), operation)
    rule = RIGHTS[operation]
    allowed = rule if isinstance(rule, str) else " ".join(sorted(rule))
    return refuse("RIGHT_MISSING", operation, allowed, "none of these duties")
