"""Who is signed in. Of a session's token only the digest is kept: whoever reads the store cannot use it."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.http.problem import refuse
from api.http.service import Service
from ledger.store.engine import reading, writing
from ledger.store.tables import answered_challenge, session
from verifier.canonical import base64url_text
from verifier.certificate import Signer
from verifier.digests import sha256
from verifier.shape import instant_of

_KEPT = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Session:
    """`token`: SHA-256 of it; `certificate`: DER, of the person who signed in; `ended_at`: by signing out."""

    token: bytes
    agent: str
    iss: str
    certificate: bytes
    expires_at: str
    ended_at: str | None = None


def open_session(
    service: Service, challenge: str, ends: str, signer: Signer, iss: str
) -> tuple[str, Session]:
    """The token, told this once, and the session. Raises ProblemError CHALLENGE_USED."""
    token = base64url_text(secrets.token_bytes(32))
    now = service.ledger.now()
    life = datetime.timedelta(seconds=service.limits.session_seconds)
    expires = instant_of(min(now + life, signer.not_after))
    opened = Session(_digest(token), signer.agent, iss, signer.der, expires)
    try:
        with service.writing, writing(service.ledger.engine) as connection:
            before = instant_of(now - _KEPT)
            connection.execute(delete(answered_challenge).where(answered_challenge.c.expires_at < before))
            connection.execute(delete(session).where(session.c.expires_at < before))
            digest = sha256(challenge.encode())
            connection.execute(insert(answered_challenge).values(sha256=digest, expires_at=ends))
            connection.execute(
                insert(session).values(
                    token=opened.token,
                    agent=opened.agent,
                    iss=opened.iss,
                    certificate=opened.certificate,
                    opened_at=instant_of(now),
                    expires_at=expires,
                )
            )
    except IntegrityError:
        raise refuse("CHALLENGE_USED", "challenge", "one answer", "a second") from None
    return token, opened


def find_session(service: Service, token: str) -> Session | None:
    """None if nobody ever signed in with it; see `has_ended`. Of sessions a day is remembered."""
    with reading(service.ledger.engine) as connection:
        row = connection.execute(select(session).where(session.c.token == _digest(token))).one_or_none()
    if row is None:
        return None
    return Session(row.token, row.agent, row.iss, row.certificate, row.expires_at, row.ended_at)


def has_ended(service: Service, found: Session) -> bool:
    return found.ended_at is not None or found.expires_at <= instant_of(service.ledger.now())


def end_session(service: Service, ended: Session) -> None:
    with service.writing, writing(service.ledger.engine) as connection:
        connection.execute(
            update(session)
            .where(session.c.token == ended.token)
            .values(ended_at=instant_of(service.ledger.now()))
        )


def _digest(token: str) -> bytes:
    # 256 random bits need no salt, and no slow hash.
    return sha256(token.encode())
