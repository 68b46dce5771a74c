"""A statement: parse its exact bytes, check its signature. docs/formats.md section 3."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from verifier.canonical import base64url_bytes, base64url_text, encode, parse
from verifier.claims import SHARED, STATEMENT_ONLY, Claims, read_claims, read_date, read_uuid
from verifier.digests import Digests, both
from verifier.errors import EvidenceError
from verifier.people import People, read_people
from verifier.shape import CODE, FIELD, MSP_ID, ORIGIN, UUID, Members, members

TYPE = "archive-statement+sd-jwt"
MAX_STATEMENT = 65_536
MAX_ITEMS = 40_000
# The order of P-256's base point, SEC 2 section 2.4.2.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_REQUIRED = ("_sd_alg", "agent", "aud", "event", "iss", "jti", "occurred_at")
_OPTIONAL = SHARED | STATEMENT_ONLY
_ABSENT_WITH_LIST = ("record", "files", "pages", "version", "state")


@dataclass(frozen=True)
class ListClaim:
    """What a list statement says of its items: how many, and the roots over them."""

    id: str
    size: int
    roots: Digests


@dataclass(frozen=True)
class Seen:
    size: int
    root: bytes


@dataclass(frozen=True)
class Statement:
    """A parsed statement. `digests` are of exactly `data`; nothing is ever re-encoded."""

    data: bytes
    digests: Digests
    certificate_sha256: bytes
    signature: bytes
    aud: str
    jti: str
    iss: str
    agent: str
    event: str
    occurred_at: str
    record: str | None
    list: ListClaim | None
    due: str | None
    subject: str | None
    uses: int | None
    people: People | None
    erased: tuple[str, ...]
    seen: Seen | None
    claims: Claims

    @property
    def signed_bytes(self) -> bytes:
        return self.data.rpartition(b".")[0]


def header_bytes(certificate_sha256: bytes) -> bytes:
    """The one header a statement may bear, for a signer's certificate with this SHA-256."""
    return encode({"alg": "ES256", "typ": TYPE, "x5t#S256": base64url_text(certificate_sha256)})


def parse_statement(data: bytes, at: str = "statement") -> Statement:
    """Raises EvidenceError: STATEMENT_SIZE, STATEMENT_FORM, STATEMENT_SIGNATURE_FORM, or a shape's code."""
    if len(data) > MAX_STATEMENT:
        raise EvidenceError("STATEMENT_SIZE", at, f"≤ {MAX_STATEMENT}", str(len(data)))
    try:
        parts = data.decode("ascii").split(".")
    except UnicodeDecodeError:
        raise EvidenceError("STATEMENT_FORM", at, "ASCII header.payload.signature") from None
    if len(parts) != 3:
        raise EvidenceError("STATEMENT_FORM", at, "3 parts", str(len(parts)))
    header, payload, signature = parts[0], *(base64url_bytes(part, at) for part in parts[1:])
    check_signature_form(signature, at)
    certificate = _read_header(header, f"{at}.header")
    m = members(parse(payload, f"{at}.payload"), f"{at}.payload", _REQUIRED, _OPTIONAL)
    return _statement(data, certificate, signature, m)


# All statements of one signer have the same header.
@functools.lru_cache(maxsize=1024)
def _read_header(header: str, at: str) -> bytes:
    """SHA-256 of the signer's certificate."""
    h = members(parse(base64url_bytes(header, at), at), at, ("alg", "typ", "x5t#S256"))
    h.constant("alg", "ES256")
    h.constant("typ", TYPE)
    certificate = base64url_bytes(h.text("x5t#S256"), at)
    if len(certificate) != 32:
        raise EvidenceError("SHAPE_VALUE", f"{at}.x5t#S256", "32 octets", str(len(certificate)))
    return certificate


def _statement(data: bytes, certificate: bytes, signature: bytes, m: Members) -> Statement:
    listing = None
    if m.has("list"):
        for name in _ABSENT_WITH_LIST:
            if m.has(name):
                raise EvidenceError("LIST_CLAIM_OUTSIDE_ITEM", m.at, "in the items", name)
        child = m.child("list", ("id", "sha256", "size", "sm3"))
        listing = ListClaim(
            child.text("id", UUID),
            child.integer("size", 1, MAX_ITEMS),
            Digests(child.hex32("sha256"), child.hex32("sm3")),
        )
    seen = m.child("seen", ("root", "size")) if m.has("seen") else None
    event = m.text("event", CODE)
    erased = m.texts("erased", FIELD, 4096, 1) if m.has("erased") else ()
    if bool(erased) != (event == "disclosure.erase"):
        raise EvidenceError("ERASED_CLAIM", m.at, "erased with disclosure.erase only", event)
    people = read_people(m, event)
    claims = read_claims(m)
    return Statement(
        data=data,
        digests=both(data),
        certificate_sha256=certificate,
        signature=signature,
        aud=m.text("aud", ORIGIN),
        jti=m.text("jti", UUID),
        iss=m.text("iss", MSP_ID),
        agent=m.text("agent", UUID),
        event=event,
        occurred_at=claims.occurred_at or "",
        record=read_uuid(m, "record"),
        list=listing,
        due=read_date(m, "due"),
        subject=read_uuid(m, "subject"),
        uses=m.integer("uses", 1) if m.has("uses") else None,
        people=people,
        erased=erased,
        seen=Seen(seen.integer("size"), seen.hex32("root")) if seen else None,
        claims=claims,
    )


def check_signature_form(signature: bytes, at: str) -> None:
    """RFC 7518 section 3.4's r || s, and s in the lower half so that no second form of it verifies."""
    if len(signature) != 64:
        raise EvidenceError("STATEMENT_SIGNATURE_FORM", at, "64 octets", str(len(signature)))
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < P256_ORDER or not 0 < s <= P256_ORDER // 2:
        raise EvidenceError("STATEMENT_SIGNATURE_FORM", at, "0 < r < n, 0 < s ≤ n/2")


def check_signature(statement: Statement, key: ec.EllipticCurvePublicKey, at: str = "statement") -> None:
    """Raises EvidenceError STATEMENT_SIGNATURE."""
    r, s = statement.signature[:32], statement.signature[32:]
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    try:
        key.verify(der, statement.signed_bytes, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise EvidenceError("STATEMENT_SIGNATURE", at) from None
