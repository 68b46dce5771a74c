"""Strict text forms: canonical JSON, hex, base64, base64url. docs/formats.md section 1."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import NoReturn, TypeAlias

import rfc8785

from verifier.errors import EvidenceError, found_text

Json: TypeAlias = "str | bool | int | list[Json] | dict[str, Json]"

MAX_DEPTH = 8
MAX_INTEGER = 2**53 - 1
_HEX = re.compile(r"[0-9a-f]*\Z")
# Strings, brackets and commas. Evidence of 64 MiB that is all proofs has about two million.
MAX_TOKENS = 3_000_000
# A string without an end reaches to the end: so the time is linear in the octets, whatever they are.
_TOKEN = re.compile(rb'"[^"]*+"?|[\[\]{},]')


def _check_limits(data: bytes, at: str) -> None:
    """Depth and number of tokens are judged before a parser that recurses and allocates sees them."""
    depth = 0
    # Without escaped backslashes and then escaped quotes, every quote begins or ends a string.
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in data else data
    for count, match in enumerate(_TOKEN.finditer(plain), 1):
        mark = plain[match.start()]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise EvidenceError("JSON_DEPTH", at, expected=f"≤ {MAX_DEPTH}")
        if count > MAX_TOKENS:
            raise EvidenceError("JSON_TOKENS", at, expected=f"≤ {MAX_TOKENS}")


def _refuse_constant(name: str) -> NoReturn:
    raise EvidenceError("JSON_NUMBER", found=name)


def _integer(text: str) -> int:
    if len(text) > 16 or text.startswith("-") or int(text) > MAX_INTEGER:
        raise EvidenceError("JSON_NUMBER", expected=f"0…{MAX_INTEGER}", found=found_text(text))
    return int(text)


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise EvidenceError("JSON_REPEATED_MEMBER", found=found_text(",".join(name for name, _ in pairs)))
    return members


def _refuse_null(value: object) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if item is None:
            raise EvidenceError("JSON_NULL")
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())


def parse(data: bytes, at: str) -> Json:
    """The value of canonical JSON `data`; `at` names it in errors.

    Raises EvidenceError: JSON_SYNTAX, JSON_DEPTH, JSON_TOKENS, JSON_NUMBER, JSON_NULL, JSON_REPEATED_MEMBER,
    JSON_NOT_CANONICAL.
    """
    _check_limits(data, at)
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            parse_float=_refuse_constant,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_members,
        )
        _refuse_null(value)
        if encode(value) != data:
            raise EvidenceError("JSON_NOT_CANONICAL", at)
    except EvidenceError as error:
        raise EvidenceError(error.code, error.at or at, error.expected, error.found) from None
    except (ValueError, RecursionError) as error:
        raise EvidenceError("JSON_SYNTAX", at, found=found_text(str(error))) from None
    return value


def encode(value: Json) -> bytes:
    """Canonical JSON (RFC 8785). Raises EvidenceError JSON_NOT_CANONICAL for what has no such form."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise EvidenceError("JSON_NOT_CANONICAL", found=found_text(str(error))) from None


def hex_bytes(text: str, size: int | None, at: str) -> bytes:
    """Octets of lower-case hex; `size` octets if given. Raises EvidenceError HEX."""
    wrong_size = size is not None and len(text) != 2 * size
    if wrong_size or len(text) % 2 or not _HEX.match(text):
        raise EvidenceError("HEX", at, expected=f"{size} octets" if size else "hex", found=found_text(text))
    return bytes.fromhex(text)


def base64_bytes(text: str, at: str) -> bytes:
    """Octets of standard padded base64 with no stray bits. Raises EvidenceError BASE64."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceError("BASE64", at, found=found_text(text)) from None
    if base64_text(data) != text:
        raise EvidenceError("BASE64", at, found=found_text(text))
    return data


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def base64url_bytes(text: str, at: str) -> bytes:
    """Octets of unpadded base64url with no stray bits. Raises EvidenceError BASE64URL."""
    try:
        padded = text + "=" * (-len(text) % 4)
        data = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceError("BASE64URL", at, found=found_text(text)) from None
    if base64url_text(data) != text:
        raise EvidenceError("BASE64URL", at, found=found_text(text))
    return data


def base64url_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
