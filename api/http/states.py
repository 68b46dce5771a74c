"""What the service itself states, with its own key: sign-ins, refusals, uses by people through it.

Each is durable before the call returns; if it cannot be kept the call raises, and nothing is served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from api.http.note import current
from api.http.problem import ProblemError, of_reasons, refuse
from api.http.service import Service, take
from ledger.accept import SubmissionsRefusedError
from ledger.sign import Draft, Fields, sign_statement
from verifier.claims import FileClaim
from verifier.shape import UUID, instant_of

# A reason code → the code under which the catalogue knows why somebody was not let in.
DENIED: Mapping[str, str] = {
    "CERTIFICATE_AGENT": "bad_signature",
    "CERTIFICATE_DATE": "certificate_expired",
    "CERTIFICATE_ENDS_BEFORE_DUE": "certificate_expired",
    "CHALLENGE_EXPIRED": "stale_challenge",
    "CHALLENGE_OTHER": "stale_challenge",
    "CHALLENGE_USED": "stale_challenge",
    "CERTIFICATE_ISSUER": "not_enrolled",
    "CERTIFICATE_BEYOND_ISSUER": "not_enrolled",
    "CERTIFICATE_FORM": "not_enrolled",
    "CERTIFICATE_SUBJECT": "not_enrolled",
    "STATEMENT_ISSUER": "not_enrolled",
    "KEY_NOT_ENROLLED": "not_enrolled",
    "KEY_ENROL_ALONE": "not_enrolled",
    "KEY_OTHER_ORGANISATION": "not_enrolled",
    "KEY_REVOKED": "not_enrolled",
    "SIGN_IN_LIMITED": "locked",
    "TOO_MANY": "locked",
    "SIGN_IN_ROLE": "not_authorised",
    "SIGN_IN_SIGNATURE": "bad_signature",
    "STATEMENT_SIGNATURE": "bad_signature",
    "AUDIT_NOT_YOURS": "not_authorised",
    "AUDIT_RIGHT": "not_authorised",
    "ENVELOPE_NOT_FOR_KEY": "not_authorised",
    "ORIGIN_OTHER": "not_authorised",
    "RELEASE_OTHER": "not_authorised",
    "RIGHT_MISSING": "not_authorised",
    "SESSION_ENDED": "not_signed_in",
    "SESSION_NONE": "not_signed_in",
    "SUBMITTER_OTHER": "not_authorised",
}

# What may be wrong with who signs, of that and nothing else.
OF_SIGNER = frozenset(
    [
        "CERTIFICATE_DATE",
        "CERTIFICATE_ENDS_BEFORE_DUE",
        "CERTIFICATE_ISSUER",
        "KEY_ENROL_ALONE",
        "KEY_ENROLLED_LATER",
        "KEY_NOT_ENROLLED",
        "KEY_OTHER_ORGANISATION",
        "KEY_REVOKED",
    ]
)


def state(
    service: Service,
    event: str,
    fields: Fields,
    *,
    subject: str | None = None,
    record: str | None = None,
    files: Sequence[FileClaim] = (),
    basis: str | None = None,
    reason: str | None = None,
    answers: Sequence[bytes] = (),
) -> str:
    """The statement's SHA-256, hex. Raises ProblemError SERVICE_KEY_MISSING, and what `accept` raises."""
    draft = Draft(
        event,
        # To the second, as dates of acts are written.
        f"{instant_of(service.ledger.now())[:19]}Z",
        record=record,
        files=files,
        fields=fields,
        subject=subject,
        basis=basis,
        reason=reason,
        answers=answers,
    )
    signed = sign_statement(service.key, service.ledger.origin, draft)
    try:
        accepted = take(service, [signed])[0]
    except SubmissionsRefusedError as error:
        problem = of_reasons([reason for refusal in error.refusals for reason in refusal.reasons])
        if OF_SIGNER & {reason.code for reason in problem.wrong}:
            # Of the service's own key: whoever asked has done nothing wrong.
            raise refuse("SERVICE_KEY_MISSING") from error
        # Whoever asked has signed nothing that could be signed anew.
        raise ProblemError(replace(problem, like="REQUEST_INVALID")) from error
    current().statements.append(accepted.statement.hex())
    return accepted.statement.hex()


def state_denied(service: Service, code: str, subject: str | None, address: str, detail: str) -> None:
    """That somebody was not let in, or not allowed something. `subject`: who, where it is known.

    To be asked for by `api.http.refused` alone, which counts.
    """
    known = subject if subject is not None and UUID.match(subject) else None
    fields = {"terminal": address, "detail": detail[:500]}
    state(service, "session.denied", fields, subject=known, reason=DENIED.get(code, "bad_signature"))
