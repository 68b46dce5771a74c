"""The clear claims that statements and list items share. docs/formats.md sections 3 to 5."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from verifier.canonical import Json
from verifier.digests import Digests
from verifier.errors import EvidenceError
from verifier.shape import CODE, DIGEST43, FIELD, HEX32, UUID, Members, date_or_span, is_date, members

CARRIERS = ("paper", "electronic", "both")
COPIES = ("original", "scan", "enhanced", "copy")
FORMAT = re.compile(r"[a-z0-9][a-z0-9.+/-]{0,99}\Z")
MAX_FIELDS = 4096

SHARED = frozenset(
    {"_sd", "answers", "basis", "fields", "files", "late"}
    | {"occurred_at", "outcome", "pages", "reason", "state", "version"}
)
STATEMENT_ONLY = frozenset(
    {"compromised_since", "due", "duty", "erased", "key", "list"}
    | {"record", "seen", "subject", "unit", "uses"}
)
# RFC 9901 section 4.1 forbids some names in a disclosure; every claim's own name joins them.
RESERVED = SHARED | STATEMENT_ONLY | frozenset(["_sd_alg", "agent", "aud", "event", "iss", "jti"])
RESERVED_JWT = frozenset(["iss", "iat", "exp", "nbf", "sub", "cnf", "vct", "status", "...", "_sd"])
_FILE = ("carrier", "copy", "format", "role")
_FILE_DIGESTS = ("sha256", "size", "sm3")


@dataclass(frozen=True)
class FileClaim:
    """One file of a record. `digests` and `size` are absent when they are a disclosure."""

    role: str
    format: str
    carrier: str
    copy: str
    digests: Digests | None
    size: int | None


@dataclass(frozen=True)
class Claims:
    """What a statement or an item says in clear, beside who and when.

    `sd[n]` is the digest of the disclosure named `fields[n]`: a name has one digest, so whoever shows a
    disclosure has no choice between two of one name.
    """

    answers: tuple[bytes, ...]
    basis: str | None
    fields: tuple[str, ...]
    sd: tuple[str, ...]
    files: tuple[FileClaim, ...]
    late: str | None
    occurred_at: str | None
    outcome: str | None
    pages: int | None
    reason: str | None
    state: str | None
    version: int | None


def digest_of_field(claims: Claims, name: str) -> str | None:
    """The digest that the claims commit to for the disclosure `name`; None if they name no such field."""
    place = bisect_left(claims.fields, name)
    return claims.sd[place] if place < len(claims.fields) and claims.fields[place] == name else None


def read_claims(m: Members) -> Claims:
    """Raises EvidenceError with the code of the first rule broken."""
    m.constant("_sd_alg", "sha-256")
    sd, fields = _selective(m)
    return Claims(
        answers=tuple(bytes.fromhex(t) for t in _texts(m, "answers", HEX32, 64)),
        basis=m.optional_text("basis", CODE),
        fields=fields,
        sd=sd,
        files=tuple(_file(v, at) for at, v in m.objects("files", 1000, 1)) if m.has("files") else (),
        late=m.optional_text("late", CODE),
        occurred_at=date_or_span(m.text("occurred_at"), f"{m.at}.occurred_at")
        if m.has("occurred_at")
        else None,
        outcome=m.optional_text("outcome", CODE),
        pages=m.optional_integer("pages"),
        reason=m.optional_text("reason", CODE),
        state=m.optional_text("state", CODE),
        version=m.optional_integer("version"),
    )


def _texts(m: Members, name: str, pattern: re.Pattern[str], most: int) -> tuple[str, ...]:
    return m.texts(name, pattern, most, 1) if m.has(name) else ()


def _selective(m: Members) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # In the order of `fields`, which is ascending.
    sd = m.texts("_sd", DIGEST43, MAX_FIELDS, 1, ordered=False) if m.has("_sd") else ()
    fields = _texts(m, "fields", FIELD, MAX_FIELDS)
    if len(set(sd)) != len(sd):
        raise EvidenceError("SHAPE_ORDER", f"{m.at}._sd", "no repeats")
    if len(sd) != len(fields):
        raise EvidenceError("SD_COUNT", m.at, f"{len(fields)} digests", str(len(sd)))
    for name in fields:
        check_field_name(name, m.at)
    return sd, fields


def check_field_name(name: str, at: str) -> None:
    """Raises EvidenceError SD_CLEAR_CLAIM if a disclosure may not bear this name."""
    if name in RESERVED or name in RESERVED_JWT:
        raise EvidenceError("SD_CLEAR_CLAIM", at, "a name that is no clear claim", name)


def _file(value: Json, at: str) -> FileClaim:
    with_digests = isinstance(value, dict) and any(name in value for name in _FILE_DIGESTS)
    m = members(value, at, _FILE + _FILE_DIGESTS if with_digests else _FILE)
    return FileClaim(
        role=m.text("role", CODE),
        format=m.text("format", FORMAT),
        carrier=m.one_of("carrier", CARRIERS),
        copy=m.one_of("copy", COPIES),
        digests=Digests(m.hex32("sha256"), m.hex32("sm3")) if with_digests else None,
        size=m.integer("size") if with_digests else None,
    )


def read_date(m: Members, name: str) -> str | None:
    date = m.optional_text(name)
    if date is not None and not is_date(date):
        raise EvidenceError("SHAPE_VALUE", f"{m.at}.{name}", "a date", date)
    return date


def read_uuid(m: Members, name: str) -> str | None:
    return m.optional_text(name, UUID)
