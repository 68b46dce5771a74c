"""What a signer's client has seen of the log: the newest anchor that it has checked.

A statement that names it was not signed before; and whoever is shown two histories of one log has, in the
statements of either, signed proof that the other was seen.
"""

from __future__ import annotations

from sqlalchemy import select

from ledger.handle import Ledger
from ledger.store.engine import reading
from ledger.store.tables import ATTESTED, anchor, attestation, batch
from verifier.anchor import parse_anchor
from verifier.statement import Seen


def last_seen(ledger: Ledger) -> Seen | None:
    """Size and root of the newest anchor whose block and attestation `attest` has checked; None before."""
    with reading(ledger.engine) as connection:
        data = connection.execute(
            select(anchor.c.data)
            .join(batch, batch.c.number == anchor.c.batch)
            .join(attestation, attestation.c.batch == anchor.c.batch)
            .where(batch.c.state == ATTESTED)
            .order_by(anchor.c.batch.desc())
            .limit(1)
        ).scalar()
    if data is None:
        return None
    checked = parse_anchor(data)
    return Seen(checked.size, checked.roots.sha256)
