"""The trust root: what a verifier must get by another road. docs/formats.md section 11."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from verifier.anchor import ledger_id
from verifier.canonical import Json, base64_bytes, encode, hex_bytes, parse
from verifier.digests import sha256
from verifier.errors import EvidenceError, found_text
from verifier.fabric.configuration import Configuration
from verifier.fabric.history import pin
from verifier.shape import ORIGIN, Members, members

VERSION = "archive-ledger trust v1"
# A genesis block of four organisations has about 50 KB.
MAX_TRUST = 16 * 2**20
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,248}\Z")

_MEMBERS = (
    "chaincode",
    "channel",
    "checkpoint_key",
    "configuration",
    "fingerprint",
    "least_attesters",
    "ledger",
    "version",
)


@dataclass(frozen=True)
class TrustRoot:
    """A trust root that holds together. `fingerprint` is 64 hex digits, `ledger` the ledger id."""

    fingerprint: str
    origin: str
    ledger: bytes
    checkpoint_key: bytes
    channel: str
    chaincode: str
    least_attesters: int
    pinned: Configuration


def fingerprint_of(rest: Mapping[str, Json]) -> str:
    """SHA-256 in hex of the canonical JSON of a trust root without its member `fingerprint`."""
    return sha256(encode({name: value for name, value in rest.items() if name != "fingerprint"})).hex()


def fingerprint_text(fingerprint: str) -> str:
    """The form that two people compare by voice: groups of four, upper case."""
    return "-".join(fingerprint[n : n + 4] for n in range(0, len(fingerprint), 4)).upper()


# What each file of ours begins its version with, and the code for having met it where another belongs.
_KINDS = (("archive-ledger evidence ", "IS_EVIDENCE"), ("archive-ledger trust ", "IS_TRUST_ROOT"))


def check_version(value: Json, version: str, code: str, at: str) -> None:
    """Raises EvidenceError `code` if an object names another version: then its members are not judged.

    An evidence file and a trust root are told from one another: IS_EVIDENCE, IS_TRUST_ROOT.
    """
    if not isinstance(value, dict) or value.get("version", version) == version:
        return
    found = value["version"]
    if isinstance(found, str):
        own = version.rpartition(" ")[0] + " "
        code = next((is_a for begins, is_a in _KINDS if begins != own and found.startswith(begins)), code)
    raise EvidenceError(code, at, version, found_text(found))


def read_trust_root(data: bytes, at: str = "trust root") -> TrustRoot:
    """The rules, in order:

    1. at most 16 MiB of canonical JSON, of this version, with exactly its members;
    2. the fingerprint is that of the rest;
    3. the ledger id is the hash of origin and checkpoint key;
    4. the pinned configuration reads as one (`fabric.history.pin`) and is of the channel named.

    Raises EvidenceError TRUST_SIZE, TRUST_VERSION, IS_EVIDENCE, TRUST_FINGERPRINT, TRUST_LEDGER,
    TRUST_CHANNEL, a code of the strict text forms and shapes, or one of `pin`.
    """
    if len(data) > MAX_TRUST:
        raise EvidenceError("TRUST_SIZE", at, f"≤ {MAX_TRUST}", str(len(data)))
    value = parse(data, at)
    check_version(value, VERSION, "TRUST_VERSION", at)
    m = members(value, at, _MEMBERS)
    fingerprint = m.hex32("fingerprint").hex()
    if fingerprint_of(m.value) != fingerprint:
        raise EvidenceError("TRUST_FINGERPRINT", at, fingerprint_of(m.value), fingerprint)
    ledger = m.child("ledger", ("id", "origin"))
    origin, key = ledger.text("origin", ORIGIN), m.hex32("checkpoint_key")
    if ledger.hex32("id") != ledger_id(origin, key):
        raise EvidenceError("TRUST_LEDGER", f"{at}.ledger", ledger_id(origin, key).hex(), ledger.text("id"))
    root = TrustRoot(
        fingerprint=fingerprint,
        origin=origin,
        ledger=ledger.hex32("id"),
        checkpoint_key=key,
        channel=m.text("channel", NAME),
        chaincode=m.text("chaincode", NAME),
        least_attesters=m.integer("least_attesters", 1),
        pinned=_pinned(m.child("configuration", ("envelopes", "number", "previous"))),
    )
    if root.pinned.channel != root.channel:
        raise EvidenceError("TRUST_CHANNEL", f"{at}.channel", root.channel, found_text(root.pinned.channel))
    return root


def _pinned(m: Members) -> Configuration:
    number = m.integer("number")
    envelopes = m.texts("envelopes", None, 1, 1, ordered=False)
    return pin(
        number,
        # Block 0 has no block before it, and an empty octet string for its hash.
        hex_bytes(m.text("previous"), 32 if number else 0, f"{m.at}.previous"),
        tuple(base64_bytes(text, f"{m.at}.envelopes") for text in envelopes),
    )
