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
from api.http.note import Note, current
from api.http.problem import Problem, ProblemError, refuse
from api.http.refused import Attempt, is_refusal, record
from api.http.rights import ANYONE, RIGHTS, may
from api.http.service import Service
from api.http.sessions import Session, find_session, has_ended
from ledger.people_now import check_key_now
from verifier.certificate import read_signer
from verifier.errors import EvidenceError
from verifier.report import Reason

COOKIE = "archive_session"
_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])
_BEARER = {"WWW_Authenticate": 'Bearer realm="archive-ledger"'}


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
                problem = problem_for(error, note)
                if is_refusal(problem, operation):
                    problem = await run_in_threadpool(_recorded, request, problem, note)
                return problem_answer(problem, note)

        return handled


def let_in(request: Request, operation: str) -> Caller:
    """Raises ProblemError SESSION_NONE, SESSION_ENDED, ORIGIN_OTHER, RIGHT_MISSING, and why a key no longer
    counts."""
    service = service_of(request)
    session = _session(service, request)
    held = duties.duties_of(service.ledger, session)
    if not may(operation, held):
        rule = RIGHTS[operation]
        allowed = rule if isinstance(rule, str) else " ".join(sorted(rule))
        raise refuse("RIGHT_MISSING", operation, allowed, "none of these duties")
    return Caller(session, held)


def caller_of(request: Request) -> Caller:
    """Of a request that was let in."""
    return cast("Caller", request.state.caller)


CallerOf: TypeAlias = Annotated[Caller, Depends(caller_of)]


def _session(service: Service, request: Request) -> Session:
    note = current()
    token, by_browser = _token(request)
    note.credential = bool(token)
    session = find_session(service, token) if token else None
    if session is None:
        raise refuse("SESSION_NONE", **_BEARER)
    note.named = session.agent
    if has_ended(service, session):
        raise refuse("SESSION_ENDED", **_BEARER)
    note.agent = session.agent
    if by_browser and request.method not in _SAFE:
        check_origin(service, request)
    try:
        check_key_now(service.ledger, read_signer(session.certificate), session.iss)
    except EvidenceError as error:
        reason = Reason(error.code, error.at, error.expected, error.found)
        raise ProblemError(Problem(401, error.code, (reason,), like="SESSION_NONE")) from error
    return session


def _token(request: Request) -> tuple[str, bool]:
    """From the header of a program, else from a browser's cookie, which other sites can make it send."""
    given = request.headers.get("authorization", "")
    scheme, _, token = given.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), False
    return request.cookies.get(COOKIE, ""), True


def check_origin(service: Service, request: Request) -> None:
    """Raises ProblemError ORIGIN_OTHER unless the browser says that the request is from our own pages."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if origin != service.url or site not in ("same-origin", "none"):
        raise refuse("ORIGIN_OTHER", "Origin", service.url, (origin or "none")[:200])


def attempt_of(request: Request, note: Note) -> Attempt:
    # A sign-in shows a certificate, or what was meant for one.
    shown = note.credential or note.operation == "sign_in"
    return Attempt(note.operation, address_of(request), note.agent, note.named, shown)


def _recorded(request: Request, problem: Problem, note: Note) -> Problem:
    """The refusal as it is answered, once it is on record. Beyond the limits it waits: that is the answer,
    but to a stranger who asks for something else than to sign in, and learns what they lack."""
    service = service_of(request)
    try:
        wait = record(service, problem, attempt_of(request, note))
    except Exception as error:  # noqa: BLE001  not on record, so not answered as if it were
        return problem_for(error, note)
    if not wait:
        return problem
    later = str(int(wait) + 1)
    if note.operation == "sign_in":
        limit = f"≤ {service.limits.refusals} / 300 s"
        return refuse("SIGN_IN_LIMITED", "sign-in", limit, Retry_After=later).problem
    if note.agent:
        return refuse(
            "TOO_MANY", "requests", f"≤ {service.limits.denials} / 300 s", Retry_After=later
        ).problem
    return problem
