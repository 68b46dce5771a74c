"""Attesting: asks every organisation to sign that the newest anchor is committed, and checks it all.

Orderers sign order, not validity; only this endorsed, unsubmitted read says that the anchor stands in
the organisations' state. What is kept has passed the verifier's own checks 6 to 9.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, insert, select, update

from ledger.chain_state import judge, place
from ledger.configurations import history, sync_configurations
from ledger.fabric.client import Proposal
from ledger.fabric.endorse import endorse, endorse_widely
from ledger.fabric.gateway import Chain, Endorsed, proposal
from ledger.fabric.refusal import Refusal
from ledger.handle import Ledger
from ledger.store.engine import reading, writing
from ledger.store.tables import ANCHORED, ATTESTED, batch
from ledger.store.tables import anchor as anchor_table
from ledger.store.tables import attestation as attestation_table
from verifier.canonical import parse
from verifier.errors import EvidenceError, LedgerError
from verifier.fabric.anchoring import AnchoredTransaction, check_anchor_transaction
from verifier.fabric.attestation import check_attestation
from verifier.fabric.block import read_block
from verifier.fabric.endorsement import check_endorsements, check_majority
from verifier.fabric.history import History
from verifier.fabric.quorum import check_quorum

# A read takes milliseconds; who did not answer before is not waited for long.
REST_SECONDS = 5.0


_NOT_YET_THERE = frozenset(["ATTESTATION_VERSION", "ATTESTATION_VALUE"])


@dataclass(frozen=True)
class AttestedBatch:
    """`organisations` have signed, the last of them at `time`, that the anchor of `batch` is committed.
    `asked` are all there are; `refusals` says why others did not sign just now."""

    batch: int
    organisations: tuple[str, ...]
    asked: tuple[str, ...]
    time: str
    refusals: tuple[Refusal, ...] = field(default=(), compare=False)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(msp for msp in self.asked if msp not in self.organisations)


def attest(ledger: Ledger, chain: Chain) -> AttestedBatch | None:
    """Attests the newest anchor if it is not attested; None if there is nothing to do.

    An attested anchor covers every batch before it. Raises ChainError (try again later) and
    EvidenceError when block, endorsements or attestation do not hold: then nothing is kept.
    """
    number = _newest_unattested(ledger)
    if number is None:
        return None
    sync_configurations(ledger, chain)
    return _keep(ledger, number, endorse_widely(chain, _reading(ledger, chain, number), judge(ledger)), ())


def attest_rest(ledger: Ledger, chain: Chain) -> AttestedBatch | None:
    """Asks the organisations that did not attest the newest attested anchor, as they were away; None if
    there are none. Raises as `attest`; RefusedError when none of them answers yet."""
    found = _incomplete(ledger, chain)
    if found is None:
        return None
    number, given = found
    sync_configurations(ledger, chain)
    missing = [msp for msp in chain.organisations if msp not in given]
    endorsed = endorse(chain, _reading(ledger, chain, number), missing, 1, judge(ledger), REST_SECONDS)
    try:
        return _keep(ledger, number, endorsed, given)
    except EvidenceError as error:
        if error.code not in _NOT_YET_THERE:
            raise
        # A peer that has just come back still reads the blocks that it missed: it is asked again.
        return None


def _reading(ledger: Ledger, chain: Chain, number: int) -> Proposal:
    return proposal(chain, ["Get", ledger.id.hex(), str(number)])


def _keep(ledger: Ledger, number: int, endorsed: Endorsed, before: tuple[str, ...]) -> AttestedBatch:
    """Checks everything that the attestation rests on, and keeps it beside those of `before`."""
    configurations = history(ledger)
    anchored = check_kept_anchor(ledger, number, configurations)
    newest = configurations.newest
    attested = check_attestation(
        endorsed.payload, anchored, place(ledger), newest, f"attestation of {number}"
    )
    by = tuple(sorted({*before, *attested.organisations}))
    with writing(ledger.engine) as connection:
        connection.execute(
            insert(attestation_table).values(
                batch=number,
                payload=endorsed.payload,
                time=attested.time,
                organisations=" ".join(attested.organisations),
            )
        )
        if len(by) >= newest.majority:
            connection.execute(
                update(batch)
                .where(batch.c.number <= number, batch.c.state == ANCHORED)
                .values(state=ATTESTED)
            )
    return AttestedBatch(number, by, tuple(newest.organisations), attested.time, endorsed.refusals)


def check_kept_anchor(ledger: Ledger, number: int, configurations: History) -> AnchoredTransaction:
    """Checks 6 and 7 of a kept anchor's block. Raises EvidenceError, LedgerError ANCHOR_DIFFERS,
    ANCHOR_COLUMN."""
    with reading(ledger.engine) as connection:
        row = connection.execute(select(anchor_table).where(anchor_table.c.batch == number)).one()
    at = f"anchor {number}"
    block = read_block(parse(row.block, at), at)
    configuration = configurations.in_force(block, at)
    check_quorum(block, configuration, at)
    anchored = check_anchor_transaction(block, row.transaction, place(ledger), configuration, at)
    check_majority(check_endorsements(anchored.endorsed, configuration, at), configuration, at)
    if block.number != row.block_number:
        raise LedgerError("ANCHOR_COLUMN", at, str(block.number), str(row.block_number))
    if anchored.anchor_bytes != row.data:
        raise LedgerError("ANCHOR_DIFFERS", at, "the anchor in the block", "the anchor kept")
    return anchored


def _newest_unattested(ledger: Ledger) -> int | None:
    with reading(ledger.engine) as connection:
        newest = connection.execute(
            select(batch.c.number, batch.c.state)
            .where(batch.c.state.in_((ANCHORED, ATTESTED)))
            .order_by(batch.c.number.desc())
            .limit(1)
        ).first()
        if newest is None or newest.state == ATTESTED:
            return None
        known = connection.execute(
            select(func.count()).select_from(anchor_table).where(anchor_table.c.batch == newest.number)
        ).scalar()
    return int(newest.number) if known else None


def _incomplete(ledger: Ledger, chain: Chain) -> tuple[int, tuple[str, ...]] | None:
    """The newest attested batch with those who attested it, if that is not everybody."""
    with reading(ledger.engine) as connection:
        newest = select(func.max(attestation_table.c.batch)).scalar_subquery()
        query = select(attestation_table.c.batch, attestation_table.c.organisations)
        rows = connection.execute(query.where(attestation_table.c.batch == newest)).all()
    given = tuple(sorted({msp for row in rows for msp in row.organisations.split()}))
    return (rows[0].batch, given) if rows and set(chain.organisations) - set(given) else None
