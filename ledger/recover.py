"""Recovery: anchored batches that this store lacks come back from the organisations' replicas.

Nothing in a replica is believed. A copy counts if what this ledger derives from it is, octet for octet, what
was copied, and has the size, roots and last time of the anchor that the organisations say is on the chain.
What was never given to the chain does not come back: files, disclosures, and the times of acceptance.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, delete, insert, select, update

from ledger.anchor import anchor, in_flight, is_same
from ledger.chain_state import agreed_anchor_bytes, agreed_head
from ledger.configurations import sync_configurations
from ledger.erase import erase
from ledger.examine import Rules
from ledger.examined import Examined, judge
from ledger.fabric.gateway import Chain
from ledger.handle import Ledger
from ledger.keep import Kept, keep
from ledger.locking import locked
from ledger.membership import Membership, ders, person_cas
from ledger.pending import PendingItem, PendingStatement
from ledger.receipt import sign_receipt
from ledger.replica import CopiedBatch, CopiedStatement, Copy, copies, read_copy
from ledger.reread import reread, reread_in
from ledger.room import make_room, renumber
from ledger.seal import SEAL_LOCK_SECONDS, last_batch, previous_anchor, write_batch
from ledger.store.engine import reading, truncate_log, writing
from ledger.store.portions import portions
from ledger.store.tables import recovery, set_aside, statement
from ledger.submission import Submission, SubmittedItem
from ledger.unseal import unseal
from verifier.anchor import Anchor, parse_anchor
from verifier.canonical import parse
from verifier.digests import Digests
from verifier.errors import ChainError, EvidenceError, LedgerError
from verifier.report import Reason
from verifier.shape import datetime_of, instant_of
from verifier.statement import parse_statement

Ders: TypeAlias = Mapping[str, tuple[bytes, ...]]


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


def missing(ledger: Ledger, chain: Chain) -> range:
    """The numbers of the batches that are on the chain and not in this store. Raises ChainError."""
    with reading(ledger.engine) as connection:
        last = last_batch(connection)
    return range(last.number + 1 if last else 0, agreed_head(ledger, chain) + 1)


def look(ledger: Ledger, chain: Chain, replicas: Sequence[Path]) -> Iterator[Candidate]:
    """What `recover` would begin with; nothing is read but names, and nothing is written."""
    for number in missing(ledger, chain):
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
    truncate_log(ledger.engine)
    _sign_receipts(ledger)


def _settle_own(ledger: Ledger, chain: Chain, give_up: bool) -> None:
    """The batch in flight here, if the chain has one of its number: ours, or another."""
    number = in_flight(ledger)
    data = agreed_anchor_bytes(ledger, chain, number) if number is not None else None
    if number is None or data is None:
        return
    encoded, found = reread(ledger, number), parse_anchor(data, "chain")
    if is_same(found, encoded):
        anchor(ledger, chain)
        return
    if not give_up:
        ours, theirs = encoded.roots.sha256.hex(), found.roots.sha256.hex()
        raise ChainError(
            "CHAIN_OTHER_ANCHOR", f"batch {number}", f"{encoded.size} {ours}", f"{found.size} {theirs}"
        )
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        unseal(connection, number)


def _recover(ledger: Ledger, chain: Chain, number: int, replicas: Sequence[Path], cas: Ders) -> Recovered:
    anchored = _anchor(ledger, chain, number)
    refused: list[tuple[Path, Reason]] = []
    for one in copies(replicas, ledger.id, number):
        try:
            batch = read_copy(one, ledger.id, number)
            judged = [_judge(ledger, copied, batch, cas) for copied in batch.statements]
            new = _restore(ledger, anchored, one, batch, judged)
        except EvidenceError as error:
            refused.append((one.path, Reason(error.code, error.at, error.expected, error.found)))
        else:
            return Recovered(number, one.path, len(batch.statements), new, tuple(refused))
    raise ReplicaNoneError(number, refused)


class ReplicaNoneError(LedgerError):
    """No copy of the batch counts; `refused` says why those that there are do not."""

    def __init__(self, number: int, refused: Sequence[tuple[Path, Reason]]) -> None:
        found = "; ".join(f"{path}: {reason.code}" for path, reason in refused) or "none"
        super().__init__("REPLICA_NONE", f"batch {number}", "a sound copy", found)
        self.number, self.refused = number, tuple(refused)


def _anchor(ledger: Ledger, chain: Chain, number: int) -> Anchor:
    data = agreed_anchor_bytes(ledger, chain, number)
    if data is None:
        raise ChainError("CHAIN_UNREACHABLE", f"batch {number}", "an anchor", "none")
    return parse_anchor(data, "chain")


def _judge(ledger: Ledger, copied: CopiedStatement, batch: CopiedBatch, cas: Ders) -> Examined:
    """As at acceptance, but at the time of recording, and without disclosures."""
    wanted = parse_statement(copied.statement).certificate_sha256
    if wanted not in batch.certificates:
        raise EvidenceError("CERTIFICATE_MISSING", "certificates", wanted.hex(), "none")
    items = tuple(SubmittedItem(item) for item in copied.items)
    submission = Submission(copied.statement, batch.certificates[wanted], (), items)
    rules = Rules(ledger.origin, cas, {}, copied.recorded_at, copied.recorded_at)
    examined, reasons = judge(submission, rules)
    if examined is None:
        raise EvidenceError(reasons[0].code, reasons[0].at, reasons[0].expected, reasons[0].found)
    return examined


def _restore(
    ledger: Ledger, anchored: Anchor, copy: Copy, batch: CopiedBatch, judged: Sequence[Examined]
) -> int:
    """How many statements are new. Raises EvidenceError, and then nothing was written."""
    recorded = [copied.recorded_at for copied in batch.statements]
    now = instant_of(ledger.now())
    with locked(ledger.paths.seal_lock, SEAL_LOCK_SECONDS), writing(ledger.engine) as connection:
        first = make_room(connection)
        new = _keep(ledger, connection, judged, recorded, first)
        last = last_batch(connection)
        pending = [
            _pending(first + n, one, when) for n, (one, when) in enumerate(zip(judged, recorded, strict=True))
        ]
        previous = previous_anchor(connection, last)
        # When it was sealed only the lost store knew. Each of its times is what `pending` gives for this one.
        sealed_at = recorded[-1] if recorded else anchored.time
        sealed = write_batch(connection, ledger.id, last, previous, tuple(pending), 0, sealed_at)
        encoded = reread_in(connection, ledger.id, sealed.number)
        if not is_same(anchored, encoded) or anchored.last_recorded_at != encoded.last_recorded_at:
            ours, theirs = encoded.roots.sha256.hex(), anchored.roots.sha256.hex()
            raise EvidenceError(
                "REPLICA_ROOT", copy.path.name, f"{anchored.size} {theirs}", f"{encoded.size} {ours}"
            )
        if encoded.data != batch.data:
            raise EvidenceError("REPLICA_DIFFERS", copy.path.name, found=_differing(encoded.data, batch.data))
        row = {"batch": sealed.number, "source": str(copy.path), "at": now}
        connection.execute(insert(recovery), row)
    return new


def _differing(ours: bytes, theirs: bytes) -> str:
    """The members of the two batches that are not alike."""
    first, second = parse(ours, "derived"), parse(theirs, "copy")
    if not isinstance(first, dict) or not isinstance(second, dict):
        return ""
    return " ".join(name for name in sorted(first) if first[name] != second[name])


def _keep(
    ledger: Ledger, connection: Connection, judged: Sequence[Examined], recorded: Sequence[str], first: int
) -> int:
    """Under ids from `first` on, in order; one that is pending here keeps its receipt and disclosures."""
    new: list[tuple[int, Examined, Kept]] = []
    for n, (one, when) in enumerate(zip(judged, recorded, strict=True)):
        query = select(statement.c.id).where(statement.c.sha256 == one.sha256)
        known = connection.execute(query).scalar()
        if known is None:
            new.append((first + n, one, _promise(ledger, one.sha256, when)))
        elif known < first + len(judged):
            raise EvidenceError("STATEMENT_REPEATED", one.sha256.hex(), "once in the log")
        else:
            connection.execute(delete(set_aside).where(set_aside.c.statement_id == known))
            renumber(connection, known, first + n)
    if len({one.sha256 for _, one, _ in new}) != len(new):
        raise EvidenceError("STATEMENT_REPEATED", "statements", "each once in a batch")
    keep(connection, new)
    for _, one, _ in new:
        if one.erasure is not None:
            # What was erased since the old store was saved is erased again.
            erase(connection, one.erasure)
    return len(new)


def _promise(ledger: Ledger, digest: bytes, recorded_at: str) -> Kept:
    """When it was accepted only the lost store knew: no later than it was recorded."""
    due = datetime_of(recorded_at) + datetime.timedelta(seconds=ledger.settings.due_seconds)
    kept = Kept(recorded_at, instant_of(due), "")
    if ledger.checkpoint_key is None:
        return kept
    return Kept(kept.accepted_at, kept.due, sign_receipt(ledger, digest, kept.accepted_at, kept.due))


def _pending(key: int, one: Examined, recorded_at: str) -> PendingStatement:
    row = one.statement
    items = tuple(
        PendingItem(part["number"], Digests(part["sha256"], part["sm3"]), tuple(part["trails"].split("\n")))
        for part in one.items
    )
    digests = Digests(row["sha256"], row["sm3"])
    return PendingStatement(key, digests, recorded_at, tuple(row["trails"].split("\n")), items)


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
