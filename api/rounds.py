"""One round of the ledger's work: seal what is pending, anchor it, have it attested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.attest import AttestedBatch
    from ledger.fabric.gateway import Chain
    from ledger.handle import Ledger
    from ledger.settle_anchor import Anchored


@dataclass(frozen=True)
class Round:
    """What one round did: batches anchored, and the attestation of the newest."""

    anchored: tuple[Anchored, ...]
    attested: AttestedBatch | None


def settle(ledger: Ledger, chain: Chain, *, heartbeat: bool = False) -> Round:
    """Seals and anchors until nothing is pending; with `heartbeat` at least one batch, empty if need be.

    Raises what `seal`, `anchor` and `attest` raise; everything done before stays done.
    """
    from ledger.anchor import anchor
    from ledger.attest import attest, attest_rest
    from ledger.seal import seal

    done: list[Anchored] = []
    waiting = anchor(ledger, chain)
    if waiting is not None:
        done.append(waiting)
    while seal(ledger, empty=heartbeat and not done) is not None:
        anchored = anchor(ledger, chain)
        if anchored is not None:
            done.append(anchored)
    return Round(tuple(done), attest(ledger, chain) or attest_rest(ledger, chain))


def look_and_seal(ledger: Ledger, chain: Chain, *, empty: bool = False) -> None:
    """Seals a batch unless one is in flight. The chain is looked at a moment before: an old back-up must not
    seal over what is already anchored, nor a clock that jumped bring a time to come into the log.

    Raises what `anchor` and `seal` raise.
    """
    from ledger.anchor import anchor, in_flight
    from ledger.seal import seal

    if in_flight(ledger) is None:
        anchor(ledger, chain)
        seal(ledger, empty=empty)


def something_pending(ledger: Ledger) -> bool:
    """Whether a statement waits to be sealed; cheap enough to be asked every second."""
    from sqlalchemy import select

    from ledger.pending import waiting
    from ledger.store.engine import reading
    from ledger.store.tables import statement

    with reading(ledger.engine) as connection:
        query = select(statement.c.id).where(waiting(connection)).limit(1)
        return connection.execute(query).first() is not None
