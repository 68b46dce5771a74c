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
# Strings, brackets and commas. Evidence of 32 MiB that is all proofs has about one million.
MAX_TOKENS = 1_500_000
# A string without an end reaches to the end: so the time is linear in the octets, whatever they are.
_TOKEN = re.compile(rb'"[^"]*+"?|[\[\]{},]')
# RFC 8785 section 3.2.3 sorts names by UTF-16 units: only beyond U+FFFF is that another order than by code
# points.
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
# What is no letter of base64url becomes one that is refused.
_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
# Of a last letter that bears four or two bits, by the length of the text modulo 4: the rest must be zero.
_LAST = {0: b"", 2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _check_limits(data: bytes, at: str) -> None:
    """Depth and number of tokens are judged before a parser that recurses and allocates sees them."""
    if len(data) <= MAX_TOKENS and data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
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


_DECODER = json.JSONDecoder(parse_float=_refuse_constant, parse_int=_integer, parse_constant=_refuse_constant)
# The same, which sees a member that is repeated: slower, so only asked why something was refused.
_EXPLAINER = json.JSONDecoder(
    parse_float=_refuse_constant,
    parse_int=_integer,
    parse_constant=_refuse_constant,
    object_pairs_hook=_members,
)
# Without any of these there is but one way to write what is written: no space, no escape, no names to sort.
_WRITTEN_OTHERWISE = re.compile(rb"[\s\\{]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _check_values(value: object) -> None:
    """Numbers that RFC 8785 would write, and this format does not have. Raises JSON_NULL, JSON_NUMBER."""
    stack = [value]
    while stack:
        item = stack.pop()
        if item is None:
            raise EvidenceError("JSON_NULL")
        if isinstance(item, int | float):
            if not isinstance(item, int) or not 0 <= item <= MAX_INTEGER:
                raise EvidenceError("JSON_NUMBER", expected=f"0…{MAX_INTEGER}", found=found_text(item))
        elif isinstance(item, list | tuple):
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
        text = data.decode("utf-8")
        value: Json = _DECODER.decode(text)
        if b"null" in data:
            _check_values(value)
        # A member that is repeated would be written once, so this sees it as well.
        if _WRITTEN_OTHERWISE.search(data) and not _is_written(value, text):
            _EXPLAINER.decode(text)
            raise EvidenceError("JSON_NOT_CANONICAL", at)
    except EvidenceError as error:
        raise EvidenceError(error.code, error.at or at, error.expected, error.found) from None
    except (ValueError, RecursionError) as error:
        raise EvidenceError("JSON_SYNTAX", at, found=found_text(str(error))) from None
    return value


def encode(value: Json) -> bytes:
    """Canonical JSON (RFC 8785). Raises EvidenceError for what has no such form in this format:
    JSON_NOT_CANONICAL, JSON_NULL, JSON_NUMBER."""
    _check_values(value)
    return _written(value)


def _written(value: Json) -> bytes:
    """The standard library writes strings, names and integers as RFC 8785 does, and many times as fast as
    `rfc8785`, which does the rest; a test holds the two together."""
    try:
        text = _ENCODER.encode(value)
        return text.encode("utf-8") if _sorts_alike(text) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError) as error:
        raise EvidenceError("JSON_NOT_CANONICAL", found=found_text(str(error))) from None


def _is_written(value: Json, text: str) -> bool:
    """Whether `text` is the canonical form. Compared as text: of large evidence one copy less is made."""
    if _sorts_alike(text):
        return _ENCODER.encode(value) == text
    return _written(value) == text.encode("utf-8")


def _sorts_alike(text: str) -> bool:
    return text.isascii() or not _BEYOND_BMP.search(text)


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
    over = len(text) % 4
    try:
        octets = text.encode("ascii")
        if over and octets[-1] not in _LAST.get(over, b""):
            raise ValueError
        return binascii.a2b_base64(octets.translate(_STANDARD) + b"=" * (-over % 4), strict_mode=True)
    except ValueError:
        raise EvidenceError("BASE64URL", at, found=found_text(text)) from None


def base64url_text(data: bytes) -> str:
    written = binascii.b2a_base64(data, newline=False).translate(_URL_SAFE)
    return written.rstrip(b"=").decode("ascii")
