"""The ledger's side in plain naive form: trees by recursion, entries and markers as text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.verifier.forge_people import Signed, sm3

Hash = Callable[[bytes], bytes]
Lines = list[str]
Edit = Callable[[Lines], object]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    """The largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(h: Hash, leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 2.1.1, word for word."""
    if not leaves:
        return h(b"")
    if len(leaves) == 1:
        return h(b"\x00" + leaves[0])
    k = split(len(leaves))
    return h(b"\x01" + root(h, leaves[:k]) + root(h, leaves[k:]))


def path(h: Hash, m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162 2.1.3.1: PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(h, m, leaves[:k]), root(h, leaves[k:])]
    return [*path(h, m - k, leaves[k:]), root(h, leaves[:k])]


def proof(h: Hash, m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 9162 2.1.4.1: PROOF(m, D[n]), 0 < m < n."""
    return _subproof(h, m, leaves, whole=True)


def _subproof(h: Hash, m: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(h, leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*_subproof(h, m, leaves[:k], whole=whole), root(h, leaves[k:])]
    return [*_subproof(h, m - k, leaves[k:], whole=False), root(h, leaves[:k])]


def trail_key(kind: str, subject: str) -> str:
    return sha256(f"archive-ledger trail v1\n{kind}\n{subject}\n".encode()).hex()


@dataclass
class Log:
    """Leaves in order. `heads`: each trail's next seq and last leaf hash."""

    ledger: str
    leaves: list[str] = field(default_factory=list)
    heads: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    markers: dict[int, int] = field(default_factory=dict)
    entries: dict[tuple[str, int | None], int] = field(default_factory=dict)

    def mark(self, batch: int, previous: Sequence[str], edit: Edit | None = None) -> None:
        """`previous`: digest, time and transaction id of the anchor before."""
        lines = ["archive-ledger batch v1", str(len(self.leaves)), self.ledger, str(batch), *previous]
        if edit:
            edit(lines)
        self.markers[batch] = len(self.leaves)
        self.leaves.append("\n".join(lines) + "\n")

    def enter(
        self,
        name: str,
        number: int | None,
        signed: Signed,
        recorded_at: str,
        edit: Edit | None = None,
    ) -> None:
        """The entry of a statement, or of its item `number`; known as (name, number) from now on."""
        payload = signed.payload
        trails = _trails(payload, signed.items[number][0] if number is not None else None)
        lines = ["archive-ledger entry v1", str(len(self.leaves)), recorded_at]
        lines.append(f"{sha256(signed.data).hex()} {sm3(signed.data).hex()}")
        if number is None:
            lines.append("-")
        else:
            data = signed.items[number][0]
            lines.append(f"{number} {sha256(data).hex()} {sm3(data).hex()}")
        for kind, key in trails:
            seq, previous = self.heads.get((kind, key), (0, "-"))
            lines.append(f"{kind} {key} {seq} {previous}")
        if edit:
            edit(lines)
        text = "\n".join(lines) + "\n"
        leaf = sha256(b"\x00" + text.encode()).hex()
        for on in trails:
            self.heads[on] = (self.heads.get(on, (0, "-"))[0] + 1, leaf)
        self.entries[name, number] = len(self.leaves)
        self.leaves.append(text)

    @property
    def octets(self) -> list[bytes]:
        return [leaf.encode() for leaf in self.leaves]

    def shown(self, index: int) -> dict[str, object]:
        """The leaf with its proofs, as evidence carries it."""
        return {
            "text": self.leaves[index],
            "sha256": [p.hex() for p in path(sha256, index, self.octets)],
            "sm3": [p.hex() for p in path(sm3, index, self.octets)],
        }


def _trails(payload: dict[str, Any], item: bytes | None) -> list[tuple[str, str]]:
    source = payload if item is None else json.loads(item)
    found: set[tuple[str, str]] = set()
    if item is None:
        found.add(("agent", trail_key("agent", str(payload["agent"]))))
    about = {
        "key.enrol": "keys",
        "key.revoke": "keys",
        "appoint": "duties",
        "release": "duties",
        "duty.handover": "duties",
    }
    on = about.get(str(payload["event"]))
    if item is None and on is not None and "subject" in payload:
        found.add((on, trail_key(on, str(payload["subject"]))))
    listing = payload.get("list")
    if item is None and isinstance(listing, dict):
        found.add(("list", trail_key("list", str(listing["id"]))))
    if "record" in source:
        found.add(("record", trail_key("record", source["record"])))
    for claim in source.get("files", []):
        if "sha256" in claim:
            found.add(("content", trail_key("content", claim["sha256"])))
    return sorted(found)
