"""Invented people with certificates, and what they sign: statements, items, disclosures. Plain and naive."""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.verifier.fabric.forge_keys import (
    END,
    P256_ORDER,
    SAME_EACH_TIME,
    START,
    Holder,
    certificate,
    named_key,
    orgs,
)

ORIGIN = "qinghe.example/archive"
SPACE = uuid.UUID("6f0a5f0e-1f7d-4b8e-9d57-8c4f6c1d2e3b")

Payload = dict[str, Any]


def identifier(name: str) -> str:
    """The same version-4 uuid for the same name in every run."""
    return str(uuid.UUID(bytes=hashlib.sha256(SPACE.bytes + name.encode()).digest()[:16], version=4))


def url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(value: Any) -> bytes:
    return rfc8785.dumps(value)


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


@dataclass(frozen=True, eq=False)
class Person:
    """`holder` has the key and the certificate; `msp` is what the statement claims as `iss`."""

    agent: str
    msp: str
    holder: Holder

    @property
    def der(self) -> bytes:
        return self.holder.certificate.public_bytes(Encoding.DER)


@functools.cache
def person(
    name: str,
    organisation: int = 0,
    *,
    role: str = "person",
    subject: str = "",
    start: datetime.datetime = START,
    end: datetime.datetime = END,
    issuer: str = "person_ca",
    ca: bool = False,
) -> Person:
    """`subject`: whose uuid the certificate bears, if not the person's own. `issuer`: a member of `Org`."""
    org = orgs()[organisation]
    authority: Holder = getattr(org, issuer)
    names = [
        x509.NameAttribute(NameOID.COMMON_NAME, identifier(subject or name)),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, role),
    ]
    issuing = authority.certificate.subject
    key = named_key(name, organisation, role, subject, start, end, issuer, ca)
    holder = certificate(x509.Name(names), key, issuing, authority.key, ca=ca, start=start, end=end)
    return Person(identifier(name), org.msp, holder)


def disclosure(name: str, value: Any, salt: str = "") -> str:
    """The same salt for the same name in every run, so that one forgery is like the next."""
    octets = hashlib.sha256(f"salt {name} {salt}".encode()).digest()[:16]
    return url(canonical([url(octets), name, value]))


def digest_of(text: str) -> str:
    return url(hashlib.sha256(text.encode()).digest())


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    role: str = "page"

    def digests(self) -> Payload:
        first, second = hashlib.sha256(self.content).hexdigest(), sm3(self.content).hex()
        return {"sha256": first, "size": len(self.content), "sm3": second}

    def claim(self, *, clear: bool = True) -> Payload:
        claim = {"carrier": "both", "copy": "scan", "format": "image/png", "role": self.role}
        return {**claim, **(self.digests() if clear else {})}


def with_fields(claims: Payload, fields: Mapping[str, Any], salt: str) -> tuple[Payload, tuple[str, ...]]:
    """The claims with `_sd` and `fields`, and the disclosures, sorted."""
    named = [disclosure(name, value, salt) for name, value in sorted(fields.items())]
    shown = tuple(sorted(named))
    if shown:
        claims = {**claims, "_sd": [digest_of(text) for text in named], "fields": sorted(fields)}
    return {"_sd_alg": "sha-256", **claims}, shown


@dataclass(frozen=True)
class Signed:
    """A statement, what may be disclosed of it, and its items with theirs."""

    data: bytes
    signer: Person
    disclosures: tuple[str, ...] = ()
    items: tuple[tuple[bytes, tuple[str, ...]], ...] = ()

    @property
    def payload(self) -> Payload:
        octets = self.data.split(b".")[1]
        loaded: Payload = json.loads(base64.urlsafe_b64decode(octets + b"=" * (-len(octets) % 4)))
        return loaded


def sign_bytes(signer: Person, header: bytes, payload: bytes, *, high: bool = False) -> bytes:
    data = f"{url(header)}.{url(payload)}".encode()
    r, s = decode_dss_signature(signer.holder.key.sign(data, SAME_EACH_TIME))
    s = max(s, P256_ORDER - s) if high else min(s, P256_ORDER - s)
    return data + b"." + url(r.to_bytes(32, "big") + s.to_bytes(32, "big")).encode()


def header_of(signer: Person, **changes: Any) -> bytes:
    digest = url(hashlib.sha256(signer.der).digest())
    return canonical({"alg": "ES256", "typ": "archive-statement+sd-jwt", "x5t#S256": digest, **changes})


def state(
    signer: Person,
    name: str,
    event: str,
    fields: Mapping[str, Any] | None = None,
    items: Sequence[tuple[bytes, tuple[str, ...]]] = (),
    edit: Callable[[Payload], object] | None = None,
    **claims: Any,
) -> Signed:
    """A signed statement named `name` (whence its jti); `edit` acts on the payload before it is signed."""
    payload, shown = with_fields(
        {
            "agent": signer.agent,
            "aud": ORIGIN,
            "event": event,
            "iss": signer.msp,
            "jti": identifier(f"jti {name}"),
            "occurred_at": "2026-01-12",
            **claims,
        },
        {"agent_name": "张三", **(fields or {})},
        name,
    )
    if edit is not None:
        edit(payload)
    data = sign_bytes(signer, header_of(signer), canonical(payload))
    return Signed(data, signer, shown, tuple(items))


def item(
    name: str, record: str, fields: Mapping[str, Any] | None = None, **claims: Any
) -> tuple[bytes, tuple[str, ...]]:
    body, shown = with_fields({"record": identifier(record), **claims}, fields or {}, f"item {name}")
    return canonical(body), shown
