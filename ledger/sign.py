"""Making statements: a draft, a key and fresh salts give what is handed in. docs/formats.md 3 to 5.

In two steps where key and ledger are apart: `prepare_*` gives the octets to sign, `complete` takes the
signature.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.keys import SigningKey
from ledger.submission import Submission, SubmittedItem
from verifier.canonical import Json, base64url_text, encode
from verifier.claims import Claims, FileClaim
from verifier.digests import sha256
from verifier.disclosure import FileDigests, check_disclosures, disclosure_digest, parse_disclosure
from verifier.errors import EvidenceError
from verifier.item import list_roots, parse_item
from verifier.statement import P256_ORDER, Seen, header_bytes, parse_statement

Fields = Mapping[str, str | FileDigests]


@dataclass(frozen=True)
class ItemDraft:
    """What one item of a list says. `answers`: SHA-256 digests of statements, 32 octets each.

    `disclosures`: ready texts, whose salts somebody else chose, beside those made here of `fields`.
    """

    record: str
    files: Sequence[FileClaim] = ()
    fields: Fields = field(default_factory=dict)
    disclosures: Sequence[str] = ()
    answers: Sequence[bytes] = ()
    basis: str | None = None
    late: str | None = None
    occurred_at: str | None = None
    outcome: str | None = None
    pages: int | None = None
    reason: str | None = None
    state: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Draft:
    """What a statement is to say. `fields`: disclosures by name. The rest as in `ItemDraft`.

    `key`: SHA-256 of a key's SubjectPublicKeyInfo, 32 octets. `duty`, `unit`: as in `verifier.people`.
    """

    event: str
    occurred_at: str
    record: str | None = None
    files: Sequence[FileClaim] = ()
    fields: Fields = field(default_factory=dict)
    disclosures: Sequence[str] = ()
    answers: Sequence[bytes] = ()
    basis: str | None = None
    compromised_since: str | None = None
    due: str | None = None
    duty: str | None = None
    erased: Sequence[str] = ()
    key: bytes | None = None
    late: str | None = None
    outcome: str | None = None
    pages: int | None = None
    reason: str | None = None
    state: str | None = None
    subject: str | None = None
    unit: str | None = None
    uses: int | None = None
    version: int | None = None
    seen: Seen | None = None


@dataclass(frozen=True)
class Author:
    """Whose statement it will be. `certificate_sha256`: of the DER, 32 octets."""

    agent: str
    iss: str
    certificate_sha256: bytes


@dataclass(frozen=True)
class Unsigned:
    """`octets` are exactly what is to be signed: header.payload, ASCII."""

    octets: bytes
    disclosures: tuple[str, ...]
    items: tuple[SubmittedItem, ...]


def sign_statement(key: SigningKey, aud: str, draft: Draft) -> Submission:
    """`aud`: the ledger's origin. Raises EvidenceError if what the draft says breaks a rule of the format."""
    return _sign(key, prepare_statement(author_of(key), aud, draft))


def sign_list(
    key: SigningKey, aud: str, draft: Draft, list_id: str, items: Sequence[ItemDraft]
) -> Submission:
    """One signature over many items; `list_id` stays the list's through every act on it.

    Raises EvidenceError as `sign_statement` does.
    """
    return _sign(key, prepare_list(author_of(key), aud, draft, list_id, items))


def author_of(key: SigningKey) -> Author:
    return Author(key.agent, key.iss, sha256(key.certificate_der))


def prepare_statement(author: Author, aud: str, draft: Draft) -> Unsigned:
    """Raises EvidenceError as `sign_statement` does."""
    disclosures, claims = _claims(draft)
    return _unsigned(author, aud, draft, claims, disclosures, ())


def prepare_list(
    author: Author, aud: str, draft: Draft, list_id: str, items: Sequence[ItemDraft]
) -> Unsigned:
    """Raises EvidenceError as `sign_statement` does."""
    submitted = []
    for number, item in enumerate(items):
        disclosures, claims = _claims(item)
        data = encode({**claims, "_sd_alg": "sha-256", "record": item.record})
        _check_bound(parse_item(data, number, f"items[{number}]").claims, disclosures, f"items[{number}]")
        submitted.append(SubmittedItem(data, disclosures))
    roots = list_roots([item.data for item in submitted])
    disclosures, claims = _claims(draft)
    claims["list"] = {
        "id": list_id,
        "sha256": roots.sha256.hex(),
        "size": len(submitted),
        "sm3": roots.sm3.hex(),
    }
    return _unsigned(author, aud, draft, claims, disclosures, tuple(submitted))


def sign_octets(key: ec.EllipticCurvePrivateKey, octets: bytes) -> bytes:
    """r || s with s in the lower half: of the two forms that verify, the one that the format admits."""
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def complete(unsigned: Unsigned, signature: bytes, certificate_der: bytes) -> Submission:
    """Raises EvidenceError if the statement so made breaks a rule of the format."""
    data = unsigned.octets + b"." + base64url_text(signature).encode()
    _check_bound(parse_statement(data).claims, unsigned.disclosures, "statement")
    return Submission(data, certificate_der, unsigned.disclosures, unsigned.items)


def _sign(key: SigningKey, unsigned: Unsigned) -> Submission:
    return complete(unsigned, sign_octets(key.key, unsigned.octets), key.certificate_der)


def _unsigned(
    author: Author,
    aud: str,
    draft: Draft,
    claims: dict[str, Json],
    disclosures: tuple[str, ...],
    items: tuple[SubmittedItem, ...],
) -> Unsigned:
    claims |= {
        "_sd_alg": "sha-256",
        "agent": author.agent,
        "aud": aud,
        "event": draft.event,
        "iss": author.iss,
        "jti": str(uuid.uuid4()),
    }
    beside: dict[str, Json | None] = {
        "compromised_since": draft.compromised_since,
        "due": draft.due,
        "duty": draft.duty,
        "erased": [*sorted(draft.erased)] or None,
        "key": draft.key.hex() if draft.key else None,
        "record": draft.record,
        "seen": {"root": draft.seen.root.hex(), "size": draft.seen.size} if draft.seen else None,
        "subject": draft.subject,
        "unit": draft.unit,
        "uses": draft.uses,
    }
    claims |= {name: value for name, value in beside.items() if value is not None}
    header = base64url_text(header_bytes(author.certificate_sha256))
    return Unsigned(f"{header}.{base64url_text(encode(claims))}".encode(), disclosures, items)


def _claims(draft: Draft | ItemDraft) -> tuple[tuple[str, ...], dict[str, Json]]:
    """Disclosures (sorted), and the clear claims that statements and items share."""
    by_name = {name: _disclosure(name, value) for name, value in draft.fields.items()}
    for place, text in enumerate(draft.disclosures):
        name = parse_disclosure(text, f"disclosures[{place}]").name
        if name in by_name:
            raise EvidenceError("SD_REPEATED", f"disclosures[{place}]", "each name once", name)
        by_name[name] = text
    names = sorted(by_name)
    named = [by_name[name] for name in names]
    disclosures = tuple(sorted(named))
    values: dict[str, Json | None] = {
        # In the order of `fields`: so each name has its own digest.
        "_sd": [disclosure_digest(text) for text in named] or None,
        "answers": [*sorted({digest.hex() for digest in draft.answers})] or None,
        "basis": draft.basis,
        "fields": [*names] or None,
        "files": [_file(file) for file in draft.files] or None,
        "late": draft.late,
        "occurred_at": draft.occurred_at,
        "outcome": draft.outcome,
        "pages": draft.pages,
        "reason": draft.reason,
        "state": draft.state,
        "version": draft.version,
    }
    return disclosures, {name: value for name, value in values.items() if value is not None}


def _disclosure(name: str, value: str | FileDigests) -> str:
    """A fresh salt of 128 bits each, so that a guessed value cannot be tried against the digest."""
    content: Json = value if isinstance(value, str) else _digests(value)
    return base64url_text(encode([base64url_text(secrets.token_bytes(16)), name, content]))


def _digests(value: FileDigests) -> dict[str, Json]:
    return {"sha256": value.digests.sha256.hex(), "size": value.size, "sm3": value.digests.sm3.hex()}


def _file(file: FileClaim) -> dict[str, Json]:
    clear: dict[str, Json] = {
        "carrier": file.carrier,
        "copy": file.copy,
        "format": file.format,
        "role": file.role,
    }
    if file.digests is not None and file.size is not None:
        clear |= _digests(FileDigests(file.digests, file.size))
    return clear


def _check_bound(claims: Claims, disclosures: Sequence[str], at: str) -> None:
    check_disclosures(claims, [parse_disclosure(text, at) for text in disclosures], at)
