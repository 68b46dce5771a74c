"""Anchoring: brings the batch in flight onto the chain, exactly once.

The outbox goes sealed → submitted → anchored. The transaction id is stored before anything is sent. A
submit that failed may still have been ordered, so after any doubt the chain is asked what it holds;
the state there, not our memory, decides.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from ledger.batch import EncodedBatch
from ledger.chain_state import anchor_bytes, head
from ledger.configurations import history, sync_configurations
from ledger.fabric.blocks import block_by_txid, carried, transaction_number
from ledger.fabric.gateway import Chain, Endorsed, commit_status, endorse_widely, proposal, submit
from ledger.handle import Ledger
from ledger.reread import reread
from ledger.store.engine import reading, writing
from ledger.store.tables import ANCHORED, SEALED, SUBMITTED, batch
from ledger.store.tables import anchor as anchor_table
from ledger.store.tables import anchor_attempt as attempt_table
from verifier.anchor import Anchor, anchor_digest, encode_anchor, parse_anchor
from verifier.canonical import encode
from verifier.errors import ChainError, EvidenceError, LedgerError
from verifier.fabric.block import BlockSignature, CarriedBlock, block_json
from verifier.fabric.configuration import Configuration
from verifier.fabric.quorum import check_block_signature
from verifier.fabric.transaction import read_transaction
from verifier.shape import instant_of

TRIES = 3
# A clock that went back a little is waited for; more than this is an alarm.
CLOCK_WAIT_SECONDS = 10.0
_VALID = 0


@dataclass(frozen=True)
class Anchored:
    """`data` is the anchor's exact bytes; `transaction` its number in block `block`."""

    anchor: Anchor
    data: bytes
    block: int
    transaction: int


def in_flight(ledger: Ledger) -> int | None:
    """The number of the batch that is sealed or submitted and not known to be anchored."""
    with reading(ledger.engine) as connection:
        number = connection.execute(
            select(func.min(batch.c.number)).where(batch.c.state.in_((SEALED, SUBMITTED)))
        ).scalar()
    return None if number is None else int(number)


def anchor(ledger: Ledger, chain: Chain) -> Anchored | None:
    """Anchors the batch in flight; None if there is none. Call it before sealing: it sees a chain ahead.

    Raises ChainError CHAIN_UNREACHABLE, CHAIN_REFUSED (try again later, nothing is lost), and the alarms
    CHAIN_OTHER_ANCHOR, CHAIN_AHEAD, CHAIN_BEHIND; LedgerError CLOCK_BACK and those of `reread`.
    """
    number = in_flight(ledger)
    if number is None:
        _not_ahead(ledger, chain)
        return None
    sync_configurations(ledger, chain)
    encoded = reread(ledger, number)
    doubt: ChainError | None = None
    for _ in range(TRIES):
        found = _look(ledger, chain, encoded)
        if found is not None:
            return _settle(ledger, chain, found)
        endorsed = _endorse(ledger, chain, encoded)
        attempt = _remember(ledger, number, endorsed)
        try:
            submit(chain, endorsed)
            code = commit_status(chain, endorsed.txid).code
            if code == _VALID:
                continue
            doubt = ChainError("TRANSACTION_INVALID", endorsed.txid, "VALID", str(code))
        except ChainError as error:
            doubt = error
        _outcome(ledger, attempt, doubt)
    found = _look(ledger, chain, encoded)
    if found is not None:
        return _settle(ledger, chain, found)
    raise doubt or ChainError("CHAIN_UNREACHABLE", f"batch {number}", "an anchor", "none")


def _look(ledger: Ledger, chain: Chain, encoded: EncodedBatch) -> bytes | None:
    """The batch's anchor if the chain has it; None if it is the chain's next. Otherwise an alarm."""
    newest = head(ledger, chain)
    reached = -1 if newest is None else newest.batch
    number = encoded.number
    if reached < number - 1:
        raise ChainError("CHAIN_BEHIND", f"batch {number}", f"anchor {number - 1}", f"anchor {reached}")
    if reached < number:
        return None
    data = anchor_bytes(ledger, chain, number)
    if data is None:
        raise ChainError("CHAIN_OTHER_ANCHOR", f"batch {number}", "an anchor", "absent")
    found = parse_anchor(data, "chain")
    if reached > number and not _same(found, encoded):
        raise ChainError("CHAIN_AHEAD", "ledger", f"batch {number - 1}", f"batches {number}…{reached}")
    _compare(found, encoded)
    return data


def _not_ahead(ledger: Ledger, chain: Chain) -> None:
    """An old back-up must not seal over what is already anchored. Raises ChainError CHAIN_AHEAD."""
    newest = head(ledger, chain)
    with reading(ledger.engine) as connection:
        last = connection.execute(select(func.max(batch.c.number))).scalar()
    if newest is not None and last is not None and newest.batch > last:
        missing = f"batches {last + 1}…{newest.batch}"
        raise ChainError("CHAIN_AHEAD", "ledger", f"batch {last}", missing)


def _same(found: Anchor, encoded: EncodedBatch) -> bool:
    ours = (encoded.number, encoded.size, encoded.roots, encoded.previous_digest)
    return ours == (found.batch, found.size, found.roots, found.previous)


def _compare(found: Anchor, encoded: EncodedBatch) -> None:
    if not _same(found, encoded):
        raise ChainError(
            "CHAIN_OTHER_ANCHOR",
            f"batch {encoded.number}",
            f"{encoded.size} {encoded.roots.sha256.hex()}",
            f"{found.size} {found.roots.sha256.hex()}",
        )


def _endorse(ledger: Ledger, chain: Chain, encoded: EncodedBatch) -> Endorsed:
    _wait_for_clock(ledger, encoded)
    arguments, transient = ["Anchor", ledger.id.hex()], {"batch": encoded.data}
    endorsed = endorse_widely(chain, lambda: proposal(chain, arguments, transient))
    _compare(parse_anchor(read_transaction(endorsed.payload, "endorsed").response, "endorsed"), encoded)
    return endorsed


def _wait_for_clock(ledger: Ledger, encoded: EncodedBatch) -> None:
    """An anchor's time is never before its last entry's."""
    last = encoded.last_recorded_at
    deadline = time.monotonic() + CLOCK_WAIT_SECONDS
    while last is not None and instant_of(ledger.now()) < last:
        if time.monotonic() > deadline:
            raise LedgerError("CLOCK_BACK", "clock", f"≥ {last}", instant_of(ledger.now()))
        time.sleep(0.05)


def _remember(ledger: Ledger, number: int, endorsed: Endorsed) -> int:
    with writing(ledger.engine) as connection:
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


def _settle(ledger: Ledger, chain: Chain, data: bytes) -> Anchored:
    """Keeps the anchor with the authenticated parts of its block."""
    anchored = parse_anchor(data, "chain")
    if encode_anchor(anchored) != data:
        raise EvidenceError("LINE_FORM", "chain", "the one canonical encoding")
    block = block_by_txid(chain, anchored.txid.hex())
    transaction = transaction_number(block, anchored.txid.hex())
    parts = carried(block)
    sync_configurations(ledger, chain)
    kept = _with_good_signatures(parts, history(ledger).in_force(parts, "block"))
    now = instant_of(ledger.now())
    with writing(ledger.engine) as connection:
        connection.execute(
            insert(anchor_table).values(
                batch=anchored.batch,
                data=data,
                sha256=anchor_digest(data),
                txid=anchored.txid,
                time=anchored.time,
                block_number=parts.number,
                transaction=transaction,
                block=encode(block_json(kept)),
            )
        )
        connection.execute(
            update(attempt_table)
            .where(attempt_table.c.batch == anchored.batch, attempt_table.c.txid == anchored.txid)
            .values(ended_at=now, outcome="VALID")
        )
        connection.execute(update(batch).where(batch.c.number == anchored.batch).values(state=ANCHORED))
    return Anchored(anchored, data, parts.number, transaction)


def _with_good_signatures(block: CarriedBlock, configuration: Configuration) -> CarriedBlock:
    """Evidence may carry no signature that does not verify, so a spare bad one is left behind here."""
    good: list[BlockSignature] = []
    for signature in block.signatures:
        try:
            check_block_signature(block, signature, configuration, "block")
        except EvidenceError:
            continue
        good.append(signature)
    return CarriedBlock(block.number, block.previous, block.envelopes, block.metadata, tuple(good))
