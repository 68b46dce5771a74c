"""One batch from an organisation's copy into the store: each statement judged, everything derived again,
compared with the anchor, and then kept whole or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, delete, insert, select

from ledger.anchor import is_same
from ledger.erase import erase
from ledger.examine import Rules
from ledger.examined import Examined
from ledger.handle import Ledger
from ledger.judge import judge
from ledger.keep import Kept, keep
from ledger.locking import locked
from ledger.pending import PendingItem, PendingStatement
from ledger.receipt import sign_receipt
from ledger.replica import CopiedBatch, CopiedStatement, Copy
from ledger.reread import reread_in
from ledger.room import make_room, renumber
from ledger.seal import SEAL_LOCK_SECONDS, last_batch, previous_anchor, write_batch
from ledger.store.engine import writing
from ledger.store.tables import recovery, set_aside, statement
from ledger.submission import Submission, SubmittedItem
from verifier.anchor import Anchor
from verifier.canonical import parse
from verifier.digests import Digests
from verifier.errors import EvidenceError
from verifier.shape import datetime_of, instant_of
from verifier.statement import parse_statement

Ders: TypeAlias = Mapping[str, tuple[bytes, ...]]


def judge_copied(ledger: Ledger, copied: CopiedStatement, batch: CopiedBatch, cas: Ders) -> Examined:
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


def restore(
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
    items = tuple(
        PendingItem(number, Digests(first, second), tuple(trails.split("\n")))
        for number, _, _, first, second, trails in one.items
    )
    first, second, *_, trails = one.statement
    return PendingStatement(key, Digests(first, second), recorded_at, tuple(trails.split("\n")), items)
