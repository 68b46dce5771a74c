"""Anchoring: brings the batch in flight onto the chain, exactly once.

The outbox goes sealed → submitted → anchored. The transaction id is stored before anything is sent. A
submit that failed may still have been ordered, so after any doubt the chain is asked what it holds;
the state there, not our memory, decides.
"""

from __future__ import annotations

import time

from sqlalchemy import func, insert, select, update

from ledger.alarms import CHAIN_AHEAD, CHAIN_BEHIND, CHAIN_COMMIT_WAITS, CHAIN_OTHER_ANCHOR, ORDERERS_WAIT
from ledger.batch import EncodedBatch
from ledger.chain_state import agreed_anchor_bytes, credible, head, heads, judge
from ledger.configurations import sync_configurations
from ledger.fabric.endorse import endorse_widely
from ledger.fabric.gateway import VALID, Chain, Endorsed, commit_status, proposal, submit
from ledger.fabric.refusal import RefusedError
from ledger.handle import Ledger
from ledger.reread import reread
from ledger.settle_anchor import Anchored, settle_anchor
from ledger.store.engine import reading, writing
from ledger.store.tables import SEALED, SUBMITTED, batch
from ledger.store.tables import anchor_attempt as attempt_table
from verifier.anchor import Anchor, parse_anchor
from verifier.errors import ChainError, LedgerError
from verifier.fabric.transaction import read_transaction
from verifier.shape import instant_of

TRIES = 3
# A transaction that was taken is in a block in milliseconds; after a change of leader in seconds. One whose
# submission failed is asked after for a shorter time: most often it was not taken, but it may have been.
COMMIT_SECONDS = 15.0
DOUBTFUL_COMMIT_SECONDS = 3.0
# A peer that has just been started again reads the blocks that it missed.
LAG_SECONDS = 10.0
# A clock that went back a little is waited for; more than this is an alarm.
CLOCK_WAIT_SECONDS = 10.0


def in_flight(ledger: Ledger) -> int | None:
    """The number of the batch that is sealed or submitted and not known to be anchored."""
    with reading(ledger.engine) as connection:
        number = connection.execute(
            select(func.min(batch.c.number)).where(batch.c.state.in_((SEALED, SUBMITTED)))
        ).scalar()
    return None if number is None else int(number)


def anchor(ledger: Ledger, chain: Chain) -> Anchored | None:
    """Anchors the batch in flight; None if there is none. Call it before sealing: it sees a chain ahead.

    Raises ChainError CHAIN_UNREACHABLE, CHAIN_REFUSED, CHAIN_NO_QUORUM, CHAIN_COMMIT_WAITS, OWN_CLOCK,
    CLIENT_DENIED (try again later, nothing is lost), and the alarms CHAIN_OTHER_ANCHOR, CHAIN_AHEAD,
    CHAIN_BEHIND; LedgerError CLOCK_BACK and those of `reread`.
    """
    number = in_flight(ledger)
    if number is None:
        _not_ahead(ledger, chain)
        return None
    sync_configurations(ledger, chain)
    encoded = reread(ledger, number)
    doubt: ChainError | None = None
    endorsed: Endorsed | None = None
    for _ in range(TRIES):
        found = _look(ledger, chain, encoded)
        if found is not None:
            return settle_anchor(ledger, chain, found, endorsed)
        try:
            endorsed = endorse_batch(ledger, chain, encoded)
        except RefusedError:
            # Another process of ours may have anchored it since we looked.
            found = _look(ledger, chain, encoded)
            if found is None:
                raise
            return settle_anchor(ledger, chain, found, None)
        attempt = _remember(ledger, encoded, endorsed)
        doubt = _send(chain, endorsed)
        if doubt is None:
            found = _look(ledger, chain, encoded, seconds=LAG_SECONDS)
            if found is not None:
                return settle_anchor(ledger, chain, found, endorsed)
            doubt = ChainError("CHAIN_UNREACHABLE", f"batch {number}", "an anchor", "none")
        _outcome(ledger, attempt, doubt)
        if doubt.code in ORDERERS_WAIT:
            break
    found = _look(ledger, chain, encoded)
    if found is not None:
        return settle_anchor(ledger, chain, found, endorsed)
    raise doubt or ChainError("CHAIN_UNREACHABLE", f"batch {number}", "an anchor", "none")


def _send(chain: Chain, endorsed: Endorsed) -> ChainError | None:
    """None when the transaction is committed and valid. An error when submitting decides nothing: the
    orderers may have the transaction all the same, so it is always asked after."""
    trouble: ChainError | None = None
    try:
        submit(chain, endorsed)
    except ChainError as error:
        trouble = error
    seconds = COMMIT_SECONDS if trouble is None else DOUBTFUL_COMMIT_SECONDS
    try:
        code = commit_status(chain, endorsed.txid, seconds).code
    except ChainError as error:
        return trouble or ChainError(CHAIN_COMMIT_WAITS, endorsed.txid, f"≤ {seconds:.0f} s", error.found)
    return None if code == VALID else ChainError("TRANSACTION_INVALID", endorsed.txid, "VALID", str(code))


def _look(ledger: Ledger, chain: Chain, encoded: EncodedBatch, seconds: float = 0.0) -> bytes | None:
    """The batch's anchor if the chain has it, waited for `seconds`; None if it is the chain's next.
    Otherwise an alarm: only by the word of so many organisations that one of them is honest."""
    number = encoded.number
    deadline = time.monotonic() + seconds
    lagging = time.monotonic() + LAG_SECONDS
    while True:
        reached = heads(ledger, chain)
        credibly = reached[credible(chain) - 1]
        data = agreed_anchor_bytes(ledger, chain, number) if credibly >= number else None
        if data is not None:
            break
        now = time.monotonic()
        if credibly >= number:
            if now > lagging:
                raise ChainError(CHAIN_OTHER_ANCHOR, f"batch {number}", "an anchor", "absent")
        elif reached[0] < number - 1 and len(reached) > len(chain.organisations) // 2:
            if now > lagging:
                raise ChainError(
                    CHAIN_BEHIND, f"batch {number}", f"anchor {number - 1}", f"anchor {reached[0]}"
                )
        elif now > deadline:
            return None
        time.sleep(0.1)
    found = parse_anchor(data, "chain")
    if credibly > number and not is_same(found, encoded):
        raise ChainError(CHAIN_AHEAD, "ledger", f"batch {number - 1}", f"batches {number}…{credibly}")
    _compare(found, encoded)
    return data


def _not_ahead(ledger: Ledger, chain: Chain) -> None:
    """An old back-up must not seal over what is already anchored. Raises ChainError CHAIN_AHEAD."""
    newest = head(ledger, chain)
    with reading(ledger.engine) as connection:
        last = connection.execute(select(func.max(batch.c.number))).scalar()
    if newest is None or last is None or newest.batch <= last:
        return
    reached = heads(ledger, chain)[credible(chain) - 1]
    if reached > last:
        raise ChainError(CHAIN_AHEAD, "ledger", f"batch {last}", f"batches {last + 1}…{reached}")


def is_same(found: Anchor, encoded: EncodedBatch) -> bool:
    """Whether the anchor is the batch's, whenever it was made."""
    ours = (encoded.number, encoded.size, encoded.roots, encoded.previous_digest)
    return ours == (found.batch, found.size, found.roots, found.previous)


def _compare(found: Anchor, encoded: EncodedBatch) -> None:
    if not is_same(found, encoded):
        raise ChainError(
            CHAIN_OTHER_ANCHOR,
            f"batch {encoded.number}",
            f"{encoded.size} {encoded.roots.sha256.hex()}",
            f"{found.size} {found.roots.sha256.hex()}",
        )


def endorse_batch(ledger: Ledger, chain: Chain, encoded: EncodedBatch) -> Endorsed:
    """The organisations' signatures under the batch; nothing is sent. Raises RefusedError."""
    _wait_for_clock(ledger, encoded)
    arguments, transient = ["Anchor", ledger.id.hex()], {"batch": encoded.data}
    endorsed = endorse_widely(chain, proposal(chain, arguments, transient), judge(ledger))
    _compare(parse_anchor(read_transaction(endorsed.payload, "endorsed").response, "endorsed"), encoded)
    return endorsed


def _wait_for_clock(ledger: Ledger, encoded: EncodedBatch) -> None:
    """Raises LedgerError CLOCK_BACK."""
    earliest = encoded.not_before
    deadline = time.monotonic() + CLOCK_WAIT_SECONDS
    while earliest is not None and instant_of(ledger.now()) < earliest:
        if time.monotonic() > deadline:
            raise LedgerError("CLOCK_BACK", "clock", f"≥ {earliest}", instant_of(ledger.now()))
        time.sleep(0.05)


def _remember(ledger: Ledger, encoded: EncodedBatch, endorsed: Endorsed) -> int:
    """Raises LedgerError BATCH_UNKNOWN if another process has taken the batch back: then nothing is sent."""
    number = encoded.number
    with writing(ledger.engine) as connection:
        kept = connection.execute(select(batch.c.sha256).where(batch.c.number == number)).scalar()
        if kept != encoded.roots.sha256:
            raise LedgerError("BATCH_UNKNOWN", f"batch {number}", encoded.roots.sha256.hex(), "taken back")
        result = connection.execute(
            insert(attempt_table).values(
                batch=number, txid=bytes.fromhex(endorsed.txid), started_at=instant_of(ledger.now())
            )
        )
        connection.execute(update(batch).where(batch.c.number == number).values(state=SUBMITTED))
    key = result.inserted_primary_key
    if key is None:
        raise LedgerError("STORE_FAILED", "anchor_attempt")
    return int(key[0])


def _outcome(ledger: Ledger, attempt: int, error: ChainError) -> None:
    with writing(ledger.engine) as connection:
        connection.execute(
            update(attempt_table)
            .where(attempt_table.c.id == attempt)
            .values(ended_at=instant_of(ledger.now()), outcome=error.code, detail=str(error))
        )
