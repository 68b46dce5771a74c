"""Disclosures: salted claims kept apart. RFC 9901 section 4.2, docs/formats.md section 4."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.canonical import base64url_bytes, base64url_text, parse
from verifier.claims import Claims, check_field_name, digest_of_field
from verifier.digests import Digests, sha256
from verifier.errors import EvidenceError, found_text
from verifier.shape import FIELD, members

MAX_DISCLOSURE = 65_536
MAX_VALUE = 32_768
_FILE_FIELD = re.compile(r"file\.(0|[1-9][0-9]{0,3})\.(name|digests)\Z")


@dataclass(frozen=True)
class FileDigests:
    digests: Digests
    size: int


@dataclass(frozen=True)
class Disclosure:
    """`text` is the base64url form that is hashed."""

    text: str
    name: str
    value: str | FileDigests


def disclosure_digest(text: str) -> str:
    """RFC 9901 section 4.2.3: the digest is taken over the ASCII base64url form."""
    return base64url_text(sha256(text.encode("ascii")))


def parse_disclosure(text: str, at: str = "disclosure") -> Disclosure:
    """Raises EvidenceError SD_FORM, SD_CLEAR_CLAIM, or a code of the strict text forms."""
    if len(text) > MAX_DISCLOSURE or not text.isascii():
        raise EvidenceError("SD_FORM", at, f"≤ {MAX_DISCLOSURE} ASCII", str(len(text)))
    value = parse(base64url_bytes(text, at), at)
    if not isinstance(value, list) or len(value) != 3:
        raise EvidenceError("SD_FORM", at, "[salt, name, value]", found_text(value))
    salt, name, content = value
    if not isinstance(salt, str) or len(base64url_bytes(salt, at)) != 16:
        raise EvidenceError("SD_FORM", at, "a salt of 16 octets", found_text(salt))
    if not isinstance(name, str) or not FIELD.match(name):
        raise EvidenceError("SD_FORM", at, "a field name", found_text(name))
    check_field_name(name, at)
    place = file_field(name)
    if place is not None and place[1] == "digests":
        m = members(content, at, ("sha256", "size", "sm3"))
        return Disclosure(
            text, name, FileDigests(Digests(m.hex32("sha256"), m.hex32("sm3")), m.integer("size"))
        )
    if not isinstance(content, str) or len(content.encode()) > MAX_VALUE:
        raise EvidenceError("SD_FORM", at, f"text of at most {MAX_VALUE} octets", found_text(content))
    return Disclosure(text, name, content)


# The same names again and again, of at most 64 characters: FIELD.
@functools.lru_cache(maxsize=1024)
def file_field(name: str) -> tuple[int, str] | None:
    """(n, "name" or "digests") of a field `file.<n>.…`; None for any other field."""
    match = _FILE_FIELD.match(name)
    return (int(match[1]), match[2]) if match else None


def is_bound(claims: Claims, disclosure: Disclosure) -> bool:
    """Whether the claims commit to this disclosure, under its own name."""
    return digest_of_field(claims, disclosure.name) == disclosure_digest(disclosure.text)


def check_disclosures(claims: Claims, shown: Sequence[Disclosure], at: str) -> dict[str, Disclosure]:
    """The disclosures by name, each bound by its digest to the statement or item that made `claims`.

    Raises EvidenceError SD_NOT_BOUND, SD_REPEATED, SD_FILE.
    """
    by_name: dict[str, Disclosure] = {}
    for disclosure in shown:
        if disclosure.name in by_name:
            raise EvidenceError("SD_REPEATED", at, "each name once", disclosure.name)
        if not is_bound(claims, disclosure):
            raise EvidenceError(
                "SD_NOT_BOUND", at, "the digest in _sd of the name in fields", disclosure.name
            )
        by_name[disclosure.name] = disclosure
    for name in claims.fields:
        place = file_field(name)
        if place is None:
            if name.startswith("file."):
                raise EvidenceError("SD_FILE", at, "file.<n>.name or file.<n>.digests", name)
            continue
        number, kind = place
        if number >= len(claims.files):
            raise EvidenceError("SD_FILE", at, f"{len(claims.files)} files", name)
        if kind == "digests" and claims.files[number].digests is not None:
            raise EvidenceError("SD_FILE", at, "a file without clear digests", name)
    return by_name
