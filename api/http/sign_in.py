"""Signing in: a challenge, and its answer by the person's own key. No password is anywhere.

The challenge is text: the octets of it are signed. It says what it is for, so that no statement can be taken
for one (a statement begins with base64url of `{`), and names this service, so that an answer given to another
is of no use here.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.http.service import Service
from api.sign_in_text import FIRST_LINE, challenge_text
from ledger.accept import rules_now
from ledger.examine import judge_certificate
from ledger.people_now import check_key_now
from verifier.canonical import base64url_text
from verifier.certificate import Signer, read_signer
from verifier.errors import EvidenceError, LedgerError
from verifier.report import Reason
from verifier.shape import instant_of
from verifier.statement import check_signature_form


@dataclass(frozen=True)
class Answer:
    """What somebody hands in to sign in: the challenge's text, r || s, the certificate (DER) and whose."""

    challenge: str
    signature: bytes
    certificate: bytes
    organisation: str


@dataclass(frozen=True)
class Judged:
    """`signer`: None if the certificate cannot be read. `reasons`: why the sign-in is refused, if it is."""

    signer: Signer | None
    reasons: tuple[Reason, ...]


def new_challenge(service: Service) -> tuple[str, str]:
    """The text to sign, and when it ends. Nothing is kept of it until it is answered."""
    ends = service.ledger.now() + datetime.timedelta(seconds=service.limits.challenge_seconds)
    nonce = base64url_text(secrets.token_bytes(32))
    text = _text(service, nonce, instant_of(ends))
    return text, instant_of(ends)


def judge(service: Service, answer: Answer) -> Judged:
    """Every reason at once. Whether the challenge was answered before shows when the session is opened."""
    reasons = _judge_challenge(service, answer.challenge)
    try:
        signer = read_signer(answer.certificate)
    except EvidenceError as error:
        return Judged(None, (*reasons, Reason(error.code, error.at, error.expected, error.found)))
    if signer.role == "service":
        # It states what is done through it, and asks for nothing: who has its key gets no door with it.
        reasons.append(Reason("SIGN_IN_ROLE", "certificate", "person or registrar", signer.role))
    rules = rules_now(service.ledger, service.membership)
    # What is signed in need not be in date any longer than the moment.
    of_certificate = judge_certificate(signer, answer.organisation, replace(rules, due=rules.accepted_at))
    reasons += of_certificate
    try:
        # Of somebody whose certificate is none it would say the same once more.
        if not of_certificate:
            check_key_now(service.ledger, signer, answer.organisation)
    except EvidenceError as error:
        reasons.append(Reason(error.code, error.at, error.expected, error.found))
    if not signed_by(signer.key, answer.challenge.encode(), answer.signature):
        reasons.append(Reason("SIGN_IN_SIGNATURE", "signature", "the challenge, by the certificate's key"))
    return Judged(signer, tuple(reasons))


def signed_by(key: ec.EllipticCurvePublicKey, data: bytes, signature: bytes) -> bool:
    try:
        check_signature_form(signature, "signature")
    except EvidenceError:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def ends_at(challenge: str) -> str:
    """Of a challenge of ours."""
    return challenge.split("\n")[5]


def _judge_challenge(service: Service, text: str) -> list[Reason]:
    lines = text.split("\n")
    if len(lines) != 8 or lines[0] != FIRST_LINE or lines[1] != service.url:
        return [Reason("CHALLENGE_OTHER", "challenge", f"{FIRST_LINE} / {service.url}")]
    nonce, ends = lines[4], lines[5]
    if not hmac.compare_digest(text.encode(), _text(service, nonce, ends).encode()):
        return [Reason("CHALLENGE_OTHER", "challenge", "a challenge of this service, unchanged")]
    now = instant_of(service.ledger.now())
    return [Reason("CHALLENGE_EXPIRED", "challenge", f"≤ {ends}", now)] if now > ends else []


def _text(service: Service, nonce: str, ends: str) -> str:
    said = (service.url, service.ledger.origin, service.ledger.id.hex(), nonce, ends)
    mark = hmac.new(_secret(service), "\n".join(said).encode(), hashlib.sha256).digest()
    return challenge_text(*said, base64url_text(mark))


def _secret(service: Service) -> bytes:
    """Derived from the ledger's own key, so that any process of one ledger knows its challenges."""
    key = service.ledger.checkpoint_key
    if key is None:
        raise LedgerError("CHECKPOINT_KEY_LOST", "checkpoint.key", service.ledger.public_key.hex(), "none")
    derive = HKDF(SHA256(), 32, None, b"archive-ledger sign-in challenge v1")
    return derive.derive(key.private_bytes_raw())
