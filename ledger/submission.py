"""What a client hands in: a statement, the signer's certificate, what is disclosed, and a list's items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SubmittedItem:
    """`data`: the item's exact bytes. `disclosures`: base64url texts bound to this item."""

    data: bytes
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """`statement`: exact bytes; `certificate`: the signer's, DER; `items`: in order, of a list statement."""

    statement: bytes
    certificate: bytes
    disclosures: tuple[str, ...] = ()
    items: tuple[SubmittedItem, ...] = ()
