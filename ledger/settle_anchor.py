"""Keeping an anchor that the chain holds, with the authenticated parts of its block."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import insert, select, update

from ledger.chain_state import place
from ledger.configurations import history, sync_configurations
from ledger.fabric.blocks import blocks_by_txid, carried, transaction_number
from ledger.fabric.gateway import Chain, Endorsed
from ledger.fabric.refusal import Refusal
from ledger.handle import Ledger
from ledger.store.engine import writing
from ledger.store.tables import ANCHORED, batch
from ledger.store.tables import anchor as anchor_table
from ledger.store.tables import anchor_attempt as attempt_table
from verifier.anchor import Anchor, anchor_digest, encode_anchor, parse_anchor
from verifier.canonical import encode
from verifier.errors import ArchiveError, ChainError, EvidenceError, LedgerError
from verifier.fabric.anchoring import check_anchor_transaction
from verifier.fabric.block import BlockSignature, CarriedBlock, block_json
from verifier.fabric.configuration import Configuration
from verifier.fabric.quorum import check_block_signature, check_quorum
from verifier.shape import instant_of


@dataclass(frozen=True)
class Anchored:
    """`data` is the anchor's exact bytes; `transaction` its number in block `block`. `endorsed_by`: who
    endorsed just now, nobody if it was found on the chain; `refusals`: why the others did not."""

    anchor: Anchor
    data: bytes
    block: int
    transaction: int
    endorsed_by: tuple[str, ...] = field(default=(), compare=False)
    refusals: tuple[Refusal, ...] = field(default=(), compare=False)


def settle_anchor(ledger: Ledger, chain: Chain, data: bytes, asked: Endorsed | None) -> Anchored:
    """`data`: the anchor as the organisations hold it; `asked`: what they endorsed just now."""
    anchored = parse_anchor(data, "chain")
    if encode_anchor(anchored) != data:
        raise EvidenceError("LINE_FORM", "chain", "the one canonical encoding")
    sync_configurations(ledger, chain)
    block, transaction = _block(ledger, chain, anchored, data)
    now = instant_of(ledger.now())
    by, refusals = (asked.organisations, asked.refusals) if asked else ((), ())
    done = Anchored(anchored, data, block.number, transaction, by, refusals)
    with writing(ledger.engine) as connection:
        query = select(anchor_table.c.data).where(anchor_table.c.batch == anchored.batch)
        settled = connection.execute(query).scalar()
        if settled is not None:
            # Another process has been quicker; the chain has one anchor, so it is the same.
            if settled != data:
                raise LedgerError("ANCHOR_DIFFERS", f"batch {anchored.batch}", data.hex(), settled.hex())
            return done
        connection.execute(
            insert(anchor_table).values(
                batch=anchored.batch,
                data=data,
                sha256=anchor_digest(data),
                txid=anchored.txid,
                time=anchored.time,
                block_number=block.number,
                transaction=transaction,
                block=encode(block_json(block)),
            )
        )
        connection.execute(
            update(attempt_table)
            .where(attempt_table.c.batch == anchored.batch, attempt_table.c.txid == anchored.txid)
            .values(ended_at=now, outcome="VALID")
        )
        connection.execute(update(batch).where(batch.c.number == anchored.batch).values(state=ANCHORED))
    return done


def _block(ledger: Ledger, chain: Chain, anchored: Anchor, data: bytes) -> tuple[CarriedBlock, int]:
    """The anchor's block, from the first organisation whose copy holds. If none does, as the first has it:
    a block that somebody spoiled is no reason to stop, a later anchor proves the same entries."""
    configurations, txid = history(ledger), anchored.txid.hex()
    spoiled: tuple[CarriedBlock, int] | None = None
    trouble: ArchiveError | None = None
    for octets in blocks_by_txid(chain, txid):
        try:
            transaction, parts = transaction_number(octets, txid), carried(octets)
            configuration = configurations.in_force(parts, "block")
            block = _with_good_signatures(parts, configuration)
            spoiled = spoiled or (block, transaction)
            check_quorum(block, configuration, "block")
            found = check_anchor_transaction(block, transaction, place(ledger), configuration, "block")
        except ArchiveError as error:
            trouble = error
            continue
        if found.anchor_bytes == data:
            return block, transaction
    if spoiled is None:
        raise trouble or ChainError("CHAIN_UNREACHABLE", "block", txid)
    return spoiled


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
