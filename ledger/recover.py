"""Recovery: anchored batches that this store lacks come back from the organisations' replicas.

Nothing in a replica is believed. A copy counts if what this ledger derives from it is, octet for octet, what
was copied, and has the size, roots and last time of the anchor that the organisations say is on the chain.
What was never given to the chain does not come back: files, disclosures, and the times of acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, update

from ledger.alarms import CHAIN_OTHER_ANCHOR
from ledger.anchor import anchor, in_flight
from ledger.chain_state import agreed_anchor_bytes, agreed_head
from ledger.configurations import sync_configurations
from ledger.fabric.gateway import Chain
from ledger.handle import Ledger
from ledger.locking import locked
from ledger.membership import Membership, ders, person_cas
from ledger.other_batch import held_otherwise
from ledger.receipt import sign_receipt
from ledger.replica import ReplicaNoneError, copies, read_copy
from ledger.reread import reread
from ledger.restore_batch import Ders, judge_copied, restore
from ledger.seal import SEAL_LOCK_SECONDS, last_batch
from ledger.store.engine import after_erasure, reading, writing
from ledger.store.portions import portions
from ledger.store.tables import statement
from ledger.unseal import unseal
from verifier.anchor import Anchor, parse_anchor
from verifier.errors import ChainError, EvidenceError
from verifier.report import Reason


@dataclass(frozen=True)
class Recovered:
    """`refused`: copies that were tried first, and why they do not count. `statements`: how many the batch
    holds; `new`: those that the store did not have."""

    number: int
    source: Path
    statements: int
    new: int
    refused: tuple[tuple[Path, Reason], ...]


@dataclass(frozen=True)
class Candidate:
    """What a look ahead finds: the copies of a missing batch that lead to the anchored root by their name."""

    number: int
    root: bytes
    copies: tuple[Path, ...]


def missing(ledger: Ledger, chain: Chain, given_up: int | None = None) -> range:
    """The numbers of the batches that are on the chain and not in this store. Raises ChainError.

    `given_up`: the number of one of ours that is not to count.
    """
    with reading(ledger.engine) as connection:
        last = last_batch(connection)
    first = last.number + 1 if last else 0
    return range(first if given_up is None else given_up, agreed_head(ledger, chain) + 1)


def look(
    ledger: Ledger, chain: Chain, replicas: Sequence[Path], given_up: int | None = None
) -> Iterator[Candidate]:
    """What `recover` would begin with; nothing is read but names, and nothing is written."""
    for number in missing(ledger, chain, given_up):
        found = _anchor(ledger, chain, number)
        root = found.roots.sha256
        fitting = [one.path for one in copies(replicas, ledger.id, number) if one.root == root]
        yield Candidate(number, root, tuple(fitting))


def recover(
    ledger: Ledger,
    chain: Chain,
    replicas: Sequence[Path],
    membership: Membership = person_cas,
    *,
    give_up_own: bool = False,
) -> Iterator[Recovered]:
    """One batch after the other, each whole or not at all; interrupted, it goes on where it stopped.

    `give_up_own`: a batch sealed here, which the chain holds otherwise, is taken back; its statements are
    pending again.
    Raises ReplicaNoneError when no copy of the next batch counts, LedgerError REPLICA_UNREADABLE (a folder),
    those of `seal`; ChainError CHAIN_OTHER_ANCHOR, those of `anchor`.
    """
    sync_configurations(ledger, chain)
    _settle_own(ledger, chain, give_up_own)
    for number in missing(ledger, chain):
        yield _recover(ledger, chain, number, replicas, ders(membership(ledger)))
        anchor(ledger, chain)
    after_erasure(ledger.engine)
    _sign_receipts(ledger)


def _settle_own(ledger: Ledger, chain: Chain, give_up: bool) -> None:
    """The batch in flight here, if the chain has one of its number: ours, or another."""
    number = in_flight(ledger)
    if number is None or agreed_head(ledger, chain) < number:
        return
    found = held_otherwise(ledger, chain)
    if found is None:
        anchor(ledger, chain)
        return
    if not give_up:
        encoded = reread(ledger, number)
        ours, theirs = encoded.roots.sha256.hex(), found.roots.sha256.hex()
        raise ChainError(
            CHAIN_OTHER_ANCHOR, f"batch {number}", f"{encoded.size} {ours}", f"{found.size} {theirs}"
        )
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        unseal(connection, number)


def _recover(ledger: Ledger, chain: Chain, number: int, replicas: Sequence[Path], cas: Ders) -> Recovered:
    anchored = _anchor(ledger, chain, number)
    refused: list[tuple[Path, Reason]] = []
    for one in copies(replicas, ledger.id, number):
        try:
            batch = read_copy(one, ledger.id, number)
            judged = [judge_copied(ledger, copied, batch, cas) for copied in batch.statements]
            new = restore(ledger, anchored, one, batch, judged)
        except EvidenceError as error:
            refused.append((one.path, Reason(error.code, error.at, error.expected, error.found)))
        else:
            return Recovered(number, one.path, len(batch.statements), new, tuple(refused))
    raise ReplicaNoneError(number, refused)


def _anchor(ledger: Ledger, chain: Chain, number: int) -> Anchor:
    data = agreed_anchor_bytes(ledger, chain, number)
    if data is None:
        raise ChainError("CHAIN_UNREACHABLE", f"batch {number}", "an anchor", "none")
    return parse_anchor(data, "chain")


def _sign_receipts(ledger: Ledger) -> None:
    """Those that were lost with the key, once it is back."""
    if ledger.checkpoint_key is None:
        return
    with reading(ledger.engine) as connection:
        query = select(statement.c.id, statement.c.sha256, statement.c.accepted_at, statement.c.due)
        rows = connection.execute(query.where(statement.c.receipt == "")).all()
    for some in portions(rows):
        with writing(ledger.engine) as connection:
            for row in some:
                receipt = sign_receipt(ledger, row.sha256, row.accepted_at, row.due)
                connection.execute(update(statement).where(statement.c.id == row.id).values(receipt=receipt))
