"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.http import duties
from api.http.caller import COOKIE, CallerOf, Guarded, ServiceOf, address_of, check_origin
from api.http.forms import BASE64, BASE64URL, Body, base64_octets
from api.http.note import current
from api.http.problem import Problem, ProblemError, refuse
from api.http.sessions import end_session, open_session
from api.http.sign_in import Answer, Judged, ends_at, judge, new_challenge
from api.http.states import state
from verifier.canonical import base64url_bytes
from verifier.errors import EvidenceError
from verifier.shape import MSP_ID

router = APIRouter(tags=["sign-in"], route_class=Guarded)


class ChallengeMade(Body):
    challenge: str = Field(description="The exact text to sign (UTF-8), its last line feed included.")
    expires_at: str


_SIGNATURE = (
    "ES256 over the challenge's octets: r || s, 64 octets, s in the lower half; base64url, no padding."
)


class SignInAsked(Body):
    challenge: Annotated[str, Field(max_length=2000, examples=["archive-ledger sign-in v1\n…"])]
    signature: Annotated[str, Field(pattern=BASE64URL, max_length=200, description=_SIGNATURE)]
    certificate: Annotated[
        str, Field(pattern=BASE64, max_length=8000, description="The signer's, DER in base64.")
    ]
    organisation: Annotated[
        str, Field(pattern="^" + MSP_ID.pattern.replace(r"\Z", "$"), examples=["QingheTownship"])
    ]
    session: Literal["token", "cookie"] = Field("token", description="For a program, or for a browser.")


class SessionShown(Body):
    agent: str
    organisation: str
    duties: list[str]
    expires_at: str


class SessionOpened(SessionShown):
    token: str | None = Field(description="Told once, to a program; null where a cookie was set.")


@router.get("/v1/challenge", operation_id="challenge")
def challenge(service: ServiceOf, request: Request) -> ChallengeMade:
    """A challenge to sign in with: random, for one answer, for a short time, for this service only."""
    text, ends = new_challenge(service)
    return ChallengeMade(challenge=text, expires_at=ends)


@router.post("/v1/session", status_code=201, operation_id="sign_in")
def sign_in(asked: SignInAsked, service: ServiceOf, request: Request, response: Response) -> SessionOpened:
    """Opens a session for whoever signed the challenge. Sign-ins and refusals are recorded."""
    address, limits = address_of(request), service.limits
    wait = service.rates.wait("attempt", address, limits.attempts, 60.0)
    if wait:
        limit = f"≤ {limits.attempts} / 60 s"
        raise refuse("SIGN_IN_LIMITED", "sign-in", limit, Retry_After=str(int(wait) + 1))
    if asked.session == "cookie":
        check_origin(service, request)
    answer = _answer(asked)
    judged = judge(service, answer)
    current().named = judged.signer.agent if judged.signer else ""
    if judged.reasons or judged.signer is None:
        service.metrics.sessions.labels("refused").inc()
        raise _refused(judged)
    signer = judged.signer
    token, opened = open_session(
        service, answer.challenge, ends_at(answer.challenge), signer, answer.organisation
    )
    try:
        state(service, "session.open", {"terminal": address}, subject=signer.agent)
    except BaseException:
        # Not recorded, so not signed in.
        end_session(service, opened)
        raise
    service.metrics.sessions.labels("opened").inc()
    if asked.session == "cookie":
        response.set_cookie(
            COOKIE, token, max_age=limits.session_seconds, path="/", secure=service.secure,
            httponly=True, samesite="strict",
        )  # fmt: skip
    return SessionOpened(
        agent=opened.agent,
        organisation=opened.iss,
        duties=sorted(duties.duties_of(service.ledger, opened)),
        expires_at=opened.expires_at,
        token=token if asked.session == "token" else None,
    )


@router.get("/v1/session", operation_id="show_session")
def show_session(caller: CallerOf) -> SessionShown:
    """Who is signed in, and the duties held now."""
    session = caller.session
    return SessionShown(
        agent=session.agent,
        organisation=session.iss,
        duties=sorted(caller.duties),
        expires_at=session.expires_at,
    )


@router.delete("/v1/session", status_code=204, operation_id="sign_out")
def sign_out(caller: CallerOf, service: ServiceOf, response: Response) -> None:
    """Ends the session; its token is of no use from then on."""
    end_session(service, caller.session)
    response.delete_cookie(COOKIE, path="/", secure=service.secure, httponly=True, samesite="strict")


def _answer(asked: SignInAsked) -> Answer:
    try:
        signature = base64url_bytes(asked.signature, "signature")
    except EvidenceError as error:
        raise refuse("REQUEST_INVALID", error.at, error.expected, error.found) from error
    certificate = base64_octets(asked.certificate, "certificate")
    return Answer(asked.challenge, signature, certificate, asked.organisation)


def _refused(judged: Judged) -> ProblemError:
    codes = dict.fromkeys(reason.code for reason in judged.reasons)
    told = next(iter(codes)) if len(codes) == 1 else "SIGN_IN_REFUSED"
    return ProblemError(Problem(401, told, judged.reasons, like="SIGN_IN_REFUSED"))
