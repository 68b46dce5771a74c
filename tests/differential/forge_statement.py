"""Statements, items and lists as anyone could write them: any claims, any payload, any signature."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from ledger.submission import Submission
from tests.differential.scene import Claims, Person, claims_of, signed, submission
from tests.verifier.forge_people import identifier
from verifier.canonical import base64url_text, encode
from verifier.digests import sha256
from verifier.item import list_roots

Make = Callable[[Person], Submission]
RECORD, OTHER = "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a01", "6f2a9d3e-7a44-4d0c-9b7e-0a4a3f6f8a02"
HASH, OTHER_HASH = "0a" * 32, "0b" * 32
_ITEMS = itertools.count()
DIGESTS = ["A" * 43, "B" * 42 + "A", "C" * 42 + "A"]


def says(**claims: Any) -> Make:
    """A single statement with these claims; None leaves one out."""
    return lambda person: submission(person, claims_of(person, **claims))


def payload(edit: Callable[[bytes], bytes]) -> Make:
    """A statement of an edited payload."""

    def make(person: Person) -> Submission:
        data = signed(person, edit(encode(claims_of(person, record=RECORD))))
        return Submission(data, person.der)

    return make


def replaced(old: bytes, new: bytes) -> Make:
    def edit(data: bytes) -> bytes:
        assert data.count(old) == 1, (old, data)
        return data.replace(old, new)

    return payload(edit)


def text(edit: Callable[[bytes], bytes]) -> Make:
    """A statement of which the whole text is edited."""
    return lambda person: Submission(
        edit(signed(person, encode(claims_of(person, record=RECORD)))), person.der
    )


def file(**changes: Any) -> Claims:
    plain: Claims = {"carrier": "both", "copy": "scan", "format": "image/tiff", "role": "page"}
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def clear(sha: str = HASH, **changes: Any) -> Claims:
    return file(sha256=sha, size=1, sm3=OTHER_HASH, **changes)


def item(**claims: Any) -> bytes:
    plain: Claims = {"_sd_alg": "sha-256", "record": identifier(f"item {next(_ITEMS)}")}
    return encode({name: value for name, value in {**plain, **claims}.items() if value is not None})


def listed(items: Sequence[bytes], listing: Claims | None = None, **claims: Any) -> Make:
    """A list statement over these items; `listing` changes its claim `list`."""
    roots = list_roots(items)
    own: Claims = {"id": OTHER, "sha256": roots.sha256.hex(), "size": len(items), "sm3": roots.sm3.hex()}
    own |= listing or {}
    own = {name: value for name, value in own.items() if value is not None}
    return lambda person: submission(person, claims_of(person, **{"list": own, **claims}), items)


def signature(edit: Callable[[int, int], bytes]) -> Make:
    """A statement whose r and s are edited."""

    def change(data: bytes) -> bytes:
        head, _, tail = data.rpartition(b".")
        raw = base64.urlsafe_b64decode(tail + b"==")
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        return head + b"." + base64url_text(edit(r, s)).encode()

    return text(change)


def rs(r: int, s: int) -> bytes:
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def header(**changes: Any) -> Make:
    def make(person: Person) -> Submission:
        plain = {"alg": "ES256", "typ": "archive-statement+sd-jwt"}
        plain["x5t#S256"] = base64url_text(sha256(person.der))
        head = {name: value for name, value in {**plain, **changes}.items() if value is not None}
        return Submission(signed(person, encode(claims_of(person)), encode(head)), person.der)

    return make


def names(count: int) -> list[str]:
    return [f"a{number:04x}" for number in range(count)]


def of_size(size: int) -> Make:
    """A statement of exactly so many octets, or the next that base64url can have."""

    def make(person: Person) -> Submission:
        made = submission(person, _erasure(person, 0))
        for filling in range((size - len(made.statement)) * 3 // 4 - 8, size):
            made = submission(person, _erasure(person, filling))
            if len(made.statement) >= size:
                return made
        raise AssertionError("unreachable")

    return make


def _erasure(person: Person, filling: int) -> Claims:
    """`filling` octets more in the names that are erased."""
    fixed = [f"b{number:04}" + "b" * 50 for number in range(filling // 58)]
    return claims_of(
        person, event="disclosure.erase", erased=["a" + "a" * (filling % 58), *fixed], answers=[HASH]
    )


def item_of_size(size: int, files: int = 0) -> bytes:
    """Of exactly so many octets, and so many files (or as many as do): formats are as long as need be."""
    one = len(encode([file(format="")])) - 1
    bare = len(item(files=[])) - 1
    count = files or (size - bare) // (one + 50)
    left = size - bare - count * one
    lengths = [left // count + (n < left % count) for n in range(count)]
    made = item(files=[file(format="a" * length) for length in lengths])
    assert len(made) == size
    return made
