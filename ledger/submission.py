"""What a client hands in: a statement, the signer's certificate, what is disclosed, and a list's items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SubmittedItem:
    """`data`: the item's exact bytes. `disclosures`: base64url texts bound to this item."""

    data: bytes
    disclosures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """`statement`: exact bytes; `certificate`: the signer's, DER; `items`: in order, of a list statement.

    Of sealed inquiries (`ledger.audit_door`): `envelope`, in which is kept what the statement withholds;
    `opened`, by SHA-256 of each statement that a release answers, all of its disclosures.
    """

    statement: bytes
    certificate: bytes
    disclosures: tuple[str, ...] = ()
    items: tuple[SubmittedItem, ...] = ()
    envelope: bytes | None = None
    opened: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
